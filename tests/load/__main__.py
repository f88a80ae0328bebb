"""``make bench``: every row, or those named as arguments. One JSON object a line, each with its baseline."""

import sys
from importlib import import_module

ROWS = {
    "triage": "tests.load.bench_triage",
    "intake": "tests.load.intake",
    "intake_pg": "tests.load.intake_pg",
    "page_embedded": "tests.load.paging",
    "page_rq": "tests.load.page_rq",
    "pages_per_s": "tests.load.throughput",
}


def main(names: list[str]) -> None:
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        sys.exit(f"no such row: {', '.join(unknown)} (there are {', '.join(ROWS)})")
    for name in names or ROWS:
        for row in import_module(ROWS[name]).rows():
            print(row.to_json(), flush=True)  # noqa: T201 - the output is the result


if __name__ == "__main__":
    main(sys.argv[1:])
