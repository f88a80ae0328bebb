"""Renders the reporter's views. What is the same for everybody is rendered once and kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from reporting import moments
from reporting.draft import Filed
from reporting.frames import Frames, hole
from reporting.schools import School
from templates.words import ROOT, render
from vault.threads import ThreadItem

STYLE = (ROOT / "public" / "style.css").read_text(encoding="utf-8")
SCRIPT = (ROOT / "public" / "exit.js").read_text(encoding="utf-8")
SAFE = ("yes", "no", "times")
_RECEIVED = {name: hole(name) for name in ("words", "digits", "token")}
_THREAD = {name: hole(name) for name in ("token", "text", "times")}


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the thread view shows it; ``at`` in words."""

    state: str
    author: str
    text: str
    at: str


@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """What the last step in a thread came to: something ``filed``, a ``problem``, and what is in the box."""

    text: str = ""
    safe: str = ""
    times: str = ""
    filed: Filed | None = None
    cut: bool = False
    problem: str = ""
    withdrawn: bool = False


@dataclass(frozen=True)
class Views:
    """The views of one install."""

    schools: Mapping[str, School]
    _frames: Frames = field(default_factory=Frames)

    def empty_form(self, locale: str, school: str, nonce: str) -> str:
        """The form as everybody gets it; only the nonce differs."""
        known = school if school in self.schools else ""
        return self._frames.fill(
            ("form", locale, known), lambda: self.form(locale, known, nonce=hole("nonce")), nonce=nonce
        )

    def form(
        self, locale: str, school: str, *, nonce: str, text: str = "", adult: bool = False, problem: str = ""
    ) -> str:
        """The form, with what was typed; ``problem``: empty, school, not_stored, or none."""
        return self._render(
            "form",
            locale,
            languages_at="" if text else f"/?school={school}&" if school in self.schools else "/?",
            schools=tuple(self.schools.values()),
            school=school,
            nonce=nonce,
            text=text,
            adult=adult,
            problem=problem,
        )

    def received(self, locale: str, school: School, filed: Filed, token: str, *, cut: bool) -> str:
        """What is answered to a stored message; ``cut``: not all of it was kept."""
        when = self._when(locale, school, filed)
        return self._frames.fill(
            ("received", locale, cut, *when.values()),
            lambda: self._render("received", locale, cut=cut, **_RECEIVED, **when),
            words=filed.receipt.words if filed.receipt else "",
            digits=filed.receipt.digits if filed.receipt else "",
            token=token,
        )

    def check(self, locale: str, *, typed: str = "", text: str = "", problem: str = "") -> str:
        """The question for a receipt; ``problem``: unknown, expired, not_stored, or none."""
        at = "" if typed or text else "/check?"
        return self._render("check", locale, languages_at=at, typed=typed, text=text, problem=problem)

    def nowhere(self, locale: str) -> str:
        """What an address shows that is none of ours: the way to those that are."""
        return self._frames.fill(
            ("nowhere", locale), lambda: self._render("nowhere", locale, languages_at="/?")
        )

    def withdraw(self, locale: str, token: str) -> str:
        """The question before a thread is taken back."""
        return self._frames.fill(
            ("withdraw", locale), lambda: self._render("withdraw", locale, token=hole("token")), token=token
        )

    def thread(
        self,
        locale: str,
        school: School,
        items: Sequence[ThreadItem],
        token: str,
        step: Step,
    ) -> str:
        """A thread with a box to write again."""
        shown = [_shown(item, school, locale) for item in items]
        kinds = [(one.state, one.author) for one in shown]
        said = {f"text_{number}": one.text for number, one in enumerate(shown)}
        dated = {f"at_{number}": one.at for number, one in enumerate(shown)}
        answered = any(item.author == "member" and item.state == "opened" for item in items)
        when = self._when(locale, school, step.filed) if step.filed else {}
        fixed = {
            "answered": answered,
            "safe": step.safe if step.safe in SAFE else "",
            "cut": step.cut,
            "problem": step.problem,
            "withdrawal": school.withdrawal,
            "withdrawn": step.withdrawn,
        }
        return self._frames.fill(
            ("thread", locale, *kinds, *fixed.values(), *when.values()),
            lambda: self._render(
                "thread", locale, filed=bool(when), items=_items(locale, kinds), **_THREAD, **fixed, **when
            ),
            token=token,
            text=step.text,
            times=step.times,
            **said,
            **dated,
        )

    def _when(self, locale: str, school: School, filed: Filed) -> dict[str, object]:
        today = school.local(filed.now).replace(hour=0, minute=0, second=0, microsecond=0)
        return {
            "school": school.name,
            "roles": filed.roles,
            "alerted": filed.alerted(school),
            "covered": school.covered(filed.now),
            "opens": moments.opening(school.next_open(filed.now), today, locale),
            "zone": moments.zone_name(school.zone, locale),
        }

    def _render(self, name: str, locale: str, **values: object) -> str:
        schools = tuple(self.schools.values())
        site = schools[0].name if len(schools) == 1 else ""
        return render(
            f"public/{name}.html",
            locale,
            style=Markup(STYLE),  # noqa: S704 - our own file, the one whose hash the policy names
            script=Markup(SCRIPT),  # noqa: S704 - as above
            demo=any(school.demo for school in schools),
            site=site,
            **{"languages_at": "", **values},
        )


def _items(locale: str, kinds: Sequence[tuple[str, str]]) -> Markup:
    """A thread's list, with holes for what its items say and when. ``kinds``: their states and authors."""
    blank = [
        Shown(state, author, hole(f"text_{number}"), hole(f"at_{number}"))
        for number, (state, author) in enumerate(kinds)
    ]
    return Markup(render("public/items.html", locale, items=blank))  # noqa: S704 - escaped by its template


def _shown(item: ThreadItem, school: School, locale: str) -> Shown:
    at = moments.past(school, item.minute, locale) if item.minute else ""
    return Shown(item.state, item.author, item.text, at)
