"""How the text of files is taken, and what a file may ask for."""

from dataclasses import dataclass

from w2v_cli.corpus.blocks import Documents

DEFAULT_FIELD = "text"
#: What has no end of line (in plain text: no white space) for so long is not text.
MOST_LINE_BYTES = 1 << 25
#: Shares of the memory: of one line, and of one group of a table's rows.
_LINE_SHARE, _GROUP_SHARE = 1 / 64, 1 / 4


@dataclass(frozen=True)
class Limits:
    """What a reader may take: bytes of one line or cell, and of one group of rows."""

    line_bytes: int
    group_bytes: int


@dataclass(frozen=True)
class Reading:
    """How the text of files is taken.

    text_field: the field of records or the column of tables that holds the text; None: "text".
    documents: what ends a document of plain text. memory: in GiB; bounds lines and groups of rows.
    small_pieces: for what splits slowly, so that progress is seen. is_part: whether the files are
    some of a corpus, so that none of these need have the field. as_it_is: the files are plain text,
    whatever they look like.
    """

    encoding_errors: str = "replace"
    text_field: str | None = None
    documents: Documents = "line"
    memory: float = 2.0
    small_pieces: bool = False
    is_part: bool = False
    as_it_is: bool = False

    @property
    def field(self) -> str:
        """The field or column of the text."""
        return DEFAULT_FIELD if self.text_field is None else self.text_field

    def limits(self) -> Limits:
        """Return what one line and one group of rows may take."""
        memory = self.memory * 2**30
        return Limits(
            min(MOST_LINE_BYTES, max(int(memory * _LINE_SHARE), 1 << 16)),
            max(int(memory * _GROUP_SHARE), 1 << 20),
        )
