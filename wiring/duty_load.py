"""How much being on call asks of each person: pages that reached them, those at night, and hours of duty."""

from collections import Counter
from collections.abc import Iterable, Iterator

from sqlalchemy import select

from notify import drills, escalation, oncall
from notify.escalation import Quiet
from notify.tables import Attempt, Page
from vault.teams import Team
from wiring.rosters import Rosters

REACHED = ("sent", "delivered")
HOUR_MS = 3_600_000


def load_of(
    at: Rosters, teams: Iterable[Team], since: int, night: tuple[str, str] = ("22:00", "06:30")
) -> Iterator[tuple[str, int, int, float]]:
    """Login, pages, pages at night, hours on call since ``since`` (ms); the most often woken first.

    Drills do not count. A page counts once for a person, however often they were called for it; at night, if
    any call was.
    """
    pages: Counter[str] = Counter()
    nights: Counter[str] = Counter()
    hours: Counter[str] = Counter()
    schools = {team.school for team in teams}
    for person, dark in _reached(at, since, schools, night):
        pages[person] += 1
        nights[person] += dark
    for team in teams:
        for shift in oncall.shifts(at.plan(team, since, at.now), since, at.now, at.reachable):
            if shift.person:
                hours[shift.person] += shift.ends - shift.begins
    for person in sorted({*pages, *hours}, key=lambda one: (-nights[one], -pages[one], -hours[one])):
        yield at.logins.get(person, "?"), pages[person], nights[person], hours[person] / HOUR_MS


def _reached(
    at: Rosters, since: int, schools: set[str], night: tuple[str, str]
) -> Iterator[tuple[str, bool]]:
    found = (
        select(Attempt.responder_id, Attempt.page_id, Attempt.sent_at, Page.school)
        .join(Page, Page.id == Attempt.page_id)
        .where(Attempt.kind == "page", Attempt.state.in_(REACHED), Attempt.sent_at > since)
        .where(Page.school.in_(schools), Page.kind.not_in(drills.KINDS))
    )
    dark: dict[tuple[str, str], bool] = {}
    for person, page, sent_at, school in at.session.execute(found):
        key = (str(person), str(page))
        asleep = escalation.quiet_until(Quiet(at.zones[school], *night), sent_at or 0) is not None
        dark[key] = dark.get(key, False) or asleep
    yield from ((person, asleep) for (person, _), asleep in dark.items())
