"""The panels of a page of a language model: scores with helps, texts it wrote, what surprised it."""

from collections.abc import Iterator, Mapping

from yeoul.report import language_charts, language_views
from yeoul.report.contents import Contents
from yeoul.report.drawing import Plan
from yeoul.report.language_contents import LanguageContents
from yeoul.report.words import name, say

_SAMPLES = 8
_HEARD = ("surprises",)
"""What is not shown of a sound, which is no text to be read."""
_SECTIONS = ("scores", "data", "curves", "written", "surprises", "cost", "reproduce")


def plans(contents: Contents, own: LanguageContents) -> Iterator[Plan]:
    """Return the charts that the contents ask for, those of the training apart."""
    found = contents.evaluation
    about = own.told.get(found.split) if found else None
    if found is None or about is None:
        return
    bars = language_views.bars(found, about)
    if len(bars) > 1:
        metric = found.metric
        label = say("helped.label", {"metric": name("metric", metric), "count": len(bars)})
        yield Plan("surprise", label, lambda each: language_charts.scores(metric, bars, each))


def values(contents: Contents, own: LanguageContents) -> Mapping[str, object]:
    """Return what the page shows beyond what the pages of all tasks do."""
    found = contents.evaluation
    about = own.told.get(found.split) if found else None
    usual = language_views.usual_nats(found)
    unit = about.unit if about else None
    sound = own.data is not None and own.data.is_sound
    return {
        "verdict": language_views.verdict(contents, own),
        "boards": [
            language_views.scoreboard(one, own.told.get(split)) for split, one in contents.evaluations.items()
        ],
        "sections": [each for each in _SECTIONS if not (sound and each in _HEARD)],
        "card": own.data,
        "files": own.data.files if own.data else (),
        "data_facts": language_views.text_facts(own.data) if own.data else [],
        "data_samples": own.data.samples[:_SAMPLES] if own.data else (),
        "written": language_views.samples(about) if about else [],
        "surprising": language_views.passages(own.passages.surprising, unit, usual),
        "typical": language_views.passages(own.passages.typical, unit, usual),
        "helps": list(about.helps) if about else [],
    }
