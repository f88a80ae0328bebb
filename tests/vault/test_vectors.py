"""Known answers: objects kept in vectors/ must open for ever, here and for the other reader."""

import hashlib
import json
from typing import Any

import pytest
from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.vault import decoder
from tests.vault.make_vectors import FILE
from vault import keyed, members, recovery
from vault.kem import PrivateKey
from vault.keyed import LineKey
from vault.members import MemberKeys
from vault.message import SealedMessage, ThreadHead, message_hash, open_message
from vault.place import Kind, Place
from vault.recovery import RecoveryKeys

VECTORS: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
KEYS: dict[str, str] = VECTORS["keys"]
OPENERS = ("team:north-counseling:1", "receipt")


def stored(vector: dict[str, Any]) -> SealedMessage:
    row = vector["row"]
    head = ThreadHead(row["install"], row["school"], row["report"], row["seq"], bytes.fromhex(vector["prev"]))
    assessment = row["sealed_assessment"]
    return SealedMessage(
        row["message"],
        head,
        row["author"],
        bytes.fromhex(row["sealed_body"]),
        bytes.fromhex(assessment) if assessment else None,
        tuple((name, bytes.fromhex(wrap)) for name, wrap in vector["wraps"].items()),
    )


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize("number", [0, 1], ids=["first", "reply"])
def test_kept_messages_open(number: int, opener: str) -> None:
    vector = VECTORS["messages"][number]
    private = PrivateKey.from_seed(bytes.fromhex(vector["seeds"][opener]))
    opened = open_message(stored(vector), {opener: private})
    assert (opened.text, opened.facts) == (vector["text"], vector["facts"])
    assert (opened.assessment, opened.assessment_missing) == (vector["assessment"], False)
    assert message_hash(stored(vector)).hex() == vector["hash"]


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize("number", [0, 1], ids=["first", "reply"])
def test_kept_messages_open_for_the_other_reader(number: int, opener: str) -> None:
    vector = VECTORS["messages"][number]
    row = dict(vector["row"])
    for name in ("sealed_body", "sealed_assessment"):
        row[name] = bytes.fromhex(row[name]) if row[name] else None
    wrap, seed = bytes.fromhex(vector["wraps"][opener]), bytes.fromhex(vector["seeds"][opener])
    opened = decoder.open_message(row, wrap, opener, seed)
    assert opened is not None
    assert (opened["text"], opened["facts"]) == (vector["text"], vector["facts"])
    assert opened.get("opened_assessment") == vector["assessment"]
    assert decoder.message_hash(row).hex() == vector["hash"]
    assert set(opened["sealed_to"]) == set(OPENERS)


def test_the_kept_reply_is_signed_by_its_member() -> None:
    vector = VECTORS["messages"][1]
    private = PrivateKey.from_seed(bytes.fromhex(vector["seeds"]["receipt"]))
    opened = open_message(stored(vector), {"receipt": private})
    assert opened.member_id == "ana"
    public = bytes.fromhex(KEYS["member_sign_public"])
    assert decoder.is_signed(public, opened.signature, decoder.fields(*opened.signed))
    assert VECTORS["messages"][1]["prev"] == VECTORS["messages"][0]["hash"]


def test_keys_follow_from_seeds_as_written() -> None:
    seed = bytes.fromhex(KEYS["member_seed"])
    keys = MemberKeys.from_seed("ana", seed)
    assert (
        keys.kem.seed
        == decoder.derived(seed, "tipline/1/member/kem")
        == bytes.fromhex(KEYS["member_kem_seed"])
    )
    assert (
        keys.kem.public.encode()
        == decoder.public_of(keys.kem.seed)
        == bytes.fromhex(KEYS["member_kem_public"])
    )
    assert keys.sign.private_bytes_raw() == decoder.derived(seed, "tipline/1/member/sign")
    assert keys.sign.public_key().public_bytes_raw().hex() == KEYS["member_sign_public"]


def test_recovery_follows_from_words_as_written() -> None:
    seed = recovery.seed_from_words(KEYS["recovery_words"])
    keys = RecoveryKeys.from_seed(seed)
    assert seed.hex() == KEYS["recovery_seed"]
    assert keys.kem.seed == decoder.derived(seed, "tipline/1/recovery/kem")
    assert keys.kem.seed.hex() == KEYS["recovery_kem_seed"]
    assert keys.root.private_bytes_raw() == decoder.derived(seed, "tipline/1/recovery/root")
    assert keys.root.public_key().public_bytes_raw().hex() == KEYS["root_sign_public"]


def test_a_number_key_is_as_written() -> None:
    assert keyed.number_key(bytes.fromhex(KEYS["number_secret"]), KEYS["number"]) == KEYS["number_key"]


def test_a_place_is_as_written() -> None:
    encoded = Place(Kind.MESSAGE_KEY, "i", "north", "r", "m", "receipt", "member", 7, b"\xaa" * 32).encode()
    other = decoder.place(
        "message-key",
        install="i",
        school="north",
        report="r",
        message="m",
        recipient="receipt",
        author="member",
        seq=7,
        prev=b"\xaa" * 32,
    )
    assert encoded.hex() == other.hex() == VECTORS["place"]["encoded"]


def test_the_kept_line_object_opens() -> None:
    vector = VECTORS["line"]
    sealed, seed = bytes.fromhex(vector["sealed"]), bytes.fromhex(vector["seed"])
    expected = vector["plaintext"].encode()
    assert keyed.open_from_line(LineKey.from_seeds(seed), vector["purpose"], sealed) == expected
    assert decoder.open_line(sealed, seed, vector["purpose"]) == expected


def test_the_kept_seed_unwraps_here_and_by_hand() -> None:
    vector = VECTORS["wrapped_seed"]
    wrapped, password = bytes.fromhex(vector["wrapped"]), vector["password"]
    assert members.unwrap_seed(wrapped, password, owner=vector["owner"]).hex() == vector["seed"]
    key = hash_secret_raw(password.encode(), wrapped[3:19], 3, 65536, 4, 32, Type.ID)
    about = decoder.fields(b"tipline/1/member/wrap", b"\x01\x01", b"\x01", vector["owner"].encode())
    assert AESGCM(key).decrypt(wrapped[19:31], wrapped[31:], about).hex() == vector["seed"]


def test_seeds_expand_as_x_wing_does() -> None:
    """draft-connolly-cfrg-xwing-kem, appendix C, first vector: seed, and both ends of the public key."""
    private = PrivateKey.from_seed(hashlib.shake_128(b"").digest(32))
    assert private.seed.hex().startswith("7f9c2ba4e88f827d")
    assert private.public.encode().hex().startswith("e2236b35a8c24b39b10aa1323a96a919")
    assert private.public.encode().hex().endswith("216223593d4ba32d9abac8cd049040ef6534")
