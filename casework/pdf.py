"""Prints plain text as a PDF: a heading, lines of one width, page numbers. No font is in it, none is fetched.

Every reader has Courier and Helvetica, for the letters of Western Europe. Of others the accents are left out,
and what then still has no letter is a question mark: the view and the JSON have every name in full.
"""

import textwrap
import unicodedata
from collections.abc import Sequence
from io import BytesIO

import pydyf

_CODING = "cp1252"
_WIDTH, _HEIGHT = 595, 842  # A4, in points
_MARGIN = 50
_SIZE, _LEADING = 9, 12
_COLUMNS = int((_WIDTH - 2 * _MARGIN) / (_SIZE * 0.6))
_LINES = (_HEIGHT - 2 * _MARGIN) // _LEADING - 2
_HEADING = 16
_FONTS = {"F1": "Courier", "F2": "Helvetica-Bold"}


def printed(text: str) -> bytes:
    """``text``, whose first line is the heading, as a PDF."""
    heading, _, rest = text.partition("\n")
    lines = [row for line in rest.strip("\n").splitlines() for row in _wrapped(line)]
    sheets = [lines[at : at + _LINES] for at in range(0, len(lines), _LINES)] or [[]]
    document = pydyf.PDF()
    fonts = pydyf.Dictionary({name: _font(document, base) for name, base in _FONTS.items()})
    for number, sheet in enumerate(sheets, start=1):
        _add_sheet(document, fonts, (heading, f"{number} / {len(sheets)}"), sheet)
    document.info["Title"] = pydyf.String(heading)
    out = BytesIO()
    document.write(out)
    return out.getvalue()


def plain(text: str) -> str:
    """``text`` with the letters that the fonts have."""
    return "".join(_letter(one) for one in text)


def _letter(one: str) -> str:
    for tried in (one, "".join(part for part in unicodedata.normalize("NFKD", one) if not _is_accent(part))):
        try:
            tried.encode(_CODING)
        except UnicodeEncodeError:
            continue
        return tried
    return "?"


def _is_accent(one: str) -> bool:
    return bool(unicodedata.combining(one))


def _wrapped(line: str) -> Sequence[str]:
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    return textwrap.wrap(plain(line), _COLUMNS, subsequent_indent=indent, drop_whitespace=False) or [""]


def _font(document: pydyf.PDF, base: str) -> bytes:
    facts = {"Type": "/Font", "Subtype": "/Type1", "BaseFont": f"/{base}", "Encoding": "/WinAnsiEncoding"}
    font = pydyf.Dictionary(facts)
    document.add_object(font)
    return bytes(font.reference)  # as the page's resources name it


def _add_sheet(
    document: pydyf.PDF, fonts: pydyf.Dictionary, headings: tuple[str, str], lines: Sequence[str]
) -> None:
    stream = pydyf.Stream()
    top = _HEIGHT - _MARGIN
    _write(stream, "F2", 13, (_MARGIN, top), headings[0])
    _write(stream, "F1", _SIZE, (_WIDTH - _MARGIN - 60, _MARGIN / 2), headings[1])
    for number, line in enumerate(lines):
        _write(stream, "F1", _SIZE, (_MARGIN, top - _HEADING - _LEADING * (number + 0.5)), line)
    document.add_object(stream)
    page = pydyf.Dictionary(
        {
            "Type": "/Page",
            "Parent": document.pages.reference,
            "MediaBox": pydyf.Array([0, 0, _WIDTH, _HEIGHT]),
            "Contents": stream.reference,
            "Resources": pydyf.Dictionary({"Font": fonts}),
        }
    )
    document.add_page(page)


def _write(stream: pydyf.Stream, font: str, size: int, at: tuple[float, float], text: str) -> None:
    stream.begin_text()
    stream.set_font_size(font, size)
    stream.move_text_to(*at)
    stream.stream.append(b"<" + plain(text).encode(_CODING).hex().encode() + b"> Tj")
    stream.end_text()
