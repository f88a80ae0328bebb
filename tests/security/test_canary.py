"""A sentence, a name, a receipt and a number go every way that there is, and stay where they belong.

The set-up with all servers: PostgreSQL with a role for each process, a queue, workers, monitoring. Things
break meanwhile: the database, the queue, and the process that just takes a message.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
import requests

from tests.journeys.demo import Demo, reference_in
from tests.security.installs import COUNSELOR, Install
from tests.security.site import Site
from tests.servers import Valkey, libpq, new_postgresql
from tests.waiting import eventually

NAME, SENTENCE = "Zanzibarine", "the heron flew over lantern street"
TOLD = f"{NAME} says she will kill herself tonight and {SENTENCE}"
REPLY, REASON = "marzipan quokka", "subpoena of the lantern court"


@pytest.fixture
def site(
    postgresql_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Site, Valkey]]:
    queue, folder = Valkey(), tmp_path / "install"
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    queue.start()
    with new_postgresql(postgresql_server) as database:
        made = Site(folder, database, queue.new_address())
        made.init()
        made.monitored()
        made.start()
        yield made, queue
        made.stop()
    queue.stop()


@pytest.mark.slow
def test_what_somebody_told_is_nowhere_that_it_must_not_be(site: tuple[Site, Valkey], tmp_path: Path) -> None:
    demo, queue = site
    number = demo.carrier.reporter()
    receipt = tells(demo)
    texts(demo, number)
    reference = reference_in(eventually(demo.carrier.pages, 30)[0])
    answers(demo, reference)
    while_the_database_is_stuck(demo)
    queue_files = demo._queued()  # noqa: SLF001 - what was ever told to it, before it dies
    queue.kill()
    assert "Received" in written(demo, TOLD)
    said = commands(demo, reference, tmp_path) + demo.metrics()
    everywhere = {
        "the install's files": Demo.everything_written(demo) + demo._rows(),  # noqa: SLF001 - without the queue
        "the database's files": demo.files_of_the_database(),
        "the queue": queue_files,
        "arguments": demo.arguments(),
        "temporary files": _all_of(tmp_path / "tmp"),
        "what commands and metrics say": said.encode(),
        "addresses and headers": "\n".join(demo.heard).encode(),
        "the backup": (tmp_path / "one.backup").read_bytes(),
        "what left by the carrier": "\n".join(
            str(one) for one in demo.carrier.messages() if number not in {one["from"], one["to"]}
        ).encode(),
    }
    canaries = (SENTENCE, NAME, receipt, receipt.replace(" ", "-"), REPLY, number)
    found = {
        (place, word) for place, whole in everywhere.items() for word in canaries if word.encode() in whole
    }
    assert found == set()
    assert REASON.encode() in everywhere["the install's files"], "the search finds what is there"


def tells(demo: Site) -> str:
    """By the form, again, wrongly, and back with the receipt; the receipt."""
    received = written(demo, TOLD)
    receipt = re.findall(r'<p class="words"[^>]*>([a-z -]+)</p>', received)[0]
    assert "Received" in written(demo, SENTENCE, nonce="not one of ours")
    wrong = demo.say(f"{demo.form}/thread?lang=en", receipt=f"{receipt} {NAME}")
    assert SENTENCE not in wrong.text
    thread = demo.say(f"{demo.form}/thread?lang=en", receipt=receipt)
    assert SENTENCE in thread.text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', thread.text))
    assert "Received" in demo.say(f"{demo.form}/thread/write", **{**fields, "text": f"{NAME} again"}).text
    demo.say(f"{demo.form}/{NAME}?{SENTENCE}")
    demo.heard.pop()  # what a stranger puts into an address is theirs; it may be in no file of ours
    return str(receipt)


def written(demo: Site, told: str, **fields: str) -> str:
    return demo.say(f"{demo.form}/?lang=en", text=told, school="", **fields).text


def texts(demo: Site, number: str) -> None:
    """By phone, with and without the carrier's signature."""
    demo.carrier.send(number, demo.carrier.number("line"), TOLD)
    eventually(lambda: demo.carrier.messages(to=number, kind="sms"))
    forged = {"From": number, "To": demo.carrier.number("line"), "Body": TOLD, "MessageSid": "SMforged"}
    assert demo.say(f"{demo.form}/carrier/sms", **forged).status_code == 403


def answers(demo: Site, reference: str) -> None:
    """A member signs in, mistyping once, and replies."""
    who = demo.sign_in(COUNSELOR)
    cookie, token = "", ""

    def view(path: str, **form: str) -> str:
        nonlocal cookie, token
        sent = {"csrf_token": token, **form} if form else {}
        answer = demo.say(f"{demo.casework}{path}", cookie, **sent)
        jar = dict(one.partition("=")[::2] for one in cookie.split("; ") if one)
        jar |= answer.cookies.get_dict() | {one.name: one.value or "" for one in answer.cookies}
        cookie = "; ".join(f"{name}={value}" for name, value in jar.items())
        token = next(iter(re.findall(r'name="csrf_token" value="([^"]+)"', answer.text)), token)
        return answer.text

    view("/sign-in")
    view("/sign-in", login=who.login, password=f"{SENTENCE} {NAME}")
    view("/sign-in", login=who.login, password=who.password)
    shown = view(f"/case/{reference}")
    assert NAME in shown
    seen = re.findall(r'name="seen"[^>]* value="(\d+)"', shown)[0]
    view(f"/case/{reference}/reply", text=REPLY, seen=seen)
    assert REPLY in view(f"/case/{reference}")


def while_the_database_is_stuck(demo: Site) -> None:
    """A slow query: NOT received, with the words still in the box. Then the process dies of a second one."""
    with psycopg.connect(libpq(demo.database)) as holder:
        holder.execute("LOCK TABLE report IN ACCESS EXCLUSIVE MODE")
        refused = written(demo, TOLD)
        assert "NOT" in refused
        assert SENTENCE in refused
        waiting = threading.Thread(target=_dies_of_it, args=(demo,))
        waiting.start()
        eventually(lambda: _waits(demo))
        killed = demo.kill("public")
        waiting.join()
    eventually(lambda: demo.restarted("public", killed), 30)
    eventually(lambda: _is_open(demo), 30)


def _dies_of_it(demo: Site) -> None:
    with suppress(requests.RequestException):
        written(demo, TOLD)


def _is_open(demo: Site) -> bool:
    with suppress(requests.RequestException):
        return demo.say(f"{demo.form}/healthz").ok
    return False


def _waits(demo: Site) -> bool:
    asked = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with psycopg.connect(libpq(demo.database)) as connection:
        return connection.execute(asked).fetchone() is not None


def commands(demo: Site, reference: str, folder: Path) -> str:
    """What an operator reads, and what a member writes into a file for a court."""
    login = demo.sign_in(COUNSELOR)
    install = Install(demo.config, passwords={COUNSELOR: login.password})
    typed = f"{login.login}\n{login.password}\n\n{REASON}\nstate law\n"
    done = install.run("export-case", reference, "--to", str(folder / "case.json"), typed=typed)
    assert done.exit_code == 0, done.exception
    assert SENTENCE in (folder / "case.json").read_text()
    lines = ("status", "check", "audit verify", "audit export", "retention --dry-run", "oncall", "hold list")
    said = [install.run(*line.split()).output for line in (*lines, f"backup {folder / 'one.backup'}")]
    return "\n".join((done.output.replace(REASON, ""), *said))


def _all_of(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
