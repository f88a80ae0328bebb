"""``make faults``: random kills while messages are filed. One line a set-up.

Fails when anything was lost, or sent later than it may be; on a machine that others use, later by as much.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults import site
from tests.faults.run import kills
from tests.faults.verdict import Verdict
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
    sys.exit(failed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=60, help="SIGKILLs in each set-up")
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
