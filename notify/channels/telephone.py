"""Texts and calls as channels: each of our numbers is a sender of both."""

from collections.abc import Mapping
from dataclasses import dataclass

from notify.channels import CALL, TEXT, Channel, Outlet, Parcel, SentText


@dataclass(frozen=True)
class Texts:
    """Texts from one number."""

    outlet: Outlet

    def send(self, parcel: Parcel) -> str:
        out = self.outlet
        return out.provider.send_text(out.number, parcel.to, parcel.body, parcel.attempt_id, parcel.valid_s)

    def earlier(self, to: str, since: int) -> list[SentText]:
        return self.outlet.provider.sent_texts(self.outlet.number, to, since)


@dataclass(frozen=True)
class Calls:
    """Calls from one number."""

    outlet: Outlet

    def send(self, parcel: Parcel) -> str:
        return self.outlet.provider.call(self.outlet.number, parcel.to, parcel.body, parcel.attempt_id)

    def earlier(self, to: str, since: int) -> list[SentText]:
        """Nothing: of a call only its status callback tells."""
        del to, since
        return []


def channels_of(outlets: Mapping[str, Outlet]) -> dict[tuple[str, str], Channel]:
    """Every channel of ``outlets`` (by sender), by channel and sender."""
    texts: dict[tuple[str, str], Channel] = {(TEXT, one): Texts(outlet) for one, outlet in outlets.items()}
    return texts | {(CALL, one): Calls(outlet) for one, outlet in outlets.items()}
