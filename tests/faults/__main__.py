"""``make faults``: random kills while messages are filed, a line a set-up; then long without a queue server.

Fails when anything was lost, or sent later than it may be; on a machine that others use, later by as much.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults import site
from tests.faults.absence import without_queue
from tests.faults.crowding import crowding
from tests.faults.run import LATE_S, kills
from tests.faults.verdict import Verdict, read_rows
from tests.memory import write_into_memory
from tests.servers import Valkey, running_postgresql

SETUPS = ("embedded", "production")


def main(arguments: list[str]) -> None:
    write_into_memory()
    given = _parser().parse_args(arguments)
    seed = random.SystemRandom().randrange(1_000_000) if given.seed is None else given.seed
    print(f"seed {seed}", file=sys.stderr, flush=True)  # noqa: T201 - to repeat a run
    failed = False
    for setup in SETUPS if given.setup == "both" else (given.setup,):
        with _site(setup) as place:
            found, limit = kills(place, setup, given.kills, random.Random(seed))  # noqa: S311 - moments, no secrets
        failed |= found.lost > 0 or found.worst_first_send_s > limit
        print(f"first send within {limit:.1f} s", file=sys.stderr, flush=True)  # noqa: T201 - 5, or more if crowded
        print(found.to_json() if given.json else _sentence(found), flush=True)  # noqa: T201 - the result
    failed |= given.away > 0 and _away(given.away)
    sys.exit(failed)


def _away(seconds: float) -> bool:
    """Whether a page waited too long while the queue server was gone for so long."""
    with _site("production") as place:
        assert place.queue
        before = crowding()
        worst = without_queue(place, place.queue, seconds)
        found = {
            "setup": "queue_away",
            "seconds": seconds,
            "pages": len(read_rows(place).pages),
            "worst_first_send_s": round(worst, 3),
        }
        print(json.dumps(found), flush=True)  # noqa: T201 - the result
        return worst > LATE_S * max(before, crowding())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=60, help="SIGKILLs in each set-up")
    parser.add_argument("--away", type=float, default=0, help="seconds without a queue server, afterwards")
    parser.add_argument("--setup", choices=(*SETUPS, "both"), default="both")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--seed", type=int, help="repeat the moments and targets of a run")
    return parser


@contextmanager
def _site(setup: str) -> Iterator[site.Site]:
    with tempfile.TemporaryDirectory(prefix="tipline-faults-") as folder:
        if setup == "embedded":
            with site.embedded(Path(folder)) as place:
                yield place
            return
        valkey = Valkey()
        valkey.start()
        try:
            with running_postgresql() as server, site.production(Path(folder), server, valkey) as place:
                yield place
        finally:
            valkey.stop()


def _sentence(found: Verdict) -> str:
    return (
        f"{found.setup}: {found.reports} received, {found.pages} pages, {found.lost} lost, "
        f"{found.duplicates} duplicates, first send after {found.worst_first_send_s} s at worst"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
