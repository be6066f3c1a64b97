"""The made-up sentences agree: verbs with time and person, particles with the syllable before them."""

import unicodedata

from yeoul.data.embedded import EMBEDDED
from yeoul.data.made.sentences import _RESPECTED, _TIMES, _VERBS, SENTENCES


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
        past = unicodedata.normalize("NFD", verb[-2])[-1] == "\u11bb"  # ㅆ, as in 읽었다
        assert past == (tenses[time] == 0)
        respected = any(person.startswith(one) for one in _RESPECTED)
        assert respected == ("께서" in person) == any(verb in forms for _, _, forms in _VERBS)
        noun, particle = thing[:-1], thing[-1]
        assert particle == ("을" if (ord(noun[-1]) - 0xAC00) % 28 else "를")
