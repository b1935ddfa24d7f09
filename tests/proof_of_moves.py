"""Proves that moving code lost nothing: notes what w2v does, and compares it with notes of before.

    python tests/proof_of_moves.py --out before.json
    (move the code)
    python tests/proof_of_moves.py --out after.json --against before.json

Only the command line and `import w2v_cli` are used, never a module inside. Of each call the exit
code, both outputs and every file that it wrote or changed are noted: texts as they are or by their
checksum, tensors by the checksum of their bits. Temporary folders, times, speeds and sizes of files
with times in them are left out. So are runs on several threads without --deterministic, whose bits
are never the same twice.
"""

import argparse
import bz2
import difflib
import fnmatch
import gzip
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from safetensors import safe_open

ROOT = Path(__file__).resolve().parents[1]
Notes = dict[str, Any]

#: What the calls below abbreviate.
SHORT = {
    "$S": "../text/sample.txt",
    "$F": "--dim 16 --epochs 2 --min-count 3 --n-threads 1",
    "$M": "../text/mixed.txt --dim 16 --epochs 1 --min-count 1 --n-threads 1",
    "$R": "../runs/",
}

#: Runs that the chains of `QUESTIONS` read.
RUNS = """
train $S $F --out plain --snapshots 3
train $S $F --out cbow --model cbow
train $S $F --out softmax --loss naive-softmax
train $S $F --out hashed --subwords 3-5 --buckets 2000
train $S $F --out explicit --subwords 3-4 --ngrams explicit
"""

#: Chains of calls. Each chain has a folder of its own, beside `text` and `runs`, and its calls run
#: one after the other. [module]: only where that module is installed. A call that begins with
#: "python" is not a call of w2v.
TRAININGS = {
    "sampled": """
        train $S $F --out racing --l2 5 --n-negatives 3 --noise-power 0.5 --window 3
        train $S $F --out one --deterministic
        train $S $F --out two --deterministic --n-threads 2
        train $S $F --out fixed --no-shrink-windows --subsample-threshold 0 --seed 7
        train $S $F --out cbow --model cbow --deterministic --n-threads 2 --l2 5
        train $S $F --out hashed --subwords 3-6 --buckets 500 --deterministic --n-threads 2
        train $S $F --out both --model cbow --subwords 3-4 --ngrams explicit
        train $S --dim 16 --out auto --min-count 20 --n-threads 1 --lr-schedule constant
        train $S $F --out held --holdout 0.2 --patience 1 --eval ../text/pairs.tsv
        train $S $F --out limits --max-vocab 200 --limit-tokens 9000 --min-lr 0.01
        train $S $F --out plotted --plot
    """,
    "exact": """
        train $S $F --out softmax --engine exact --loss naive-softmax
        train $S $F --out negative --engine exact
        train $S $F --out two --engine exact --n-threads 2
        train $S $F --out sgd --engine exact --optimizer sgd --prior none --batch-mean
        train $S $F --out ada --engine exact --loss naive-softmax --optimizer adagrad --prior none
        train $S $F --out double --engine exact --precision float64 --batch-size 50
        train $S $F --out softdouble --engine exact --precision float64 --loss naive-softmax
        train $S $F --out fixed --engine exact --no-shrink-windows --subsample-threshold 0
        train $S $F --out hashed --engine exact --subwords 3-5 --buckets 500
        train $S $F --out parts --loss naive-softmax --subwords 3-4 --ngrams explicit
        train $S $F --out held --loss naive-softmax --holdout 0.2
        train $S $F --out heldtoo --engine exact --holdout 0.2 --snapshots 2
    """,
    "reference": """
        train $S --limit-tokens 4000 $F --out plain --engine reference
        train $S --limit-tokens 4000 $F --out ada --engine reference --optimizer adagrad
        train $S --limit-tokens 2000 $F --out softmax --engine reference --loss naive-softmax
        train $S --limit-tokens 2000 $F --out cbow --engine reference --model cbow --batch-mean
        train $S --limit-tokens 900 $F --out bag --engine reference --model cbow \
            --loss naive-softmax --optimizer adagrad --batch-size 16
        train $S --limit-tokens 2000 $F --out hashed --engine reference --subwords 3-4 --buckets 99
        train $S --limit-tokens 2000 $F --out held --engine reference --holdout 0.3
        train $S --dim 10 --out steps --engine reference --steps 200 --lr 0.3 \
            --lr-schedule halving --halve-every 50 --batch-mean
        train $S --dim 10 --out course --config ../text/cs224n.toml --steps 100 --loss naive-softmax
    """,
    "going on": """
        train $S $F --out run
        train --resume --out run
        train --resume --out run --epochs 3
        train --resume --out run --dim 20
        train $S $F --out run
        train --config run/config.toml --out again
        train ../text/more.txt --from run --out grown --n-threads 1 --min-count 2
        train ../text/more.txt --from run --out frozen --n-threads 1 --freeze known --epochs 2
        export run start.txt
        train ../text/more.txt --from start.txt --out file --n-threads 1 --epochs 1 --dim 16
        train ../text/more.txt --from run --out wide --dim 20
        train $S $F --out soft --loss naive-softmax
        train --resume --out soft --epochs 4
        train ../text/more.txt --from soft --out softer --n-threads 1 --epochs 2
        train ../text/more.txt --from soft --out kept --n-threads 1 --epochs 2 --freeze known
        train $S $F --out sub --subwords 3-5 --buckets 500
        train ../text/more.txt --from sub --out subs --n-threads 1 --epochs 1
        train $S --limit-tokens 3000 $F --out slow --engine reference
        train --resume --out slow --epochs 3
        info grown
        info run
    """,
    "corpora": """
        train $M --out words
        train $M --out whitespace --tokenizer whitespace
        train $M --out characters --tokenizer characters
        train $M --out uax29 --tokenizer uax29
        train $M --out own --tokenizer slashes:words
        train $M --out odd --tokenizer slashes:parts
        train $M --out nfc --normalize nfc --fold-digits --no-lowercase
        train $M --out nfkc --normalize nfkc --tokenizer uax29 --documents blank-line
        train $M --out strict --encoding-errors strict
        train $M --out ignored --encoding-errors ignore --documents file
        train $S $F --out phrases --phrases 2
        train $S $F --out lists --stop-words ../text/stop.txt --keep-words ../text/keep.txt
        train $S --dim 16 --epochs 1 --n-threads 1 --out given --vocab ../text/given.txt
        train ../text/table.csv $F --out table --text-field body
        train ../text/records.jsonl $F --out records
        train ../text/sample.txt.gz $F --out packed
        train ../text/sample.txt.bz2 $F --out bz2
        train ../text/folder $F --out folder
        train @../text/list.txt $F --out listed
        train ../text/folder.zip $F --out zip
        train ../text/folder.tar.gz $F --out tar
        train ../text/treebank $F --out trees --split train
        train - $F --out piped < ../text/sample.txt
        train '../text/folder/*.txt' $F --out matched --memory 0.05
    """,
    "counts": """
        count $S --out counts --n-threads 2 --min-count 3
        [distributed] count $S --out cluster --cluster local:2 --min-count 3
        count $S --out pruned --window 2 --no-shrink-windows --min-pairs 0.5
        count $S --out joined --phrases 1
        count $S --out a --vocab counts/vocab.tsv
        count ../text/more.txt --out b --vocab counts/vocab.tsv
        count --merge a b --out merged
        count --merge merged --out small --max-vocab 300 --min-pairs 0.2
        count --merge a counts/vocab.tsv --out wrong
        count $S --out counts --min-count 4
        train counts --dim 16 --epochs 2 --n-threads 1 --out trained --loss naive-softmax
        train merged --dim 16 --epochs 2 --n-threads 1 --out merges --engine exact
        train counts --dim 16 --epochs 2 --out sampled --engine sampled
        info trained
    """,
    "cache": """
        cache
        train $S $F --out one
        train $S $F --out two --loss naive-softmax
        train $S $F --out three --loss naive-softmax --seed 2
        cache list
        cache --json
        cache clear
        cache
        cache drop
    """,
    "checks": """
        gradcheck --seed 5
        gradcheck --json --junit claims.xml
        gradcheck --show sigmoid
        gradcheck --show softmax
        gradcheck --show naive-softmax
        gradcheck --show negative-sampling
        gradcheck --show negative-sampling-expected
        gradcheck --show skip-gram
        gradcheck --show cbow
        gradcheck --show subwords
        gradcheck --show adam
        gradcheck --mistakes
        gradcheck --starter course --teacher
        gradcheck --starter course
        gradcheck --file course/my_word2vec.py
        gradcheck --file course/teacher/my_word2vec.py \
            --points course/teacher/autograder/points.toml
        gradcheck --file ../text/hand-ins/right.py --junit right.xml --gradescope right.json
        gradcheck --file ../text/hand-ins/wrong.py --json
        gradcheck --file ../text/hand-ins/wrong.py --strict --gradescope wrong.json --seed 3
        gradcheck --file ../text/hand-ins/broken.py
        gradcheck --file ../text/hand-ins/right.py --map skipgram=nothing
        gradcheck --file ../text/hand-ins/few.py --require all
        gradcheck --file missing.py
        gradcheck --folder ../text/hand-ins --csv class.csv --jobs 1
        gradcheck --file a.py --mistakes
        python ../text/assertion.py
    """,
}
QUESTIONS = {
    "asking": """
        neighbors $Rplain tea king -n 5
        neighbors $Rsoftmax tea --json -n 3 --vectors outside
        neighbors $Rhashed kinglyness --raw -n 3
        neighbors $Rplain < ../text/questions.txt
        neighbors $Rplain teaa nothingatall
        neighbors $Rplain --file ../text/keep.txt -n 2
        analogy $Rplain king man woman -n 4
        analogy $Rsoftmax king man woman --method mul --json
        analogy $Rplain king man
        similarity $Rplain tea coffee
        similarity $Rexplicit tea teapots --raw --json
        similarity $Rplain tea xyzzy
        odd-one-out $Rplain rain snow tea king
        odd-one-out $Rcbow rain snow tea --json
        vector $Rplain tea king --normalize
        vector $Rhashed unseenness --json --vectors concat
        vector $Rhashed unseenness
        embed $Rplain < ../text/questions.txt
        embed $Rplain ../text/more.txt --out rows.npy --weights sif
        embed $Rplain ../text/more.txt --out rows.tsv
        embed $Rplain ../text/more.txt --out rows.tsv
        evaluate $Rplain ../text/pairs.tsv ../text/analogies.txt
        evaluate $Rplain ../text/pairs.tsv --compare $Rsoftmax --json
        evaluate $Rhashed ../text/pairs.tsv ../text/analogies.txt --method mul --restrict-vocab 500
        evaluate $Rplain ../text/stop.txt
        compare $Rplain $Rsoftmax $Rcbow --eval ../text/pairs.tsv --words "tea king"
        compare $Rplain $Rcbow --json --moved 3 --top 300 --plot curves.svg
        compare $Rplain
        info $Rplain
        info $Rhashed --json
        info ../text
        vocab $S --top 12 --out words.tsv
        vocab $Rplain --json --top 5
        vocab ../text/mixed.txt --tokenizer uax29 --min-count 1
        phrases $S --phrases 2 --out phrases.tsv --top 8
        phrases $S --json
        python ../text/api.py
    """,
    "formats": """
        export $Rplain v.txt
        export $Rplain v.bin --normalize
        export $Rplain v.bin.gz --top 50
        export $Rplain v.glove.txt --words ../text/keep.txt
        export $Rplain v.vec --float16
        export $Rhashed model.bin --format fasttext-bin
        export $Rplain model.bin --format fasttext-bin --force
        export $Rplain v.npz --quantize int8
        export $Rsoftmax v.safetensors --vectors sum
        export $Rplain folder
        export $Rplain sentences --format model2vec
        export $Rplain projector.tsv
        [pyarrow] export $Rplain v.parquet
        export $Rplain v.txt
        export $Rplain v.xyz
        export v.txt w.npz
        export v.bin.gz w.glove
        export model.bin w.txt --words ../text/keep.txt
        export folder w.safetensors --float16
        export v.npz w.bin --force --top 7
        export ../text/stop.txt w2.bin
        info v.txt
        info v.npz --json
        info model.bin
        neighbors v.npz tea -n 3
        neighbors model.bin unseenness -n 3
        neighbors v.vec tea -n 3
        embed v.bin ../text/more.txt --out rows.npy --tokenizer uax29
    """,
    "pictures": """
        plot $Rplain --out course.svg
        plot $Rplain --out top.png --top 40 --style dark --dpi 60 --title Words
        plot $Rplain --out words.pdf --words "tea, coffee rain snow king" --metric cosine
        plot $Rplain --out near.svg --neighbors-of tea -n 8 --clusters 2
        plot $Rplain --out regex.svg --regex 'ma.*' --size 5x4 --style print
        plot $Rplain --out groups.svg --words "tea rain snow" --groups ../text/groups.txt
        plot $Rplain --out page.html --top 60
        plot $Rplain --out both.svg --compare $Rcbow --top 20
        plot $Rplain --out arrows.svg --analogy king:queen --analogy man:woman
        plot $Rplain --out heat.svg --heatmap "tea coffee rain"
        plot $Rplain $Rsoftmax --curves --out curves.svg
        plot $Rplain --words "tea rain snow king" --animate film.gif
        plot $Rplain --words "tea rain snow king" --animate film.html
        [openTSNE] plot $Rplain --out tsne.svg --top 40 --method tsne --perplexity 5
        plot $Rcbow --words "tea rain" --animate none.gif
        plot $Rplain --words "xyzzy plugh" --out none.svg
        plot $Rplain --out none.xyz
        plot $Rplain --heatmap "tea" --curves
    """,
}
#: One chain, as each call stands alone: help texts, wrong usage, names of other tools.
COMMANDS = """train plot gradcheck neighbors analogy similarity odd-one-out vector embed evaluate
    compare export info cache count vocab phrases"""
USAGE = (
    "\n".join(f"{command} --help" for command in COMMANDS.split())
    + """
    --help
    --version
    --nonsense
    nn
    most-similar
    skipgram
    visualize
    quantize
    trian
    train
    train -
    train missing.txt --out run
    train $S -size 50
    train $S --vector-size 50
    train $S --negative 5
    train $S -hs 1
    train $S --minn 3
    train $S --dimm 5
    train $S --dim 0
    train $S --dim five
    train $S --loss hs
    train $S --loss ns
    train $S --out run --engine sampled --loss naive-softmax
    train $S --out run --engine exact --model cbow
    train $S --out run --engine exact --deterministic
    train $S --out run --optimizer adam --engine reference
    train $S --out run --epochs 2 --steps 5
    train $S --out run --buckets 5
    train $S --out run --min-count 100000
    train $S --out run --config missing.toml
    train $S --out run --config ../text/wrong.toml
    train $S --out run --tokenizer nowhere:words
    train $S --out run --vocab ../text/given.txt --min-count 3
    train ../text/damaged.gz --out run
    train ../text/records.jsonl --text-field body --out run
    train --resume --out missing
    train $S --from missing --out run
    train $S --freeze known --out run
    [torch] train $S --out run --engine exact --device cuda --dim 16 --epochs 1
    train $S --out run --engine exact --precision bf16
    neighbors missing tea
    neighbors ../text tea
    neighbors $Rplain --topn 3 tea
    neighbors $Rplain tea -n 0
    neighbors $Rplain tea --vectors all
    export $Rplain --binary v.bin
    count $S
    count $S --out ../text
    vocab missing.txt
    phrases missing.txt
    cache --jsn
    gradcheck missing
    gradcheck --show
    plot missing
    plot
    evaluate $Rplain
    evaluate $Rplain missing.tsv
    count --merge missing --out merged
    info missing
    convert missing.txt out.npz
"""
)
QUESTIONS["usage"] = USAGE
QUESTIONS["checks of runs"] = """
    gradcheck $Rplain --seed 4
    gradcheck $Rhashed --seed 5 --junit claims.xml
"""

API = """
import numpy, safetensors, w2v_cli
print(dir(w2v_cli))
fast = {"dim": 8, "min_count": 1, "epochs": 2, "n_threads": 1}
texts = ["Good tea is hot.", "Hot rain is rare, good rain is not."] * 20
run = w2v_cli.train(texts, out="texts", on_report=lambda report: None, **fast)
print(run.path, run.settings.model.dim, len(run.metrics), run.metrics[-1]["loss"], run.config.given)
with safetensors.safe_open("texts/vectors.safetensors", "np") as file:  # no path is part of it
    print(file.metadata()["config_fingerprint"])
tokens = [["New York", "is", "a", "city"], ["New York", "has", "a", "park"]] * 20
print(w2v_cli.train(tokens, out="tokens", loss="naive-softmax", **fast).vectors["New York"])
walks = numpy.random.default_rng(0).integers(0, 50, (100, 20))
w2v_cli.train(walks, out="walks", engine="reference", shrink_windows=False, **fast)
config = w2v_cli.Config(paths=("../text/sample.txt",), min_count=9)
w2v_cli.train(config, out="config", dim=8, epochs=1, n_threads=1)
v = w2v_cli.load("../runs/plain")
print(len(v), v.dim, v.words[:3], v.counts[:3], v[["tea", "king"]].tolist(), "tea" in v)
print(v.neighbors("tea", n=3), v.neighbors_of(["tea", "king"], n=2), v.similarity("tea", "king"))
print(v.analogy("king", "man", "woman", n=2), v.odd_one_out(["rain", "snow", "tea"]))
print(v.embed(["a text", "tea"]).tolist(), v.suggestions("kinng"), v.most_similar("tea", topn=2))
v.save("api.bin")
v.save("small.npz", precision="int8")
v.plot(["king", "queen", "tea"])
v.explore(20)
for call in (
    lambda: v["quen"],
    lambda: w2v_cli.load("../runs/plain", vectors="all"),
    lambda: w2v_cli.train(texts, out="texts", **fast),
    lambda: w2v_cli.train(texts, out="new", vector_size=5),
    lambda: w2v_cli.train([[1.5]], out="new"),
    lambda: w2v_cli.train(tokens, out="new", tokenizer="words"),
):
    try:
        call()
    except w2v_cli.W2VError as error:
        print(type(error).__name__, error)
"""
ASSERTION = """
from w2v_cli import assert_gradients
assert_gradients("../text/hand-ins/right.py")
assert_gradients("../text/hand-ins/wrong.py")
"""
SLASHES = """
def words(text):
    return text.replace("/", " ").split()

def parts(text):
    return text.split("/")
"""
MIXED = (
    "Молоко и чай, чай и хлеб: «Ёлка» don't rock'n'roll jean-luc\r\n"
    "naïve café cafe\u0301 n\u0303 é ﬁne ½ Ａ 1984 3.14 ٣٤ x2\r\n\r\n"
    "我喜欢喝茶和咖啡。猫が好きです カタカナ\n\u200bزبان و چای\ta/b/c İstanbul ΣΑΣ straße\n"
)


#: Small files by their names; `corpora` and `of_repository` have the others.
SMALL = {
    "list.txt": "sample.txt\nmore.txt\n",
    "stop.txt": "the\nand\nof\n",
    "keep.txt": "tea\nking\nkettle\n",
    "given.txt": "tea\ncoffee\nking\nqueen\nthe\nrain\nnotthere\n",
    "questions.txt": "tea\nthe king and the queen\nxyzzy\n",
    "groups.txt": "drinks: tea coffee\nweather: rain snow\n",
    "wrong.toml": "[model]\ndimm = 5\n",
    "api.py": API,
    "assertion.py": ASSERTION,
    "slashes.py": SLASHES,
    "hand-ins/broken.py": "def sigmoid(x):\n    return x.nothing\n\ndef softmax(x):\n    0\n",
    "hand-ins/few.py": "import numpy\n\ndef sigmoid(x):\n    return 1 / (1 + numpy.exp(-x))\n",
}


def of_repository() -> dict[str, str]:
    """Return the small files that are made from files of the repository."""
    names = {
        "pairs.tsv": "data/similarity.tsv",
        "analogies.txt": "data/analogies.txt",
        "cs224n.toml": "configs/cs224n.toml",
        "hand-ins/right.py": "docs/my_word2vec.py",
    }
    files = {name: (ROOT / place).read_text("utf-8") for name, place in names.items()}
    wrong = files["hand-ins/right.py"].replace("outside_index] -= 1", "outside_index] += 1")
    return {**files, "hand-ins/wrong.py": wrong}


def corpora() -> dict[str, str | bytes]:
    """Return a piece of the sample corpus in many forms, and a text of many scripts."""
    lines = (ROOT / "data/sample.txt").read_text("utf-8").split("\n")
    sample = list(enumerate(lines[:1500], 1))
    text = "".join(f"{line}\n" for _, line in sample)
    packed = gzip.compress(text.encode(), mtime=0)
    rows = [f"{n};" + '"' + line.replace('"', "") + '"\n' for n, line in sample]
    records = [json.dumps({"n": n, "text": line}) + "\n" for n, line in sample]
    sentences = [f"{n}\t{line}\n" for n, line in sample]
    split = [f"{n},{n % 3 + 1}\n" for n, _ in sample]
    return {
        "sample.txt": text,
        "more.txt": "\n".join(lines[1500:2100]) + "\n",
        "mixed.txt": (MIXED * 20).encode() + b"bad \xff byte\n",
        "table.csv": "".join(["id;body\n", *rows]),
        "records.jsonl": "".join(records),
        "sample.txt.gz": packed,
        "damaged.gz": packed[:5000],
        "sample.txt.bz2": bz2.compress(text.encode()),
        "folder/a.txt": text[:40_000],
        "folder/deep/b.jsonl": "".join(records[700:1000]),
        "folder/c.png": b"\x89PNG\r\n",
        "treebank/datasetSentences.txt": "".join(["sentence_index\tsentence\n", *sentences]),
        "treebank/datasetSplit.txt": "".join(["sentence_index,splitset_label\n", *split]),
    }


def write_texts(folder: Path) -> None:
    """Write all that the calls read; with an old date, as of files that no longer change."""
    for name, content in {**SMALL, **of_repository(), **corpora()}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    for kind in ("zip", "gztar"):
        shutil.make_archive(str(folder / "folder"), kind, folder / "folder")
    for path in folder.rglob("*"):
        os.utime(path, (1.6e9, 1.6e9))


#: What differs from call to call, and what stands for it.
DIFFERENT = (
    (r"(?m)^(note: )?compiling, .*\n", ""),
    (r"(?m)^[a-z ]+: \d+%, .*\n", ""),  # how far it has come, after ten seconds
    (r",? ?(-|[\d,.]+) words/s(?!\w)", ""),
    (r'"(elapsed_seconds|words_per_second|seconds|bytes)": [^,}\]]+', r'"\1": …'),
    (r"(config(?:_fingerprint)?\W{1,5})[0-9a-f]{16}\b", r"\1…"),
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?Z?", "DATE"),
    (r"\b[\d,.]+ (s|ms|seconds|minutes)\b", r"… \1"),
    (r"\b[\d,.]+ (kB|MB|GB|GiB)\b", r"… \1"),
    (r"\bversion \d+\.\d+\.\d+", "version …"),
    (r"(?m)^  bench .*\n|, bench\b", ""),  # is going to be removed
)


#: A line of the table of epochs, with the words per second and the seconds.
EPOCH = re.compile(r"(?m)^( +\d+ +[\d.]+ ) *(?:-|[\d,]+)( +[\d.e-]+)  [\d.]+$")


def normalised(text: str, root: Path) -> str:
    """Take out of a text what differs from call to call."""
    had_figures = "words/s" in text or str(root) in text
    for place, put in ((str(root), "<tmp>"), (str(ROOT), "<repo>"), (sys.prefix, "<env>")):
        text = text.replace(place, put)
    if had_figures:  # the width of what differs decides the width of columns
        text = re.sub(r" {2,}", "  ", re.sub(r"─+", "─", text))
        text = EPOCH.sub(r"\1 …\2  …", text)
    for pattern, put in DIFFERENT:
        text = re.sub(pattern, put, text)
    return text


def checksum(content: bytes) -> str:
    """Return the SHA-256 of bytes."""
    return hashlib.sha256(content).hexdigest()


def tensors(path: Path, root: Path) -> Notes:
    """Note each tensor of a safetensors file by its bits, and what else the file says."""
    with safe_open(path, "np") as file:
        arrays = {name: file.get_tensor(name) for name in sorted(file.keys())}
        said = dict(file.metadata() or {})
    run = json.loads(said.pop("run", "{}"))
    said.pop("run_crc32", None)
    run.pop("vectors", None)  # a checksum over a fingerprint, which depends on the folder
    run["position"] = {
        name: value
        for name, value in run.get("position", {}).items()
        if "seconds" not in name and name != "metrics_bytes"
    }
    bits = {
        name: f"{array.dtype} {array.shape} {checksum(array.tobytes())}"
        for name, array in arrays.items()
    }
    text = normalised(json.dumps([said, run], sort_keys=True), root)
    return {**bits, "said": json.loads(text)}


def metrics(path: Path) -> Notes:
    """Note the reports of a run without times: epochs in full, all by a checksum."""
    reports = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for report in reports:
        report.pop("elapsed_seconds")
        report.pop("words_per_second")
    epochs = [report for report in reports if report["event"] == "epoch"]
    return {"n": len(reports), "all": checksum(json.dumps(reports).encode()), "epochs": epochs}


#: Texts in which times and names of folders may be.
TEXTS = {".toml", ".json", ".md", ".csv", ".xml", ".py", ".ipynb", ".html"}


def noted(path: Path, root: Path) -> Any:
    """Note what is in a file."""
    if path.suffix == ".safetensors":
        return tensors(path, root)
    if path.name == "metrics.jsonl":
        return metrics(path)
    if path.suffix not in TEXTS:
        return checksum(path.read_bytes())
    text = normalised(path.read_bytes().decode("utf-8"), root)
    return text if len(text) < 2000 else checksum(text.encode())


def states(folder: Path) -> dict[Path, tuple[int, int]]:
    """Return what tells that a file was written again."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: (s.st_mtime_ns, s.st_ino) for path in files for s in [path.stat()]}


FIXED = {
    **{"NO_COLOR": "1", "COLUMNS": "100", "MPLBACKEND": "agg"},
    **{"LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONUTF8": "1"},
}


def environment(root: Path, chain: str) -> dict[str, str]:
    """Return the environment of a call: no colours, widths or caches of the user."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("W2V_", "PYTEST", "PYTHON"))}
    path = os.pathsep.join([str(ROOT), str(root / "text")])
    cache = str(root / "kept") if chain == "cache" else ""
    return {**kept, **FIXED, "PYTHONPATH": path, "W2V_CACHE_DIR": cache}


def calls(chain: str) -> list[str]:
    """Return the calls of a chain, one line each."""
    return [
        " ".join(line.split()) for line in chain.replace("\\\n", " ").split("\n") if line.strip()
    ]


def arguments(call: str) -> tuple[list[str], str]:
    """Return the words of a call, and the name of the file that it reads from standard input."""
    for short, long in SHORT.items():
        call = call.replace(short, long)
    call, _, stdin = call.partition(" < ")
    words = shlex.split(call)
    start = (
        [sys.executable] if words[0] == "python" else [sys.executable, "-m", "w2v_cli", words[0]]
    )
    return [*start, *words[1:]], stdin


def call_once(name: str, call: str, root: Path) -> Notes:
    """Run one call in the folder of its chain; note what it says and what it writes."""
    chain = name.partition(":")[0]
    folder = root / chain.replace(" ", "-")
    folder.mkdir(exist_ok=True)
    if call.startswith("["):
        module, _, call = call[1:].partition("] ")
        if find_spec(module) is None:
            return {name: f"not called: {module} is not installed"}
    command, stdin = arguments(call)
    before = states(folder)
    given = (folder / stdin).read_bytes() if stdin else b""
    ended = subprocess.run(
        command,
        cwd=folder,
        env=environment(root, chain),
        input=given,
        capture_output=True,
        check=False,
    )
    said: Notes = {"exit": ended.returncode}
    for stream, content in (("stdout", ended.stdout), ("stderr", ended.stderr)):
        said[stream] = normalised(content.decode("utf-8"), root).split("\n")
    after = states(folder)
    written = sorted(path for path in after if before.get(path) != after[path])
    files = {f"{name} > {path.relative_to(folder)}": noted(path, root) for path in written}
    return {name: said, **files}


def run_chain(chain: str, text: str, root: Path, first: Future[Notes] | None = None) -> Notes:
    """Run the calls of a chain one after the other, once the runs that it reads are there."""
    if first is not None:
        first.result()
    notes: Notes = {}
    for call in calls(text):
        notes |= call_once(f"{chain}: {call}", call, root)
    return notes


def chosen(chains: dict[str, str], only: str) -> dict[str, str]:
    """Return the chains that have a call whose name the pattern matches."""
    return {
        chain: text
        for chain, text in chains.items()
        if any(fnmatch.fnmatchcase(f"{chain}: {call}", only) for call in calls(text))
    }


def take_notes(only: str = "*") -> Notes:
    """Run all chains, two at a time, in a temporary folder; return what was noted.

    With a pattern only the chains that have such calls are run.
    """
    with tempfile.TemporaryDirectory(prefix="w2v-proof-") as place, ThreadPoolExecutor(2) as pool:
        root = Path(place).resolve()
        write_texts(root / "text")
        runs = pool.submit(run_chain, "runs", RUNS, root)
        alone, reading = chosen(TRAININGS, only), chosen(QUESTIONS, only)
        futures = [pool.submit(run_chain, *item, root) for item in alone.items()]
        futures += [pool.submit(run_chain, *item, root, runs) for item in reading.items()]
        notes = dict(runs.result())
        for future in futures:
            notes |= future.result()
    return matching(notes, only)


def matching(notes: Notes, only: str) -> Notes:
    """Return the notes of the calls whose names a pattern matches, and of their files."""
    return {
        name: value
        for name, value in notes.items()
        if fnmatch.fnmatchcase(name.partition(" > ")[0], only)
    }


def differences(before: Notes, after: Notes) -> Iterator[str]:
    """Yield each difference: the name, and at most twenty lines of what differs."""
    for name in sorted(before.keys() | after.keys()):
        if name not in after or name not in before:
            yield f"{name}\n    {'only before' if name in before else 'only after'}"
        elif before[name] != after[name]:
            then, now = (
                json.dumps(notes[name], indent=1, ensure_ascii=False, sort_keys=True).split("\n")
                for notes in (before, after)
            )
            lines = list(difflib.unified_diff(then, now, "before", "after", lineterm="", n=1))
            yield "\n    ".join([name, *lines[:20]])


def main() -> int:
    """Take notes, write them, and compare them with those of before."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="write the notes to this JSON file")
    parser.add_argument("--against", type=Path, help="notes of before, to compare with")
    parser.add_argument("--only", default="*", help="only calls whose names match, as 'exact: *'")
    given = parser.parse_args()
    notes = take_notes(given.only)
    given.out.write_text(json.dumps(notes, indent=1, ensure_ascii=False), "utf-8")
    print(f"{len(notes)} notes in {given.out}")
    if given.against is None:
        return 0
    before = matching(json.loads(given.against.read_text("utf-8")), given.only)
    found = list(differences(before, notes))
    print("\n".join([*found, f"{len(found)} differences"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
