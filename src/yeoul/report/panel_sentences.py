"""The words of the report's further panels, each in English and in Korean."""

PANELS: dict[str, tuple[str, str]] = {
    "metric.micro_f1": ("micro-F1", "마이크로 F1"),
    "metric.exact_match": ("exactly right", "완전 일치율"),
    "metric.mean_average_precision": ("mean average precision", "평균 정밀도의 평균(mAP)"),
    "metric.mae": ("mean absolute error", "평균 절대 오차"),
    "metric.rmse": ("root mean square error", "평균 제곱근 오차"),
    "metric.median_absolute_error": ("median absolute error", "절대 오차의 중앙값"),
    "metric.r2": ("R²", "결정계수 R²"),
    "baseline.frequencies": ("the labels' frequencies", "레이블 비율"),
    "baseline.median": ("the median of the training rows", "학습 데이터의 중앙값"),
    "verdict.smaller": (
        "the baseline's error less the model's, 95 % interval",
        "기준의 오차에서 모델의 오차를 뺀 값, 95 % 신뢰구간",
    ),
    "number.interval": ("{value} ({low} to {high})", "{value} ({low} ~ {high})"),
    "section.members": ("Members", "구성원"),
    "section.labels": ("Labels", "레이블별 결과"),
    "section.numbers": ("Predicted numbers", "예측한 수"),
    "section.slices": ("Slices", "부분별 점수"),
    "members.name": ("member", "구성원"),
    "members.kind": ("kind", "종류"),
    "members.on": ("{metric}, {split}", "{metric}, {split}"),
    "members.weight": ("weight", "가중치"),
    "members.best": ("best single network", "가장 좋은 단일 신경망"),
    "members.note": (
        "Each member alone, on the same rows. The weights and the best network were chosen on the validation rows; "
        "a weight of zero means that the mixture does without the member.",
        "구성원 하나씩을 같은 행에서 채점한 결과입니다. 가중치와 가장 좋은 신경망은 검증 데이터로 정했으며, "
        "가중치가 0이면 혼합 모델이 쓰지 않는 구성원입니다.",
    ),
    "member.network": ("network", "신경망"),
    "member.linear": ("linear", "선형"),
    "precision.title": ("Precision and recall", "정밀도와 재현율"),
    "precision.label": (
        "Precision-recall curves of {count} classes, each against the rest",
        "클래스 {count}개의 정밀도-재현율 곡선, 각각 나머지와 비교",
    ),
    "precision.note": (
        "Each class against the rest, as its threshold falls; behind the name, the average precision.",
        "임계값을 낮추며 각 클래스를 나머지와 비교했습니다. 이름 뒤의 수는 평균 정밀도입니다.",
    ),
    "precision.shown": (
        "The {shown} least precise of {all} are drawn.",
        "전체 {all}개 가운데 평균 정밀도가 가장 낮은 {shown}개를 그렸습니다.",
    ),
    "numbers.scatter": ("Predicted against true", "실제값과 예측값"),
    "numbers.scatter_note": (
        "{shown} of {all} rows, spread evenly over the true numbers; on the dotted line both are equal.",
        "전체 {all}행에서 실제값 순으로 고르게 뽑은 {shown}행입니다. 점선에서는 두 값이 같습니다.",
    ),
    "numbers.label": (
        "Scatter plot of predicted against true numbers, {count} rows",
        "실제값에 따른 예측값의 산점도, {count}행",
    ),
    "numbers.true": ("true number", "실제값"),
    "numbers.predicted": ("predicted number", "예측값"),
    "numbers.residual": ("predicted less true", "예측값 − 실제값"),
    "numbers.residuals": ("Errors", "오차"),
    "numbers.residuals_note": (
        "Box: the middle half of the errors; line: 5 % to 95 %. Right of zero, the model says too much.",
        "상자는 오차의 가운데 절반, 선은 5 %~95 %입니다. 0의 오른쪽은 실제보다 크게 예측한 것입니다.",
    ),
    "numbers.residual_label": (
        "Box plot of predicted less true: median {p50}, middle half {p25} to {p75}, 5 % to 95 % {p5} to {p95}",
        "예측값과 실제값 차이의 상자 그림: 중앙값 {p50}, 가운데 절반 {p25}~{p75}, 5 %~95 % {p5}~{p95}",
    ),
    "numbers.targets": ("The true numbers", "실제값의 분포"),
    "numbers.quantity": ("quantity", "항목"),
    "numbers.value": ("value", "값"),
    "numbers.min": ("smallest", "최소"),
    "numbers.p25": ("25 %", "25 % 지점"),
    "numbers.p50": ("median", "중앙값"),
    "numbers.p75": ("75 %", "75 % 지점"),
    "numbers.max": ("largest", "최대"),
    "numbers.mean": ("mean", "평균"),
    "numbers.deviation": ("deviation", "표준편차"),
    "mistakes.worst.class": ("Most confident mistakes", "가장 확신하고 틀린 예측"),
    "mistakes.worst.labels": ("Worst rows", "가장 많이 틀린 행"),
    "mistakes.worst.number": ("Largest errors", "오차가 가장 큰 행"),
    "mistakes.shown.class": (
        "The {shown} wrong rows of which the model was surest; all predictions are in {file}.",
        "모델이 가장 확신하고 틀린 {shown}행입니다. 모든 예측은 {file}에 있습니다.",
    ),
    "mistakes.shown.labels": (
        "The {shown} rows with the most wrong or missing labels; all predictions are in {file}.",
        "잘못 붙이거나 빠뜨린 레이블이 가장 많은 {shown}행입니다. 모든 예측은 {file}에 있습니다.",
    ),
    "mistakes.shown.number": (
        "The {shown} rows farthest from the truth; all predictions are in {file}.",
        "실제값에서 가장 먼 {shown}행입니다. 모든 예측은 {file}에 있습니다.",
    ),
    "table.truth": ("truth", "정답"),
    "table.target.class": ("true class", "실제 클래스"),
    "table.target.labels": ("true labels", "실제 레이블"),
    "table.target.number": ("true number", "실제값"),
    "table.predicted.class": ("predicted class", "예측 클래스"),
    "table.predicted.labels": ("predicted labels", "예측 레이블"),
    "table.predicted.number": ("predicted number", "예측값"),
    "table.wrong_labels": ("wrong labels", "틀린 레이블 수"),
    "table.error": ("error", "오차"),
    "table.threshold": ("threshold (log-odds)", "임계값(로그 오즈)"),
    "table.average_precision": ("average precision", "평균 정밀도"),
    "classes.surest": ("surest of these mistakes", "그중 가장 확신한 행"),
    "slices.none": (
        "Scores on parts of the rows appear here after an evaluation.",
        "평가를 마치면 데이터의 부분별 점수가 여기에 나옵니다.",
    ),
    "slices.nothing": (
        "There are too few rows to look at parts of them.",
        "부분별로 나누어 보기에는 행이 너무 적습니다.",
    ),
    "slices.weak": (
        "Parts of the rows that are scored worse than the rest, beyond what chance explains: {count}.",
        "우연으로 보기 어려울 만큼 점수가 낮은 부분이 {count}개 있습니다.",
    ),
    "slices.even": (
        "No part of the rows is scored worse than the rest beyond what chance explains.",
        "우연으로 보기 어려울 만큼 점수가 낮은 부분은 없습니다.",
    ),
    "slices.label": (
        "Score of {count} parts of the rows with 95 % intervals",
        "데이터의 부분 {count}개의 점수와 95 % 신뢰구간",
    ),
    "slices.shown": (
        "The first {shown} of {all} parts are drawn.",
        "전체 {all}개 가운데 처음 {shown}개를 그렸습니다.",
    ),
    "slices.numbers": ("The numbers of each part", "부분별 수치"),
    "slices.by": ("by", "기준"),
    "slices.part": ("rows with", "해당 행"),
    "slices.difference": ("difference to the rest", "나머지와의 차이"),
    "slices.verdict": ("finding", "판단"),
    "slices.is_weak": ("weak", "약함"),
    "slices.note": (
        "Of {count} parts that were looked at, some look bad by chance. A part is called weak only when its whole "
        "interval is worse than the score of all rows (dotted line) and its difference to the rest is significant at "
        "5 % after Holm's correction for all parts.",
        "부분을 {count}개나 보았으므로 몇 개는 우연히 나빠 보일 수 있습니다. "
        "신뢰구간 전체가 전체 점수(점선)보다 나쁘고, "
        "나머지와의 차이가 홀름(Holm) 보정 뒤에도 5 % 수준에서 유의할 때만 약하다고 판단합니다.",
    ),
    "slices.left_out": (
        "Not sliced, for too many values or too few rows: {names}.",
        "값이 너무 많거나 행이 너무 적어 나누지 않은 것: {names}.",
    ),
    "labels.each": ("Each label", "레이블별 점수"),
    "table.label": ("label", "레이블"),
    "data.sizes": ("rows in each split", "분할별 행 수"),
    "data.unlabelled": ("rows without any label", "레이블이 없는 행"),
    "data.numbers": ("true numbers in training", "학습 데이터의 실제값"),
    "data.numbers_value": (
        "median {p50} · middle half {p25} to {p75} · from {min} to {max}",
        "중앙값 {p50} · 가운데 절반 {p25}~{p75} · 최소 {min} · 최대 {max}",
    ),
    "data.channels": ("numbers at each step", "단계마다의 수"),
    "data.steps": ("steps in a series", "시계열의 단계 수"),
    "data.tokens_note": (
        "Below, tokens: only the quantiles that were recorded are drawn.",
        "아래는 토큰 수이며, 기록된 분위수만 그렸습니다.",
    ),
    "data.tokens_label": ("Quantiles of lengths", "길이의 분위수"),
}
