"""Writes vectors/version-1.json anew: ``python -m tests.vault.make_vectors``.

Sealing is randomised, so a new file differs everywhere; the old one must open for ever. Write a new
file only beside a new version number.
"""

import json
from pathlib import Path
from typing import Any

from vault import keyed, members, recovery, threads
from vault.kem import PrivateKey
from vault.members import MemberKeys
from vault.message import message_hash
from vault.place import Kind, Place
from vault.recovery import RecoveryKeys
from vault.threads import Content, Recipient, ThreadHead

FILE = Path(__file__).parent / "vectors" / "version-1.json"
RECEIPT_SEED, TEAM_SEED, MEMBER_SEED, LINE_SEED, RECOVERY_SEED = (bytes((n,)) * 32 for n in range(1, 6))
HEAD = ThreadHead("install-1", "north", "5f1d3c9a7b2e4f608192a3b4c5d6e7f8")
TEAM = "team:north-counseling:1"


def main() -> None:
    """One object of each kind, with every secret that opens it."""
    record = {
        "messages": _messages(),
        "keys": _keys(),
        "place": _place(),
        "wrapped_seed": _wrapped(),
        "line": _line(),
    }
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _messages() -> list[dict[str, Any]]:
    """A reporter's message and a member's reply to it."""
    to = [
        Recipient(TEAM, PrivateKey.from_seed(TEAM_SEED).public),
        Recipient(threads.RECEIPT, PrivateKey.from_seed(RECEIPT_SEED).public),
    ]
    content = Content("Nobody talks to him any more. ¿Qué hago?", {"where": "bus"}, {"urgency": "prompt"})
    first = threads.seal_message(HEAD, "reporter", content, to)
    head = ThreadHead(HEAD.install, HEAD.school, HEAD.report_id, 1, message_hash(first))
    signer = MemberKeys.from_seed("ana", MEMBER_SEED).signer
    reply = threads.seal_message(head, "member", Content("Thank you for telling us."), to, signer)
    return [_message(first, content), _message(reply, Content("Thank you for telling us."))]


def _message(sealed: threads.SealedMessage, content: Content) -> dict[str, Any]:
    return {
        "row": {
            "install": sealed.head.install,
            "school": sealed.head.school,
            "report": sealed.head.report_id,
            "message": sealed.message_id,
            "author": sealed.author,
            "seq": sealed.head.seq,
            "sealed_body": sealed.body.hex(),
            "sealed_assessment": sealed.assessment.hex() if sealed.assessment else None,
        },
        "wraps": {name: wrap.hex() for name, wrap in sealed.wraps},
        "seeds": {TEAM: TEAM_SEED.hex(), threads.RECEIPT: RECEIPT_SEED.hex()},
        "prev": sealed.head.prev.hex(),
        "hash": message_hash(sealed).hex(),
        "text": content.text,
        "facts": dict(content.facts),
        "assessment": content.assessment,
    }


def _keys() -> dict[str, str]:
    member, root = MemberKeys.from_seed("ana", MEMBER_SEED), RecoveryKeys.from_seed(RECOVERY_SEED)
    return {
        "member_seed": MEMBER_SEED.hex(),
        "member_kem_seed": member.kem.seed.hex(),
        "member_kem_public": member.kem.public.encode().hex(),
        "member_sign_public": member.sign.public_key().public_bytes_raw().hex(),
        "recovery_words": recovery.words_from_seed(RECOVERY_SEED),
        "recovery_seed": RECOVERY_SEED.hex(),
        "recovery_kem_seed": root.kem.seed.hex(),
        "root_sign_public": root.root.public_key().public_bytes_raw().hex(),
        "number_secret": LINE_SEED.hex(),
        "number": "+15550100",
        "number_key": keyed.number_key(LINE_SEED, "+15550100"),
    }


def _place() -> dict[str, str]:
    place = Place(Kind.MESSAGE_KEY, "i", "north", "r", "m", "receipt", "member", 7, b"\xaa" * 32)
    return {"encoded": place.encode().hex()}


def _wrapped() -> dict[str, str]:
    wrapped = members.wrap_seed(MEMBER_SEED, "five grey herons", owner="ana")
    return {
        "password": "five grey herons",
        "owner": "ana",
        "seed": MEMBER_SEED.hex(),
        "wrapped": wrapped.hex(),
    }


def _line() -> dict[str, str]:
    public = PrivateKey.from_seed(LINE_SEED).public
    sealed = keyed.seal_to_line(public, "texter-number", b"+15550100")
    return {
        "seed": LINE_SEED.hex(),
        "purpose": "texter-number",
        "plaintext": "+15550100",
        "sealed": sealed.hex(),
    }


if __name__ == "__main__":
    main()
