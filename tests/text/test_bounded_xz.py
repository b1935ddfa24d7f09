"""`.xz` is unpacked to the same bytes as by the standard library, in bounded memory."""

import io
import lzma

import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.text.unpack import open_xz

TEXT = b"".join(b"word%d and more\n" % (i * i) for i in range(20_000))


@given(
    streams=st.lists(st.binary(max_size=300), max_size=4),
    padding=st.integers(0, 30_000),
    piece=st.integers(1, 400),
)
def test_it_reads_what_the_standard_library_reads(streams, padding, piece):
    packed = b"".join(lzma.compress(data) + b"\0" * 4 * padding for data in streams)
    file, found = open_xz(io.BytesIO(packed)), []
    while data := file.read(piece):
        found.append(data)
    assert b"".join(found) == b"".join(streams)


def test_a_large_text_comes_out_whole():
    packed = lzma.compress(TEXT) + lzma.compress(TEXT * 3)
    assert open_xz(io.BytesIO(packed)).read() == TEXT * 4


@pytest.mark.parametrize("cut", [7, 20, 0.5, -5])
def test_a_file_that_was_cut_short_is_noticed(cut):
    packed = lzma.compress(TEXT)
    length = int(cut * len(packed)) if isinstance(cut, float) else cut
    with pytest.raises((EOFError, lzma.LZMAError)):
        open_xz(io.BytesIO(packed[:length])).read()


def test_what_follows_the_last_stream_is_not_dropped_in_silence():
    with pytest.raises(lzma.LZMAError):
        open_xz(io.BytesIO(lzma.compress(b"a b\n") + b"and more text")).read()


def test_a_file_cannot_ask_for_gigabytes():
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}]
    packed = lzma.compress(b"a b\n", filters=filters)
    with pytest.raises(lzma.LZMAError, match=r"[Mm]emory"):
        open_xz(io.BytesIO(packed)).read()
