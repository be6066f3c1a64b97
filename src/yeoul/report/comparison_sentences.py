"""The words of the comparison page, each in English and in Korean."""

COMPARISON: dict[str, tuple[str, str]] = {
    "section.runs": ("Runs", "실행"),
    "section.groups": ("Seeds", "시드별 반복"),
    "section.chart": ("Scores", "점수"),
    "section.pairs": ("Which differences are real", "어떤 차이가 진짜인가"),
    "section.paths": ("Validation while training", "학습 중 검증 점수"),
    "section.settings": ("What the recipes differ in", "레시피의 차이"),
    "compare.title": ("{count} runs compared", "실행 {count}개 비교"),
    "compare.made": (
        "Made by Yeoul from the files of the run folders; this page opens no connection.",
        "여울이 실행 폴더의 파일로 만든 비교입니다. 이 페이지는 네트워크에 접속하지 않습니다.",
    ),
    "compare.best": (
        "The best test score is that of {name}: {metric} {score}.",
        "시험 점수가 가장 좋은 것은 {name}입니다: {metric} {score}.",
    ),
    "compare.nothing": ("No run has a test score yet.", "아직 시험 점수가 있는 실행이 없습니다."),
    "compare.other_rows": (
        "Not all runs were tested on the same rows: scores of different rows cannot be compared.",
        "시험 데이터의 행이 모두 같지는 않습니다. 다른 행의 점수는 비교할 수 없습니다.",
    ),
    "compare.same_rows": (
        "All runs were tested on the same {rows} rows.",
        "모든 실행을 같은 시험 데이터 {rows}행으로 채점했습니다.",
    ),
    "compare.same_windows": (
        "All runs were asked to forecast the same {rows} windows.",
        "모든 실행이 같은 시험 창 {rows}개를 예측했습니다.",
    ),
    "compare.same_text": (
        "All runs read the same test text of {rows} lines.",
        "모든 실행이 같은 시험 데이터 {rows}줄을 읽었습니다.",
    ),
    "compare.run": ("run", "실행"),
    "compare.seed": ("seed", "시드"),
    "compare.score": ("test score", "시험 점수"),
    "compare.lead": ("lead on its number to beat", "넘어야 할 기준과의 차이"),
    "compare.recipe": ("recipe", "레시피"),
    "compare.seeds": ("runs", "실행 수"),
    "compare.mean": ("mean", "평균"),
    "compare.deviation": ("standard deviation", "표준편차"),
    "compare.range": ("smallest to largest", "최소~최대"),
    "compare.groups_note": (
        "Runs of one recipe with different seeds. The deviation between seeds is another thing than the interval "
        "over test rows: both must be small before a difference counts.",
        "같은 레시피를 시드만 바꾸어 반복한 실행입니다. 시드 사이의 편차와 시험 행에 대한 신뢰구간은 서로 다른 것으로, "
        "둘 다 작아야 차이를 믿을 수 있습니다.",
    ),
    "compare.chart_label": (
        "Test scores of {count} recipes with error bars",
        "레시피 {count}개의 시험 점수와 오차 막대",
    ),
    "compare.chart_note": (
        "A single run: its score with the 95 % interval over test rows. Several seeds: their mean, a bar from the "
        "smallest to the largest, and a small dot for each. The axis does not begin at zero.",
        "실행이 하나이면 점수와 시험 행에 대한 95 % 신뢰구간, "
        "시드가 여럿이면 평균과 최소~최대 막대, 시드마다 작은 점을 그렸습니다. 축은 0에서 시작하지 않습니다.",
    ),
    "compare.paths_label": (
        "Validation scores of {count} runs over epochs and over seconds",
        "실행 {count}개의 에포크별, 시간별 검증 점수",
    ),
    "compare.seconds": ("seconds of training", "학습 시간(초)"),
    "compare.pairs_none": (
        "No two runs were tested on the same rows, so no difference can be tested.",
        "같은 행으로 시험한 실행이 둘 이상 없어 차이를 검정할 수 없습니다.",
    ),
    "compare.pairs_note": (
        "The run of the row less that of the column in percentage points, on the same test rows, with its 95 % "
        "interval by paired bootstrap; p is McNemar's exact test. Of {count} pairs some look different by chance: "
        "colored are only those whose p stays below 0.05 after Holm's correction for all pairs.",
        "같은 시험 행에서 행의 실행에서 열의 실행을 뺀 차이(%p)와 짝지은 부트스트랩의 95 % 신뢰구간입니다. "
        "p는 맥니마의 정확 검정입니다. {count}쌍 가운데 몇 쌍은 우연히 달라 보일 수 있어, "
        "모든 쌍에 대한 홀름(Holm) 보정 뒤에도 p가 0.05보다 작은 것만 색으로 표시했습니다.",
    ),
    "compare.numbers_note": (
        "The error of the column's run less that of the row's, on the same test rows, with its 95 % interval by paired "
        "bootstrap: a positive number means that the row's run errs less.",
        "같은 시험 행에서 열의 실행의 오차에서 행의 실행의 오차를 뺀 값과 짝지은 부트스트랩의 95 % 신뢰구간입니다. "
        "양수이면 행의 실행이 덜 틀린 것입니다.",
    ),
    "compare.forecasts_note": (
        "The error of the column's run less that of the row's, on {targets} numbers that both forecast from equally "
        "far away, each time once, so the differences are not quite those of the scores above. The 95 % intervals are "
        "by paired bootstrap over blocks of neighboring times; a positive number means that the row's run errs less. "
        "Of {count} pairs some look different by chance: the intervals are not widened for that.",
        "두 실행이 같은 거리에서 예측한 수 {targets}개(시각마다 한 번)에서 "
        "열의 실행의 오차에서 행의 실행의 오차를 뺀 값입니다. 그래서 위 점수들의 차이와 조금 다릅니다. "
        "95 % 신뢰구간은 이웃한 시각들을 묶음으로 다시 뽑은 부트스트랩으로 구했고, "
        "양수이면 행의 실행이 덜 틀린 것입니다. "
        "{count}쌍 가운데 몇 쌍은 우연히 달라 보일 수 있으며, 그만큼 구간을 넓히지는 않았습니다.",
    ),
    "compare.texts_note": (
        "The bits per byte of the column's run less those of the row's, on {lines} lines that both read, whatever "
        "their tokens, with 95 % intervals by paired bootstrap over blocks of lines: a positive number means that the "
        "text surprised the row's run less. Of {count} pairs some look different by chance: the intervals are not "
        "widened for that.",
        "토큰이 서로 다르더라도, 두 실행이 함께 읽은 {lines}줄에서 "
        "열의 실행의 바이트당 비트에서 행의 실행의 것을 뺀 값이며, "
        "95 % 신뢰구간은 줄들을 묶음으로 다시 뽑은 짝지은 부트스트랩으로 구했습니다. "
        "양수이면 행의 실행이 글에 덜 놀란 것입니다. "
        "{count}쌍 가운데 몇 쌍은 우연히 달라 보일 수 있으며, 그만큼 구간을 넓히지는 않았습니다.",
    ),
    "compare.setting": ("setting", "설정"),
}
