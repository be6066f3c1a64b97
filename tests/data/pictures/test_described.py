"""Captions in every form: the same pictures with the same captions."""

import json
import unicodedata

import pytest

from yeoul.data.pictures.described import read_descriptions
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe

CAPTIONS = {"개.jpg": ("개가 달린다", "A dog, running"), "b.png": ("a cat",)}
FLAT = [(name, text) for name, texts in CAPTIONS.items() for text in texts]
COCO = {
    "images": [{"id": 7, "file_name": "개.jpg"}, {"id": 9, "file_name": "b.png"}],
    "annotations": [
        {"image_id": 7, "caption": "개가 달린다"},
        {"image_id": 9, "caption": "a cat"},
        {"image_id": 7, "caption": " A dog, running "},
    ],
}
KARPATHY = {
    "images": [
        {"filename": name, "split": part, "sentences": [{"raw": text} for text in texts]}
        for (name, texts), part in zip(CAPTIONS.items(), ("restval", "test"), strict=True)
    ]
}
FORMS = {
    "captions.csv": "image,caption\n" + "".join(f'{name},"{text}"\n' for name, text in FLAT),
    "설명.tsv": "사진\t설명\n" + "".join(f"{name}\t{text}\n" for name, text in FLAT),
    "other.csv": "번호,무엇,caption\n" + "".join(f'{n},{x},"{t}"\n' for n, (x, t) in enumerate(FLAT)),
    "lines.jsonl": "".join(json.dumps({"file": n, "text": t}, ensure_ascii=False) + "\n" for n, t in FLAT),
    "lists.jsonl": "".join(json.dumps({"image": n, "captions": t}) + "\n" for n, t in CAPTIONS.items()),
    "list.json": json.dumps([{"image": n, "caption": t} for n, t in FLAT]),
    "Flickr8k.token.txt": "".join(
        f"{n}#{i}\t{t} \r\n" for n, ts in CAPTIONS.items() for i, t in enumerate(ts)
    ),
    "coco.json": json.dumps(COCO),
    "karpathy.json": json.dumps(KARPATHY),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_tells_the_same(name, tmp_path):
    path = tmp_path / name
    path.write_text(FORMS[name], "utf-8", newline="")
    found = read_descriptions(path, DataRecipe(inputs=("무엇",) if name == "other.csv" else ()))
    assert found.captions == CAPTIONS
    assert found.splits == ({"개.jpg": "train", "b.png": "test"} if name == "karpathy.json" else {})


def test_cp949_and_other_ways_to_write_letters_are_read(tmp_path):
    path = tmp_path / "captions.csv"
    path.write_bytes("이미지,설명\n개.jpg,개가 달린다\n,빈 행\n개.jpg,\n".encode("cp949"))
    found = read_descriptions(path, DataRecipe())
    assert found.captions == {"개.jpg": ("개가 달린다",)}
    assert (found.encoding.name, found.blank) == ("cp949", 2)
    apart = unicodedata.normalize("NFD", "가.jpg,가나")
    path.write_text(f"이미지,설명\n{apart}\n./가.jpg,둘\n", "utf-8")
    found = read_descriptions(path, DataRecipe())
    assert found.captions == {"가.jpg": ("가나", "둘")}
    assert found.non_nfc == 1


def test_a_column_tells_the_official_parts(tmp_path):
    path = tmp_path / "captions.csv"
    path.write_text("image,caption,split\na,x,train\nb,y,dev\nc,z,시험\nd,w,\n", "utf-8")
    found = read_descriptions(path, DataRecipe())
    assert found.splits == {"a": "train", "b": "validation", "c": "test"}
    assert found.unlisted == 1
    path.write_text("image,caption,split\na,x,left\nb,y,right\n", "utf-8")
    assert read_descriptions(path, DataRecipe()).splits == {}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (
            "a.csv",
            "x,y,z\n1,2,3\n",
            "no columns are known to be picture and caption; the columns are x, y, z",
        ),
        (
            "b.txt",
            "a.jpg#0\ta\nb.jpg#0\tb\nc.jpg#0\tc\nd.jpg#0\td\ne.jpg#0\te\nrubbish\n",
            "b.txt:6: the line has no",
        ),
        ("c.json", '{"images": [{"id": 1}], "annotations": []}', "not as COCO tells them: 'file_name'"),
        ("d.json", '{"images": [{"filename": 3, "sentences": [{"raw": "x"}]}]}', "not as COCO tells them"),
    ],
)
def test_what_is_no_file_of_captions_is_said(name, content, told, tmp_path):
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(DataError, match=told):
        read_descriptions(tmp_path / name, DataRecipe())


def test_two_columns_do_not_name_one_picture(tmp_path):
    (tmp_path / "a.csv").write_text("image,caption,path\na,b,c\n", "utf-8")
    with pytest.raises(DataError, match="one column names the picture, but 2"):
        read_descriptions(tmp_path / "a.csv", DataRecipe(inputs=("image", "path")))
