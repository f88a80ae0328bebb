"""Fits `triage/rules/common/evidence.toml` anew: `python -m tests.triage.weigh [--ordinary|calm FILE ...]`.

Logistic regression on the cases of this folder (dangers, traps, harmless stories told like reports) and on
ordinary texts (ours, and public collections that are not kept here, named in `rounds.md`), for each of three
questions (urgent? immediate? prompt?) and for the category. Weights are rounded to twentieths, small ones
dropped, and become points. Needs scikit-learn (`pip install scikit-learn`), which nothing else of the project
does.
"""

import argparse
import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import compress
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression

from triage.compiling import RULES, default_rules
from triage.evidence_file import cues_of
from triage.fold import fold
from triage.words import PAUSE, SENTENCE, join_spaced, split

HERE = Path(__file__).parent
OUT = RULES / "common" / "evidence.toml"
BANDS = {"immediate": 0, "urgent": 1, "prompt": 2, "routine": 3}
STRENGTH = 0.2  # inverse of the regularisation
UNSEEN = 0.2  # how often a cue is taken to occur on the side where it was never seen
VOTES_STRENGTH = 1.5
ORDINARY_WEIGHT = 4.0
SEEN = 2  # a cue must occur in so many texts
POINTS = 20  # of a logit
SMALLEST = {"danger": 0.14, "now": 0.23, "concern": 0.3}
SMALLEST_VOTE = 0.05
# Added to what the fit asks for, in points: how sure the cues must be before they raise a band.
SURER = {"danger": -4, "now": -10, "concern": 0}
# Few words hint at less: most texts of chat are short.
FEWEST_WORDS = 12
LANGUAGES = frozenset({"en", "es", "mixed"})
SHORT = 10
# How many points bear out what rules found, and what doubtful patterns ("?") did.
LITTLE = 20
MUCH = 60


@dataclass
class Text:
    """A text with its sentences' cues; ordinary ones have no category."""

    text: str
    band: int
    category: str = ""
    cues: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        rules = default_rules()
        folded = join_spaced(fold(self.text).text, rules.known)
        tokens = split(folded, rules.known, rules.repair).tokens
        self.cues = frozenset().union(*(cues_of(words, _concepts()) for words in sentences(tokens)))


def sentences(tokens: Sequence[str]) -> Iterator[Sequence[str]]:
    """The words of each sentence, pauses left out."""
    words = [token for token in tokens if token != PAUSE]
    start = 0
    for _ in range(words.count(SENTENCE)):
        end = words.index(SENTENCE, start)
        yield words[start:end]
        start = end + 1
    yield words[start:]


@cache
def _concepts() -> Mapping[str, str]:
    """The concept that stands for each word."""
    return {name: word.concept.name for name, word in default_rules().evidence.words.items()}


@dataclass(frozen=True)
class Table:
    """Cues in columns: points towards danger, now and concern, votes by category; and how many are needed."""

    names: Sequence[str]
    points: np.ndarray
    needs: dict[str, int]
    lean: dict[str, int]
    votes: np.ndarray

    def lines(self) -> Iterable[str]:
        """One line a cue that says anything at all."""
        for name, points, votes in zip(self.names, self.points, self.votes, strict=True):
            named = [f"{category}{vote:+d}" for category, vote in zip(self.lean, votes, strict=True) if vote]
            if named or points.any():
                yield " ".join([f"{name}:", *map(str, points), *named])


def fit(known: Sequence[Text], calm: Sequence[Text] = ()) -> Table:
    """The table that tells these texts apart best; the `calm` ones add no cue of their own.

    No word for a time near speaks against danger, nor anything with one against danger now.
    """
    counted, texts = Counter(cue for text in known for cue in text.cues), [*known, *calm]
    names = sorted(cue for cue, count in counted.items() if count >= SEEN and not _neutral(cue))
    matrix = _matrix(texts, {name: at for at, name in enumerate(names)})
    weight = np.array([1.0 if one.category else ORDINARY_WEIGHT for one in known] + [1.0] * len(calm))
    bands = np.array([text.band for text in texts])
    near = default_rules().classes["time_near"]
    times = np.array([_words_of(name) <= near for name in names])
    timed = np.array([not near.isdisjoint(_words_of(name)) for name in names])
    columns, needs = [], {"words": FEWEST_WORDS, "short": SHORT, "little": LITTLE, "much": MUCH}
    for column, band in (("danger", 1), ("now", 0), ("concern", 2)):
        telling = _telling(matrix, bands <= band, weight)
        model = LogisticRegression(C=STRENGTH, solver="liblinear", intercept_scaling=10, max_iter=300)
        model.fit(matrix @ diags(telling), bands <= band, sample_weight=weight)
        weights = _points(model.coef_[0] * telling, SMALLEST[column])
        columns.append(np.where(timed if column == "now" else times, np.maximum(0, weights), weights))
        needs[column] = round(-POINTS * model.intercept_[0]) + SURER[column]
    points = np.stack(columns, axis=1)
    speaking = points.any(axis=1)  # a word of every text would be counted in each for its vote alone
    lean, votes = _votes(texts, matrix[:, speaking])
    return Table(list(compress(names, speaking)), points[speaking], needs, lean, votes)


def _telling(matrix: csr_matrix, yes: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """How much more often each cue is in texts of one side than of the other, as a logarithm.

    Scaled by it, cues that tell the sides apart cost the fit less
    (Wang and Manning 2012, "Baselines and Bigrams").
    """
    with_it, without = (matrix[side].T @ weight[side] + UNSEEN for side in (yes, ~yes))
    shares = (with_it / weight[yes].sum()) / (without / weight[~yes].sum())
    return np.abs(np.log(shares))


def _neutral(cue: str) -> bool:
    """Whether a cue may not have points: what somebody is, or words that every story has."""
    words, classes = _words_of(cue), default_rules().classes
    return (
        (not words.isdisjoint(classes["identity_colour"]) and (len(words) == 1 or "@" in cue))
        or not words.isdisjoint(classes["identity"])
        or words <= classes["empty"]
    )


def _words_of(cue: str) -> frozenset[str]:
    """The words that a cue stands for."""
    classes = default_rules().classes
    return frozenset().union(*(classes[one[1:]] if one[0] == "@" else {one} for one in cue.split()))


def _votes(texts: Sequence[Text], matrix: csr_matrix) -> tuple[dict[str, int], np.ndarray]:
    """What category a text is in once it is a danger; few cues have a say (L1)."""
    labelled = [at for at, text in enumerate(texts) if text.category and text.band < BANDS["routine"]]
    lean, votes = {}, []
    for category in sorted({texts[at].category for at in labelled}):
        model = LogisticRegression(C=VOTES_STRENGTH, penalty="l1", solver="liblinear", intercept_scaling=10)
        model.fit(matrix[labelled], [texts[at].category == category for at in labelled])
        lean[category] = round(POINTS * model.intercept_[0])
        votes.append(_points(model.coef_[0], SMALLEST_VOTE))
    return lean, np.stack(votes, axis=1)


def _points(weights: np.ndarray, smallest: float) -> np.ndarray:
    return np.where(np.abs(weights) < smallest, 0, np.round(POINTS * weights)).astype(int)


def _matrix(texts: Sequence[Text], places: dict[str, int]) -> csr_matrix:
    rows = [sorted(places[cue] for cue in text.cues if cue in places) for text in texts]
    ends = np.cumsum([0, *map(len, rows)])
    flat = np.concatenate([np.array(row, dtype=int) for row in rows])
    return csr_matrix((np.ones(len(flat)), flat, ends), shape=(len(texts), len(places)))


def cases(paths: Iterable[Path]) -> list[Text]:
    """The texts of files of cases. The crisis cores' languages have no evidence of their own."""
    out = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            out += [
                Text(row["text"], BANDS[row["urgency"]], row.get("category") or "other")
                for row in csv.DictReader(file)
                if row.get("lang", "en") in LANGUAGES
            ]
    return out


def ordinary(paths: Iterable[Path]) -> list[Text]:
    """Texts of files with a column `text`, none of them a danger."""
    out = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            out += [Text(row["text"], 3) for row in csv.DictReader(file)]
    return out


def document(table: Table) -> str:
    """The rule file."""
    needs, lean = (
        ", ".join(f"{name} = {points}" for name, points in given.items())
        for given in (table.needs, table.lean)
    )
    return (
        "# Points that a word or two neighbouring words add: `cue: danger now concern category+votes ...`.\n"
        "# Fitted by tests/triage/weigh.py; every line may be read, questioned, changed (docs/triage.md).\n\n"
        f"[evidence]\nneeds = {{ {needs} }}\nlean = {{ {lean} }}\ncues = '''\n"
        + "\n".join(table.lines())
        + "\n'''\n"
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--ordinary", type=Path, nargs="*", default=[], help="files of texts without danger")
    asked.add_argument(
        "--calm", type=Path, nargs="*", default=[], help="more, which weigh less and add no cue"
    )
    given = asked.parse_args()
    rounds = [*sorted((HERE / "cases").glob("round*.csv")), HERE / "explicit.csv", HERE / "harmless.csv"]
    known = cases(rounds) + ordinary([HERE / "ordinary.csv", *given.ordinary])
    OUT.write_text(document(fit(known, ordinary(given.calm))), encoding="utf-8")


if __name__ == "__main__":
    main()
