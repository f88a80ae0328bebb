"""The public process: form, reporters' threads, carrier webhooks. It holds no key that opens a message."""

import time
from secrets import token_bytes

from prometheus_client import Histogram

from reporting import wall
from reporting.deps import PublicDeps
from reporting.draft import Draft, Filed
from reporting.hour_keys import HourKeys
from reporting.intake import Intake, IntakeDeps
from reporting.settings import PublicSecrets, PublicSettings
from reporting.web import public_app
from triage import default_rules
from vault.kem import PublicKey
from wiring import http, pulse
from wiring.alarm import LoudAlarm
from wiring.config import Config, scheme_of
from wiring.drilling import begin_drills
from wiring.ground import Ground, lay
from wiring.impairment import Impairment
from wiring.intake import intake_deps
from wiring.lifeline import Lifeline
from wiring.metrics import intake_seconds
from wiring.monitoring import Door, open_door
from wiring.secrets import Secrets
from wiring.vitals import note_vitals


def run(config: Config, life: Lifeline) -> None:
    """Serve until told to stop."""
    ground = lay(config)
    impaired = Impairment(ground.database, ground.clock, ground.config.settings.paging)
    door = Door(life.beats, lambda: not impaired())
    app = public_app(deps(ground, intake_seconds(door.registry)))
    here = config.settings.public
    pulse.watch_self((here.host, here.port), life.beat, life.stop)
    open_door(config, "public", door, life)
    note_vitals(ground, "public", (here.host, here.port), life.stop)
    scheme = scheme_of(config.public_address)
    begin_drills(intake_deps(ground, token_bytes(32)), ground.schools, life.stop)
    http.serve(app, here.host, here.port, threads=here.threads, scheme=scheme, stop=life.stop)


class TimedIntake(Intake):
    """An intake whose work is measured, by whether it came to a good end."""

    def __init__(self, deps: IntakeDeps, seconds: Histogram) -> None:
        super().__init__(deps)
        self._stored, self._failed = (seconds.labels(outcome) for outcome in ("stored", "failed"))

    def file(self, draft: Draft) -> Filed:
        began, came_to = time.perf_counter(), self._failed
        try:
            filed = super().file(draft)
            came_to = self._stored
        finally:
            came_to.observe(time.perf_counter() - began)
        return filed


def deps(ground: Ground, seconds: Histogram | None = None) -> PublicDeps:
    """Everything the public application works with; ``seconds`` measures intake."""
    default_rules()  # compiled before the first message comes, not while its writer waits
    config = ground.config
    settings = public_settings(config)
    secrets = public_secrets(
        Secrets(config.folder, "public"),
        with_line=bool(settings.lines),
        with_second=bool(settings.second_number),
    )
    works = intake_deps(ground, wall.key_of(secrets.pepper))
    return PublicDeps(
        database=ground.database,
        clock=ground.clock,
        directories=ground.directory,
        intake=TimedIntake(works, seconds) if seconds else Intake(works),
        install=ground.install,
        schools=ground.schools,
        settings=settings,
        secrets=secrets,
        hours=HourKeys(config.folder / "secrets" / "public" / "hours"),
        alarm=LoudAlarm(config.settings.alarm.post_to).sound,
        paging_impaired=Impairment(ground.database, ground.clock, ground.config.settings.paging),
    )


def public_settings(config: Config) -> PublicSettings:
    """The file's [public] and [carrier] as the reporter's side wants them."""
    public, carrier = config.settings.public, config.settings.carrier
    school = carrier.line.school or config.settings.schools[0].id
    return PublicSettings(
        address=config.webhook_address,
        lines={carrier.line.number: school} if carrier.line.number else {},
        pager_number=carrier.pager.number,
        site=config.public_address,
        second_number=carrier.second.number,
        accounts=frozenset(
            {carrier.line.account_sid, carrier.pager.account_sid, carrier.second.account_sid} - {""}
        ),
        exit_url=public.exit_url,
        retention_days=public.retention_days,
        receipt_minutes=public.receipt_minutes,
        max_text_bytes=public.max_text_bytes,
        max_post_bytes=public.max_post_bytes,
    )


def public_secrets(secrets: Secrets, *, with_line: bool, with_second: bool = False) -> PublicSecrets:
    """The process's own secrets. SecretError for one that is missing or loose."""
    return PublicSecrets(
        form=secrets.key("form-key"),
        pepper=secrets.key("receipt-pepper"),
        reporter_numbers=secrets.key("reporter-number-key"),
        responder_numbers=secrets.key("responder-number-key"),
        line_tokens=secrets.tokens("carrier-line-token") if with_line else (),
        pager_tokens=secrets.tokens("carrier-pager-token"),
        second_tokens=secrets.tokens("carrier-second-token") if with_second else (),
        line=PublicKey.decode(secrets.blob("line-public")),
    )
