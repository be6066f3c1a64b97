"""The words of a page of forecasts, each in English and in Korean."""

FORECASTS: dict[str, tuple[str, str]] = {
    "metric.mase": ("MASE", "척도 오차(MASE)"),
    "metric.mae_scaled": ("scaled mean error", "표준화한 평균 절대 오차"),
    "metric.mse_scaled": ("scaled MSE", "표준화한 MSE"),
    "metric.smape": ("sMAPE in %", "대칭 백분율 오차(sMAPE, %)"),
    "metric.pinball": ("pinball loss", "핀볼 손실"),
    "metric.coverage_80": ("inside the 80 % interval", "80 % 예측 구간 적중률"),
    "metric.coverage_90": ("inside the 90 % interval", "90 % 예측 구간 적중률"),
    "baseline.last": ("the last value", "마지막 값"),
    "baseline.season": ("the seasonal naive forecast", "계절 단순 예측"),
    "baseline.drift": ("the drift", "추세 연장"),
    "baseline.mean": ("the mean of the look-back", "되돌아본 구간의 평균"),
    "baseline.smoothing": ("exponential smoothing", "지수 평활"),
    "baseline.lags": ("linear regression on lags", "시차 선형 회귀"),
    "baseline.best": ("the best simple model of each fold", "회차별 가장 좋은 단순 모델"),
    "section.backtest": ("Backtest", "백테스트"),
    "section.fans": ("Forecasts over truth", "예측과 실제"),
    "section.horizon": ("How far ahead", "예측 거리별 결과"),
    "section.clocks": ("When it is weak", "시기별 오차"),
    "section.errors": ("Errors", "오차"),
    "section.columns": ("Each column", "열별 점수"),
    "number.steps_per_second": ("{value} steps/s", "초당 {value}단계"),
    "number.smaller": ("{value} % smaller error", "오차가 {value} % 작음"),
    "number.smaller_interval": (
        "{value} % smaller error ({low} to {high})",
        "오차가 {value} % 작음 ({low} ~ {high})",
    ),
    "number.larger": ("{value} % larger error", "오차가 {value} % 큼"),
    "number.larger_interval": (
        "{value} % larger error ({low} to {high})",
        "오차가 {value} % 큼 ({low} ~ {high})",
    ),
    "verdict.gain": (
        "than that of the number to beat; in parentheses, the 95 % interval",
        "넘어야 할 기준의 오차와 비교, 괄호 안은 95 % 신뢰구간",
    ),
    "verdict.windows": (
        "{metric} {model} against {baseline} on {windows} {split} windows.",
        "{split} 창 {windows}개에서 {metric} {model}, 기준은 {baseline}입니다.",
    ),
    "verdict.windows_of": (
        "{metric} of {target} {model} against {baseline} on {windows} {split} windows.",
        "{split} 창 {windows}개에서 {target}의 {metric} {model}, 기준은 {baseline}입니다.",
    ),
    "verdict.windows_alone": (
        "{metric} {model} on {windows} {split} windows.",
        "{split} 창 {windows}개에서 {metric} {model}입니다.",
    ),
    "verdict.asked": ("Forecast: {targets}, {ahead}.", "예측 대상: {targets}, {ahead}."),
    "verdict.few_blocks": (
        "The windows span too little time for an interval: what they have in common leaves fewer than three "
        "independent stretches.",
        "창들이 차지하는 기간이 너무 짧아 신뢰구간을 구할 수 없습니다. 서로 독립인 기간이 셋보다 적습니다.",
    ),
    "ahead.one": ("{span} ahead", "{span} 뒤"),
    "ahead.next": ("the next {span}", "앞으로 {span}"),
    "ahead.later": ("the next {span} after {delay} more", "{delay} 뒤부터 {span}"),
    "span.row": ("{count} row", "{count}행"),
    "span.rows": ("{count} rows", "{count}행"),
    "span.both": ("{span} ({rows})", "{span}({rows})"),
    "span.second": ("{count} second", "{count}초"),
    "span.seconds": ("{count} seconds", "{count}초"),
    "span.minute": ("{count} minute", "{count}분"),
    "span.minutes": ("{count} minutes", "{count}분"),
    "span.hour": ("{count} hour", "{count}시간"),
    "span.hours": ("{count} hours", "{count}시간"),
    "span.day": ("{count} day", "{count}일"),
    "span.days": ("{count} days", "{count}일"),
    "span.month": ("{count} month", "{count}개월"),
    "span.months": ("{count} months", "{count}개월"),
    "span.year": ("{count} year", "{count}년"),
    "span.years": ("{count} years", "{count}년"),
    "reach.rows": ("rows ahead", "예측 거리(행)"),
    "reach.seconds": ("seconds ahead", "예측 거리(초)"),
    "reach.minutes": ("minutes ahead", "예측 거리(분)"),
    "reach.hours": ("hours ahead", "예측 거리(시간)"),
    "reach.days": ("days ahead", "예측 거리(일)"),
    "reach.months": ("months ahead", "예측 거리(개월)"),
    "scores.windows": ("{split} windows: {rows}", "{split} 창 {rows}개"),
    "scores.windows_note": (
        "In parentheses: 95 % intervals by bootstrap over blocks of neighboring windows, because errors that follow "
        "one another hang together. The differences are paired: baseline less model on the same windows.",
        "괄호 안은 이웃한 창들을 묶음으로 다시 뽑은 부트스트랩의 95 % 신뢰구간입니다. "
        "잇따르는 오차는 서로 관련되기 때문입니다. 차이는 같은 창에서 기준의 오차에서 모델의 오차를 뺀 값입니다.",
    ),
    "scores.scaled_note": (
        "The columns have different units, so scores without a unit are shown here: MASE is 1 for an error as large "
        "as the seasonal naive forecast makes one step ahead on the training rows; scaled errors are in standard "
        "deviations of the training rows.",
        "열마다 단위가 다르므로 여기에는 단위가 없는 점수를 표시합니다. "
        "MASE는 학습 데이터에서 한 단계 앞을 계절 단순 예측할 때의 오차를 1로 본 값이고, "
        "표준화한 오차는 학습 데이터의 표준편차를 단위로 한 값입니다.",
    ),
    "data.series": ("series", "시계열"),
    "data.series_value": (
        "{count}, of {shortest} to {longest} rows: {names}",
        "{count}개, {shortest}~{longest}행: {names}",
    ),
    "data.series_alike": ("{count}, of {rows} rows each: {names}", "{count}개, 각각 {rows}행: {names}"),
    "data.times": ("times", "기간"),
    "data.no_times": ("not known, rows are numbered", "시각 없음(행 번호로 셈)"),
    "data.every": ("a row every", "행 간격"),
    "data.time_column": ("time column", "시각 열"),
    "data.series_column": ("series column", "시계열 이름 열"),
    "data.targets": ("target columns", "예측할 열"),
    "data.further": ("further columns, past only", "과거만 읽는 열"),
    "data.known": ("columns known ahead", "미래 값을 아는 열"),
    "data.static": ("columns fixed for a series", "시계열마다 고정된 열"),
    "data.calendar": ("calendar features", "달력 특징"),
    "data.gaps": ("gaps in time", "빠진 시각"),
    "data.gaps_value": (
        "{count}, filled with {rows} rows without values, the largest {largest}; first: {first}",
        "{count}곳을 값 없는 {rows}행으로 채움, 가장 긴 것은 {largest}행, 처음: {first}",
    ),
    "data.repeated": ("repeated times", "겹치는 시각"),
    "data.repeated_value": (
        "{count} rows, the last one of each time counts; first: {first}",
        "{count}행, 시각마다 마지막 행을 사용, 처음: {first}",
    ),
    "data.unsorted": ("rows out of order, sorted", "순서를 바로잡은 행"),
    "data.beside": ("rows a little off their time, moved", "시각을 조금 옮긴 행"),
    "data.sentinels": ("numbers that mean missing", "결측을 뜻하는 수"),
    "data.sentinel": ("{value} in {column}, {count} times", "{column} 열의 {value}, {count}번"),
    "data.missing": ("missing values", "결측값"),
    "data.left_out": ("columns left out", "쓰지 않은 열"),
    "data.left_out.text": ("no numbers: {columns}", "수가 아님: {columns}"),
    "data.left_out.empty": ("empty: {columns}", "비어 있음: {columns}"),
    "data.left_out.constant": ("never change: {columns}", "값이 변하지 않음: {columns}"),
    "data.left_out.counters": ("count the rows: {columns}", "행 번호: {columns}"),
    "data.reads": ("each forecast reads", "예측마다 읽는 구간"),
    "data.reads_all": ("the last {lookback}", "직전 {lookback}"),
    "data.reads_some": ("{steps} rows spread over the last {lookback}", "직전 {lookback} 가운데 {steps}행"),
    "data.season": ("season", "계절 주기"),
    "data.part": ("{rows} rows · {windows} windows", "{rows}행 · 창 {windows}개"),
    "data.straddling": ("windows across two parts, left out", "두 부분에 걸쳐 뺀 창"),
    "data.unanswered": ("windows without any true value, left out", "실제값이 전혀 없어 뺀 창"),
    "data.unread": ("windows without any past value, left out", "과거 값이 전혀 없어 뺀 창"),
    "fans.none": (
        "Forecasts over what came true appear here after an evaluation.",
        "평가를 마치면 예측과 실제값을 겹친 그림이 여기에 나옵니다.",
    ),
    "fans.past": ("measured", "측정값"),
    "fans.point": ("forecast", "예측"),
    "fans.80": ("80 % interval", "80 % 예측 구간"),
    "fans.90": ("90 % interval", "90 % 예측 구간"),
    "fans.rows": ("rows after the newest", "최신 행 이후 행 수"),
    "fans.shown": (
        "The first {shown} of {all} forecasts are drawn.",
        "예측 {all}개 가운데 처음 {shown}개를 그렸습니다.",
    ),
    "fans.even": ("Evenly spread windows", "고르게 고른 창"),
    "fans.worst": ("The worst windows", "가장 크게 틀린 창"),
    "fans.even_label": (
        "{count} forecasts with their intervals over what came true",
        "예측 {count}개와 예측 구간, 실제값을 겹친 그림",
    ),
    "fans.worst_label": (
        "The {count} forecasts that went worst, with their intervals, over what came true",
        "가장 크게 틀린 예측 {count}개와 예측 구간, 실제값을 겹친 그림",
    ),
    "fans.note": (
        "The gray line marks the newest row that was read; above each picture, the first time that is forecast.",
        "회색 세로선은 읽은 마지막 행이고, 그림 위의 시각은 예측하는 첫 시각입니다.",
    ),
    "fans.note_rows": (
        "The gray line marks the newest row that was read.",
        "회색 세로선은 읽은 마지막 행입니다.",
    ),
    "fans.columns": ("{shown} of {all} columns are drawn.", "열 {all}개 가운데 {shown}개를 그렸습니다."),
    "horizon.none": (
        "Errors by step of the horizon appear here after an evaluation.",
        "평가를 마치면 예측 거리별 오차가 여기에 나옵니다.",
    ),
    "horizon.error": ("Error by step", "단계별 오차"),
    "horizon.error_one": ("Error of the only step", "한 단계의 오차"),
    "horizon.coverage": ("Coverage against its promise", "예측 구간의 적중률"),
    "horizon.kept": ("true values inside", "예측 구간 안의 실제값 비율"),
    "horizon.error_label": (
        "{metric} by step ahead, beside {count} baselines",
        "예측 거리별 {metric}, 기준 {count}개와 비교",
    ),
    "horizon.coverage_label": (
        "Share of true values inside the 80 and 90 % intervals by step ahead",
        "예측 거리별로 80 %와 90 % 예측 구간에 든 실제값의 비율",
    ),
    "horizon.coverage_note": (
        "Dotted: what the interval promises. Below the line it is too narrow, above too wide.",
        "점선은 예측 구간이 약속한 비율입니다. 아래면 구간이 너무 좁고, 위면 너무 넓습니다.",
    ),
    "horizon.error_note": (
        "Shaded: the model's 95 % interval.",
        "음영은 모델의 95 % 신뢰구간입니다.",
    ),
    "horizon.numbers": ("The numbers of each step", "단계별 수치"),
    "horizon.thinned": (
        "{shown} of {all} steps are listed.",
        "전체 {all}단계 가운데 {shown}개를 표시합니다.",
    ),
    "errors.none": (
        "Residuals and the worst windows appear here after an evaluation.",
        "평가를 마치면 잔차와 가장 크게 틀린 창이 여기에 나옵니다.",
    ),
    "errors.residuals": ("Residuals of {target}", "{target}의 잔차"),
    "errors.worst": ("Worst windows", "가장 크게 틀린 창"),
    "errors.shown": (
        "The {shown} windows with the largest errors that do not overlap; forecasts of every time are in {file}.",
        "서로 겹치지 않는 창 가운데 오차가 가장 큰 {shown}개입니다. 모든 시각의 예측은 {file}에 있습니다.",
    ),
    "errors.points_note": (
        "{shown} forecasts of {target}, spread evenly over the true numbers; on the dotted line both are equal.",
        "{target} 예측 가운데 실제값 순으로 고르게 뽑은 {shown}개입니다. 점선에서는 두 값이 같습니다.",
    ),
    "errors.newest": ("newest row read", "읽은 마지막 행"),
    "errors.from": ("forecast from", "예측 시작"),
    "errors.to": ("to", "예측 끝"),
    "clocks.none": (
        "Errors by hour, weekday and month appear here after an evaluation.",
        "평가를 마치면 시각, 요일, 월별 오차가 여기에 나옵니다.",
    ),
    "clocks.unknown": (
        "Nothing can be said by hour or season: the times are not known, or there are too few.",
        "시각을 알 수 없거나 데이터가 적어 시기별로 나누어 볼 수 없습니다.",
    ),
    "clocks.weak": (
        "Times at which the error is larger than at the others, beyond what chance explains: {count}.",
        "우연으로 보기 어려울 만큼 오차가 큰 시기가 {count}개 있습니다.",
    ),
    "clocks.even": (
        "At no hour, weekday, month or season is the error larger than at the others beyond what chance explains.",
        "우연으로 보기 어려울 만큼 오차가 큰 시각, 요일, 월, 계절은 없습니다.",
    ),
    "clocks.label": (
        "Error at {count} hours, weekdays, months and seasons with 95 % intervals",
        "시각, 요일, 월, 계절 {count}개의 오차와 95 % 신뢰구간",
    ),
    "clocks.numbers": ("The numbers of each time", "시기별 수치"),
    "clocks.when": ("when", "시기"),
    "clocks.targets": ("forecast numbers", "예측한 수"),
    "clocks.note": (
        "By the time of what is forecast; dotted: the error of all. Of {count} times that were looked at, some look "
        "bad by chance. A time is called weak only when its whole interval is worse than the error of all and its "
        "difference to the rest is significant at 5 % after Holm's correction.",
        "예측 대상의 시각을 기준으로 나누었고, 점선은 전체의 오차입니다. 시기를 {count}개나 보았으므로 "
        "몇 개는 우연히 나빠 보일 수 있습니다. 신뢰구간 전체가 전체의 오차보다 크고, "
        "나머지와의 차이가 홀름(Holm) 보정 뒤에도 5 % 수준에서 유의할 때만 약하다고 판단합니다.",
    ),
    "clock.hour": ("hour", "시각"),
    "clock.weekday": ("weekday", "요일"),
    "clock.monthday": ("day of the month", "날짜"),
    "clock.month": ("month", "월"),
    "clock.yearday": ("day of the year", "연중 날짜"),
    "clock.season": ("season", "계절"),
    **{f"clock.hour.{hour:02}": (f"{hour}", f"{hour}시") for hour in range(24)},
    **{
        f"clock.weekday.{place}": names
        for place, names in enumerate(
            (
                ("Mon", "월"),
                ("Tue", "화"),
                ("Wed", "수"),
                ("Thu", "목"),
                ("Fri", "금"),
                ("Sat", "토"),
                ("Sun", "일"),
            ),
            1,
        )
    },
    **{
        f"clock.month.{place:02}": (english, f"{place}월")
        for place, english in enumerate(
            ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
        )
    },
    "clock.season.12-2": ("Dec–Feb", "12~2월"),
    "clock.season.3-5": ("Mar–May", "3~5월"),
    "clock.season.6-8": ("Jun–Aug", "6~8월"),
    "clock.season.9-11": ("Sep–Nov", "9~11월"),
    "columns.name": ("column", "열"),
    "columns.note": (
        "MAE and RMSE are in the unit of each column; the best simple model stands below the model.",
        "평균 절대 오차와 평균 제곱근 오차는 각 열의 단위입니다. 모델 아래에는 넘어야 할 기준의 점수가 있습니다.",
    ),
    "backtest.fold": ("fold", "회차"),
    "backtest.train": ("trained on", "학습 기간"),
    "backtest.test": ("tested on", "시험 기간"),
    "backtest.windows": ("windows", "창 수"),
    "backtest.ours": ("{metric}, model", "{metric}, 모델"),
    "backtest.theirs": ("{metric}, number to beat", "{metric}, 기준"),
    "backtest.gain": ("the model's error", "모델의 오차"),
    "backtest.overall": (
        "Backtest over {count} folds, against the best simple model of each: {outcome}.",
        "백테스트 {count}회, 회차마다 가장 좋은 단순 모델과 비교: {outcome}.",
    ),
    "backtest.against": ("all folds, against {name}", "전체 회차, 비교 대상: {name}"),
    "backtest.note": (
        "Every fold is trained anew on what came before it, scalers included, and tested on what came next.",
        "회차마다 그 이전 데이터만으로 척도까지 새로 학습하고, 이어지는 기간으로 시험했습니다.",
    ),
}
