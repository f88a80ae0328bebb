"""The staff process: sign-in, inbox, cases, replies. A member's keys are here only while that member is."""

from urllib.parse import urlsplit

from casework.deps import StaffDeps
from casework.settings import MINUTE_MS, StaffSettings
from casework.web import staff_app
from vault.kem import PublicKey
from wiring import http, pulse
from wiring.config import Config, scheme_of
from wiring.ground import Ground, lay
from wiring.impairment import Impairment
from wiring.lifeline import Lifeline
from wiring.monitoring import Door, open_door
from wiring.rereading import judge_of
from wiring.secrets import Secrets
from wiring.vitals import note_vitals


def run(config: Config, life: Lifeline) -> None:
    """Serve until told to stop."""
    ground = lay(config)
    app = staff_app(deps(ground))
    here = config.settings.staff
    pulse.watch_self((here.host, here.port), life.beat, life.stop)
    impaired = Impairment(ground.database, ground.clock, ground.config.settings.paging)
    open_door(config, "staff", Door(life.beats, lambda: not impaired()), life)
    note_vitals(ground, "staff", (here.host, here.port), life.stop)
    scheme = scheme_of(config.staff_address)
    http.serve(app, here.host, here.port, threads=here.threads, scheme=scheme, stop=life.stop)


def deps(ground: Ground) -> StaffDeps:
    """Everything the staff application works with."""
    secrets = Secrets(ground.config.folder, "staff")
    return StaffDeps(
        database=ground.database,
        clock=ground.clock,
        directory=ground.directory,
        install=ground.install,
        schools=ground.schools,
        line_public=PublicKey.decode(secrets.blob("line-public")),
        waker=ground.waker,
        paging_impaired=Impairment(ground.database, ground.clock, ground.config.settings.paging),
        judge=judge_of(ground),
        form_secret=secrets.key("form-cookie-key"),
        responder_numbers=secrets.key("responder-number-key"),
        settings=staff_settings(ground.config),
        paging=ground.config.settings.paging,
    )


def staff_settings(config: Config) -> StaffSettings:
    """The file's [staff] as casework wants it."""
    staff = config.settings.staff
    return StaffSettings(
        public_hosts=frozenset({_host(config.public_address)}),
        loopback_demo=config.settings.install.demo,
        idle_ms=staff.idle_minutes * MINUTE_MS,
        absolute_ms=staff.absolute_hours * 60 * MINUTE_MS,
        second_factor=staff.second_factor,
        source_header=staff.source_header,
        site=config.staff_address,
        inbox_length=staff.inbox_length,
        inbox_refresh_s=staff.inbox_refresh_s,
    )


def _host(address: str) -> str:
    """``name`` or ``name:port`` of a web address, in lower case."""
    return urlsplit(address).netloc.lower()
