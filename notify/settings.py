"""The pager's settings, declared once. Wiring fills them from the configuration; tests construct them."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PagingSettings:
    """Seconds unless the name says otherwise; wall times (``HH:MM``) are those of the school's zone."""

    second_after_s: float = field(
        default=120, metadata={"doc": "Seconds without acknowledgement until the second responder is paged."}
    )
    everyone_after_s: float = field(
        default=240, metadata={"doc": "Seconds without acknowledgement until everyone of the teams is paged."}
    )
    repeat_s: float = field(default=300, metadata={"doc": "Seconds between repeats after that."})
    fast_for_s: float = field(
        default=3600,
        metadata={"doc": "Seconds during which repeats come that fast; afterwards every slow_repeat_s."},
    )
    slow_repeat_s: float = field(default=900, metadata={"doc": "Seconds between the later repeats."})
    unopened_after_s: float = field(
        default=600,
        metadata={
            "doc": "Acknowledged, but the case not opened for so many seconds: the escalation goes on."
        },
    )
    night_from: str = field(
        default="22:00",
        metadata={"doc": "The night begins, in the school's zone: urgent pages wait unless they may wake."},
    )
    night_to: str = field(default="06:30", metadata={"doc": "The night ends."})
    digest_at: str = field(
        default="07:30",
        metadata={"doc": "When the morning digest of what pages nobody goes out, in the school's zone."},
    )
    lease_s: float = field(
        default=3,
        metadata={
            "doc": "Seconds that a delivery may take before it is due again. More than provider_timeout_s."
        },
    )
    hint_s: float = field(
        default=3, metadata={"doc": "Seconds for which a hint keeps a due delivery from being hinted again."}
    )
    sweep_s: float = field(
        default=1, metadata={"doc": "Seconds between two looks at all deadlines. At most 1."}
    )
    provider_timeout_s: float = field(
        default=2.5, metadata={"doc": "Seconds that one call to the carrier may take in all."}
    )
    workers: int = field(default=8, metadata={"doc": "Deliveries under way at the same time."})
    poll_carrier_s: float = field(
        default=10,
        metadata={
            "doc": "While a page is open, seconds between two requests for texts that no webhook brought."
        },
    )


def milliseconds(seconds: float) -> int:
    """Settings speak seconds, rows speak milliseconds."""
    return round(seconds * 1000)
