"""The words of the section that tells where a model is weak."""

WEAK: dict[str, tuple[str, str]] = {
    "section.weak": ("Weak spots", "약한 곳"),
    "weak.found": (
        "Kinds of rows on which the model does worse than on all others, beyond what chance explains: {count}.",
        "우연으로 보기 어려울 만큼 나머지보다 점수가 낮은 종류의 행이 {count}가지 있습니다.",
    ),
    "weak.nothing": (
        "No kind of row was found on which the model does worse than on all others, beyond what chance explains; "
        "{parts} kinds were looked at.",
        "우연으로 보기 어려울 만큼 점수가 낮은 종류의 행은 찾지 못했습니다. {parts}가지를 살펴보았습니다.",
    ),
    "weak.few": (
        "{rows} different rows are too few to look for weak spots.",
        "서로 다른 행이 {rows}개뿐이라 약한 곳을 찾기에는 너무 적습니다.",
    ),
    "weak.which": ("rows", "어떤 행"),
    "weak.rest": ("all others", "나머지"),
    "weak.examples": ("rows that went wrong (true → predicted)", "틀린 행 (실제 → 예측)"),
    "weak.how": (
        "How this was found: {parts} kinds of rows (words, ways of writing, topics, lengths, columns) were tried on "
        "one half of the {rows} different rows; those that looked worst there, {tested}, were tested on the other "
        "half, which had no part in choosing them (Fisher's exact test, 5 % after Holm's correction). Where a model "
        "is wrong by lot, at most one such search in twenty finds anything. The scores are those of the other half.",
        "찾은 방법: 서로 다른 행 {rows}개의 절반에서 {parts}가지 종류(낱말, 쓰는 방식, 주제, 길이, 열)를 살펴보고, "
        "거기서 가장 나빠 보인 {tested}가지를 고르는 데 쓰지 않은 나머지 절반에서 검정했습니다"
        "(피셔의 정확 검정, 홀름 보정 뒤 5 %). 모델이 아무렇게나 틀리는 경우라면 이런 검색 스무 번에 "
        "많아야 한 번 무언가가 나옵니다. 점수는 나머지 절반의 점수입니다.",
    ),
    "weak.worst_fifth": (
        "A row counts as gone wrong where it is among the worst fifth.",
        "가장 나쁜 5분의 1에 드는 행을 틀린 행으로 보았습니다.",
    ),
    "weak.part.writing": ("with {what}", "{what} 있음"),
    "weak.part.not_writing": ("without {what}", "{what} 없음"),
    "weak.part.word": ("with the word “{value}”", "낱말 “{value}” 있음"),
    "weak.part.without": ("without the word “{value}”", "낱말 “{value}” 없음"),
    "weak.part.beginning": ("with a word that begins with “{value}”", "“{value}”로 시작하는 낱말 있음"),
    "weak.part.topic": ("with words like: {value}", "주제어: {value}"),
    "weak.line": (
        "weak spot: {part} ({rows} rows): {metric} {score}, on all others {rest}; see the report",
        "약한 곳: {part} ({rows}행): {metric} {score}, 나머지에서는 {rest}. 보고서를 보십시오",
    ),
    "weak.line_of_several": (
        "weak spot: {part} ({rows} rows): {metric} {score}, on all others {rest}; {others} more in the report",
        "약한 곳: {part} ({rows}행): {metric} {score}, 나머지에서는 {rest}. 보고서에 {others}가지 더 있습니다",
    ),
    "writing.digits": ("a digit", "숫자"),
    "writing.question": ("a question mark", "물음표"),
    "writing.exclamation": ("an exclamation mark", "느낌표"),
    "writing.dots": ("dots (..)", "말줄임표(..)"),
    "writing.letters": ("a Latin letter", "로마자"),
    "writing.hangul": ("a Korean letter", "한글"),
    "writing.jamo": ("single Korean letters (ㅋㅋ, ㅠㅠ)", "낱자(ㅋㅋ, ㅠㅠ)"),
    "writing.shouting": ("a word in capitals", "대문자로만 쓴 낱말"),
    "writing.link": ("a link", "링크"),
    "data.new_words": ("words not in training", "학습 데이터에 없는 단어 수"),
}
