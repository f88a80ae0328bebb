"""A measured row, as ``make bench`` prints it: one JSON object a line."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """``ratio`` compares ``value`` (or its p50) with ``baseline``, measured in the same run."""

    name: str
    value: float
    unit: str
    baseline: float
    ratio: float
    p50_ms: float
    p99_ms: float

    def to_json(self) -> str:
        rounded = {key: round(one, 3) if isinstance(one, float) else one for key, one in asdict(self).items()}
        return json.dumps(rounded)
