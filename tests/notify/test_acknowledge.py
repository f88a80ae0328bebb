"""Somebody says "I have it", and everybody who was called learns who."""

from dataclasses import replace

from sqlalchemy import update

from notify.tables import PageCode
from tests.notify.world import World
from vault.keyed import number_key


def test_code_from_the_phone_acknowledges(world: World) -> None:
    page = world.open()
    result = world.text("ana", f"{world.code_of('ana')} got it")
    assert (result.kind, result.by_name, result.reference) == ("acknowledged", "Ana", "K7QM-29TX")
    taken = world.page(page)
    assert (taken.state, taken.acknowledged_by) == ("acknowledged", "m-ana")
    assert "page_acknowledged" in world.audited()


def test_nothing_more_goes_out_after_an_acknowledgement(world: World) -> None:
    world.open()
    world.text("ana", world.code_of("ana"))
    world.read_case("ana")
    world.pass_time(24 * 3600)
    assert len(world.carrier.texts) == 1
    assert world.carrier.rung() == [world.phone["ana"]]


def test_those_already_paged_are_told_who_has_it(world: World) -> None:
    world.open()
    world.pass_time(120)
    world.text("ben", world.code_of("ben"))
    assert world.carrier.to(world.phone["ana"])[-1] == "Tipline: Ben has case K7QM-29TX."
    assert len(world.carrier.to(world.phone["ben"])) == 1
    assert not world.carrier.to(world.phone["cleo"])


def test_second_acknowledgement_is_told_who_won(world: World) -> None:
    page = world.open()
    world.pass_time(120)
    ana, ben = world.code_of("ana"), world.code_of("ben")
    world.text("ben", ben)
    result = world.text("ana", ana)
    assert (result.kind, result.by_name) == ("already", "Ben")
    assert world.page(page).acknowledged_by == "m-ben"


def test_pressing_one_in_the_call_acknowledges(world: World) -> None:
    page = world.open()
    call = world.attempts(channel="voice")[0].id
    assert f"/carrier/voice/{call}" in world.carrier.calls[0][1]
    assert world.press(call, "5").kind == "unknown_code"
    assert world.press(call, "").kind == "unknown_code"
    assert world.press(call, "1").kind == "acknowledged"
    assert world.page(page).acknowledged_by == "m-ana"


def test_digit_for_a_text_or_a_stranger_acknowledges_nothing(world: World) -> None:
    page = world.open()
    assert world.press(world.attempts(channel="sms")[0].id, "1").kind == "unknown_code"
    assert world.press("no such attempt", "1").kind == "unknown_code"
    assert world.page(page).state == "open"


def test_code_from_another_phone_is_refused_and_audited(world: World) -> None:
    page = world.open()
    assert world.text("ben", world.code_of("ana")).kind == "not_yours"
    assert world.text("+15559999", world.code_of("ana")).kind == "not_yours"
    assert world.page(page).state == "open"
    assert world.audited().count("acknowledgement_refused") == 2


def test_unknown_code_is_refused_and_audited(world: World) -> None:
    world.open()
    assert world.text("ana", "00000").kind == "unknown_code"
    assert world.text("ana", "what is this?").kind == "unknown_code"
    assert world.audited().count("acknowledgement_refused") == 2


def test_code_that_was_not_sent_yet_acknowledges_nothing(world: World) -> None:
    page = world.open()
    code = world.code_of("ana")
    with world.database.writing() as session:
        session.execute(update(PageCode).values(sent_at=None))
    assert world.text("ana", code).kind == "unknown_code"
    assert world.page(page).state == "open"


def test_only_someone_who_can_open_the_case_acknowledges(world: World) -> None:
    page = world.open()
    world.directory.teams["counseling"].discard("m-ana")
    assert world.text("ana", world.code_of("ana")).kind == "cannot_open"
    assert world.page(page).state == "open"
    world.pass_time(120)
    assert world.text("ben", world.code_of("ben")).kind == "acknowledged"


def test_bare_one_will_do_while_one_page_is_open(world: World) -> None:
    world.open()
    assert world.text("ana", " 1 ").kind == "acknowledged"
    assert world.text("ben", "1").kind == "unknown_code"


def test_bare_one_asks_which_of_two(world: World) -> None:
    world.open(subject="one")
    world.open(subject="two", reference="ABCD-2345")
    assert world.text("ana", "1").kind == "which"
    world.pass_time(31 * 60)
    assert world.text("ana", "1").kind != "acknowledged"


def test_bare_one_answers_the_repeats_as_well(world: World) -> None:
    """The half hour counts from the last text, not from the first: a page is repeated without end."""
    page = world.open()
    for _ in range(8):
        world.pass_time(300)
    assert world.text("ana", "1").kind == "acknowledged"
    assert world.page(page).acknowledged_by == "m-ana"


def test_bare_one_does_not_mean_the_newer_of_two_that_were_texted_just_now(world: World) -> None:
    world.open(subject="one")
    for _ in range(8):
        world.pass_time(300)
    world.open(subject="two", reference="ABCD-2345")
    assert world.text("ana", "1").kind == "which"


def test_two_pages_of_a_week_never_share_digits(world: World) -> None:
    codes = set()
    for number in range(30):
        world.open(subject=f"case {number}")
        codes.add(world.code_of("ana"))
    assert len(codes) == 30


def test_code_of_the_worse_page_covers_the_calmer_one(world: World) -> None:
    calm = world.open("urgent")
    worse = world.open("immediate")
    world.text("ana", world.code_of("ana"))
    assert {world.page(one).state for one in (calm, worse)} == {"acknowledged"}


def test_code_of_the_calmer_page_leaves_the_worse_one(world: World) -> None:
    calm = world.open("urgent")
    code = world.code_of("ana")
    worse = world.open("immediate")
    world.text("ana", code)
    assert [world.page(one).state for one in (calm, worse)] == ["acknowledged", "open"]


def test_acknowledged_but_not_opened_goes_on_after_ten_minutes(world: World) -> None:
    page = world.open()
    world.text("ana", world.code_of("ana"))
    world.pass_time(599)
    assert len(world.carrier.calls) == 1
    world.pass_time(1)
    assert world.carrier.rung()[1:] == [world.phone["ben"]]
    assert world.page(page).state == "open"
    assert world.text("ben", world.code_of("ben")).kind == "acknowledged"


def test_opening_the_case_ends_it(world: World) -> None:
    page = world.open()
    world.text("ana", world.code_of("ana"))
    world.read_case("ana")
    world.pass_time(3600)
    assert world.page(page).seen_at is not None
    assert len(world.carrier.calls) == 1


def test_case_opened_before_the_reply_counts_for_the_one_who_opened_it(world: World) -> None:
    page = world.open()
    world.read_case("ana")
    world.text("ana", world.code_of("ana"))
    assert world.page(page).next_at is None


def test_case_opened_by_another_before_does_not_count(world: World) -> None:
    page = world.open()
    world.read_case("ben")
    world.text("ana", world.code_of("ana"))
    assert world.page(page).next_at == world.clock.moment + 600_000


def test_member_takes_the_case_in_the_open_view(world: World) -> None:
    page = world.open()
    assert page is not None
    assert world.take_in_view(page, "cleo").kind == "acknowledged"
    assert world.page(page).seen_at == world.clock.moment
    assert world.take_in_view(page, "ben").by_name == "Cleo"
    assert world.take_in_view(page, "dan").kind == "cannot_open"


def test_responder_is_answered_in_their_language(world: World) -> None:
    world.hire("luz", locale="es")
    world.rotate("district", "luz")
    world.open(teams=("district",))
    assert world.text("luz", "1").locale == "es"


def test_no_number_is_in_the_audit(world: World) -> None:
    world.open()
    world.text("ben", world.code_of("ana"))
    with world.database.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT actor, facts FROM audit_event").all()
    kept = " ".join(str(row) for row in rows)
    for number in world.phone.values():
        assert number not in kept
        assert number_key(b"responder numbers", number) not in kept


def test_a_page_of_one_step_goes_on_with_the_same_digits_when_its_case_was_not_opened(world: World) -> None:
    steps = {"immediate": ("on_call by sms, wait 2 min",)}
    world.settings = replace(world.settings, policies=steps)
    page = world.open()
    code = world.code_of("ana")
    world.text("ana", code)
    world.pass_time(600)
    assert (world.page(page).state, world.code_of("ana")) == ("open", code)
