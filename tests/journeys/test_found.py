"""A real install, from nothing: found with the recovery words, served, told something, read by a member."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from tests.install import pages
from tests.journeys.demo import Demo, code_in, reference_in
from tests.waiting import eventually
from wiring.secrets import Secrets

pytestmark = pytest.mark.slow

SECTIONS = """
[carrier.line]
number = "+15555550100"
account_sid = "AC01"

[carrier.pager]
number = "+15555550199"
account_sid = "AC02"

[simulator]
enabled = true
"""


class Founded(Demo):
    """Not the demo: `tipline init`, a file of people, and the simulator as carrier by configuration."""

    passwords: dict[str, str]

    def init(self) -> None:
        self.said = self.tipline("init")
        words = " ".join(re.findall(r"^    (\w+(?: \w+){5})$", self.said, re.MULTILINE))
        text = self.config.read_text(encoding="utf-8")
        for section in (r"carrier\.line", r"carrier\.pager", "simulator"):
            text = re.sub(rf"^\[{section}\].*?(?=^\[)", "", text, flags=re.DOTALL | re.MULTILINE)
        self.config.write_text(self.decided(text), encoding="utf-8")
        for process in ("public", "pager", "simulator"):
            for role in ("line", "pager"):
                Secrets(self.folder, process).write(f"carrier-{role}-token", "ab" * 16)
        numbers = Secrets(self.folder, "staff").text("responder-number-key")
        Secrets(self.folder, "simulator").write("responder-number-key", numbers)
        self._found(words)

    def decided(self, text: str) -> str:
        """The configuration, completed."""
        # Without TLS on this machine a browser would not send the members' cookies.
        return text.replace("\ndemo = false", "\ndemo = true") + SECTIONS

    def _found(self, words: str) -> None:
        people = str(pages.FOLDER / "people.toml")
        done = subprocess.run(
            [sys.executable, "-m", "wiring", "found", "--file", people, "--config", str(self.config)],
            input=words + "\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        self.passwords = dict(re.findall(r"^    (\w+) +(\S+)$", done.stdout, re.MULTILINE))


def _form(session: requests.Session, address: str, **fields: str) -> str:
    """Open a view and post its form as a browser does; what the answer says."""
    view = session.get(address, timeout=10).text
    form = view[view.index("<main") :]
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
    action = re.search(r'<form[^>]*action="([^"]*)"', form)
    to = urljoin(address, action.group(1)) if action else address
    headers = {"Origin": re.sub(r"(//[^/]+).*", r"\1", address), "Referer": address}
    return session.post(to, data={**hidden, **fields}, headers=headers, timeout=20).text


def test_a_founded_install_receives_pages_and_is_read(tmp_path: Path) -> None:
    install = Founded(tmp_path)
    install.init()
    install.start()
    try:
        with requests.Session() as student:
            said = _form(student, f"{install.form}/?lang=en", text="my friend wants to kill herself tonight")
        assert "Received" in said
        page = eventually(install.carrier.pages, 20)[0]
        assert page["to"] == "+15555550101"
        assert code_in(page)
        with requests.Session() as ann:
            _form(ann, f"{install.casework}/sign-in", login="ann", password=install.passwords["ann"])
            case = ann.get(f"{install.casework}/case/{reference_in(page)}", timeout=20).text
        assert "my friend wants to" in re.sub(r"<[^>]+>", "", case)
    finally:
        install.stop()
