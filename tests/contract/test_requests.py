"""What the real client sends for us is what the provider describes, and its answers are understood."""

from collections.abc import Callable, Iterator

import pytest
from werkzeug.datastructures import MultiDict

from notify.channels.twilio import Account, TwilioProvider
from notify.errors import TransportError
from tests.contract.conftest import Listener, listening
from tests.contract.description import Description

SID = "AC" + "0123456789abcdef" * 2
TEXT, CALL = "SM" + "0123456789abcdef" * 2, "CA" + "0123456789abcdef" * 2
LINE, PHONE = "+15550101", "+15550110"
MESSAGES = f"/2010-04-01/Accounts/{SID}/Messages.json"
CALLS = f"/2010-04-01/Accounts/{SID}/Calls.json"
TWIML = '<Response><Gather numDigits="1"><Say>Press 1.</Say></Gather></Response>'
TOKEN = "x" * 32

# Each way in which the pager speaks to the provider.
SAID: dict[str, Callable[[TwilioProvider], object]] = {
    "a page's text": lambda one: one.send_text(LINE, PHONE, "Tipline: case K7QM-29TX", "a1", 300),
    "a letter": lambda one: one.send_text(LINE, PHONE, "We read it.", "a1", None),
    "a call": lambda one: one.call(LINE, PHONE, TWIML, "a1"),
    "what was taken": lambda one: one.sent_texts(LINE, PHONE, 1_700_000_000_000),
    "what came in": lambda one: one.inbound(LINE, 1_700_000_000_000),
    "the end of a text": lambda one: one.state_of(TEXT, "sms"),
    "the end of a call": lambda one: one.state_of(CALL, "voice"),
    "emptying": lambda one: one.forget(TEXT, whole=False),
    "deleting": lambda one: one.forget(TEXT, whole=True),
}


@pytest.fixture
def mock(prism: str) -> Iterator[Listener]:
    # The mock takes a list of one name in a form for no list; the field is looked at below all the same.
    with listening(prism, frozenset({"StatusCallbackEvent"})) as listener:
        yield listener


def provider(base: str, sid: str = SID) -> TwilioProvider:
    account = Account(sid, TOKEN, lambda one: f"https://tips.example.org/carrier/status/{one}", base)
    return TwilioProvider(account, timeout_s=10)


@pytest.mark.parametrize("what", SAID)
def test_what_we_say_is_described(what: str, mock: Listener, description: Description) -> None:
    SAID[what](provider(mock.address))
    (heard,) = mock.heard
    assert description.about_request(heard.method, heard.path, heard.fields) == []
    assert description.about_answer(heard.method, heard.path, heard.status, heard.answer) == []


def test_a_page_says_for_how_long_it_is_of_use(mock: Listener) -> None:
    SAID["a page's text"](provider(mock.address))
    assert mock.heard[0].fields["ValidityPeriod"] == "300"


def test_the_mock_refuses_what_it_can_see(mock: Listener) -> None:
    with pytest.raises(TransportError):
        provider(mock.address, sid="ACshort").send_text(LINE, PHONE, "x", "a1", None)
    with pytest.raises(TransportError):
        provider(mock.address).state_of("SMshort", "sms")


GOOD = {"To": PHONE, "From": LINE, "Body": "x", "ValidityPeriod": "300"}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({}, []),
        ({"To": ""}, ["To: missing"]),
        ({"Body": ""}, ["one of Body, MediaUrl, ContentSid: missing"]),
        ({"From": ""}, ["one of From, MessagingServiceSid: missing"]),
        ({"Colour": "red"}, ["Colour: unknown"]),
        ({"ValidityPeriod": "0"}, ["ValidityPeriod: 0 is not such a number"]),
        ({"ValidityPeriod": "36001"}, ["ValidityPeriod: 36001 is not such a number"]),
        ({"ValidityPeriod": "soon"}, ["ValidityPeriod: soon is not such a number"]),
        ({"StatusCallback": "/status"}, ["StatusCallback: no address with a valid host"]),
        ({"StatusCallback": "https://a_b.example/"}, ["StatusCallback: no address with a valid host"]),
    ],
)
def test_what_the_mock_overlooks_is_seen_here(
    change: dict[str, str], complaint: list[str], description: Description
) -> None:
    assert description.about_request("POST", MESSAGES, MultiDict(GOOD | change)) == complaint


def test_a_call_needs_something_to_say_and_states_may_be_many(description: Description) -> None:
    call = MultiDict([("To", PHONE), ("From", LINE), ("Timeout", "30")])
    assert description.about_request("POST", CALLS, call) == ["one of Url, Twiml, ApplicationSid: missing"]
    states = [("StatusCallbackEvent", "ringing"), ("StatusCallbackEvent", "completed")]
    whole = MultiDict([*call.items(), ("Twiml", TWIML), *states])
    assert description.about_request("POST", CALLS, whole) == []
    whole.setlist("Timeout", ["30", "601"])
    assert description.about_request("POST", CALLS, whole) == [
        "Timeout: more than once",
        "Timeout: 601 is not such a number",
    ]


def test_a_wrong_account_or_answer_is_seen(description: Description) -> None:
    wrong = MESSAGES.replace(SID, "ACshort")
    assert description.about_request("POST", wrong, MultiDict(GOOD)) != []
    good = {"sid": TEXT, "status": "sent", "error_code": None}
    assert description.about_answer("POST", MESSAGES, 201, good) == []
    for change in ({"sid": "SM1"}, {"status": "gone"}, {"error_code": "30003"}, {"colour": "red"}):
        assert description.about_answer("POST", MESSAGES, 201, good | change) != []
    assert description.about_answer("POST", MESSAGES, 200, good) != []
