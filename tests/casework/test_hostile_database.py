"""Somebody who writes to the database, and perhaps is a member elsewhere, gets no reply and no name."""

from sqlalchemy import delete, update

from tests.casework.world import INSTALL, SCHOOL, World
from vault import members, threads
from vault.directory import add_team
from vault.kem import PrivateKey
from vault.people_tables import Member
from vault.recovery import RecoveryKeys
from vault.tables import Message, RecipientTeam, Report, Wrap
from vault.threads import Content, Recipient

THIEF = PrivateKey.from_seed(bytes(31) + b"\x63")
ROOT = RecoveryKeys.from_seed(bytes(31) + b"\x01").signer


def _refused(world: World, reference: str, seen: int) -> bool:
    member = world.signed_in("ana")
    member.get(f"/case/{reference}")
    answer = member.post(f"/case/{reference}/reply", text="We are here.", seen=seen)
    return answer.status_code == 409 and "Somebody changed it" in answer.text


def test_a_first_message_of_a_forger_does_not_draw_the_reply_to_them(world: World) -> None:
    """Nobody signs a reporter's message: the rest of the thread still says whose thread it is."""
    filed = world.file("hello")
    world.write_again(filed, "it is worse now")
    first = threads.ThreadHead(INSTALL, SCHOOL.id, filed.report_id)
    to = (*world.directory.recipients_of(["counseling"]), Recipient("receipt", THIEF.public))
    forged = threads.seal_message(first, "reporter", Content("hello"), to)
    with world.database.writing() as session:
        old = session.query(Message).filter_by(report_id=filed.report_id, seq=0).one().id
        session.execute(delete(Wrap).where(Wrap.message_id == old))
        session.execute(delete(Message).where(Message.id == old))
        session.execute(update(Report).values(reporter_public=THIEF.public.encode()))
    with world.database.writing() as session:
        threads.begin(session, forged, 0)
    assert _refused(world, filed.reference, seen=2)


def test_a_reporters_key_taken_away_is_noticed_before_a_reply_is_called_sent(world: World) -> None:
    filed = world.file("hello")
    with world.database.writing() as session:
        session.execute(update(Report).values(reporter_public=None))
    assert _refused(world, filed.reference, seen=1)


def test_a_team_of_another_school_reads_nothing_though_a_forged_message_names_it(world: World) -> None:
    with world.database.writing() as session:
        directory = add_team(session, ROOT, world.directory, "elsewhere", "south", "counseling", ["dora"])
    filed = world.file("hello")
    with world.database.writing() as session:
        head = threads.head(session, INSTALL, filed.report_id)
        to = [
            *directory.recipients_of(["counseling", "elsewhere"]),
            Recipient("receipt", filed.receipt.public),
        ]
        threads.append(session, threads.seal_message(head, "reporter", Content("and?"), to), 0)
        session.add(RecipientTeam(report_id=filed.report_id, team_id="elsewhere"))
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    assert member.post(f"/case/{filed.reference}/reply", text="We are here.", seen=2).status_code == 303
    reply = world.read_with_receipt(filed)[-1]
    assert (reply.text, set(reply.sealed_to)) == ("We are here.", {"team:counseling:1", "receipt"})


def test_a_seed_put_into_somebodys_account_does_not_sign_in_as_them(world: World) -> None:
    seed = members.wrap_seed(bytes(31) + b"\x63", "thief", "test", owner="ana")
    with world.database.writing() as session:
        session.execute(update(Member).where(Member.id == "ana").values(wrapped_seed=seed))
    browser = world.browser()
    browser.sign_in("ana", "thief")
    assert browser.get("/").headers["Location"] == "/sign-in"


def test_a_case_is_shown_whatever_urgency_somebody_wrote_into_the_database(world: World) -> None:
    filed = world.file("hello")
    with world.database.writing() as session:
        session.execute(update(Report).values(urgency="none"))
    shown = world.signed_in("ana").get(f"/case/{filed.reference}")
    assert (shown.status_code, "hello" in shown.text) == (200, True)
    assert _sent(world, filed.reference)


def _sent(world: World, reference: str) -> bool:
    member = world.signed_in("ana")
    member.get(f"/case/{reference}")
    return member.post(f"/case/{reference}/reply", text="We are here.", seen=1).status_code == 303
