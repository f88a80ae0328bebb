"""Evidence adds up small signs: it raises, shows what it counted, and takes nothing from the rules."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage import Urgency, assess, default_rules
from triage.compiling import compile_rules, rule_files
from triage.evidence import Evidence, category_of, danger_of, found_in, marks_of, pack, unpack
from triage.evidence import weigh as weigh_found
from triage.evidence_file import compile_evidence, concepts_of, cues_of, tell_concepts

CASES = sorted((Path(__file__).parent / "cases").glob("round*.csv"))
SMALL = compile_evidence(
    [
        {
            "evidence": {
                "needs": {"concern": 10, "danger": 30, "now": 30},
                "lean": {"abuse": -5, "other": 0, "suicide_self_harm": 2},
                "cues": """
bridge: 20 5 10 suicide_self_harm+9
alone there: 15 25 5
homework: -30 -30 -30 other+3
belt: 10 0 10 abuse+30 suicide_self_harm-4
""",
            }
        }
    ]
)


def weigh(tokens: list[str], evidence: Evidence) -> int:
    found = found_in(tokens, evidence)
    return weigh_found(danger_of(found), found, evidence)


def test_small_signs_add_up_to_a_band() -> None:
    assert weigh(["the", "bridge"], SMALL) == 2
    assert weigh(["the", "bridge", "alone", "there"], SMALL) == 0
    assert weigh(["the", "bridge", ".", "belt"], SMALL) == 1
    assert weigh(["the", "river"], SMALL) == 3


def test_a_pair_of_words_must_stand_side_by_side_in_one_sentence() -> None:
    assert weigh(["bridge", "alone", ".", "there"], SMALL) == 2
    assert weigh(["bridge", "alone", ",", "there"], SMALL) == 0


KIN = compile_evidence(
    [{"evidence": {"needs": {"danger": 30, "now": 99}, "lean": {"abuse": 0}, "cues": "@kin hits: 30 0 0"}}]
)
CONCEPTS = {"dad": "@kin", "uncle": "@kin"}
tell_concepts(KIN.words, CONCEPTS)


@pytest.mark.parametrize("said", ["dad hits", "uncle hits", "my dad always hits her", "dad , hits"])
def test_a_concept_stands_for_each_of_its_words_over_one_word_in_between_at_most(said: str) -> None:
    assert weigh(said.split(), KIN) == 1
    (mark,) = marks_of(found_in(said.split(), KIN))
    assert said.split()[mark.start] in CONCEPTS
    assert said.split()[mark.end - 1] == "hits"


@given(st.lists(st.sampled_from(["dad", "uncle", "hits", "bridge", "a"]), max_size=7))
def test_every_cue_that_the_fit_names_is_found(said: list[str]) -> None:
    named = cues_of(said, CONCEPTS)
    lines = "\n".join(f"{cue}: 1 0 0" for cue in sorted(named))
    told = compile_evidence([{"evidence": {"cues": lines}}])
    tell_concepts(told.words, CONCEPTS)
    assert danger_of(found_in(said, told)) == len(named)


@pytest.mark.parametrize("said", ["ball hits", "dad never ever hits", "dad . hits", "hits dad"])
def test_a_concept_says_nothing_far_from_its_neighbour(said: str) -> None:
    assert weigh(said.split(), KIN) > 1


def test_what_somebody_is_stands_for_no_concept_and_an_unknown_class_is_refused() -> None:
    classes = default_rules().classes
    words = default_rules().evidence.words
    neutral = (classes["identity"] | classes["identity_colour"]) & words.keys()
    assert neutral
    assert all(words[name].concept is words[name] for name in neutral)
    assert words["uncle"].concept is words["aunt"].concept is not words["aunt"]
    with pytest.raises(ValueError, match="no class 'fun'"):
        concepts_of([{"evidence": {"concepts": "kin fun"}}], classes)


def test_what_speaks_against_danger_counts_in_its_own_sentence_only() -> None:
    assert weigh(["homework", "bridge", "belt"], SMALL) == 3
    assert weigh(["homework", ".", "bridge", ".", "belt"], SMALL) == 1


def test_a_cue_said_often_in_a_sentence_counts_once() -> None:
    assert weigh(["belt"] * 50, SMALL) == weigh(["belt"], SMALL)


def test_saying_it_again_adds_nothing() -> None:
    calm = "some kids keep calling my friend names in gym and laugh when she walks by. "
    assert weigh(["belt", "."] * 50, SMALL) == weigh(["belt"], SMALL)
    assert assess(calm * 6).urgency is assess(calm).urgency
    assert weigh(["belt", ".", "the", "belt", ".", "a", "belt", "lunch"], SMALL) == weigh(["belt"], SMALL)


def test_the_strongest_cues_are_shown_in_the_order_of_the_text() -> None:
    said = ["belt", ".", "a", "bridge", "alone", ",", "there"]
    marks = marks_of(found_in(said, SMALL))
    assert [(mark.start, mark.end, mark.points) for mark in marks] == [(0, 1, 10), (3, 4, 20), (4, 7, 15)]


def test_votes_choose_the_category_unless_the_rules_are_surer() -> None:
    said = found_in(["bridge", "alone", "there", "belt"], SMALL)
    assert category_of(said, SMALL, "other") == "abuse"
    assert category_of(said, SMALL, "suicide_self_harm") == "suicide_self_harm"
    assert category_of([], SMALL, "weapon") == "weapon"


def test_a_school_may_name_as_many_categories_as_it_likes() -> None:
    lean = {f"kind{number}": 0 for number in range(60)}
    many = compile_evidence([{"evidence": {"lean": lean, "cues": "lamp: 1 1 1 kind59+5"}}])
    assert category_of(found_in(["lamp"], many), many, "other") == "kind59"


@pytest.mark.parametrize(
    "line", ["bridge: 1 2", "bridge: 1 2 x", "bridge 1 2 3", "bridge: 1 2 3 abuse", "bridge: 1 2 3 fun+1"]
)
def test_a_malformed_line_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        compile_evidence([{"evidence": {"lean": {"abuse": 0}, "cues": line}}])


@given(st.lists(st.lists(st.integers(-500, 500), min_size=4, max_size=4), min_size=1, max_size=60))
def test_sums_of_packed_columns_are_packed_sums(rows: list[list[int]]) -> None:
    assert unpack(sum(map(pack, rows)), 4) == [sum(column) for column in zip(*rows, strict=True)]


def test_stories_without_harm_that_are_told_like_reports_seldom_alarm() -> None:
    with (CASES[0].parent.parent / "harmless.csv").open(encoding="utf-8", newline="") as file:
        bands = [assess(row["text"]).urgency for row in csv.DictReader(file)]
    assert sum(band.rank <= 1 for band in bands) <= 0.03 * len(bands)


def test_ordinary_chat_and_game_talk_hardly_ever_alarm() -> None:
    with (CASES[0].parent.parent / "ordinary.csv").open(encoding="utf-8", newline="") as file:
        bands = [assess(row["text"]).urgency for row in csv.DictReader(file)]
    assert sum(band.rank <= 1 for band in bands) <= 0.005 * len(bands)


def test_few_words_need_more_points() -> None:
    wordy = replace(SMALL, long=4, short=100)
    assert weigh(["bridge", "alone", "there"], wordy) == 2
    assert weigh(["bridge", "alone", "there"], replace(wordy, short=0)) == 0
    assert weigh(["the", "bridge", "alone", "there"], wordy) == 0


@pytest.mark.parametrize(
    "text",
    [
        "stuck in traffic behind a truck full of chickens and one is staring at me personally",
        "Burnt cheese edges are the best part and I'll fight anyone who disagrees",
        "Chickens will absolutely murder a frog, they're tiny dinosaurs",
        "he shot me in spawn for the awp",
    ],
)
def test_what_too_little_bears_out_is_prompt_unless_the_thread_does(text: str) -> None:
    rules = default_rules()
    trusting = replace(rules, evidence=replace(rules.evidence, little=-1000, much=-1000))
    assert assess(text, rules=trusting).urgency.rank <= 1
    assert assess(text).urgency is Urgency.PROMPT
    assert assess(text, recent=["farewell"]).urgency.rank <= 1


def test_in_a_sentence_without_end_only_the_words_around_a_danger_speak_against_it() -> None:
    lines = "glock: 40 0 0\numbrella: -60 0 0"
    signs = compile_evidence(
        [{"evidence": {"needs": {"little": 10, "much": 32, "danger": 99}, "cues": lines}}]
    )
    rules = replace(default_rules(), evidence=signs)
    danger = "a sophomore told the whole table hes got a glock at home and hes gonna put one in the dean"
    noise = "ok see you at six and bring the umbrella because i will wear the blue coat and walk"
    assert assess(f"{noise} {danger}", rules=rules).urgency is Urgency.IMMEDIATE
    assert assess(f"{danger} {noise}", rules=rules).urgency is Urgency.IMMEDIATE
    assert assess(f"umbrella {danger[-40:]} umbrella", rules=rules).urgency.rank > 1


words = st.sampled_from([".", "homework", "bridge", "alone", "there", "belt", "lunch"])


@settings(max_examples=300, deadline=None)
@given(st.lists(words, max_size=12), st.lists(words, max_size=12))
def test_another_sentence_before_or_after_never_lowers(said: list[str], more: list[str]) -> None:
    rank = weigh(said, SMALL)
    assert weigh([*said, ".", *more], SMALL) <= rank
    assert weigh([*more, ".", *said], SMALL) <= rank


@pytest.mark.parametrize(
    "text",
    [
        "shes unconscious",
        "a kid is unconscious",
        "my friend is unconscious and i dont know what to do",
        "my teacher touched me",
        "a boy touched me down there",
        "my dad hit me",
        "mi mama me golpea",
        "she is missing",
        "dont come to school tomorrow",
        "no tenemos comida en casa",
    ],
)
def test_a_danger_in_a_few_plain_words_needs_nothing_to_bear_it_out(text: str) -> None:
    assert assess(text).urgency.rank <= 1


def test_evidence_lowers_hints_alone_and_explains_what_it_raised() -> None:
    rules = default_rules()
    bare = replace(rules, evidence=compile_evidence([]))
    raised = 0
    for path in CASES[:8]:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                with_evidence, without = assess(row["text"]), assess(row["text"], rules=bare)
                if with_evidence.urgency.rank > without.urgency.rank:
                    assert with_evidence.urgency is Urgency.PROMPT
                if with_evidence.urgency.rank <= 1 < without.urgency.rank:
                    raised += 1
                    assert with_evidence.why == "evidence"
                    shown = [one for one in with_evidence.signals if one.kind == "evidence"]
                    assert shown
                    assert all(0 <= one.start < one.end <= len(row["text"]) for one in shown)
    assert raised > 0


@pytest.mark.parametrize(
    "text", ["no, i dont want to kill myself", "want to die rn, my voice cracked in the solo"]
)
def test_what_was_denied_or_exaggerated_does_not_count_a_second_time(text: str) -> None:
    assert assess(text).urgency.rank > 1


@pytest.mark.parametrize(
    "text",
    [
        "i am muslim and i pray at lunch",
        "im gay and my friends know",
        "i am trans and i use the nurse bathroom",
        "soy indígena y hablo otra lengua en mi casa",
        "we are a black family and we love this school",
        "my parents are immigrants and i translate for them",
    ],
)
def test_who_somebody_is_raises_nothing(text: str) -> None:
    assert assess(text).urgency.value == "routine"


@pytest.mark.parametrize("more", ["", "quickly "])
def test_no_doubtful_pattern_takes_the_place_of_a_sure_one_that_begins_there(
    tmp_path: Path, more: str
) -> None:
    patterns = f"zorple him\n? zorple him {more}".strip()
    own = tmp_path / "own.toml"
    own.write_text(
        f'[[rule]]\nid = "own.zorple"\nkind = "threat_kill"\nlanguage = "en"\nnote = "x"\nsource = "x"\n'
        f"patterns = '''\n{patterns}\n'''\nmatch = []\nno_match = []\n",
        encoding="utf-8",
    )
    rules = replace(compile_rules([*rule_files(), own]), own=frozenset())
    text = f"tomorrow jake will zorple him {more}behind the old gym by the field"
    assert [one.rule for one in assess(text, rules=rules).signals if one.rule.startswith("own")] == [
        "own.zorple.1"
    ]
