"""A stage for the pager's stories: one install with short delays, phones of the simulator, members at desks.

A story reads: expect this text on that phone, reply, expect that.
"""

import re
from collections.abc import Callable
from contextlib import closing
from itertools import count
from typing import Any

import requests
from sqlalchemy import select, text

from notify.tables import Page
from tests.journeys.demo import Demo, code_in, reference_in
from tests.waiting import eventually
from vault.database import Database
from wiring.demo_people import PEOPLE

SUICIDE = "my friend said shes going to kill herself tonight and now she wont answer"
THREAT = "tyler from my bus says he is bringing his dads gun tomorrow"
SECONDS = 15.0
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Phone:
    """One person's phone. What was expected once is not found again."""

    def __init__(self, demo: Demo, number: str) -> None:
        self.number = number
        self._demo = demo
        self._heard: set[str] = set()

    def expects(self, *words: str, kind: str = "sms", seconds: float = SECONDS) -> dict[str, Any]:
        """The next text (or call) here that says all of ``words``."""

        def look() -> list[dict[str, Any]]:
            return [one for one in self._unheard(kind) if all(word in one["body"] for word in words)]

        found = eventually(look, seconds)[0]
        self._heard.add(found["id"])
        return found

    def page(self, reference: str = "") -> dict[str, Any]:
        """The next text that asks for somebody."""
        return self.expects(reference, "Reply")

    def call(self, reference: str, *words: str) -> dict[str, Any]:
        """The next call about a case, which spells its reference."""
        spelled = ", ".join(" ".join(part) for part in reference.split("-"))
        return self.expects(spelled, *words, kind="call")

    def has_nothing(self, *words: str) -> bool:
        """Whether nothing unheard says all of ``words``."""
        unheard = (*self._unheard("sms"), *self._unheard("call"))
        return not any(all(word in one["body"] for word in words) for one in unheard)

    def says(self, body: str) -> None:
        """Answers by text."""
        self._demo.carrier.send(self.number, self._demo.carrier.number("pager"), body)

    def picks_up(self, call: dict[str, Any], digits: str) -> str:
        """Answers a call and presses ``digits``; what is said then."""
        return str(self._demo.carrier.answer(call["id"], digits)["said"])

    def _unheard(self, kind: str) -> list[dict[str, Any]]:
        found = self._demo.carrier.messages(to=self.number, kind=kind)
        return [one for one in found if one["id"] not in self._heard]


class Desk:
    """A member who is signed in to casework."""

    def __init__(self, demo: Demo, login: str) -> None:
        self._base = demo.casework
        self._http = requests.Session()
        listed = (demo.folder / "demo-sign-ins.txt").read_text(encoding="utf-8").splitlines()
        password = next(line.split()[1] for line in listed if line.split()[:1] == [login])
        self.presses("/sign-in", "/sign-in", login=login, password=password)

    def sees(self, path: str) -> str:
        return self._http.get(self._base + path, timeout=10).text

    def presses(self, view: str, path: str, **fields: str) -> str:
        """Sends the form of ``view`` that leads to ``path``; what is seen then."""
        token = _TOKEN.search(self.sees(view))
        assert token, view
        facts = {"csrf_token": token.group(1), **fields}
        return self._http.post(self._base + path, data=facts, timeout=10).text


class Stage:
    """``mara`` and ``jonas`` are the counselors, ``priya`` the social worker, ``tom`` the liaison."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        numbers = {one.login: one.number for one in PEOPLE}
        self.mara, self.jonas, self.priya, self.tom = (
            Phone(demo, numbers[login]) for login in ("counselor", "counselor-2", "social-worker", "liaison")
        )
        self._desks: dict[str, Desk] = {}
        self._students = count()

    def desk(self, login: str) -> Desk:
        if login not in self._desks:
            self._desks[login] = Desk(self.demo, login)
        return self._desks[login]

    def student(self) -> Phone:
        """Somebody nobody knows yet."""
        return Phone(self.demo, f"+1555556{next(self._students):04}")

    def tells(self, words: str, student: Phone | None = None) -> str:
        """A student texts the line; the case's reference, as Mara's phone has it."""
        before = self.references()
        self.writes(words, student or self.student())
        new = eventually(lambda: self.references(self.mara) - before, SECONDS)
        self.latest = self.mara.page(new.pop())
        return reference_in(self.latest)

    def writes(self, words: str, student: Phone) -> None:
        self.demo.carrier.send(student.number, self.demo.carrier.number("line"), words)

    def references(self, phone: Phone | None = None) -> set[str]:
        """Of all cases for which a phone (this one) was texted."""
        found = self.demo.carrier.pages()
        return {reference_in(one) for one in found if phone is None or one["to"] == phone.number}

    def taken(self, words: str = SUICIDE) -> str:
        """A case that Mara has."""
        reference = self.tells(words)
        self.mara.says(code_in(self.latest))
        self.mara.expects(f"You have case {reference}")
        return reference

    def member_id(self, reference: str, name: str) -> str:
        """As the view that offers a case names them."""
        shown = self.desk("counselor").sees(f"/case/{reference}/offer")
        found = re.search(rf'name="colleague" value="(\w+)"[^>]*> {name}', shown)
        assert found, shown
        return found.group(1)

    def command(self, *words: str, typed: str = "") -> str:
        with self.demo.running(*words) as process:
            said, _ = process.communicate(typed, timeout=60)
        assert process.returncode == 0, said
        return said

    def passes(self, statement: str) -> None:
        """Time passes: what was to happen later is due now."""
        with closing(self._database()) as database, database.writing() as session:
            session.execute(text(statement))

    def pages(self, **where: str) -> int:
        """How many there are; a page is there as soon as its student has an answer."""
        with closing(self._database()) as database, database.reading() as session:
            return len(session.scalars(select(Page).filter_by(**where)).all())

    def _database(self) -> Database:
        return Database(f"sqlite:///{self.demo.folder / 'tipline.db'}")

    def until(self, look: Callable[[], object]) -> None:
        eventually(look, SECONDS)


def with_paging(demo: Demo, **values: object) -> None:
    """Write these keys of [paging] into the install's configuration."""
    text = demo.config.read_text(encoding="utf-8")
    for key, value in values.items():
        shown = f'"{value}"' if isinstance(value, str) else value
        text = re.sub(rf"(?m)^{key} = .*\n", "", text)
        text = text.replace("[paging]\n", f"[paging]\n{key} = {shown}\n")
    demo.config.write_text(text, encoding="utf-8")
