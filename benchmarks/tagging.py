"""Train a tagger on a treebank beside the simple taggers: python -m benchmarks.tagging TRAIN DEV TEST.

Words seen less than three times have no vector of their own, so that those never seen, a third of Korean ones, are no
surprise; runs of up to four letters have vectors as well. The best epoch is chosen by the development sentences. The
test sentences are scored once, with their interval, and the verdict is the paired difference to the linear model.
"""

import argparse
import copy
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from yeoul.baselines.tags import FrequentTag, LinearTags
from yeoul.data.batches import by_length
from yeoul.data.first_vectors import first_vectors
from yeoul.data.tag_rows import TaggedRows, tagged_rows, word_table
from yeoul.data.tagged import read_tagged
from yeoul.data.vectorizers import TextVectorizer
from yeoul.layers import LSTM, Embedding, FixedPooling
from yeoul.metrics.tags import TagScores, compare_tags, score_tags
from yeoul.models.encoders import RecurrentEncoder
from yeoul.models.tagging import ChainTags, SoftmaxTags, Tagger
from yeoul.recipe import TextRecipe

Sentences = list[list[str]]
LETTER_SIZE = 40


@dataclass(frozen=True)
class Split:
    """Sentences with their tags, as words and as rows."""

    words: Sentences
    tags: Sentences
    rows: TaggedRows


def main() -> None:
    """Print a line an epoch, then the scores of all taggers."""
    asked = _arguments()
    torch.manual_seed(asked.seed)
    torch.set_num_threads(asked.threads)
    texts = [read_tagged(path) for path in (asked.train, asked.dev, asked.test)]
    words, tags = [list(one) for one in texts], [one.layer(asked.layer) for one in texts]
    table, names = word_table(words[0], min_count=3), sorted({tag for given in tags[0] for tag in given})
    numbers = {tag: number for number, tag in enumerate(names)}
    numbers |= {tag: 0 for given in tags[1:] for one in given for tag in one if tag not in numbers}
    distinct = list(dict.fromkeys(word for given in words[0] for word in given))
    letters = TextVectorizer.fit(
        TextRecipe(unit="jamo", min_count=2, vocabulary_size=4000, max_length=32, keep="both"), distinct
    )
    train, dev, test = (
        Split(one, given, tagged_rows(one, table, letters, (given, numbers)))
        for one, given in zip(words, tags, strict=True)
    )
    model = _model(asked, table, letters.size, len(names))
    started = time.process_time()
    _train(model, asked, train, dev, names)
    _say(f"trained in {time.process_time() - started:.0f} s of processor time")
    answers = {"network": _answers(model, test, names)}
    for name, kind in (("linear", LinearTags), ("frequent", FrequentTag)):
        answers[name] = kind.fit(train.words, train.tags).answers(test.words)
    seen = set(distinct)
    unseen = [[word not in seen for word in given] for given in test.words]
    for name, given in answers.items():
        print(_told(name, score_tags(given, test.tags, seed=asked.seed, unseen=unseen)))
    verdict = compare_tags(
        answers["network"], answers["linear"], test.tags, against="linear", seed=asked.seed
    )
    print(f"network {verdict.outcome} linear: {verdict.difference}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("train", "dev", "test"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--layer", default="upos")
    parser.add_argument("--head", choices=["chain", "softmax"], default="chain")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch-size", type=int, default=24)
    parser.add_argument("--rate", type=float, default=5e-3)
    parser.add_argument("--dropout", type=float, default=0.5)
    parser.add_argument("--size", type=int, default=64, help="components of word vectors")
    parser.add_argument("--vectors", type=Path, help="a file of word vectors to begin with")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def _model(asked: argparse.Namespace, table: dict[str, int], num_letters: int, num_tags: int) -> Tagger:
    words = Embedding(len(table) + 1, asked.size, token_dropout=0.3)
    if asked.vectors:
        found = first_vectors(str(asked.vectors), table, asked.size, "--vectors")
        words.start_from(torch.from_numpy(found.ids), torch.from_numpy(found.values))
        _say(f"{len(found.ids) / len(table):.1%} of the words begin with a vector")
    speller = RecurrentEncoder(LSTM(LETTER_SIZE, 75, bidirectional=True), FixedPooling("last", read="both"))
    encoder = RecurrentEncoder(
        LSTM(asked.size + speller.output_size, 150, bidirectional=True), FixedPooling("max")
    )
    head = ChainTags if asked.head == "chain" else SoftmaxTags
    letters = Embedding(num_letters, LETTER_SIZE, ngrams=4, buckets=20_000, ngram_dropout=0.3)
    return Tagger(
        words, letters, speller, encoder, head(encoder.output_size, num_tags), dropout=asked.dropout
    )


def _train(model: Tagger, asked: argparse.Namespace, train: Split, dev: Split, names: Sequence[str]) -> None:
    """Train with a rate that rises over 100 steps and falls to the end; leave the weights of the best epoch."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=asked.rate, betas=(0.9, 0.95), weight_decay=0.0)
    steps = asked.epochs * -(-len(train.rows) // asked.batch_size)
    rates = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / 100) * max(0.02, 1 - step / steps)
    )
    best, kept = -1.0, model.state_dict()
    for epoch in range(asked.epochs):
        model.train()
        for rows in train.rows.order(asked.batch_size, asked.seed, epoch):
            batch = train.rows.batch(rows)
            optimizer.zero_grad()
            model.loss(batch).value(model.counts(batch)).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            rates.step()
        given = _answers(model, dev, names)
        pairs = [
            pair for ours, true in zip(given, dev.tags, strict=True) for pair in zip(ours, true, strict=True)
        ]
        accuracy = float(np.mean([one == other for one, other in pairs]))
        _say(f"{epoch + 1}/{asked.epochs} accuracy on development sentences {accuracy:.4f}")
        if accuracy > best:
            best, kept = accuracy, copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)


def _answers(model: Tagger, split: Split, names: Sequence[str]) -> Sentences:
    model.eval()
    answers: Sentences = [[] for _ in split.words]
    with torch.no_grad():
        for batch in by_length(split.rows):
            tags = model.tags(batch)
            for place, row, length in zip(
                batch.index.tolist(), tags.values.tolist(), tags.lengths.tolist(), strict=True
            ):
                answers[place] = [names[number] for number in row[:length]]
    return answers


def _told(name: str, scores: TagScores) -> str:
    accuracy, whole = scores.accuracy, scores.sentences_right
    unseen = "-" if scores.unseen_accuracy is None else f"{scores.unseen_accuracy:.4f}"
    return (
        f"{name:9} accuracy {accuracy.value:.4f} ({accuracy.low:.4f}-{accuracy.high:.4f}),"
        f" unseen words {unseen} of {scores.unseen_words}, whole sentences {whole.value:.3f}"
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
