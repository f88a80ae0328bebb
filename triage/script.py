"""Which scripts a text is written in, and signs that it serves a language without rules."""

import re
import unicodedata
from collections import Counter

# Vietnamese letters that hardly another language writes (Yoruba shares two of them).
_VIETNAMESE = re.compile(r"[\u01a0\u01a1\u01af\u01b0\u0102\u0103\u1ea0-\u1eb7\u1eba-\u1ecb\u1ece-\u1ef9]")
_BLOCKS = (
    ("zh", re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("latin", re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")),
)
# Kana, Persian and Urdu letters, Ukrainian, Serbian and Central Asian letters.
_KANA = re.compile(r"[\u3041-\u30ff]")
_OTHERWISE = {
    "zh": _KANA,
    "ar": re.compile(
        r"[\u067e\u0686\u0698\u06af\u06a9\u06cc\u0679\u0688\u0691\u06ba\u06c1\u06d2\u0693\u069a\u0681\u067c\u0689\u06bc]"
    ),
    "ru": re.compile(
        r"[\u0406\u0456\u0407\u0457\u0404\u0454\u0490\u0491\u0458\u0459\u045a\u045b\u0452\u045f\u04af\u04e9\u04bb\u04d9\u0493\u049b\u04a3\u04b1]"
    ),
}
_NAMES = {
    "HANGUL": "ko",
    "DEVANAGARI": "hi",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "THAI": "th",
    "GREEK": "el",
    "HEBREW": "he",
    "ETHIOPIC": "am",
    "BENGALI": "bn",
    "GURMUKHI": "pa",
    "TAMIL": "ta",
    "TELUGU": "te",
    "GUJARATI": "gu",
    "KHMER": "km",
    "LAO": "lo",
    "MYANMAR": "my",
    "ARMENIAN": "hy",
    "GEORGIAN": "ka",
}
# Letters beyond the Latin blocks; punctuation, symbols and emoji are not.
_BEYOND = re.compile(
    r"[\u0250-\u02af\u0370-\u1dff\u2c00-\u2dff\u3005-\u3007\u3021-\ud7ff\uf900-\ufdff\ufe70-\ufefc\uff10-\uffdc\U00010000-\U0001efff\U00020000-\U000323af]"
)
# One sign in so many letters is a borrowed letter, not another language.
_SHARE = 25
_LOOKED_AT = 400


def only_latin(odd: str) -> bool:
    """Whether no letter of another script is there (among a text's characters beyond ASCII)."""
    return not odd or _BEYOND.search(odd) is None


def counts(text: str) -> Counter[str]:
    """Letters by script, looked for in the first letters of a text; a Han character counts as two letters."""
    head = text[:_LOOKED_AT]
    found = Counter({name: len(block.findall(head)) for name, block in _BLOCKS})
    found["zh"] *= 2
    known = sum(len(block.findall(head)) for _, block in _BLOCKS)
    if known < sum(map(str.isalpha, head)):
        found.update(filter(None, map(_script, head)))
    return +found


def _script(char: str) -> str | None:
    if not char.isalpha() or any(block.match(char) for _, block in _BLOCKS):
        return None
    first = unicodedata.name(char, "").split(" ")[0]
    return _NAMES.get(first, "latin" if first in {"FULLWIDTH", "MATHEMATICAL"} else "und")


def vietnamese(text: str, odd: str) -> int:
    """How many letters only Vietnamese writes; `odd` has the characters of the text beyond ASCII."""
    return len(_VIETNAMESE.findall(text)) if odd and _VIETNAMESE.search(odd) else 0


def written_otherwise(language: str, text: str) -> bool:
    """Whether the script of `language` writes another language here."""
    head = text[:_LOOKED_AT]
    return len(_OTHERWISE[language].findall(head)) * _SHARE > len(head.replace(" ", ""))


def other_name(main: str, text: str) -> str:
    """The code of a language without rules: by its script where that tells it, else `und`."""
    if main == "zh":
        return "ja"
    return main if main in _NAMES.values() and not _KANA.search(text[:_LOOKED_AT]) else "und"
