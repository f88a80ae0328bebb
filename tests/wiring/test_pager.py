"""What the pager looks after besides pages, what it is built from, and how the install cries for help."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select, update

from notify.letters import ADDRESS
from notify.settings import MailSettings
from notify.tables import Digest, Letter, Page
from notify.wall import local_time
from tests.waiting import eventually
from tests.wiring.outside import listener
from vault.ids import new_id, new_reference
from vault.keyed import number_key, open_from_line, seal_to_line
from vault.tables import RecipientTeam, Report
from wiring import ways_out
from wiring.alarm import QUIET_S, LoudAlarm
from wiring.carrier import OnCall
from wiring.chores import Chores, unread
from wiring.demo_people import LINE_NUMBER, PAGER_NUMBER, PEOPLE, SCHOOL
from wiring.errors import SecretError
from wiring.ground import Ground
from wiring.pager import make_desk, make_poller
from wiring.secrets import Secrets, check_install
from wiring.settings import SecondSection


def file(ground: Ground, urgency: str, *, deadline_in_ms: int = 60_000, status: str = "new") -> str:
    """A report that waits to be read; its id."""
    report_id = new_id()
    with ground.database.writing() as session:
        now = ground.clock.now(session)
        session.add(
            Report(
                id=report_id,
                school=SCHOOL.id,
                reference=new_reference(),
                channel="web",
                urgency=urgency,
                status=status,
                arrived_minute=now - now % 60_000,
                read_deadline=now + deadline_in_ms,
                retain_until=now + 10**10,
                pseudonym=new_id(),
            )
        )
        session.flush()
        session.add(RecipientTeam(report_id=report_id, team_id="counseling"))
    return report_id


def chores(ground: Ground) -> Chores:
    _, line = make_desk(ground)
    return Chores(ground, partial(seal_to_line, line.public), partial(open_from_line, line))


def test_a_report_that_nobody_read_in_time_is_paged_once(fresh: Ground) -> None:
    missed, _ = file(fresh, "routine", deadline_in_ms=-1), file(fresh, "routine")
    looking = chores(fresh)
    assert looking.page_the_unread() == 1
    assert looking.page_the_unread() == 0
    with fresh.database.reading() as session:
        page = session.scalars(select(Page)).one()
    assert (page.subject, page.kind, page.urgency) == (missed, "read_deadline", "urgent")


def test_a_report_that_cannot_be_paged_holds_up_no_other_and_is_tried_again(fresh: Ground) -> None:
    lost, other = (file(fresh, "urgent", deadline_in_ms=-ago) for ago in (2, 1))
    looking = chores(fresh)
    assert looking.page_the_unread() == 2
    with fresh.database.writing() as session:
        session.execute(update(Page).where(Page.subject == lost).values(snapshot="?"))
        session.execute(update(Page).where(Page.subject == other).values(state="closed", next_at=None))
        session.execute(update(Report).values(read_deadline=0))
    for _ in range(2):
        with pytest.raises(ValueError, match="Expecting value"):
            looking.page_the_unread()
    with fresh.database.reading() as session:
        open_ones = session.scalars(select(Page.subject).where(Page.state == "open")).all()
        due = select(Report.id).where(Report.read_deadline <= fresh.clock.now(session))
        assert session.scalars(due).all() == [lost]
    assert sorted(open_ones) == sorted([lost, other])


def test_the_digest_counts_what_nobody_opened(fresh: Ground) -> None:
    for urgency, status in (("prompt", "new"), ("routine", "new"), ("routine", "open"), ("urgent", "new")):
        file(fresh, urgency, status=status)
    with fresh.database.reading() as session:
        assert unread(session, SCHOOL.id) == {"prompt": 1, "routine": 1}
        assert unread(session, "another") == {}


def at_this_hour(ground: Ground, **paging: object) -> Ground:
    """An install in which it is the hour of everything that is told once a day."""
    settings = ground.config.settings
    with ground.database.reading() as session:
        hour = f"{local_time(ground.clock.now(session), SCHOOL.zone):%H:%M}"
    changes: dict[str, Any] = {"digest_at": hour, "remind_at": hour, **paging}
    changed = replace(settings, paging=replace(settings.paging, **changes))
    return replace(ground, config=replace(ground.config, settings=changed))


def test_the_digest_goes_once_a_day_and_sealed(fresh: Ground) -> None:
    file(fresh, "prompt")
    looking = chores(at_this_hour(fresh))
    sent = looking.send_digests()
    assert sent
    assert looking.send_digests() == 0
    with fresh.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Digest)) == 1
        letters = session.scalars(select(Letter)).all()
        assert len(letters) == sent
        assert not [one for one in letters if b"report" in one.sealed_body]


def test_each_of_our_numbers_has_its_own_way_out(laid: Ground) -> None:
    desk, line = make_desk(laid)
    assert {role: outlet.number for role, outlet in desk.outlets.items()} == {
        "line": LINE_NUMBER,
        "pager": PAGER_NUMBER,
    }
    assert desk.links.digits_to("a1") == "http://127.0.0.1:8000/carrier/voice/a1"
    sealed = seal_to_line(line.public, ADDRESS, b"+15555550111")
    assert desk.open_sealed(ADDRESS, sealed) == b"+15555550111"
    assert make_poller(laid, desk, partial(seal_to_line, line.public)).outlets == {
        "pager": desk.outlets["pager"]
    }


def test_what_the_configuration_names_is_a_way_out(laid: Ground) -> None:
    settings = laid.config.settings
    second = SecondSection(number="+15555550109", account_sid="AC2", base_address="http://127.0.0.1:9")
    carrier = replace(settings.carrier, second=second)
    mail = MailSettings(host="127.0.0.1", port=25, security="none", sender="tipline@school.test")
    config = replace(laid.config, settings=replace(settings, carrier=carrier, mail=mail))
    secrets = Secrets(config.folder, "pager")
    with pytest.raises(SecretError, match="carrier-second-token: missing"):
        ways_out.outlets_of(config, secrets)
    secrets.write("carrier-second-token", "token")
    with pytest.raises(SecretError, match="public/carrier-second-token"):
        check_install(config)
    outlets = ways_out.outlets_of(config, secrets)
    (secrets.folder / "carrier-second-token").unlink()
    assert outlets["second"].number == "+15555550109"
    ways = set(ways_out.channels_of(config, secrets, outlets))
    assert ways - set(ways_out.channels_of(laid.config, secrets, make_desk(laid)[0].outlets)) == {
        ("sms", "second"),
        ("voice", "second"),
        ("email", "pager"),
    }
    links = ways_out.links_of(config)
    assert links.case_at("K7QM-29TX") == f"{config.staff_address}/case/K7QM-29TX"


def test_the_simulator_knows_whose_phone_is_on_call(laid: Ground) -> None:
    secret = Secrets(laid.config.folder, "simulator").key("responder-number-key")
    keys = {number_key(secret, one.number): one.number for one in PEOPLE}
    on_call = OnCall(laid.database, laid.clock, keys)()
    assert on_call == {PEOPLE[0].number, PEOPLE[2].number}


def test_an_alarm_is_posted_once_a_minute_and_says_one_word(caplog: pytest.LogCaptureFixture) -> None:
    now = [1000.0]
    with listener() as (address, heard):
        alarm = LoudAlarm(address, lambda: now[0])
        alarm.sound("nobody_reachable")
        alarm.sound("nobody_reachable")
        eventually(lambda: heard == [b"nobody_reachable"])
        now[0] += QUIET_S
        alarm.sound("nobody_reachable")
        eventually(lambda: len(heard) == 2)
    assert [record.levelname for record in caplog.records] == ["CRITICAL", "CRITICAL"]


def test_an_alarm_that_cannot_be_posted_is_still_logged(caplog: pytest.LogCaptureFixture) -> None:
    LoudAlarm("http://127.0.0.1:1/").sound("attempt_late")
    eventually(lambda: any(record.msg == "alarm not posted" for record in caplog.records))
