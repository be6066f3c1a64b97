"""Tagged sentences in every form: what was written is read, and what is wrong is named with its line."""

import json
import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.data.tag_rows import LETTERS, SPELLED, WORDS, tagged_rows, word_table
from yeoul.data.tagged import read_tagged
from yeoul.data.vectorizers import TextVectorizer
from yeoul.errors import DataError, UsageError
from yeoul.recipe import TextRecipe

CONLLU = """# sent_id = 1
# text = 여울이 흐른다.
1-2\t여울이\t_\t_\t_\t_\t_\t_\t_\t_
1\t여울이\t여울+이\tNOUN\tNNG+JKS\t_\t2\tnsubj\t_\t_
2\t흐른다\t흐르+ㄴ다\tVERB\tVV+EF\t_\t0\troot\t_\tSpaceAfter=No
2.1\t가\t가\tVERB\t_\t_\t_\t_\t_\t_
3\t.\t.\tPUNCT\tSF\t_\t2\tpunct\t_\t_

# sent_id = 2
1\t끝\t_\tNOUN\t_\t_\t0\troot\t_\t_
"""
COLUMNS = "-DOCSTART- -X- O\n\nEU NNP B-ORG\nrejects VBZ O\n\n\nPeter NNP B-PER\nBlackburn NNP I-PER\n"
INLINE = "나/NP+는/JX 학교/NNG 간다/VV\n\n1/2/SN ++/SW ./SF\n"
SEJONG = """<!DOCTYPE tei.2>
<text>
<head>
BTAA0001-00000001\t프랑스의\t프랑스__01/NNP + 의/JKG
BTAA0001-00000002\t세계적인\t세계/NNG + 적/XSN + 이/VCP + ㄴ/ETM
</head>
<p>
BTAA0001-00000003\t옷이다.\t옷/NNG + 이/VCP + 다/EF + ./SF
BTAA0001-00000004\t끝\t끝/NNG
</p>
"""
NATIONAL = {
    "id": "SXMP",
    "document": [
        {
            "sentence": [
                {
                    "id": "1",
                    "form": "여울 대학이 서울에 있다.",
                    "word": [
                        {"id": 1, "form": "여울", "begin": 0, "end": 2},
                        {"id": 2, "form": "대학이", "begin": 3, "end": 6},
                        {"id": 3, "form": "서울에", "begin": 7, "end": 10},
                        {"id": 4, "form": "있다.", "begin": 11, "end": 14},
                    ],
                    "morpheme": [
                        {"id": 1, "form": "여울", "label": "NNP", "word_id": 1, "position": 1},
                        {"id": 2, "form": "대학", "label": "NNG", "word_id": 2, "position": 1},
                        {"id": 3, "form": "이", "label": "JKS", "word_id": 2, "position": 2},
                        {"id": 4, "form": "서울", "label": "NNP", "word_id": 3, "position": 1},
                        {"id": 5, "form": "에", "label": "JKB", "word_id": 3, "position": 2},
                        {"id": 6, "form": "있", "label": "VA", "word_id": 4, "position": 1},
                        {"id": 7, "form": "다", "label": "EF", "word_id": 4, "position": 2},
                        {"id": 8, "form": ".", "label": "SF", "word_id": 4, "position": 3},
                    ],
                    "NE": [
                        {"id": 1, "form": "여울 대학", "label": "OGG", "begin": 0, "end": 5},
                        {"id": 2, "form": "서울", "label": "LCP", "begin": 7, "end": 9},
                    ],
                },
                {"id": "2", "form": "", "word": []},
                {"id": "3", "form": "끝 끝"},
            ]
        }
    ],
}


def read(tmp_path, text, name="file.txt", form="auto"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_tagged(path, form)


def test_conllu(tmp_path):
    texts = read(tmp_path, CONLLU)
    assert (texts.form, list(texts)) == ("conllu", [["여울이", "흐른다", "."], ["끝"]])
    assert texts.layer("upos") == [["NOUN", "VERB", "PUNCT"], ["NOUN"]]
    assert texts.layer("xpos") == [["NNG+JKS", "VV+EF", "SF"], [""]]
    assert (texts.where(0), texts.where(1)) == ("file.txt:4", "file.txt:10")
    with pytest.raises(DataError, match="no tags called ner; the file has upos, xpos, lemma, deprel"):
        texts.layer("ner")


def test_columns(tmp_path):
    texts = read(tmp_path, COLUMNS)
    assert (texts.form, list(texts)) == ("columns", [["EU", "rejects"], ["Peter", "Blackburn"]])
    assert texts.layer("tag2") == [["B-ORG", "O"], ["B-PER", "I-PER"]]
    assert list(read(tmp_path, "뉴 욕\tB\n#\tO\n")) == [["뉴 욕", "#"]]


def test_inline(tmp_path):
    texts = read(tmp_path, INLINE)
    assert (texts.form, list(texts)) == ("inline", [["나", "는", "학교", "간다"], ["1/2", "++", "."]])
    assert texts.layer("tag") == [["NP", "JX", "NNG", "VV"], ["SN", "SW", "SF"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp949"])
def test_sejong(tmp_path, encoding):
    texts = read(tmp_path, SEJONG.replace("\n", "\r\n").encode(encoding))
    assert (texts.form, list(texts)) == ("sejong", [["프랑스의", "세계적인"], ["옷이다."], ["끝"]])
    assert texts.layer("xpos")[0] == ["NNP+JKG", "NNG+XSN+VCP+ETM"]
    assert texts.layer("morphemes")[0] == ["프랑스+의", "세계+적+이+ㄴ"]


def test_national(tmp_path):
    texts = read(tmp_path, json.dumps(NATIONAL, ensure_ascii=False, indent=1), "SXMP.json")
    assert (texts.form, list(texts)) == ("national", [["여울", "대학이", "서울에", "있다."], ["끝", "끝"]])
    assert texts.layer("xpos") == [["NNP", "NNG+JKS", "NNP+JKB", "VA+EF+SF"], ["", ""]]
    assert texts.layer("entities") == [["B-OGG", "I-OGG", "B-LCP", "O"], ["", ""]]


WORD = st.text(st.sampled_from("가나a1./#+-'"), min_size=1, max_size=5)
SENTENCES = st.lists(
    st.lists(st.tuples(WORD, st.sampled_from(["NOUN", "X", "B-a"])), min_size=1, max_size=4),
    min_size=1,
    max_size=4,
)


@given(SENTENCES)
def test_what_was_written_is_read(tmp_path_factory, sentences):
    folder = tmp_path_factory.mktemp("tagged")
    written = "\n\n".join(
        "\n".join(f"{place}\t{word}\t_\t{tag}\t_\t_\t_\t_\t_\t_" for place, (word, tag) in enumerate(one, 1))
        for one in sentences
    )
    texts = read(folder, unicodedata.normalize("NFD", written), form="conllu")
    assert list(texts) == [[word for word, _ in one] for one in sentences]
    assert texts.layer("upos") == [[tag for _, tag in one] for one in sentences]


@pytest.mark.parametrize(
    ("text", "form", "said"),
    [
        (CONLLU.replace("\tnsubj", ""), "auto", "file.txt:4: the line has 9 columns, expected 10"),
        ("a\tB\nc\n", "columns", "file.txt:2: the line has 1 columns, expected 2"),
        ("a/B c\n", "inline", "file.txt:1: the word c has no tag"),
        (SEJONG.replace("끝/NNG", "끝"), "auto", "file.txt:9: the word is not followed by its morphemes"),
        ("{", "national", "file.txt:1: this is not the JSON"),
        ('{"document": [{"sentence": [{}]}]}', "auto", "see document.0.sentence.0.form"),
        ("\n\n", "auto", "no tagged sentence"),
        ('{"document": []}', "auto", "no tagged sentence"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, form, said):
    with pytest.raises(DataError, match=said):
        read(tmp_path, text, form=form)
    with pytest.raises(UsageError, match="no form called xml"):
        read(tmp_path, text, form="xml")


def test_batches_hold_the_words_and_the_letters_of_each_distinct_one():
    sentences = [["물", "좀", "물"], ["좀"], []]
    table = word_table(sentences, min_count=2)
    letters = TextVectorizer.fit(TextRecipe(unit="jamo", min_count=1, vocabulary_size=50), ["물", "좀"])
    rows = tagged_rows(sentences, table, letters, ([["A", "B", "A"], ["B"], []], {"A": 0, "B": 1}))
    batch = rows.batch(np.array([1, 0]))
    assert batch.inputs[WORDS].values.tolist() == [
        [table["좀"], 0, 0],
        [table["물"], table["좀"], table["물"]],
    ]
    assert batch.inputs[SPELLED].lengths.tolist() == [1, 3]
    spelled = batch.inputs[SPELLED].values
    assert spelled[0, 0] == spelled[1, 1]
    assert spelled[1, 0] == spelled[1, 2] != spelled[0, 0]
    assert batch.inputs[LETTERS].lengths.tolist() == [3, 3]
    assert batch.targets.tolist() == [[1, 0, 0], [0, 1, 0]]
    assert rows.batch(np.array([2])).inputs[LETTERS].values.shape[0] == 0


@pytest.mark.data
@pytest.mark.skipif("YEOUL_DATA" not in os.environ, reason="needs YEOUL_DATA")
def test_the_korean_treebank():
    texts = read_tagged(Path(os.environ["YEOUL_DATA"]) / "ud_korean_gsd" / "ko_gsd-ud-train.conllu")
    assert (texts.form, len(texts), len(texts.words)) == ("conllu", 4400, 56_687)
    assert texts.layer("upos")[0][:3] == ["NOUN", "NOUN", "NOUN"]
