"""Who is meant: the person at risk or threatening (self, other), and the people named by role."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from triage.compose import ROUTINE, Verdict
from triage.facts import Fact
from triage.model import Subject
from triage.ruleset import ROLES, RuleSet
from triage.views import View

_EMPTY: frozenset[str] = frozenset()
_THREATS = frozenset({"threat_violence", "weapon"})
# So many words before a threat may name the one who makes it.
NEAR = 4
_ACCUSED = frozenset({"abuse", "sexual_violence", "bullying", "dating_violence", "hate", "drugs"})
# A pronoun, or the verb of saying, stands for whoever was named before it.
_UNNAMED = frozenset(
    {"he", "she", "they", "who", "el", "ella", "ellos", "ellas", "se", "va", "quiere", "dice", "dijo"}
)
_PASSIVE = frozenset({"get", "gets", "getting", "got", "be", "been", "being"})


def subject_of(result: Verdict, tokens: Sequence[str], rules: RuleSet) -> Subject:
    """`self` when the writer is at risk or threatens, `other` for somebody else, `none` for neither."""
    if result.rank == ROUTINE and result.categories[0] == "other":
        return "none"
    if result.subject in {"self", "other", "none"}:
        return result.subject  # type: ignore[return-value]  # just tested
    start, end = (result.main.start, result.main.end) if result.main else (0, len(tokens))
    family = result.categories[0]
    if family == "suicide_self_harm":
        return _nearest(tokens[:end], rules) or "self"
    if family in _THREATS:
        return _nearest(tokens[max(start - NEAR, 0) : end], rules) or "other"
    return _victim(tokens[start:end] if result.main else (), tokens, rules)


def _nearest(tokens: Sequence[str], rules: RuleSet) -> Subject | None:
    """Who was named last as the one who acts."""
    first, third = _class("subject_self", rules), _class("subject_other", rules)
    for token in reversed(tokens):
        if token in first:
            return "self"
        if token in third:
            return "other"
    return None


def _victim(deed: Sequence[str], tokens: Sequence[str], rules: RuleSet) -> Subject:
    """To whom it is done: a "me" beside the deed, else whoever is spoken of first."""
    own, third = _class("victim_self", rules), _class("victim_other", rules)
    if not own.isdisjoint(deed) and third.isdisjoint(deed):
        return "self"
    for at, token in enumerate(tokens):
        if token in third:
            return "other"
        if token in own and (at + 1 == len(tokens) or tokens[at + 1] not in third):
            return "self"
    return "other" if third else "self"


def _class(name: str, rules: RuleSet) -> frozenset[str]:
    """A class that only English and Spanish fill."""
    return rules.classes.get(name, _EMPTY)


def roles_of(present: AbstractSet[str], rules: RuleSet) -> tuple[str, ...]:
    """Roles named among the words present, in a fixed order."""
    words = rules.roles.keys() & present
    if not words:
        return ()
    named = {role for word in words for role in rules.roles[word]}
    return tuple(role for role in ROLES if role in named)


def staff_reported(result: Verdict, view: View) -> bool:
    """Whether a staff member may be the one reported: named by role beside a danger that people cause.

    A threat or a weapon counts only when the staff member is the one who acts: a teacher who is threatened
    must not keep the report from the counselors. `view` is one of those that `result` was found in.
    """
    tokens, rules = view.words.tokens, view.rules
    if _class("role_staff", rules).isdisjoint(view.present):
        return False
    if not _ACCUSED.isdisjoint(result.categories):
        return True
    return not _THREATS.isdisjoint(result.categories) and _staff_acts(view.result.main, tokens, rules)


def _staff_acts(main: Fact | None, tokens: Sequence[str], rules: RuleSet) -> bool:
    """Whether the last person named before the deed is a staff member; no, when no deed was found."""
    if main is None:
        return False
    staff, own = _class("role_staff", rules), _class("subject_self", rules)
    others = _class("subject_other", rules) - _UNNAMED
    for at in range(min(main.start, len(tokens) - 1), -1, -1):
        token = tokens[at]
        if token in staff:
            return _PASSIVE.isdisjoint(tokens[at : main.end])
        if token in own or token in others:
            return False
    return False
