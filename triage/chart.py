"""The picture of an evaluation: the confusion of bands and the recall of each family, as PNG or SVG.

Drawn with the standard library: coloured cells into an SVG, or into an uncompressed raster packed as PNG.
"""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BANDS = ("immediate", "urgent", "prompt", "routine")
CELL = 60
MARGIN = 150
BAR = 22
WIDTH = MARGIN + 4 * CELL + MARGIN
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle with an optional caption (captions appear in SVG only)."""

    x: int
    y: int
    width: int
    height: int
    colour: Colour
    caption: str = ""


def draw(figures: Mapping[str, Any], path: Path) -> None:
    """Write the chart of `evaluate.report` figures to `path`; by its ending an SVG (with words) or a PNG."""
    paint([*_confusion(figures["confusion"]), *_recalls(figures["by_category"])], path)


def paint(boxes: list[Box], path: Path) -> None:
    """Write ``boxes``, which lie within ``WIDTH``: by the ending of ``path`` an SVG (with words) or a PNG."""
    height = max(box.y + box.height for box in boxes) + 20
    if path.suffix == ".svg":
        path.write_text(_svg(boxes, height), encoding="utf-8")
    else:
        path.write_bytes(_png(boxes, WIDTH, height))


def _confusion(confusion: Mapping[str, Mapping[str, int]]) -> list[Box]:
    boxes = []
    for row, label in enumerate(BANDS):
        total = sum(confusion[label].values()) or 1
        boxes.append(Box(10, 40 + row * CELL, 0, CELL, (255, 255, 255), label))
        for column, given in enumerate(BANDS):
            count = confusion[label][given]
            colour = shade(count / total, good=row == column)
            boxes.append(Box(MARGIN + column * CELL, 40 + row * CELL, CELL - 2, CELL - 2, colour, str(count)))
    return boxes


def _recalls(families: Mapping[str, Mapping[str, Any]]) -> list[Box]:
    boxes, y = [], 60 + 4 * CELL
    for family, values in families.items():
        recall = values["recall_to_urgent"]
        if recall is None:
            continue
        boxes.append(Box(10, y, 0, BAR, (255, 255, 255), family))
        boxes.append(Box(MARGIN, y, max(int(recall * 4 * CELL), 1), BAR - 4, (42, 111, 151), f"{recall:.2f}"))
        y += BAR
    return boxes


def shade(share: float, *, good: bool) -> Colour:
    """From white (none) to green or red (all)."""
    target = (42, 140, 90) if good else (190, 60, 50)
    red, green, blue = (int(255 - (255 - value) * share) for value in target)
    return red, green, blue


def _svg(boxes: list[Box], height: int) -> str:
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"'
    parts = [f'{opening} font-family="sans-serif" font-size="12">']
    for box in boxes:
        red, green, blue = box.colour
        parts.append(
            f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"'
            f' fill="rgb({red},{green},{blue})"/>'
            f'<text x="{box.x + 6}" y="{box.y + box.height // 2 + 4}">{box.caption}</text>'
        )
    return "\n".join((*parts, "</svg>")) + "\n"


def _png(boxes: list[Box], width: int, height: int) -> bytes:
    rows = [bytearray(b"\xff" * width * 3) for _ in range(height)]
    for box in boxes:
        stripe = bytes(box.colour) * box.width
        for y in range(box.y, box.y + box.height):
            rows[y][box.x * 3 : box.x * 3 + len(stripe)] = stripe
    data = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows), 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", data), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
