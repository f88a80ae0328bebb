"""Views that are the same for many are rendered once, with holes for what is one person's own."""

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from markupsafe import Markup, escape

MOST = 256
LONGEST = 65_536
_HOLE = re.compile(r"@@(\w+)@@")


def hole(name: str) -> Markup:
    """What stands in a frame where the value ``name`` will be."""
    return Markup(f"@@{name}@@")  # noqa: S704 - a name of ours


@dataclass
class Frames:
    """Frames by key. A frame is rendered without any reporter's words, so that none can be kept in it."""

    _kept: dict[Hashable, list[str]] = field(default_factory=dict)

    def fill(self, key: Hashable, render: Callable[[], str], **values: str) -> str:
        """The frame of ``key``, rendered the first time, with ``values`` in its holes, escaped.

        A very long one is not kept: nobody fills the memory by writing again and again.
        """
        parts = self._kept.get(key) or self._render(key, render)
        filled = parts.copy()
        filled[1::2] = [str(escape(values[name])) for name in parts[1::2]]
        return "".join(filled)

    def _render(self, key: Hashable, render: Callable[[], str]) -> list[str]:
        whole = render()
        parts = _HOLE.split(whole)
        if len(whole) <= LONGEST:
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[key] = parts
        return parts
