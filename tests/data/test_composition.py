"""Composing and spacing: what is left alone needs nothing, and the rest is as Python does it."""

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.data.composition import _STABLE, composed, single_spaced

ODD = st.text(
    st.sampled_from("aA가각ㄱᄀ\u1161\u11a8é\u0301e\u3099かガ\u2126\uf900豈 \t\n\x1c\x85\xa0\u2003\u3000"),
    max_size=6,
)


@given(st.lists(ODD | st.text(max_size=6)))
def test_composed_is_nfc(texts: list[str]) -> None:
    given_ = pa.array(texts, pa.string())
    expected = [unicodedata.normalize("NFC", text) for text in texts]
    assert composed(given_).to_pylist() == expected
    assert (composed(given_) is given_) == (texts == expected)


@given(st.lists(ODD | st.text(" \t\nab", max_size=6)))
def test_single_spaced_is_split_and_join(texts: list[str]) -> None:
    assert single_spaced(pa.array(texts, pa.string())).to_pylist() == [
        " ".join(text.split()) for text in texts
    ]


def test_characters_that_are_called_stable_are() -> None:
    import re

    python = re.compile(
        "[" + re.sub(r"\\x\{([0-9a-f]+)\}", lambda code: f"\\U{int(code[1], 16):08x}", _STABLE) + "]"
    )
    stable = [
        chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000 and python.match(chr(code))
    ]
    assert len(stable) > 30_000
    for character in stable:
        assert unicodedata.normalize("NFC", character) == character
        assert unicodedata.combining(character) == 0
    # What composes with the character before it is never a stable one.
    seconds = {
        unicodedata.normalize("NFD", chr(code))[-1]
        for code in range(0x110000)
        if not 0xD800 <= code < 0xE000
        and unicodedata.normalize("NFD", chr(code)) != chr(code)
        and len(unicodedata.normalize("NFD", chr(code))) > 1
    }
    assert not seconds & set(stable)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_both_string_types_are_taken(kind: pa.DataType) -> None:
    texts = pa.array(["e\u0301  a", "b"], kind)
    assert single_spaced(composed(texts)).to_pylist() == ["é a", "b"]
    assert composed(texts).type == kind
