"""The pager's rules as people meet them: real processes, the simulator's phones, casework at a desk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.demo import Demo, code_in, reference_in
from tests.journeys.stage import SECONDS, SUICIDE, THREAT, Stage, with_paging
from tests.notify.mailbox import Mailbox, serving
from tests.waiting import eventually

pytestmark = pytest.mark.slow

MAIL = """
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "tipline@school.test"
"""


@pytest.fixture(scope="module")
def box() -> Iterator[Mailbox]:
    """A mail server, for who has no telephone."""
    with serving() as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def stage(box: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Second responder after two seconds, everybody after four, then a repeat every two; always night."""
    demo = Demo(tmp_path_factory.mktemp("install"))
    demo.init()
    with demo.config.open("a", encoding="utf-8") as config:
        config.write(MAIL.format(port=box.port))
    with_paging(demo, second_after_s=2, everyone_after_s=4, repeat_s=2, texts_per_s=0, phone_pause_s=0)
    with_paging(demo, poll_carrier_s=1, danger_answers=2, night_from="00:00", night_to="23:59")
    demo.start()
    yield Stage(demo)
    demo.stop()


def offered(stage: Stage, reference: str, name: str = "Jonas Bell") -> None:
    """Mara, who has the case, asks a colleague."""
    path = f"/case/{reference}/offer"
    stage.desk("counselor").presses(path, path, colleague=stage.member_id(reference, name))


def test_a_case_is_offered_refused_offered_again_and_taken_by_text(stage: Stage) -> None:
    reference = stage.taken()
    offered(stage, reference)
    stage.jonas.expects(f"Mara Quist asks you to take over case {reference}. Reply")
    stage.jonas.says("PASS")
    stage.jonas.expects(f"Noted: you do not take over case {reference}. Your colleague still has it.")
    stage.mara.expects(f"nobody took over case {reference}. You still have it.")
    offered(stage, reference)
    stage.jonas.says(code_in(stage.jonas.expects(f"asks you to take over case {reference}")))
    stage.jonas.expects(f"You have case {reference}. Please open it now.")
    stage.mara.expects(f"Jonas Bell has case {reference}.")


def test_an_offer_of_an_immediate_case_rings_and_a_key_takes_it(stage: Stage) -> None:
    reference = stage.taken()
    offered(stage, reference)
    call = stage.jonas.call(reference, "Mara Quist asks you to take over a case")
    assert "You have the case." in stage.jonas.picks_up(call, "1")
    stage.mara.expects(f"Jonas Bell has case {reference}.")


def test_a_case_is_refused_taken_and_kept_in_casework(stage: Stage) -> None:
    reference = stage.taken()
    case, jonas = f"/case/{reference}", stage.desk("counselor-2")
    offered(stage, reference)
    assert "Mara Quist asks you to take over" in jonas.sees("/")
    jonas.presses("/", f"{case}/offer/decline")
    stage.mara.expects(f"nobody took over case {reference}")
    offered(stage, reference)
    stage.mara.says("keep")
    stage.mara.expects(f"Noted: you keep case {reference}. Your colleague is told.")
    stage.jonas.expects(f"Mara Quist keeps case {reference} after all.")
    offered(stage, reference)
    assert "You have it now. Read it and go on." in jonas.presses("/", f"{case}/offer/accept")
    stage.mara.expects(f"Jonas Bell has case {reference}.")


def test_a_colleague_takes_over_from_one_who_is_away_at_the_desk_and_by_text(stage: Stage) -> None:
    reference = stage.taken()
    path = f"/case/{reference}/take-over"
    shown = stage.desk("counselor-2").sees(path)
    assert "does not say that Mara Quist is away" in shown
    owner = shown.split('name="owner" value="')[1].split('"')[0]
    assert "You have it now." in stage.desk("counselor-2").presses(path, path, owner=owner)
    stage.mara.expects(f"Jonas Bell took over case {reference} from you.")
    stage.jonas.expects(f"Jonas Bell has case {reference}.")
    take = f"take {code_in(stage.latest)}"
    stage.mara.says(take)
    stage.mara.expects(f"Jonas Bell has case {reference}, and the roster does not say that they are away.")
    noted = stage.command(
        "roster", "away", "counselor-2", "--from", "2026-01-01 08:00", "--to", "2099-01-01 08:00"
    )
    stage.mara.says(take)
    stage.mara.expects(f"You have case {reference}.")
    stage.jonas.expects(f"Mara Quist took over case {reference} from you.")
    stage.command("roster", "remove", noted.split()[0].strip(":"))


def test_who_pass_and_help(stage: Stage) -> None:
    reference = stage.tells(SUICIDE)
    stage.mara.says("who?")
    stage.mara.expects("On call for counseling: Mara Quist, Jonas Bell.", f"Nobody has case {reference} yet.")
    stage.mara.says("Help")
    stage.mara.expects("WHO: who has it, who is on call. PASS: you cannot")
    stage.mara.says("sorry, I can't")
    stage.mara.expects(f"case {reference}")
    stage.jonas.says(code_in(stage.jonas.page(reference)))
    stage.jonas.expects(f"You have case {reference}")
    stage.mara.expects(f"Tipline: Jonas Bell has case {reference}.")


def test_a_bare_1_takes_the_only_case_and_else_asks_which(stage: Stage) -> None:
    reference = stage.tells(SUICIDE)
    stage.mara.says("1")
    stage.mara.expects(f"You have case {reference}.")
    first = stage.latest if stage.tells(SUICIDE) else {}
    second = stage.latest if stage.tells(THREAT) else {}
    stage.mara.says("1")
    stage.mara.expects("Please reply with the five digits of the case you have.")
    stage.mara.says(f"{code_in(first)} {code_in(second)}")
    stage.mara.expects("You have case", "You are noted for case")
    reference = reference_in(second)
    stage.tom.says(code_in(stage.tom.page(reference)))
    stage.tom.expects(f"Mara Quist has case {reference}")


def test_digits_work_on_the_phone_that_got_them_alone(stage: Stage) -> None:
    reference = stage.tells(SUICIDE)
    code, stranger = code_in(stage.latest), stage.student()
    stage.tom.says(code)
    stage.tom.expects("That code was not sent to this phone.")
    stranger.says(code)
    stranger.expects("That code was not sent to this phone.")
    stranger.says("hello?")
    stranger.expects("Nobody reads this.", "911")
    assert stage.mara.has_nothing(f"has case {reference}")
    stage.mara.says(code)
    stage.mara.expects(f"You have case {reference}")


def test_stop_is_a_roster_alarm_until_start(stage: Stage) -> None:
    said = "Jonas Bell's phone refuses our texts, because it sent STOP."
    stage.jonas.says("STOP")
    stage.until(lambda: b"roster_21610" in stage.demo.everything_written())
    assert said in stage.desk("counselor").sees("/people").replace("&#39;", "'")
    stage.jonas.says("START")
    stage.jonas.expects("Tipline: your phone gets our texts again.")
    assert said not in stage.desk("counselor").sees("/people").replace("&#39;", "'")


def test_without_an_answer_the_second_then_everybody_then_again_with_the_same_digits(stage: Stage) -> None:
    reference = stage.tells(SUICIDE)
    code = code_in(stage.latest)
    stage.mara.call(reference, "An immediate case")
    second = stage.jonas.page(reference)
    assert second["at"] > stage.latest["at"]
    stage.priya.page(reference)
    everybody = stage.mara.page(reference)
    again = stage.mara.page(reference)
    assert {code_in(everybody), code_in(again)} == {code}
    assert code_in(stage.jonas.page(reference)) == code_in(second)
    stage.priya.says(code_in(stage.priya.page(reference)))
    stage.priya.expects(f"You have case {reference}")
    for phone in (stage.mara, stage.jonas):
        phone.expects(f"Tipline: Priya Nandan has case {reference}.")


def test_an_immediate_threat_calls_all_teams_at_once_and_takes_two(stage: Stage) -> None:
    reference = stage.tells(THREAT)
    stage.tom.says(code_in(stage.tom.page(reference)))
    stage.tom.expects(f"You are noted for case {reference}. It takes two")
    stage.mara.says(code_in(stage.latest))
    stage.mara.expects(f"You have case {reference}.")
    stage.tom.expects(f"Mara Quist has case {reference}.")


def test_a_pin_takes_a_case_in_a_call_and_1_does_not(stage: Stage) -> None:
    stage.command("contacts", "pin", "--login", "counselor", typed="4711\n4711\n")
    reference = stage.tells(SUICIDE)
    call = stage.mara.call(reference, "enter your PIN, then the pound key")
    assert "You have" not in stage.mara.picks_up(call, "1")
    assert "You have the case." in stage.mara.picks_up(call, "4711")
    assert "Mara Quist has this case." in stage.desk("counselor").sees(f"/case/{reference}")
    stage.command("contacts", "pin", "--login", "counselor", "--none")


def test_several_texts_of_one_thread_are_one_page(stage: Stage) -> None:
    student = stage.student()
    reference = stage.tells(SUICIDE, student)
    student.expects("we have your text")
    stage.writes("please hurry she is not answering at all", student)
    student.expects("We have your text.")
    assert stage.pages(reference=reference) == 1
    stage.mara.says(code_in(stage.latest))
    stage.mara.expects(f"You have case {reference}")


def test_a_text_that_does_not_arrive_calls_at_once(stage: Stage) -> None:
    """Urgent texts first and rings later; but not when the carrier says that the phone did not get it."""
    before = stage.references()
    stage.demo.carrier.fault(stage.mara.number, "undelivered", 3)
    stage.writes("he keeps following me home", stage.student())
    (reference,) = eventually(lambda: stage.references() - before, SECONDS)
    call = stage.mara.call(reference, "An urgent case")
    assert "You have the case." in stage.mara.picks_up(call, "1")


def test_what_can_wait_calls_nobody(stage: Stage) -> None:
    student, pages = stage.student(), stage.pages()
    stage.writes("someone is selling vapes in the bathroom", student)
    student.expects("we have your text")
    assert "Prompt" in stage.desk("counselor").sees("/")
    assert stage.pages() == pages


def test_a_member_tests_their_phone_at_the_desk_and_sees_it_arrive(stage: Stage) -> None:
    desk = stage.desk("liaison")
    way = desk.sees("/ways").split('name="way" value="')[1].split('"')[0]
    assert "A test is on its way." in desk.presses("/ways", "/ways/test", way=way)
    stage.tom.expects("Tipline: this is a test. Nobody needs you now.")
    stage.until(lambda: "Test just now: arrived." in desk.sees("/ways"))


def test_a_way_that_is_quiet_lets_the_others_go_first(stage: Stage, tmp_path: Path) -> None:
    ways = tmp_path / "ways.csv"
    head = "person,way,address,after,quiet,language\n"
    ways.write_text(head + "counselor,text,,,00:00-23:59,\ncounselor,call,,,,\n")
    stage.command("roster", "import", str(ways))
    before = stage.references()
    stage.writes(SUICIDE, stage.student())
    (reference,) = eventually(lambda: stage.references() - before, SECONDS)  # Jonas is second
    assert "You have the case." in stage.mara.picks_up(stage.mara.call(reference, "An immediate case"), "1")
    stage.jonas.expects(f"Mara Quist has case {reference}")
    assert stage.mara.has_nothing(reference)
    ways.write_text(head + "counselor,text,,,,\ncounselor,call,,,,\n")
    stage.command("roster", "import", str(ways))


def test_at_night_an_urgent_case_waits_and_what_is_worse_comes_at_once(stage: Stage) -> None:
    """Here the night is the whole day."""
    student, before = stage.student(), stage.references()
    stage.writes("someone posted a naked picture of me", student)
    student.expects("we have your text")
    assert stage.pages(urgency="urgent", state="open") == 1
    assert stage.references() == before
    reference = stage.tells("now i want to kill myself tonight", student)
    assert "IMMEDIATE" in stage.latest["body"]
    stage.mara.says(code_in(stage.latest))
    stage.mara.expects(f"You have case {reference}. Please open it now.")


def test_what_somebody_has_and_does_not_open_calls_the_next(stage: Stage) -> None:
    reference = stage.taken()
    stage.passes("UPDATE page SET next_at = 1 WHERE state = 'acknowledged' AND next_at IS NOT NULL")
    stage.jonas.says(code_in(stage.jonas.page(reference)))
    stage.jonas.expects(f"You have case {reference}")
    stage.mara.expects(f"Tipline: Jonas Bell has case {reference}")
    assert SUICIDE[:10] in stage.desk("counselor-2").sees(f"/case/{reference}")
    stage.passes("UPDATE page SET next_at = NULL WHERE state = 'acknowledged'")


def test_an_offer_that_nobody_answers_in_time_is_over(stage: Stage) -> None:
    reference = stage.taken()
    offered(stage, reference)
    code = code_in(stage.jonas.expects(f"asks you to take over case {reference}"))
    stage.passes("UPDATE handover SET ends_at = 1 WHERE state = 'offered'")
    stage.mara.expects(f"nobody took over case {reference}. You still have it.")
    stage.jonas.says(code)
    stage.jonas.expects(f"Mara Quist has case {reference}.")


def test_who_only_reads_e_mail_takes_an_offer_by_a_button_and_not_by_its_link(
    stage: Stage, box: Mailbox, tmp_path: Path
) -> None:
    ways = tmp_path / "ways.csv"
    ways.write_text("person,way,address,after,quiet,language\ncounselor-2,email,jonas@school.test,,,\n")
    stage.command("roster", "import", str(ways))
    reference = stage.taken()
    offered(stage, reference)
    letter = eventually(lambda: box.saying("asks you to take over", "jonas@school.test"), SECONDS)[0]
    assert letter["Subject"] == f"Tipline: Mara Quist asks you to take over case {reference}"
    link = f"/case/{reference}"
    assert box.words(letter).split()[-1] == f"{stage.demo.casework}{link}"
    assert "Mara Quist has this case." in stage.desk("counselor-2").sees(link), "reading takes nothing"
    stage.desk("counselor-2").presses(link, f"{link}/offer/accept")
    stage.mara.expects(f"Jonas Bell has case {reference}.")


def test_what_no_webhook_brings_the_carrier_is_asked_for(stage: Stage) -> None:
    """As while the public process is down: an answer, and a STOP."""
    pager = stage.demo.carrier.number("pager")
    stage.demo.carrier.fault(pager, "drop", 60)
    reference = stage.tells(SUICIDE)
    stage.priya.says("STOP")
    said = "Priya Nandan's phone refuses our texts, because it sent STOP."
    stage.until(lambda: said in stage.desk("counselor").sees("/people").replace("&#39;", "'"))
    stage.mara.says(code_in(stage.latest))
    stage.mara.expects(f"You have case {reference}.")
