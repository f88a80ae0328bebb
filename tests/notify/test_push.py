"""Push by the real Apprise to a target on the loopback: who hears what, and that no token is ever logged."""

import logging
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from notify.channels import Parcel
from notify.channels.faults import FAULTS
from notify.channels.push import Push, is_address
from notify.errors import TransportError
from tests.notify.target import Target, serving
from tests.notify.world import World
from vault.database import Database

TOKEN = "a-token-that-nobody-may-see"
# As RFC 9110 has them; written down apart from the table that is tested. True: for good.
ANSWERS = {
    400: (True, "roster"),
    401: (True, "roster"),
    403: (True, "roster"),
    404: (True, "roster"),
    410: (True, "roster"),
    429: (False, ""),
    500: (False, ""),
    502: (False, ""),
    503: (False, ""),
    504: (False, ""),
    418: (False, ""),  # in no table
}


@pytest.fixture(scope="module")
def server() -> Iterator[Target]:
    with serving() as target:
        yield target


@pytest.fixture
def target(server: Target) -> Target:
    server.came.clear()
    server.status = 200
    return server


@pytest.fixture
def world(database: Database, target: Target) -> World:
    """Pia has a target of her own and a phone; she and Quin share their team's."""
    world = World.with_counselors(database)
    world.hire("pia", channels=("push", "voice"), addresses={"push": target.address(TOKEN)})
    world.hire("quin", channels=("push",), addresses={"push": target.address(TOKEN)})
    world.rotate("nurse", "pia")
    world.rotate("district", "quin")
    world.give("push", Push(timeout_s=2))
    return world


def refused(address: str, timeout_s: float = 2) -> TransportError:
    with pytest.raises(TransportError) as caught:
        Push(timeout_s).send(Parcel("a1", address, "Tipline", "Please look."))
    assert TOKEN not in str(caught.value)
    return caught.value


def test_a_page_reaches_the_target_without_content(world: World, target: Target) -> None:
    world.open(teams=("nurse",))
    ((path, posted),) = target.came
    assert path == f"/{TOKEN}"
    assert posted["title"] == "Tipline: IMMEDIATE case K7QM-29TX"
    assert posted["message"].splitlines()[-1] == "https://staff.example.test/case/K7QM-29TX"
    assert world.carrier.rung() == [world.phone["pia"]]


def test_a_target_that_a_team_shares_hears_of_a_step_once(world: World, target: Target) -> None:
    world.open(teams=("nurse", "district"))
    assert len(target.came) == 1
    assert [one.responder_id for one in world.attempts(channel="push")] == ["r-quin"]


def test_a_target_that_one_of_them_hears_later_hears_at_once_for_the_other(
    world: World, target: Target
) -> None:
    world.change("pia-push", after_s=600)
    world.open(teams=("district", "nurse"))
    assert len(target.came) == 1
    assert [one.responder_id for one in world.attempts(channel="push")] == ["r-quin"]


@pytest.mark.parametrize("status", [404, 503])
def test_a_target_that_fails_makes_the_phone_ring_now(world: World, target: Target, status: int) -> None:
    world.change("pia-voice", after_s=600)
    target.status = status
    page = world.open(teams=("nurse",))
    world.deliver_due()
    assert world.carrier.rung() == [world.phone["pia"]]
    assert world.alarms.sounded == (["roster_push_404"] if status == 404 else [])
    target.status = 200
    world.pass_time(2)
    (push,) = world.attempts(page_id=page, channel="push")
    assert push.state == ("failed" if status == 404 else "sent")


@pytest.mark.parametrize("status", ANSWERS)
def test_each_answer_of_a_target_means_what_the_table_says(target: Target, status: int) -> None:
    target.status = status
    found = refused(target.address(TOKEN))
    permanent, alarm = ANSWERS[status]
    assert (found.code, found.permanent) == (f"push_{status}", permanent)
    assert found.code not in FAULTS or FAULTS[found.code].alarm == alarm


def test_every_row_of_the_table_is_looked_at() -> None:
    rows = {code.removeprefix("push_") for code in FAULTS if code.startswith("push_")}
    assert rows == {str(status) for status in ANSWERS if status != 418} | {"failed", "address"}


def test_it_follows_nobody_elsewhere(target: Target) -> None:
    target.status = 307
    assert refused(target.address(TOKEN)).code == "push_307"
    assert [path for path, _ in target.came] == [f"/{TOKEN}"]


def test_nobody_listens_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert refused(f"json://127.0.0.1:{port}/{TOKEN}").code == "push_failed"


def test_a_target_that_hangs_is_given_up_within_the_lease() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        found = refused(f"json://127.0.0.1:{silent.getsockname()[1]}/{TOKEN}", timeout_s=0.5)
    assert found.code == "timeout"
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("address", ["nonsense", "syslog://", "dbus://", f"ntfyy://{TOKEN}", "json://"])
def test_what_is_no_address_of_theirs_is_the_rosters_trouble(address: str) -> None:
    assert not is_address(address)
    found = refused(address)
    assert (found.code, found.permanent, FAULTS[found.code].alarm) == ("push_address", True, "roster")


@pytest.mark.parametrize(
    "address",
    [
        f"ntfys://{TOKEN}",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#counselors",
        f"workflows://prod.westus.logic.azure.com/0123456789abcdef/{TOKEN}",
        "pover://abcdefghijklmnopqrstuvwxyz1234@abcdefghijklmnopqrstuvwxyz1234",
        f"matrixs://tipline:{TOKEN}@matrix.example.test/#counselors",
    ],
)
def test_one_address_reaches_each_of_them(address: str) -> None:
    assert is_address(address)


def test_no_line_of_a_log_shows_a_token(target: Target, capfd: pytest.CaptureFixture[str]) -> None:
    seen: list[str] = []
    hearing = logging.Handler()
    hearing.emit = lambda record: seen.append(record.getMessage())  # type: ignore[method-assign]
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(hearing)
    root.setLevel(logging.DEBUG)
    try:
        target.status = 500
        for address in (target.address(TOKEN), f"json://127.0.0.1:1/{TOKEN}", f"nonsense://{TOKEN}"):
            refused(address)
    finally:
        root.removeHandler(hearing)
        root.setLevel(level)
    said = capfd.readouterr()
    assert not [line for line in [*seen, said.out, said.err] if TOKEN in line]


def test_apprise_is_loaded_by_the_first_push_and_not_before() -> None:
    code = "import sys, notify.channels.push; sys.exit('apprise' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
