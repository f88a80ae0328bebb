"""Reporters who write through the form at a steady pace, and try again until it says "received"."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape

import requests

from tests.load.intake import NONCE, WORDS
from tests.waiting import eventually

PER_SECOND = 5
PATIENCE_S = 300.0  # beyond the last kill: until then the form may be down most of the time
PAUSE_S = 1.0
ANSWER_S = 20.0
HANDS = 120
IMMEDIATE = "he has a knife and says he will stab my brother after school today"
CALM = "the water fountain beside the gym is broken again, can somebody look at it"


@dataclass(frozen=True, slots=True)
class Received:
    """A message that was answered "received" at ``at_ms`` (UTC), with this receipt."""

    receipt: str
    immediate: bool
    at_ms: int


def file(form: str, *, immediate: bool) -> Received:
    """Open the form and send it, once. requests.RequestException when it was not received."""
    nonce = open_form(form)
    return Received(send_form(form, nonce, words(immediate=immediate)), immediate, _now_ms())


def file_patiently(form: str, *, immediate: bool) -> Received:
    """The same until it is received: the form as it was opened, sent again."""
    nonce = _patiently(lambda: open_form(form))
    receipt = _patiently(lambda: send_form(form, nonce, words(immediate=immediate)))
    return Received(receipt, immediate, _now_ms())


def file_steadily(form: str, count: int, goes_on: Callable[[], bool]) -> tuple[Received, ...]:
    """Five messages a second, every other one immediate: ``count`` and then while ``goes_on()``."""
    pause, began, pending = threading.Event(), time.monotonic(), list[Future[Received]]()
    with ThreadPoolExecutor(HANDS, "reporter") as reporters:
        while len(pending) < count or goes_on():
            immediate = len(pending) % 2 == 0
            pending.append(reporters.submit(file_patiently, form, immediate=immediate))
            pause.wait(max(0, began + len(pending) / PER_SECOND - time.monotonic()))
    return tuple(one.result() for one in pending)


def open_form(form: str) -> str:
    """The nonce of a form that was just opened."""
    return _found(NONCE.findall(_body(requests.get(f"{form}/?lang=en", timeout=ANSWER_S))))


def post_form(form: str, nonce: str, text: str) -> requests.Response:
    """What is answered to it, whatever that is."""
    fields = {"nonce": nonce, "text": text, "school": ""}
    return requests.post(f"{form}/?lang=en", data=fields, timeout=ANSWER_S)


def send_form(form: str, nonce: str, text: str) -> str:
    """The receipt."""
    return _found(WORDS.findall(_body(post_form(form, nonce, text))))


def _patiently(act: Callable[[], str]) -> str:
    pause = threading.Event()

    def tried() -> str:
        try:
            return act()
        except requests.RequestException:
            pause.wait(PAUSE_S)
            return ""

    return eventually(tried, PATIENCE_S)


def _body(answer: requests.Response) -> str:
    answer.raise_for_status()
    return answer.text


def _found(matches: list[str]) -> str:
    if not matches:
        raise requests.RequestException("the answer lacks what the next step needs")
    return unescape(matches[0]).strip()


def words(*, immediate: bool) -> str:
    return IMMEDIATE if immediate else CALM


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
