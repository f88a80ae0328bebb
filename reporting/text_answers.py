"""The short texts that answer a phone: what is true now, who is awake, how to stop.

One curly quote would halve what fits into a text: languages that can keep to the 7-bit alphabet do.
"""

import re
from dataclasses import dataclass

from reporting import moments
from reporting.draft import Filed
from reporting.schools import School
from templates.languages import OFFERED
from templates.words import render

ENOUGH_WORDS = 5
_WORD = re.compile(r"\w+")
_SPANISH = frozenset(
    ("hola", "ayuda", "ayudame", "ayúdame", "ayudenme", "gracias", "necesito", "quiero", "estoy")
)
_SPANISH_SIGNS = frozenset("¿¡ñ")
# Known by their script, so that one word is enough; triage tells Persian from Arabic, Japanese from Chinese.
_OWN_SCRIPT = frozenset(one.code for one in OFFERED.values() if not one.latin)


@dataclass(frozen=True, slots=True)
class TextAnswers:
    """Answers of one line. ``site``: the form's address, the more private way."""

    school: School
    site: str

    def filed(self, filed: Filed, locale: str) -> str:
        """The answer to a stored message: all of it once, then only what is new."""
        name = "line_first" if filed.first else "line_later"
        today = self.school.local(filed.now).replace(hour=0, minute=0, second=0, microsecond=0)
        return self._say(
            name,
            locale,
            demo=self.school.demo,
            site=self.site,
            alerted=filed.alerted(self.school),
            covered=self.school.covered(filed.now),
            opens=moments.opening(self.school.next_open(filed.now), today, locale),
        )

    def stopped(self, locale: str) -> str:
        return self._say("line_stopped", locale)

    def started(self, locale: str) -> str:
        return self._say("line_started", locale)

    def not_received(self, locale: str) -> str:
        return self._say("line_not_received", locale)

    def locale_of(self, filed: Filed, body: str) -> str:
        """The language of the message, if we speak it, else the school's first.

        What triage takes a few words for is no good guess; then only unmistakable Spanish counts.
        """
        spoken = filed.assessment.language[:2]
        words = set(_WORD.findall(body.casefold()))
        if len(words) < ENOUGH_WORDS and spoken not in _OWN_SCRIPT:
            return "es" if words & _SPANISH or set(body) & _SPANISH_SIGNS else self.school.languages[0]
        return spoken if spoken in OFFERED else self.school.languages[0]

    def _say(self, name: str, locale: str, **values: object) -> str:
        said = render(f"messages/{name}.txt", locale, school=self.school.name, **values)
        return " ".join(said.split())
