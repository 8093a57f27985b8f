"""Short requests: nothing is lost, and nothing that is sent can do harm."""

from __future__ import annotations

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner.compression import packed, unpacked

values = st.dictionaries(
    st.text(),
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False),
)


@given(values)
def test_what_was_packed_comes_out_again(given):
    assert unpacked(packed(given)) == given


@pytest.mark.parametrize("plain", [None, "text", [], {}, {"trial": 1}, {"packed": "x", "more": 1}])
def test_what_is_not_packed_stays_as_it_is(plain):
    assert unpacked(plain) == plain


def test_a_text_that_would_fill_the_memory_is_refused():
    bomb = {"packed": base64.b85encode(zlib.compress(b" " * 10_000_000)).decode()}
    with pytest.raises(ValueError, match="damaged, or larger than 65,536 bytes"):
        unpacked(bomb)


@pytest.mark.parametrize("text", ["", "no base 85 \x00", "abcde", 7, None, packed({"a": 1})["packed"][:-3]])
def test_what_is_damaged_is_refused(text):
    with pytest.raises(ValueError, match=r"damaged|base85"):
        unpacked({"packed": text})
