"""Lines about no case: a test by one way leaves as a page would, and its end says how that way stands."""

from notify import checkup, findings, notes
from notify.duty_tables import ContactMethod
from notify.errors import TransportError
from notify.settings import PagingSettings
from notify.webhooks import About, status
from tests.notify.test_handover import Kept
from tests.notify.world import World


def post(world: World, way: str, kind: str = notes.TEST) -> str:
    with world.database.writing() as session:
        sent = notes.post(session, world.clock.moment, session.get_one(ContactMethod, way), kind)
    world.deliver_due()
    return sent


def test_a_test_leaves_by_the_way_it_is_of_in_the_persons_language(world: World) -> None:
    mail = Kept()
    world.give("email", mail)
    world.hire("eva", channels=("sms", "voice", "email"), locale="es")
    for way in ("eva-sms", "eva-voice", "eva-email"):
        post(world, way)
    said = "Tipline: esto es una prueba. Nadie le necesita ahora."
    assert world.carrier.to(world.phone["eva"]) == [said]
    ((number, twiml),) = world.carrier.calls
    assert (number, said in twiml, "Gather" in twiml) == (world.phone["eva"], True, False)
    assert [(one.to, one.body) for one in mail.parcels] == [("eva@school.test", said)]


def test_its_end_is_known_as_a_pages_is_and_a_later_one_heals(world: World) -> None:
    world.rotate("nurses", "ana")
    attempt = post(world, "ana-sms")
    (row,) = world.attempts(id=attempt)
    assert row.state == "sent"
    with world.database.writing() as session:
        about = About(str(row.provider_id), attempt_id=attempt)
        alarm = status(session, world.clock.moment, about, "undelivered", "30004")
    assert alarm == "roster_30004"
    assert kinds(world) == ["failing"]
    world.clock.moment += 1
    healed = world.attempts(id=post(world, "ana-sms"))[0]
    with world.database.writing() as session:
        status(session, world.clock.moment, About(str(healed.provider_id), attempt_id=healed.id), "delivered")
    assert kinds(world) == []


def kinds(world: World) -> list[str]:
    with world.database.reading() as session:
        found = findings.look(session, world.clock.moment, PagingSettings())
    return [one.kind for one in found if one.name == "Ana" and one.kind != "unverified"]


def test_a_way_that_is_gone_takes_its_test_with_it_and_nobody_elses(world: World) -> None:
    with world.database.writing() as session:
        notes.post(session, world.clock.moment, session.get_one(ContactMethod, "ana-sms"), notes.TEST)
        session.delete(session.get_one(ContactMethod, "ana-sms"))
    world.deliver_due()
    assert [(one.state, one.error_code) for one in world.attempts()] == [("failed", "no_method")]
    assert world.carrier.texts == []


def test_a_test_that_the_carrier_refuses_for_good_is_the_phones_and_ours_is_not(world: World) -> None:
    for code, whose in (("21211", "phone"), ("30002", "account"), ("21610", "stop")):
        world.carrier.refusals["sms"] = TransportError(code, permanent=True)
        world.clock.moment += 1
        post(world, "ana-sms")
        with world.database.reading() as session:
            (way, *_) = checkup.look(session, world.clock.moment, ["r-ana"])["r-ana"]
        assert way.test
        assert (way.test.state, way.test.whose) == ("failed", whose)


def test_urgent_pages_go_before_a_test(world: World) -> None:
    with world.database.writing() as session:
        notes.post(session, world.clock.moment, session.get_one(ContactMethod, "ana-sms"), notes.TEST)
        world.open_only(session)
    first, *_, last = world.due()
    kinds_of = {one.id: one.kind for one in world.attempts()}
    assert (kinds_of[first], kinds_of[last]) == ("page", "test")
