"""The `triage` row of `make bench`: 200-character texts a second, beside 30 keywords."""

import re
from collections.abc import Iterator
from time import perf_counter

from tests.load.clients import median, percentile
from tests.load.rows import Row
from triage import assess

_SENTENCES = (
    "so in math today we had a sub and nobody did the worksheet, then the fire alarm went off twice lol",
    "my friend said the bus was late again and her brother forgot his lunch, can somebody tell the office",
    "mañana hay partido y no sé si mi mamá me puede llevar, el profe dijo que llegáramos a las cuatro",
    "i dont want to be here anymore and nobody would notice, i have been crying every night since march",
    "he keeps asking for my snap and i said no, now they all laugh when i walk in the cafeteria",
    "is the library open after school on friday, we need the big table for the history project",
)
_KEYWORDS = (
    "suicide|kill myself|want to die|end my life|cut myself|overdose|gun|knife|bomb|shoot|stab|rape|abuse|"
    "beat me|hit me|bully|weapon|pills|hang myself|self harm|nudes|kidnap|molest|fentanyl|hurt myself|kys|"
    "suicidio|matarme|pistola|cuchillo"
)
COUNT = 1_000
LENGTH = 200


def texts(count: int) -> list[str]:
    """Texts of 200 characters, everyday and grave sentences in turn."""
    body = " ".join(_SENTENCES)
    body += body
    starts = (37 * turn % (len(body) - LENGTH) for turn in range(count))
    return [body[start : start + LENGTH] for start in starts]


def rows(count: int = COUNT) -> Iterator[Row]:
    """Texts a second beside the keywords; the times are those of one text."""
    sample = texts(count)
    for text in sample:
        assess(text)  # a language's rules are compiled at its first message, once a process
    times_ms = [_assessed_ms(text) for text in sample]
    rate = 1000 * len(sample) / sum(times_ms)
    baseline = _keyword_rate(sample)
    p50, p99 = median(times_ms), percentile(times_ms, 0.99)
    yield Row("triage", rate, "texts/s", baseline, rate / baseline, p50, p99)


def _assessed_ms(text: str) -> float:
    began = perf_counter()
    assess(text)
    return (perf_counter() - began) * 1000


def _keyword_rate(sample: list[str]) -> float:
    keywords = re.compile(rf"\b(?:{_KEYWORDS})\b", re.IGNORECASE)
    began = perf_counter()
    for text in sample:
        keywords.findall(text)
    return len(sample) / (perf_counter() - began)
