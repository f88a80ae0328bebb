"""What a phone's last texts hinted at: kinds of signal, no words, sealed under a key that lives two hours.

A text alone often says little ("tonight"); with what came just before it, triage sees more.
"""

import json
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from reporting.hour_keys import HOUR_MS, HourKeys
from vault.tables import TextContext

NONCE = 12


def recent(session: Session, now: int, hours: HourKeys, number_key: str) -> tuple[str, ...]:
    """Kinds of signal in this phone's texts of this hour and the one before."""
    hour = now // HOUR_MS
    rows = select(TextContext).where(TextContext.number_key == number_key, TextContext.hour >= hour - 1)
    kinds = [kind for row in session.scalars(rows.order_by(TextContext.hour)) for kind in _open(row, hours)]
    return tuple(dict.fromkeys(kinds))


def remember(session: Session, now: int, hours: HourKeys, number_key: str, kinds: tuple[str, ...]) -> None:
    """Add ``kinds`` to this hour's row of the phone, and delete its rows whose keys are gone."""
    hour = now // HOUR_MS
    session.execute(
        delete(TextContext).where(TextContext.number_key == number_key, TextContext.hour < hour - 1)
    )
    if not kinds:
        return
    row = session.get(TextContext, (number_key, hour))
    if row is None:
        row = TextContext(number_key=number_key, hour=hour, sealed=b"")
        session.add(row)
    both = tuple(dict.fromkeys((*_open(row, hours), *kinds)))
    row.sealed = _seal(row, both, hours.current(hour))
    session.flush()


def _seal(row: TextContext, kinds: tuple[str, ...], key: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, json.dumps(kinds).encode().ljust(512), _place(row))


def _open(row: TextContext, hours: HourKeys) -> tuple[str, ...]:
    """The kinds of a row; none when its key is destroyed or it was tampered with."""
    key = hours.past(row.hour)
    if key is None or not row.sealed:
        return ()
    try:
        opened = AESGCM(key).decrypt(row.sealed[:NONCE], row.sealed[NONCE:], _place(row))
    except (InvalidTag, ValueError):  # a nonce that was cut off is none
        return ()
    return tuple(json.loads(opened))


def _place(row: TextContext) -> bytes:
    return f"tipline text context {row.number_key} {row.hour}".encode()
