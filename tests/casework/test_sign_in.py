"""Signing in, staying signed in, signing out."""

import pytest

from casework.settings import StaffSettings
from tests.casework.world import MINUTE, Browser, World
from vault import directory as directories
from vault.database import Database
from vault.people_tables import Member, StaffSession
from vault.recovery import RecoveryKeys

COOKIE = "__Host-tipline-staff"


def test_the_right_password_opens_the_inbox(world: World) -> None:
    member = world.browser()
    answer = member.sign_in("ana")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "Ana Example" in member.get("/").text
    assert ("member:ana", "signed_in", "") in world.audited()


@pytest.mark.parametrize(("login", "password"), [("ana", "guessed-1"), ("nobody", "guessed-1")])
def test_a_wrong_password_and_an_unknown_login_are_told_the_same(
    world: World, login: str, password: str
) -> None:
    member = world.browser()
    answer = member.sign_in(login, password)
    assert answer.status_code == 401
    assert "Login, password or code is wrong." in answer.text
    assert password not in answer.text
    assert member.get("/").status_code == 303
    assert ("unknown", "sign_in_refused", "") in world.audited()


def test_the_cookies_are_for_this_host_and_for_http_alone(world: World) -> None:
    member = world.browser()
    cookies = [*member.get("/sign-in").headers.getlist("Set-Cookie")]
    cookies += member.sign_in("ana").headers.getlist("Set-Cookie")
    kept = [cookie for cookie in cookies if "Max-Age=0" not in cookie]
    assert {cookie.partition("=")[0] for cookie in kept} == {
        COOKIE,
        "__Host-tipline-form",
        "__Host-tipline-browser",
    }
    for cookie in kept:
        attributes = set(cookie.split("; ")[1:])
        assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= attributes
        assert not any(one.startswith("Domain") for one in attributes)


def test_a_demo_on_loopback_signs_in_without_tls(database: Database) -> None:
    world = World(database, StaffSettings(loopback_demo=True))
    member = world.browser("http://127.0.0.1:8001")
    assert member.sign_in("ana").status_code == 303
    shown = member.get("/")
    assert shown.status_code == 200
    assert "No school reads this" in shown.text


def test_a_session_ends_when_nothing_happens(world: World) -> None:
    member = world.signed_in("ana")
    world.clock.moment += 29 * MINUTE
    assert member.get("/").status_code == 200
    world.clock.moment += 31 * MINUTE
    assert member.get("/").status_code == 303


def test_a_view_that_refreshes_itself_does_not_keep_a_session_alive(world: World) -> None:
    member = world.signed_in("ana")
    for _ in range(3):
        world.clock.moment += 15 * MINUTE
        last = member.get("/?refreshed=1")
    assert last.status_code == 303


def test_a_session_ends_after_twelve_hours_whatever_happens(world: World) -> None:
    member = world.signed_in("ana")
    for _ in range(12 * 3):
        world.clock.moment += 20 * MINUTE
        assert member.get("/").status_code == 200
    world.clock.moment += MINUTE
    assert member.get("/").status_code == 303


def test_signing_out_ends_the_session_on_the_server(world: World) -> None:
    member = world.signed_in("ana")
    cookie = member.client.get_cookie(COOKIE, "staff.example.test")
    assert cookie is not None
    member.get("/")
    assert member.post("/sign-out").headers["Location"] == "/sign-in?notice=signed_out"
    thief = world.browser()
    thief.client.set_cookie(COOKIE, cookie.value, domain="staff.example.test", secure=True)
    assert thief.get("/").status_code == 303
    with world.database.reading() as session:
        assert session.query(StaffSession).count() == 0


def test_signing_in_makes_forms_from_before_worthless(world: World) -> None:
    member = world.browser()
    member.get("/sign-in")
    planted = member.token
    member.post("/sign-in", login="ana", password="correct horse battery staple")
    assert member.post("/sign-out", csrf_token=planted).status_code == 400


def test_somebody_who_left_is_out_at_once(world: World) -> None:
    member = world.signed_in("ana")
    root = RecoveryKeys.from_seed(bytes(31) + b"\x01").signer
    with world.database.writing() as session:
        directories.retire_member(session, root, world.reader.current(session), "ana")
    assert member.get("/").status_code == 303


def test_a_switched_off_account_is_out_at_once(world: World) -> None:
    member = world.signed_in("ana")
    with world.database.writing() as session:
        session.get_one(Member, "ana").active = False
    assert member.get("/").status_code == 303


def test_after_signing_in_one_is_where_one_wanted_to_go(world: World) -> None:
    filed = world.file("something")
    member = world.browser()
    asked = member.get(f"/case/{filed.reference}").headers["Location"]
    assert asked == f"/sign-in?back=/case/{filed.reference}"
    member.get(asked)
    answer = member.post(
        "/sign-in", login="ana", password="correct horse battery staple", back=f"/case/{filed.reference}"
    )
    assert answer.headers["Location"] == f"/case/{filed.reference}"


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "/sign-out"])
def test_no_address_leads_elsewhere_after_signing_in(world: World, back: str) -> None:
    assert world.browser().sign_in("ana", back=back).headers["Location"] == "/"


def test_a_reply_typed_into_a_dead_session_comes_back_after_signing_in(world: World) -> None:
    filed = world.file("something")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    world.clock.moment += 31 * MINUTE
    asked = member.post(f"/case/{filed.reference}/reply", text="We are <here> for you", seen=1)
    assert asked.status_code == 401
    assert "We are &lt;here&gt; for you" in asked.text
    kept = member.post(
        "/sign-in",
        login="ana",
        password="correct horse battery staple",
        back=f"/case/{filed.reference}",
        draft="We are <here> for you",
    )
    assert "We are &lt;here&gt; for you" in kept.text
    assert "here" not in str(kept.headers)
    case = member.post(f"/case/{filed.reference}/reply", text="We are <here> for you", prompt="kept", seen=0)
    assert case.status_code == 200
    assert "We are &lt;here&gt; for you</textarea>" in case.text
    assert len(world.read_with_receipt(filed)) == 1


def test_the_sign_in_view_speaks_the_browsers_language(world: World) -> None:
    stranger: Browser = world.browser()
    assert '<html lang="es">' in stranger.get("/sign-in", **{"Accept-Language": "es-MX,es;q=0.9"}).text
    assert '<html lang="en">' in stranger.get("/sign-in", **{"Accept-Language": "de"}).text
