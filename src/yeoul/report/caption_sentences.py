"""The words of a page of captions, each in English and in Korean."""

CAPTIONS: dict[str, tuple[str, str]] = {
    "metric.cider": ("CIDEr-D", "CIDEr-D"),
    "metric.bleu_1": ("BLEU-1", "BLEU-1"),
    "metric.bleu_2": ("BLEU-2", "BLEU-2"),
    "metric.bleu_3": ("BLEU-3", "BLEU-3"),
    "baseline.frequent_caption": ("the most frequent caption", "가장 흔한 캡션"),
    "baseline.nearest_picture": ("the nearest picture's caption", "가장 비슷한 사진의 캡션"),
    "baseline.nearest_pictures": ("the usual caption of near pictures", "비슷한 사진들의 대표 캡션"),
    "section.looks": ("Where it looked", "모델이 본 곳"),
    "section.variety": ("How varied it speaks", "표현의 다양성"),
    "scores.caption_note": (
        "All scores are of 100, CIDEr-D may be more; BLEU is BLEU-4. {cider}; {bleu}; {rouge_l}; {chrf}. In "
        "parentheses: 95 % intervals by bootstrap over the pictures; the differences are paired.",
        "모든 점수는 100을 곱한 값이며 CIDEr-D는 100을 넘을 수 있습니다. BLEU는 BLEU-4입니다. {cider}; {bleu}; "
        "{rouge_l}; {chrf}. 괄호 안은 사진을 다시 뽑은 부트스트랩의 95 % 신뢰구간이며, 차이는 같은 사진끼리 비교한 "
        "값입니다.",
    ),
    "looks.picture": ("picture", "사진"),
    "looks.label": (
        "Where the model looked while it said “{predicted}”",
        "“{predicted}”을(를) 말할 때 모델이 본 곳",
    ),
    "looks.none": ("There are no pictures to show.", "보여 줄 사진이 없습니다."),
    "looks.note": (
        "Pictures of the test at even distances. For each word the picture is clear where the model looked most and "
        "dark where it did not; a model without attention looks at the whole.",
        "시험 사진을 고른 간격으로 뽑았습니다. 낱말마다 모델이 많이 본 곳은 밝고 보지 않은 곳은 어둡습니다. 어텐션이 "
        "없는 모델은 사진 전체를 한 번에 봅니다.",
    ),
    "looks.found": ("words found: {words}", "찾은 낱말: {words}"),
    "looks.said": ("said", "모델"),
    "looks.people": ("people say", "사람"),
    "variety.model": (
        "Of {captions} captions {distinct} are distinct, made of {words} words, {length} words long on average.",
        "캡션 {captions}개 중 {distinct}개가 서로 다르며, 낱말 {words}종을 썼고 평균 길이는 {length}낱말입니다.",
    ),
    "variety.people": (
        "Of as many captions by people {distinct} are distinct, made of {words} words, {length} words long on average.",
        "사람이 쓴 같은 수의 캡션은 {distinct}개가 서로 다르며, 낱말 {words}종을 썼고 평균 길이는 {length}낱말입니다.",
    ),
    "data.pictures": ("pictures", "사진"),
    "data.captions": ("captions", "캡션"),
    "data.captions_of_a_picture": ("captions of a picture", "사진당 캡션"),
    "data.caption_words": ("words of a caption", "캡션의 낱말 수"),
    "data.skipped_pictures": ("pictures that could not be read, left out", "읽을 수 없어 뺀 사진"),
    "data.leaked_pictures": ("test pictures seen in training", "학습에서 본 시험 사진"),
    "data.alike_pictures": (
        "test pictures that are equal to, or nearly, one of the training",
        "학습 사진과 같거나 거의 같은 시험 사진",
    ),
    "data.words_looked_for": ("words looked for in pictures", "사진에서 찾는 낱말"),
}
