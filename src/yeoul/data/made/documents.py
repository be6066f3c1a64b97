"""Short documents whose sentences have a role: the topic, an explanation of it, or a filler.

Every document is about one subject: a claim about it is the topic, remarks on what belongs to it explain. In between
stand fillers: claims about other subjects, and remarks on what belongs to these. So a sentence does not tell its role
by itself: what is a topic here is a filler there, and only the other sentences say which.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from yeoul.data.made.tables import made_table
from yeoul.data.tables import Table

DOCUMENTS_KO = "documents-ko"
DOCUMENTS_EN = "documents-en"
DOCUMENTS_KO_TITLE = "Korean documents of a few sentences: topic, explanation or filler (made up)"
DOCUMENTS_EN_TITLE = "English documents of a few sentences: topic, explanation or filler (made up)"
ROLES = ("topic", "explanation", "filler")
_ROWS = 2000
_SEED = 71
_EXPLANATIONS = (3, 6)
_FILLERS = (1, 4)

_KOREAN = {
    "걷기": "심장 다리 운동화 공원 산책로",
    "독서": "책장 도서관 밑줄 문장 줄거리",
    "요리": "재료 양념 불 칼 접시",
    "수영": "호흡 물안경 수영장 팔 물살",
    "여행": "기차 지도 여권 숙소 풍경",
    "음악": "악보 박자 노래 악기 화음",
    "농사": "밭 씨앗 거름 가뭄 수확",
    "글쓰기": "원고 문단 연필 초고 독자",
    "축구": "공 골대 심판 패스 관중",
    "사진": "렌즈 빛 구도 셔터 필름",
    "바둑": "바둑돌 판 수읽기 집 승부",
    "등산": "배낭 능선 정상 등산로 물병",
    "그림": "붓 물감 색 캔버스 선",
    "잠": "베개 꿈 이불 새벽 낮잠",
    "저축": "통장 이자 은행 예산 영수증",
    "언어": "낱말 문법 발음 사전 번역",
    "천문": "별 망원경 행성 은하 일식",
    "자전거": "바퀴 안장 헬멧 체인 내리막",
    "명상": "숨 자세 고요 생각 방석",
    "낚시": "미끼 찌 강가 낚싯대 물고기",
}
_ENGLISH = {
    "walking": "heart legs shoes park path",
    "reading": "shelf library margin chapter plot",
    "cooking": "spices pan knife dough oven",
    "swimming": "breath goggles pool stroke lane",
    "travel": "train map passport hostel view",
    "music": "score rhythm song violin chord",
    "farming": "field seed manure drought harvest",
    "writing": "draft paragraph pencil editor reader",
    "football": "ball goal referee pass crowd",
    "photography": "lens light framing shutter film",
    "chess": "board queen opening endgame clock",
    "hiking": "backpack ridge summit trail flask",
    "painting": "brush palette color canvas line",
    "sleep": "pillow dream blanket dawn nap",
    "saving": "account interest bank budget receipt",
    "language": "word grammar accent dictionary translation",
    "astronomy": "star telescope planet galaxy eclipse",
    "cycling": "wheel saddle helmet chain slope",
    "meditation": "breathing posture silence thought cushion",
    "fishing": "bait float riverbank rod fish",
}
_KOREAN_CLAIMS = (
    *("누구에게나 권할 만하다.", "생각보다 어렵다.", "요즘 다시 사랑받는다.", "하루를 바꾸어 놓는다."),
    *("서두르면 안 된다.", "시작하기에 늦은 때가 없다.", "혼자서도 할 수 있다.", "오래 해야 보인다."),
)
_KOREAN_REMARKS = (
    *("큰 몫을 한다.", "먼저 달라진다.", "빠질 수 없다.", "가장 자주 이야기된다.", "생각보다 중요하다."),
    *("날마다 새롭다.", "처음에는 낯설다.", "차이를 만든다."),
)
_ENGLISH_CLAIMS = (
    *("can be recommended to anyone.", "is harder than it looks.", "is loved again these days."),
    *("changes a whole day.", "must not be hurried.", "can be begun at any age.", "takes years to show."),
)
_ENGLISH_REMARKS = (
    *("plays a large part.", "is the first to change.", "cannot be left out.", "is talked of most."),
    *(
        "matters more than one thinks.",
        "is new every day.",
        "feels strange at first.",
        "makes the difference.",
    ),
)


@dataclass(frozen=True)
class _Tongue:
    """How things are said in a language."""

    subjects: dict[str, tuple[str, ...]]
    claim: Callable[[str, np.random.Generator], str]
    remark: Callable[[str, np.random.Generator], str]


def korean_documents() -> Table:
    """Return the columns `sentences` and `roles`, a list in JSON each: 2,000 Korean documents."""

    def claim(subject: str, random: np.random.Generator) -> str:
        return f"{_marked(subject, '은', '는')} {_one(_KOREAN_CLAIMS, random)}"

    def remark(part: str, random: np.random.Generator) -> str:
        return f"{_marked(part, '이', '가')} {_one(_KOREAN_REMARKS, random)}"

    return _documents(DOCUMENTS_KO, _Tongue(_parted(_KOREAN), claim, remark), _SEED)


def english_documents() -> Table:
    """Return the columns `sentences` and `roles`, a list in JSON each: 2,000 English documents."""

    def claim(subject: str, random: np.random.Generator) -> str:
        return f"{subject.capitalize()} {_one(_ENGLISH_CLAIMS, random)}"

    def remark(part: str, random: np.random.Generator) -> str:
        return f"The {part} {_one(_ENGLISH_REMARKS, random)}"

    return _documents(DOCUMENTS_EN, _Tongue(_parted(_ENGLISH), claim, remark), _SEED + 1)


def _documents(name: str, tongue: _Tongue, seed: int) -> Table:
    random = np.random.default_rng(seed)
    rows = [_document(tongue, random) for _ in range(_ROWS)]
    cells = [[json.dumps(side, ensure_ascii=False) for side in sides] for sides in zip(*rows, strict=True)]
    return made_table(name, {"sentences": cells[0], "roles": cells[1]})


def _document(tongue: _Tongue, random: np.random.Generator) -> tuple[list[str], list[str]]:
    """Return sentences and their roles: the topic first in half of the documents, else anywhere."""
    subjects = random.permutation(list(tongue.subjects)).tolist()
    own, others = subjects[0], subjects[1:]
    parts = random.permutation(tongue.subjects[own]).tolist()
    count = int(random.integers(*_EXPLANATIONS))
    told = [(tongue.remark(part, random), "explanation") for part in parts[:count]]
    place = 0 if random.random() < 0.5 else int(random.integers(0, count + 1))
    told.insert(place, (tongue.claim(own, random), "topic"))
    for other in others[: int(random.integers(*_FILLERS))]:
        if random.random() < 0.5:
            said = tongue.claim(other, random)
        else:
            said = tongue.remark(_one(tongue.subjects[other], random), random)
        told.insert(int(random.integers(0, len(told) + 1)), (said, "filler"))
    return [sentence for sentence, _ in told], [role for _, role in told]


def _parted(subjects: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {subject: tuple(parts.split()) for subject, parts in subjects.items()}


def _one(of: Sequence[str], random: np.random.Generator) -> str:
    return of[int(random.integers(len(of)))]


def _marked(word: str, closed: str, opened: str) -> str:
    """Return a Korean word with the particle that its last syllable asks for."""
    return word + (closed if (ord(word[-1]) - 0xAC00) % 28 else opened)
