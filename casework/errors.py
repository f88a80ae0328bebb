"""The staff side's small errors. Their messages never hold content, names, numbers or keys."""


class CaseworkError(Exception):
    """Base of everything the staff side refuses."""


class NoSuchCaseError(CaseworkError):
    """No case has this reference, or it is not this member's to open. One answer for both: nothing leaks."""
