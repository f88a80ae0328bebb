"""What a provider's error codes mean for a page: a table, each row with its source.

``permanent``: the same way to the same phone cannot help. ``tries``: how often in all it is tried.
``alarm``: who must hear of it (``roster``: the person's number; ``system``: our account or sender).
"""

from dataclasses import dataclass

UNRECORDED = "unrecorded"
_DICTIONARY = "https://www.twilio.com/docs/api/errors/"


@dataclass(frozen=True)
class Fault:
    """One row. ``source`` is where the provider says so."""

    meaning: str
    permanent: bool = False
    tries: int = 4
    alarm: str = ""
    source: str = ""


def _coded(code: int, meaning: str, *, permanent: bool = False, tries: int = 4, alarm: str = "") -> Fault:
    return Fault(meaning, permanent, tries, alarm, f"{_DICTIONARY}{code}")


FAULTS = {
    "20003": _coded(20003, "our credentials are refused", alarm="system"),
    "20009": _coded(20009, "still on its way: cannot be emptied yet"),
    "20404": _coded(20404, "the provider knows nothing of it"),
    "20429": _coded(20429, "too many requests"),
    "20500": _coded(20500, "the provider failed inside"),
    "21211": _coded(21211, "not a phone number", permanent=True, alarm="roster"),
    "21408": _coded(21408, "our account may not send to that country", permanent=True, alarm="system"),
    "21601": _coded(21601, "our number cannot send texts", permanent=True, alarm="system"),
    "21606": _coded(21606, "our number may not send this", permanent=True, alarm="system"),
    "21608": _coded(21608, "a trial account, the number is not verified", permanent=True, alarm="system"),
    "21610": _coded(21610, "the phone opted out of our texts", permanent=True, alarm="roster"),
    "21612": _coded(21612, "no way from our number to that phone", permanent=True),
    "21614": _coded(21614, "not a mobile phone: calls only", permanent=True),
    "30001": _coded(30001, "the provider's queue is full"),
    "30002": _coded(30002, "our account is suspended", permanent=True, alarm="system"),
    "30003": _coded(30003, "the phone cannot be reached now", tries=2),
    "30004": _coded(30004, "the phone or its carrier blocks us", permanent=True, alarm="roster"),
    "30005": _coded(30005, "the phone is unknown or switched off", tries=2),
    "30006": _coded(30006, "a landline or a carrier without texts: calls only", permanent=True),
    "30007": _coded(30007, "filtered as unwanted", permanent=True, alarm="system"),
    "30008": _coded(30008, "unknown failure on the way"),
    "30022": _coded(30022, "faster than our registration allows"),
    "30034": _coded(30034, "our number is not registered for texts", permanent=True, alarm="system"),
    "30036": _coded(30036, "not sent within the time for which it was of use", tries=1),
    "30410": _coded(30410, "a carrier on the way did not answer in time"),
    "63038": _coded(63038, "our account has sent its texts of the day", tries=1, alarm="system"),
    "572005": _coded(572005, "a trial account, the number is not verified", permanent=True, alarm="system"),
    "timeout": Fault("no answer in time; it may have been taken", source="our own clock"),
    UNRECORDED: Fault(
        "we stopped before its answer was noted; it may have been taken", source="our own lease"
    ),
    "connection": Fault("no connection to the provider", source="our own socket"),
    "bad_answer": Fault("an answer that is none", source="our own reading"),
    "cannot_open": Fault("the address does not open", permanent=True, alarm="system", source="vault.keyed"),
    "no_number": Fault("we have no number to send it from", alarm="system", source="our own configuration"),
    "busy": Fault("engaged", tries=1, source="https://www.twilio.com/docs/voice/api/call-resource"),
    "no-answer": Fault(
        "nobody picked up", tries=1, source="https://www.twilio.com/docs/voice/api/call-resource"
    ),
    "canceled": Fault("taken back", tries=1, source="https://www.twilio.com/docs/voice/api/call-resource"),
}
# After these nobody knows whether the provider took it; of all others it said that it did not.
IN_DOUBT = (UNRECORDED, "timeout", "connection", "bad_answer")
UNKNOWN = Fault("not in this table: tried again, since a duplicate beats a loss")


def fault_of(code: str) -> Fault:
    """The row of ``code``; HTTP statuses stand for themselves, unknown codes count as temporary."""
    return FAULTS.get(code, UNKNOWN)
