"""The names that other tools and people use for commands, settings and losses.

Keys are in lower case, with dashes: see `plain`. Every command imports this module as it starts, so
it imports nothing.
"""


def plain(name: str) -> str:
    """Return a name or an option in the form of the keys below."""
    return name.lstrip("-").lower().replace("_", "-")


def _by_name(names: dict[str, str]) -> dict[str, str]:
    """Turn ours → "theirs theirs …" into theirs → ours."""
    return {theirs: ours for ours, group in names.items() for theirs in group.split()}


COMMANDS = _by_name(
    {
        "neighbors": "nn most-similar distance similar nearest neighbours synonyms knn closest",
        "analogy": "analogies word-analogy",
        "odd-one-out": "doesnt-match odd doesnt-fit",
        "train": "skipgram fit learn cbow",
        "train --resume": "resume continue",
        "plot": "visualize draw picture tsne umap pca visualise",
        "--help": "help",
        "evaluate": "test compute-accuracy eval score benchmark accuracy",
        "vector": "print-word-vectors",
        "embed": "print-sentence-vectors encode sentence-vectors vectorize transform",
        "export": "quantize save convert",
        "vocab": "words vocabulary frequencies zipf",
        "compare": "diff",
        "count": "cooccurrence cooccurrences pairs",
        "gradcheck": "grade check",
        "count --merge": "merge merge-counts",
        "similarity": "cosine",
        "phrases": "bigrams collocations",
        "info": "describe show inspect stats",
    }
)

#: Other names for the same setting.
SETTINGS = _by_name(
    {
        "dim": "size vector-size dims dimension dimensions embedding-size",
        "subsample_threshold": "sample t subsample",
        "n_negatives": "negative neg negatives num-negatives",
        "n_threads": "threads thread workers jobs n-jobs num-threads cores",
        "epochs": "iter epoch iterations passes n-epochs",
        "min_count": "mincount min-freq min-frequency",
        "max_vocab": "max-final-vocab max-words vocab-size",
        "window": "ws context context-size window-size",
        "lr": "alpha learning-rate rate",
        "min_lr": "min-alpha",
        "noise_power": "ns-exponent",
        "start_from": "pretrainedvectors pretrained",
        "vocab": "read-vocab vocabulary",
        "paths": "corpus-file",
        "seed": "random-state random-seed",
        "stop_words": "stopwords",
        "minutes": "time time-limit",
        "holdout": "validation",
        "patience": "early-stopping",
        "subwords": "ngram char-ngrams",
        "device": "gpu cuda",
        "text_field": "column text-column field",
        "lowercase": "case lower",
        "l2": "weight-decay",
    }
)


def our_setting(name: str) -> str | None:
    """Return our name for a setting of another tool; None: it has no counterpart."""
    return SETTINGS.get(plain(name))


def _our_option(setting: str) -> str:
    special = {"start_from": "--from", "paths": "CORPUS, a positional argument"}
    return special.get(setting, "--" + setting.replace("_", "-"))


#: Options of training: names of settings, and options that have another form here.
OPTIONS = {
    **{name: _our_option(ours) for name, ours in SETTINGS.items()},
    "minn": "--subwords 3-6 (the shortest and the longest n-gram)",
    "maxn": "--subwords 3-6 (the shortest and the longest n-gram)",
    "min-n": "--subwords 3-6 (the shortest and the longest n-gram)",
    "max-n": "--subwords 3-6 (the shortest and the longest n-gram)",
    "bucket": "--buckets",
    "cbow": "--model cbow",
    "sg": "--model skip-gram, which is the default",
    "skipgram": "--model skip-gram, which is the default",
    "softmax-prior": "--prior",
    "trim-rule": "--vocab, --keep-words and --stop-words, which take files of words",
    "max-vocab-size": "--max-vocab; counting needs no limit, because it spills to disk",
    "train": "CORPUS, a positional argument",
    "input": "CORPUS, a positional argument",
    "sentences": "CORPUS, a positional argument",
    "output": "--out",
    "save": "--out",
    "continue": "--resume",
    "save-vocab": "vocab.tsv, which every run folder contains",
}

#: Options of the commands that query vectors; used only for commands that have our option.
QUERY_OPTIONS = {
    "topn": "-n",
    "top-n": "-n",
    "k": "-n",
    "binary": "--format word2vec-binary",
    "norm": "--normalize",
}

#: Options that have no counterpart, and what to do instead.
ABSENT = {
    "hs": "w2v has no hierarchical softmax; see --loss",
    "wordngrams": "w2v has no text classifier; `w2v embed` makes the input of one",
    "label": "w2v has no text classifier; `w2v embed` makes the input of one",
    "classes": "w2v has no k-means over words; `w2v plot RUN --clusters N` draws groups of words",
    "callbacks": "use --eval and --holdout; in Python on_report",
    "compute-loss": "the loss is always in metrics.jsonl; omit it",
    "hashfxn": "there is nothing to set; --seed determines the draws",
    "batch-words": "there is nothing to set; text is cut into blocks",
    "queue-factor": "there is nothing to set; text is cut into blocks",
    "lrupdaterate": "the learning rate falls with every block; omit it",
    "sorted-vocab": "words are always sorted by falling frequency; omit it",
    "cbow-mean": "w2v's --model cbow always takes the mean; omit it",
    "null-word": "omit it",
    "debug": "omit it; progress is on stderr",
    "cutoff": "train first, then `w2v export --top N`",
    "qnorm": "train first, then `w2v export --quantize int8`",
    "binary": "train first, then choose a format with `w2v export`",
}

#: fastText's names of losses; empty: w2v does not have it.
LOSSES = {"ns": "negative-sampling", "softmax": "naive-softmax", "hs": ""}
