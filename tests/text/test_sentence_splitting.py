"""Sentences: where they end and where they do not, in Korean and English; and that nothing is lost."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.text.sentences import is_sentence, sentence_spans, split_sentences

CASES = [
    ["오늘은 비가 온다.", "우산을 챙겼나요?", "아니요!", "어쩌죠"],
    ["갔다 왔어요.", "정말 좋았죠.", "또 갈까?"],
    ["원주율은 3.14이다.", "다음 문장이다."],
    ["2024. 1. 3. 서울에서 만났다.", "그 뒤로 못 봤다."],
    ["1. 서론을 쓴다.", "2. 본론을 쓴다."],
    ["글쎄… 모르겠다.", "아마도..."],
    ["그는 떠났다…", "그리고 돌아오지 않았다."],
    ["“가자. 어서.” 그가 말했다.", "우리는 떠났다."],
    ["“오늘 눈 온대.”", "창밖이 하얗다."],
    ["그는 “비가 온다. 우산을 써라.”라고 했다.", "맞는 말이다."],
    ["삼성전자(대표 김 아무개. 서울)는 발표했다.", "주가가 올랐다."],
    ["Dr. Kim met Mrs. Lee at 3 p.m. on Jan. 5.", "They talked."],
    ["J. K. Rowling wrote it.", "I read it."],
    ["The U.S. economy grew 2.5% in the U.K. too.", "Prices fell."],
    ["Use tools, e.g. a saw.", "Be careful!"],
    ['"Go!" John said.', "He ran."],
    ['He said, "Stop. Now."', "She did not."],
    ["See fig. 3 and No. 5 for this.", "It is clear?!", "Yes."],
    ["Apple Inc. said so.", "It works at Apple Inc.", "We do not."],
    ["See www.yeoul.example.com for more.", "Thanks."],
    ["Wait... what is it?", "Nothing."],
]


@pytest.mark.parametrize("sentences", CASES, ids=lambda one: one[0][:20])
def test_sentences_are_told_apart(sentences):
    assert split_sentences(" ".join(sentences)) == sentences


def test_korean_sentences_without_a_space_between():
    assert split_sentences("집에 갔다.그리고 잤다.") == ["집에 갔다.", "그리고 잤다."]
    assert split_sentences("주소는 www.한국.kr이다.") == ["주소는 www.한국.kr이다."]


def test_lines_end_sentences_unless_they_were_broken_for_width():
    assert split_sentences("제목\n첫 문장이다.\n\n둘째 문단") == ["제목", "첫 문장이다.", "둘째 문단"]
    wrapped = "This line of a letter was broken because it is wide\nand goes on here. The end."
    assert split_sentences(wrapped) == [wrapped.split(". ")[0] + ".", "The end."]


def test_a_heading_is_no_sentence():
    assert is_sentence("비가 온다.")
    assert is_sentence("“가자!”")
    assert not is_sentence("서론")
    assert not is_sentence("3.14 이야기")
    assert split_sentences(" \n ") == []


@given(st.text(alphabet='가나다 aB1.?!…"“”()\n', max_size=60))
def test_nothing_but_white_space_is_lost(text):
    spans = sentence_spans(text)
    parts = [text[start:end] for start, end in spans]
    assert "".join("".join(part.split()) for part in parts) == "".join(text.split())
    assert all(part == part.strip() and part for part in parts)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
