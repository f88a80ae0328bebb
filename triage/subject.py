"""Who is meant: the person at risk or threatening (self, other), and the people named by role."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from triage.compose import ROUTINE, Verdict
from triage.facts import Fact
from triage.model import Subject
from triage.ruleset import RuleSet

ROLES = ("staff", "parent", "officer", "relative", "partner", "adult")
_ACCUSED = frozenset(
    {"abuse", "sexual_violence", "bullying", "dating_violence", "hate", "threat_violence", "drugs"}
)


def subject_of(result: Verdict, tokens: Sequence[str], rules: RuleSet) -> Subject:
    """`self` when the writer is at risk or threatens, `other` for somebody else, `none` for neither."""
    if result.rank == ROUTINE and result.main is None:
        return "none"
    if result.subject in {"self", "other", "none"}:
        return result.subject  # type: ignore[return-value]  # just tested
    return _nearest(result.main, tokens, rules)


def _nearest(main: Fact | None, tokens: Sequence[str], rules: RuleSet) -> Subject:
    first, third = rules.classes["first_person"], rules.classes["third_person"]
    if main is None:
        return "self"
    inside = tokens[max(main.start - 1, 0) : main.end]
    for token in inside:
        if token in first:
            return "self"
        if token in third:
            return "other"
    for token in reversed(tokens[: main.start]):
        if token in third:
            return "other"
        if token in first:
            return "self"
    return "other" if any(token in third for token in tokens) else "self"


def roles_of(present: AbstractSet[str], rules: RuleSet) -> tuple[str, ...]:
    """Roles named among the words present, in a fixed order."""
    return tuple(
        role for role in ROLES if not rules.classes.get(f"role_{role}", frozenset()).isdisjoint(present)
    )


def staff_reported(result: Verdict, present: AbstractSet[str], rules: RuleSet) -> bool:
    """Whether a staff member may be the one reported: named by role beside a danger that people cause."""
    if result.rank == ROUTINE or _ACCUSED.isdisjoint(result.categories):
        return False
    return not rules.classes.get("role_staff", frozenset()).isdisjoint(present)
