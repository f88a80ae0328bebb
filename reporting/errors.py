"""The reporter side's small errors. Their messages never hold content, receipts, numbers or addresses."""


class ReportingError(Exception):
    """Base of everything this room refuses."""


class NotStoredError(ReportingError):
    """A message could not be committed; whoever sent it must be told so."""


class NotOurTokenError(ReportingError):
    """A thread token is forged, cut short or older than its half hour."""


class SettingsError(ReportingError):
    """A school or a setting contradicts itself; the message names it."""


class SpentNonceError(ReportingError):
    """A form was sent again longer after than its receipt may be shown; a fresh nonce is needed."""


class NoThreadError(ReportingError):
    """No report belongs to this receipt: mistyped, or past its retention."""


class DirectoryMovedError(ReportingError):
    """The team directory changed between sealing and storing; seal again."""
