"""What providers' error codes mean for a page: a table, each row with its source.

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


_SMTP = "https://www.rfc-editor.org/rfc/"
_HTTP = "https://www.rfc-editor.org/rfc/rfc9110#status."
_APPRISE = "https://appriseit.com/library/"


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
    "no_method": Fault("the way was taken out of the contacts", permanent=True, source="our own contacts"),
    "no_number": Fault("we have no number to send it from", alarm="system", source="our own configuration"),
    "busy": Fault("engaged", tries=1, source="https://www.twilio.com/docs/voice/api/call-resource"),
    "no-answer": Fault(
        "nobody picked up", tries=1, source="https://www.twilio.com/docs/voice/api/call-resource"
    ),
    "canceled": Fault("taken back", tries=1, source="https://www.twilio.com/docs/voice/api/call-resource"),
    # E-mail: what the server answered. Of the others, 4yz is temporary and 5yz permanent (RFC 5321, 4.2.1).
    "smtp_421": Fault("the server is closing", source=_SMTP + "rfc5321#section-4.2.3"),
    "smtp_450": Fault("the mailbox is busy, or we come too often", source=_SMTP + "rfc5321#section-4.2.3"),
    "smtp_451": Fault("the server failed inside, or wants us again", source=_SMTP + "rfc5321#section-4.2.3"),
    "smtp_452": Fault("the server or the mailbox is full", source=_SMTP + "rfc5321#section-4.2.3"),
    "smtp_454": Fault("signing in or TLS fails for now", alarm="system", source=_SMTP + "rfc4954#section-6"),
    "smtp_530": Fault("signing in is required", True, alarm="system", source=_SMTP + "rfc4954#section-6"),
    "smtp_534": Fault("another way to sign in", True, alarm="system", source=_SMTP + "rfc4954#section-6"),
    "smtp_535": Fault("our password is refused", True, alarm="system", source=_SMTP + "rfc4954#section-6"),
    "smtp_550": Fault("no such mailbox", True, alarm="roster", source=_SMTP + "rfc5321#section-4.2.3"),
    "smtp_551": Fault("mailbox elsewhere", True, alarm="roster", source=_SMTP + "rfc5321#section-4.2.3"),
    "smtp_552": Fault("the mailbox is full", True, alarm="roster", source=_SMTP + "rfc5321#section-4.2.3"),
    "smtp_553": Fault("not an address", True, alarm="roster", source=_SMTP + "rfc5321#section-4.2.3"),
    "smtp_554": Fault("refused as a whole", True, alarm="system", source=_SMTP + "rfc5321#section-4.2.3"),
    "smtp_556": Fault("domain takes no mail", True, alarm="roster", source=_SMTP + "rfc7504#section-4"),
    "smtp_sender": Fault(
        "our address is refused", True, alarm="system", source=_SMTP + "rfc5321#section-3.3"
    ),
    "smtp_unable": Fault("offers no TLS or no sign-in", True, alarm="system", source=_SMTP + "rfc3207"),
    "smtp_certificate": Fault(
        "not the server it should be", alarm="system", source=_SMTP + "rfc3207#section-6"
    ),
    # Push: the HTTP status of whoever serves the address, where Apprise tells it.
    "push_400": Fault("the target cannot read it", True, alarm="roster", source=_HTTP + "400"),
    "push_401": Fault("the target's token is refused", True, alarm="roster", source=_HTTP + "401"),
    "push_403": Fault("the target's token may not do this", True, alarm="roster", source=_HTTP + "403"),
    "push_404": Fault("no such target", True, alarm="roster", source=_HTTP + "404"),
    "push_410": Fault("the target is gone", True, alarm="roster", source=_HTTP + "410"),
    "push_429": Fault("too many requests", source=_HTTP + "429"),
    "push_500": Fault("the service failed inside", source=_HTTP + "500"),
    "push_502": Fault("the service failed inside", source=_HTTP + "502"),
    "push_503": Fault("the service is away", source=_HTTP + "503"),
    "push_504": Fault("the service is away", source=_HTTP + "504"),
    "push_failed": Fault("not taken; Apprise says no more", source=_APPRISE),
    "push_address": Fault("not an address of Apprise's", True, alarm="roster", source=_APPRISE),
}
# After these nobody knows whether the provider took it; of all others it said that it did not.
IN_DOUBT = (UNRECORDED, "timeout", "connection", "bad_answer")
# A call that nobody took, or that was not needed any more: nothing is wrong with the phone.
RANG = ("busy", "no-answer", "canceled")
UNKNOWN = Fault("not in this table: tried again, since a duplicate beats a loss")


def fault_of(code: str) -> Fault:
    """The row of ``code``; HTTP statuses stand for themselves, unknown codes count as temporary."""
    return FAULTS.get(code, UNKNOWN)
