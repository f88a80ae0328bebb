"""Sentences for a first reply, so that nobody has to find words at two in the morning.

Each is a small template, in the language in which the reporter wrote, if reporters are offered it.
"""

from dataclasses import dataclass
from typing import Final

from templates import words
from templates.languages import OFFERED, Language
from templates.words import DEFAULT_LOCALE

PROMPTS: Final = ("safe_now", "thank_you", "where_are_you", "trusted_adult", "call_988")


@dataclass(frozen=True, slots=True)
class Prompt:
    """``text``: what is put into the box. ``meaning``: the same for a member who cannot read it, or empty."""

    name: str
    text: str
    meaning: str


def prompts(language: str, own: str) -> tuple[Language, tuple[Prompt, ...]]:
    """Those for a reporter who writes in ``language`` and a member who reads ``own``; in which language."""
    spoken = OFFERED.get(language, OFFERED[DEFAULT_LOCALE])
    texts = {name: prompt_text(name, spoken.code) for name in PROMPTS}
    return spoken, tuple(
        Prompt(name, text, "" if spoken.code == own else prompt_text(name, own))
        for name, text in texts.items()
    )


def prompt_text(name: str, language: str) -> str:
    """The words of prompt ``name``; empty for a name that is not ours."""
    if name not in PROMPTS:
        return ""
    locale = language if language in OFFERED else DEFAULT_LOCALE
    return words.render(f"casework/prompts/{name}.txt", locale).strip()


def filled(text: str, name: str, language: str) -> str:
    """What the reply box holds after one tap: what was there, then the prompt."""
    return "\n".join(part for part in (text.strip(), prompt_text(name, language)) if part)
