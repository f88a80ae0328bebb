"""A text to a number that pages, however it reached us: STOP and START are obeyed, the rest is an answer."""

from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.orm import Session

from notify import emptying, people, replies
from notify.acknowledge import Result
from notify.answers import MayOpen
from notify.channels import PAGER
from notify.stop_words import Wish, wish_of
from notify.webhooks import answer_text
from vault.clock import minute_of
from vault.keyed import number_key

# The carrier keeps our texts from somebody who may be needed tonight.
STOPPED = "roster_21610"
_NOTE = text(
    "INSERT INTO carrier_receipt (sid_key, at_minute) VALUES (:key, :minute) ON CONFLICT DO NOTHING"
    " RETURNING sid_key"
)


@dataclass(frozen=True)
class Incoming:
    """``sender``: the number of ours it came to. ``phone``: the keyed number of whoever wrote.

    ``opt_out``: what the carrier made of it and has answered already (STOP, START, HELP), where it says so.
    """

    sender: str
    sid: str
    phone: str = field(repr=False)
    body: str = field(repr=False)
    opt_out: str = ""


@dataclass(frozen=True)
class Taken:
    """``answer``: the words to send back, or nothing. ``alarm``: the one to sound, or nothing."""

    answer: str = ""
    alarm: str = ""


def take_once(session: Session, now: int, secret: bytes, sender: str, sid: str) -> bool:
    """Whether the text ``sid`` to ``sender`` is new to this install; from now on it is not.

    ``secret`` is the responder-number key, which the public process and the pager share.
    """
    named = sid if sender == PAGER else f"{sender} {sid}"
    facts = {"key": number_key(secret, named), "minute": minute_of(now)}
    return session.execute(_NOTE, facts).first() is not None


def take(session: Session, now: int, directory: MayOpen, given: Incoming, *, first: bool = True) -> Taken:
    """Do what ``given`` asks for. A STOP that is not the ``first`` of its id is old: nothing changes."""
    emptying.note(session, now, given.sender, given.sid)
    wish = wish_of(given.body, given.opt_out)
    alarm = _heed(session, now, given.phone, wish) if first else ""
    if given.opt_out or wish is Wish.BARE_STOP:
        return Taken(alarm=alarm)  # after a STOP the carrier would take no answer to that phone
    return Taken(_answer(session, now, directory, given, wish), alarm)


def _heed(session: Session, now: int, phone: str, wish: Wish) -> str:
    if wish is Wish.START:
        people.opt_in(session, phone)
    elif wish in {Wish.STOP, Wish.BARE_STOP} and people.has_phone(session, phone):
        people.opt_out(session, now, phone)
        return STOPPED
    return ""


def _answer(session: Session, now: int, directory: MayOpen, given: Incoming, wish: Wish) -> str:
    responder = people.of_phone(session, given.phone)
    kinds = {Wish.START: "started", Wish.STOP: "help"}
    if responder is not None and wish in kinds:
        return answer_text(Result(kinds[wish], locale=responder.locale))
    return answer_text(replies.take(session, now, directory, given.phone, given.body))
