"""Mutations that know the structure: JSON trees, headers, tables, archives.

A file is taken apart into what it holds (`take_apart`), one of its parts is changed as a value of
its kind is changed, and the file is put together again with right lengths and checksums, so that
the change reaches the code behind them. The mutations are drawn from a seed alone.
"""

import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import warnings
import zipfile
from contextlib import suppress

from fuzz.targets import CUT

#: Largest input: what 1 MB may ask for is bounded.
MOST_BYTES = 1 << 20
DEPTHS = (10, 200, 2000, 100_000)
#: JSON as it stands in a file; some of it is no JSON, some only a lenient reader takes.
VALUES = [
    "null", "true", "false", "0", "-1", "1.5", "1e400", "-0.0", "NaN", "Infinity", "[]", "{}",
    '""', "18446744073709551616", "9" * 5000, "1e-400", "-9223372036854775809", "4294967296", '"1"',
    '"\\ud800"', '"\\u0000"', '"F64"', '"I8"', '"BF16"', "[null]", "[[0]]", "[-1, -1]",
    "[1e9, 1e9]", "[9223372036854775807, 2]", "[0, 9999999999]", '"' + "x" * 70_000 + '"',
    "[0,]", "'x'", "0x10", "01",
    "{,}", "\\", "[" + "0," * 20_000 + "0]", '{"a": 1, "a": 2}', '"../../x"', '"a\\u0000b"',
]  # fmt: skip
FIELDS = [
    "", " ", "nan", "inf", "-1", "0", "1e400", "9" * 400, "1.5", "\0", "\ufeff", '"', '""', "'",
    "a b", "\u2028", "\x85", "\r", "\x1b[2J", "x" * 70_000, "-", "+", "1_000", "٣", "１", "0x1",
    "#", ":", "é", "\udcff", "=1+1", "99999999999 99999999999", "2 2 2",
    "\\N", "NaN", "None", "true",
]  # fmt: skip
INTEGERS = [
    0,
    1,
    -1,
    2,
    127,
    255,
    65_535,
    2**31 - 1,
    -(2**31),
    2**32 - 1,
    2**62,
    2**63 - 1,
    -(2**63),
]


class Raw(str):
    """JSON text that stands for itself when a tree is written."""


class Pairs(list):
    """A JSON object as its pairs, so that a name may be there twice."""


def mutated(rng, data: bytes) -> bytes:
    """Return data after one to four changes; they are applied to what it consists of."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        try:
            data = _changed(rng, data)
        except Exception:  # what an earlier change broke can no longer be taken apart
            data = _fields_of_bytes(rng, data)
        data = data[:MOST_BYTES]
    return data


def _changed(rng, data: bytes) -> bytes:
    """Change one part, by the kind that the bytes show."""
    if CUT in data:
        return _one_of_parts(rng, data, CUT)
    for magic, change in _KINDS:
        if data.startswith(magic):
            return change(rng, data)
    if data[8:9] == b"{" and int.from_bytes(data[:8], "little") <= len(data):
        return _header(rng, data)
    if b"\0" in data[:4096] or not data:
        return _fields_of_bytes(rng, data)
    stripped = data.lstrip()
    if stripped[:1] in (b"{", b"["):
        return _json_lines(rng, data)
    return _table(rng, data)


def _one_of_parts(rng, data: bytes, mark: bytes) -> bytes:
    parts = data.split(mark)
    kind = rng.random()
    i = rng.randrange(len(parts))
    if kind < 0.85:
        parts[i] = _changed(rng, parts[i])
    elif kind < 0.9:
        parts[i] = b""
    elif kind < 0.95:
        del parts[i]
    else:
        parts[i] = parts[rng.randrange(len(parts))]
    return mark.join(parts)


# Trees.


def _parsed(text: str):
    return json.loads(text, object_pairs_hook=Pairs, parse_float=Raw, parse_int=Raw)


def _written(tree) -> str:
    if isinstance(tree, Raw):
        return str(tree)
    if isinstance(tree, Pairs):
        inside = (f"{json.dumps(name)}: {_written(value)}" for name, value in tree)
        return "{" + ", ".join(inside) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(_written, tree)) + "]"
    return json.dumps(tree)


def _places(tree, found):
    """All (container, index) below a tree; of a pair the value is at [1]."""
    for i, value in enumerate(tree):
        inside = value[1] if isinstance(tree, Pairs) else value
        found.append((tree, i))
        if isinstance(inside, list):
            _places(inside, found)
    return found


def changed_tree(rng, text: str) -> str:
    """Change one node of a JSON text: another value, deep, twice, renamed, gone, repeated."""
    tree = _parsed(text)
    if not isinstance(tree, list) or not tree or rng.random() < 0.05:
        return _value(rng, text)
    container, i = rng.choice(_places(tree, []))
    old = container[i]
    value = old[1] if isinstance(container, Pairs) else old
    kind = rng.choice(("value", "value", "value", "gone", "twice", "name", "many", "wrap"))
    new = Raw(_value(rng, _written(value))) if kind in ("value", "twice", "many") else value
    if kind == "wrap":
        new = [value]
    if isinstance(container, Pairs):
        name = (
            rng.choice(("", "__metadata__", old[0] + "x", "\ud800", "0"))
            if kind == "name"
            else old[0]
        )
        new = (name, new)
    if kind == "gone":
        del container[i]
    elif kind == "twice":
        container.insert(rng.randrange(len(container) + 1), new)
    elif kind == "many":
        container[i : i + 1] = [new] * _times(50, _written(value))
    else:
        container[i] = new
    return _written(tree)


def _value(rng, old: str) -> str:
    """Another value for one: of any type, nested deeply, cut, or repeated."""
    kind = rng.random()
    if kind < 0.12:
        depth = rng.choice(DEPTHS)
        opened, closed = rng.choice((("[", "]"), ('{"a":', "}"), ("[", ""), ('[{"x":', "}]")))
        return opened * depth + (old if len(old) < 1000 else "0") + closed * depth
    if kind < 0.2:
        return old[: rng.randrange(len(old) + 1)]
    if kind < 0.26:
        return f"[{','.join([old] * rng.choice((2, 100)))}]" if len(old) < 5000 else old + old
    return rng.choice(VALUES)


def _json_lines(rng, data: bytes) -> bytes:
    """Change one line that is JSON, or the whole that is."""
    text = data.decode("utf-8", "surrogateescape")
    with suppress(ValueError):
        return changed_tree(rng, text).encode("utf-8", "surrogatepass")
    lines = text.split("\n")
    i = rng.randrange(len(lines))
    lines[i] = changed_tree(rng, lines[i]) if lines[i].strip() else rng.choice(VALUES)
    if rng.random() < 0.1:
        lines.insert(i, lines[i])
    return "\n".join(lines).encode("utf-8", "surrogatepass")


# Headers.


def _header(rng, data: bytes) -> bytes:
    """Of safetensors: the tree of the header with its right length, the length, or the data."""
    length = int.from_bytes(data[:8], "little")
    head, rest = data[8 : 8 + length], data[8 + length :]
    kind = rng.random()
    if kind < 0.75:
        head = changed_tree(rng, head.decode("utf-8", "replace")).encode("utf-8", "surrogatepass")
    elif kind < 0.85:
        rest = _fields_of_bytes(rng, rest)
    else:
        wrong = rng.choice((0, 1, length - 1, length + 1, len(data), 2**31, 2**63, 2**64 - 1))
        return (wrong % 2**64).to_bytes(8, "little") + head + rest
    return len(head).to_bytes(8, "little") + head + rest


def _fields_of_bytes(rng, data: bytes) -> bytes:
    """Overwrite, insert, repeat or cut numbers at places where a format's fields are."""
    size = rng.choice((1, 2, 4, 8))
    place = rng.randrange(len(data) // size + 1) * size
    number = (rng.choice(INTEGERS) % 256**size).to_bytes(size, "little")
    kind = rng.choice(("number", "number", "number", "big", "cut", "insert", "repeat", "flip"))
    if kind == "cut":
        return data[:place]
    if kind == "insert":
        return data[:place] + number + data[place:]
    if kind == "repeat":
        return data[:place] + data[place : place + rng.randrange(1, 4096)] * 2 + data[place:]
    if kind == "flip" and data:
        at = rng.randrange(len(data))
        return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]
    number = number[::-1] if kind == "big" else number
    return data[:place] + number + data[place + size :]


def _npy(rng, data: bytes) -> bytes:
    """Of an array: the text of its header, with the right length."""
    if rng.random() < 0.2:
        return _fields_of_bytes(rng, data)
    length = struct.unpack("<H", data[8:10])[0]
    head = data[10 : 10 + length].decode("latin-1")
    old, new = rng.choice((
        ("'<f4'", "'|O'"), ("'<f4'", "'<f8'"), ("'<f4'", "[('a', '<f4')]"), ("'<f4'", "'V1'"),
        ("'<f4'", "'<U9999'"), ("(", "(" * rng.choice(DEPTHS[:3])), ("}", ""),
        ("(", "(-"), (", }", ", 'x': 1}"),
        (")", ", 0)"), (")", ", 9999999999)"), ("False", "True"), ("False", "0"), (",", "L,"),
        ("'", '"'), ("'", "'''"), ("{", "{'shape': (), "), ("(", "(0"),
        ("descr", "desc\0"), ("shape", "Shape"),
        (head, rng.choice(VALUES)), ("(", "(None, "), ("(", "(1.5, "), ("\n", ""), (" ", "\n"),
    ))  # fmt: skip
    head = head.replace(old, new, rng.choice((1, -1))).encode("latin-1", "replace")[:60_000]
    return data[:8] + struct.pack("<H", len(head)) + head + data[10 + length :]


# Archives and packed files.


def _zip(rng, data: bytes) -> bytes:
    if rng.random() < 0.15:
        return _fields_of_bytes(rng, data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    members = _changed_members(rng, members)
    out = io.BytesIO()
    with (
        warnings.catch_warnings(action="ignore"),  # a name may be there twice
        zipfile.ZipFile(out, "w", rng.choice((0, 8, 8, 12, 14))) as archive,
    ):
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name or "x"), content)
    return out.getvalue()


def _changed_members(rng, members):
    i = rng.randrange(len(members))
    name, content = members[i]
    kind = rng.random()
    if kind < 0.7:
        members[i] = name, _changed(rng, content)
    elif kind < 0.8:
        members.append((name, content))
    elif kind < 0.9:
        members[i] = (
            rng.choice(("../x", "/x", "a\\b", "x" * 300, "\udcff.txt", "", "words.npy")),
            content,
        )
    else:
        del members[i]
    return members


def _tar(rng, data: bytes) -> bytes:
    if rng.random() < 0.3:
        return _fields_of_bytes(rng, data)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        members = [
            (info.name, archive.extractfile(info).read()) for info in archive if info.isfile()
        ]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in _changed_members(rng, members):
            info = tarfile.TarInfo(name)
            info.size, info.type = (
                len(content),
                rng.choice((b"0", b"0", b"0", b"2", b"5", b"S", b"x")),
            )
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _packed(unpack, pack):
    def change(rng, data: bytes) -> bytes:
        if rng.random() < 0.15:
            return _fields_of_bytes(rng, data)
        inside = unpack(data)
        inside = _tar(rng, inside) if inside[257:262] == b"ustar" else _changed(rng, inside)
        packed = pack(inside)
        return packed * rng.choice((1, 1, 1, 2)) + (b"" if rng.random() < 0.9 else b"\0junk")

    return change


_KINDS = [
    (b"\x1f\x8b", _packed(gzip.decompress, lambda data: gzip.compress(data, 1))),
    (b"BZh", _packed(bz2.decompress, bz2.compress)),
    (b"\xfd7zXZ", _packed(lzma.decompress, lambda data: lzma.compress(data, preset=0))),
    (b"PK\x03\x04", _zip),
    (b"\x93NUMPY", _npy),
    (b"PAR1", _fields_of_bytes),
    (b"ARROW1", _fields_of_bytes),
]  # fmt: skip


# Tables and lines.


def _table(rng, data: bytes) -> bytes:
    """Change a field, a row, a separator or the line ends of lines of text."""
    text = data.decode("utf-8", "surrogateescape")
    lines = text.split("\n")
    i = rng.randrange(len(lines))
    kind = rng.choice(
        ("field", "field", "field", "row", "twice", "gone", "ends", "mark", "many", "cut")
    )
    if kind == "field":
        lines[i] = _changed_row(rng, lines[i])
    elif kind == "row":
        lines[i] = rng.choice(FIELDS)
    elif kind == "twice":
        lines.insert(rng.randrange(len(lines) + 1), lines[i])
    elif kind == "gone":
        del lines[i]
    elif kind == "many":
        lines[i : i + 1] = [lines[i]] * _times(rng.choice((2, 100, 3000)), lines[i])
    text = "\n".join(lines)
    if kind == "ends":
        text = text.replace("\n", rng.choice(("\r\n", "\r", "\n\n", "", "\0", "\u2028", "\x0b")))
    if kind == "cut":
        text = text[: rng.randrange(len(text) + 1)]
    coded = text.encode("utf-8", "surrogateescape" if "\ud800" not in text else "surrogatepass")
    if kind == "mark":
        return (
            rng.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff", b"PK\x03\x04"))
            + coded
        )
    return coded


def _times(n: int, text: str) -> int:
    """Return n, or as often as the text fits into the largest input."""
    return min(n, MOST_BYTES // (len(text) + 1) + 1)


def _changed_row(rng, row: str) -> str:
    mark = next((mark for mark in ("\t", ",", ";", " = ", "=", " ") if mark in row), " ")
    fields = row.split(mark)
    i = rng.randrange(len(fields))
    kind = rng.choice(("value", "value", "value", "json", "more", "fewer", "twice", "mark"))
    if kind == "value":
        fields[i] = rng.choice(FIELDS)
    elif kind == "json":
        fields[i] = _value(rng, fields[i])
    elif kind == "more":
        fields.insert(i, rng.choice(FIELDS))
    elif kind == "fewer":
        del fields[i]
    elif kind == "twice":
        fields[i] = mark.join([fields[i]] * _times(rng.choice((2, 500)), fields[i]))
    else:
        mark = rng.choice(("\t", ",", ";", " ", "  ", "\u00a0", "|"))
    return mark.join(fields)
