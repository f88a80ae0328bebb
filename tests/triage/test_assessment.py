"""The contract other rooms rely on: shape, round trip, threads, spans, roles and local rules."""

from pathlib import Path

import pytest

from triage import Assessment, AssessmentFormatError, RuleFileError, Urgency, assess
from triage.compiling import with_local

LOCAL = """
[[rule]]
id = "school.den"
kind = "fight_set"
language = "en"
note = "the den is where fights happen at this school"
source = "school counselor"
patterns = '''
meet|link ~2 at|in the den
'''
match = ["meet me at the den"]
no_match = ["a lion in its cave"]
"""


def test_an_assessment_survives_the_round_trip_through_json() -> None:
    found = assess("im gonna kill myself tonight, i have the pills")
    assert Assessment.from_json(found.to_json()) == found
    assert found.urgency is Urgency.IMMEDIATE
    assert found.categories[0] == "suicide_self_harm"
    assert found.subject == "self"
    assert found.wakes


def test_a_broken_record_is_refused_by_name() -> None:
    with pytest.raises(AssessmentFormatError):
        Assessment.from_json({"urgency": "immediate"})


def test_bands_are_ordered() -> None:
    assert [band.rank for band in Urgency] == [0, 1, 2, 3]
    assert Urgency.highest(Urgency.PROMPT, Urgency.URGENT) is Urgency.URGENT


def test_signals_point_into_the_text_as_it_was_typed() -> None:
    text = "ok 😔 wait… I WANNA D\u200bIE tonight"
    spans = {signal.kind: text[signal.start : signal.end] for signal in assess(text).signals}
    assert spans["wish_dead"] == "WANNA D\u200bIE"


def test_the_kinds_of_earlier_messages_count_in_a_thread() -> None:
    first = assess("i have pills saved up in my room")
    second = assess("im going to kill myself", recent=first.kinds)
    assert assess("im going to kill myself").urgency is Urgency.URGENT
    assert second.urgency is Urgency.IMMEDIATE
    third = assess("tonight", recent=(*first.kinds, *assess("ill do it").kinds))
    assert third.urgency is Urgency.IMMEDIATE


def test_signals_of_another_language_carry_an_english_gloss() -> None:
    found = assess("quero morrer")
    assert found.language == "pt"
    assert found.signals[0].gloss == "wishes to be dead"


def test_a_report_about_a_staff_member_says_so() -> None:
    assert assess("my teacher keeps texting me and asked for pictures of me").mentions_staff
    assert not assess("my dad hits me with a belt when he drinks").mentions_staff


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("a student said he will stab ms. lopez tomorrow", False),
        ("i am going to kill mr smith", False),
        ("un alumno va a matar al profe", False),
        ("the principal is going to get shot tomorrow by jake", False),
        ("my teacher said he will shoot all of us", True),
        ("el profe dijo que va a matar a todos", True),
        ("coach has a gun in his bag", True),
        ("my teacher touches the girls and i am going to kill him", True),
    ],
)
def test_a_threat_keeps_counselors_away_only_when_a_staff_member_makes_it(text: str, reported: bool) -> None:
    found = assess(text)
    assert found.urgency.rank <= Urgency.URGENT.rank
    assert found.mentions_staff is reported


@pytest.mark.parametrize(
    "text", ["help", "help tonight", "help me now", "ayuda", "ayuda ahora", "auxilio esta noche"]
)
def test_a_time_beside_a_bare_cry_for_help_never_lowers_it(text: str) -> None:
    assert assess(text).urgency is Urgency.URGENT


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("i would rather die than run the mile", Urgency.ROUTINE),
        ("i would rather die than go home", Urgency.URGENT),
        ("want to die rn, my voice cracked in the solo", Urgency.ROUTINE),
        ("when is the active shooter drill?", Urgency.ROUTINE),
        ("there is an active shooter in the gym", Urgency.IMMEDIATE),
        ("la bomba de agua del baño hace ruido", Urgency.ROUTINE),
        ("hay una bomba en el baño", Urgency.IMMEDIATE),
    ],
)
def test_a_saying_is_harmless_only_where_it_stands(text: str, urgency: Urgency) -> None:
    assert assess(text).urgency is urgency


def test_a_game_on_monday_does_not_hide_a_farewell() -> None:
    farewell = "please look after my little brother, sorry for everything"
    alone = assess(farewell)
    assert alone.why == "two_farewells"
    assert assess(f"{farewell}. el lunes tenemos partido").urgency is alone.urgency


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("Ich will nicht mehr leben und habe Angst", Urgency.URGENT),
        ("죽고 싶어요 도와주세요", Urgency.URGENT),
        ("https://example.org/x", Urgency.PROMPT),
        ("asdfgh sdfghjkl qwrtpsd", Urgency.PROMPT),
    ],
)
def test_what_cannot_be_read_is_never_routine(text: str, urgency: Urgency) -> None:
    found = assess(text)
    assert not found.scored
    assert found.urgency is urgency


def test_local_rules_raise(tmp_path: Path) -> None:
    path = tmp_path / "local.toml"
    path.write_text(LOCAL, encoding="utf-8")
    assert assess("meet me at the den").urgency is Urgency.ROUTINE
    assert assess("meet me at the den", rules=with_local([path])).urgency is Urgency.URGENT


def test_a_local_rule_may_join_a_word_to_what_other_rules_find(tmp_path: Path) -> None:
    path = tmp_path / "local.toml"
    path.write_text(
        '[[rule]]\nid = "den"\nkind = "intent"\npatterns = "denstairs & <sui_act>"\n', encoding="utf-8"
    )
    rules = with_local([path])
    for text in ("the denstairs and then kill myself", "kill myself at the denstairs"):
        assert "den.1" in [signal.rule for signal in assess(text, rules=rules).signals]
    assert "intent" not in assess("the denstairs are closed", rules=rules).kinds


def test_local_rules_never_lower(tmp_path: Path) -> None:
    path = tmp_path / "local.toml"
    path.write_text(
        '[classes]\nneg = "i"\n[drop]\npills = "pills"\n[kind.intent]\nband = "routine"\n', encoding="utf-8"
    )
    text = "i am going to kill myself with pills tonight"
    assert assess(text, rules=with_local([path])).urgency is assess(text).urgency is Urgency.IMMEDIATE


def test_a_broken_local_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text('[[rule]]\nid = "x"\nkind = "intent"\npatterns = "@nosuchclass"\n', encoding="utf-8")
    with pytest.raises(RuleFileError, match="nosuchclass"):
        with_local([path])


def test_the_hash_changes_with_the_rules(tmp_path: Path) -> None:
    path = tmp_path / "local.toml"
    path.write_text(LOCAL, encoding="utf-8")
    assert with_local([path]).hash != assess("x").ruleset_hash


@pytest.mark.parametrize("text", ["i.want.to.die", "I.want.to.die.", "quiero.morirme.ya"])
def test_dots_between_words_of_one_chunk_end_no_sentence(text: str) -> None:
    assert assess(text).urgency.rank <= 1
