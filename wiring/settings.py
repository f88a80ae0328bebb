"""The sections of the configuration file that belong to no room: where processes listen, who carries texts.

``option`` and ``required`` keep each key's documentation beside it; config.example.toml is made from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from notify.settings import MailSettings, PagingSettings

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def option(default: object, doc: str) -> Any:  # noqa: ANN401 - like dataclasses.field, it takes the field's type
    """A key that may be left out; ``doc`` says what it does."""
    return field(default=default, metadata={"doc": doc})


def required(doc: str, example: object) -> Any:  # noqa: ANN401 - as option
    """A key that must be there; ``example`` stands in config.example.toml."""
    return field(metadata={"doc": doc, "example": example})


@dataclass(frozen=True, kw_only=True)
class InstallSection:
    """Which install this is."""

    id: str = required(
        "Random name of this install, part of every sealed object. `tipline init` makes it.", "0" * 32
    )
    root_fingerprint: str = required(
        "Fingerprint of the root key, which signed the first entry. `tipline init` makes it.", "0" * 64
    )
    audit_public: str = required(
        "Public key that checks the pager's signatures under the audit. `tipline init` makes it.", "0" * 64
    )
    demo: bool = option(
        False, "A demonstration: every public view says that nobody reads it, cookies work without TLS."
    )


@dataclass(frozen=True, kw_only=True)
class DatabaseSection:
    """Where everything is stored."""

    url: str = option(
        "", "PostgreSQL, as postgresql+psycopg://user@host/name. Empty: SQLite, tipline.db beside this file."
    )


@dataclass(frozen=True, kw_only=True)
class QueueSection:
    """How deliveries reach those who do them: worker processes, on any number of hosts."""

    url: str = option(
        "",
        "Redis, as redis://host:6379/0. Empty: threads inside the pager process deliver, as they do anyway "
        "while Redis is away.",
    )
    workers: int = option(
        2, "Processes of `tipline worker` that `tipline serve` starts when there is a queue."
    )


@dataclass(frozen=True, kw_only=True)
class PublicSection:
    """The process that reporters and the carrier reach."""

    host: str = option("127.0.0.1", "Address to listen on; a TLS proxy stands in front.")
    port: int = option(8000, "Port to listen on.")
    address: str = option("", "How reporters write it, without a slash at the end. Empty: http://host:port.")
    threads: int = option(8, "Requests worked on at the same time.")
    exit_url: str = option(
        "https://www.weather.gov/", "Where the exit link leads: a harmless page that many people open."
    )
    receipt_minutes: int = option(
        30, "For so long a repeated post of one form is the same report, with the same receipt."
    )
    retention_days: int = option(
        365, "A report is deleted so long after its reporter last wrote, once its case is closed."
    )
    max_text_bytes: int = option(1_000_000, "A longer text is kept up to this length.")
    max_post_bytes: int = option(4_000_000, "A larger request is answered without being read.")


@dataclass(frozen=True, kw_only=True)
class StaffSection:
    """The process that members sign in to; never under the public host name."""

    host: str = option("127.0.0.1", "Address to listen on; a TLS proxy stands in front.")
    port: int = option(8001, "Port to listen on.")
    address: str = option("", "How members write it, without a slash at the end. Empty: http://host:port.")
    threads: int = option(4, "Requests worked on at the same time.")
    idle_minutes: int = option(30, "A member who does nothing for so long must sign in again.")
    absolute_hours: int = option(12, "However busy, a member signs in again after so long.")
    second_factor: str = option(
        "optional", "optional or required: whether members need the six digits of an app to sign in."
    )
    source_header: str = option(
        "",
        "Header in which the proxy names the caller's address, to slow down who guesses passwords; the proxy "
        "must set it itself. Kept in memory only. Empty: the proxy counts as one caller.",
    )
    inbox_length: int = option(25, "Cases on one view of the inbox.")
    inbox_refresh_s: int = option(30, "Seconds after which an open inbox loads itself again.")


@dataclass(frozen=True, kw_only=True)
class NumberSection:
    """One telephone number at the carrier. Its token is a secret file, never in this file."""

    number: str = option("", "The number in international form, as +15550100. Empty: not used.")
    account_sid: str = option("", "The carrier account that owns the number.")
    school: str = option("", "The school whose line it is (the line number only). Empty: the first school.")


@dataclass(frozen=True, kw_only=True)
class SecondSection:
    """A number at another provider, which pages by text and call while the pager's cannot."""

    number: str = option("", "The number in international form, as +15550100. Empty: there is none.")
    account_sid: str = option("", "The account that owns the number. Its token is a secret file.")
    base_address: str = option("", "Where that provider's API is, compatible with the first's.")


@dataclass(frozen=True, kw_only=True)
class CarrierSection:
    """Who carries texts and calls: the provider, or the simulator."""

    base_address: str = option(
        "", "Where the provider's API is. Empty: the simulator if it is enabled, else the provider's own."
    )
    ca_file: str = option(
        "",
        "File of certificates (PEM) that vouch for base_address. Empty: those whom browsers trust.",
    )
    webhook_address: str = option(
        "", "Public address that the carrier calls and signs. Empty: the public address."
    )
    line: NumberSection = field(default_factory=NumberSection)
    pager: NumberSection = field(default_factory=NumberSection)
    second: SecondSection = field(default_factory=SecondSection)


@dataclass(frozen=True, kw_only=True)
class SchoolSection:
    """A school that reporters can choose."""

    id: str = required("Short name in lower case, never changed: it stands in every sealed object.", "maple")
    name: str = required("What reporters see.", "Maple School")
    zone: str = required("Time zone of the school's clock.", "America/Denver")
    covered: Mapping[str, tuple[str, ...]] = required(
        "Covered hours per weekday: when somebody at school reads. A weekday left out is not covered.",
        dict.fromkeys(WEEKDAYS[:5], ("07:30-16:00",)),
    )
    holidays: str = option(
        "",
        "Public holidays on which nobody is at school, as US or US-CO (country, or country and state). "
        "Empty: none.",
    )
    closed: tuple[str, ...] = option(
        (), 'The school\'s own days off: days and spans of days, as "2026-11-25" or "2026-12-21..2027-01-01".'
    )
    open_on: tuple[str, ...] = option((), "Days on which the school is open all the same.")
    languages: tuple[str, ...] = option(
        ("en", "es"),
        "The school's languages. The first answers a text whose own is not known or not offered; the public "
        "pages are always in all that are offered (docs/languages.md).",
    )
    withdrawal: bool = option(
        False,
        "Reporters may take a thread back with their receipt: it is deleted a day later, once it is read and "
        "nobody is being called for it, unless a legal hold is on it.",
    )
    self_test: str = option(
        "",
        "Weekday and time, in covered hours, of a weekly test: whoever is on call gets a text and a call "
        'that say DRILL, and answers; as "tuesday 10:00". Not on days off. Empty: no test.',
    )
    live: bool = option(
        False,
        "True: students may be told of it. Every public view says that nobody reads it until this is true "
        "and `tipline live` let the school through.",
    )


@dataclass(frozen=True, kw_only=True)
class SimulatorSection:
    """A carrier on this machine, with the phones of the demo's people: to try and to test."""

    enabled: bool = option(False, "Run it, and send texts and calls there.")
    host: str = option("127.0.0.1", "Address to listen on.")
    port: int = option(8002, "Port to listen on.")
    ring_seconds: float = option(25.0, "How long a call rings before nobody answered.")


@dataclass(frozen=True, kw_only=True)
class AlarmSection:
    """How the install cries for help when pages may not leave it; never by the outbox itself."""

    post_to: str = option(
        "", "Address that gets a short POST without content on every alarm. Empty: only var/log/."
    )
    heartbeat_to: str = option(
        "",
        "Address of a dead-man's switch outside: gets an empty POST every minute while the watchman finds "
        "nothing wrong, and rings when none comes for three. Empty: nobody notices silence.",
    )


@dataclass(frozen=True, kw_only=True)
class MonitoringSection:
    """Where monitoring asks each process for /metrics, /healthz and /readyz: on 127.0.0.1 alone."""

    port: int = option(
        0,
        "Port of the public process; staff has the next one, then pager, watchman and workers (4 to 19 after "
        "it). 0: none listens.",
    )


@dataclass(frozen=True, kw_only=True)
class AuditSection:
    """Who sees to it that the audit cannot be cut off or written anew."""

    witness: str = option(
        "",
        "A file (absolute path) or https address that gets the end of the audit's chain every hour; best on "
        "another machine. Empty: nobody.",
    )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The file's tables, one field each."""

    install: InstallSection = field(metadata={"doc": "an [install] table; run: tipline init"})
    database: DatabaseSection = field(default_factory=DatabaseSection)
    queue: QueueSection = field(default_factory=QueueSection)
    public: PublicSection = field(default_factory=PublicSection)
    staff: StaffSection = field(default_factory=StaffSection)
    carrier: CarrierSection = field(default_factory=CarrierSection)
    mail: MailSettings = field(default_factory=MailSettings)
    paging: PagingSettings = field(default_factory=PagingSettings)
    simulator: SimulatorSection = field(default_factory=SimulatorSection)
    alarm: AlarmSection = field(default_factory=AlarmSection)
    monitoring: MonitoringSection = field(default_factory=MonitoringSection)
    audit: AuditSection = field(default_factory=AuditSection)
    schools: tuple[SchoolSection, ...] = field(metadata={"doc": "a [[schools]] table"})
