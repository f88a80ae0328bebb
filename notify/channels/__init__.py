"""The ways out: what every channel and every provider must be able to do, and what it may answer."""

from dataclasses import dataclass, field
from typing import Protocol

TEXT, CALL, EMAIL, PUSH = "sms", "voice", "email", "push"
# The senders of pages, as they are preferred; ``line`` sends only letters.
PAGER, SECOND = "pager", "second"
SENDERS = (PAGER, SECOND)
# A question about what was sent stands before a page: it has less time than the page itself.
ASK_S = 0.8


@dataclass(frozen=True)
class InboundText:
    """A text that the carrier took for us. ``at`` in ms; ``repr`` shows neither number nor words."""

    sid: str
    from_number: str
    body: str
    at: int

    def __repr__(self) -> str:
        return f"InboundText({self.sid!r})"


@dataclass(frozen=True)
class SentText:
    """A text of ours as the carrier has it. ``at``: when it was taken (ms); ``repr`` shows no words."""

    sid: str
    body: str
    status: str
    at: int

    def __repr__(self) -> str:
        return f"SentText({self.sid!r}, {self.status!r})"


class Provider(Protocol):
    """One company, one account. Every method raises TransportError and nothing else."""

    def send_text(self, sender: str, to: str, body: str, attempt_id: str, valid_s: int | None) -> str:
        """Hand over a text, of use for ``valid_s`` (None: however long); the provider's id of it."""

    def call(self, sender: str, to: str, twiml: str, attempt_id: str) -> str:
        """Start a call that speaks ``twiml``; the provider's id of it."""

    def sent_texts(self, sender: str, to: str, since: int) -> list[SentText]:
        """What the provider took for ``to`` since ``since`` (ms), newest first; soon, or TransportError."""

    def inbound(self, number: str, since: int) -> list[InboundText]:
        """The texts that came to ``number`` since ``since`` (ms), oldest first."""

    def state_of(self, provider_id: str, channel: str) -> tuple[str, str]:
        """What became of a text or call: the provider's word for it, and its error code or nothing."""

    def forget(self, provider_id: str, *, whole: bool) -> None:
        """Empty a text that the provider keeps, or (``whole``) delete its record. Twice does no harm."""


@dataclass(frozen=True)
class Outlet:
    """One of our own numbers, and the provider that sends from it."""

    number: str
    provider: Provider


@dataclass(frozen=True)
class Parcel:
    """One thing to be handed over, in clear: it lives in memory until then, and its ``repr`` shows no word.

    ``title``: what stands above ``body`` where a channel has such a place. ``body``: words; of a call, TwiML.
    ``valid_s``: for how long it is of use (None: however long).
    """

    attempt_id: str
    to: str = field(repr=False)
    title: str = field(repr=False)
    body: str = field(repr=False)
    valid_s: int | None = None


class Channel(Protocol):
    """One way to a person, by one sender of ours. Its methods raise TransportError and nothing else."""

    def send(self, parcel: Parcel) -> str:
        """Hand over ``parcel`` in less time than a lease; the provider's id of it, or nothing."""

    def earlier(self, to: str, since: int) -> list[SentText]:
        """What it took for ``to`` since ``since`` (ms), newest first; nothing where it cannot say."""
