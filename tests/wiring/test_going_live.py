"""From an install with people to a live school: nothing less than every check, and the notice until then."""

import re
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, update

from notify.duty_tables import ContactMethod
from notify.letters import BODY
from notify.tables import Attempt, Letter, Page
from reporting.web import public_app
from tests.wiring.test_found import Install
from vault.keyed import LineKey, open_from_line
from vault.tables import AuditEvent
from wiring import drill, going_live, ground, public, verifying
from wiring.config import load
from wiring.errors import WiringError
from wiring.ground import Ground
from wiring.people import read_people
from wiring.secrets import Secrets
from wiring.verifying import Post

NOTICE = "This is a demonstration. Nobody reads it."
LIVE = {"recovery words", "real carrier", "contacts", "standby", "alarm", "drill"}


@pytest.fixture
def install(founded: Install, tmp_path: Path) -> Install:
    return with_token(founded.copied_to(tmp_path))


def with_token(made: Install) -> Install:
    Secrets(made.config.parent, "public").write("carrier-pager-token", "0" * 32)
    return made


def laid(install: Install) -> "closing[Ground]":
    return closing(ground.lay(load(install.config)))


def change(install: Install, pattern: str, new: str) -> None:
    text, count = re.subn(pattern, new, install.config.read_text(), count=1, flags=re.MULTILINE | re.DOTALL)
    assert count == 1, pattern
    install.config.write_text(text)


def give_addresses(install: Install) -> None:
    change(install, r'^post_to = ""', 'post_to = "https://alarm.example.org"')
    change(install, r'^heartbeat_to = ""', 'heartbeat_to = "https://deadman.example.org"')
    for name in ("public", "staff"):
        change(install, rf'(\[{name}\].*?\naddress = )""', rf'\1"https://{name}.example.org"')


def text_to(ground: Ground, question: verifying.Question) -> str:
    """What the phone shows: the one letter, opened as the pager does."""
    line = LineKey.from_seeds(*Secrets(ground.config.folder, "pager").keys("line-private"))
    with ground.database.reading() as session:
        attempt = session.get_one(Attempt, question.attempt_id)
        letter = session.get_one(Letter, attempt.letter_id)
        return open_from_line(line, BODY, letter.sealed_body).decode()


def ask(ground: Ground, login: str) -> verifying.Question:
    line = LineKey.from_seeds(*Secrets(ground.config.folder, "pager").keys("line-private")).public
    with ground.database.writing() as session:
        return verifying.ask(Post(session, ground.clock.now(session), "maple", line), login, "sms")


def verify_everybody(install: Install) -> None:
    people = read_people(install.file, load(install.config))
    with laid(install) as ground:
        for login in (one.login for one in people.members if one.phone):
            question = ask(ground, login)
            with ground.database.writing() as session:
                verifying.confirm(session, ground.clock.now(session), question)


def hold_a_drill(install: Install) -> None:
    with laid(install) as ground:
        drill.file(ground, "maple")
        with ground.database.writing() as session:
            now = ground.clock.now(session)
            session.execute(
                update(Page).values(state="acknowledged", acknowledged_by="x", acknowledged_at=now)
            )


def test_what_is_missing_is_named_and_then_nothing_is(tmp_path: Path) -> None:
    install = with_token(Install(tmp_path))
    assert install.not_well(live=True) & LIVE == LIVE - {"standby"}
    install.found()
    assert install.not_well(live=True) & LIVE == {"real carrier", "contacts", "alarm", "drill"}
    give_addresses(install)
    assert install.not_well(live=True) & LIVE == {"contacts", "drill"}
    verify_everybody(install)
    assert install.not_well(live=True) & LIVE == {"drill"}
    hold_a_drill(install)
    assert install.not_well(live=True) & LIVE == set()


def test_a_drill_of_long_ago_does_not_count(install: Install) -> None:
    hold_a_drill(install)
    assert "drill" not in install.not_well(live=True)
    with laid(install) as ground, ground.database.writing() as session:
        session.execute(update(Page).values(acknowledged_at=ground.clock.now(session) - 91 * 86_400_000))
    assert "drill" in install.not_well(live=True)


def test_a_school_that_does_not_pass_stays_a_demonstration_whatever_the_file_says(install: Install) -> None:
    refused = install.run("live", "--school", "maple")
    assert refused.exit_code == 1
    assert "NOT  contacts" in refused.output
    change(install, r"^live = false", "live = true")
    with laid(install) as ground:
        client = public_app(public.deps(ground)).test_client()
        assert NOTICE in client.get("/?lang=en").text
        assert client.post("/send?lang=en", data={"text": "he has a knife"}).status_code == 200
    assert "notice" in install.not_well()


def test_a_school_that_passed_shows_no_notice_until_that_is_taken_back(install: Install) -> None:
    change(install, r"^live = false", "live = true")
    with laid(install) as ground, ground.database.writing() as session:
        going_live.let_through(session, ground.clock.now(session), "maple")
    with laid(install) as ground:
        assert NOTICE not in public_app(public.deps(ground)).test_client().get("/?lang=en").text
    assert "notice" not in install.not_well()
    assert install.run("live", "--school", "maple", "--off").exit_code == 0
    with laid(install) as ground:
        assert NOTICE in public_app(public.deps(ground)).test_client().get("/?lang=en").text
        with ground.database.reading() as session:
            verbs = list(session.scalars(select(AuditEvent.verb).where(AuditEvent.actor == "operator")))
    assert verbs == ["school_live", "school_not_live"]


def test_a_simulated_carrier_is_never_live(fresh: Ground) -> None:
    with fresh.database.writing() as session:
        going_live.let_through(session, fresh.clock.now(session), "larkspur")
    with closing(ground.lay(fresh.config)) as again:
        assert again.schools["larkspur"].demo


def test_a_school_that_is_not_there_is_refused(install: Install) -> None:
    assert "choose one of maple" in str(install.run("live", "--school", "oak").exception)


def test_the_code_goes_only_to_the_phone_and_verifies_both_ways_to_it(install: Install) -> None:
    with laid(install) as ground:
        question = ask(ground, "ann")
        said = text_to(ground, question)
        assert question.code in said
        assert question.code not in repr(question)
        assert not question.fits("000000" if question.code != "000000" else "111111")
        assert question.fits(f" {question.code[:3]} {question.code[3:]}")
        with ground.database.writing() as session:
            assert (
                session.scalars(select(ContactMethod).where(ContactMethod.verified_at.is_not(None))).all()
                == []
            )
            verifying.confirm(session, ground.clock.now(session), question)
        with ground.database.reading() as session:
            verified = select(ContactMethod.channel).where(ContactMethod.verified_at.is_not(None))
            assert sorted(session.scalars(verified)) == ["sms", "voice"]


def test_another_phone_must_be_verified_anew(install: Install) -> None:
    verify_everybody(install)
    assert "contacts" not in install.not_well(live=True)
    install.found(("+15555550101", "+15555550109"))
    assert "contacts" in install.not_well(live=True)


def test_somebody_without_a_phone_is_refused(install: Install) -> None:
    with laid(install) as ground, pytest.raises(WiringError, match="nobody: no member"):
        ask(ground, "nobody")
