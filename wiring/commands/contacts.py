"""``tipline contacts``: how each person is reached, that it is theirs, and whether it works."""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import click
from sqlalchemy.orm import Session

from notify import ics, pins
from notify.channels import EMAIL, PUSH
from templates.words import LOCALES, render
from vault.kem import PublicKey
from vault.people_tables import Member
from wiring import verifying
from wiring.commands.options import config_option, read
from wiring.contact_book import ContactBook, book_of
from wiring.contact_file import NAMES, WAYS, as_csv, way_of
from wiring.errors import WiringError
from wiring.ground import Ground, lay
from wiring.roster_file import Row
from wiring.secrets import Secrets
from wiring.verifying import Post, Question

TRIES = 3
WAIT_S = 60.0
LOOK_S = 0.5
GONE = ("sent", "delivered")
_way = click.Choice(list(WAYS))


@click.group()
def contacts() -> None:
    """How members are reached (docs/channels.md): see to it that it is theirs, and that it works."""


@contacts.command()
@config_option
@click.option("--login", required=True, help="Whose address.")
@click.option("--by", "way", type=_way, default="text", show_default=True, help="Where the code goes.")
def verify(config: Path | None, login: str, way: str) -> None:
    """Send a code to LOGIN by the real way, and ask for it.

    Whoever gets it reads it to you. It shows that the address is theirs and that pages arrive; of a number,
    texts and calls are verified together.
    """
    with closing(lay(read(config))) as ground:
        with posting(ground) as post:
            question = verifying.ask(post, login, WAYS[way])
        ground.waker.wake()
        _wait(ground, question, way)
        _ask(question)
        with ground.database.writing() as session:
            verifying.confirm(session, ground.clock.now(session), question)
        ground.waker.wake()  # a page that calls them goes there too
    what = "phone" if way in {"text", "call"} else f"{way} address"
    click.echo(f"The {what} of {question.name} is verified.")


@contacts.command()
@config_option
@click.argument("login")
def test(config: Path | None, login: str) -> None:
    """Send LOGIN a test by each of their ways. Exit code 1 if one did not leave."""
    with closing(lay(read(config))) as ground:
        with posting(ground) as post:
            sent = verifying.test(post, login)
        ground.waker.wake()
        found = _watch(ground, sent)
    for channel, state in found.items():
        click.echo(f"{'ok  ' if state in GONE else 'NOT '} {NAMES[channel]}: {state}")
    if not set(found.values()) <= set(GONE):
        raise click.exceptions.Exit(1)


@contacts.command()
@config_option
def show(config: Path | None) -> None:
    """Print everybody's ways as `tipline roster import` reads them, without addresses; faults as remarks."""
    with closing(lay(read(config))) as ground, ground.database.reading() as session:
        book = book_of(ground, session)
        click.echo(as_csv(book.rows()), nl=False)
        for fault in book.faults():
            click.echo(f"# NOT {fault}")


@contacts.command()
@config_option
@click.option("--login", help="Whose it is.")
@click.option("--team", help="Instead: everybody's of this team, as of a channel that they share.")
@click.option("--by", "way", type=_way, required=True, help="What kind of address.")
@click.option("--after", default="", help='Try it so long after the others: "60 s".')
@click.option("--quiet", default="", help='Hours in which their other ways go first: "22:00-06:30".')
def add(
    config: Path | None, *, login: str | None, team: str | None, way: str, after: str, quiet: str
) -> None:
    """Give LOGIN (or each of TEAM) a way to be reached, or another address of that kind; asks for it.

    It is not shown, and sealed. Then: `tipline contacts verify`.
    """
    install = read(config)
    if bool(login) == bool(team):
        raise WiringError("name either --login or --team")
    if WAYS[way] == EMAIL and not install.settings.mail.host:
        raise WiringError("mail.host is empty: no e-mail leaves this install; docs/channels.md")
    address = click.prompt("The address", hide_input=WAYS[way] == PUSH)
    cells = {"way": way, "address": address.strip(), "after": after, "quiet": quiet}
    with closing(lay(install)) as ground:
        with ground.database.writing() as session:
            book = book_of(ground, session)
            people = [login] if login else _logins(ground, book, team or "")
            for person in people:
                book.add(way_of(Row(1, cells | {"person": person})))
        ground.waker.wake()  # a page that calls one of them goes there at once
    click.echo(f"{way}: kept for {', '.join(people)}. Now verify it.")


@contacts.command()
@config_option
@click.option("--login", required=True, help="Whose PIN.")
@click.option("--none", "without", is_flag=True, help="Take it away: pressing 1 will do again.")
def pin(config: Path | None, login: str, *, without: bool) -> None:
    """Ask for four to eight digits; LOGIN takes a case in a call with these, and with nothing else."""
    typed = "" if without else click.prompt("The PIN", hide_input=True, confirmation_prompt=True)
    if not without and not pins.PIN.fullmatch(typed):
        raise WiringError("not four to eight digits")
    with closing(lay(read(config))) as ground, ground.database.writing() as session:
        book_of(ground, session).set_pin(login, typed)
    click.echo(f"{login}: {'a PIN' if typed else 'no PIN'} from now on.")


@contacts.command()
@config_option
@click.option("--language", type=click.Choice(LOCALES), default="en", show_default=True)
def card(config: Path | None, language: str) -> None:
    """Print the contact card (vCard) of the numbers that page, for members to save and let ring at night."""
    carrier = read(config).settings.carrier
    numbers = [one for one in (carrier.pager.number, carrier.second.number) if one]
    click.echo(ics.card("Tipline", render("messages/card.txt", language).strip(), numbers), nl=False)


@contextmanager
def posting(ground: Ground) -> Iterator[Post]:
    """One transaction in which something is posted."""
    line = PublicKey.decode(Secrets(ground.config.folder, "staff").blob("line-public"))
    with ground.database.writing() as session:
        yield Post(session, ground.clock.now(session), next(iter(ground.schools)), line)


def _logins(ground: Ground, book: ContactBook, team_id: str) -> list[str]:
    team = ground.directory.current(book.session).team(team_id)
    found = [book.session.get_one(Member, one).login for one in sorted(team.members)] if team else []
    if not found:
        raise WiringError(f"{team_id}: no such team")
    return found


def _wait(ground: Ground, question: Question, way: str) -> None:
    """Until it left. WiringError, with its code, when it does not."""
    state = _watch(ground, {question.channel: question.attempt_id})[question.channel]
    if state not in GONE:
        raise WiringError(
            f"the code did not leave ({state}); is the pager running? docs/operations.md has the codes"
        )
    click.echo(f"A code is on its way to {question.name}, by {way}.")


def _watch(ground: Ground, sent: Mapping[str, str]) -> dict[str, str]:
    """Where each stands as soon as all have left or failed, or after a minute."""
    until = time.monotonic() + WAIT_S
    while True:
        with ground.database.reading() as session:
            found = _states(session, sent)
        waiting = [state for state in found.values() if state in {"due", "claimed"}]
        if not waiting or time.monotonic() > until:
            return found
        time.sleep(LOOK_S)


def _states(session: Session, sent: Mapping[str, str]) -> dict[str, str]:
    return {channel: verifying.state(session, attempt) for channel, attempt in sent.items()}


def _ask(question: Question) -> None:
    for _ in range(TRIES):
        if question.fits(click.prompt(f"The code that {question.name} reads to you")):
            return
        click.echo("That is not it.")
    raise WiringError("not verified: ask for a new code")
