"""A supervised process for tests: its name says how it behaves."""

import os
import signal
import sys
import threading
from pathlib import Path

from wiring.lifeline import Lifeline

BEAT_S = 0.05


def main(name: str, lifeline: int) -> None:
    life = Lifeline(lifeline)
    if name == "mortal":
        os._exit(3)
    if name == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    life.beat()
    if name == "silent":
        threading.Event().wait()
    while not life.stop.wait(BEAT_S):
        life.beat()
    if len(sys.argv) > 4:
        Path(sys.argv[4]).write_text(name, encoding="utf-8")


main(sys.argv[1], int(sys.argv[3]))
