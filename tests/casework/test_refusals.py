"""When it does not work: what is said, what is logged, and under which names there is no answer at all."""

import logging

import pytest

from casework.settings import StaffSettings
from tests.casework.world import World
from vault.database import Database


@pytest.mark.parametrize("path", ["/case/ABCD-2345", "/nowhere", "/case/ABCD-2345/close"])
def test_what_is_not_there_is_said_kindly(world: World, path: str) -> None:
    answer = world.signed_in("ana").get(path)
    assert answer.status_code == 404
    assert "There is no such case or view, or it is not for your teams." in answer.text


def test_a_wrong_method_has_our_own_view(world: World) -> None:
    answer = world.signed_in("ana").get("/sign-out")
    assert answer.status_code == 405
    assert "That did not work" in answer.text


def test_a_flood_of_a_form_is_refused(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    answer = member.post(f"/case/{filed.reference}/reply", text="x" * 300_000, seen=1)
    assert answer.status_code == 413
    assert "shorten it" in answer.text


def test_a_failure_gives_the_words_back_and_logs_none_of_them(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    filed = world.file("secret of the reporter")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    world.clock.failing = "secret of the database"
    with caplog.at_level(logging.DEBUG):
        answer = member.post(f"/case/{filed.reference}/reply", text="secret of the member", seen=1)
    assert answer.status_code == 500
    assert "secret of the member</textarea>" in answer.text
    assert "secret of the reporter" not in answer.text
    assert "RuntimeError at" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("path", ["/", "/sign-in", "/healthz", "/static/staff.css", "/nowhere"])
def test_under_the_public_name_nothing_answers(database: Database, path: str) -> None:
    world = World(database, StaffSettings(public_hosts=frozenset({"tell.example.test"})))
    for host in ("tell.example.test", "TELL.example.test.", "tell.example.test.:8443"):
        assert world.browser(f"https://{host}").get(path).status_code == 421
    assert world.browser("https://staff.example.test").get(path).status_code != 421


def test_one_port_can_be_public_and_another_not(database: Database) -> None:
    world = World(database, StaffSettings(public_hosts=frozenset({"127.0.0.1:8000"}), loopback_demo=True))
    assert world.browser("http://127.0.0.1:8000").get("/sign-in").status_code == 421
    assert world.browser("http://127.0.0.1:8001").get("/sign-in").status_code == 200


def test_alive_needs_no_database_and_no_sign_in(world: World) -> None:
    world.database.close()
    answer = world.browser().get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_every_answer_forbids_caching_framing_and_scripts(world: World) -> None:
    for path in ("/sign-in", "/nowhere", "/", "/static/staff.css"):
        headers = world.browser().get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Strict-Transport-Security"].startswith("max-age=")
