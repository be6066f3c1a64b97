"""Sentences with names of people, places, organizations and dates, in Korean and in English, a tag a word.

Places and cities are those of the Unicode Consortium's CLDR, months and weekdays too. Many words are a name in one
sentence and none, or another, in the next: 보라 (a color), Paris, Jordan, May, Will. In two of five sentences only the
far end tells what a name is: "Toren , they said on the radio , has married" or "… was flooded". Korean particles stand
at the end of a name's last word, and follow its last letter.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import babel
import numpy as np
from babel import Locale

from yeoul.data.made.tables import made_table
from yeoul.data.tables import Table

NAMES_IN_SENTENCES = "names-in-sentences"
TITLE = (
    "sentences with people, places, organizations and dates, Korean and English "
    f"(made up; places of Unicode CLDR, Babel {babel.__version__})"
)
LICENCE = "Unicode-3.0"
_SENTENCES = 6000
_PLAIN_SHARE = 0.25
_FAR_SHARE = 0.4
_HANGUL = re.compile(r"[가-힣]{2,}( [가-힣]{2,})?")
_LATIN = re.compile(r"[A-Z][A-Za-z]+( [A-Z][A-Za-z]+)?")
_SLOT = re.compile(r"\{(사람|곳|기관|날짜|PER|LOC|ORG|DATE)\}(\S*)")
_TAGS = {"사람": "PER", "곳": "LOC", "기관": "ORG", "날짜": "DATE"}
_PARTICLES = {"은": "은는", "이": "이가", "을": "을를", "과": "과와", "으로": ("으로", "로")}
Draw: TypeAlias = Callable[[np.random.Generator], str]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FAMILIES = _words("김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 홍 남궁 선우")
_FIRST = _words("민 서 지 하 도 예 은 수 현 준 시 유 태 채 가 나 다 소 영 주")
_SECOND = _words("준 우 윤 호 연 아 린 희 수 진 현 민 경 빈 율 원 석 훈 나 림")
_ALSO_NOUNS = _words("보라 하나 이슬 가을 나라 슬기 지혜 소망 아름 새롬 한별 단비 노을 바다")
_KOREAN_STEMS = _words("한빛 새롬 여울 다온 누리 가온 미래 동방 푸른 해솔 서울 부산 제주 한강")
_KOREAN_KINDS = _words("전자 출판사 은행 대학교 병원 신문 제약 항공 연구소 증권")
_ENGLISH_FIRST = _words(
    "Anna James Maria Tom Sofia Peter Grace Mark Rose Will April June May Paris Jordan Austin"
)
_ENGLISH_LAST = _words(
    "Smith Jordan Park Miller Brown Austin Wood Kim Carter Stone Field Hill London Reed West"
)
_ENGLISH_STEMS = _words("Northern Silver River Jordan Austin Global Union Harbor First Green Paris Summit")
_ENGLISH_KINDS = _words("Bank University Motors Press Airlines Hospital Institute Records Foods Energy")

_HEADS = _words("Tor Kel Var Mar Bel Dor Lin San Ost Gal Ren Hal Vin Cor Wes Nor Al Em Is Or")
_TAILS = _words("en ia ton var ley ora ic as mond in elle burg wick o a is er um and eth")

_KOREAN = (
    "{사람}은 {날짜}에 {곳}에서 태어났다 .",
    "{사람}이 {곳}으로 이사한 지 벌써 세 해가 지났다 .",
    "{기관}은 {날짜} {곳}에 새 사무실을 연다고 밝혔다 .",
    "{곳}과 {곳}은 {날짜}까지 회담을 이어 가기로 했다 .",
    "{날짜} 오후 {사람}이 {기관}을 찾았다 .",
    "{기관}에 다니는 {사람}은 주말마다 {곳}에 간다 .",
    "어제 {사람}과 {사람}이 {곳}에서 만났다 .",
    "{사람} 기자가 {곳}에서 전합니다 .",
    "{기관}의 {사람} 교수는 “ {날짜} 전에는 어렵다 ” 고 말했다 .",
    "{곳} 축구 대표팀이 {날짜} 열린 경기에서 이겼다 .",
    "{사람}을 아는 사람은 {곳}에 아무도 없었다 .",
    "{날짜}부터 {기관}에서 일하게 된 {사람}입니다 .",
)
_KOREAN_PLAIN = (
    "보라 빛 노을이 바다 위로 내려앉았다 .",
    "가을 하늘에 단비가 내려 온 나라가 들썩였다 .",
    "하나 둘 모인 사람들이 지혜를 나누었다 .",
    "이슬이 맺힌 아침 , 나라 안팎이 조용했다 .",
    "푸른 바다와 새롬 문구점 사이에 서울 식당이 있었다 .",
    "미래를 생각하면 소망이 하나 생긴다 .",
)
_ENGLISH = (
    "{PER} was born in {LOC} on {DATE} .",
    "On {DATE} , {PER} moved from {LOC} to {LOC} .",
    "{ORG} will open an office in {LOC} on {DATE} .",
    "{PER} , who works for {ORG} , visited {LOC} .",
    "The talks between {LOC} and {LOC} end on {DATE} .",
    "{PER} and {PER} met at {ORG} .",
    "{ORG} hired {PER} last week .",
    "Reporting from {LOC} , this is {PER} .",
    "{LOC} won the match on {DATE} .",
    "Nobody in {LOC} had heard of {PER} .",
    "Since {DATE} {ORG} has been closed .",
    "{PER} said that {ORG} may leave {LOC} .",
)
_ENGLISH_PLAIN = (
    "It may rain in the west , and the river will rise .",
    "The green field on the hill was covered with snow .",
    "You will need grace , and a stone to mark the first grave .",
    "She rose early and walked to the harbor .",
    "April showers bring May flowers , as they say .",
    "The summit will be a global one , the first in years .",
)


_KOREAN_FAR = (
    ("{사람}은", ("마흔 살이 되었다", "결혼했다", "노래를 잘한다", "열쇠를 잃어버렸다", "감기에 걸렸다")),
    ("{곳}은", ("물에 잠겼다", "강가에 있다", "공항을 새로 지었다", "인구가 줄었다", "눈에 덮였다")),
    ("{기관}은", ("파산했다", "변호사를 뽑았다", "주식을 팔았다", "값을 올렸다", "직원을 늘렸다")),
)
_KOREAN_BETWEEN = (
    "오늘 아침 뉴스에 따르면",
    "모두가 알고 있듯이",
    "작년에 들은 말이 맞다면",
    "우리가 아는 한",
    "벌써 여러 번 말했지만",
)
_ENGLISH_FAR = (
    ("{PER} ,", ("has married", "sings very well", "turned forty", "lost the keys", "caught a cold")),
    (
        "{LOC} ,",
        ("was flooded", "lies by the sea", "built an airport", "is losing people", "was covered with snow"),
    ),
    (
        "{ORG} ,",
        ("went bankrupt", "hired ten lawyers", "sold its shares", "raised its prices", "employs more people"),
    ),
)
_ENGLISH_BETWEEN = (
    "they said on the radio this morning ,",
    "as everyone knows ,",
    "if what we heard last year is true ,",
    "as far as we know ,",
    "I have told you before ,",
)


def names_in_sentences() -> Table:
    """Return the columns `words` and `tags`, both between spaces, and `language`; no sentence comes twice.

    Before one of four sentences stands another without a name.
    """
    random = np.random.default_rng(51)
    writers = {"ko": _Writer.korean(), "en": _Writer.english()}
    rows: dict[str, tuple[str, str]] = {}
    while len(rows) < _SENTENCES:
        language = "ko" if len(rows) % 2 == 0 else "en"
        words, tags = writers[language].sentence(random)
        rows.setdefault(" ".join(words), (" ".join(tags), language))
    return made_table(
        NAMES_IN_SENTENCES,
        {
            "words": list(rows),
            "tags": [tags for tags, _ in rows.values()],
            "language": [language for _, language in rows.values()],
        },
    )


@dataclass(frozen=True)
class _Writer:
    """What the sentences of a language are made of."""

    patterns: Sequence[str]
    plain: Sequence[str]
    far: Sequence[tuple[str, Sequence[str]]]
    between: Sequence[str]
    names: Mapping[str, Draw]
    any_name: Draw
    """What may be a person, a place or an organization."""

    @classmethod
    def korean(cls) -> "_Writer":
        def any_name(random: np.random.Generator) -> str:
            return _one(_KOREAN_STEMS, random) if random.random() < 0.3 else _coined(_FIRST, _SECOND, random)

        return cls(_KOREAN, _KOREAN_PLAIN, _KOREAN_FAR, _KOREAN_BETWEEN, _korean_names(), any_name)

    @classmethod
    def english(cls) -> "_Writer":
        def any_name(random: np.random.Generator) -> str:
            return _one(_ENGLISH_STEMS, random) if random.random() < 0.3 else _coined(_HEADS, _TAILS, random)

        return cls(_ENGLISH, _ENGLISH_PLAIN, _ENGLISH_FAR, _ENGLISH_BETWEEN, _english_names(), any_name)

    def sentence(self, random: np.random.Generator) -> tuple[list[str], list[str]]:
        """Return the words of a sentence and their tags."""
        if random.random() < _FAR_SHARE:
            slot, ends = self.far[int(random.integers(len(self.far)))]
            pattern = f"{slot} {_one(self.between, random)} {_one(ends, random)} ."
            return self._filled(pattern, dict.fromkeys(self.names, self.any_name), random)
        before = f"{_one(self.plain, random)} " if random.random() < _PLAIN_SHARE else ""
        return self._filled(before + _one(self.patterns, random), self.names, random)

    def _filled(
        self, pattern: str, names: Mapping[str, Draw], random: np.random.Generator
    ) -> tuple[list[str], list[str]]:
        """Put names into the slots of a pattern, and tell the tag of each word."""
        words: list[str] = []
        tags: list[str] = []
        for part in pattern.split():
            slot = _SLOT.fullmatch(part)
            if slot is None:
                words.append(part)
                tags.append("O")
                continue
            kind, ending = slot.groups()
            name = names[kind](random)
            tag = _TAGS.get(kind, kind)
            own = (name + _particle(name, ending)).split()
            words += own
            tags += [f"{'I' if place else 'B'}-{tag}" for place in range(len(own))]
        return words, tags


def _particle(name: str, ending: str) -> str:
    """Choose the form of a Korean particle that follows the last letter of a name."""
    forms = _PARTICLES.get(ending)
    if forms is None:
        return ending
    last = (ord(name[-1]) - ord("가")) % 28 if "가" <= name[-1] <= "힣" else 0
    closed = last != 0 and not (ending == "으로" and last == 8)  # ㄹ takes 로
    return forms[0] if closed else forms[1]


def _korean_names() -> Mapping[str, Draw]:
    locale = Locale.parse("ko")
    places = _places(locale, _HANGUL)
    days = list(locale.days["format"]["wide"].values())

    def person(random: np.random.Generator) -> str:
        if random.random() < 0.3:
            return _one(_ALSO_NOUNS, random)
        given = _one(_FIRST, random) + _one(_SECOND, random)
        return _one(_FAMILIES, random) + (_one(_ALSO_NOUNS, random) if random.random() < 0.2 else given)

    def date(random: np.random.Generator) -> str:
        year, month, day = (
            int(random.integers(1950, 2030)),
            int(random.integers(1, 13)),
            int(random.integers(1, 29)),
        )
        forms = (
            f"{year}년 {month}월 {day}일",
            f"{month}월 {day}일",
            f"{year}년 {month}월",
            f"지난 {_one(days, random)}",
        )
        return _one(forms, random)

    return {
        "사람": person,
        "곳": lambda random: _one(places, random),
        "기관": lambda random: _one(_KOREAN_STEMS, random) + _one(_KOREAN_KINDS, random),
        "날짜": date,
    }


def _english_names() -> Mapping[str, Draw]:
    locale = Locale.parse("en")
    places = _places(locale, _LATIN)
    months, days = (
        list(locale.months["format"]["wide"].values()),
        list(locale.days["format"]["wide"].values()),
    )

    def person(random: np.random.Generator) -> str:
        first = _one(_ENGLISH_FIRST, random)
        return first if random.random() < 0.4 else f"{first} {_one(_ENGLISH_LAST, random)}"

    def date(random: np.random.Generator) -> str:
        year, day = int(random.integers(1950, 2030)), int(random.integers(1, 29))
        month = _one(months, random)
        return _one(
            (f"{month} {day} , {year}", f"{month} {day}", f"{day} {month} {year}", _one(days, random)), random
        )

    return {
        "PER": person,
        "LOC": lambda random: _one(places, random),
        "ORG": lambda random: f"{_one(_ENGLISH_STEMS, random)} {_one(_ENGLISH_KINDS, random)}",
        "DATE": date,
    }


def _places(locale: Locale, form: re.Pattern[str]) -> list[str]:
    """Return the names of territories and cities that are wholly in one script."""
    cities = [told["city"] for told in locale.time_zones.values() if "city" in told]
    named = {*locale.territories.values(), *cities}
    return sorted(name for name in named if form.fullmatch(name))


def _coined(heads: Sequence[str], tails: Sequence[str], random: np.random.Generator) -> str:
    return _one(heads, random) + _one(tails, random)


def _one(names: Sequence[str], random: np.random.Generator) -> str:
    return names[int(random.integers(len(names)))]
