"""Made-up documents: every one has its topic, and a role is told by the other sentences only."""

import json
from collections import defaultdict

import pytest

from yeoul.data.made.documents import ROLES, english_documents, korean_documents


@pytest.mark.parametrize("made", [korean_documents, english_documents])
def test_every_document_has_one_topic_and_what_explains_it(made):
    table = made()
    roles_of = defaultdict(set)
    firsts = 0
    for told, roles in zip(
        *(table.columns[name].to_pylist() for name in ("sentences", "roles")), strict=True
    ):
        sentences, given = json.loads(told), json.loads(roles)
        assert len(sentences) == len(given)
        assert given.count("topic") == 1
        assert 3 <= given.count("explanation") <= 5
        assert 1 <= given.count("filler") <= 3
        firsts += given[0] == "topic"
        for sentence, role in zip(sentences, given, strict=True):
            roles_of[sentence].add(role)
    assert table.rows == 2000
    assert 0.3 < firsts / table.rows < 0.6
    told_by_others = [roles for roles in roles_of.values() if len(roles) > 1]
    assert len(told_by_others) > 0.9 * len(roles_of)
    assert set.union(*told_by_others) == set(ROLES)
    assert not any({"topic", "explanation"} <= roles for roles in roles_of.values())


def test_korean_particles_fit_their_words():
    sentences = [
        sentence
        for told in korean_documents().columns["sentences"].to_pylist()[:200]
        for sentence in json.loads(told)
    ]
    for sentence in sentences:
        word = sentence.split()[0]
        closed = bool((ord(word[-2]) - 0xAC00) % 28)
        assert word[-1] in ("은이" if closed else "는가")
