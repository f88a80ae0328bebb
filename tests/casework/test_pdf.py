"""What is printed is a PDF that says all of it, with the letters that every reader has."""

import re

from hypothesis import given
from hypothesis import strategies as st

from casework.pdf import plain, printed

_SHOWN = re.compile(rb"<([0-9a-f]*)> Tj")


def said(pdf: bytes) -> list[str]:
    return [bytes.fromhex(found.decode()).decode("cp1252") for found in _SHOWN.findall(pdf)]


def test_a_long_text_goes_on_on_further_sheets_and_loses_no_line() -> None:
    lines = [f"line {number}" for number in range(150)]
    pdf = printed("\n".join(["Heading", "", *lines]))
    shown = said(pdf)
    assert [one for one in shown if one.startswith("line")] == lines
    assert [one for one in shown if "/" in one] == ["1 / 3", "2 / 3", "3 / 3"]
    assert shown.count("Heading") == 3
    assert pdf.count(b"/Type /Page/") + pdf.count(b"/Type /Page ") == 3


def test_every_object_stands_where_the_table_of_the_file_says() -> None:
    pdf = printed("Heading\n\nJosé has it")
    table = int(pdf[pdf.rindex(b"startxref") :].split()[1])
    places = re.findall(rb"^(\d{10}) 00000 n", pdf[table:], re.MULTILINE)
    assert places
    assert all(re.match(rb"\d+ 0 obj", pdf[int(place) :]) for place in places)


def test_names_keep_their_letters_lose_their_accents_or_are_questions() -> None:
    assert (
        plain("José Nuñez, Łucja Dvořák, 2:11\N{NARROW NO-BREAK SPACE}AM")
        == "José Nuñez, ?ucja Dvorák, 2:11 AM"
    )
    assert plain("محمد") == "????"


@given(st.text())
def test_no_name_breaks_it(name: str) -> None:
    assert printed(f"Heading\n{name} has it").endswith(b"%%EOF\n")
