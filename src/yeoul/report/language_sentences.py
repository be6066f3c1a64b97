"""The words of a page of a language model, each in English and in Korean."""

LANGUAGE: dict[str, tuple[str, str]] = {
    "metric.perplexity": ("perplexity", "혼란도"),
    "metric.bits_per_byte": ("bits per byte", "바이트당 비트"),
    "metric.bits_per_character": ("bits per character", "글자당 비트"),
    "metric.nats_per_token": ("nats per token", "토큰당 냇"),
    "baseline.unigram": ("the frequencies of the tokens", "토큰의 빈도"),
    "baseline.ngrams": ("the n-grams (Kneser–Ney)", "크네저-나이 n-그램"),
    "section.written": ("What it wrote", "모델이 쓴 글"),
    "section.surprises": ("What surprised it", "모델이 놀란 곳"),
    "number.lower": ("{value} % lower", "{value} % 낮음"),
    "number.lower_interval": ("{value} % lower ({low} to {high})", "{value} % 낮음 ({low} ~ {high})"),
    "number.higher": ("{value} % higher", "{value} % 높음"),
    "number.higher_interval": ("{value} % higher ({low} to {high})", "{value} % 높음 ({low} ~ {high})"),
    "verdict.surprise": (
        "than the number to beat; in parentheses, the 95 % interval",
        "넘어야 할 기준과 비교, 괄호 안은 95 % 신뢰구간",
    ),
    "verdict.surprise_alone": ("than the number to beat", "넘어야 할 기준과 비교"),
    "verdict.text": (
        "{metric} {model} against {baseline} on {tokens} {split} tokens, {characters} characters.",
        "{split} 데이터 {tokens}토큰({characters}글자)에서 {metric} {model}, 기준은 {baseline}입니다.",
    ),
    "verdict.text_alone": (
        "{metric} {model} on {tokens} {split} tokens, {characters} characters.",
        "{split} 데이터 {tokens}토큰({characters}글자)에서 {metric} {model}입니다.",
    ),
    "scores.tokens": (
        "{split} tokens: {tokens}, characters: {characters}",
        "{split} 데이터 {tokens}토큰, {characters}글자",
    ),
    "scores.text_note": (
        "Lower is better. Bits per byte compare models of different units; perplexity and nats are per token of this "
        "model's own unit. In parentheses: 95 % intervals by bootstrap over blocks of the text, because neighboring "
        "tokens hang together. The differences are paired: baseline less model on the same tokens.",
        "낮을수록 좋습니다. 바이트당 비트는 단위가 다른 모델끼리도 비교할 수 있고, "
        "혼란도와 냇은 이 모델의 토큰을 기준으로 합니다. 이웃한 토큰은 서로 관련되므로, "
        "괄호 안은 글의 이어진 묶음을 다시 뽑은 부트스트랩의 95 % 신뢰구간입니다. "
        "차이는 같은 토큰에서 기준의 점수에서 모델의 점수를 뺀 값입니다.",
    ),
    "helped.interpolated": ("mixed with the n-grams", "n-그램과 섞음"),
    "helped.cache": ("with a cache", "캐시 사용"),
    "helped.dynamic": ("learning while it reads", "읽으면서 학습"),
    "helped.interpolated_note": (
        "Mixed: the weight was chosen on the validation text.",
        "섞을 때의 가중치는 검증 데이터에서 골랐습니다.",
    ),
    "helped.cache_note": (
        "With a cache: words that came lately are likelier (Grave et al. 2017).",
        "캐시: 최근에 나온 낱말을 더 그럴듯하게 봅니다(Grave 외 2017).",
    ),
    "helped.dynamic_note": (
        "Learning while it reads: the weights follow the text that has been scored (Krause et al. 2018).",
        "읽으면서 학습: 채점이 끝난 글을 따라 가중치를 조금씩 바꿉니다(Krause 외 2018).",
    ),
    "helped.title": ("Beside the others", "다른 모델과 비교"),
    "helped.label": (
        "Bars of {metric} of {count} models, with their intervals",
        "모델 {count}개의 {metric} 막대와 신뢰구간",
    ),
    "helped.note": (
        "Shorter is better. Blue: this model; green: the same with help; gray: what it was compared with.",
        "짧을수록 좋습니다. 파란색은 이 모델, 초록색은 도움을 더한 이 모델, 회색은 비교 대상입니다.",
    ),
    "data.unit": ("unit", "단위"),
    "data.vocabulary": ("different tokens", "서로 다른 토큰"),
    "data.official_test": ("official test text", "공식 시험 데이터"),
    "data.test_share": ("test {share}", "시험 {share}"),
    "data.validation_share": ("validation {share}", "검증 {share}"),
    "data.how.lines": ("in order, cut at ends of lines", "순서대로, 줄 끝에서 나눔"),
    "data.how.documents": ("whole documents, in order", "문서를 나누지 않고 순서대로"),
    "data.how.official": ("as the set divides it", "데이터 세트의 분할을 따름"),
    "data.how.drawn": ("drawn by the seed", "시드로 뽑음"),
    "data.text_part": ("{characters} characters, {lines} lines", "{characters}글자, {lines}줄"),
    "data.token_part": (
        "{tokens} tokens, {characters} characters, {lines} lines",
        "{tokens}토큰, {characters}글자, {lines}줄",
    ),
    "data.known_lines": ("lines that stand in training, too", "학습 데이터에도 있는 줄"),
    "data.known_part": ("{split}: {lines}", "{split} {lines}줄"),
    "data.line_ends": ("ends of lines", "줄 끝"),
    "data.closed": ("a token of their own", "따로 둔 토큰"),
    "data.open": ("a character like others", "다른 글자와 같은 글자"),
    "data.state": ("from line to line", "줄과 줄 사이"),
    "data.carried": ("one text: a line goes on from those before it", "한 편의 글로 보고 앞줄을 이어 읽음"),
    "data.anew": ("each line is a text of its own", "줄마다 따로 된 글"),
    "data.lines": ("Some lines", "예시 줄"),
    "unit.byte": ("byte", "바이트"),
    "unit.character": ("character", "글자"),
    "unit.jamo": ("letter (jamo)", "자모"),
    "unit.syllable": ("syllable", "음절"),
    "unit.word": ("word", "단어"),
    "unit.spaced": ("what stands between spaces", "띄어쓰기 단위"),
    "unit.morpheme": ("morpheme", "형태소"),
    "unit.subword": ("sub-word", "서브워드"),
    "written.none": (
        "Texts that the model writes by itself appear here after an evaluation.",
        "평가를 마치면 모델이 스스로 쓴 글이 여기에 나옵니다.",
    ),
    "written.note": (
        "As the model wrote them, from nothing, with the run's seed; nothing was chosen or corrected.",
        "모델이 아무 첫머리 없이 실행의 시드로 쓴 그대로이며, 고르거나 고치지 않았습니다.",
    ),
    "written.likeliest": ("Always the likeliest token", "늘 가장 그럴듯한 토큰"),
    "written.at": ("Temperature {temperature}", "온도 {temperature}"),
    "written.copied": (
        "copied from the training text: {share} (runs of {run} tokens)",
        "학습 데이터에서 베낀 몫: {share} (토큰 {run}개가 이어진 곳)",
    ),
    "written.copied_lines": (
        "whole lines of the training text: {share}",
        "학습 데이터에 그대로 있는 줄: {share}",
    ),
    "written.repetition": ("repeated runs of four tokens: {share}", "되풀이된 네 토큰 배열: {share}"),
    "written.sound": ("a sound of {count} samples", "표본 {count}개의 소리"),
    "written.cut": ("The text is longer and was cut here.", "글이 더 길어 여기에서 잘랐습니다."),
    "surprises.none": (
        "The passages that surprised the model most appear here after an evaluation.",
        "평가를 마치면 모델이 가장 크게 놀란 대목이 여기에 나옵니다.",
    ),
    "surprises.note": (
        "What is marked cost more than a token usually does: so many times at least.",
        "표시한 곳은 토큰의 평균보다 더 놀란 곳이며, 색이 짙을수록 평균의 몇 배 이상인지를 뜻합니다.",
    ),
    "surprises.hard": ("The most surprising passages of the text", "가장 놀란 대목"),
    "surprises.more": ("More of them", "더 보기"),
    "surprises.typical": ("Usual passages", "보통의 대목"),
    "surprises.mean": ("{bits} bits a token", "토큰당 {bits}비트"),
}
