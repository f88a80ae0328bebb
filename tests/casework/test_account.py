"""A member's own account: another password, a second factor."""

import re
from base64 import b32decode

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from werkzeug.test import TestResponse

from casework.settings import StaffSettings
from tests.casework.world import MINUTE, PASSWORD, Browser, World
from vault.database import Database

BETTER = "lantern gravel opera thirteen moss"
HALF_MINUTE = 30_000


def secret_shown(answer: TestResponse) -> str:
    found = re.search(r'name="secret" value="([A-Z2-7]+)"', answer.text)
    assert found
    return found.group(1)


def code_of(secret: str, world: World, later: int = 0) -> str:
    """What an authenticator shows (SHA-1 is the one they all know)."""
    step = world.clock.moment // HALF_MINUTE + later
    return HOTP(b32decode(secret), 6, SHA1()).generate(step).decode()  # noqa: S303


def with_factor(world: World, login: str = "ana") -> tuple[Browser, str]:
    member = world.signed_in(login)
    secret = secret_shown(member.get("/account"))
    answer = member.post(
        "/account/second-factor", secret=secret, code=code_of(secret, world), password=PASSWORD
    )
    assert answer.headers["Location"] == "/account?notice=factor_set"
    world.clock.moment += MINUTE
    return member, secret


def test_another_password_signs_out_everywhere_and_opens_the_same_keys(world: World) -> None:
    filed = world.file("still mine to read")
    elsewhere, member = world.signed_in("ana"), world.signed_in("ana")
    member.get("/account")
    answer = member.post("/account/password", password=PASSWORD, new=BETTER, again=BETTER)
    assert answer.headers["Location"] == "/sign-in?notice=password_changed"
    assert {browser.get("/").status_code for browser in (elsewhere, member)} == {303}
    assert member.sign_in("ana").status_code == 401
    assert member.sign_in("ana", BETTER).status_code == 303
    assert "still mine to read" in member.get(f"/case/{filed.reference}").text
    assert ("member:ana", "password_changed", "") in world.audited()


@pytest.mark.parametrize(
    ("present", "new", "again", "said"),
    [
        ("wrong one", BETTER, BETTER, "the present password is wrong"),
        (PASSWORD, "short pass", "short pass", "at least 12 characters"),
        (PASSWORD, "password1234", "password1234", "too easy to guess"),
        (PASSWORD, "Ana Example ana", "Ana Example ana", "too easy to guess"),
        (PASSWORD, BETTER, "something else altogether", "The two are not the same."),
    ],
)
def test_a_bad_change_changes_nothing(world: World, present: str, new: str, again: str, said: str) -> None:
    member = world.signed_in("ana")
    member.get("/account")
    answer = member.post("/account/password", password=present, new=new, again=again)
    assert answer.status_code == 400
    assert said in answer.text
    assert new not in answer.text
    assert member.get("/").status_code == 200
    assert world.browser().sign_in("ana").status_code == 303


def test_with_a_second_factor_the_password_alone_opens_nothing(world: World) -> None:
    _, secret = with_factor(world)
    answer = world.browser().sign_in("ana")
    assert answer.status_code == 401
    assert "Login, password or code is wrong." in answer.text
    assert world.browser().sign_in("ana", code="000000").status_code == 401
    assert world.browser().sign_in("ana", code=code_of(secret, world)).status_code == 303
    assert world.browser().sign_in("ben").status_code == 303


@pytest.mark.parametrize(("later", "status"), [(-2, 401), (-1, 303), (0, 303), (1, 303), (2, 401)])
def test_a_phone_may_be_half_a_minute_off(world: World, later: int, status: int) -> None:
    _, secret = with_factor(world)
    world.clock.moment += MINUTE
    assert world.browser().sign_in("ana", code=code_of(secret, world, later)).status_code == status


def test_a_new_phone_takes_the_place_of_the_old_one(world: World) -> None:
    member, old = with_factor(world)
    new = secret_shown(member.get("/account"))
    assert new != old
    member.post("/account/second-factor", secret=new, code=code_of(new, world), password=PASSWORD)
    world.clock.moment += MINUTE
    assert world.browser().sign_in("ana", code=code_of(old, world)).status_code == 401
    assert world.browser().sign_in("ana", code=code_of(new, world)).status_code == 303


def test_a_second_factor_is_set_and_taken_away_with_the_password_alone(world: World) -> None:
    member = world.signed_in("ana")
    secret = secret_shown(member.get("/account"))
    wrong = member.post("/account/second-factor", secret=secret, code=code_of(secret, world), password="no")
    assert (wrong.status_code, secret_shown(wrong)) == (400, secret)
    wrong = member.post("/account/second-factor", secret=secret, code="123456", password=PASSWORD)
    assert "the code does not fit" in wrong.text
    member, _ = with_factor(world)
    assert member.post("/account/second-factor", password="no").status_code == 400
    assert member.post("/account/second-factor", password=PASSWORD).status_code == 303
    assert world.browser().sign_in("ana").status_code == 303


def test_where_it_is_required_nothing_is_shown_before(database: Database) -> None:
    world = World(database, StaffSettings(second_factor="required"))
    filed = world.file("for those with two factors")
    member = world.signed_in("ana")
    for address in ("/", f"/case/{filed.reference}"):
        assert member.get(address).headers["Location"] == "/account"
    assert member.post(f"/case/{filed.reference}/reply", text="hello", seen=1).status_code == 303
    assert len(world.read_with_receipt(filed)) == 1
    member, _ = with_factor(world)
    assert "for those with two factors" in member.get(f"/case/{filed.reference}").text
    assert member.post("/account/second-factor", password=PASSWORD).status_code == 400
