"""Writes vectors/members-1.json anew: ``python -m tests.vault.make_member_vectors``. As make_vectors says."""

import hashlib
import json
from pathlib import Path
from typing import Any

from vault import admission, case_routes, envelope, invitations, kem, number_requests, second_factor
from vault.members import MemberKeys
from vault.number_requests import Asked
from vault.tables import NumberRequest, Report

FILE = Path(__file__).parent / "vectors" / "members-1.json"
MEMBER_SEED = bytes((3,)) * 32
TOTP_SECRET = b"12345678901234567890"
NUMBER = "+15550100"
CODE = "lantern-gravel-opera-thirteen-moss-equal"
PLACE = {"install": "install-1", "school": "north", "report": "5f1d3c9a7b2e4f608192a3b4c5d6e7f8"}
REQUEST = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"


def main() -> None:
    """One of each, by Ana, whose seed opens and signs them."""
    keys = MemberKeys.from_seed("ana", MEMBER_SEED)
    publics = keys.sign.public_key().public_bytes_raw(), keys.kem.public.encode()
    record = {
        "member": "ana",
        "seed": MEMBER_SEED.hex(),
        "second_factor": second_factor.seal_secret(TOTP_SECRET, MEMBER_SEED, "ana").hex(),
        "second_factor_secret": TOTP_SECRET.hex(),
        "words": list(admission.key_words("ana", *publics)),
        "invitation": {"code": CODE, "id": invitations.id_of(CODE)},
        "place": PLACE,
        "route": {"team": "social", "signature": case_routes.sign(keys.signer, **PLACE, team="social").hex()},
        "number": _number(keys),
    }
    FILE.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _number(keys: MemberKeys) -> dict[str, Any]:
    """A request, and the number as the pager seals it for Ana."""
    copy = b"what was sealed to the line"
    row = NumberRequest(id=REQUEST, requester="ana", sealed_number=copy)
    asked = Asked(PLACE["install"], Report(id=PLACE["report"], school=PLACE["school"]), row)
    number_requests.ask(keys.signer, asked)
    sealed = kem.seal(envelope.pad(NUMBER.encode()), keys.kem.public, asked.place)
    return {
        "request": REQUEST,
        "copy": copy.hex(),
        "copy_sha256": hashlib.sha256(copy).hexdigest(),
        "signature": row.signature.hex(),
        "sealed": sealed.hex(),
        "plaintext": NUMBER,
    }


if __name__ == "__main__":
    main()
