"""The words of a page of comparisons, each in English and in Korean."""

LIKENESS: dict[str, tuple[str, str]] = {
    "metric.roc_area": ("area under the ROC curve", "ROC 곡선 아래 넓이"),
    "metric.average_precision": ("average precision", "평균 정밀도"),
    "metric.spearman": ("rank correlation", "순위 상관"),
    "metric.pearson": ("correlation", "상관"),
    "metric.mrr": ("mean reciprocal rank", "평균 역순위"),
    "metric.recall_1": ("found first", "첫째로 찾음"),
    "metric.recall_5": ("found among 5", "다섯 안에 찾음"),
    "metric.recall_10": ("found among 10", "열 안에 찾음"),
    "metric.order": ("told from shuffled", "섞은 글과 구별"),
    "metric.whole": ("told from cut off", "끊긴 글과 구별"),
    "baseline.position": ("the usual tag of each place", "자리별 최다 태그"),
    "baseline.constant": ("calling all pairs equally close", "모든 쌍을 똑같이 보기"),
    "baseline.characters": ("tf-idf of characters", "글자 tf-idf"),
    "baseline.words": ("tf-idf of words", "낱말 tf-idf"),
    "baseline.dtw": ("dynamic time warping", "동적 시간 왜곡(DTW)"),
    "baseline.euclid": ("plain distance", "유클리드 거리"),
    "section.spread": ("How scores are spread", "점수의 분포"),
    "section.retrieval": ("What it finds", "무엇을 찾아내는가"),
    "likeness.note": (
        "Correlations, areas and mean ranks are written of 100. In parentheses: 95 % intervals by bootstrap over "
        "{groups} groups of rows that share a text; the differences are paired.",
        "상관, 넓이, 평균 역순위는 100을 곱해 적었습니다. 괄호 안은 같은 글이 든 행을 묶은 {groups}개 묶음을 다시 뽑은 "
        "부트스트랩의 95 % 신뢰구간이며, 차이는 같은 행끼리 비교한 값입니다.",
    ),
    "likeness.rows": ("rows", "행 수"),
    "likeness.score": ("score", "점수"),
    "likeness.matching": ("belong together", "서로 맞는 쌍"),
    "likeness.other": ("do not", "맞지 않는 쌍"),
    "likeness.threshold": ("chosen on the validation rows", "검증 데이터로 정한 경계"),
    "likeness.spread_label": (
        "Scores of pairs that belong together and of others",
        "서로 맞는 쌍과 맞지 않는 쌍의 점수",
    ),
    "likeness.points_label": ("True and predicted degree", "실제 값과 예측값"),
    "likeness.true": ("true degree", "실제 값"),
    "likeness.said": ("predicted", "예측값"),
    "likeness.spread_match": (
        "From a score of {threshold} on a pair is called matching; the chances that it gives are off by {error} on "
        "average.",
        "점수가 {threshold} 이상이면 맞는 쌍으로 봅니다. 모델이 말한 확률은 평균 {error} 벗어납니다.",
    ),
    "likeness.spread_degree": (
        "Each point is a pair: its true degree and what the model says.",
        "점 하나가 한 쌍이며, 실제 값과 모델의 값을 나타냅니다.",
    ),
    "likeness.spread_none": (
        "Only pairs that belong together are known here, so nothing tells from which score on one does.",
        "서로 맞는 쌍만 알려져 있어, 어느 점수부터 맞는 쌍인지는 알 수 없습니다.",
    ),
    "likeness.asked": (
        "{queries} texts were looked up in a pool of {pool}; the first right one stands at rank {rank} in the middle. "
        "Below are some, from the worst to the best.",
        "{queries}개의 글을 {pool}개 가운데에서 찾았습니다. 맞는 글의 중앙 순위는 {rank}위입니다. "
        "아래는 가장 나쁜 것부터 가장 좋은 것까지의 예입니다.",
    ),
    "likeness.asked_nothing": (
        "No text of these rows has a partner to be looked up.",
        "이 데이터에는 찾을 짝이 있는 글이 없습니다.",
    ),
    "likeness.query": ("text", "글"),
    "likeness.rank": ("rank", "순위"),
    "likeness.closest": ("the closest, right ones marked ✓", "가장 가까운 것(맞는 것은 ✓)"),
    "likeness.worst_shown": (
        "The {shown} that the model was surest of and wrong about; all pairs are in {file}.",
        "모델이 가장 확신하고 틀린 쌍 {shown}개입니다. 모든 쌍은 {file}에 있습니다.",
    ),
    "likeness.worst_none": ("Every pair is right.", "모든 쌍이 맞았습니다."),
    "data.truth.match": ("1 where the two belong together, 0 where not", "서로 맞으면 1, 아니면 0"),
    "data.truth.degree": ("a number, the larger the closer", "수가 클수록 가까움"),
    "data.truth.none": ("all pairs belong together", "모든 쌍이 서로 맞음"),
    "data.known": ("what is known", "알려진 것"),
    "data.compared": ("{left} and {right}", "{left} 및 {right}"),
    "data.different": ("different texts or series", "서로 다른 글 또는 계열"),
    "data.tied": ("groups that matching pairs tie", "맞는 쌍으로 이어진 묶음"),
    "data.matching": ("pairs that belong together", "서로 맞는 쌍"),
    "data.astride": ("left out: their sides would part", "나뉘게 되어 뺀 쌍"),
    "data.lacking": ("without one of the sides, left out", "한쪽이 비어 뺀 행"),
    "data.equal_sides": ("pairs of equal sides", "양쪽이 같은 쌍"),
    "data.seen_sides": ("test pairs with a side seen in training", "한쪽이라도 학습에서 본 시험 쌍"),
    "data.left_length": ("length of the left side", "왼쪽 길이"),
    "data.right_length": ("length of the right side", "오른쪽 길이"),
    "data.together.matching": ("texts that belong together on one side", "서로 맞는 글은 한쪽에"),
    "data.together.all": ("texts that share a pair on one side", "한 쌍에 든 글은 한쪽에"),
}
