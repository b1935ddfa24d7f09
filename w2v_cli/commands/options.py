"""Names that other tools use for options, answered with ours."""

import difflib

import click

from w2v_cli.settings.foreign import FOREIGN_SETTINGS


def _option(name: str) -> str:
    """Return what the command line calls a setting."""
    special = {"start_from": "--from", "paths": "CORPUS, a positional argument"}
    return special.get(name, "--" + name.replace("_", "-"))


#: Names of word2vec.c, gensim, fastText and w2v 0.1.0 (lower case, dashes) → ours.
FOREIGN_NAMES = {
    **{name: _option(ours) for name, ours in FOREIGN_SETTINGS.items()},
    "minn": "--subwords 3-6 (the shortest and the longest n-gram)",
    "maxn": "--subwords 3-6 (the shortest and the longest n-gram)",
    "min-n": "--subwords 3-6 (the shortest and the longest n-gram)",
    "max-n": "--subwords 3-6 (the shortest and the longest n-gram)",
    "bucket": "--buckets",
    "cbow": "--model cbow",
    "sg": "--model skip-gram, which is the default",
    "softmax-prior": "--prior",
    "trim-rule": "--vocab, --keep-words and --stop-words, files of words",
    "max-vocab-size": "--max-vocab; counting itself needs no limit, for it spills to disk",
    "train": "CORPUS, a positional argument",
    "input": "CORPUS, a positional argument",
    "sentences": "CORPUS, a positional argument",
    "output": "--out",
    "save-vocab": "vocab.tsv, which every run folder contains",
}
#: What other tools have and w2v does not.
ABSENT = {
    "hs": "w2v has no hierarchical softmax; see --loss",
    "wordngrams": "w2v has no text classifier; `w2v embed` gives one its input",
    "label": "w2v has no text classifier; `w2v embed` gives one its input",
    "classes": "w2v has no k-means over words; `w2v plot RUN --clusters N` draws groups of words",
    "callbacks": "use --eval and --holdout; in Python on_report",
    "compute-loss": "the loss is always in metrics.jsonl; omit it",
    "hashfxn": "there is nothing to set: --seed decides",
    "batch-words": "there is nothing to set: text is cut into blocks",
    "queue-factor": "there is nothing to set: text is cut into blocks",
    "lrupdaterate": "the learning rate falls with every block; omit it",
    "sorted-vocab": "words always stand by falling frequency; omit it",
    "cbow-mean": "w2v's --model cbow always takes the mean; omit it",
    "null-word": "omit it",
    "debug": "omit it; progress is on stderr",
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
