"""What an operator does before a school is live: a drill, a code to each address, by the real commands."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import requests

from tests.journeys.conftest import NewDemo
from tests.journeys.demo import Demo, code_in, reference_in
from tests.notify.mailbox import Mailbox, serving
from tests.waiting import eventually

pytestmark = pytest.mark.slow

MAIL = """
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "tipline@school.test"
"""
WAYS = "person,way,address,after,quiet,language\ncounselor,email,counselor@school.test,,,\n"


@pytest.fixture(scope="module")
def box() -> Iterator[Mailbox]:
    with serving() as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def demo(new_demo: NewDemo, box: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """An install that also has a mail server."""
    install = new_demo(tmp_path_factory.mktemp("install"))
    install.init()
    install.config.write_text(_weekly(install.config.read_text()) + MAIL.format(port=box.port))
    install.start()
    box.came.clear()
    yield install
    install.stop()


def _weekly(config: str) -> str:
    """The file with a weekly test that is due: whatever the hour, somewhere it is noon of a covered day."""
    zone = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
    day = f"{datetime.now(ZoneInfo(zone)):%A}".lower()
    here = f'zone = "{zone}"\nself_test = "{day} 12:00"'
    hours = f'covered = {{ {day} = ["07:30-20:00"] }}'
    config = re.sub("^zone = .*", here, config, flags=re.MULTILINE)
    return re.sub("^covered = .*", hours, config, flags=re.MULTILINE)


def run(demo: Demo, *words: str, typed: str = "") -> str:
    with demo.running(*words) as command:
        said, _ = command.communicate(typed, timeout=60)
    assert command.returncode == 0, said
    return said


def submit(http: requests.Session, view: str, path: str, **fields: str) -> requests.Response:
    """Send the form of ``view`` that leads to ``path``."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', http.get(view, timeout=10).text)
    assert token
    return http.post(path, data={"csrf_token": token.group(1), **fields}, timeout=10)


def test_the_weekly_test_reaches_whoever_is_on_call_and_is_answered(demo: Demo) -> None:
    text = eventually(lambda: [one for one in demo.carrier.pages() if "Weekly test" in one["body"]], 40)[0]
    assert text["body"].startswith("DRILL. ")
    demo.carrier.send(text["to"], demo.carrier.number("pager"), code_in(text))
    eventually(
        lambda: [one for one in demo.carrier.messages(text["to"]) if "test reached you" in one["body"]]
    )


def test_a_drill_rings_says_so_and_tells_who_took_it(demo: Demo) -> None:
    with demo.running("drill", "--json", "--wait", "60") as drill:
        page = eventually(
            lambda: [one for one in demo.carrier.pages() if one["body"].startswith("DRILL. Tipline")], 20
        )[0]
        demo.carrier.send(page["to"], demo.carrier.number("pager"), code_in(page))
        said, _ = drill.communicate(timeout=60)
    assert drill.returncode == 0
    found = json.loads(said)
    assert (found["acknowledged"], found["reference"]) == (True, reference_in(page))
    assert found["by"] in {one["name"] for one in demo.carrier.phones()}
    assert found["channels"]["sms"]["errors"] == []


def test_a_drill_by_the_button_is_answered_and_proved_on_one_page_each(demo: Demo) -> None:
    http, own = requests.Session(), demo.sign_in("counselor")
    sign_in = f"{demo.casework}/sign-in"
    submit(http, sign_in, sign_in, login=own.login, password=own.password)
    start = f"{demo.casework}/drills/start"
    running = submit(http, start, start, school="larkspur")
    assert "It begins within seconds" in running.text
    before = len(demo.carrier.pages())
    new = eventually(lambda: demo.carrier.pages()[before:], 20)[0]
    assert new["body"].startswith("DRILL")
    demo.carrier.send(new["to"], demo.carrier.number("pager"), code_in(new))
    done = eventually(lambda: _answered(http.get(running.url, timeout=10).text), 40)
    assert reference_in(new) in done
    assert re.search(r"text: left after [\d.]+ s, on the phone after [\d.]+ s", done)
    proof = demo.casework + re.findall(r'href="(/page/\w+/proof)"', done)[0]
    proved = eventually(lambda: _proved(http.get(proof, timeout=10).text), 40)
    assert "HAS IT, by text" in proved
    assert http.get(f"{proof}.pdf", timeout=10).content.startswith(b"%PDF")
    by_command = json.loads(demo.tipline("proof", reference_in(new), "--json"))
    assert [(one["standing"], one["missing"]) for one in by_command] == [("whole", [])]


def _answered(view: str) -> str:
    """The view of a drill that somebody took by a text that arrived."""
    told = " ".join(view.split())
    return told if re.search(r"answered after [\d.]+ s", told) and "on the phone after" in told else ""


def _proved(view: str) -> str:
    return view if "Proved: every event" in view else ""


def test_a_phone_is_its_members_once_they_read_out_its_code(demo: Demo) -> None:
    with demo.running("contacts", "verify", "--login", "district") as verifying:
        text = eventually(
            lambda: [one for one in demo.carrier.messages() if "your code is" in one["body"]], 30
        )[0]
        code = re.search(r"code is (\d{6})", text["body"])
        assert code
        said, _ = verifying.communicate(f"123\n{code.group(1)}\n", timeout=60)
    assert verifying.returncode == 0
    assert "That is not it." in said
    assert "The phone of Lena Okoye is verified." in said
    assert code.group(1) not in said


def test_a_test_goes_by_each_way_of_a_person(demo: Demo) -> None:
    said = run(demo, "contacts", "test", "district")
    assert [line.split(":")[0] for line in said.splitlines()] == ["ok   text", "ok   call"]
    assert [one for one in demo.carrier.messages() if "Nobody needs you now" in one["body"]]


def test_who_has_only_a_mailbox_is_verified_called_and_takes_the_case(demo: Demo, box: Mailbox) -> None:
    ways = demo.folder / "ways.csv"
    ways.write_text(WAYS)
    run(demo, "roster", "import", str(ways))
    with demo.running("contacts", "verify", "--login", "counselor", "--by", "email") as verifying:
        letter = eventually(lambda: box.saying("code is", "counselor@school.test"), 30)[0]
        code = re.search(r"code is (\d{6})", box.words(letter))
        assert code
        said, _ = verifying.communicate(f"{code.group(1)}\n", timeout=60)
    assert "The email address of" in said
    with demo.running("drill", "--json", "--wait", "60") as drill:
        notice = eventually(lambda: box.saying("/case/", "counselor@school.test"), 20)[0]
        link = box.words(notice).split()[-1]
        assert link == f"{demo.casework}/case/{reference_in({'body': notice['Subject']})}"
        http, own = requests.Session(), demo.sign_in("counselor")
        # A scanner that follows the link, and the member who signs in by it, take nothing yet.
        assert "/sign-in?back=/case/" in http.get(link, timeout=10).url
        sign_in = f"{demo.casework}/sign-in"
        shown = submit(http, sign_in, sign_in, login=own.login, password=own.password, back=link[-15:]).text
        take = re.search(r"/page/[^/]+/acknowledge", shown)
        assert take
        assert drill.poll() is None
        submit(http, link, demo.casework + take.group(0))
        found = json.loads(drill.communicate(timeout=60)[0])
    assert (found["acknowledged"], found["channels"]["email"]["errors"]) == (True, [])


def test_the_status_tells_how_the_weekly_test_ended(demo: Demo) -> None:
    def told() -> list[dict[str, object]]:
        with demo.running("status", "--json") as command:
            found = json.loads(command.communicate(timeout=60)[0])["self_tests"]
        return [one for one in found if one["by"]]

    (test,) = eventually(told, 60)
    assert (test["school"], test["well"], test["failed"]) == ("larkspur", True, [])
