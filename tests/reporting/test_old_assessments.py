"""What an earlier version sealed must never keep a new message out."""

from reporting.web_origin import _recent
from triage import assess
from vault.threads import ThreadItem

NOW = 1_795_032_000_000


def item(assessment: dict[str, object]) -> ThreadItem:
    return ThreadItem(
        seq=0, author="reporter", minute=NOW, state="opened", text="x", facts={}, assessment=assessment
    )


def test_an_assessment_that_cannot_be_read_is_passed_over() -> None:
    readable = assess("i want to die")
    assert _recent([item({"from": "another version"}), item(readable.to_json())], NOW) == readable.kinds
