"""A carrier made of lists: the network's edge, as far as the pager's stories go."""

from collections.abc import Callable
from dataclasses import dataclass, field

from notify.channels import InboundText, SentText
from notify.errors import TransportError

PAGER_NUMBER = "+15550101"
LINE_NUMBER = "+15550100"
# Every text was taken after whatever a story asks about.
FAR_AHEAD = 2**53


@dataclass
class Carrier:
    """The network's edge: keeps what it was handed, and refuses what it was told to.

    ``meanwhile`` happens once, after a text was taken and before that is answered.
    """

    number: str = PAGER_NUMBER
    texts: list[tuple[str, str]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)
    valid: list[int | None] = field(default_factory=list)
    refusals: dict[str, TransportError] = field(default_factory=dict)
    outbox: list[tuple[str, SentText]] = field(default_factory=list)
    asked: int = 0
    waiting: list[InboundText] = field(default_factory=list)
    states: dict[str, tuple[str, str]] = field(default_factory=dict)
    asked_for: list[str] = field(default_factory=list)
    forgotten: list[tuple[str, bool]] = field(default_factory=list)
    meanwhile: Callable[[str], None] | None = None

    def send_text(self, sender: str, to: str, body: str, attempt_id: str, valid_s: int | None) -> str:
        self.valid.append(valid_s)
        self._refuse("sms", to)
        self.texts.append((to, body))
        again = "-again" * self.attempts.count(attempt_id)
        self.outbox.insert(0, (to, SentText(f"SM{attempt_id}{again}", body, "sent", FAR_AHEAD)))
        assert sender in {PAGER_NUMBER, LINE_NUMBER}
        self.attempts.append(attempt_id)
        sid = self.outbox[0][1].sid
        happens, self.meanwhile = self.meanwhile, None
        if happens:
            happens(attempt_id)
        return sid

    def call(self, sender: str, to: str, twiml: str, attempt_id: str) -> str:
        self._refuse("voice", to)
        self.calls.append((to, twiml))
        assert sender == PAGER_NUMBER
        self.attempts.append(attempt_id)
        return "CA" + attempt_id

    def sent_texts(self, sender: str, to: str, since: int) -> list[SentText]:
        assert sender in {PAGER_NUMBER, LINE_NUMBER}
        self.asked += 1
        self._refuse("asked", to)
        return [text for phone, text in self.outbox if phone == to and text.at >= since]

    def inbound(self, number: str, since: int) -> list[InboundText]:
        assert number == self.number
        self._refuse("inbound", number)
        return [text for text in self.waiting if text.at >= since]

    def state_of(self, provider_id: str, channel: str) -> tuple[str, str]:
        assert channel in {"sms", "voice"}
        self._refuse("state", provider_id)
        self.asked_for.append(provider_id)
        return self.states.get(provider_id, ("sent", ""))

    def forget(self, provider_id: str, *, whole: bool) -> None:
        self._refuse("forget", provider_id)
        self.forgotten.append((provider_id, whole))

    def to(self, number: str) -> list[str]:
        return [body for to, body in self.texts if to == number]

    def rung(self) -> list[str]:
        return [to for to, _ in self.calls]

    def _refuse(self, channel: str, to: str) -> None:
        for key in (channel, to, f"{channel} {to}"):
            if key in self.refusals:
                raise self.refusals[key]
