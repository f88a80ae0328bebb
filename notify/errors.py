"""The pager's small errors. Their messages never hold content, names, numbers or keys."""


class NotifyError(Exception):
    """Base of everything the pager refuses."""


class TransportError(NotifyError):
    """A provider did not take a message. ``permanent`` says whether trying the same way again can help."""

    def __init__(self, code: str, *, permanent: bool) -> None:
        super().__init__(f"provider refused: {code}")
        self.code = code
        self.permanent = permanent
