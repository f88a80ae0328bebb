"""The `triage` row of `make bench`: 200-character texts a second, beside 30 keywords."""

import re
import statistics
from collections.abc import Iterator
from time import perf_counter

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


def texts() -> list[str]:
    """Texts of 200 characters, everyday and grave sentences in turn."""
    body = " ".join(_SENTENCES)
    body += body
    starts = (37 * turn % (len(body) - LENGTH) for turn in range(COUNT))
    return [body[start : start + LENGTH] for start in starts]


def rows() -> Iterator[dict[str, object]]:
    """One row: texts a second, the keyword baseline, their ratio, median and 99th percentile of one text."""
    sample = texts()
    assess(sample[0])
    times = []
    for text in sample:
        began = perf_counter()
        assess(text)
        times.append(perf_counter() - began)
    rate = len(sample) / sum(times)
    keyword_rate = _keyword_rate(sample)
    hundredths = statistics.quantiles(times, n=100)
    yield {
        "name": "triage",
        "value": round(rate),
        "unit": "texts/s",
        "baseline": round(keyword_rate),
        "ratio": round(rate / keyword_rate, 3),
        "p50_ms": round(hundredths[49] * 1000, 3),
        "p99_ms": round(hundredths[98] * 1000, 3),
    }


def _keyword_rate(sample: list[str]) -> float:
    keywords = re.compile(rf"\b(?:{_KEYWORDS})\b", re.IGNORECASE)
    began = perf_counter()
    for text in sample:
        keywords.findall(text)
    return len(sample) / (perf_counter() - began)
