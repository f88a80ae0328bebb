"""The ``tipline`` command. Each of its commands is imported when it is called, so that help is quick."""

import os
import sys
from importlib import import_module

import click
from sqlalchemy.exc import SQLAlchemyError

from reporting.errors import ReportingError
from vault.errors import VaultError
from wiring.errors import WiringError

# Name, where it lives, and what the list of commands says about it.
COMMANDS = {
    "init": ("wiring.commands.init:init", "Make the database, keys and configuration of an install."),
    "found": ("wiring.commands.found:found", "Add teams, members, turns and routes of a file."),
    "member": ("wiring.commands.member:member", "Invite people, let them come back, switch accounts off."),
    "team": ("wiring.commands.team:team", "Give a team a new key with the recovery words."),
    "recover": ("wiring.commands.recover:recover", "Bring a team back of which nobody can sign in."),
    "serve": ("wiring.commands.serve:serve", "Run every process of a small install."),
    "public": ("wiring.commands.processes:public", "Run the form, reporters' threads and webhooks."),
    "staff": ("wiring.commands.processes:staff", "Run the members' side: inbox, cases, replies."),
    "pager": ("wiring.commands.processes:pager", "Run delivery, escalation and read deadlines."),
    "worker": ("wiring.commands.processes:worker", "Run deliveries from the queue (with queue.url)."),
    "watchman": ("wiring.commands.processes:watchman", "Watch that no open page lacks a live deadline."),
    "simulator": ("wiring.commands.processes:simulator", "Run the carrier simulator: phones on a page."),
    "check": ("wiring.commands.check:check", "Verify configuration, database, keys, carrier, coverage."),
    "contacts": ("wiring.commands.contacts:contacts", "See to it that members' phones are theirs."),
    "drill": ("wiring.commands.drill:drill", "Call as for an immediate report, and see who takes it."),
    "proof": ("wiring.commands.proof:proof", "Prove who was called for a case, when, and who took it."),
    "live": ("wiring.commands.live:live", "Let a school through to real use."),
    "status": ("wiring.commands.status:status", "Say how the install stands at this moment."),
    "oncall": ("wiring.commands.oncall:oncall", "Say who is on call, where nobody is, whom it woke."),
    "roster": ("wiring.commands.roster:roster", "Import, show, verify rosters; overrides, absences."),
    "policy": ("wiring.commands.policy:policy", "Say who would be called, when and how (policy test)."),
    "simulate": ("wiring.commands.simulate:simulate", "Say how long pages would wait with a roster."),
    "migrate": ("wiring.commands.migrate:migrate", "Bring the database to this version's schema."),
    "roles": ("wiring.commands.roles:roles", "Print SQL: what each process may do in PostgreSQL."),
    "backup": ("wiring.commands.backup:backup", "Save all of an install in one sealed file, while it runs."),
    "restore": ("wiring.commands.backup:restore", "Put an install back from a backup; asks for the words."),
    "retention": ("wiring.commands.retention:retention", "Delete what is past its date now, or count it."),
    "hold": ("wiring.commands.hold:hold", "Keep a report beyond its date (add, remove, list)."),
    "export-case": (
        "wiring.commands.export_case:export_case",
        "Write one case into a file, by a member who may read it.",
    ),
    "audit": ("wiring.commands.audit:audit", "Verify or export who did what (verify, export)."),
    "triage": ("wiring.commands.triage:triage", "Say what a text would be assessed as, and why."),
    "evaluate": ("wiring.commands.triage:evaluate", "Measure triage on labelled cases."),
    "version": ("wiring.commands.version:version", "Print the version."),
}
REFUSED = 2


class LateGroup(click.Group):
    """Knows the names of its commands, and imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(
    cls=LateGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def tipline() -> None:
    """Anonymous student reporting and crisis triage that a school hosts itself.

    Not an emergency service. To look at it: `tipline init --demo`, then `tipline serve`.
    """


def main() -> None:
    """Run the command; what start-up refuses is one line on standard error and exit code 2."""
    os.umask(0o077)  # whatever we write is for this user alone
    try:
        tipline(prog_name="tipline")
    except (WiringError, VaultError, ReportingError) as error:
        click.echo(f"tipline: {error}", err=True)
        sys.exit(REFUSED)
    except SQLAlchemyError as error:
        # The database's own words may quote its address or rows.
        kind = type(error).__name__
        click.echo(f"tipline: the database does not answer ({kind}); check database.url", err=True)
        sys.exit(REFUSED)
