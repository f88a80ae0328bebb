"""``tipline simulate``: the real pager under a virtual clock says what a roster would do."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from wiring.cli import main, tipline

DOCS = Path(__file__).parents[2] / "docs"
ROSTER = "team,turn,people\ncounseling,fixed,ann ben\n"
NEVER = "{ day = 0, night = 0 }"
ALWAYS = "{ day = 1, night = 1 }"
DEAF = f"text = {NEVER}\ncall = {NEVER}\n"


def simulate(folder: Path, rest: str, *options: str) -> Result:
    (folder / "roster.csv").write_text(ROSTER)
    file = folder / "roster.toml"
    file.write_text(f'zone = "America/Denver"\nroster = "roster.csv"\n{rest}')
    return CliRunner().invoke(tipline, ["simulate", str(file), *options])


@dataclass(frozen=True)
class Found:
    groups: list[dict[str, Any]]
    people: dict[str, dict[str, int]]


def figures(folder: Path, rest: str, *options: str) -> Found:
    done = simulate(folder, rest, "--json", *options)
    assert done.exit_code == 0, done.output
    facts = json.loads(done.output)
    return Found(facts["groups"], facts["people"])


def load(day: float = 0.2, night: float = 0.2, urgent: float = 0, days: int = 3) -> str:
    return (
        f"[load]\ndays = {days}\nimmediate = {{ day = {day}, night = {night} }}\n"
        f"urgent = {{ day = {urgent}, night = {urgent} }}\n"
    )


def test_the_second_takes_what_the_first_never_hears(tmp_path: Path) -> None:
    quick = f"text = {NEVER}\ncall = {ALWAYS}\ncall_minutes = {{ day = 0.5, night = 0.5 }}\naway = {NEVER}\n"
    found = figures(tmp_path, load() + f"[people.ann]\n{DEAF}[people.ben]\n{quick}")
    people = found.people
    pages = sum(one["pages"] for one in found.groups)
    assert pages > 5
    assert people["ann"]["took"] == 0
    assert people["ben"]["took"] == pages
    assert people["ann"]["called_by_day"] + people["ann"]["called_at_night"] == pages
    for group in found.groups:
        assert 120 < group["p50_s"] < 180
        assert group["over_an_hour"] == 0


def test_nights_are_slower_and_one_seed_says_one_thing(tmp_path: Path) -> None:
    habits = "[habits]\ncall_minutes = { day = 0.5, night = 3 }\ntext = { day = 0.9, night = 0.1 }\n"
    found = figures(tmp_path, load(0.5, 0.5, days=1) + habits, "--seed", "7")
    waits = {one["part"]: one["p50_s"] for one in found.groups}
    assert waits["night"] > waits["day"]
    assert figures(tmp_path, load(0.5, 0.5, days=1) + habits, "--seed", "7") == found
    assert figures(tmp_path, load(0.5, 0.5, days=1) + habits, "--seed", "8") != found


def test_where_nobody_answers_it_says_so(tmp_path: Path) -> None:
    done = simulate(tmp_path, load(0.2, 0.2, days=1) + f"[habits]\n{DEAF}")
    assert done.exit_code == 0, done.output
    assert "nobody" in done.output.splitlines()[3]
    said = done.output.splitlines()[-1]
    late, pages = said.removeprefix("Nobody took within an hour: ").split(";")[0].split(" of ")
    assert late == pages != "0"
    assert said.endswith(f"nobody in two hours of calling: {pages}.")


def test_an_urgent_page_of_the_night_waits_for_the_morning_as_the_policy_says(tmp_path: Path) -> None:
    found = figures(tmp_path, load(0, 0, urgent=0.3) + f"[habits]\ncall = {ALWAYS}\n")
    night = next(one for one in found.groups if one["part"] == "night")
    assert night["p50_s"] > 1800
    assert night["over_an_hour"] > 0
    assert all(one["called_at_night"] == 0 for one in found.people.values())


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("[load]\nteams = ['dean']\n", "load.teams: dean is not in the roster; use counseling"),
        ("[people.eve]\n", "people.eve: not in the roster; use a login of the roster"),
        ("[habits]\ntext = { day = 2, night = 0 }\n", "habits.text: out of range; write numbers from 0 to 1"),
        ("[load]\nurgents = 1\n", "load.urgents: unknown key; did you mean urgent?"),
        ("[load]\nbegins = 'soon'\n", "load.begins: not a day; write it as 2026-11-30"),
        (
            "[paging]\nrepeat_s = 0\n",
            "paging.repeat_s: not more than 0; a page that is not repeated is forgotten",
        ),
    ],
)
def test_a_wrong_file_is_one_clear_line(
    rest: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    simulate(tmp_path, rest)
    monkeypatch.setattr("sys.argv", ["tipline", "simulate", str(tmp_path / "roster.toml")])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert capsys.readouterr().err == f"tipline: {tmp_path / 'roster.toml'}: {said}\n"


def test_the_documented_example_says_what_the_documentation_shows(tmp_path: Path) -> None:
    plot = tmp_path / "plot.svg"
    example = str(DOCS / "install" / "simulate.toml")
    done = CliRunner().invoke(tipline, ["simulate", example, "--plot", str(plot)])
    assert done.exit_code == 0, done.output
    assert f"```text\n{done.output}```\n" in (DOCS / "scaling.md").read_text()
    assert "immediate, by night" in plot.read_text()
