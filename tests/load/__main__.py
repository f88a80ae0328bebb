"""``make bench``: every row, or those named as arguments. One JSON object a line, each with its baseline."""

import sys
from collections.abc import Callable, Iterator

from tests.load import bench_triage, growth, intake, intake_pg, lateness, page_rq, paging, throughput
from tests.load.rows import Row

ROWS: dict[str, Callable[[], Iterator[Row]]] = {
    "triage": bench_triage.rows,
    "intake": intake.rows,
    "intake_pg": intake_pg.rows,
    "page_embedded": paging.rows,
    "page_rq": page_rq.rows,
    "pages_per_s": throughput.rows,
    "escalation_lateness": lateness.rows,
    "sweep_growth": growth.rows,
}


def main(names: list[str]) -> None:
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        sys.exit(f"no such row: {', '.join(unknown)} (there are {', '.join(ROWS)})")
    for name in names or ROWS:
        for row in ROWS[name]():
            print(row.to_json(), flush=True)  # noqa: T201 - the output is the result


if __name__ == "__main__":
    main(sys.argv[1:])
