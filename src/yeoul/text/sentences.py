"""Cut a text into sentences, Korean or English, by rules.

A sentence ends at . ! ? … or their wide forms, with the quotes and brackets that close behind them, where white space
or the end of the text follows; a Korean one also where the next word stands close ("갔다.그리고"). It does not end

- in a number (3.14), a date (2024. 1. 3.), behind the number of a list (1. 서론) or an initial (J. K. Rowling);
- behind an abbreviation (Dr. Kim, e.g. this), nor before a small letter;
- behind dots that trail off, unless a Korean ending stands before or a capital or a quote behind ("글쎄… 모르겠다");
- inside quotes or brackets that close in the same paragraph;
- behind a quote that goes on with who said it ("가자." 그가 말했다. "Go!" John said.).

An empty line ends a sentence, and so does the end of a line, unless it was broken for its width.
"""

import re
from bisect import bisect_left
from itertools import pairwise

from yeoul.text.normalization import Span

_END = re.compile(r"[.!?…。！？]+[\"'”’」』)\]]*")
_BREAK = re.compile(r"[ \t\r]*\n\s*")
_PARAGRAPH = re.compile(r"\n\s*\n")
_PAIRS = {"“": "”", "‘": "’", "「": "」", "『": "』", "(": ")", "[": "]", '"': '"'}
_LONGEST_QUOTE = 300
_WIDE_LINE = 50
_LOOK = 400
"""Characters around a mark that may tell what it means."""
_TRAILING = re.compile(r"(\.{2,}|…)[\"'”’」』)\]]*$")
_ENDINGS = "다요까죠네지군걸데라자게오냐니마야"
_ABBREVIATIONS = frozenset(
    (
        *("mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "rev", "hon", "gen", "col", "capt", "lt", "sgt"),
        *(
            "vs",
            "e.g",
            "i.e",
            "cf",
            "al",
            "approx",
            "no",
            "nos",
            "vol",
            "fig",
            "figs",
            "eq",
            "pp",
            "ch",
            "sec",
        ),
        *(
            "jan",
            "feb",
            "mar",
            "apr",
            "jun",
            "jul",
            "aug",
            "sep",
            "sept",
            "oct",
            "nov",
            "dec",
            "mt",
            "ft",
            "est",
        ),
    )
)
_AT_AN_END_TOO = frozenset(("inc", "ltd", "co", "corp", "etc", "u.s", "u.k", "a.m", "p.m", "ph.d"))
"""Abbreviations behind which a capital letter begins a sentence."""
_SAID = re.compile(
    r"^\s*(\S+\s+){0,4}?\S*(말했|말하|물었|물으|묻|외쳤|외치|대답|소리쳤|중얼|속삭|덧붙|되물|"
    r"\bsaid\b|\basked\b|\bcried\b|\breplied\b|\bshouted\b|\bwhispered\b|\banswered\b|\badded\b)"
)
_LETTER = re.compile(r"[A-Za-z]$")
_WORD = re.compile(r"(\S*)$")


def sentence_spans(text: str) -> list[Span]:
    """Return the first character of each sentence and the one after the last, without white space around them.

    >>> [text[a:b] for text in ["비가 온다. 3.14는 원주율이다! 끝"] for a, b in sentence_spans(text)]
    ['비가 온다.', '3.14는 원주율이다!', '끝']
    """
    inside = _quoted(text)
    borders = {0, len(text)}
    for match in _END.finditer(text):
        if not _is_inside(match.end(), inside) and _ends(text, match):
            borders.add(match.end())
    for match in _BREAK.finditer(text):
        if not _is_wrapped(text, match):
            borders.add(match.start())
    spans = []
    for start, end in pairwise(sorted(borders)):
        part = text[start:end]
        kept = part.strip()
        if kept:
            first = start + part.index(kept[0])
            spans.append((first, first + len(kept)))
    return spans


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text, in order."""
    return [text[start:end] for start, end in sentence_spans(text)]


def is_sentence(text: str) -> bool:
    """Tell whether a text ends as a sentence does; a heading does not."""
    return any(match.end() == len(text) for match in _END.finditer(text))


def _ends(text: str, match: re.Match[str]) -> bool:
    """Tell whether a sentence ends behind a mark."""
    before, marks = text[max(0, match.start() - _LOOK) : match.start()], match[0]
    after = text[match.end() : match.end() + _LOOK]
    if not after.strip():
        return True
    following = after.lstrip()[0]
    if not after[0].isspace():
        plain = marks[0] in ".!?" and marks[-1] not in "\"'”’」』"
        return plain and before[-1:] in _ENDINGS and before != "" and "가" <= following <= "힣"
    if marks[-1] in "\"”’」』'" and _SAID.match(_until_next(after)):
        return False
    if following.isascii() and following.islower():
        return False
    if _TRAILING.search(before[-1:] + marks) and len(marks.rstrip("\"'”’」』)]")) >= (
        1 if "…" in marks else 2
    ):
        return before[-1:] in _ENDINGS or following.isupper() or following in _PAIRS
    return marks[0] != "." or _ends_at_a_dot(before, following)


def _ends_at_a_dot(before: str, following: str) -> bool:
    """Tell whether the one dot behind a text ends a sentence."""
    word = _WORD.search(before)
    last = "" if word is None else word[1].lstrip("\"'“‘(").lower()
    if last.isdigit():
        rest = before[: len(before) - len(last)].rstrip(" \t")
        earlier = rest.rsplit(maxsplit=1)[-1].rstrip(".").lower() if rest.strip() else ""
        numbered = len(last) <= 2 and (not rest or rest[-1] in ".!?…\n") and earlier not in _ABBREVIATIONS
        return not (following.isdigit() or numbered)
    if last in _ABBREVIATIONS or (len(last) == 1 and last.isascii() and last.isalpha()):
        return last == "no" and not following.isdigit()
    return last not in _AT_AN_END_TOO or following.isupper()


def _until_next(text: str) -> str:
    """Return the words up to the next mark."""
    match = _END.search(text)
    return text if match is None else text[: match.start()]


def _quoted(text: str) -> list[Span]:
    """Return what stands inside quotes and brackets that close in their paragraph, the outermost only."""
    spans: list[Span] = []
    place = 0
    while place < len(text):
        closing = _PAIRS.get(text[place])
        if closing is not None:
            end = text.find(closing, place + 1, place + 1 + _LONGEST_QUOTE)
            if end > 0 and not _PARAGRAPH.search(text, place, end):
                spans.append((place, end))
                place = end
        place += 1
    return spans


def _is_inside(place: int, spans: list[Span]) -> bool:
    """Tell whether a place is inside one of some spans, which stand in order."""
    found = bisect_left(spans, place, key=lambda span: span[0]) - 1
    return found >= 0 and place <= spans[found][1]


def _is_wrapped(text: str, match: re.Match[str]) -> bool:
    """Tell whether a line was broken for its width: the sentence goes on in the next one."""
    if match[0].count("\n") > 1:
        return False
    line = text[max(0, match.start() - _LOOK) : match.start()].rpartition("\n")[2]
    after = text[match.end() : match.end() + 1]
    if not after or not line:
        return False
    if after[0].isascii() and after[0].islower():
        return True
    return len(line) >= _WIDE_LINE and (line.endswith(",") or _LETTER.search(line) is not None)
