"""The tag of one word that is explained: by the other words of its sentence, and by its own letters.

The word itself cannot go, for then there is nothing to tag: its letters go one by one, and where all are gone a mark
stands in their place that no training sentence holds. Of a document it is the sentences and the words of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import torch

from yeoul.data.batches import by_length
from yeoul.errors import DataError, UsageError
from yeoul.explain.asked import MOST_PARTS, Asked
from yeoul.explain.deletion import Doubles
from yeoul.explain.units import Kept, Part, Unit, text_parts, without
from yeoul.tasks.tagging.answers import TagAnswer
from yeoul.tasks.tagging.tagger import SentenceTagger

_NOTHING = "\N{REPLACEMENT CHARACTER}"
_LEAST = 1e-12


@final
@dataclass(frozen=True, eq=False)
class AskedTag(Asked):
    """A word of a text with its tag."""

    tagger: SentenceTagger
    answer: TagAnswer
    place: int
    """Of the word in the sentence, from 0."""
    tag: int
    unit: Unit
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, tagger: SentenceTagger, text: str, wanted: str, word: int | None) -> "AskedTag":
        """Ask about a word, counted from 1, or the one whose tag the model is least sure of.

        Raises `UsageError` for a tag that the model does not know, and `DataError` for a word that is not there.
        """
        (answer,) = tagger.predict([text])
        count = len(answer.tags)
        if word is not None and not 1 <= word <= count:
            raise DataError(
                "there is no word {word}, the text has {words}",
                "count from 1",
                where="--word",
                values={"word": word, "words": count},
            )
        place = int(np.argmin(answer.confidences)) if word is None else word - 1
        if wanted and wanted not in tagger.tags:
            raise UsageError(
                "the model knows no label {came}",
                "choose one of {labels}",
                where="--target",
                values={"came": wanted, "labels": ", ".join(tagger.tags[:12])},
            )
        unit: Unit = "character" if tagger.element == "word" else "word"
        parts = list[Part]()
        for number, (start, end) in enumerate(answer.ranges):
            if number != place:
                parts.append(Part(text[start:end], start, end))
                continue
            _, own = text_parts(text[start:end], unit, MOST_PARTS)
            parts += (Part(one.text, one.start + start, one.end + start) for one in own)
        return cls(
            tagger, answer, place, tagger.tags.index(wanted or answer.tags[place]), "word", tuple(parts)
        )

    @property
    def name(self) -> str:
        """The tag."""
        return self.tagger.tags[self.tag]

    def margins(self, kept: Kept) -> Doubles:
        """Return the log-odds of the tag (N,)."""
        chances = np.clip(self._chances([self._words(row) for row in kept]), _LEAST, 1.0 - _LEAST)
        odds: Doubles = np.log(chances) - np.log1p(-chances)
        return odds

    def value(self, margins: Doubles) -> Doubles:
        chances: Doubles = 1.0 / (1.0 + np.exp(-margins))
        return chances

    def _words(self, kept: Kept) -> tuple[tuple[str, ...], int]:
        """Return the words that are left, and which of them is asked about."""
        words, asked = list[str](), 0
        text, parts = self.answer.text, self.parts
        for number, (start, end) in enumerate(self.answer.ranges):
            own = [place for place, part in enumerate(parts) if start <= part.start < end]
            if number == self.place:
                asked = len(words)
                inside = [
                    Part(parts[one].text, parts[one].start - start, parts[one].end - start) for one in own
                ]
                words.append(without(text[start:end], inside, kept[own]) or _NOTHING)
            elif kept[own].all():
                words.append(text[start:end])
        return tuple(words), asked

    def _chances(self, asked: Sequence[tuple[tuple[str, ...], int]]) -> Doubles:
        """Return how probable the tag is (N,); equal sentences are asked about once."""
        different = {one: place for place, one in enumerate(dict.fromkeys(asked))}
        rows = self.tagger.reading.bare_rows([list(words) for words, _ in different])
        places = torch.tensor([place for _, place in different])
        chances = np.zeros(len(different))
        model = self.tagger.model.eval()
        with torch.inference_mode():
            for batch in by_length(rows):
                said = model.speaker.log_probs(model.scores(batch.to(self.tagger.device))).values.cpu()
                own = said[torch.arange(len(said)), places[batch.index], self.tag]
                chances[batch.index.numpy()] = own.double().exp().numpy()
        told: Doubles = chances[[different[one] for one in asked]]
        return told
