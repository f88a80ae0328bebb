"""Known answers for what members make: second factor, key words, routes, numbers; opened as it is written."""

import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from mnemonic import Mnemonic

from tests.vault import decoder
from tests.vault.make_member_vectors import FILE
from vault import admission, case_routes, invitations, number_requests, second_factor
from vault.members import MemberKeys
from vault.number_requests import Asked
from vault.tables import NumberRequest, Report

VECTORS: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
SEED = bytes.fromhex(VECTORS["seed"])
KEYS = MemberKeys.from_seed("ana", SEED)
SIGN, SEAL = KEYS.sign.public_key().public_bytes_raw(), KEYS.kem.public.encode()
PLACE: dict[str, str] = VECTORS["place"]
NAMES = [PLACE[name].encode() for name in ("install", "school", "report")]


def test_the_kept_second_factor_opens_here_and_by_hand() -> None:
    sealed, secret = bytes.fromhex(VECTORS["second_factor"]), VECTORS["second_factor_secret"]
    assert second_factor.open_secret(sealed, SEED, "ana").hex() == secret
    label = b"tipline/1/member/totp"
    key, about = decoder.derived(SEED, label.decode()), decoder.fields(label, b"\x01\x01", b"ana")
    assert AESGCM(key).decrypt(sealed[2:14], sealed[14:], about).hex() == secret


def test_the_words_of_keys_are_as_written() -> None:
    assert [*admission.key_words("ana", SIGN, SEAL)] == VECTORS["words"]
    packed = decoder.fields(b"tipline/1/member/words", b"ana", SIGN, SEAL)
    number = int.from_bytes(hashlib.sha256(packed).digest(), "big")
    listed = Mnemonic("english").wordlist
    assert [listed[number // 2 ** (11 * i) % 2048] for i in range(6)] == VECTORS["words"]


def test_an_invitation_is_stored_as_written() -> None:
    code = VECTORS["invitation"]["code"]
    made = hashlib.sha256(decoder.fields(b"tipline/1/invitation", code.encode())).hexdigest()
    assert made == invitations.id_of(code) == VECTORS["invitation"]["id"]


def test_the_kept_case_route_is_signed_as_written() -> None:
    signature = bytes.fromhex(VECTORS["route"]["signature"])
    assert case_routes.sign(KEYS.signer, **PLACE, team="social") == signature
    message = decoder.fields(b"tipline/1/case-route", *NAMES, b"social")
    assert decoder.is_signed(SIGN, signature, message)


def test_the_kept_number_opens_for_its_member_and_its_request_is_signed_as_written() -> None:
    kept = VECTORS["number"]
    row = NumberRequest(id=kept["request"], requester="ana", sealed_view=bytes.fromhex(kept["sealed"]))
    report = Report(id=PLACE["report"], school=PLACE["school"])
    at = decoder.place("number", **PLACE, message=kept["request"], recipient="member:ana")
    padded = decoder.hpke_open(bytes.fromhex(kept["sealed"]), KEYS.kem.seed, at) or b""
    assert padded[4 : 4 + int.from_bytes(padded[:4], "big")].decode() == kept["plaintext"]
    assert number_requests.look(KEYS.kem, Asked(PLACE["install"], report, row)) == kept["plaintext"]
    digest = hashlib.sha256(bytes.fromhex(kept["copy"])).digest()
    message = decoder.fields(b"tipline/1/number-request", *NAMES, kept["request"].encode(), b"ana", digest)
    assert decoder.is_signed(SIGN, bytes.fromhex(kept["signature"]), message)
