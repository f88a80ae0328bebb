"""The public process begins the drills that somebody asked for: as it takes what the form sends."""

import logging
import threading
from collections.abc import Mapping

from sqlalchemy.exc import SQLAlchemyError

from reporting import drill as drills
from reporting.errors import ReportingError
from reporting.intake import IntakeDeps
from reporting.schools import School
from vault.errors import VaultError

EVERY_S = 2.0

log = logging.getLogger("wiring.drilling")


def begin(deps: IntakeDeps, schools: Mapping[str, School]) -> int:
    """Begin what waits; how many. One that fails waits for the next round, and for its own end."""
    with deps.database.reading() as session:
        asked = drills.waiting(session, deps.clock.now(session))
    begun = 0
    for drill in asked:
        try:
            if drill.school in schools:
                drills.file(deps, schools[drill.school], drill)
                begun += 1
        except (SQLAlchemyError, ReportingError, VaultError) as error:
            log.error("a drill was not begun", extra={"error": type(error).__name__})  # noqa: TRY400 - its rows
    return begun


def begin_drills(deps: IntakeDeps, schools: Mapping[str, School], stop: threading.Event) -> None:
    """In a thread, until told to stop. The form does not wait for it, whatever becomes of it."""

    def watch() -> None:
        while not stop.wait(EVERY_S):
            try:
                begin(deps, schools)
            except SQLAlchemyError as error:
                log.warning("drills were not looked for", extra={"error": type(error).__name__})

    threading.Thread(target=watch, name="drills", daemon=True).start()
