"""What stops a process before it starts. Each message is one line: which file, which key, and what to do."""


class WiringError(Exception):
    """Base of everything that start-up refuses; shown to the operator as it is."""


class ConfigError(WiringError):
    """The configuration file is missing, unreadable or says something that cannot be right."""

    def __init__(self, file: object, key: str, problem: str, remedy: str) -> None:
        where = f"{file}: {key}: " if key else f"{file}: "
        super().__init__(f"{where}{problem}; {remedy}")


class SecretError(WiringError):
    """A secret file is missing, empty, malformed or readable by others."""


class NotFitError(WiringError):
    """Something would keep a page from reaching anybody."""


class PortTakenError(WiringError):
    """Somebody else listens where one of our processes should."""


class AlreadyRunningError(WiringError):
    """Another supervisor works on the same folder."""
