"""The pager's ways out, as the configuration names them: our numbers at their providers, e-mail, push."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from notify.channels import EMAIL, PAGER, PUSH, SECOND, Channel, Outlet, telephone
from notify.channels.http import THEIR_ADDRESS
from notify.channels.push import Push
from notify.channels.twilio import Account, TwilioProvider
from notify.errand import Links
from wiring.config import Config
from wiring.secrets import Secrets

if TYPE_CHECKING:
    from notify.channels.mail import Mail


def outlets_of(config: Config, secrets: Secrets) -> Mapping[str, Outlet]:
    """Our numbers, by sender."""
    carrier, first = config.settings.carrier, config.carrier_address or THEIR_ADDRESS
    owned = {
        PAGER: (carrier.pager.number, carrier.pager.account_sid, first),
        SECOND: (carrier.second.number, carrier.second.account_sid, carrier.second.base_address),
        "line": (carrier.line.number, carrier.line.account_sid, first),
    }
    return {
        sender: Outlet(number, _provider(config, secrets, sender, sid, address))
        for sender, (number, sid, address) in owned.items()
        if number
    }


def channels_of(
    config: Config, secrets: Secrets, outlets: Mapping[str, Outlet]
) -> Mapping[tuple[str, str], Channel]:
    """Every channel that this install has, by channel and sender."""
    paging = config.settings.paging
    channels = telephone.channels_of(outlets)
    channels[PUSH, PAGER] = Push(paging.provider_timeout_s, paging.workers + 2)
    if config.settings.mail.host:
        channels[EMAIL, PAGER] = mail_of(config, secrets)
    return channels


def mail_of(config: Config, secrets: Secrets) -> "Mail":
    """The way to the configured mail server."""
    # Only then: a pager that starts again has no time to load what it will not use.
    from notify.channels.mail import Mail  # noqa: PLC0415

    paging, mail = config.settings.paging, config.settings.mail
    password = secrets.text("mail-password") if mail.user else ""
    return Mail(mail, password, timeout_s=paging.provider_timeout_s, at_once=paging.workers + 2)


def links_of(config: Config) -> Links:
    """Addresses that pages name."""
    return Links(
        lambda attempt_id: f"{config.webhook_address}/carrier/voice/{attempt_id}",
        lambda reference: f"{config.staff_address}/case/{reference}",
    )


def _provider(config: Config, secrets: Secrets, sender: str, sid: str, address: str) -> TwilioProvider:
    account = Account(
        sid=sid,
        token=secrets.text(f"carrier-{sender}-token"),
        status_to=lambda attempt_id: f"{config.webhook_address}/carrier/status/{attempt_id}",
        base_address=address,
        ca_file="" if sender == SECOND else config.settings.carrier.ca_file,
    )
    paging = config.settings.paging
    return TwilioProvider(account, paging.provider_timeout_s, connections=paging.workers + 2)
