"""The table that ``make security`` prints leaves nothing out and calls nothing better than it is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = "test_a_forged_reply_is_shown"
STORIES = f"""
import pytest

def test_a_reply_is_signed():
    pass

@pytest.mark.parametrize("key", ["old", "new"])
def {FORBIDDEN}(key):
    assert key == "old"

@pytest.fixture
def breaks_at_the_end():
    yield
    raise ValueError

def test_nothing_is_left_behind(breaks_at_the_end):
    pass

@pytest.mark.skip
def test_two_people_are_needed():
    pass
"""


def test_every_story_has_one_line_with_the_worst_that_happened(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "security"
    folder.mkdir(parents=True)
    (folder / "conftest.py").write_bytes((ROOT / "tests" / "security" / "conftest.py").read_bytes())
    (folder / "test_forged_replies.py").write_text(STORIES)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "tests/security"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    _, _, shown = done.stdout.partition("= security =")
    lines = re.findall(r"^(forged replies: .*?) {2,}(.+)$", shown, re.MULTILINE)
    assert dict(lines) == {
        "forged replies: a forged reply is shown [new]": "BROKEN",
        "forged replies: a forged reply is shown [old]": "holds",
        "forged replies: a reply is signed": "holds",
        "forged replies: nothing is left behind": "BROKEN",
        "forged replies: two people are needed": "not tried",
    }
