"""The commands as other rooms call them: explanation, JSON lines, lint, evaluate."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from triage import assess, command, evaluate
from triage.__main__ import main

GOOD = """
[[rule]]
id = "school.den"
kind = "fight_set"
language = "en"
note = "the den is where fights happen"
source = "school counselor"
patterns = '''
meet|link ~2 at|in the den
'''
match = ["meet me at the den"]
no_match = ["a lion in its cave"]
"""
CASES = [
    ["1", "i am going to kill myself tonight", "en", "immediate", "suicide_self_harm", "self", ""],
    ["2", "when does the library close", "en", "routine", "other", "none", ""],
    ["3", "ya no quiero vivir", "es", "urgent", "suicide_self_harm", "self", ""],
]


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "cases.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "lang", "urgency", "category", "subject", "trap"])
        writer.writerows(CASES)
    return path


def test_a_person_reads_band_reason_and_marked_words() -> None:
    out = io.StringIO()
    status = command.run_triage(
        "i want to die", as_json=False, local_rules=(), stdin=io.StringIO(), stdout=out
    )
    assert status == 0
    assert "URGENT" in out.getvalue()
    assert "i [want to die]" in out.getvalue()
    assert "wishes to be dead" in out.getvalue()


def test_the_page_on_triage_shows_what_the_engine_says() -> None:
    page = (Path(__file__).parents[2] / "docs" / "triage.md").read_text(encoding="utf-8")
    shown = re.findall(r'^\$ tipline triage "(.+)"\n((?:.*\n)+?)```', page, flags=re.MULTILINE)
    assert shown
    for text, printed in shown:
        told = command.explain(text, assess(text), coloured=False).splitlines()
        lines = [line for line in printed.splitlines() if line.strip(" .") and not line.startswith("rules:")]
        assert [line for line in lines if line not in told] == []


def test_lines_are_answered_one_by_one_in_order() -> None:
    lines = '{"id": 7, "text": "me quiero morir"}\n\nnonsense\n{"id": 8, "text": "hi"}\n'
    out = io.StringIO()
    status = command.run_triage(None, as_json=True, local_rules=(), stdin=io.StringIO(lines), stdout=out)
    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    assert status == 2
    assert answers[0]["id"] == 7
    assert answers[0]["urgency"] == "urgent"
    assert answers[0]["language"] == "es"
    assert set(answers[0]) == {"id", "urgency", "categories", "subject", "language", "scored", "signals"}
    assert "error" in answers[1]
    assert answers[2]["urgency"] == "routine"


def test_lint_is_content_with_a_good_file(tmp_path: Path) -> None:
    path = tmp_path / "good.toml"
    path.write_text(GOOD, encoding="utf-8")
    out = io.StringIO()
    assert command.run_lint([path], out) == 0
    assert out.getvalue() == "0 findings in 1 files\n"


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (("match = [", "other = ["), "dead"),
        (("no_match = [", "other = ["), "no `no_match` example"),
        (("meet me at the den", "see you there"), "does not match"),
        (("a lion in its cave", "link up in the den"), "must not match"),
        (("meet|link ~2 at|in the den", "my|the ~8 to|on"), "over-broad"),
        (("meet|link ~2 at|in the den", "a ~12 b ~12 c ~12 d ~12 den"), "slow"),
        (('match = ["meet', 'match = ["im going to fight him after school, meet'), "shadowed"),
        (('note = "the den is where fights happen"\n', ""), "no note"),
        (('kind = "fight_set"', 'kind = "nonsense"'), "unknown kind"),
        (("meet|link ~2", "@nothing ~2"), "no class @nothing"),
        (("patterns = '''\n", "patterns = '''\nmeet|link ~2 at|in the den\n"), "duplicate"),
    ],
)
def test_lint_names_what_is_wrong(tmp_path: Path, change: tuple[str, str], finding: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(GOOD.replace(*change), encoding="utf-8")
    out = io.StringIO()
    assert command.run_lint([path], out) == 1
    assert finding in out.getvalue()


def test_evaluate_prints_the_figures_and_writes_errors_and_charts(cases: Path, tmp_path: Path) -> None:
    out, errors = io.StringIO(), tmp_path / "errors.csv"
    for name in ("plot.png", "plot.svg"):
        out = io.StringIO()
        status = evaluate.run(
            cases,
            as_json=True,
            plot=tmp_path / name,
            errors=errors,
            benign=None,
            stdout=out,
            stderr=io.StringIO(),
        )
        assert status == 0
    figures = json.loads(out.getvalue())
    assert figures["n"] == 3
    assert figures["accuracy"] == 1.0
    assert figures["confusion"]["immediate"]["immediate"] == 1
    assert figures["intervals"]["accuracy"] == [0.4385, 1.0]
    assert figures["by_lang"]["es"]["n"] == 1
    assert errors.read_text(encoding="utf-8").count("\n") == 1
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "plot.svg").read_text(encoding="utf-8")


def test_benign_counts_alarms(tmp_path: Path) -> None:
    path = tmp_path / "ordinary.txt"
    path.write_text("when is lunch\ni want to die\n", encoding="utf-8")
    out = io.StringIO()
    status = evaluate.run(
        None, as_json=True, plot=None, errors=None, benign=path, stdout=out, stderr=io.StringIO()
    )
    assert status == 0
    assert json.loads(out.getvalue()) == {"n": 2, "alarms": 1, "alarm_share": 0.5}


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("id,text\n1,hello\n", encoding="utf-8")
    err = io.StringIO()
    status = evaluate.run(
        path, as_json=True, plot=None, errors=None, benign=None, stdout=io.StringIO(), stderr=err
    )
    assert status == 2
    assert "no column lang" in err.getvalue()


def test_the_module_runs_as_a_program(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(cases)]) == 0
    assert "recall_immediate" in capsys.readouterr().out
