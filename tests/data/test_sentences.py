"""The made-up sentences agree: verbs with time and person, particles with the syllable before them."""

import re

from yeoul.data.embedded import EMBEDDED
from yeoul.data.made.sentences import _RESPECTED, _TIMES, SENTENCES

ENDINGS = ("다.", "다.", "것이다.")


def test_sentences_agree_and_are_the_same_everywhere():
    table = EMBEDDED[SENTENCES].table()
    texts = table.columns["text"].to_pylist()
    assert len(texts) == table.rows == 8000
    assert texts == EMBEDDED[SENTENCES].table().columns["text"].to_pylist()
    assert len(set(texts)) > 7000
    tenses = {time: tense for tense, times in enumerate(_TIMES) for time in times}
    for text in texts[:2000]:
        time = next(time for time in tenses if text.startswith(f"{time} "))
        person, place, thing, verb = text.removeprefix(f"{time} ").rstrip(".").split(" ", 3)
        assert place.endswith("에서")
        assert verb.endswith("것이다") == (tenses[time] == 2)
        assert (
            verb.endswith("다") and bool(re.search(r"[었았렸썼셨웠녔]다$|렀다$|렸다$|[했였]다$", verb))
        ) == (tenses[time] == 0)
        respected = any(person.startswith(one) for one in _RESPECTED)
        assert respected == ("께서" in person)
        assert respected == bool(
            re.search(r"셨다|신다|실 것이다", verb) and not verb.startswith(("마신", "마셨"))
        )
        noun, particle = thing[:-1], thing[-1]
        assert particle == ("을" if (ord(noun[-1]) - 0xAC00) % 28 else "를")
