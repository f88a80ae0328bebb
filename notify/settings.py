"""The pager's settings, declared once. Wiring fills them from the configuration; tests construct them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SMTPS, STARTTLS, PLAIN = "smtps", "starttls", "none"
SECURITY = (SMTPS, STARTTLS, PLAIN)
# Transactions of several relays that wait for one another began so far apart, at most.
MOMENTS_APART_S = 10


def setting(default: float | str, doc: str) -> Any:  # noqa: ANN401 - like dataclasses.field, it takes the field's type
    """A key that may be left out; ``doc`` says what it does."""
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, kw_only=True)
class PagingSettings:
    """How people are paged. Seconds, or wall times (HH:MM) of the school's zone."""

    second_after_s: float = setting(120, "Seconds until the second responder is paged too.")
    everyone_after_s: float = setting(240, "Seconds until everyone of the teams is paged.")
    repeat_s: float = setting(300, "Seconds between the repeats that follow, by turns text and call.")
    fast_for_s: float = setting(3600, "Seconds for which it is repeated at that pace.")
    slow_repeat_s: float = setting(900, "Seconds between the repeats after that, without end.")
    unopened_after_s: float = setting(
        600, "Seconds in which whoever has the case must open it; then the page goes on."
    )
    handover_s: float = setting(
        600, "Seconds in which a colleague may accept a case; until then, and after it, it is its owner's."
    )
    night_from: str = setting("22:00", "From here an urgent page waits, unless its rule wakes people.")
    night_to: str = setting("06:30", "Until here.")
    danger_answers: int = setting(
        2, "How many must answer a page about an immediate weapon or threat, one of them a counselor."
    )
    policies: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict,
        metadata={
            "doc": "Steps of pages in place of the standard ones, by urgency; a team or the word covered or "
            "uncovered (hours) may stand before it, and what fits most closely holds: "
            '"counseling uncovered urgent" = ["on_call by sms, wait 2 min", "everyone by sms voice, '
            'wait 5 min"]. Whom: on_call, second, everyone (with "of TEAM", if one is meant), or a login.'
        },
    )
    digest_at: str = setting(
        "07:30", "When the morning text about prompt and routine reports goes out, four hours later at most."
    )
    remind_at: str = setting(
        "18:00", "When those are told whose shift begins within a day of it. None () for no such text."
    )
    lease_s: float = setting(3, "Seconds after which a delivery that broke off is repeated.")
    hint_s: float = setting(3, "Seconds for which a waiting delivery is left to the worker it was given to.")
    sweep_s: float = setting(1, "Seconds between looks at the deadlines; 1 at most.")
    provider_timeout_s: float = setting(
        2.5, "Seconds for one call to the carrier, in all; less than lease_s."
    )
    workers: int = setting(8, "Deliveries at a time.")
    texts_per_s: float = setting(
        1, "Texts a second from each of our numbers, as its registration allows; 0 for as fast as they come."
    )
    phone_pause_s: float = setting(
        5,
        "Seconds between two texts to one phone, unless the second is more urgent; what comes meanwhile is "
        "joined into one. None (0): each at once.",
    )
    poll_carrier_s: float = setting(
        10, "Seconds between questions to the carrier for members' texts, while a page is open; else 300."
    )

    @property
    def is_unpaced(self) -> bool:
        """Whether texts leave as fast as they come."""
        return not self.texts_per_s and not self.phone_pause_s

    @property
    def longest_hold_s(self) -> float:
        """How long a text may hold up the next; what is held for longer was held by a wrong clock."""
        between_texts = 1 / self.texts_per_s if self.texts_per_s else 0
        return max(between_texts, self.phone_pause_s) + MOMENTS_APART_S


@dataclass(frozen=True, kw_only=True)
class MailSettings:
    """The server that takes our e-mails to members. Its password is a secret file, never in this file."""

    host: str = setting("", "Name of the mail server that takes our e-mails. Empty: no e-mail.")
    port: int = setting(465, "Its port: 465 for smtps, 587 for starttls.")
    security: str = setting(
        SMTPS, "smtps (TLS from the start), starttls, or none, which only a server on this machine may have."
    )
    user: str = setting("", "With whom we sign in there (secret file mail-password). Empty: we do not.")
    sender: str = setting("", "From which address e-mails come, as tipline@school.example.")
    ca_file: str = setting(
        "", "Certificates (PEM) that vouch for the server, for one of your own. Empty: those of this machine."
    )


def milliseconds(seconds: float) -> int:
    """Settings speak seconds, rows speak milliseconds."""
    return round(seconds * 1000)
