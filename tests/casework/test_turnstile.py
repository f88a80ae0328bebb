"""Guessing is slowed; nobody else is."""

from hypothesis import given
from hypothesis import strategies as st

from casework.turnstile import Turnstile
from tests.casework.world import NIGHT, World

SECOND = 1000


def test_who_mistypes_a_few_times_does_not_wait() -> None:
    door = Turnstile()
    assert [door.enter(NIGHT, "1.2.3.4", "ana", "") for _ in range(4)] == [0, 0, 0, 0]
    assert door.enter(NIGHT, "1.2.3.4", "ana", "") == SECOND


def test_each_further_try_costs_twice_as_long_and_a_minute_at_most() -> None:
    door, now, waits = Turnstile(), NIGHT, []
    for _ in range(14):
        wait = door.enter(now, "1.2.3.4", "ana", "")
        waits.append(wait // SECOND)
        now += wait
        assert wait == 0 or door.enter(now, "1.2.3.4", "ana", "") == 0
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_many_names_from_one_place_wait_as_one() -> None:
    door = Turnstile()
    tried = [door.enter(NIGHT, "1.2.3.4", f"name-{number}", "") for number in range(30)]
    assert tried[:20] == [0] * 20
    assert all(tried[20:])


def test_who_tries_from_elsewhere_or_from_a_known_browser_does_not_wait() -> None:
    door = Turnstile()
    for number in range(40):
        door.enter(NIGHT, "1.2.3.4", f"name-{number}", "")
        door.enter(NIGHT, "1.2.3.4", "ana", "")
    assert door.enter(NIGHT, "1.2.3.4", "ana", "") > 0
    assert door.enter(NIGHT, "5.6.7.8", "ana", "") == 0
    assert door.enter(NIGHT, "1.2.3.4", "ana", "her laptop") == 0


def test_a_right_one_begins_anew_but_pays_for_no_spray() -> None:
    door = Turnstile()
    for number in range(20):
        door.enter(NIGHT, "1.2.3.4", f"name-{number}", "")
    for _ in range(3):
        door.passed("1.2.3.4", "mine", "")
        door.enter(NIGHT + SECOND, "1.2.3.4", "mine", "")
    assert door.enter(NIGHT + SECOND, "1.2.3.4", "name-21", "") > 0


@given(
    st.lists(st.tuples(st.integers(0, 120_000), st.sampled_from("abc"), st.sampled_from("xy")), max_size=60)
)
def test_nobody_waits_longer_than_a_minute(tries: list[tuple[int, str, str]]) -> None:
    door, now = Turnstile(), NIGHT
    for later, source, login in tries:
        now += later
        assert 0 <= door.enter(now, source, login, "") <= 60_000


def test_a_slowed_guess_is_not_even_looked_at(world: World) -> None:
    guesser = world.browser()
    answers = [guesser.sign_in("ana", f"guess-{number}") for number in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 4 + [429] * 2
    assert "Wait 1 s" in answers[-1].text
    assert answers[-1].headers["Retry-After"] == "1"
    assert guesser.sign_in("ana").status_code == 429


def test_the_counselor_next_door_signs_in_while_somebody_guesses(world: World) -> None:
    counselor = world.signed_in("ana")
    guesser = world.browser()
    for number in range(40):
        guesser.sign_in("ana" if number % 2 else f"name-{number}", "guess")
    assert guesser.sign_in("ana").status_code == 429
    assert counselor.sign_in("ana").status_code == 303
