"""From nothing to a live school, by the operator's commands alone and with a carrier behind https."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests import tls
from tests.journeys.demo import Carrier, code_in
from tests.journeys.test_found import Founded
from tests.serving import address, serve
from tests.waiting import eventually
from wiring.simulator.app import simulator_app
from wiring.simulator.settings import Account, Phone, SimulatorSettings

pytestmark = pytest.mark.slow

NOTICE = "This is a demonstration. Nobody reads it."
PHONES = {"ann": "01", "ben": "02", "cleo": "05", "dan": "04"}
LINE = Account("AC01", "ab" * 16, "+15555550100", "line")
PAGER = Account("AC02", "ab" * 16, "+15555550199", "pager")
SECTIONS = f"""
[carrier.line]
number = "{LINE.number}"
account_sid = "{LINE.sid}"

[carrier.pager]
number = "{PAGER.number}"
account_sid = "{PAGER.sid}"
"""


class Real(Founded):
    """Whatever a school needs: no demo, no simulator of its own, addresses that others reach."""

    def decided(self, text: str) -> str:
        for key, value in {
            "base_address": self.carrier.base,
            "ca_file": str(self.folder.parent / "carrier.pem"),
            "post_to": "https://alarm.example.org",
            "heartbeat_to": "https://deadman.example.org",
        }.items():
            text = re.sub(rf'^{key} = ""$', f'{key} = "{value}"', text, flags=re.MULTILINE)
        for name in ("public", "staff"):
            new = rf'\1"https://{name}.example.org"'
            text = re.sub(rf'(^\[{name}\].*?^address = )""', new, text, flags=re.DOTALL | re.MULTILINE)
        # The carrier's webhooks do not reach this machine: answers are asked for.
        for key, value in {"poll_carrier_s": "1", "texts_per_s": "0"}.items():
            text = re.sub(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
        return text + SECTIONS

    def says_live(self) -> None:
        text = self.config.read_text("utf-8")
        self.config.write_text(text.replace("\nlive = false", "\nlive = true"), "utf-8")

    def notice(self) -> bool:
        return NOTICE in requests.get(f"{self.form}/?lang=en", timeout=10).text

    def served(self) -> tuple[str, ...]:
        return (self.form, self.casework)


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Real]:
    made = Real(tmp_path / "install")
    context, ca_file = tls.certificate(tmp_path)
    phones = tuple(Phone(f"+155555501{end}", login, "member") for login, end in PHONES.items())
    nowhere = "http://127.0.0.1:9"
    app = simulator_app(SimulatorSettings(tmp_path / "phones.db", phones, (LINE, PAGER), nowhere))
    server = serve(app, tls.HOST, context)
    made.carrier = Carrier(address(server), ca_file)
    made.init()
    made.start()
    yield made
    made.stop()
    server.shutdown()
    server.server_close()


def verify_everybody(install: Real) -> None:
    """Each reads the code on their own phone to the operator, who types it."""
    with ExitStack() as stack:
        asking = {
            login: stack.enter_context(install.running("contacts", "verify", "--login", login))
            for login in PHONES
        }
        for login, process in asking.items():
            said, _ = process.communicate(f"{code_on(install, login)}\n", timeout=60)
            assert process.returncode == 0, said


def code_on(install: Real, login: str) -> str:
    phone = f"+155555501{PHONES[login]}"
    texts = eventually(lambda: install.carrier.messages(to=phone, kind="sms"), 30)
    found = re.search(r"code is (\d{6})", texts[0]["body"])
    assert found
    return found.group(1)


def take_a_drill(install: Real) -> None:
    with install.running("drill", "--wait", "60") as drill:
        page = eventually(install.carrier.pages, 30)[0]
        assert page["body"].startswith("DRILL")
        install.carrier.send(page["to"], PAGER.number, code_in(page))
        said, _ = drill.communicate(timeout=70)
    assert drill.returncode == 0, said


def test_a_school_goes_live_and_the_notice_goes(install: Real) -> None:
    assert install.notice()
    verify_everybody(install)
    take_a_drill(install)
    assert "passed" in install.tipline("live", "--school", "maple")
    assert install.notice(), "the file does not say so yet"
    install.says_live()
    before = install.kill("public")
    eventually(lambda: install.restarted("public", before) and install.is_up(), 30)
    assert not install.notice()
    assert "live: maple" in install.tipline("check")
