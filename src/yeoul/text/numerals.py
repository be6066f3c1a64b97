"""Read a whole number in Korean, and back: 1234 is 천이백삼십사.

Four digits make a group, and the groups are called 만, 억, 조, 경; words are parted there (Korean orthography,
article 44). The one of 십, 백 and 천 is not read, nor that of a 만 with which a number begins.
"""

import re

_DIGITS = "영일이삼사오육칠팔구"
_PLACES = ("", "십", "백", "천")
_GROUPS = ("", "만", "억", "조", "경")
LARGEST = 10 ** (4 * len(_GROUPS)) - 1
_ONE = f"[{_DIGITS[1:]}]?"
_GROUP = re.compile("".join(f"(?:({_ONE}){place})?" for place in _PLACES[:0:-1]) + f"({_ONE})")
_LETTERS = f"[{_DIGITS[1:]}{''.join(_PLACES)}]*"
_NUMBER = re.compile("".join(f"(?:({_LETTERS}){name})?" for name in _GROUPS[:0:-1]) + f"({_LETTERS})")


def read_number(number: int) -> str:
    """Return a number from 0 to 10²⁰ - 1 in Korean words.

    >>> read_number(1234), read_number(10000), read_number(120_003_400)
    ('천이백삼십사', '만', '일억 이천만 삼천사백')

    Raises `ValueError` for others.
    """
    if not 0 <= number <= LARGEST:
        raise ValueError(f"{number} is not between 0 and {LARGEST}")
    if number == 0:
        return _DIGITS[0]
    words: list[str] = []
    for place in reversed(range(len(_GROUPS))):
        group = number // 10_000**place % 10_000
        if group:
            leading_one = group == 1 and place == 1 and not words
            words.append(("" if leading_one else _read_group(group)) + _GROUPS[place])
    return " ".join(words)


def number_of(words: str) -> int:
    """Return the number that Korean words read; a one that need not be read may be, and spaces do not count.

    >>> number_of("일만 이천"), number_of("천이백삼십사")
    (12000, 1234)

    Raises `ValueError` for words that are no number.
    """
    letters = "".join(words.split())
    if letters == _DIGITS[0]:
        return 0
    match = _NUMBER.fullmatch(letters)
    if not letters or match is None:
        raise ValueError(f"{words!r} is no number in Korean")
    total = 0
    for name, group in zip(_GROUPS[::-1], match.groups()):
        if group is not None and (group or name):
            total += (_group_of(group, words) if group else 1) * 10_000 ** _GROUPS.index(name)
    return total


def _read_group(group: int) -> str:
    parts = []
    for place in reversed(range(4)):
        digit = group // 10**place % 10
        if digit:
            parts.append(("" if digit == 1 and place else _DIGITS[digit]) + _PLACES[place])
    return "".join(parts)


def _group_of(group: str, words: str) -> int:
    match = _GROUP.fullmatch(group)
    if match is None:
        raise ValueError(f"{words!r} is no number in Korean")
    thousands, hundreds, tens, ones = match.groups()
    total = _DIGITS.index(ones) if ones else 0
    for digit, value in ((thousands, 1000), (hundreds, 100), (tens, 10)):
        if digit is not None:
            total += value * (_DIGITS.index(digit) if digit else 1)
    return total
