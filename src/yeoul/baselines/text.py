"""The number to beat for labelled texts: the same answer for all, and a linear model on n-grams.

The linear model is that of Wang & Manning (2012). A text x is the set of its n-grams; each of them weighs as
much as it speaks for the class, r = log(p / |p|) - log(q / |q|) with p and q the smoothed numbers of training
rows of the class and of the others that hold it; the weighted vector is scaled to length one and goes into a
logistic regression w, b. Two classes take one such machine, more of them one machine each ("one versus the
rest"), whose probabilities are normalized. With x as zeros and ones the answer of a machine is

    f(x) = (x · (r w)) / sqrt(x · r²) + b

so only r w and r² are kept. Of several labels at once each has a machine of its own, whose log-odds stand as
they are. A number is told by ridge regression on the unweighted set, r = 1. With `weights = "idf"` an n-gram that
n of N training rows hold weighs r = log(N / n) in all of these.
"""

import unicodedata
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter
from scipy import sparse

from yeoul.errors import ModelFileError, RecipeError
from yeoul.recipe import LinearRecipe, TargetKind

Floats = npt.NDArray[np.float32]
_TARGET_KIND: TypeAdapter[TargetKind] = TypeAdapter(TargetKind)

_SMOOTHING = 0.3
_PASSES = 200
_TEXTS_AT_ONCE = 10_000


@dataclass(frozen=True, eq=False)
class Constant:
    """Answers every row alike (K,): what can be said without looking at it."""

    answer: Floats

    @classmethod
    def fit(cls, targets: npt.NDArray[Any], kind: TargetKind, outputs: int) -> "Constant":
        """Take the class frequencies of (N,), each label's log-odds of (N, V), or the median of numbers (N,).

        Classes and labels are counted once more than they occur, for some may not.
        """
        match kind:
            case "class":
                counts = np.bincount(_checked(targets, outputs), minlength=outputs) + 1
                answer = np.log(counts / counts.sum())
            case "labels":
                held = targets.sum(axis=0) + 1
                answer = np.log(held) - np.log(len(targets) + 2 - held)
            case "number":
                answer = np.median(targets, keepdims=True)
        return cls(np.asarray(answer, np.float32))

    def answers(self, texts: Sequence[object]) -> Floats:
        """Return the same answer (N, K) for each row."""
        return same_answer(self.answer, len(texts))


def same_answer(answer: npt.ArrayLike, rows: int) -> Floats:
    """Return an answer (K,) for each of so many rows: (N, K)."""
    return np.tile(np.asarray(answer, np.float32), (rows, 1))


@dataclass(frozen=True, eq=False)
class LinearText:
    """A fitted linear model: `ngrams` (D), by machine `weights` r w and `squares` r² (D, K), `biases` (K,).

    K is 1 for two classes (the machine speaks for the second one) and for a number, and V otherwise.
    """

    recipe: LinearRecipe
    kind: TargetKind
    outputs: int
    """V classes or labels, or 1."""
    ngrams: tuple[str, ...]
    weights: Floats
    squares: Floats
    biases: Floats
    _counter: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        counter = None
        if self.ngrams:
            counter = _counter(self.recipe, {ngram: place for place, ngram in enumerate(self.ngrams)})
            counter.fit([""])
        object.__setattr__(self, "_counter", counter)

    @classmethod
    def fit(
        cls,
        recipe: LinearRecipe,
        texts: Sequence[str],
        targets: npt.ArrayLike,
        kind: TargetKind,
        outputs: int,
    ) -> "LinearText":
        """Fit the model to texts and their classes (N,), label sets (N, V) or numbers (N,).

        Raises RecipeError when no n-gram is in `recipe.min_count` texts, and ValueError for no rows. Texts
        that are all empty are no error: the model then answers with the class frequencies.
        """
        truth: npt.NDArray[Any] = (
            _checked(targets, outputs) if kind == "class" else np.asarray(targets, np.float64)
        )
        if not len(texts) == len(truth) > 0:
            raise ValueError(
                f"{len(texts)} texts for {len(truth)} targets: one each is needed, of one row at least"
            )
        ngrams, presence = _occurrences(recipe, texts)
        match kind:
            case "class":
                speakers = [1] if outputs == 2 else range(outputs)
                machines = [_machine(recipe, presence, truth == speaker, outputs) for speaker in speakers]
            case "labels":
                machines = [_machine(recipe, presence, truth[:, label] > 0, 1) for label in range(outputs)]
            case "number":
                machines = [_ridge(recipe, presence, truth)]
        return cls(
            recipe,
            kind,
            outputs,
            ngrams,
            weights=np.stack([weights for weights, _, _ in machines], axis=1),
            squares=np.stack([squares for _, squares, _ in machines], axis=1),
            biases=np.array([bias for _, _, bias in machines], dtype=np.float32),
        )

    def answers(self, texts: Sequence[str]) -> Floats:
        """Return log-probabilities or log-odds (N, V), or numbers (N, 1); each is the same in any company."""
        parts = [
            self._answers(texts[start : start + _TEXTS_AT_ONCE])
            for start in range(0, len(texts), _TEXTS_AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, self.outputs), np.float32)

    def _answers(self, texts: Sequence[str]) -> Floats:
        margins = np.tile(self.biases, (len(texts), 1))
        if self._counter is not None:
            presence = self._counter.transform(texts)
            length = np.sqrt(presence @ self.squares)
            margins += (presence @ self.weights) / np.where(length > 0, length, 1)
        if self.kind != "class":
            return margins
        if self.outputs == 2:
            margins = np.concatenate([-margins, margins], axis=1)
        scores = -np.logaddexp(np.float32(0), -margins)
        total = np.logaddexp.reduce(scores, axis=1, keepdims=True)
        normalized: Floats = scores - total
        return normalized

    def to_arrays(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, object]]:
        """Return the model as arrays and plain settings, all that `from_arrays` needs."""
        coded = [ngram.encode("utf-8", "surrogatepass") for ngram in self.ngrams]
        arrays: dict[str, npt.NDArray[Any]] = {
            "ngrams": np.frombuffer(b"".join(coded), dtype=np.uint8),
            "ngram_ends": np.cumsum([len(one) for one in coded], dtype=np.int64),
            "weights": self.weights,
            "squares": self.squares,
            "biases": self.biases,
        }
        return arrays, {
            "recipe": self.recipe.model_dump(mode="json"),
            "kind": self.kind,
            "outputs": self.outputs,
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, npt.NDArray[Any]], settings: Mapping[str, object], *, where: str = ""
    ) -> "LinearText":
        """Restore a model; its answers are those of the saved one to the last bit.

        Raises ModelFileError, with `where` as its place, for what `to_arrays` would not have written.
        """
        try:
            return _restored(arrays, settings)
        except (KeyError, TypeError, ValueError):
            raise ModelFileError(
                "the linear model is damaged or from another version",
                "copy the folder again from its source, or train again",
                where=where,
            ) from None


def _counter(recipe: LinearRecipe, vocabulary: Mapping[str, int] | None = None) -> Any:
    """Build the vectorizer that turns texts into a sparse matrix of zeros and ones (N, D)."""
    from sklearn.feature_extraction.text import CountVectorizer  # slow to import, and networks need it not

    character = recipe.unit == "character"
    return CountVectorizer(
        analyzer="char" if character else "word",
        preprocessor=partial(_clean, lowercase=recipe.lowercase, padded=character),
        token_pattern=None if character else r"\w+|[^\w\s]",
        lowercase=False,
        ngram_range=recipe.ngrams,
        binary=True,
        vocabulary=vocabulary,
        dtype=np.float32,
    )


def _checked(targets: npt.ArrayLike, num_classes: int) -> npt.NDArray[np.int64]:
    classes = np.asarray(targets, dtype=np.int64)
    if len(classes) and not 0 <= classes.min() <= classes.max() < num_classes:
        raise ValueError(f"targets from {classes.min()} to {classes.max()} for {num_classes} classes")
    return classes


def _clean(text: str, lowercase: bool, padded: bool) -> str:
    """Compose the characters, fold case and white space; padding lets n-grams see where a text ends."""
    folded = " ".join(unicodedata.normalize("NFC", text.lower() if lowercase else text).split())
    return f" {folded} " if padded else folded


def _occurrences(recipe: LinearRecipe, texts: Sequence[str]) -> tuple[tuple[str, ...], Any]:
    """Return the n-grams (D) that enough texts hold, and which text holds which: sparse 0 and 1 (N, D)."""
    counter = _counter(recipe)
    analyze = counter.build_analyzer()
    if not any(analyze(text) for text in texts):
        return (), sparse.csr_matrix((len(texts), 0), dtype=np.float32)
    presence = counter.fit_transform(texts)
    holders = np.bincount(presence.indices, minlength=presence.shape[1])
    kept = np.flatnonzero(holders >= recipe.min_count)
    if not len(kept):
        raise RecipeError(
            "no n-gram is in {min_count} or more of the {rows} training texts",
            "lower model.min_count",
            where="model.min_count",
            values={"min_count": recipe.min_count, "rows": len(texts)},
        )
    return tuple(counter.get_feature_names_out()[kept]), presence[:, kept]


def _machine(
    recipe: LinearRecipe, presence: Any, belongs: npt.NDArray[np.bool_], num_classes: int
) -> tuple[Floats, Floats, np.float32]:
    """Tell one class from the rest: r w (D,), r² (D,) and b, the class's log-odds where nothing tells."""
    rows, size = presence.shape
    count = int(belongs.sum())
    if size == 0 or count in (0, rows):
        nothing = np.zeros(size, np.float32)
        return nothing, nothing, np.float32(np.log((count + 1) / (rows - count + max(num_classes - 1, 1))))
    ratio = _idf(presence) if recipe.weights == "idf" else _ratio(presence, belongs)
    machine = _regression(recipe.strength, _weighted(presence, ratio), belongs)
    return (ratio * machine.coef_[0]).astype(np.float32), ratio**2, np.float32(machine.intercept_[0])


def _ratio(presence: Any, belongs: npt.NDArray[np.bool_]) -> Floats:
    """Return how much each n-gram (D,) speaks for the rows that belong, by naive Bayes."""
    members = belongs.astype(np.float32)
    inside = presence.T @ members + _SMOOTHING
    outside = presence.T @ (1 - members) + _SMOOTHING
    ratio: Floats = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
    return ratio.astype(np.float32)


def _idf(presence: Any) -> Floats:
    """Return how rare each n-gram (D,) is; every one is in some row."""
    rows, size = presence.shape
    idf: Floats = np.log(rows / np.bincount(presence.indices, minlength=size)).astype(np.float32)
    return idf


def _weighted(presence: Any, weights: Floats) -> Any:
    """Return the rows of weighted n-grams, scaled to length one."""
    length = np.sqrt(presence @ weights**2)
    values = weights[presence.indices] / np.repeat(np.where(length > 0, length, 1), np.diff(presence.indptr))
    return sparse.csr_matrix(
        (values.astype(np.float64), presence.indices, presence.indptr), shape=presence.shape
    )


def _ridge(
    recipe: LinearRecipe, presence: Any, numbers: npt.NDArray[np.float64]
) -> tuple[Floats, Floats, np.float32]:
    """Tell a number: r w (D,), r² (D,) and b, the mean where nothing tells."""
    from sklearn.linear_model import Ridge

    size = presence.shape[1]
    mean, scale = float(numbers.mean()), float(numbers.std()) or 1.0
    if size == 0:
        return np.zeros(0, np.float32), np.ones(0, np.float32), np.float32(mean)
    weights = _idf(presence) if recipe.weights == "idf" else np.ones(size, np.float32)
    machine = Ridge(alpha=1 / recipe.strength, solver="sparse_cg")
    machine.fit(_weighted(presence, weights), (numbers - mean) / scale)
    bias = np.float32(mean + scale * machine.intercept_)
    return (scale * weights * machine.coef_).astype(np.float32), weights**2, bias


def _regression(strength: float, rows: Any, belongs: npt.NDArray[np.bool_]) -> Any:
    """Fit a logistic regression by dual coordinate descent, which is fast, or by Newton where that stalls.

    It stalls on rows that are equal but for their class under a weak penalty. Both find the same minimum.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    dual = LogisticRegression(
        C=strength, solver="liblinear", dual=True, tol=0.1, max_iter=_PASSES, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        dual.fit(rows, belongs)
    if dual.n_iter_[0] < _PASSES:
        return dual
    return LogisticRegression(C=strength, solver="liblinear", tol=0.01, max_iter=1000).fit(rows, belongs)


def _restored(arrays: Mapping[str, npt.NDArray[Any]], settings: Mapping[str, object]) -> LinearText:
    """Build the model from what was read; raise KeyError, TypeError or ValueError where it does not fit.

    The vectorizer itself refuses n-grams that come twice.
    """
    recipe = LinearRecipe.model_validate(settings["recipe"])
    kind, outputs = _TARGET_KIND.validate_python(settings["kind"]), settings["outputs"]
    if type(outputs) is not int or outputs < 1:
        raise ValueError("outputs")
    letters, ends = arrays["ngrams"], arrays["ngram_ends"]
    size, machines = len(ends), 1 if (kind, outputs) == ("class", 2) else outputs
    shapes = {"weights": (size, machines), "squares": (size, machines), "biases": (machines,)}
    for name, shape in shapes.items():
        if (
            arrays[name].shape != shape
            or arrays[name].dtype != np.float32
            or not np.isfinite(arrays[name]).all()
        ):
            raise ValueError(name)
    if letters.dtype != np.uint8 or letters.ndim != 1 or ends.dtype != np.int64 or ends.ndim != 1:
        raise ValueError("ngrams")
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]]) if size else ends
    if (ends <= starts).any() or (ends[-1] if size else 0) != len(letters) or (arrays["squares"] < 0).any():
        raise ValueError("ngram_ends")
    coded = letters.tobytes()
    ngrams = tuple(
        coded[start:end].decode("utf-8", "surrogatepass")
        for start, end in zip(starts.tolist(), ends.tolist())
    )
    return LinearText(recipe, kind, outputs, ngrams, arrays["weights"], arrays["squares"], arrays["biases"])
