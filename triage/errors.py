"""The room's one error base and its children: what can be wrong with a rule file or a file of cases.

Assessing a text never raises; only reading rules, cases or a sealed assessment can.
"""


class TriageError(Exception):
    """Base of every error this room raises."""


class RuleFileError(TriageError):
    """A rule file cannot be read, or one of its rules cannot be compiled."""


class CaseFileError(TriageError):
    """A file of cases lacks a column or names an unknown band."""


class AssessmentFormatError(TriageError):
    """A stored assessment does not have the shape `Assessment.to_json` gives."""
