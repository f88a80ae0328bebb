"""What happens between an API call and a phone, and between a phone and our webhooks.

Time, states and faults live here; the API and the page only hand things over.
"""

from dataclasses import replace
from functools import partial

from wiring.simulator.post import Postman, call_fields, status_fields, text_fields
from wiring.simulator.settings import SimulatorSettings
from wiring.simulator.store import Message, Store, now_ms
from wiring.simulator.timetable import Timetable
from wiring.simulator.twiml import Answer

# The provider tries a webhook a few times within about fifteen seconds, then gives up.
WEBHOOK_DELAYS_MS = (0, 500, 2_000, 5_000, 8_000)
TAKEN_BY_URL = "url:"


class Air:
    """Carries texts and calls both ways."""

    def __init__(self, settings: SimulatorSettings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._time = Timetable()
        # States are told on threads of their own: a webhook that hangs must not hold up the phones.
        self._told = Timetable(hands=64)
        self._postman = Postman(settings)

    def resume(self) -> None:
        """Take up what a restart interrupted."""
        for message in self._store.unfinished():
            if message.inbound:
                self._knock_at(now_ms(), message, 0)
            else:
                self._travel_at(now_ms(), message)

    def from_phone(self, sender: str, recipient: str, body: str) -> Message:
        """A person typed a text; where it goes to one of our numbers, its webhook follows."""
        account = self._settings.account_of_number(recipient)
        message = Message(
            self._settings.id_of("SM"),
            "sms",
            sender,
            recipient,
            body,
            now_ms(),
            "receiving" if account else "undelivered",
            inbound=True,
            account=account.sid if account else "",
        )
        self._store.add(message)
        mode, until = self._store.fault(recipient) or ("", 0)
        if account and mode != "drop":
            for _ in range(2 if mode == "duplicate" else 1):
                self._knock_at(_arrival(mode, until), message, 0)
        return message

    def to_phone(self, message: Message) -> None:
        """The API took a text or a call; it travels now."""
        mode, until = self._store.fault(message.recipient) or ("", 0)
        self._store.add(replace(message, shown=mode not in ("delay", "reorder", "drop")))
        if mode != "drop":
            self._travel_at(_arrival(mode, until), message)

    def answer(self, message: Message, digits: str) -> Answer:
        """Somebody picked the call up and pressed ``digits`` (none: listened only)."""
        self._tell(message, "in-progress")
        answer = Answer(message.body, message.action)
        if message.action:
            fields = {**call_fields(message, "in-progress"), "Digits": digits}
            answer = self._postman.post(message, message.action, fields) or answer
            self._store.say(message.id, f"{message.body} {answer.spoken}".strip(), answer.action)
        self._tell(message, "completed")
        return answer

    def _travel_at(self, when_ms: int, message: Message) -> None:
        travel = self._ring if message.kind == "call" else self._deliver
        self._time.at(when_ms, lambda: travel(message))

    def _deliver(self, message: Message) -> None:
        mode = (self._store.fault(message.recipient) or ("", 0))[0]
        self._store.show(message.id)
        steps = ["sent", "undelivered" if mode == "undelivered" else "delivered"]
        told = (steps[::-1] if mode == "reorder" else steps) * (2 if mode == "duplicate" else 1)
        self._store.set_status(message.id, steps[1])
        if message.callback:
            self._told.at(now_ms(), lambda: self._tell_in_turn(message, told))

    def _ring(self, message: Message) -> None:
        self._store.show(message.id)
        self._tell(message, "ringing")
        if message.body.startswith(TAKEN_BY_URL):
            address = message.body.removeprefix(TAKEN_BY_URL)
            answer = self._postman.post(message, address, call_fields(message, "ringing")) or Answer()
            self._store.say(message.id, answer.spoken, answer.action)
        self._time.at(now_ms() + int(self._settings.ring_seconds * 1000), lambda: self._give_up(message.id))

    def _give_up(self, message_id: str) -> None:
        message = self._store.get(message_id)
        if message is not None and message.status == "ringing":
            self._tell(message, "no-answer")

    def _tell(self, message: Message, status: str) -> None:
        self._store.set_status(message.id, status)
        if message.callback:
            self._told.at(now_ms(), lambda: self._tell_in_turn(message, [status]))

    def _tell_in_turn(self, message: Message, states: list[str]) -> None:
        for state in states:
            self._postman.post(message, message.callback, status_fields(message, state))

    def _knock_at(self, when_ms: int, message: Message, attempt: int) -> None:
        when = max(when_ms, now_ms() + WEBHOOK_DELAYS_MS[attempt])
        self._time.at(when, lambda: self._knock(message, attempt))

    def _knock(self, message: Message, attempt: int) -> None:
        answer = self._postman.post(message, "/carrier/sms", text_fields(message))
        if answer is None and attempt + 1 < len(WEBHOOK_DELAYS_MS):
            self._knock_at(0, message, attempt + 1)
            return
        self._store.set_status(message.id, "received" if answer is not None else "failed")
        for text, callback in answer.texts if answer else ():
            reply = _reply(self._settings.id_of("SM"), message, text, callback)
            self._store.add(reply)
            if callback:
                self._told.at(now_ms(), partial(self._tell_in_turn, reply, ["sent", "delivered"]))


def _arrival(mode: str, until_ms: int) -> int:
    """When something sent now arrives: a delay holds it to its end, reordering turns the order round."""
    now = now_ms()
    return {"delay": until_ms, "reorder": 2 * until_ms - now}.get(mode, now)


def _reply(sid: str, message: Message, body: str, callback: str) -> Message:
    return Message(
        sid,
        "sms",
        message.recipient,
        message.sender,
        body,
        now_ms(),
        "delivered",
        inbound=False,
        account=message.account,
        callback=callback,
    )
