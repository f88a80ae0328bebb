"""Writes vectors/version-1-records.json anew: ``python -m tests.vault.make_records``. As make_vectors says:

a new file only beside a new version number. A chain of two audit events, and a backup.
"""

import io
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.vault.make_vectors import FILE, RECOVERY_SEED
from vault.chain import link_of, signed_fields
from vault.parcels import wrap
from vault.place import NOTHING_BEFORE, pack
from vault.recovery import RecoveryKeys
from vault.stream import Writer
from vault.tables import AuditEvent

RECORDS = FILE.with_name("version-1-records.json")
INSTALL = "0123456789abcdef" * 2
AUDIT_SEED = bytes((6,)) * 32
EVENTS = (
    {"at": 1_800_000_030_500, "actor": "reporter", "verb": "report_filed", "pseudonym": "p", "facts": "{}"},
    {
        "at": 1_800_000_031_000,
        "actor": "pager",
        "verb": "page_opened",
        "pseudonym": "",
        "facts": '{"page":"g"}',
    },
)
PARCELS = (("manifest", b'{"made":0}'), ("rows/digest", b'["school","day"]\n["maple","2026-01-31"]'))


def main() -> None:
    """Both, with what opens or verifies them."""
    record = {"install": INSTALL, "audit": _audit(), "backup": _backup()}
    RECORDS.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _audit() -> dict[str, object]:
    key, before, chain = Ed25519PrivateKey.from_private_bytes(AUDIT_SEED), NOTHING_BEFORE, []
    for seq, facts in enumerate(EVENTS, start=1):
        before = link_of(INSTALL, seq, before, AuditEvent(**facts))
        signature = key.sign(pack(*signed_fields(INSTALL, seq, before)))
        chain.append({"event": facts, "link": before.hex(), "signature": signature.hex()})
    return {"public": key.public_key().public_bytes_raw().hex(), "chain": chain}


def _backup() -> dict[str, str]:
    file, keys = io.BytesIO(), RecoveryKeys.from_seed(RECOVERY_SEED)
    writer = Writer(file, keys.kem.public, INSTALL, 1_800_000_000_000)
    for parcel in PARCELS:
        writer.write(wrap(*parcel))
    writer.close()
    content = b"".join(wrap(*parcel) for parcel in PARCELS)
    return {"recovery_seed": RECOVERY_SEED.hex(), "sealed": file.getvalue().hex(), "content": content.hex()}


if __name__ == "__main__":
    main()
