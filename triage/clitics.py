"""Arabic words behind what is written onto them: "and", "with", "for", the article, strokes."""

from collections.abc import Mapping
from dataclasses import dataclass

from triage.repair import Repair

# Conjunction, preposition or future, article, in the order in which Arabic writes them.
_LAYERS = (
    ("\u0648", "\u0641"),
    ("\u0628", "\u0643", "\u0644", "\u0633", "\u0639", "\u0647", "\u062d"),
    ("\u0627\u0644", "\u0644"),
)
_STROKE = "\u0640"
# A shorter rest is a word of its own by chance.
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Clitics:
    """Strips what is written onto a word until a known word is left, then falls back to repair."""

    known: Mapping[str, str | tuple[str, ...]]
    repair: Repair

    def __call__(self, word: str) -> str | tuple[str, ...] | None:
        plain = word[:60].replace(_STROKE, "")
        found = self.known.get(plain)
        if found is not None:
            return found
        candidates = [plain]
        for layer in _LAYERS:
            for rest in tuple(candidates):
                candidates += [rest[len(part) :] for part in layer if rest.startswith(part)]
        for candidate in candidates:
            if len(candidate) >= _SHORTEST and candidate in self.known:
                return self.known[candidate]
        return self.repair(word)
