"""What is fuzzed: for each reader a way to feed it bytes, and bytes to begin with.

A target takes a folder of its own and bytes. It may raise what a user is shown in one line
(`W2VError`), and nothing else: no other exception, no warning, no empty message.
"""

import bz2
import gzip
import importlib.util
import json
import lzma
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from w2v_cli.errors import MissingExtraError, W2VError, W2VWarning

MATRIX = np.array([[1, -2.5, 0.25], [0, 3, 1e-3], [7, 7, 7], [-1, 0.5, 2]], np.float32)
WORDS = ["the", "naïve", "雨", "king"]
#: Between the parts of what is several files.
CUT = b"\0--part--\0"


@dataclass(frozen=True)
class Target:
    """seeds: makes the bytes to begin with, in an empty folder."""

    read: Callable[[Path, bytes], None]
    seeds: Callable[[Path], list[bytes]]


def check(target: Target, folder: Path, data: bytes) -> bool:
    """Feed a target; return whether it took the bytes. Raises what must not happen."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ResourceWarning)
        warnings.simplefilter("ignore", W2VWarning)  # notes for the user
        try:
            target.read(folder, data)
        except MissingExtraError:
            return False
        except W2VError as error:
            message = str(error)
        else:
            return True
    assert message, "an error without a message"
    return False


def _table():
    from w2v_cli.vectors.table import VectorTable

    return VectorTable(list(WORDS), MATRIX, np.arange(4))


def _vectors(name: str):
    """Read a file of vectors, whatever its name promises."""

    def read(folder: Path, data: bytes) -> None:
        from w2v_cli.vectors.formats.vector_files import read_table

        path = folder / name
        path.write_bytes(data)
        table = read_table(path)
        assert np.isfinite(table.matrix).all()
        assert len(set(table.words)) == len(table.words) == len(table.matrix)

    return read


def _written(*names: str, precisions=("float32",)):
    def seeds(folder: Path) -> list[bytes]:
        from w2v_cli.vectors.formats.vector_files import write_table

        found = []
        for name in names:
            for precision in precisions:
                write_table(_table(), folder / name, precision=precision)
                found.append((folder / name).read_bytes())
        return found

    return seeds


def _unchecked(folder: Path, name: str) -> list[bytes]:
    """A safetensors file as it is, and without checksums, so that changes are not noticed."""
    data = (folder / name).read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    metadata = header["__metadata__"]
    header["__metadata__"] = {k: v for k, v in metadata.items() if not k.startswith("crc32:")}
    text = json.dumps(header).encode()
    return [data, len(text).to_bytes(8, "little") + text + data[8 + length :]]


def _safetensors_seeds(folder: Path) -> list[bytes]:
    from w2v_cli.vectors.formats.vector_files import write_table

    found = []
    for precision in ("float32", "float16", "int8"):
        write_table(_table(), folder / "v.safetensors", precision=precision)
        found += _unchecked(folder, "v.safetensors")
    return found


def _run_seeds(folder: Path) -> list[bytes]:
    from w2v_cli.engines.base import Embeddings
    from w2v_cli.engines.centers import centers_of
    from w2v_cli.engines.settings import ModelSettings
    from w2v_cli.vectors.run_vectors import write_run_vectors

    turn = np.eye(MATRIX.shape[1], dtype=np.float32)
    found = []
    for ngrams in ("", "hashed", "explicit"):
        made = Embeddings(MATRIX, MATRIX, None, MATRIX)
        if ngrams:
            model = ModelSettings(subwords="2-3", ngrams=ngrams, buckets=20)
            centers = centers_of(model, WORDS)
            rows = np.ones((centers.n_rows, MATRIX.shape[1]), np.float32)
            made = replace(centers.embeddings(rows, MATRIX), blend=MATRIX, blend_turn=turn)
        write_run_vectors(folder / "v.safetensors", WORDS, np.arange(4), made, default="blend")
        found += _unchecked(folder, "v.safetensors")
    return found


def _parquet_seeds(folder: Path) -> list[bytes]:
    if importlib.util.find_spec("pyarrow") is None:
        return [b"PAR1"]
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = _written("v.parquet", precisions=("float32", "float16", "int8"))(folder)
    rows = [row.tolist() for row in MATRIX]
    for columns in (
        {"word": WORDS, "vector": rows},
        {"word": pa.array(WORDS).dictionary_encode(), "vector": rows, "count": [1, 2, 3, 4]},
        {"word": WORDS, "vector": [["a"]] * 4},
        {"word": [b"a"] * 4, "vector": rows},
        {"word": [["a"]] * 4, "vector": [{"x": 1}] * 4},
        {"word": WORDS, "vector": rows, "count": [1.5, None, 2.0, 3.0]},
    ):
        pq.write_table(pa.table(columns), folder / "o.parquet", compression="none")
        found.append((folder / "o.parquet").read_bytes())
    return found


def _folder(*names: str, reader: str, form: str):
    """A folder of several files, some of which the bytes replace."""

    def read(folder: Path, data: bytes) -> None:
        from w2v_cli.vectors.formats.vector_files import read_table

        for name, part in zip(names, [*data.split(CUT), *[b""] * len(names)], strict=False):
            (folder / name).write_bytes(part)
        read_table(folder)

    def seeds(folder: Path) -> list[bytes]:
        from w2v_cli.vectors.formats.catalog import FORMATS
        from w2v_cli.vectors.formats.vector_files import write_table

        write_table(_table(), folder / reader, FORMATS[form])
        parts = [(folder / reader / name).read_bytes() for name in names]
        found = [CUT.join(parts)]
        if names[0].endswith("safetensors"):
            found += [
                CUT.join([data, *parts[1:]]) for data in _unchecked(folder / reader, names[0])
            ]
        return found

    return Target(read, seeds)


def _read_checkpoint(folder: Path, data: bytes) -> None:
    from w2v_cli.training.saved_state import read_checkpoint
    from w2v_cli.training.trainer import Position

    path = folder / "000000000001.safetensors"
    path.write_bytes(data)
    checkpoint = read_checkpoint(path)
    Position.from_json(checkpoint.position)


def _checkpoint_seeds(folder: Path) -> list[bytes]:
    from w2v_cli.training.saved_state import Checkpoint, write_checkpoint
    from w2v_cli.training.trainer import Position

    position = Position(done=3, total=9).to_json()
    arrays = {"center": MATRIX, "outside": MATRIX.astype(np.float64)}
    checkpoint = Checkpoint(arrays, position, "a", "b", "reference", 1, "c", "d", {})
    write_checkpoint(folder, 3, checkpoint)
    return _unchecked(folder, "000000000003.safetensors")


def _read_encoded(folder: Path, data: bytes) -> None:
    from w2v_cli.text.prepare import open_corpus

    names = ("corpus.json", "vocab.tsv", "corpus.ids", "corpus.ends")
    for name, part in zip(names, [*data.split(CUT), *[b""] * 4], strict=False):
        (folder / name).write_bytes(_with_checksum(part) if name == "corpus.json" else part)
    open_corpus(folder)


def _with_checksum(summary: bytes) -> bytes:
    """Return a summary with the right checksum, so that changes reach the code behind it."""
    from w2v_cli.text.encoded import _checksum

    with suppress(ValueError, TypeError, AttributeError, RecursionError):
        content = json.loads(summary)
        content.pop("checksum", None)
        content |= {"checksum": _checksum(content)}
        return json.dumps(content).encode()
    return summary


def _encoded_seeds(folder: Path) -> list[bytes]:
    """A corpus as written, and one with an entry that its checksum does not fit."""
    from w2v_cli.text.encoded import CorpusSummary, write_summary

    write_summary(CorpusSummary(6, 6, 2, 3, 3, 0, "0" * 16, ("a note",)), folder)
    summary = (folder / "corpus.json").read_bytes()
    ids = np.array([0, 1, 2, 0, 1, 0], np.uint32).tobytes()
    ends = np.array([4, 6], np.int64).tobytes()
    rest = [b"a\t3\nb\t2\nc\t1\n", ids, ends]
    return [CUT.join([text, *rest]) for text in (summary, summary.replace(b"note", b"bone"))]


def _read_config(folder: Path, data: bytes) -> None:
    from w2v_cli.settings.config import read_config_file
    from w2v_cli.settings.resolve import resolve

    path = folder / "c.toml"
    path.write_bytes(data)
    resolve(read_config_file(path))


def _config_seeds(folder: Path) -> list[bytes]:
    root = Path(__file__).parents[2] / "configs"
    return [path.read_bytes() for path in sorted(root.glob("*.toml"))]


def _corpus(name: str, errors: str = "replace"):
    """Text as `train` reads it, by the reader in plain Python."""

    def read(folder: Path, data: bytes) -> None:
        from chosen import source_of

        path = folder / name
        path.write_bytes(data)
        n = 0
        for piece in source_of(path, encoding_errors=errors).pieces():
            assert isinstance(piece.text, str)
            piece.text.encode()  # no half of a surrogate pair
            n += 1
        assert n <= len(data) * 1100 + 1

    return read


TEXT = "The king, naïve, walks.\n雨 falls on the queen\r\n\n\ufeffΣΊΣΥΦΟΣ end".encode()
RECORDS = b'{"text": "a b c", "id": 3}\n{"id": [1, {"x": null}], "text": "d \\ud83d\\ude00"}\n\n'


def _texts(folder: Path) -> list[bytes]:
    return [TEXT, gzip.compress(TEXT * 9), bz2.compress(TEXT), lzma.compress(TEXT), b"\xff\xfea b"]


def _fasttext_seeds(folder: Path) -> list[bytes]:
    """A model as fastText writes one: 2 words, 3 buckets of n-grams, dimension 2."""
    head = np.array([793712314, 12, 2, 5, 1, 1, 5, 1, 2, 1, 3, 3, 6, 100], "<i4").tobytes()
    head += np.array([1e-4], "<f8").tobytes() + np.array([2, 2, 0], "<i4").tobytes()
    head += np.array([9, -1], "<i8").tobytes()
    words = b"".join(w + b"\0" + np.int64(n).tobytes() + b"\0" for w, n in ((b"a", 5), (b"b", 4)))
    matrices = [
        b"\0" + np.array(shape, "<i8").tobytes() + np.ones(shape, "<f4").tobytes()
        for shape in ((5, 2), (2, 2))
    ]
    return [head + words + b"".join(matrices)]


def _archives(folder: Path) -> list[bytes]:
    """Zip, tar and packed tar."""
    import io
    import tarfile
    import zipfile

    files = {name: io.BytesIO() for name in ("zip", "tar", "tgz")}
    with zipfile.ZipFile(files["zip"], "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.txt", TEXT)
        archive.writestr("c.jsonl", RECORDS)
    for name, mode in (("tar", "w"), ("tgz", "w:gz")):
        with tarfile.open(fileobj=files[name], mode=mode) as archive:
            info = tarfile.TarInfo("a/b.txt")
            info.size = len(TEXT)
            archive.addfile(info, io.BytesIO(TEXT))
    return [file.getvalue() for file in files.values()]


def _tables(folder: Path) -> list[bytes]:
    if importlib.util.find_spec("pyarrow") is None:
        return [b"PAR1"]
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"text": ["a b c", "d e", None], "id": [1, 2, 3]})
    pq.write_table(table, folder / "t.parquet")
    with (
        pa.OSFile(str(folder / "t.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as out,
    ):
        out.write_table(table)
    return [(folder / name).read_bytes() for name in ("t.parquet", "t.arrow")]


def _read_treebank(folder: Path, data: bytes) -> None:
    from chosen import source_of

    parts = [*data.split(CUT), b"", b""]
    (folder / "datasetSentences.txt").write_bytes(parts[0])
    (folder / "datasetSplit.txt").write_bytes(parts[1])
    for split in ("all", "train"):
        for piece in source_of(folder, split=split).pieces():
            piece.text.encode()


def _word_list(folder: Path, data: bytes) -> None:
    from w2v_cli.text.vocabulary import read_word_list

    (folder / "words.txt").write_bytes(data)
    read_word_list(folder / "words.txt", "--keep-words", str.lower)


COUNT_FILES = ("counts.json", "vocab.tsv", "counts.safetensors")


def _counts(folder: Path, data: bytes) -> None:
    from w2v_cli.pairs.counts_folder import read_counts

    for name, part in zip(COUNT_FILES, [*data.split(CUT), b"", b""], strict=False):
        (folder / name).write_bytes(part)
    read_counts(folder)


def _counts_seeds(folder: Path) -> list[bytes]:
    from w2v_cli.pairs.counts_folder import Manifest, TextCounts, write_counts
    from w2v_cli.pairs.matrix import PairCounts
    from w2v_cli.text.vocabulary import vocabulary_from_pairs

    about = Manifest(
        format=1, made_with={"window": 5}, given_vocabulary=False, n_tokens=6, n_kept=6,
        n_documents=2, n_invalid=0, fraction_bits=8,
    )  # fmt: skip
    rows, columns = np.array([0, 1, 3, 4]), np.array([1, 0, 2, 1], np.uint32)
    pairs = PairCounts(rows, columns, np.array([256, 256, 128, 128]))
    matrix = TextCounts(pairs, np.array([3, 2, 1]))
    write_counts(folder, about, vocabulary_from_pairs([("a", 3), ("b", 2), ("c", 1)]), matrix)
    return [CUT.join((folder / name).read_bytes() for name in COUNT_FILES)]


def _dataset(folder: Path, data: bytes) -> None:
    from w2v_cli.vectors.scores.datasets import read_dataset

    (folder / "d.tsv").write_bytes(data)
    read_dataset(folder / "d.tsv")


def _groups(folder: Path, data: bytes) -> None:
    from w2v_cli.pictures.words import read_groups

    (folder / "g.txt").write_bytes(data)
    read_groups(folder / "g.txt")


def _metrics(folder: Path, data: bytes) -> None:
    from w2v_cli.training.trainer import read_metrics

    (folder / "metrics.jsonl").write_bytes(data)
    list(read_metrics(folder / "metrics.jsonl"))


def _points(folder: Path, data: bytes) -> None:
    from w2v_cli.grader.points import read_points

    (folder / "points.toml").write_bytes(data)
    read_points(folder / "points.toml")


TARGETS = {
    "text": Target(_vectors("v.vec"), _written("v.txt", "v.glove.txt")),
    "binary": Target(_vectors("v.bin"), _written("v.bin")),
    "packed-text": Target(_vectors("v.vec.gz"), _written("v.txt.gz")),
    "fasttext-bin": Target(_vectors("v.bin"), _fasttext_seeds),
    "packed-binary": Target(_vectors("v.bin.gz"), _written("v.bin.gz")),
    "any": Target(_vectors("v"), _written("v.txt", "v.bin", "v.npz", "v.safetensors")),
    "npz": Target(_vectors("v.npz"), _written("v.npz", precisions=("float32", "int8"))),
    "safetensors": Target(_vectors("v.safetensors"), _safetensors_seeds),
    "run-vectors": Target(_vectors("vectors.safetensors"), _run_seeds),
    "parquet": Target(_vectors("v.parquet"), _parquet_seeds),
    "projector": _folder("tensors.tsv", "metadata.tsv", reader="p", form="tensorboard"),
    "model-folder": _folder("model.safetensors", "vocab.txt", reader="m", form="huggingface"),
    "model2vec": _folder("model.safetensors", "tokenizer.json", reader="s", form="model2vec"),
    "counts": Target(_counts, _counts_seeds),
    "word-list": Target(_word_list, lambda folder: [b"the\t5\nna\xc3\xafve\n\n"]),
    "checkpoint": Target(_read_checkpoint, _checkpoint_seeds),
    "encoded": Target(_read_encoded, _encoded_seeds),
    "config": Target(_read_config, _config_seeds),
    "corpus": Target(_corpus("t.txt"), _texts),
    "corpus-strict": Target(_corpus("t.txt", "strict"), _texts),
    "archives": Target(_corpus("t.zip"), _archives),
    "tables": Target(_corpus("t.parquet"), _tables),
    "csv": Target(_corpus("t.csv"), lambda folder: [b'id,text\n1,"a b\nc"\n2,d e\n']),
    "records": Target(_corpus("t.jsonl"), lambda folder: [RECORDS, gzip.compress(RECORDS)]),
    "treebank": Target(
        _read_treebank,
        lambda folder: [b"index\tsentence\n1\tA b .\n2\tC\n" + CUT + b"index,label\n1,1\n2,2\n"],
    ),
    "similarity": Target(
        _dataset,
        lambda folder: [b"a\tb\t3.5\nc\td\t1\n", b"w1,w2,x\na,b,1\n", b": s\na b c d\n# x\n"],
    ),
    "groups": Target(_groups, lambda folder: [b"royal: king queen\nfood: tea\n"]),
    "metrics": Target(
        _metrics,
        lambda folder: [
            b'{"event":"epoch","epoch":1,"progress":0.5,"n_tokens":9,"elapsed_seconds":1.5,'
            b'"words_per_second":6,"loss":2.5,"lr":0.1,"eval":{"a":0.5}}\n'
        ],
    ),
    "points": Target(_points, lambda folder: [b'[points]\nsigmoid = 5\n"naive_softmax" = 10\n']),
}
