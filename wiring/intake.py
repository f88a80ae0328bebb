"""What messages are filed with, whoever files them: the form, the text line, a drill."""

from reporting.intake import IntakeDeps
from triage import assess
from wiring import reserve
from wiring.ground import Ground


def intake_deps(ground: Ground, wall_key: bytes) -> IntakeDeps:
    """``wall_key`` may be any for what nobody writes to again: a drill."""
    return IntakeDeps(
        database=ground.database,
        clock=ground.clock,
        directories=ground.directory,
        install=ground.install,
        paging=ground.config.settings.paging,
        waker=ground.waker,
        assess=assess,
        wall_key=wall_key,
        retention_days=ground.config.settings.public.retention_days,
        has_room=reserve.whole(ground.disk) if ground.disk else lambda: True,
    )
