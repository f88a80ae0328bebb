"""Known answers: a chain of audit events and a backup that must open for ever, here and elsewhere."""

import io
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.vault import decoder
from tests.vault.make_records import RECORDS
from vault import parcels
from vault.chain import Head, is_ours, link_of
from vault.recovery import RecoveryKeys
from vault.stream import Reader
from vault.tables import AuditEvent

RECORD: dict[str, Any] = json.loads(RECORDS.read_text(encoding="utf-8"))


def test_the_kept_chain_verifies_here_and_for_the_other_reader() -> None:
    install, audit = RECORD["install"], RECORD["audit"]
    raw = bytes.fromhex(audit["public"])
    public, before = Ed25519PublicKey.from_public_bytes(raw), bytes(32)
    for seq, kept in enumerate(audit["chain"], start=1):
        link, signature = bytes.fromhex(kept["link"]), bytes.fromhex(kept["signature"])
        assert link == link_of(install, seq, before, AuditEvent(**kept["event"]))
        assert link == decoder.audit_link(install, seq, before, kept["event"])
        assert is_ours(public, install, Head(seq, link, signature))
        signed = decoder.fields(b"tipline/1/audit-signature", install.encode(), seq.to_bytes(8, "big"), link)
        assert decoder.is_signed(raw, signature, signed)
        before = link


def test_the_kept_backup_opens_here_and_for_the_other_reader() -> None:
    vector = RECORD["backup"]
    sealed, content = bytes.fromhex(vector["sealed"]), bytes.fromhex(vector["content"])
    seed = bytes.fromhex(vector["recovery_seed"])
    reader = Reader(io.BytesIO(sealed), RecoveryKeys.from_seed(seed).kem)
    assert reader.read(len(content) + 1) == content
    assert decoder.open_backup(sealed, decoder.derived(seed, "tipline/1/recovery/kem")) == content
    assert [name for name, _ in parcels.unwrap(io.BytesIO(content))] == ["manifest", "rows/digest"]
