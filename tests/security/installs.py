"""A demo install as the security stories need it: with the paper on which its recovery words stand."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from click.testing import CliRunner, Result

from notify.alarm import LogAlarm
from reporting.draft import Draft, Filed
from reporting.receipt import Receipt
from reporting.web_origin import WebOrigin
from vault.directory import team_private_keys
from vault.kem import new_seed
from vault.members import MemberKeys, find, unlock
from vault.threads import ThreadItem, open_thread
from wiring import ground, public
from wiring.auditing import make_auditor
from wiring.cli import tipline
from wiring.config import load
from wiring.ground import Ground

COUNSELOR = "counselor"
DANGER = "my friend says he is going to kill himself tonight and now he is not answering"


@dataclass
class Install:
    """``words``: the paper. ``passwords``: what members remember. Both outlive the machine."""

    config: Path
    words: str = field(default="", repr=False)
    passwords: dict[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def new(cls, folder: Path, database: str = "") -> "Install":
        made = cls(folder / "config.toml")
        said = made.run("init", "--demo", *(("--database", database) if database else ()))
        assert said.exit_code == 0, said.output
        made.words = " ".join(re.findall(r"^    (\w+(?: \w+){5})$", said.output, re.MULTILINE))
        lines = (folder / "demo-sign-ins.txt").read_text(encoding="utf-8").splitlines()[1:]
        made.passwords = {login: password for login, password, _ in (line.split("\t") for line in lines)}
        return made

    def copied(self, folder: Path, database: str = "") -> "Install":
        """The same install, people and paper, in a folder of its own; ``database``: a copy of this one's."""
        shutil.copytree(self.folder, folder)
        made = replace(self, config=folder / self.config.name)
        if database:
            text = made.config.read_text(encoding="utf-8")
            own = load(self.config).database_url
            assert own in text
            made.config.write_text(text.replace(own, database), encoding="utf-8")
        return made

    @property
    def folder(self) -> Path:
        return self.config.parent

    def run(self, *words: str, typed: str = "") -> Result:
        """A command of ours, with what somebody types."""
        options = () if words[0] == "restore" else ("--config", str(self.config))
        return CliRunner().invoke(tipline, [*words, *options], input=typed)

    @contextmanager
    def running(self) -> Iterator[Ground]:
        laid = ground.lay(load(self.config))
        try:
            yield laid
        finally:
            laid.close()

    def file(self, laid: Ground, text: str) -> Filed:
        """As a student does with the form."""
        deps = public.deps(laid)
        receipt = Receipt.from_nonce(deps.secrets.form, new_seed())
        pepper = deps.secrets.pepper
        origin = WebOrigin.of(receipt, pepper=pepper, install=deps.install, from_form=True)
        return deps.intake.file(Draft(next(iter(laid.schools.values())), text, "en", origin))

    def reads(self, laid: Ground, report_id: str, login: str = COUNSELOR) -> tuple[ThreadItem, ...]:
        """What a member sees who signs in with the password they remember."""
        with laid.database.reading() as session:
            member, seed = unlock(find(session, login), self.passwords[login])
            directory = laid.directory.current(session)
            keys = team_private_keys(session, laid.install, MemberKeys.from_seed(member.id, seed), directory)
            return open_thread(session, laid.install, report_id, keys, directory)

    def chain(self, laid: Ground) -> None:
        """One round of the pager's audit work."""
        make_auditor(laid, LogAlarm()).round()
