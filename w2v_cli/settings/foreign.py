"""What word2vec.c, gensim and fastText call our settings."""

#: Their names (lower case, with dashes) → ours.
FOREIGN_SETTINGS = {
    "size": "dim",
    "vector-size": "dim",
    "sample": "subsample_threshold",
    "t": "subsample_threshold",
    "negative": "n_negatives",
    "neg": "n_negatives",
    "threads": "n_threads",
    "thread": "n_threads",
    "workers": "n_threads",
    "iter": "epochs",
    "epoch": "epochs",
    "mincount": "min_count",
    "max-final-vocab": "max_vocab",
    "ws": "window",
    "alpha": "lr",
    "min-alpha": "min_lr",
    "learning-rate": "lr",
    "ns-exponent": "noise_power",
    "pretrainedvectors": "start_from",
    "read-vocab": "vocab",
    "corpus-file": "paths",
}


def our_name(name: str) -> str | None:
    """Return what a setting of another tool is called here; None: it has no counterpart."""
    return FOREIGN_SETTINGS.get(name.lstrip("-").lower().replace("_", "-"))
