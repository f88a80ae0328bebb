"""The pager's small errors. Their messages never hold content, names, numbers or keys."""


class NotifyError(Exception):
    """Base of everything the pager refuses."""


class TransportError(NotifyError):
    """A provider did not take a message. ``permanent`` says whether trying the same way again can help.

    ``after_s``: so long the provider asks to be left alone (0: it did not say).
    """

    def __init__(self, code: str, *, permanent: bool, after_s: float = 0) -> None:
        super().__init__(f"provider refused: {code}")
        self.code = code
        self.permanent = permanent
        self.after_s = after_s
