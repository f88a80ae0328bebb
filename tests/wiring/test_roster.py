"""A secretary's roster: imported from a spreadsheet, looked at, changed for a night, verified."""

import json
import re
from contextlib import closing
from copy import copy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import delete, select

from casework.web import staff_app
from notify.duty_tables import Duty, Responder
from notify.tables import Attempt, Page
from tests.install import pages
from tests.wiring.test_found import Install
from vault.people_tables import Member, TeamKeyCopy
from wiring import ground, staff
from wiring.config import load

EXAMPLE = pages.FOLDER / "roster.csv"
DUTIES = pages.FOLDER / "duties.csv"
HEADER = "team,name,days,from,to,turn,handoff,since,people\n"
WHOLE_DAY = "counseling,always,every day,00:00,24:00,daily,,2026-11-16,ann ben\n"


class Office:
    """The install of the guide, with the school's calendar, and a secretary at its command line."""

    def __init__(self, folder: Path) -> None:
        self.install = Install(folder)
        self.file = folder / "roster.csv"
        self._say_holidays()
        assert self.install.found().exit_code == 0

    def _say_holidays(self) -> None:
        path = self.install.config
        text = path.read_text().replace('holidays = ""', 'holidays = "US-CO"')
        path.write_text(text.replace("closed = []", 'closed = ["2026-11-27", "2026-12-21..2027-01-01"]'))

    def copied_to(self, folder: Path) -> "Office":
        """The same elsewhere."""
        other = copy(self)
        other.install, other.file = self.install.copied_to(folder), folder / self.file.name
        return other

    def run(self, *words: str) -> Result:
        name, *rest = words
        return self.install.run(name, *rest)

    def brings(self, text: str) -> Result:
        self.file.write_text(text, encoding="utf-8")
        return self.run("roster", "import", str(self.file))

    def on_call(self, at: str, team: str = "counseling") -> str | None:
        said = self.run("oncall", "--at", at, "--team", team, "--json")
        assert said.exit_code == 0, said.output
        found = json.loads(said.output)["on_call"]
        return str(found) if found else None


OVER = ("--from", "2025-12-01 18:00", "--to", "2025-12-02 07:00")
LATER = ("--from", "2199-12-01 18:00", "--to", "2199-12-02 07:00")


def next_monday() -> datetime:
    """A week ahead at least, so that nothing of it is over."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return today + timedelta(days=14 - today.weekday())


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """For those who are refused, and to be copied."""
    return Office(tmp_path_factory.mktemp("office"))


@pytest.fixture
def office(untouched: Office, tmp_path: Path) -> Office:
    return untouched.copied_to(tmp_path)


@pytest.fixture(scope="module")
def imported(untouched: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """With the example's roster, to be copied."""
    office = untouched.copied_to(tmp_path_factory.mktemp("imported"))
    done = office.run("roster", "import", str(EXAMPLE))
    assert done.exit_code == 0, done.output
    assert "team counseling: 4 line(s) of duty" in done.output
    return office


@pytest.fixture
def kept(imported: Office, tmp_path: Path) -> Office:
    return imported.copied_to(tmp_path)


def test_the_example_has_school_days_nights_weekends_and_holidays(kept: Office) -> None:
    expected = {
        "2026-11-16 07:00": "ann",
        "2026-11-16 18:00": "ben",
        "2026-11-17 06:59": "ben",
        "2026-11-17 20:00": "ann",
        "2026-11-21 12:00": "ben",
        "2026-11-23 12:00": "ben",
        "2026-11-26 12:00": "ann",  # Thanksgiving, of the state's calendar
        "2026-11-27 12:00": "ben",  # the school's own day off
        "2026-11-30 12:00": "ann",
    }
    assert {at: kept.on_call(at) for at in expected} == expected


def test_the_example_has_no_gap_in_a_year(kept: Office) -> None:
    said = kept.run("oncall", "--gaps", "365d")
    assert said.exit_code == 0, said.output
    assert "No gap" in said.output
    assert kept.run("roster", "verify").exit_code == 0


def test_without_nights_each_night_is_said_and_counts(office: Office) -> None:
    days = WHOLE_DAY.replace("00:00,24:00", "07:00,18:00")
    done = office.brings(HEADER + days)
    assert "NOT  counseling: nobody from" in done.output
    said = office.run("oncall", "--gaps", "14d", "--team", "counseling")
    assert said.exit_code == 1
    nights = re.findall(r"^counseling +nobody from .* 18:00 to .* 07:00$", said.output, re.MULTILINE)
    assert len(nights) >= 13
    assert office.run("roster", "verify").exit_code == 1
    assert "NOBODY (a page calls all: ann, ben)" in office.run("oncall", "--at", "2027-01-04 23:00").output


def test_what_is_shown_can_be_imported_again(kept: Office) -> None:
    shown = kept.run("roster", "show").output
    again = kept.brings(shown)
    assert again.exit_code == 0, again.output
    assert kept.run("roster", "show").output == shown


def test_a_spreadsheet_with_semicolons_and_a_mark_at_its_beginning_is_read(office: Office) -> None:
    text = "\ufeff" + (HEADER + WHOLE_DAY).replace(",", ";").replace("\n", "\r\n")
    assert office.brings(text).exit_code == 0
    assert office.on_call("2026-11-17 12:00") == "ben"


def test_who_left_the_team_is_passed_over_until_the_roster_is_edited_and_verify_says_so(kept: Office) -> None:
    with closing(ground.lay(load(kept.install.config))) as laid, laid.database.writing() as session:
        ben = session.scalars(select(Member.id).where(Member.login == "ben")).one()
        session.execute(delete(TeamKeyCopy).where(TeamKeyCopy.holder == ben))
    assert [kept.on_call(at) for at in ("2026-11-23 12:00", "2026-12-02 12:00")] == ["ann", "ann"]
    said = kept.run("roster", "verify")
    assert "NOT  counseling: ben is in the roster and not in the team: passed over" in said.output
    assert "NOT  counseling: only one person can be called" in said.output
    assert said.exit_code == 1


def test_a_duty_list_goes_before_the_turns(kept: Office) -> None:
    done = kept.run("roster", "import", str(DUTIES))
    assert "team district: 2 listed duties" in done.output
    moments = ("2026-12-21 07:59", "2026-12-21 08:00", "2026-12-24 12:00", "2027-01-04 07:59")
    assert [kept.on_call(at, "district") for at in moments] == ["cleo", "dan", "cleo", "cleo"]
    kept.run("roster", "import", str(DUTIES))
    with closing(ground.lay(load(kept.install.config))) as laid, laid.database.reading() as session:
        assert len(session.scalars(select(Duty.id).where(Duty.kind == "listed")).all()) == 2


def span(begins: datetime, ends: datetime) -> tuple[str, ...]:
    return ("--from", f"{begins:%Y-%m-%d %H:%M}", "--to", f"{ends:%Y-%m-%d %H:%M}")


def test_an_override_a_swap_and_taking_them_back(kept: Office) -> None:
    monday = next_monday()
    evening = monday + timedelta(days=1, hours=18)
    at = f"{evening + timedelta(hours=8):%Y-%m-%d %H:%M}"
    before = kept.on_call(at)
    other = "ben" if before == "ann" else "ann"
    done = kept.run("roster", "override", "counseling", other, *span(evening, evening + timedelta(hours=13)))
    assert f"  {other} from {evening:%a %Y-%m-%d} 18:00 to" in done.output
    assert kept.on_call(at) == other
    week = span(monday + timedelta(hours=7), monday + timedelta(days=7, hours=7))
    swapped = kept.run("roster", "override", "counseling", "Ann", *week, "--instead-of", "ben")
    assert swapped.exit_code == 0, swapped.output
    assert kept.on_call(f"{monday:%Y-%m-%d} 12:00") == "ann"
    shown = kept.run("roster", "show", "--team", "counseling").output
    assert "counseling: ann cover instead of ben" in shown
    assert kept.run("roster", "remove", done.output.split()[0]).exit_code == 0


def test_an_override_says_when_whom_it_names_is_not_on_call_all_the_same(kept: Office) -> None:
    noon = next_monday() + timedelta(hours=12)
    kept.run("roster", "away", "ben", *span(noon, noon + timedelta(hours=1)))
    said = kept.run("roster", "override", "counseling", "ben", *span(noon, noon + timedelta(hours=2)))
    hours = [f"{noon + timedelta(hours=number):%a %Y-%m-%d %H:%M}" for number in range(3)]
    assert f"  ann from {hours[0]} to {hours[1]}\n  ben from {hours[1]} to {hours[2]}" in said.output


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("override", "counseling", "ann", *OVER), "is over already: look at the year"),
        (("away", "ann", *OVER), "is over already: look at the year"),
        (("override", "counseling", "ann", *LATER, "--instead-of", "ann"), "ann: cannot take their own turn"),
        (("override", "counseling", "ann", "--from", "9999-12-31", "--to", "9999-12-31"), "not a moment"),
        (("override", "counseling", "ann", "--from", "0001-01-01", "--to", "2199-12-31"), "not a moment"),
        (("override", "counseling", "cleo", *LATER), "cleo: not in team counseling"),
        (("override", "counseling", "zoe", *LATER), "zoe: nobody with this login"),
        (("override", "chess", "ann", *LATER), "chess: no such team"),
    ],
)
def test_an_override_that_cannot_be_meant_is_refused(
    untouched: Office, words: tuple[str, ...], complaint: str
) -> None:
    done = untouched.run("roster", *words)
    assert complaint in str(done.exception)
    assert "#" not in untouched.run("roster", "show").output


def test_gaps_are_looked_for_from_the_moment_that_is_asked(office: Office) -> None:
    office.brings(HEADER + WHOLE_DAY.replace("every day", "mon-fri"))
    friday = ("oncall", "--team", "counseling", "--at", "2027-01-08 12:00")
    said = office.run(*friday, "--gaps", "3d")
    assert said.output == "counseling       nobody from Sat 2027-01-09 00:00 to Mon 2027-01-11 00:00\n"
    assert said.exit_code == 1
    assert office.run("oncall", "--team", "counseling", "--at", "2027-01-11", "--gaps", "4d").exit_code == 0


def test_who_is_away_is_not_called_and_two_away_are_a_gap(kept: Office) -> None:
    monday = next_monday()
    week = span(monday, monday + timedelta(days=7))
    noons = [f"{monday + timedelta(days=number):%Y-%m-%d} 12:00" for number in range(7)]
    assert kept.run("roster", "away", "ann", *week).exit_code == 0
    assert {kept.on_call(noon) for noon in noons} == {"ben"}
    done = kept.run("roster", "away", "ben", *week)
    assert kept.on_call(noons[1]) is None
    assert done.exit_code == 0


@pytest.mark.parametrize("days", [10, 200])
def test_a_gap_is_said_when_the_absence_that_makes_it_is_noted(kept: Office, days: int) -> None:
    first = datetime.now(UTC).date() + timedelta(days)
    week = ("--from", f"{first}", "--to", f"{first + timedelta(7)}")
    kept.run("roster", "away", "ann", *week)
    done = kept.run("roster", "away", "ben", *week)
    assert f"NOT  counseling: nobody from {first:%a} {first} 00:00" in done.output


def test_a_time_that_the_clocks_skip_is_read_an_hour_later_and_said(kept: Office) -> None:
    said = kept.run("oncall", "--team", "counseling", "--at", "2027-03-14 02:10").output
    assert "2027-03-14 02:10 does not exist: clocks in America/Denver skip it. Read as 03:10." in said
    twice = kept.run("oncall", "--team", "counseling", "--at", "2027-11-07 01:30").output
    assert "comes twice" in twice
    assert "\n" not in kept.run("oncall", "--team", "counseling", "--at", "2027-11-07 02:30").output.strip()


def test_so_it_is_of_what_is_noted_by_command_or_by_file(kept: Office) -> None:
    march = date(next_monday().year + 1, 3, 8)
    spring = march + timedelta(days=(6 - march.weekday()) % 7)
    skipped, later = f"{spring} 02:10", f"{spring} 07:00"
    said = f"{skipped} does not exist: clocks in America/Denver skip it. Read as 03:10."
    for words in (("override", "counseling", "ann"), ("away", "ann")):
        assert said in kept.run("roster", *words, "--from", skipped, "--to", later).output
    done = kept.brings(f"team,person,from,to\ncounseling,ann,{skipped},{later}\n")
    assert f"line 2: {said}" in done.output


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("counseling,x,every day,00:00,24:00,daily,,2026-11-16,zoe", "zoe: nobody with this login"),
        ("counseling,x,every day,00:00,24:00,daily,,2026-11-16,cleo", "cleo: not in team counseling"),
        ("chess,x,every day,00:00,24:00,daily,,2026-11-16,ann", "chess: no such team"),
        ("counseling,x,moonday,00:00,24:00,daily,,2026-11-16,ann", "line 2, days: unknown"),
        ("counseling,x,mon-fri,7 am,24:00,daily,,2026-11-16,ann", "line 2, from: not a time of day"),
        ("counseling,x,mon-fri,07:00,24:00,sometimes,,2026-11-16,ann", "line 2, turn: unknown"),
        ("counseling,x,mon-fri,07:00,24:00,0 days,,2026-11-16,ann", "line 2, turn: unknown"),
        ("counseling,x,mon-fri,07:00,24:00,weekly,noon,2026-11-16,ann", "line 2, handoff: no weekday"),
        ("counseling,x,mon-fri,07:00,24:00,daily,,soon,ann", "line 2, since: not a day"),
        ("counseling,x,mon-fri,07:00,24:00,daily,,2026-11-16,", "line 2, people: nobody"),
        ("counseling,x,mon-fri,07:00,24:00,daily,,2026-11-16,ann ann", "line 2, people: somebody twice"),
        ("counseling,x,mon-fri,07:00,24:00,daily,,2026-11-16,ann,ben", "line 2, row: more cells"),
        (",x,mon-fri,07:00,24:00,daily,,2026-11-16,ann", "line 2, team: empty"),
    ],
)
def test_what_cannot_be_read_is_refused_whole_with_its_line(
    untouched: Office, row: str, complaint: str
) -> None:
    before = untouched.run("roster", "show").output
    done = untouched.brings(f"{HEADER}{row}\n{WHOLE_DAY}")
    assert complaint in str(done.exception)
    assert untouched.run("roster", "show").output == before


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (HEADER, "line 2, row: nothing there"),
        (HEADER.replace("name", "team") + WHOLE_DAY, "line 1, header: a column twice"),
        ("team,person,from,to\ncounseling,ann,24.12.2026,2026-12-25\n", "line 2: 24.12.2026: not a moment"),
        ("team,person,from,to\ncounseling,ann,2026-12-25,2026-12-24\n", "line 2: ends before it begins"),
    ],
)
def test_a_file_that_says_nothing_or_nothing_clear_is_refused(
    untouched: Office, text: str, complaint: str
) -> None:
    assert complaint in str(untouched.brings(text).exception)


def test_the_load_counts_a_page_once_and_says_whether_it_woke_somebody(kept: Office) -> None:
    people = responders(kept)
    with closing(ground.lay(load(kept.install.config))) as laid, laid.database.writing() as session:
        now = laid.clock.now(session)
        page = Page(
            id="p",
            school="maple",
            kind="report",
            subject="s",
            reference="R",
            urgency="immediate",
            rank=0,
            teams='["counseling"]',
            snapshot="{}",
            state="closed",
            opened_at=now,
        )
        session.add(page)
        session.flush()
        session.add_all(
            Attempt(
                id=f"a{number}",
                page_id="p",
                responder_id=people["ann"],
                school="maple",
                channel="sms",
                rank=0,
                state="delivered",
                due_at=now,
                created_at=now,
                sent_at=sent,
            )
            for number, sent in enumerate((now - 1000, now - 2000))
        )
    said = kept.run("oncall", "--load", "30d", "--json")
    assert said.exit_code == 0, said.output
    ann = next(one for one in map(json.loads, said.output.splitlines()) if one["person"] == "ann")
    assert ann["pages"] == 1
    assert ann["hours"] > 0


def responders(office: Office) -> dict[str, str]:
    """Login to responder id."""
    with closing(ground.lay(load(office.install.config))) as laid, laid.database.reading() as session:
        rows = session.execute(
            select(Member.login, Responder.id).join(Responder, Responder.member_id == Member.id)
        )
        return {row[0]: row[1] for row in rows}


def test_a_calendar_address_is_said_once_listed_without_it_and_taken_back(office: Office) -> None:
    made = office.run("roster", "feed", "create", "--person", "ann")
    feed, address = made.output.split()[0], made.output.split()[-1]
    token = address.rpartition("/")[2].removesuffix(".ics")
    listed = office.run("roster", "feed", "list").output
    assert f"{feed}  ann, since" in listed
    assert token not in listed
    with closing(ground.lay(load(office.install.config))) as laid:
        browser = staff_app(staff.deps(laid)).test_client()
        shown = browser.get(f"/calendar/{token}.ics")
        assert (shown.status_code, shown.mimetype) == (200, "text/calendar")
        assert "On call for counseling" in shown.text
        assert "Set-Cookie" not in shown.headers
        assert shown.headers["Cache-Control"] == "no-store"
        assert office.run("roster", "feed", "revoke", feed).exit_code == 0
        assert browser.get(f"/calendar/{token}.ics").status_code == 404
    assert "either a team" in str(office.run("roster", "feed", "create").exception)
    assert "no such calendar" in str(office.run("roster", "feed", "revoke", feed).exception)
