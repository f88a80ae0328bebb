"""Sentences for a first reply, so that nobody has to find words at two in the morning.

Each is a small template, in the language in which the reporter wrote.
"""

from typing import Final

from templates import words
from templates.words import DEFAULT_LOCALE, LOCALES

PROMPTS: Final = ("safe_now", "thank_you", "where_are_you", "trusted_adult", "call_988")


def prompt_text(name: str, language: str) -> str:
    """The words of prompt ``name``; empty for a name that is not ours."""
    if name not in PROMPTS:
        return ""
    locale = language if language in LOCALES else DEFAULT_LOCALE
    return words.render(f"casework/prompts/{name}.txt", locale).strip()


def filled(text: str, name: str, language: str) -> str:
    """What the reply box holds after one tap: what was there, then the prompt."""
    return "\n".join(part for part in (text.strip(), prompt_text(name, language)) if part)
