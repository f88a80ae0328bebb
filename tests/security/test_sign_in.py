"""At the door: names do not show, a code is good once, guessing is slow, a planted cookie opens nothing."""

import statistics
import threading
import time

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from sqlalchemy import select, update

from casework.credentials import judge
from tests.casework.world import PASSWORD, Browser, World
from vault import members, second_factor
from vault.database import Database
from vault.errors import WrongPasswordError
from vault.people_tables import Member, StaffSession

COOKIE = "__Host-tipline-staff"
HOST = "staff.example.test"
SEED = bytes(31) + b"\x02"
SECRET = b"12345678901234567890"


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_a_name_that_exists_takes_no_longer_than_one_that_does_not(world: World) -> None:
    """Accounts as a real install has them: Argon2id at its real cost."""
    wrapped = members.wrap_seed(SEED, PASSWORD, owner="ana")
    with world.database.writing() as session:
        session.execute(update(Member).where(Member.id == "ana").values(wrapped_seed=wrapped))
        session.execute(update(Member).where(Member.id == "ben").values(wrapped_seed=wrapped, active=False))
    took: dict[str, list[float]] = {"ana": [], "ben": [], "nobody": []}
    for _ in range(7):
        for login, times in took.items():
            times.append(_seconds_of_a_wrong_try(world, login))
    known, left, unknown = (statistics.median(times) for times in took.values())
    assert known > _seconds_of_a_hash(wrapped) / 2, "it was not hashed at its real cost"
    assert max(known, left, unknown) < 1.5 * min(known, left, unknown)


def _seconds_of_a_hash(wrapped: bytes) -> float:
    """The quickest of three, whatever the machine."""
    times = []
    for _ in range(3):
        began = time.thread_time()
        with pytest.raises(WrongPasswordError):
            members.unwrap_seed(wrapped, "guess", owner="ana")
        times.append(time.thread_time() - began)
    return min(times)


def _seconds_of_a_wrong_try(world: World, login: str) -> float:
    world.clock.moment += 3_600_000
    with world.app.test_request_context("/sign-in"):
        began = time.thread_time()
        with pytest.raises(WrongPasswordError):
            judge(world.app_deps, login, "guess", "")
        return time.thread_time() - began


def test_no_connection_is_held_while_a_password_is_hashed(postgresql_database: Database) -> None:
    """On a busy server a hash outlasts the time a transaction may idle: the sign-in would be cut off."""
    world = World(postgresql_database)
    _seconds_of_a_wrong_try(world, "nobody")
    trying = threading.Thread(target=_seconds_of_a_wrong_try, args=(world, "nobody"))
    trying.start()
    held: list[bool] = []
    while trying.is_alive():
        held.append(postgresql_database.engine.pool.checkedout() > 0)  # type: ignore[attr-defined]
        time.sleep(0.001)
    assert len(held) > 5
    assert sum(held) < len(held) / 2


def test_a_cookie_from_before_signing_in_is_worth_nothing_after(world: World) -> None:
    """Fixation: somebody plants their own session in a member's browser."""
    planted = _cookie(world.signed_in("ben"))
    victim = world.browser()
    victim.client.set_cookie(COOKIE, planted, domain=HOST, secure=True)
    assert "Ben Example" in victim.get("/").text
    assert victim.sign_in("ana").status_code == 303
    assert _cookie(victim) != planted
    assert "Ana Example" in victim.get("/").text
    assert _with_cookie(world, planted).get("/").status_code == 303
    with world.database.reading() as session:
        assert list(session.scalars(select(StaffSession.member_id))) == ["ana"]


def test_a_made_up_session_id_signs_nobody_in(world: World) -> None:
    assert _with_cookie(world, "A" * 43).get("/").status_code == 303


def test_a_session_row_moved_to_another_member_opens_nothing(world: World) -> None:
    mine = world.signed_in("ben")
    with world.database.writing() as session:
        session.execute(update(StaffSession).values(member_id="ana"))
    assert mine.get("/").status_code == 303


def test_a_code_of_the_second_factor_is_good_once(world: World) -> None:
    _give_factor(world)
    code = _code(world)
    assert world.browser().sign_in("ana", code=code).status_code == 303
    assert world.browser().sign_in("ana", code=code).status_code == 401
    assert world.browser().sign_in("ana", code=_code(world, -1)).status_code == 401
    assert world.browser().sign_in("ana", code=_code(world, 1)).status_code == 303


def test_another_members_second_factor_does_not_stand_in(world: World) -> None:
    """A writer to the database copies their own onto somebody else's account."""
    own = second_factor.seal_secret(SECRET, bytes(31) + b"\x03", "ben")
    with world.database.writing() as session:
        session.execute(update(Member).where(Member.id == "ana").values(sealed_totp=own))
    assert world.browser().sign_in("ana", code=_code(world)).status_code == 401


def test_spraying_slows_the_sprayer_and_locks_nobody_out(world: World) -> None:
    team = [world.signed_in(login) for login in ("ana", "ben", "sol")]
    sprayer = world.browser()
    tried = [sprayer.sign_in(f"name-{number % 20}", "Winter2026!").status_code for number in range(24)]
    assert tried[:20] == [401] * 20
    assert set(tried[20:]) == {429}
    assert sprayer.sign_in("ana", "Winter2026!").status_code == 429
    for login, member in zip(("ana", "ben", "sol"), team, strict=True):
        assert member.get("/").status_code == 200
        assert member.sign_in(login).status_code == 303


def test_guessing_through_the_night_is_little(world: World) -> None:
    """A guesser who waits exactly as told gets about one try a minute; counted in the door's own time."""
    door, looked_at = world.app_deps.turnstile, 0
    until = world.clock.moment + 3_600_000
    while world.clock.moment < until:
        wait = door.enter(world.clock.moment, "192.0.2.1", "ana", "")
        looked_at += wait == 0
        world.clock.moment += max(wait, 100)
    assert looked_at < 80


def _give_factor(world: World) -> None:
    sealed = second_factor.seal_secret(SECRET, SEED, "ana")
    with world.database.writing() as session:
        session.execute(update(Member).where(Member.id == "ana").values(sealed_totp=sealed))


def _code(world: World, later: int = 0) -> str:
    return HOTP(SECRET, 6, SHA1()).generate(world.clock.moment // 30_000 + later).decode()  # noqa: S303


def _cookie(browser: Browser) -> str:
    found = browser.client.get_cookie(COOKIE, HOST)
    assert found is not None
    return found.value


def _with_cookie(world: World, value: str) -> Browser:
    browser = world.browser()
    browser.client.set_cookie(COOKIE, value, domain=HOST, secure=True)
    return browser
