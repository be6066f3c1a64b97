"""The words of the page that explains an answer."""

EXPLAIN: dict[str, tuple[str, str]] = {
    "explain.title": ("Why this answer", "이렇게 답한 까닭"),
    "explain.answer": ("The model answers: {answer}", "모델의 답: {answer}"),
    "explain.target": ("What is explained: {target} ({value})", "설명하는 것: {target} ({value})"),
    "explain.number": ("What is explained: the number {value}", "설명하는 것: 숫자 {value}"),
    "explain.how": (
        "Blue speaks for the answer, orange against it. Below each method stands what happens to the answer when the "
        "parts are taken away, the most important first: a method that has found what matters falls faster than "
        "taking parts away at random (gray).",
        "파란색은 답을 뒷받침하고, 주황색은 답과 어긋납니다. 방법마다 그 아래에 중요하다는 부분부터 하나씩 빼 "
        "보았을 때 답이 어떻게 되는지 보여 줍니다. 중요한 곳을 제대로 찾은 방법은 "
        "아무 부분이나 뺄 때(회색)보다 빨리 떨어집니다.",
    ),
    "explain.how_forecast": (
        "What is explained is the mean of the forecast's steps. Blue raises the forecast, orange lowers it, against "
        "what it would be if the column stood at its mean there; the percentage is a column's part in all that moved "
        "it. Below each method stands how far the forecast moves away as the parts are set to the mean, the most "
        "important first: a method that has found what matters moves it faster than parts taken at random (gray).",
        "설명하는 것은 예측한 구간의 평균입니다. 그 자리의 값이 열의 평균이었을 때와 견주어 파란색은 예측을 높이고 "
        "주황색은 낮춥니다. 백분율은 예측을 움직인 것 가운데 그 열의 몫입니다. 방법마다 그 아래에 중요하다는 부분부터 "
        "하나씩 평균으로 바꿀 때 예측이 얼마나 멀어지는지 보여 줍니다. 중요한 곳을 제대로 찾은 방법은 "
        "아무 부분이나 바꿀 때(회색)보다 빨리 멀어집니다.",
    ),
    "explain.trusted_forecast": (
        "Better than random: it moves the forecast by {area} on the mean, random orders by {random} ({range}).",
        "무작위보다 낫습니다: 예측을 평균 {area}만큼 움직이며, 무작위 순서는 {random} ({range})입니다.",
    ),
    "explain.untrusted_forecast": (
        "Do not trust this: no better than random. It moves the forecast by {area} on the mean, random orders by "
        "{random} ({range}).",
        "믿지 마십시오. 무작위보다 낫지 않습니다: 예측을 평균 {area}만큼 움직이며, "
        "무작위 순서는 {random} ({range})입니다.",
    ),
    "explain.open_forecast": (
        "Better than random on the mean, but chance can do as well. It moves the forecast by {area} on the mean, "
        "random orders by {random} ({range}).",
        "평균적으로는 무작위보다 낫지만 우연으로도 이만큼은 나옵니다: 예측을 평균 {area}만큼 움직이며, "
        "무작위 순서는 {random} ({range})입니다.",
    ),
    "explain.trusted": (
        "Better than random: area {area}, at random {random} ({range}).",
        "무작위보다 낫습니다: 넓이 {area}, 무작위 {random} ({range}).",
    ),
    "explain.untrusted": (
        "Do not trust this: no better than random. Area {area}, at random {random} ({range}).",
        "믿지 마십시오. 무작위보다 낫지 않습니다: 넓이 {area}, 무작위 {random} ({range}).",
    ),
    "explain.open": (
        "Better than random on the mean, but chance can do as well. Area {area}, at random {random} ({range}).",
        "평균적으로는 무작위보다 낫지만 우연으로도 이만큼은 나옵니다: 넓이 {area}, 무작위 {random} ({range}).",
    ),
    "explain.curve": (
        "The answer as parts are taken away: {method} and random orders",
        "부분을 빼 갈 때의 답: {method}, 무작위 순서",
    ),
    "explain.best": ("the answer falls fastest", "답이 가장 빨리 떨어지는 방법"),
    "explain.examples": ("By example", "예를 들면"),
    "explain.examples_note": (
        "{rows} training rows were looked at, as the model's last layer reads them.",
        "학습 데이터 {rows}행을 모델의 마지막 층이 읽는 대로 살펴보았습니다.",
    ),
    "explain.similar": ("Most similar", "가장 비슷한 행"),
    "explain.supporting": ("Taught the model this answer most", "이 답을 가장 많이 가르친 행"),
    "explain.opposing": ("Taught the model otherwise most", "다른 답을 가장 많이 가르친 행"),
    "explain.label": ("label", "레이블"),
    "explain.made": (
        "Made by Yeoul; this page loads nothing.",
        "Yeoul이 만들었습니다. 이 페이지는 아무것도 불러오지 않습니다.",
    ),
    "method.occlusion": ("leaving out", "빼 보기"),
    "method.gradient": ("gradient × input", "기울기 × 입력"),
    "method.integrated": ("integrated gradients", "적분 기울기"),
    "method.attention": ("attention", "어텐션"),
    "method.weights": ("weights of the linear model", "선형 모델의 가중치"),
}
