"""What responders text to the pager: digits, who, pass, keep, take or help, in two languages."""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notify import acknowledge, escalation, handover, people, roster, taking_over, trail
from notify.acknowledge import Result
from notify.answers import MayOpen
from notify.drills import SELF_TEST
from notify.duty_tables import Responder, Rotation
from notify.tables import Attempt, Page, PageCode
from vault import audit

SHOWN_MS = 24 * 3600 * 1000
SHOWN_MOST = 3
_CODES = re.compile(r"(?<!\d)\d{4,6}(?!\d)")
_NO_LETTER = re.compile(r"[^a-z0-9?]+")
_WHO = re.compile(r"(who|quien)\b.*")
# Before digits: neither "I cannot take 12345" nor "12345: sorry, I can't" takes anything.
_PASS = re.compile(r"(\d{4,6} )*((sorry|lo siento) )?(i )?(pass|can ?not|can ?t|no puedo|paso)\b.*")
# "Take it, please" without digits says nothing of which case.
_TAKE = re.compile(r"(take|take over|tomo|asumo) (case |caso )?\d{4,6}\b.*")
_KEEP = re.compile(r"(\d{4,6} )*(keep|i keep|withdraw|me lo quedo|retiro)\b.*")
_I_HAVE_IT = "me lo quedo"
# Of the test of every week there is no case to have or to pass on.
_REAL = Page.kind != SELF_TEST
_HELP = re.compile(r"help|info|ayuda|\?+")


@dataclass(frozen=True)
class Asker:
    """Whoever texts, from a phone that we know."""

    session: Session
    now: int
    directory: MayOpen
    phone: str
    responder: Responder


def take(session: Session, now: int, directory: MayOpen, from_key: str, body: str) -> Result:
    """Take a text from the phone ``from_key``: what it does, and what is answered."""
    plain = _plain(body)
    act = next((act for pattern, act in _ACTS if pattern.fullmatch(plain)), None)
    responder = people.of_phone(session, from_key)
    if act is None or responder is None:
        return acknowledge.by_text(session, now, directory, from_key, "" if act else body)
    return act(Asker(session, now, directory, from_key, responder), plain)


def _who(asker: Asker, _plain: str) -> Result:
    """Who is on call in the asker's teams, and who has the last cases of which this phone heard."""
    session, locale = asker.session, asker.responder.locale
    teams = session.scalars(select(Rotation.team_id).order_by(Rotation.team_id))
    mine = [team for team in teams if asker.directory.may_open(asker.responder.member_id, [team])]
    found = roster.load(session, asker.now, mine)
    first_two = {team: [*found.named(0, [team]), *found.named(1, [team])] for team in mine}
    on_call = tuple((team, tuple(people.names(session, ids).values())) for team, ids in first_two.items())
    pages = [_state(session, page, locale) for page in _heard_of(asker)]
    return Result("who", locale=locale, on_call=on_call, others=tuple(pages))


def _pass(asker: Asker, plain: str) -> Result:
    """Whoever was asked cannot: the next person now; an offer is declined."""
    wanted = _CODES.findall(plain)
    pages = [page for page in _asked_of(asker) if not wanted or _has_code(asker, page, wanted)]
    if len(pages) > 1:
        return Result("which", locale=asker.responder.locale)
    if not pages:
        heard = next(iter(_heard_of(asker)), None)
        kind = _state(asker.session, heard, asker.responder.locale) if heard else Result("nothing")
        return Result(kind.kind, kind.by_name, kind.reference, asker.responder.locale)
    return Result(_let_pass(asker, pages[0]), reference=pages[0].reference, locale=asker.responder.locale)


def _keep(asker: Asker, plain: str) -> Result:
    """Whoever offered a case takes the question back."""
    session, locale = asker.session, asker.responder.locale
    offers = handover.pending(session, asker.now, giver=asker.responder.member_id)
    pages = [session.get_one(Page, one.page_id) for one in offers]
    wanted = _CODES.findall(plain)
    pages = [page for page in pages if not wanted or _has_code(asker, page, wanted)]
    if len(pages) > 1:
        return Result("which", locale=locale)
    if not pages and _asked_of(asker):
        # "Me lo quedo" is also what whoever takes a case says.
        if wanted and _I_HAVE_IT in plain:
            return acknowledge.by_text(session, asker.now, asker.directory, asker.phone, plain)
        return Result("which", locale=locale)
    if not pages or not handover.withdraw(session, asker.now, pages[0].id, asker.responder.member_id):
        return Result("no_offer", locale=locale)
    return Result("kept", reference=pages[0].reference, locale=locale)


def _take_over(asker: Asker, plain: str) -> Result:
    """A case whose owner the roster says is absent goes to whoever asks for it by the digits they have."""
    session, now, member = asker.session, asker.now, asker.responder.member_id
    sent = acknowledge.sent_to(session, asker.phone, _CODES.findall(plain))
    acknowledge.hold(session, sent)
    page = session.get_one(Page, sent[0].page_id) if sent else None
    owner = page.acknowledged_by if page and page.state == "acknowledged" else None
    if page is None or owner in (None, member) or not _may_open(asker, page):
        return acknowledge.by_text(session, now, asker.directory, asker.phone, plain)
    offered = any(one.page_id == page.id for one in handover.pending(session, now, taker=member))
    if offered or not taking_over.owner_is_away(session, now, owner):
        result = acknowledge.by_text(session, now, asker.directory, asker.phone, plain)
        return replace(result, kind="not_away") if result.kind == "already" else result
    if not taking_over.take_over(session, now, asker.directory, page, owner, member):
        # It calls again since this moment, or somebody was faster.
        return acknowledge.by_text(session, now, asker.directory, asker.phone, plain)
    return Result("acknowledged", people.name_of(session, member), page.reference, asker.responder.locale)


def _may_open(asker: Asker, page: Page) -> bool:
    return asker.directory.may_open(asker.responder.member_id, json.loads(page.teams))


def _help(asker: Asker, _plain: str) -> Result:
    return Result("help", locale=asker.responder.locale)


_ACTS: tuple[tuple[re.Pattern[str], Callable[[Asker, str], Result]], ...] = (
    (_WHO, _who),
    (_PASS, _pass),
    (_KEEP, _keep),
    (_TAKE, _take_over),
    (_HELP, _help),
)


def _let_pass(asker: Asker, page: Page) -> str:
    """``declined``, ``passed``, or ``everybody``: no further person is left to be called sooner."""
    session, now, responder = asker.session, asker.now, asker.responder
    if page.state == "acknowledged":
        handover.decline(session, now, page.id, responder.member_id)
        return "declined"
    session.refresh(page, with_for_update=True)
    audit.record(session, now, actor=f"member:{responder.member_id}", verb=trail.PASSED, pseudonym=page.id)
    asks = (Attempt.page_id == page.id) & (Attempt.kind == "page") & (Attempt.responder_id == responder.id)
    # Only what is due is locked: what is claimed is its worker's, who may be recording its end.
    session.execute(update(Attempt).where(asks, Attempt.state == "due").values(state="cancelled"))
    # One person's no brings one step forward: the one after that in which they were called.
    is_latest = page.step - 1 in session.scalars(select(Attempt.step).where(asks)).all()
    if page.state != "open" or page.step >= len(escalation.policy_of(page.snapshot).steps):
        return "everybody"
    if is_latest:
        page.next_at = now
    session.flush()
    return "passed"


def _asked_of(asker: Asker) -> list[Page]:
    """What this phone was asked to take in the last half hour, and nobody has; what is offered to it."""
    codes = (PageCode.address_key == asker.phone) & (PageCode.sent_at > asker.now - acknowledge.RECENT_MS)
    open_ = asker.session.scalars(
        select(Page)
        .join(PageCode)
        .where(codes, Page.state == "open", _REAL)
        .order_by(Page.rank, Page.opened_at)
    )
    offers = handover.pending(asker.session, asker.now, taker=asker.responder.member_id)
    return [*open_, *(asker.session.get_one(Page, one.page_id) for one in offers)]


def _has_code(asker: Asker, page: Page, codes: list[str]) -> bool:
    sent = (PageCode.page_id == page.id) & (PageCode.address_key == asker.phone) & PageCode.code.in_(codes)
    return asker.session.scalar(select(PageCode.id).where(sent)) is not None


def _heard_of(asker: Asker) -> list[Page]:
    """The last cases that were texted to this phone, the newest first."""
    codes = (PageCode.address_key == asker.phone) & (PageCode.sent_at > asker.now - SHOWN_MS)
    found = (
        select(Page).join(PageCode).where(codes, _REAL).order_by(PageCode.sent_at.desc()).limit(SHOWN_MOST)
    )
    return list(asker.session.scalars(found))


def _state(session: Session, page: Page, locale: str) -> Result:
    name = people.name_of(session, page.acknowledged_by) if page.state == "acknowledged" else None
    return Result("already" if name else "nobody", name, page.reference, locale)


def _plain(body: str) -> str:
    """Lower-case letters and digits, without accents."""
    letters = unicodedata.normalize(
        "NFKD", body.casefold().replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
    )
    bare = "".join(one for one in letters if not unicodedata.combining(one))
    return _NO_LETTER.sub(" ", bare).strip()
