"""Opening a case: what is shown, what is noted, and what is wrong with a thread."""

import html

from sqlalchemy import delete, update

from notify.tables import Page
from tests.casework.world import INSTALL, MINUTE, World, scored, signal
from vault import threads
from vault.tables import DirectoryEntry, Message, RecipientTeam, Report, Wrap
from vault.threads import Content, Signer

TEXT = "they said <b>tonight</b> I will end it & I have her pills"


def test_the_message_is_shown_escaped_and_its_signals_are_marked(world: World) -> None:
    found = scored(
        signals=(
            signal(TEXT, "I will end it", "says they will kill themselves"),
            signal(TEXT, "end it & I have her pills", "means at hand", "past"),
        ),
        raise_by=("a date",),
    )
    filed = world.file(TEXT, assessment=found)
    shown = world.signed_in("ana").get(f"/case/{filed.reference}").text
    assert "they said &lt;b&gt;tonight&lt;/b&gt; <mark>I will </mark><mark>end it</mark><sup>" in shown
    assert "<mark> &amp; I have her pills</mark>" in shown
    assert "“" not in shown
    assert "<q" in shown
    for words in ("says they will kill themselves", "means at hand", "in the past", "a date"):
        assert words in shown
    assert "Suicide or self-harm · About the writer · English" in shown


def test_opening_marks_the_case_read_and_is_audited_by_pseudonym(world: World) -> None:
    filed = world.file("hello")
    world.signed_in("ana").get(f"/case/{filed.reference}")
    report = world.report(filed)
    assert (report.status, report.read_deadline) == ("open", None)
    assert ("member:ana", "case_opened", f"pseudonym-{filed.reference}") in world.audited()


def test_opening_tells_the_page_that_the_case_was_seen(world: World) -> None:
    filed = world.file("hello")
    page_id = world.page(filed)
    with world.database.writing() as session:
        session.execute(update(Page).values(state="acknowledged", acknowledged_by="ana", acknowledged_at=1))
    world.signed_in("ana").get(f"/case/{filed.reference}")
    with world.database.reading() as session:
        page = session.get_one(Page, page_id)
        assert (page.seen_at, page.seen_by, page.next_at) == (world.clock.moment, "ana", None)


def test_a_reference_is_found_however_it_is_typed(world: World) -> None:
    filed = world.file("hello")
    assert world.signed_in("ana").get(f"/case/{filed.reference.lower()}").status_code == 200


def test_a_message_that_was_taken_away_is_shown_as_missing(world: World) -> None:
    filed = world.file("first words")
    world.write_again(filed, "second words")
    world.write_again(filed, "third words")
    with world.database.writing() as session:
        session.execute(delete(Message).where(Message.report_id == filed.report_id, Message.seq == 1))
    shown = world.signed_in("ana").get(f"/case/{filed.reference}").text
    assert "first words" in shown
    assert "A message is missing here" in shown
    assert "third words" in shown


def test_a_reply_that_no_member_signed_is_not_shown(world: World) -> None:
    filed = world.file("hello")
    with world.database.writing() as session:
        head = threads.head(session, INSTALL, filed.report_id)
        stranger = Signer("ana", world.members["sol"].sign)
        recipients = world.directory.recipients_of(["counseling"])
        forged = threads.seal_message(head, "member", Content("come to the gym alone"), recipients, stranger)
        threads.append(session, forged, world.clock.moment)
    shown = world.signed_in("ana").get(f"/case/{filed.reference}").text
    assert "This message is not genuine" in shown
    assert "gym" not in shown


def test_a_message_sealed_to_a_key_one_does_not_hold_says_so(world: World) -> None:
    filed = world.file("hello", teams=("counseling",))
    with world.database.writing() as session:
        session.execute(
            update(Wrap).where(Wrap.recipient == "team:counseling:1").values(recipient="team:counseling:9")
        )
    shown = world.signed_in("ana").get(f"/case/{filed.reference}").text
    assert "You cannot open this message" in shown


def test_what_was_told_the_district_alone_is_not_even_hinted_at(world: World) -> None:
    filed = world.file("a first word")
    world.signed_in("ana").get(f"/case/{filed.reference}")
    with world.database.writing() as session:
        session.add(RecipientTeam(report_id=filed.report_id, team_id="district"))
    world.clock.moment += 5 * MINUTE
    world.write_again(filed, "it is about one of them", teams=("district",))
    counselor = world.signed_in("ana")
    shown = counselor.get(f"/case/{filed.reference}").text
    assert "a first word" in shown
    assert "cannot open" not in shown
    assert shown.count("<article") == 1
    inbox = counselor.get("/").text
    assert "2 messages" not in inbox
    assert "Unread" not in inbox
    assert world.report(filed).read_deadline is not None
    assert "it is about one of them" in world.signed_in("dora").get(f"/case/{filed.reference}").text


def test_lowering_the_urgency_in_the_database_hides_nothing(world: World) -> None:
    filed = world.file("hello", assessment=scored("immediate"))
    with world.database.writing() as session:
        session.get_one(Report, filed.report_id).urgency = "routine"
    shown = world.signed_in("ana").get(f"/case/{filed.reference}").text
    assert "less urgent than what is sealed" in shown
    assert '<header class="case-head immediate">' in shown


def test_an_exchanged_assessment_is_said_to_be_gone_and_the_words_stay(world: World) -> None:
    filed = world.file("hello there", assessment=scored("immediate"))
    with world.database.writing() as session:
        session.execute(update(Message).values(sealed_assessment=None))
    shown = html.unescape(world.signed_in("ana").get(f"/case/{filed.reference}").text)
    assert "hello there" in shown
    assert "taken away or exchanged" in shown


def test_a_text_the_rules_cannot_read_says_that_a_person_must_judge(world: World) -> None:
    filed = world.file("hallo", assessment=scored("urgent", scored=False, language="und"))
    shown = world.signed_in("ana").get(f"/case/{filed.reference}").text
    assert "Not scored: the rules cannot read this text." in shown
    assert "Language unknown" in shown


def test_what_the_reporter_ticked_is_shown(world: World) -> None:
    filed = world.file("hello", facts={"adult_concern": "yes"})
    assert "about an adult who works at school" in world.signed_in("ana").get(f"/case/{filed.reference}").text


def test_somebody_who_said_it_is_not_safe_to_write_back_is_not_answered_unwarned(world: World) -> None:
    filed = world.file("hello", facts={"safe_to_write_back": "no"})
    shown = world.signed_in("ana").get(f"/case/{filed.reference}").text
    assert "it is not safe to write back here" in shown.partition('id="reply"')[2]


def test_the_times_at_which_a_reporter_may_be_answered_are_shown(world: World) -> None:
    facts = {"safe_to_write_back": "times", "safe_times": "after <four>", "pictures_not_kept": "2"}
    shown = world.signed_in("ana").get(f"/case/{world.file('hello', facts=facts).reference}").text
    assert "write back only at these times: after &lt;four&gt;" in shown
    assert "Sent pictures that are not kept: 2" in shown


def test_the_view_needs_no_script_and_nothing_from_elsewhere(world: World) -> None:
    filed = world.file("hello")
    answer = world.signed_in("ana").get(f"/case/{filed.reference}")
    assert "<script" not in answer.text
    assert " style=" not in answer.text
    assert "//" not in answer.text.replace("<!DOCTYPE html>", "").replace("https://staff.example.test", "")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_altered_team_directory_is_alarmed_on_every_view(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    assert "tampered" not in member.get("/").text
    with world.database.writing() as session:
        session.add(DirectoryEntry(seq=99, payload=b"{}", signer="ana", signature=bytes(64)))
    for path in ("/", f"/case/{filed.reference}"):
        assert "tampered" in member.get(path).text
