"""A web process's own pulse: it beats only while it still answers a request like anybody's."""

import http.client
import threading
from collections.abc import Callable

EVERY_S = 1.0
FIRST_S = 0.1
TIMEOUT_S = 5.0


def watch_self(address: tuple[str, int], beat: Callable[[], None], stop: threading.Event) -> threading.Thread:
    """Ask ``address`` (host, port) for /healthz every second, in a thread; each answer is a beat.

    Until the first one more often: a process that begins to answer is soon known to.
    """

    def watch() -> None:
        pause = FIRST_S
        while not stop.is_set():
            if answers(address):
                beat()
                pause = EVERY_S
            stop.wait(pause)

    thread = threading.Thread(target=watch, name="pulse", daemon=True)
    thread.start()
    return thread


def answers(address: tuple[str, int]) -> bool:
    """Whether /healthz at ``address`` says 200 in time."""
    connection = http.client.HTTPConnection(*address, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
