"""Names that other tools use for options, answered with ours."""

import difflib

import click

#: Names of word2vec.c, gensim, fastText and w2v 0.1.0 (lower case, dashes) → ours.
FOREIGN_NAMES = {
    "size": "--dim",
    "vector-size": "--dim",
    "sample": "--subsample-threshold",
    "t": "--subsample-threshold",
    "negative": "--n-negatives",
    "neg": "--n-negatives",
    "threads": "--n-threads",
    "thread": "--n-threads",
    "workers": "--n-threads",
    "iter": "--epochs",
    "epoch": "--epochs",
    "mincount": "--min-count",
    "max-vocab-size": "--max-vocab",
    "max-final-vocab": "--max-vocab",
    "ws": "--window",
    "alpha": "--lr",
    "min-alpha": "--min-lr",
    "learning-rate": "--lr",
    "ns-exponent": "--noise-power",
    "minn": "--subwords 3-6 (the shortest and the longest n-gram)",
    "maxn": "--subwords 3-6 (the shortest and the longest n-gram)",
    "min-n": "--subwords 3-6 (the shortest and the longest n-gram)",
    "max-n": "--subwords 3-6 (the shortest and the longest n-gram)",
    "bucket": "--buckets",
    "cbow": "--model cbow",
    "sg": "--model skip-gram, which is the default",
    "softmax-prior": "--prior",
    "batch-words": "--batch-size",
    "train": "CORPUS, a positional argument",
    "input": "CORPUS, a positional argument",
    "corpus-file": "CORPUS, a positional argument",
    "sentences": "CORPUS, a positional argument",
    "output": "--out",
    "save-vocab": "vocab.tsv, which every run folder contains",
}
#: What other tools have and w2v does not.
ABSENT = {
    "hs": "w2v has no hierarchical softmax; see --loss",
    "wordngrams": "w2v has no word n-grams; omit it",
    "pretrainedvectors": "w2v cannot start from given vectors; omit it",
    "cbow-mean": "w2v's --model cbow always takes the mean; omit it",
    "cutoff": "train first, then `w2v export --top N`",
    "qnorm": "train first, then `w2v export --quantize int8`",
    "binary": "train first, then choose a format with `w2v export`",
}


class FriendlyCommand(click.Command):
    """A command that answers the option names of word2vec.c, gensim and fastText with ours."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Look for foreign names, then parse as usual."""
        known = {opt for param in self.get_params(ctx) for opt in param.opts + param.secondary_opts}
        known |= set(self.get_help_option_names(ctx))
        for argument in args:
            if argument == "--":
                break
            flag = argument.partition("=")[0]
            if flag.startswith("-") and flag not in known:
                _refuse_foreign(ctx, flag, known)
        return super().parse_args(ctx, args)


def _refuse_foreign(ctx: click.Context, flag: str, known: set[str]) -> None:
    name = flag.lstrip("-").lower().replace("_", "-")
    if f"--{name}" in known and len(name) > 1:
        ctx.fail(f"No such option: {flag}. Did you mean --{name}?")
    if name in FOREIGN_NAMES and (len(name) > 1 or flag.startswith("-t")):
        ctx.fail(f"No such option: {flag}. Here it is called {FOREIGN_NAMES[name]}.")
    if name in ABSENT:
        ctx.fail(f"No such option: {flag}; {ABSENT[name]}.")
    if flag.startswith("--"):
        close = difflib.get_close_matches(flag, known, n=1)
        if close:
            ctx.fail(f"No such option: {flag}. Did you mean {close[0]}?")
