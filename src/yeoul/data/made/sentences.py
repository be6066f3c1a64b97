"""Korean sentences from a small grammar whose verbs agree with words far before them, in time and in respect."""

import numpy as np

from yeoul.data.made.tables import made_table
from yeoul.data.tables import Table

SENTENCES = "sentences-ko"
SENTENCES_TITLE = "8,000 Korean sentences whose verbs agree with the time and with the person (made up)"
_ROWS = 8000
_TIMES = (
    ("어제", "그저께", "지난주에", "작년 봄에", "조금 전에"),
    ("날마다", "요즘", "아침마다", "주말마다", "지금"),
    ("내일", "모레", "다음 주에", "내년 봄에", "잠시 뒤에"),
)
"""Past, present, future, as the endings of the verbs."""
_PEOPLE = ("동생", "친구", "민수", "지연", "언니", "형", "아이", "학생", "이웃", "사촌")
_RESPECTED = ("할머니", "할아버지", "선생님", "아버지", "어머니", "교수님")
_PLACES = ("도서관", "부엌", "마당", "학교", "공원", "바닷가", "시장", "교실", "다락방", "정원")
_VERBS = (
    (
        ("책", "신문", "편지", "동화"),
        ("읽었다", "읽는다", "읽을 것이다"),
        ("읽으셨다", "읽으신다", "읽으실 것이다"),
    ),
    (("일기", "시", "편지"), ("썼다", "쓴다", "쓸 것이다"), ("쓰셨다", "쓰신다", "쓰실 것이다")),
    (("차", "물", "우유", "커피"), ("마셨다", "마신다", "마실 것이다"), ("드셨다", "드신다", "드실 것이다")),
    (("노래", "자장가"), ("불렀다", "부른다", "부를 것이다"), ("부르셨다", "부르신다", "부르실 것이다")),
    (("나무", "꽃", "콩"), ("심었다", "심는다", "심을 것이다"), ("심으셨다", "심으신다", "심으실 것이다")),
    (
        ("나비", "바다", "얼굴"),
        ("그렸다", "그린다", "그릴 것이다"),
        ("그리셨다", "그리신다", "그리실 것이다"),
    ),
    (("떡", "연", "의자"), ("만들었다", "만든다", "만들 것이다"), ("만드셨다", "만드신다", "만드실 것이다")),
    (("영화", "별", "사진"), ("보았다", "본다", "볼 것이다"), ("보셨다", "보신다", "보실 것이다")),
    (("열쇠", "길", "우산"), ("찾았다", "찾는다", "찾을 것이다"), ("찾으셨다", "찾으신다", "찾으실 것이다")),
    (("수영", "한글", "춤"), ("배웠다", "배운다", "배울 것이다"), ("배우셨다", "배우신다", "배우실 것이다")),
)


def sentences() -> Table:
    """Return the column `text`, a sentence a row."""
    draw = np.random.default_rng(16)
    return made_table(SENTENCES, {"text": [_sentence(draw) for _ in range(_ROWS)]})


def _sentence(draw: np.random.Generator) -> str:
    tense, respect, topic = int(draw.integers(3)), bool(draw.integers(2)), bool(draw.integers(2))
    time, place = _one(draw, _TIMES[tense]), _one(draw, _PLACES)
    person = _one(draw, _RESPECTED if respect else _PEOPLE)
    objects, plain, respectful = _VERBS[int(draw.integers(len(_VERBS)))]
    thing, verb = _one(draw, objects), (respectful if respect else plain)[tense]
    if respect:
        subject = person + ("께서는" if topic else "께서")
    else:
        subject = _with(person, "은", "는") if topic else _with(person, "이", "가")
    return f"{time} {subject} {place}에서 {_with(thing, '을', '를')} {verb}."


def _one(draw: np.random.Generator, words: tuple[str, ...]) -> str:
    return words[int(draw.integers(len(words)))]


def _with(word: str, closed: str, open_: str) -> str:
    """Add a particle, the first one after a syllable that a consonant closes."""
    return word + (closed if (ord(word[-1]) - 0xAC00) % 28 else open_)
