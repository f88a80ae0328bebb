"""What an install decides about its staff side. Only wiring fills this in."""

from dataclasses import dataclass

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class StaffSettings:
    """``public_hosts``: the form's names, refused here; ``name`` covers every port, ``name:port`` just one.

    ``loopback_demo`` allows cookies without TLS. ``second_factor``: optional or required.
    ``source_header``: where the proxy says who calls; empty: it does not. ``site``: how members write it.
    """

    public_hosts: frozenset[str] = frozenset()
    loopback_demo: bool = False
    idle_ms: int = 30 * MINUTE_MS
    absolute_ms: int = 12 * 60 * MINUTE_MS
    second_factor: str = "optional"
    source_header: str = ""
    site: str = ""
    inbox_length: int = 25
    inbox_refresh_s: int = 30

    @property
    def cookie_name(self) -> str:
        """``__Host-`` makes browsers insist on TLS, the root path and no other host."""
        return "tipline-staff" if self.loopback_demo else "__Host-tipline-staff"

    @property
    def form_cookie_name(self) -> str:
        """The cookie that only binds forms to this browser (CSRF)."""
        return "tipline-form" if self.loopback_demo else "__Host-tipline-form"

    @property
    def browser_cookie_name(self) -> str:
        """The cookie of a browser that somebody signed in with before."""
        return "tipline-browser" if self.loopback_demo else "__Host-tipline-browser"
