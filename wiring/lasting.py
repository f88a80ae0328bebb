"""Threads that last: while the relay beats nobody restarts the process, so what breaks off begins again."""

import logging
import threading
from collections.abc import Callable

from notify.alarm import Alarm

AGAIN_S = 5.0

log = logging.getLogger("wiring.lasting")


def keep_at(
    name: str,
    work: Callable[[threading.Event], object],
    stop: threading.Event,
    alarm: Alarm,
    again_s: float = AGAIN_S,
) -> None:
    """Do ``work(stop)`` until told to stop; what breaks it off is alarmed, and after a pause it begins again.

    The process is not ended for it: one row that breaks a thread would keep all pages from leaving.
    """
    while not stop.is_set():
        try:
            work(stop)
        except Exception as error:
            # The log keeps of the traceback class and place alone.
            log.exception("a thread broke off", extra={"work": name, "error": type(error).__name__})
            alarm.sound(f"{name}_broke_off")
        stop.wait(again_s)
