"""The vault's small errors. Their messages never hold content, names, numbers or keys."""


class VaultError(Exception):
    """Base of everything the vault refuses."""


class SchemaTooOldError(VaultError):
    """The database lacks migrations; the message says which command to run."""


class EncodingError(VaultError):
    """A database that could not keep every name: the message says how one is made that can."""


class BadKeyError(VaultError):
    """Bytes that are no usable key or seed."""


class CannotOpenError(VaultError):
    """A sealed object did not open: wrong key, wrong place, altered, or an unknown version."""


class UnknownReportError(VaultError):
    """No report has this id: purged, or never there."""


class ThreadMovedError(VaultError):
    """Another message took this place in the thread first; read the head again and seal again."""


class BackupError(VaultError):
    """A backup is cut off, altered, not one at all, or holds what a backup never does."""


class DirectoryError(VaultError):
    """A team directory entry is forged, out of order or unreadable."""


class WrongPasswordError(VaultError):
    """The password does not unlock the member's seed."""


class WrongWordsError(VaultError):
    """These are not 24 recovery words, or one of them is mistyped."""
