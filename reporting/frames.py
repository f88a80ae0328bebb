"""Views that are the same for many are rendered once, with holes for what is one person's own."""

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from markupsafe import Markup, escape

MOST = 256
_HOLE = re.compile(r"@@(\w+)@@")


def hole(name: str) -> Markup:
    """What stands in a frame where the value ``name`` will be."""
    return Markup(f"@@{name}@@")  # noqa: S704 - a name of ours


@dataclass
class Frames:
    """Frames by key. A frame is rendered without any reporter's words, so that none can be kept in it."""

    _kept: dict[Hashable, list[str]] = field(default_factory=dict)

    def fill(self, key: Hashable, render: Callable[[], str], **values: str) -> str:
        """The frame of ``key``, rendered the first time, with ``values`` in its holes, escaped."""
        parts = self._kept.get(key)
        if parts is None:
            if len(self._kept) >= MOST:
                self._kept.clear()
            parts = self._kept[key] = _HOLE.split(render())
        filled = parts.copy()
        filled[1::2] = [str(escape(values[name])) for name in parts[1::2]]
        return "".join(filled)
