"""``tipline proof``: who was called for a case, when, by which way, and who took it, as the audit proves."""

import json
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import pdf
from casework.proving import Told, as_json, as_text, tell
from notify.proof import BROKEN, Checked, proof_of
from notify.tables import Page
from vault.chain import Head
from vault.verdict import Judge
from wiring.commands.options import config_option, json_option, read
from wiring.errors import WiringError
from wiring.ground import Ground, lay
from wiring.rereading import PIECE, judge_of

LOCALE = "en"


@click.command()
@click.argument("what", metavar="CASE-OR-PAGE")
@config_option
@json_option
@click.option(
    "--pdf", "to", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file, to print."
)
def proof(what: str, config: Path | None, as_json: bool, to: Path | None) -> None:
    """Prove what became of the pages of a case (K7QM-29TX), or of a page (its id, also once it was deleted).

    Reads the whole audit up to the newest event of these pages, and holds each to the pager's signature.

    Exit code 0 when nothing contradicts, 1 when an event is changed or missing, 2 when there is no such page.
    """
    with closing(lay(read(config))) as ground:
        found = _look(ground, what)
    if to:
        _write(to, pdf.printed("\n".join(as_text(told, LOCALE) for told in found)))
    elif as_json:
        click.echo(json.dumps(_as_list(found)))
    else:
        click.echo("\n".join(as_text(told, LOCALE) for told in found), nl=False)
    sys.exit(any(told.proof.standing == BROKEN for told in found))


def _as_list(found: Sequence[Told]) -> list[dict[str, object]]:
    return [as_json(told) for told in found]


def _look(ground: Ground, what: str) -> list[Told]:
    judge = judge_of(ground)
    with ground.database.reading() as session:
        ids = session.scalars(
            select(Page.id).where(Page.reference == what.upper()).order_by(Page.opened_at)
        ).all() or [what.lower()]
        found = [_told(ground, session, page_id, judge) for page_id in ids]
    if not any(told.proof.entries or told.proof.page for told in found):
        raise WiringError(f"nothing is known of {what}: name a case as K7QM-29TX, or the id of a page")
    return found


def _told(ground: Ground, session: Session, page_id: str, judge: Judge) -> Told:
    last = proof_of(session, page_id, judge.is_whole).last
    found = proof_of(session, page_id, judge.is_whole, _read(ground, session, judge, last))
    school = ground.schools.get(found.page.school) if found.page else None
    return tell(found, school.name if school else "", school.zone if school else "UTC", LOCALE)


def _read(ground: Ground, session: Session, judge: Judge, last: int) -> Checked:
    """The audit from its first event to ``last``."""
    end, broken = Head(), ""
    while end.seq < last and not broken:
        end, broken = judge.go_on(session, end, min(PIECE, last - end.seq))
        session.expunge_all()
    return Checked(end.seq, ground.clock.now(session), end.seq + 1 if broken else None)


def _write(to: Path, content: bytes) -> None:
    try:
        to.write_bytes(content)
    except OSError as error:
        raise WiringError(f"{to}: cannot be written ({error.strerror})") from None
    click.echo(f"ok   {to}")
