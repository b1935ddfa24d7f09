"""Two hundred wrong calls of the commands around training: one error, exit 1 or 2, nothing left.

`tests/cli/test_bad_inputs.py` has those of `train`, and files that are no good.
"""

import shlex

import numpy as np
import pytest

from reported.inputs import PAIRS, SETTINGS, TEXT, VECTORS

LONG = "x" * 5000
FILES = {
    "pairs.txt": PAIRS.encode(), "empty": b"", "blank": b"\n \n\n", "latin": b"caf\xe9 tea\n",
    "nul": b"\0\0\0\0", "bom16": "king queen 1\n".encode("utf-16"), "one": b"king\n",
    "numbers": b"1 2 3\n4 5 6\n", "pair1": b"king queen\n", "nan": b"king queen nan\n",
    "inf": b"king queen inf\nman woman 1\n", "same": b"king queen 1\nman woman 1\nking man 1\n",
    "unknown": b"foo bar 1\nbar baz 2\nbaz foo 3\n", "three": b": s\nking queen man\n",
    "question": b": s\nfoo bar baz qux\n", "section": b": s\n", "deep.json": b"[" * 100_000,
    "groups": b"king queen\n", "group0": b"royal:\n", "longline": b"a" * 1_000_000,
    "dim3.txt": b"2 3\nking 1 0 0\nqueen 0 1 0\n", "others.txt": b"2 2\nfoo 1 0\nbar 0 1\n",
    "zeros.txt": b"2 2\nking 0 0\nqueen 0 0\n", "x.npz": b"PK\x03\x04", "x.parquet": b"PAR1PAR1",
    "x.safetensors": b"\x02\0\0\0\0\0\0\0{}", "x.bin": b"2 2\nking ", "x.vec.gz": b"\x1f\x8b\x08",
    "x.zip": b"PK\x05\x06" + bytes(18), "x.html": b"<html></html>\n", "x.py": b"def f(:\n",
    "x.ipynb": b'{"cells": 3}', "null.py": b"x = 1\n\0",
}  # fmt: skip
#: One call a line, as a shell splits it; {long} is a word of 5,000 letters.
CALLS = """
blend
blend v.txt
blend v.txt run
blend v.txt nowhere --out o.npz
blend v.txt empty --out o.npz
blend v.txt others.txt --out o.npz
blend v.txt v.txt --out o.nonsense
blend v.txt v.txt --out run
blend v.txt v.txt --out v.txt
blend v.txt v.txt --out o.npz --weights 1
blend v.txt v.txt --out o.npz --weights 1,2,3
blend v.txt v.txt --out o.npz --weights 0,0
blend v.txt v.txt --out o.npz --weights nan,1
blend v.txt v.txt --out o.npz --weights inf,1
blend v.txt v.txt --out o.npz --weights a,b
blend v.txt v.txt --out o.npz --weights ''
blend v.txt v.txt --out o.npz --weights ' , '
blend v.txt v.txt --out o.npz --weights -1,1
blend v.txt v.txt --out o.npz --weights 1e400,1
blend v.txt v.txt --out o.npz --dim 0
blend v.txt v.txt --out o.npz --dim 1000000
blend v.txt v.txt --out o.npz --format nosuch
blend v.txt v.txt --out o.npz --vectors center
blend v.txt x.npz --out o.npz
info
info nowhere
info empty
info blank
info nul
info bom16
info x.npz
info x.parquet
info x.safetensors
info x.bin
info x.vec.gz
info x.zip
info x.html
info deep.json
info longline
info text.txt
info ''
info {long}
info run run
info run --json --nosuch
info run/checkpoints
info run/config.toml
info run/metrics.jsonl
neighbors
neighbors run
neighbors run nosuchword
neighbors run ''
neighbors run {long}
neighbors run king -n 0
neighbors run king -n -3
neighbors run king -n many
neighbors run king -n 1e3
neighbors run king --vectors inside
neighbors v.txt king --vectors outside
neighbors run king --file pairs.txt
neighbors run --file nowhere
neighbors run --file latin
neighbors run --file .
neighbors run/ king queen nosuch
analogy run
analogy run king
analogy run king man
analogy run king man woman queen
analogy run king man nosuch
analogy run king man woman -n 0
analogy run king man woman --method mean
analogy run --file one
similarity run
similarity run king
similarity run king nosuch
similarity run king queen man
similarity run --file three
odd-one-out run
odd-one-out run king
odd-one-out run king queen
odd-one-out run king queen nosuch
vector run
vector run nosuch
vector run king --vectors both
vector nowhere king
vector run --file latin
embed
embed run nowhere
embed run latin --out o.txt
embed run one --out run
embed run one --out v.txt
embed run one --weights tfidf
embed v.txt one --weights sif
embed run one --tokenizer bpe
embed run one --tokenizer no:function
embed run one --tokenizer os:nosuch
embed run one --tokenizer os:sep
embed run one --text-field ''
embed run nul
embed run bom16
embed run .
evaluate
evaluate run
evaluate run nowhere
evaluate run empty
evaluate run blank
evaluate run latin
evaluate run nul
evaluate run bom16
evaluate run one
evaluate run pair1
evaluate run nan
evaluate run inf
evaluate run three
evaluate run section
evaluate run .
evaluate run pairs.txt --restrict-vocab 0
evaluate run pairs.txt --restrict-vocab x
evaluate run pairs.txt --method div
evaluate run pairs.txt --compare nowhere
evaluate run pairs.txt --compare empty
evaluate run pairs.txt --vectors left
evaluate nowhere pairs.txt
evaluate pairs.txt run
evaluate run v.txt
compare
compare run
compare run nowhere
compare run empty
compare run run --eval nowhere
compare run run --eval one
compare run run --words nosuch
compare run run -n 0
compare run run --moved -1
compare run run --top 0
compare run run --plot o.nonsense
compare v.txt v.txt --plot o.svg
compare v.txt others.txt --words king,nosuch --moved x
plot
plot nowhere
plot run --out o.nonsense
plot run --words nosuch
plot run --words ''
plot run --words king
plot run --words-file empty
plot run --words-file latin
plot run --words-file nowhere
plot run --top 0
plot run --top 1
plot run --top 3 --words king,queen
plot run --neighbors-of nosuch
plot run --neighbors-of king -n 0
plot run -n 5
plot run --regex '('
plot run --regex 'nothing like it'
plot run --groups nowhere
plot run --groups groups
plot run --groups group0
plot run --clusters 0
plot run --clusters 1000000 --words king,queen,man
plot run --method mds
plot run --metric manhattan
plot run --method pca --perplexity 5
plot run --method tsne --perplexity -1
plot run --method tsne --perplexity nan
plot run --compare nowhere
plot run --analogy king
plot run --analogy king:
plot run --analogy king:nosuch
plot run --heatmap king
plot run --heatmap nosuch,other
plot v.txt --curves
plot v.txt --animate o.gif
plot run --animate o.gif
plot run --animate o.svg
plot run --size 8
plot run --size 0x0
plot run --size 1000000x1000000
plot run --size axb
plot run --size nanxnan
plot run --size 8xinf
plot run --method umap --min-dist nan
plot run --dpi 0
plot run --dpi 100000000
plot run --style pink
plot run run
export run
export run o.nonsense
export run o.npz --format nosuch
export run o.npz --top 0
export run o.npz --top x
export run o.npz --words nowhere
export run o.npz --words empty
export run o.npz --words latin
export run o.npz --words unknown
export run o.bin --float16
export run o.bin --quantize int8
export run o.npz --quantize int4
export run o.npz --vectors all
export v.txt o.npz --vectors center
export run o.bin --format fasttext-bin
export run o.npz.gz
export run v.txt
export run run
export run pairs.txt/o.npz
export nowhere o.npz
export empty o.npz
explain --out .
explain --out text.txt
explain text.txt --out v.txt
vocab
vocab nowhere
vocab empty
vocab blank
vocab nul
vocab text.txt --top 0
vocab text.txt --out .
vocab text.txt --min-count 1000000
vocab text.txt --min-count 0
vocab text.txt --max-vocab 1
vocab text.txt --stop-words nowhere
vocab text.txt --keep-words empty
vocab text.txt --vocab latin
vocab text.txt --vocab unknown
vocab text.txt --tokenizer bpe
vocab text.txt --normalize nfd
vocab text.txt --documents page
vocab text.txt --memory 0
vocab text.txt --memory nan
vocab text.txt --encoding-errors strange
vocab latin text.txt --encoding-errors strict
vocab @nowhere
vocab @empty
vocab 'no*thing'
vocab '[' text.txt
phrases text.txt --phrases 11
phrases text.txt --phrases -1
phrases text.txt --top 0
phrases nowhere --phrases 1
count text.txt
count text.txt --out run
count text.txt --out v.txt
count text.txt --out c --phrases 1
count text.txt --out c --limit-tokens 5
count text.txt --out c --min-pairs -1
count text.txt --out c --min-pairs nan
count text.txt --out c --min-pairs inf
count text.txt --out c --cluster local:0
count text.txt --out c --cluster local:x
count text.txt --out c --n-threads 0
count nowhere --out c
count - --out c
count run v.txt --merge --out c
cache nosuch
cache list more
nosuch
{long}
--{long}
trian text.txt
--nosuch
""".strip().split("\n")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a run, a text, vectors and the files."""
    import w2v_cli

    folder = tmp_path_factory.mktemp("calls")
    (folder / "text.txt").write_text(TEXT)
    (folder / "v.txt").write_text(VECTORS)
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    w2v_cli.train(paths=folder / "text.txt", out=folder / "run", **SETTINGS)
    return folder


def tree(folder):
    """Every path, files with their size and time of change; a lock comes and goes in a folder."""
    paths = {path: path.is_file() and path.stat() for path in folder.rglob("*")}
    return {path: it and (it.st_size, it.st_mtime_ns) for path, it in paths.items()}


@pytest.mark.parametrize("call", CALLS)
def test_a_wrong_call_ends_in_one_error_and_leaves_nothing(w2v, place, monkeypatch, call):
    """Right: exit 1 or 2, one line that begins with Error, no stack, no file made or changed."""
    monkeypatch.chdir(place)
    before = tree(place)
    with np.errstate(all="raise"):
        result = w2v(*shlex.split(call.replace("{long}", LONG)))
    assert result.code in (1, 2), (call, result)
    errors = [line for line in result.err.splitlines() if "Error" in line]
    assert len(errors) == 1, result.err
    assert errors[0].startswith("Error: ")
    assert len(errors[0]) < 700
    assert "Errno" not in result.err
    assert "Traceback" not in result.err
    assert tree(place) == before


def test_there_are_two_hundred():
    assert len(set(CALLS)) == len(CALLS) >= 200
