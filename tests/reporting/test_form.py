"""The form: what a reporter sees, sends and gets back."""

from dataclasses import replace
from pathlib import Path

import pytest

from reporting.headers import POLICY
from reporting.schools import School
from tests.reporting.browser import box, digits, fill, hidden, post, send, words
from tests.reporting.world import FRIDAY_NIGHT, MAPLE, MINUTE, WEDNESDAY, World
from vault.database import Database

OAK = School("oak", "Oak School", MAPLE.zone, MAPLE.hours)
SECRET = "Somebody in my class hurts himself and told nobody."


def test_the_form_has_one_box_help_and_a_way_out(world: World) -> None:
    shown = world.client().get("/").text
    assert shown.count("<textarea") == 1
    for needed in ("911", "988", 'href="/leave"', "Send now", "an adult who works at school", 'class="skip'):
        assert needed in shown
    assert "<select" not in shown


def test_the_form_speaks_the_language_of_the_browser_or_the_one_chosen(world: World) -> None:
    client = world.client()
    from_browser = client.get("/", headers={"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}).text
    assert 'lang="es"' in from_browser
    assert "oprima 2" in from_browser
    assert "Enviar ahora" in client.get("/?lang=es").text
    assert "Send now" in client.get("/?lang=en", headers={"Accept-Language": "es"}).text
    assert "Send now" in client.get("/?lang=xx", headers={"Accept-Language": "tlh"}).text


def test_a_message_is_received_sealed_and_readable_by_the_team_only(world: World) -> None:
    received = send(world.client(), SECRET)
    assert received.status_code == 200
    assert "Received" in received.text
    assert len(words(received).split()) == 6
    assert len(digits(received).replace(" ", "")) == 24
    (report,) = world.reports()
    (item,) = world.read_as("ana", report.id)
    assert (item.state, item.text) == ("opened", SECRET)
    assert world.read_as("dora", report.id)[0].state == "closed"
    assert world.bell.rung == 1


def test_nothing_readable_reaches_the_disk(world: World, tmp_path: Path) -> None:
    received = send(world.client(), SECRET)
    world.database.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in (SECRET, "hurts himself", words(received), digits(received)):
        assert secret.encode() not in stored


@pytest.mark.parametrize("path", ["/", "/check", "/leave", "/healthz", "/nowhere"])
def test_no_cookie_no_trace_no_foreign_script(world: World, path: str) -> None:
    answer = world.client().get(path)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == ("private, no-cache" if path == "/" else "no-store")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    assert "http" not in POLICY


def test_a_double_click_is_one_report_with_one_receipt(world: World) -> None:
    client = world.client()
    fields = {**fill(client), "text": SECRET}
    first, second = post(client, "/", fields), post(client, "/", fields)
    assert words(first) == words(second)
    (report,) = world.reports()
    assert len(world.read_as("ana", report.id)) == 1
    assert world.bell.rung == 1


def test_back_and_reload_show_the_same_receipt_for_half_an_hour(world: World) -> None:
    client = world.client()
    fields = {**fill(client), "text": SECRET}
    first = words(post(client, "/", fields))
    world.clock.turn(29 * MINUTE)
    assert words(post(client, "/", fields)) == first
    world.clock.turn(3 * MINUTE)
    assert words(post(client, "/", fields)) != first
    assert len(world.reports()) == 2


def test_changed_text_after_back_is_added_to_the_same_report(world: World) -> None:
    client = world.client()
    fields = {**fill(client), "text": SECRET}
    first = post(client, "/", fields)
    second = post(client, "/", {**fields, "text": SECRET + " It is Tom in 7b."})
    assert words(first) == words(second)
    (report,) = world.reports()
    assert [item.text for item in world.read_as("ana", report.id)] == [SECRET, SECRET + " It is Tom in 7b."]


def test_a_form_left_open_for_hours_is_still_sent_once(world: World) -> None:
    client = world.client()
    fields = {**fill(client), "text": SECRET}
    world.clock.turn(5 * 60 * MINUTE)
    assert words(post(client, "/", fields)) == words(post(client, "/", fields))
    assert len(world.reports()) == 1


@pytest.mark.parametrize("nonce", ["", "forged", "é", "AAAA" * 18, "=" * 72])
def test_a_bad_nonce_is_never_a_reason_to_refuse(world: World, nonce: str) -> None:
    assert "Received" in send(world.client(), SECRET, nonce=nonce).text
    assert len(world.reports()) == 1


def test_a_nonce_of_another_day_is_replaced(world: World) -> None:
    client = world.client()
    fields = {**fill(client), "text": SECRET}
    world.clock.turn(25 * 60 * MINUTE)
    assert "Received" in post(client, "/", fields).text


def test_an_empty_box_comes_back_with_what_was_ticked(world: World) -> None:
    client = world.client()
    fields = {**fill(client), "text": " \n ", "adult": "yes"}
    again = post(client, "/", fields)
    assert "The box is empty" in again.text
    assert "checked" in again.text
    assert hidden(again)["nonce"] == fields["nonce"]
    assert world.reports() == []


def test_without_a_school_the_text_stays_in_the_box(database: Database, tmp_path: Path) -> None:
    world = World(database, tmp_path, schools=(MAPLE, OAK))
    client = world.client()
    assert "<select" in client.get("/").text
    again = send(client, "<b>help</b> & \n\nme", school="elm")
    assert "choose your school" in again.text
    assert box(again) == "<b>help</b> & \n\nme"
    assert "Received" in send(client, "help", school="maple").text


def test_when_nothing_can_be_committed_the_answer_says_not_received(world: World) -> None:
    client = world.client()
    fields = {**fill(client), "text": SECRET}
    with world.database.writing() as session:
        session.connection().exec_driver_sql("ALTER TABLE message RENAME TO message_gone")
    failed = post(client, "/", fields)
    assert failed.status_code == 503
    assert "NOT received" in failed.text
    assert box(failed) == SECRET
    assert "911" in failed.text
    assert "988" in failed.text
    assert world.bell.alarms == ["intake_cannot_commit"]
    with world.database.writing() as session:
        session.connection().exec_driver_sql("ALTER TABLE message_gone RENAME TO message")
    assert "Received" in post(client, "/", {**hidden(failed), "text": box(failed)}).text
    assert len(world.reports()) == 1


def test_outside_covered_hours_it_says_who_reads_when(world: World) -> None:
    world.clock.moment = FRIDAY_NIGHT
    received = send(world.client(), "The lights in the gym are broken.").text
    assert "nobody at school will read this before Monday 7:30 AM (Mountain Time)" in received
    assert "counselors</li>" in received
    spanish = send(world.client(), "Las luces del gimnasio no funcionan.", "es").text
    assert "nadie de la escuela leerá esto antes del lunes a las 7:30 am" in spanish


def test_during_covered_hours_it_does_not_promise_a_live_reader(world: World) -> None:
    world.clock.moment = WEDNESDAY
    received = send(world.client(), "The lights in the gym are broken.").text
    assert "It is school hours" in received
    assert "Nobody sits and watches" in received


def test_what_is_about_an_adult_at_school_goes_to_the_district_only(world: World) -> None:
    received = send(world.client(), "He shouts at us every day.", adult="yes")
    assert "a team at the school district" in received.text
    assert "counselors" not in received.text
    (report,) = world.reports()
    assert world.read_as("dora", report.id)[0].facts["adult_concern"] == "yes"
    assert world.read_as("ana", report.id)[0].state == "closed"


def test_ticking_the_box_after_back_sends_it_to_the_district(world: World) -> None:
    client = world.client()
    fields = {**fill(client), "text": SECRET}
    post(client, "/", fields)
    post(client, "/", {**fields, "adult": "yes"})
    (report,) = world.reports()
    assert [item.state for item in world.read_as("ana", report.id)] == ["opened", "closed"]
    assert [item.state for item in world.read_as("dora", report.id)] == ["closed", "opened"]


def test_a_very_long_message_is_kept_as_far_as_it_fits(world: World) -> None:
    client = world.client()
    whole = "é" * 16_000
    assert "very long" not in send(client, whole).text
    assert "very long" in send(client, "día " * 400_000).text
    kept = [world.read_as("ana", report.id)[0].text for report in world.reports()]
    assert whole in kept
    assert max(len(text.encode()) for text in kept) > 900_000


def test_a_demo_says_that_nobody_reads_it_on_every_view(database: Database, tmp_path: Path) -> None:
    world = World(database, tmp_path, schools=(replace(MAPLE, demo=True),))
    client = world.client()
    for view in (client.get("/"), client.get("/check"), send(client, "hello")):
        assert "This is a demonstration. Nobody reads it." in view.text


def test_leaving_goes_to_a_neutral_page(world: World) -> None:
    away = world.client().get("/leave")
    assert away.status_code == 303
    assert away.headers["Location"] == world.deps.settings.exit_url


def test_health_needs_no_database_and_readiness_does(world: World) -> None:
    client = world.client()
    assert client.get("/readyz").status_code == 200
    broken = world.client(database=Database("sqlite:////nowhere/at/all.db"))
    assert broken.get("/healthz").status_code == 200
    assert broken.get("/").status_code == 200
    assert broken.get("/readyz").status_code == 503


def test_readiness_is_red_while_pages_may_not_leave_and_the_form_is_still_there(world: World) -> None:
    world.impaired = True
    client = world.client()
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    assert client.get("/").status_code == 200


def test_a_page_that_a_phone_puts_back_leads_to_where_it_can_go_on(world: World) -> None:
    """It asks by GET for what was answered to a POST; nothing of that is shown, and the language stays."""
    client = world.client()
    for path, to in (("/send", "/"), ("/thread", "/check"), ("/thread/write", "/check")):
        away = client.get(f"{path}?lang=ar")
        assert (away.status_code, away.headers["Location"]) == (303, f"{to}?lang=ar")


def test_an_address_with_a_typing_error_says_where_to_go_on_and_whom_to_call(world: World) -> None:
    lost = world.client().get("/read-the-answer?lang=ar")
    assert lost.status_code == 404
    assert all(f'href="{to}"' in lost.text for to in ("/?lang=ar", "/check?lang=ar", "tel:911", "tel:988"))
    assert 'dir="rtl"' in lost.text
    assert "read-the-answer" not in lost.text
