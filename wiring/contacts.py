"""A person's way into the house and the ways to reach them: a made password, a responder, sealed numbers."""

import secrets as randomness

from mnemonic import Mnemonic
from sqlalchemy import select
from sqlalchemy.orm import Session

from notify import endings, people
from notify.duty_tables import ContactMethod, Responder
from notify.letters import ADDRESS
from vault.ids import new_id
from vault.kem import PublicKey
from vault.keyed import number_key, seal_to_line
from vault.people_tables import Member

METHODS = ("sms", "voice")


def new_password(words: int) -> str:
    """So many random words of a list of 2,048: eleven bits each."""
    listed = Mnemonic("english").wordlist
    return "-".join(randomness.choice(listed) for _ in range(words))


def add_responder(
    session: Session,
    member_id: str,
    name: str,
    number: str,
    numbers_key: bytes,
    line: PublicKey,
    verified_at: int | None,
) -> str:
    """Store a responder who gets texts and calls at ``number`` (E.164, sealed to ``line``); their id."""
    login = session.scalar(select(Member.login).where(Member.id == member_id)) or ""
    responder = Responder(id=new_id(), member_id=member_id, name=name, handle=people.handle_of(login))
    session.add(responder)
    session.flush()
    session.add_all(
        ContactMethod(
            id=new_id(),
            responder_id=responder.id,
            channel=channel,
            sealed_address=seal_to_line(line, ADDRESS, number.encode()),
            address_key=number_key(numbers_key, number),
            ending_key=endings.ending_key(numbers_key, channel, number),
            rank=rank,
            verified_at=verified_at,
        )
        for rank, channel in enumerate(METHODS)
    )
    return responder.id
