"""The report's words, each in English and in Korean; `yeoul.report.words` fills in the placeholders."""

from collections.abc import Mapping

from yeoul.report.caption_sentences import CAPTIONS
from yeoul.report.comparison_sentences import COMPARISON
from yeoul.report.explain_sentences import EXPLAIN
from yeoul.report.forecast_sentences import FORECASTS
from yeoul.report.language_sentences import LANGUAGE
from yeoul.report.likeness_sentences import LIKENESS
from yeoul.report.pair_sentences import PAIRS
from yeoul.report.panel_sentences import PANELS
from yeoul.report.tag_sentences import TAGS
from yeoul.report.weak_sentences import WEAK

_NAMES: dict[str, tuple[str, str]] = {
    "metric.accuracy": ("accuracy", "정확도"),
    "metric.macro_f1": ("macro-F1", "매크로 F1"),
    "metric.log_loss": ("log loss", "로그 손실"),
    "metric.calibration_error": ("calibration error", "보정 오차"),
    "baseline.majority": ("the most frequent class", "최다 클래스"),
    "baseline.linear": ("the linear model", "선형 모델"),
    "split.train": ("training", "학습"),
    "split.validation": ("validation", "검증"),
    "split.test": ("test", "시험"),
    "status.created": ("created", "생성됨"),
    "status.running": ("still training", "학습 중"),
    "status.paused": ("paused", "일시 중지"),
    "status.interrupted": ("interrupted", "중단됨"),
    "status.failed": ("failed", "실패"),
    "status.done": ("done", "완료"),
}

_VERDICT: dict[str, tuple[str, str]] = {
    "verdict.beats": ("The model beats {against}.", "모델이 기준({against})을 이겼습니다."),
    "verdict.does not beat": (
        "The model does not beat {against}.",
        "모델이 기준({against})을 이기지 못했습니다.",
    ),
    "verdict.cannot tell": (
        "It cannot be told whether the model beats {against}.",
        "모델이 기준({against})을 이겼는지 판단할 수 없습니다.",
    ),
    "verdict.none": ("There is no verdict yet.", "아직 판정이 없습니다."),
    "verdict.uncompared": (
        "The model was compared with no baseline.",
        "모델을 어떤 기준과도 비교하지 않았습니다.",
    ),
    "verdict.because.created": ("Training has not begun.", "학습이 시작되지 않았습니다."),
    "verdict.because.running": (
        "The run is still training; make the report again when it has ended.",
        "아직 학습 중입니다. 끝난 뒤에 보고서를 다시 만드십시오.",
    ),
    "verdict.because.paused": (
        "The run is paused; resume it to reach the evaluation.",
        "학습이 일시 중지되었습니다. 이어서 실행하면 평가까지 진행됩니다.",
    ),
    "verdict.because.interrupted": (
        "The run was interrupted; resume it to reach the evaluation.",
        "학습이 중단되었습니다. 이어서 실행하면 평가까지 진행됩니다.",
    ),
    "verdict.because.failed": (
        "The run failed before it was evaluated; log.txt says why.",
        "평가 전에 실행이 실패했습니다. 이유는 log.txt에 있습니다.",
    ),
    "verdict.because.done": ("The model has not been evaluated.", "모델을 아직 평가하지 않았습니다."),
    "verdict.numbers": (
        "{metric} {model} against {baseline} on {rows} {split} rows.",
        "{split} 데이터 {rows}행에서 {metric} {model}, 기준은 {baseline}입니다.",
    ),
    "verdict.alone": (
        "{metric} {model} on {rows} {split} rows.",
        "{split} 데이터 {rows}행에서 {metric} {model}입니다.",
    ),
    "verdict.difference": ("difference, 95 % interval", "차이, 95 % 신뢰구간"),
    "verdict.zero": (
        "The interval of the difference holds zero: more test rows would be needed to decide.",
        "차이의 신뢰구간이 0을 포함합니다. 판단하려면 더 많은 시험 데이터가 필요합니다.",
    ),
    "verdict.no_interval": (
        "There is too little to test on for an interval, so which of the two is better cannot be told.",
        "시험 데이터가 너무 적어 신뢰구간을 구할 수 없으므로 어느 쪽이 나은지 알 수 없습니다.",
    ),
    "verdict.validation": (
        "These are the validation rows, which also chose the best epoch; the test rows have not been scored.",
        "최적 에포크를 고르는 데에도 쓰인 검증 데이터의 점수입니다. 시험 데이터는 아직 채점하지 않았습니다.",
    ),
    "number.points": ("{value} points", "{value}%p"),
    "number.points_interval": ("{value} points ({low} to {high})", "{value}%p ({low} ~ {high})"),
    "number.hours": ("{hours} h {minutes} min", "{hours}시간 {minutes}분"),
    "number.minutes": ("{minutes} min {seconds} s", "{minutes}분 {seconds}초"),
    "number.seconds": ("{seconds} s", "{seconds}초"),
    "number.per_second": ("{value} tokens/s", "초당 {value}토큰"),
}

_SECTIONS: dict[str, tuple[str, str]] = {
    "page.contents": ("Contents", "차례"),
    "page.made": (
        "Made by Yeoul from the files of the run folder; this page opens no connection.",
        "여울이 실행 폴더의 파일로 만든 보고서입니다. 이 페이지는 네트워크에 접속하지 않습니다.",
    ),
    "section.scores": ("Scores", "점수"),
    "section.data": ("Data card", "데이터 카드"),
    "section.curves": ("Training curves", "학습 곡선"),
    "section.classes": ("Classes", "클래스별 결과"),
    "section.calibration": ("Calibration", "확률 보정"),
    "section.mistakes": ("Mistakes", "틀린 예측"),
    "section.cost": ("Cost", "비용"),
    "section.reproduce": ("How to reproduce", "재현 방법"),
    "scores.none": ("No split has been evaluated yet.", "아직 평가한 데이터가 없습니다."),
    "scores.note": (
        "In parentheses: 95 % intervals by bootstrap over rows. The differences are paired: model less "
        "baseline on the same rows.",
        "괄호 안은 행을 다시 뽑은 부트스트랩의 95 % 신뢰구간입니다. "
        "차이는 같은 행에서 모델 점수에서 기준 점수를 뺀 값입니다.",
    ),
    "scores.caption": ("{split} rows: {rows}", "{split} 데이터 {rows}행"),
    "scores.model": ("this model", "이 모델"),
    "scores.beat": ("number to beat", "넘어야 할 기준"),
    "scores.who": ("predicts", "예측 방법"),
    "scores.difference": ("model's lead in {metric}", "모델의 {metric} 차이"),
    "scores.outcome": ("verdict", "판정"),
    "scores.beats": ("beaten", "이김"),
    "scores.does not beat": ("not beaten", "이기지 못함"),
    "scores.cannot tell": ("cannot tell", "판단 불가"),
    "curves.none": ("No epoch has ended yet, so there are no curves.", "끝난 에포크가 없어 곡선이 없습니다."),
    "curves.unneeded": ("The model was not trained in epochs.", "에포크 단위로 학습한 모델이 아닙니다."),
    "curves.label": (
        "Line charts by epoch: training and validation loss, validation {metric}, best epoch {best}",
        "에포크별 선 그래프: 학습과 검증 손실, 검증 {metric}, 최적 에포크 {best}",
    ),
    "curves.numbers": ("The numbers of each epoch", "에포크별 수치"),
    "curves.thinned": (
        "{shown} of {all} epochs are listed.",
        "전체 {all}에포크 가운데 {shown}개를 표시합니다.",
    ),
    "curves.epoch": ("epoch", "에포크"),
    "curves.loss": ("loss", "손실"),
    "curves.train_loss": ("training loss", "학습 손실"),
    "curves.validation_loss": ("validation loss", "검증 손실"),
    "curves.validation_score": ("validation {metric}", "검증 {metric}"),
    "curves.rate": ("rate", "학습률"),
    "curves.elapsed": ("elapsed", "경과"),
    "curves.best": ("best epoch", "최적 에포크"),
    "curves.best_so_far": ("best epoch so far.", "그때까지의 최적 에포크입니다."),
    "curves.baseline": ("{name}, {split} rows", "{name}, {split} 데이터"),
    "classes.none": (
        "The confusion matrix and the scores of each class appear here after an evaluation.",
        "평가를 마치면 혼동 행렬과 클래스별 점수가 여기에 나옵니다.",
    ),
    "classes.confusion": ("Confusion matrix", "혼동 행렬"),
    "classes.confusion_note": (
        "Rows are the true classes, columns the predicted ones. "
        "The deeper the color, the larger the share of the true class.",
        "행은 실제 클래스, 열은 예측 클래스입니다. 색이 진할수록 실제 클래스 안의 비율이 큽니다.",
    ),
    "classes.shown": (
        "The {shown} most frequent of {all} classes are shown.",
        "전체 {all}개 클래스 가운데 가장 많은 {shown}개를 표시합니다.",
    ),
    "classes.label": (
        "Heat map of true against predicted classes, {count} classes",
        "실제 클래스와 예측 클래스의 열지도, 클래스 {count}개",
    ),
    "classes.each": ("Each class", "클래스별 점수"),
    "classes.pairs": ("Most confused pairs", "가장 많이 혼동한 쌍"),
    "classes.no_pairs": ("No class was taken for another.", "혼동한 클래스가 없습니다."),
    "calibration.none": (
        "The reliability diagram appears here after an evaluation.",
        "평가를 마치면 신뢰도 도표가 여기에 나옵니다.",
    ),
    "calibration.sentence": (
        "When the model is 90 % sure, it should be right 90 % of the time. The mean gap, the "
        "expected calibration error, is {error}.",
        "모델이 90 % 확신할 때에는 90 %가 맞아야 합니다. 평균 차이인 기대 보정 오차(ECE)는 {error}입니다.",
    ),
    "calibration.label": (
        "Reliability diagram: share right against confidence",
        "신뢰도 도표: 확신도에 따른 정답 비율",
    ),
    "calibration.confidence": ("confidence", "확신도"),
    "calibration.right": ("share right", "정답 비율"),
    "calibration.rows": ("rows", "행 수"),
    "calibration.perfect": ("perfect", "완전한 보정"),
    "calibration.bins": ("Each bin of confidence", "확신도 구간별 수치"),
    "mistakes.none": (
        "The most confident mistakes appear here after an evaluation.",
        "평가를 마치면 가장 확신하고 틀린 예측이 여기에 나옵니다.",
    ),
    "mistakes.no_errors": ("Not one row is wrong.", "틀린 행이 하나도 없습니다."),
    "table.where": ("place", "위치"),
    "table.text": ("text", "텍스트"),
    "table.confidence": ("confidence", "확신도"),
    "table.class": ("class", "클래스"),
    "table.rows": ("rows", "행 수"),
    "table.precision": ("precision", "정밀도"),
    "table.recall": ("recall", "재현율"),
    "table.f1": ("F1", "F1"),
    "table.share": ("share", "비율"),
    "table.share_of_class": ("share of the true class", "실제 클래스 중 비율"),
}

_DATA: dict[str, tuple[str, str]] = {
    "data.none": ("The data has not been read yet.", "아직 데이터를 읽지 않았습니다."),
    "data.source": ("source", "출처"),
    "data.rows": ("rows", "행 수"),
    "data.split": ("split", "분할"),
    "data.split.official": (
        "official test; {validation} of the rest for validation, stratified, seed {seed}",
        "공식 시험 데이터, 나머지의 {validation}는 검증(클래스 비율 유지, 시드 {seed})",
    ),
    "data.split.own": (
        "{test} of all rows for test, {validation} of the rest for validation, stratified, seed {seed}",
        "전체의 {test}는 시험, 나머지의 {validation}는 검증(클래스 비율 유지, 시드 {seed})",
    ),
    "data.licence": ("license", "라이선스"),
    "data.encoding": ("encoding", "인코딩"),
    "data.detected": ("{value} (detected)", "{value} (자동 감지)"),
    "data.separator": ("separator", "구분자"),
    "data.tab": ("tab", "탭"),
    "data.inputs": ("text columns", "텍스트 열"),
    "data.target": ("label column", "레이블 열"),
    "data.guessed": ("{value} (guessed)", "{value} (추정)"),
    "data.empty": ("empty texts", "빈 텍스트"),
    "data.duplicates": ("duplicate rows", "중복 행"),
    "data.conflicting": ("same text, different labels", "텍스트는 같고 레이블이 다른 행"),
    "data.overlap": (
        "test rows whose text is also in training or validation",
        "학습·검증 데이터에도 같은 텍스트가 있는 시험 행",
    ),
    "data.near": (
        "validation and test rows that are a training row but for a few letters",
        "학습 행과 몇 글자만 다른 검증·시험 행",
    ),
    "data.non_nfc": ("texts not in NFC", "NFC가 아닌 텍스트"),
    "data.truncated": ("truncated", "잘린 텍스트"),
    "data.truncated_value": ("{rows} rows, {share} of the tokens", "{rows}행, 토큰의 {share}"),
    "data.unknown": ("unknown tokens", "미등록 토큰"),
    "data.vectors": ("first vectors", "첫 벡터"),
    "data.vectors_value": (
        "{source}: {covered} of {tokens} tokens, {share} of the training text",
        "{source}: 토큰 {tokens}개 중 {covered}개, 학습 텍스트의 {share}",
    ),
    "data.tokens": ("tokens in a text", "텍스트당 토큰"),
    "data.tokens_value": (
        "median {p50} · 95 % up to {p95} · at most {max}",
        "중앙값 {p50} · 95 %가 {p95} 이하 · 최대 {max}",
    ),
    "data.fingerprint": ("fingerprint", "지문"),
    "data.balance": ("Class balance", "클래스 분포"),
    "data.balance_label": (
        "Bar chart of rows in each class and split, {count} classes",
        "클래스와 분할별 행 수의 막대 그래프, 클래스 {count}개",
    ),
    "data.lengths": ("Text length", "텍스트 길이"),
    "data.lengths_label": (
        "Box plot of characters in a text: median {p50}, middle half {p25} to {p75}, from {min} to {max}",
        "텍스트당 문자 수의 상자 그림: 중앙값 {p50}, 가운데 절반 {p25}~{p75}, 최소 {min}, 최대 {max}",
    ),
    "data.lengths_note": (
        "Box: the middle half of the texts; line: 5 % to 95 %; dots: shortest and longest.",
        "상자는 가운데 절반, 선은 5 %~95 %, 점은 가장 짧은 텍스트와 가장 긴 텍스트입니다.",
    ),
    "data.characters": ("characters in a text", "텍스트당 문자 수"),
    "data.samples": ("Sample rows", "예시 행"),
    "cost.none": ("Costs are recorded when training ends.", "비용은 학습이 끝나면 기록됩니다."),
    "cost.train_seconds": ("training time", "학습 시간"),
    "cost.baseline_seconds": ("baseline time", "기준 모델 시간"),
    "cost.peak_memory_mb": ("peak memory", "최대 메모리"),
    "cost.tokens_per_second": ("speed", "속도"),
    "cost.parameters": ("parameters", "매개변수"),
    "cost.bytes": ("model size", "모델 크기"),
    "cost.device": ("device", "장치"),
    "cost.threads": ("{device}, {threads} threads", "{device}, 스레드 {threads}개"),
    "reproduce.command": ("command", "명령"),
    "reproduce.run": ("run", "실행"),
    "reproduce.recipe": ("recipe", "레시피"),
    "reproduce.model": ("model", "모델"),
    "reproduce.seed": ("seed", "시드"),
    "reproduce.versions": ("versions", "버전"),
    "reproduce.data": ("data", "데이터"),
    "reproduce.created": ("begun", "시작"),
    "reproduce.finished": ("ended", "종료"),
    "reproduce.files": ("Data files", "데이터 파일"),
    "reproduce.file": ("file", "파일"),
    "reproduce.size": ("size", "크기"),
    "reproduce.resolved": ("The resolved recipe (resolved.toml)", "모든 값이 정해진 레시피 (resolved.toml)"),
    "reproduce.given": ("The recipe as given (recipe.toml)", "주어진 레시피 (recipe.toml)"),
    "reproduce.cut": ("The file is longer and was cut here.", "파일이 더 길어 여기에서 잘랐습니다."),
}

SENTENCES: Mapping[str, tuple[str, str]] = (
    _NAMES
    | _VERDICT
    | _SECTIONS
    | _DATA
    | PANELS
    | FORECASTS
    | LANGUAGE
    | LIKENESS
    | PAIRS
    | TAGS
    | CAPTIONS
    | COMPARISON
    | EXPLAIN
    | WEAK
)
