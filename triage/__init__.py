"""What a text means: text in, assessment out. Pure: no I/O at call time, no clock, no randomness."""

from triage.assess import assess
from triage.compiling import default_rules
from triage.errors import AssessmentFormatError, CaseFileError, RuleFileError, TriageError
from triage.model import Assessment, Signal, Subject, Urgency
from triage.ruleset import RuleSet

__all__ = [
    "Assessment",
    "AssessmentFormatError",
    "CaseFileError",
    "RuleFileError",
    "RuleSet",
    "Signal",
    "Subject",
    "TriageError",
    "Urgency",
    "assess",
    "default_rules",
]
