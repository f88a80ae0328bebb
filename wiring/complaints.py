"""What cannot be right in a configuration, whatever its types: complaints of key, problem and remedy."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from notify import escalation
from notify.settings import LOOPBACK, PLAIN, SECURITY, MailSettings, PagingSettings
from wiring import calendar
from wiring.settings import WEEKDAYS, AlarmSection, SchoolSection, Settings

MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
SCHOOL_ID = re.compile(r"[a-z][a-z0-9-]{0,31}")
LAST_PORT = 65535
MONITORED = 20  # processes that monitoring may ask on one machine

Complaint = tuple[str, str, str]
WITNESSES = ("/", "https://", "http://127.0.0.1:")


def complaints(settings: Settings) -> Iterator[Complaint]:
    """Key, problem and remedy of everything that is wrong; nothing when all is well."""
    yield from _about_install(settings)
    yield from _about_servers(settings)
    yield from _about_ports(settings)
    yield from _about_numbers(settings)
    yield from _about_mail(settings.mail)
    yield from _about_schools(settings)
    if settings.staff.second_factor not in {"optional", "required"}:
        yield "staff.second_factor", "neither optional nor required", "choose one of the two"
    yield from about_paging(settings.paging)
    yield from _about_alarm(settings.alarm)


def _about_install(settings: Settings) -> Iterator[Complaint]:
    for key, value, digits in (
        ("install.id", settings.install.id, 32),
        ("install.root_fingerprint", settings.install.root_fingerprint, 64),
        ("install.audit_public", settings.install.audit_public, 64),
    ):
        if not re.fullmatch(f"[0-9a-f]{{{digits}}}", value):
            yield key, f"not {digits} hexadecimal digits", "take it from the file that `tipline init` wrote"
    if settings.audit.witness and not settings.audit.witness.startswith(WITNESSES):
        yield (
            "audit.witness",
            "neither an absolute path nor an https address",
            "write one of them, or nothing",
        )


def _about_servers(settings: Settings) -> Iterator[Complaint]:
    database, queue = settings.database.url, settings.queue
    if database and not database.startswith(("sqlite:", "postgresql+psycopg:")):
        problem = "neither SQLite nor PostgreSQL"
        yield "database.url", problem, "write it as postgresql+psycopg://user@host/name, or leave it empty"
    if queue.url and not queue.url.startswith(("redis://", "rediss://", "unix://")):
        yield "queue.url", "not the address of a Redis server", "write it as redis://host:6379/0"
    if queue.workers < 1:
        yield "queue.workers", "less than 1", "somebody must deliver; or leave queue.url empty"


def _about_ports(settings: Settings) -> Iterator[Complaint]:
    seen: dict[int, str] = {}
    for name in ("public", "staff", "simulator"):
        port = getattr(settings, name).port
        if not 0 < port <= LAST_PORT:
            yield f"{name}.port", "not a port", "choose one between 1 and 65535"
        if port in seen:
            yield f"{name}.port", f"the same as {seen[port]}.port", "give each process its own"
        seen[port] = name
    yield from _about_monitoring(settings.monitoring.port, seen)


def _about_monitoring(first: int, others: Mapping[int, str]) -> Iterator[Complaint]:
    """``others``: names of processes by the port at which they serve."""
    if first and not 0 < first <= LAST_PORT - MONITORED:
        yield "monitoring.port", "not a port with room for all", "choose one between 1024 and 65000, or 0"
    for port, name in others.items():
        if first and first <= port < first + MONITORED:
            yield "monitoring.port", f"too near {name}.port", f"leave {MONITORED} free ports after it"


def _about_numbers(settings: Settings) -> Iterator[Complaint]:
    carrier = settings.carrier
    seen: dict[str, str] = {}
    for key, own in (("line", carrier.line), ("pager", carrier.pager), ("second", carrier.second)):
        if own.number and not NUMBER.fullmatch(own.number):
            yield f"carrier.{key}.number", "not an international number", "write it as +15550100"
        if own.number and not own.account_sid:
            yield f"carrier.{key}.account_sid", "missing", "add the carrier account that owns the number"
        if own.number and own.number in seen:
            problem = f"the same as carrier.{seen[own.number]}.number"
            yield f"carrier.{key}.number", problem, "use two numbers: whatever reaches the line is a report"
        seen[own.number] = key
    if not carrier.pager.number:
        yield "carrier.pager.number", "missing", "add the number from which members are paged"
    if carrier.second.number and not carrier.second.base_address.startswith(("https://", "http://127.0.0.1")):
        yield (
            "carrier.second.base_address",
            "not an https address",
            "write where the second provider's API is",
        )


def _about_mail(mail: MailSettings) -> Iterator[Complaint]:
    if not mail.host:
        return
    if mail.security not in SECURITY:
        yield "mail.security", "unknown", f"choose one of {', '.join(SECURITY)}"
    if mail.security == PLAIN and mail.host not in LOOPBACK:
        yield "mail.security", "no TLS to another machine", "use smtps or starttls"
    if not MAILBOX.fullmatch(mail.sender):
        yield "mail.sender", "not an e-mail address", "write it as tipline@school.example"
    if not 0 < mail.port <= LAST_PORT:
        yield "mail.port", "not a port", "use 465 for smtps, 587 for starttls"
    if mail.ca_file and not Path(mail.ca_file).is_file():
        yield "mail.ca_file", "no such file", "write the path of a file with certificates (PEM)"


def _about_schools(settings: Settings) -> Iterator[Complaint]:
    if not settings.schools:
        yield "schools", "no school", "add a [[schools]] table"
    seen: set[str] = set()
    for number, school in enumerate(settings.schools):
        key = f"schools[{number}]"
        if not SCHOOL_ID.fullmatch(school.id):
            yield f"{key}.id", "not a short lower-case name", "write it as maple or maple-high"
        if school.id in seen:
            yield f"{key}.id", "used twice", "give each school its own"
        seen.add(school.id)
        if school.live and (settings.install.demo or settings.simulator.enabled):
            remedy = "set it to false, or use a real install and carrier"
            yield f"{key}.live", "true in a demonstration, whose pages reach no phone", remedy
        if not any(school.covered.values()):
            yield f"{key}.covered", "no covered hours", 'write when somebody reads: monday = ["07:30-16:00"]'
        yield from _about_hours(key, school)
        yield from _about_days_off(key, school)
        yield from _about_self_test(key, school)


def _about_hours(key: str, school: SchoolSection) -> Iterator[Complaint]:
    try:
        ZoneInfo(school.zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield f"{key}.zone", "no such time zone", "write it as America/Denver"
    for day, spans in school.covered.items():
        if day not in WEEKDAYS:
            yield f"{key}.covered.{day}", "no such weekday", f"use {', '.join(WEEKDAYS)}"
        for span in spans:
            if not _is_span(span):
                yield f"{key}.covered.{day}", "not a span of hours", 'write it as "07:30-16:00"'


def _about_self_test(key: str, school: SchoolSection) -> Iterator[Complaint]:
    """It asks somebody for an answer: never at night, and never when nobody is at school."""
    day, _, at = school.self_test.partition(" ")
    if school.self_test and (day not in WEEKDAYS or not _is_time(at) or len(at) != len("10:00")):
        yield f"{key}.self_test", "no weekday and time", 'write it as "tuesday 10:00", or leave it empty'
    elif school.self_test and not any(
        _is_span(span) and span.partition("-")[0] <= at < span.partition("-")[2]
        for span in school.covered.get(day, ())
    ):
        remedy = f"choose a time at which somebody is at school on a {day}"
        yield f"{key}.self_test", "outside covered hours", remedy


def _about_days_off(key: str, school: SchoolSection) -> Iterator[Complaint]:
    if school.holidays and not calendar.is_known(school.holidays):
        yield f"{key}.holidays", "no such country or state", "write it as US or US-CO"
    for name in ("closed", "open_on"):
        for text in getattr(school, name):
            if not calendar.is_span(text):
                remedy = 'write it as "2026-11-25" or "2026-12-21..2027-01-01"'
                yield f"{key}.{name}", "not a day or a span of days", remedy


def about_paging(paging: PagingSettings) -> Iterator[Complaint]:
    """What cannot be right in how people are paged."""
    for key in ("night_from", "night_to", "digest_at", "remind_at"):
        # Reminders may be left out.
        if not _is_time(getattr(paging, key) or ("07:30" if key == "remind_at" else "")):
            yield f"paging.{key}", "not a time of day", 'write it as "07:30"'
    yield from _about_policies(paging.policies)
    if paging.provider_timeout_s >= paging.lease_s:
        yield "paging.lease_s", "not longer than provider_timeout_s", "a call under way would be repeated"
    for key in (
        "second_after_s",
        "everyone_after_s",
        "repeat_s",
        "slow_repeat_s",
        "handover_s",
        "unopened_after_s",
        "sweep_s",
        "workers",
        "danger_answers",
    ):
        if getattr(paging, key) <= 0:
            yield f"paging.{key}", "not more than 0", "a page that is not repeated is forgotten"
    if paging.danger_answers < 1:
        yield "paging.danger_answers", "less than 1", "somebody must answer"
    if paging.sweep_s > 1:
        yield "paging.sweep_s", "more than 1", "a lost wake-up would delay a page by that long"


def _about_policies(policies: Mapping[str, tuple[str, ...]]) -> Iterator[Complaint]:
    for key, lines in policies.items():
        where = f"paging.policies ({key})"
        if not _holds(escalation.occasions_of, key):
            yield where, "does not end in immediate or urgent", 'write it as "counseling uncovered urgent"'
        if not lines:
            yield where, "no step", "a page without steps calls nobody"
        for line in lines:
            if not _holds(escalation.step_of, line):
                yield where, f"not a step: {line}", 'write it as "on_call by sms voice, wait 2 min"'
            elif not LOGIN.fullmatch(escalation.step_of(line).who):
                yield where, f"no login: {line}", 'name a person by login: "ann by voice, wait 2 min"'


def _holds(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _about_alarm(alarm: AlarmSection) -> Iterator[Complaint]:
    for key in ("post_to", "heartbeat_to"):
        if not re.match(r"https?://[^/\s]|$", getattr(alarm, key)):
            yield f"alarm.{key}", "not a web address", "write it as https://alarm.example.org/tipline"


def _is_time(text: str) -> bool:
    try:
        time.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_span(span: str) -> bool:
    try:
        start, end = (time.fromisoformat(part) for part in span.split("-"))
    except ValueError:
        return False
    return start < end
