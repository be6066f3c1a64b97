"""Compose columns of texts (NFC), and find those that are alike but for white space; both touch few rows only."""

import pyarrow as pa
import pyarrow.compute as pc

_STABLE = (
    r"\x{0}-\x{2ff}"  # Latin
    r"\x{2010}-\x{2027}\x{2030}-\x{205e}"  # punctuation
    r"\x{3001}-\x{3029}\x{3041}-\x{3096}\x{30a1}-\x{30fe}"  # Japanese
    r"\x{3131}-\x{318e}\x{ac00}-\x{d7a3}"  # Korean: single letters and syllables
    r"\x{4e00}-\x{9fff}"  # Chinese
    r"\x{ff01}-\x{ff5e}"  # wide forms
    r"\x{1f300}-\x{1f64f}\x{1f680}-\x{1f6ff}\x{1f900}-\x{1f9ff}"  # pictures
)
"""Characters that composing changes neither alone nor beside one another."""
_UNSTABLE = f"[^{_STABLE}]"
_WHITE = r"\t-\r\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
_SPACES = f"[{_WHITE} ]+"
_UNEVEN = f"[{_WHITE}]|  |^ | $"


def composed(texts: pa.Array) -> pa.Array:
    """Return the texts in composed form (NFC); the same array when all of them are."""
    doubtful = pc.match_substring_regex(texts, _UNSTABLE)
    if not pc.any(doubtful).as_py():
        return texts
    given = texts.filter(doubtful)
    new = pc.utf8_normalize(given, "NFC")
    return texts if new.equals(given) else pc.replace_with_mask(texts, doubtful, new)


def single_spaced(texts: pa.Array) -> pa.Array:
    """Return the texts with runs of white space (Python's `str.split`) made one space and dropped at both ends."""
    uneven = pc.match_substring_regex(texts, _UNEVEN)
    if not pc.any(uneven).as_py():
        return texts
    single = pc.replace_substring_regex(texts.filter(uneven), _SPACES, " ")
    return pc.replace_with_mask(texts, uneven, pc.utf8_trim(single, " "))
