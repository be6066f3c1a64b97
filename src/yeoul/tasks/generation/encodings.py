"""The parts of a corpus as token ids, each made once however many recipes ask for it."""

from dataclasses import dataclass, field
from typing import final

from yeoul.data.corpora.corpus import Corpus
from yeoul.data.streams import Counts, Ids
from yeoul.data.vectorizers import TextVectorizer
from yeoul.recipe import TextRecipe
from yeoul.tasks.generation.texts import Script, TextStream


@final
@dataclass(frozen=True, eq=False)
class Encodings:
    """A corpus with what was made of it; the test part is not touched before someone asks for it."""

    corpus: Corpus
    _scripts: dict[str, Script] = field(default_factory=dict)
    _ids: dict[tuple[int, str], tuple[Ids, Counts]] = field(default_factory=dict)
    _streams: dict[tuple[int, str], TextStream] = field(default_factory=dict)

    def script(self, recipe: TextRecipe) -> Script:
        """Return how a recipe reads texts; its vocabulary is that of the training part, unless it was given."""
        key = recipe.model_dump_json()
        if key not in self._scripts:
            vectorizer = TextVectorizer.fit(recipe, self.corpus.parts["train"])
            self._scripts[key] = Script(vectorizer, self.corpus.reading)
        return self._scripts[key]

    def give(self, recipe: TextRecipe, vectorizer: TextVectorizer) -> Script:
        """Read texts by a vocabulary that is known already."""
        script = Script(vectorizer, self.corpus.reading)
        return self._scripts.setdefault(recipe.model_dump_json(), script)

    def ids(self, script: Script, part: str) -> tuple[Ids, Counts]:
        """Return the ids of a part, and where its lines end."""
        key = id(script), part
        if key not in self._ids:
            self._ids[key] = script.ids(self.corpus.parts[part])
        return self._ids[key]

    def stream(self, script: Script, part: str) -> TextStream:
        """Return a part with the sizes of its tokens."""
        key = id(script), part
        if key not in self._streams:
            self._streams[key] = script.stream(self.corpus.parts[part])
        return self._streams[key]
