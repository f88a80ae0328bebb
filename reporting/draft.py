"""What comes in and what is answered: form and text line make a ``Draft``, intake answers ``Filed``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.orm import Session

from reporting.receipt import Receipt
from reporting.schools import School
from triage import Assessment
from vault.kem import PublicKey
from vault.teams import Directory


@dataclass(frozen=True, slots=True, repr=False)
class Case:
    """What intake must know of a report's row once it is there."""

    id: str
    school: str
    reference: str
    pseudonym: str


@dataclass(frozen=True, slots=True, repr=False)
class Joined:
    """The thread that a message joins. ``recent``: kinds of signal that came shortly before.

    ``again``: the very same message is already there.
    """

    report_id: str
    recent: tuple[str, ...] = ()
    again: bool = False


class Origin(Protocol):
    """Where a draft came from: a form's nonce, a receipt, or a phone that wrote to the line.

    ``fresh``: worth trying as a new report before looking for a thread (a form that was never sent). It keeps
    no rows of its own.
    """

    @property
    def channel(self) -> str: ...

    @property
    def fresh(self) -> bool: ...

    @property
    def receipt(self) -> Receipt | None: ...

    @property
    def lookup_id(self) -> str | None: ...

    @property
    def reporter_key(self) -> PublicKey | None: ...

    def joins(self, session: Session, now: int, directory: Directory, draft: "Draft") -> Joined | None:
        """The thread this draft belongs to, or None for a new one."""
        ...

    def keep(self, session: Session, now: int, case: Case, assessment: Assessment) -> None:
        """Write the origin's own rows, in the message's transaction."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """A message on its way in. ``facts`` are sealed with the text, for those who read it.

    ``drill``: nobody needs help; it says so itself, and counts in no figure.
    """

    school: School
    text: str
    locale: str
    origin: Origin
    adult_concern: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)
    drill: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Filed:
    """What is true once a message is stored. ``roles``: of the teams that can read it.

    ``first``: it began a thread. ``again``: it was already there, and nothing was stored.
    """

    now: int
    receipt: Receipt | None
    assessment: Assessment
    roles: tuple[str, ...]
    first: bool
    again: bool = False

    def alerted(self, school: School) -> bool:
        """True only where it is certain; an urgent message may have to wait for the morning."""
        urgency = self.assessment.urgency
        if urgency.value == "urgent":
            return self.assessment.wakes or school.covered(self.now)
        return urgency.value == "immediate"
