"""The words of a page of pairs, each in English and in Korean."""

PAIRS: dict[str, tuple[str, str]] = {
    "metric.chrf": ("chrF++", "chrF++"),
    "metric.bleu": ("BLEU", "BLEU"),
    "metric.rouge_1": ("ROUGE-1", "ROUGE-1"),
    "metric.rouge_2": ("ROUGE-2", "ROUGE-2"),
    "metric.rouge_l": ("ROUGE-L", "ROUGE-L"),
    "metric.character_error_rate": ("character error rate", "글자 오류율"),
    "metric.word_error_rate": ("word error rate", "낱말 오류율"),
    "metric.length_ratio": ("length ratio", "길이 비율"),
    "baseline.copy": ("the source copied", "원문 그대로 옮기기"),
    "baseline.frequent": ("the most frequent target", "가장 흔한 정답 문장"),
    "baseline.nearest": ("the nearest training pair", "가장 비슷한 학습 쌍"),
    "baseline.dictionary": ("a word-by-word dictionary", "낱말 대 낱말 사전"),
    "baseline.lead": ("the beginning of the source", "원문의 첫머리"),
    "section.attention": ("Where it looked", "모델이 본 곳"),
    "section.sureness": ("How sure it is", "모델의 확신"),
    "section.worst": ("Its worst answers", "가장 나쁜 답"),
    "scores.pair_note": (
        "BLEU and chrF++ as sacreBLEU measures them, here of 100: {bleu}; {chrf}. Of the error rates less is better. "
        "In parentheses: 95 % intervals by bootstrap over the rows; the differences are paired.",
        "BLEU와 chrF++는 sacreBLEU와 같은 방식이며 100점 만점입니다: {bleu}; {chrf}. 오류율은 낮을수록 좋습니다. "
        "괄호 안은 행을 다시 뽑은 부트스트랩의 95 % 신뢰구간이며, 차이는 같은 행끼리 비교한 값입니다.",
    ),
    "attention.read": ("read", "읽은 글"),
    "attention.written": ("written", "쓴 글"),
    "attention.none": ("The model tells no attention.", "모델이 어텐션을 알려 주지 않습니다."),
    "attention.note": (
        "For each token written, from top to bottom, how much each token read weighed: the larger, the more.",
        "위에서 아래로, 쓴 토큰마다 읽은 토큰이 얼마나 중요했는지 보여 줍니다. 네모가 클수록 무게가 큽니다.",
    ),
    "attention.label": (
        "Attention while “{text}” became “{predicted}”",
        "“{text}”에서 “{predicted}”을(를) 쓸 때의 어텐션",
    ),
    "attention.caption": ("“{text}” → “{predicted}”", "“{text}” → “{predicted}”"),
    "attention.cut": (
        "“{text}” → “{predicted}” (the first tokens; the rest is not drawn)",
        "“{text}” → “{predicted}” (앞부분의 토큰만 그렸습니다)",
    ),
    "sureness.sentence": (
        "The chance that the model gives for an answer being exactly right is off by {error} on average; a right "
        "answer is held surer than a wrong one with a chance of {area}.",
        "답이 완전히 맞을 확률로 모델이 말한 값은 평균 {error} 벗어납니다. 맞은 답을 틀린 답보다 더 확신할 확률은 "
        "{area}입니다.",
    ),
    "sureness.one_kind": (
        "The chance that the model gives for an answer being exactly right is off by {error} on average.",
        "답이 완전히 맞을 확률로 모델이 말한 값은 평균 {error} 벗어납니다.",
    ),
    "sureness.unknown": (
        "Answers marked unknown: {rows} ({share}). Their sources are unlike those of the training, or they are less "
        "probable than those of the validation rows. Of these {right} are right, of the others {otherwise}.",
        "답 {rows}개({share})는 모름으로 표시되었습니다. 학습에서 본 원문과 다르거나, 검증 데이터의 답보다 가능성이 "
        "낮은 답입니다. 이 중 {right}, 나머지 중 {otherwise}가 맞았습니다.",
    ),
    "sureness.cut": (
        "Answers that did not come to an end by themselves: {count}.",
        "답 {count}개는 스스로 끝맺지 못했습니다.",
    ),
    "worst.none": ("Every answer is exactly right.", "모든 답이 완전히 맞았습니다."),
    "worst.shown": (
        "The {shown} worst; all answers are in {file}.",
        "가장 나쁜 답 {shown}개입니다. 모든 답은 {file}에 있습니다.",
    ),
    "worst.score": ("score", "점수"),
    "worst.written": ("written", "쓴 글"),
    "data.pairs": ("pairs", "쌍"),
    "data.columns": ("columns", "열"),
    "data.one_sided": ("without a source or a target, left out", "원문이나 정답 문장이 없어 뺀 행"),
    "data.several_targets": ("rows whose source has several targets", "같은 원문에 정답 문장이 여럿인 행"),
    "data.same": ("rows whose target is the source", "정답 문장이 원문과 같은 행"),
    "data.leaked_sources": ("test sources seen in training", "학습에서 본 시험 원문"),
    "data.leaked_targets": ("test targets seen in training", "학습에서 본 시험 정답 문장"),
    "data.source_characters": ("characters of a source", "원문 글자 수"),
    "data.target_characters": ("characters of a target", "정답 문장 글자 수"),
    "data.cut_sources": ("source tokens cut off", "잘린 원문 토큰"),
    "data.cut_targets": ("target tokens cut off", "잘린 목표 토큰"),
    "data.both_sides": ("{source} → {target}", "{source} → {target}"),
    "data.together.source": ("equal sources on one side", "같은 원문은 한쪽에"),
    "data.together.target": ("equal targets on one side", "같은 정답 문장은 한쪽에"),
    "data.together.both": ("equal sources and targets on one side", "같은 원문과 정답 문장은 한쪽에"),
    "data.together.sorted": ("sources of the same characters on one side", "글자가 같은 원문은 한쪽에"),
    "data.together.none": ("row by row", "행마다 따로"),
}
