"""A carrier made of lists: the network's edge, as far as the pager's stories go."""

from collections.abc import Callable
from dataclasses import dataclass, field

from notify.channels import InboundText
from notify.errors import TransportError

PAGER_NUMBER = "+15550101"
LINE_NUMBER = "+15550100"


@dataclass
class Carrier:
    """The network's edge: keeps what it was handed, and refuses what it was told to.

    ``meanwhile`` happens once, after a text was taken and before that is answered.
    """

    texts: list[tuple[str, str]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)
    valid: list[int | None] = field(default_factory=list)
    refusals: dict[str, TransportError] = field(default_factory=dict)
    waiting: list[InboundText] = field(default_factory=list)
    meanwhile: Callable[[str], None] | None = None

    def send_text(self, sender: str, to: str, body: str, attempt_id: str, valid_s: int | None) -> str:
        self.valid.append(valid_s)
        self._refuse("sms", to)
        self.texts.append((to, body))
        assert sender in {PAGER_NUMBER, LINE_NUMBER}
        happens, self.meanwhile = self.meanwhile, None
        if happens:
            happens(attempt_id)
        return self._took("SM", attempt_id)

    def call(self, sender: str, to: str, twiml: str, attempt_id: str) -> str:
        self._refuse("voice", to)
        self.calls.append((to, twiml))
        assert sender == PAGER_NUMBER
        return self._took("CA", attempt_id)

    def inbound(self, number: str, since: int) -> list[InboundText]:
        assert number == PAGER_NUMBER
        self._refuse("inbound", number)
        return [text for text in self.waiting if text.at >= since]

    def to(self, number: str) -> list[str]:
        return [body for to, body in self.texts if to == number]

    def rung(self) -> list[str]:
        return [to for to, _ in self.calls]

    def _took(self, prefix: str, attempt_id: str) -> str:
        self.attempts.append(attempt_id)
        return prefix + attempt_id

    def _refuse(self, channel: str, to: str) -> None:
        for key in (channel, to, f"{channel} {to}"):
            if key in self.refusals:
                raise self.refusals[key]
