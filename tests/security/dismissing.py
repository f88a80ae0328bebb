"""A process that takes somebody out and is killed before it is done: ``python -m``, with what it needs.

Arguments: the database's address and the directory's fingerprint. Says ``ready`` inside the transaction.
"""

import signal
import sys

from tests.casework.world import INSTALL
from vault import admission
from vault.database import Database
from vault.directory import load
from vault.members import MemberKeys


def main(url: str, fingerprint: str) -> None:
    """Everything of the act is written; only the commit is missing."""
    keys = MemberKeys.from_seed("ana", bytes(31) + b"\x02")
    with Database(url).writing() as session:
        admission.dismiss(session, keys, load(session, INSTALL, fingerprint), "ben")
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
