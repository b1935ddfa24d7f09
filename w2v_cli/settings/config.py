"""Every setting and its default, defined once.

`Config` is what `w2v train` obeys. The command line, the help texts, the TOML files and the
table in the README are made from its fields; a test compares them.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields, replace
from typing import Any

from w2v_cli.errors import UsageError

LOSSES = ("negative-sampling", "naive-softmax")
ENGINES = ("numba", "softmax", "numpy")
OPTIMIZERS = ("sgd", "adagrad", "adam")
SOFTMAX_PRIORS = ("unigram", "none")
PRECISIONS = ("float32", "float64")

#: Settings left open are filled in by engine: what is good for one is not for another.
ENGINE_DEFAULTS: dict[str, dict[str, Any]] = {
    "numba": {
        "optimizer": "sgd",
        "lr": 0.025,
        "epochs": 5,
        "softmax_prior": "none",
    },
    "softmax": {
        "optimizer": "adam",
        "lr": 0.03,
        "epochs": 25,
        "batch_size": 256,
        "softmax_prior": "unigram",
    },
    "numpy": {
        "optimizer": "sgd",
        "lr": 0.025,
        "epochs": 5,
        "batch_size": 64,
        "softmax_prior": "none",
    },
}
#: … and by optimizer, where that needs another step or converges sooner.
OPTIMIZER_DEFAULTS: dict[tuple[str, str], dict[str, Any]] = {
    ("softmax", "adagrad"): {"lr": 0.1, "epochs": 50},
}
ENGINE_BY_LOSS = {"negative-sampling": "numba", "naive-softmax": "softmax"}
MIN_LR_SHARE = 1e-4

#: Settings that may differ between a run and its resumption.
FREE_ON_RESUME = frozenset(
    {"paths", "memory", "patience", "n_threads", "checkpoint_every", "eval_files"}
)


def _setting(
    default: Any,
    table: str,
    help_text: str,
    *,
    choices: tuple[str, ...] = (),
    at_least: float | None = None,
    above: float | None = None,
    at_most: float | None = None,
    cli: bool = True,
) -> Any:
    metadata = {
        "table": table,
        "help": help_text,
        "choices": choices,
        "at_least": at_least,
        "above": above,
        "at_most": at_most,
        "cli": cli,
    }
    return field(default=default, metadata=metadata)


def n_cores() -> int:
    """Return the cores this process may use; not every system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Config:
    """The settings of one training run. `None` means: chosen when the run starts."""

    paths: tuple[str, ...] = _setting(
        (), "corpus", "Files, folders, globs, or - for standard input.", cli=False
    )
    tokenizer: str = _setting(
        "words",
        "corpus",
        "words: Unicode words without punctuation; whitespace: split at white space only.",
        choices=("words", "whitespace"),
    )
    lowercase: bool | None = _setting(
        None, "corpus", "Lower-case the text; by default words yes, whitespace no."
    )
    split: str = _setting(
        "all",
        "corpus",
        "Which sentences of a Stanford Sentiment Treebank folder to read.",
        choices=("all", "train", "dev", "test"),
    )
    encoding_errors: str = _setting(
        "replace",
        "corpus",
        "Invalid UTF-8: replace it and count it, ignore it and count it, or strict: stop.",
        choices=("replace", "ignore", "strict"),
    )
    min_count: int = _setting(5, "corpus", "Words that occur less often are left out.", at_least=1)
    max_vocab: int | None = _setting(
        None, "corpus", "Keep only this many of the most frequent words.", at_least=2
    )
    limit_tokens: int | None = _setting(
        None, "corpus", "Read only this many words of the corpus.", at_least=1
    )
    loss: str = _setting(LOSSES[0], "model", "The objective.", choices=LOSSES)
    dim: int = _setting(100, "model", "Length of a vector (D).", at_least=1)
    window: int = _setting(
        5, "model", "Largest radius of a window; each radius is drawn from 1 to this.", at_least=1
    )
    n_negatives: int = _setting(5, "model", "Negative samples a pair (K).", at_least=1)
    noise_power: float = _setting(
        0.75, "model", "Negatives are drawn by count to this power.", at_least=0.0
    )
    softmax_prior: str | None = _setting(
        None,
        "model",
        "unigram: log P(outside word) is added to every score; none: the literal naive softmax.",
        choices=SOFTMAX_PRIORS,
    )
    subsample_threshold: float = _setting(
        1e-3,
        "model",
        "Words above this share of the corpus are thinned out; 0 keeps all.",
        at_least=0.0,
    )
    epochs: int | None = _setting(None, "training", "Passes over the corpus.", at_least=1)
    steps: int | None = _setting(
        None,
        "training",
        "Instead of epochs: this many batches of windows drawn at random (engine numpy).",
        at_least=1,
    )
    lr: float | None = _setting(None, "training", "Learning rate at the start.", above=0.0)
    min_lr: float | None = _setting(
        None, "training", "Learning rate at the end of a linear schedule.", at_least=0.0
    )
    lr_schedule: str = _setting(
        "linear",
        "training",
        "linear: falls to --min-lr; halving: halved every --halve-every steps; constant.",
        choices=("linear", "halving", "constant"),
    )
    halve_every: int = _setting(
        20_000, "training", "Steps between two halvings of the learning rate.", at_least=1
    )
    batch_size: int | None = _setting(
        None, "training", "Windows (engine softmax: centre words) a step.", at_least=1
    )
    batch_mean: bool = _setting(
        False,
        "training",
        "Average a step's gradient over its windows, as CS224n does, instead of adding it up.",
    )
    optimizer: str | None = _setting(
        None, "training", "How a gradient becomes a step.", choices=OPTIMIZERS
    )
    engine: str | None = _setting(
        None,
        "training",
        "numba: compiled negative sampling; softmax: exact aggregated softmax; numpy: plain.",
        choices=ENGINES,
    )
    precision: str = _setting(
        "float32", "training", "Of the arithmetic of engine softmax.", choices=PRECISIONS
    )
    memory: float = _setting(
        1.0,
        "training",
        "GiB for counting pairs (engine softmax); what is over goes to disk.",
        above=0.0,
    )
    holdout: float = _setting(
        0.0,
        "training",
        "Share of the documents to keep out of training; their loss is told after each epoch.",
        at_least=0.0,
        at_most=0.9,
    )
    patience: int | None = _setting(
        None,
        "training",
        "With --holdout: stop after so many epochs in which the held-out loss did not fall.",
        at_least=1,
    )
    seed: int = _setting(1, "training", "Same seed, same draws.", at_least=0)
    n_threads: int | None = _setting(
        None, "training", "Threads; by default one a core.", at_least=1
    )
    deterministic: bool = _setting(
        False, "training", "The same bits for every number of threads, at some cost in speed."
    )
    checkpoint_every: float = _setting(
        300.0,
        "training",
        "Seconds between checkpoints inside an epoch (each epoch ends with one).",
        at_least=0.0,
    )
    eval_files: tuple[str, ...] = _setting(
        (),
        "training",
        "Files of rated pairs or analogies (--eval) that score the vectors after each epoch.",
        cli=False,
    )

    def __post_init__(self) -> None:
        """Check types, ranges and choices. Raises UsageError naming the setting."""
        for spec in fields(self):
            _check(spec, getattr(self, spec.name))

    def resolved(self, default_threads: int = 1) -> Config:
        """Return a copy in which every open setting has its value.

        Raises UsageError where settings contradict each other.
        """
        engine = self.engine or ("numpy" if self.steps else ENGINE_BY_LOSS[self.loss])
        defaults = ENGINE_DEFAULTS[engine]
        optimizer = self.optimizer or defaults["optimizer"]
        defaults = {**defaults, **OPTIMIZER_DEFAULTS.get((engine, optimizer), {})}
        filled = {k: v for k, v in defaults.items() if getattr(self, k) is None}
        if self.steps is not None:
            filled.pop("epochs", None)
        if self.n_threads is None:
            filled["n_threads"] = default_threads if engine != "numpy" else 1
        config = replace(self, engine=engine, **filled)
        if config.lowercase is None:
            config = replace(config, lowercase=config.tokenizer == "words")
        if config.min_lr is None:
            assert config.lr is not None
            config = replace(config, min_lr=config.lr * MIN_LR_SHARE)
        config._check_combinations()
        return config

    def _check_combinations(self) -> None:
        if self.engine == "numba" and self.loss != "negative-sampling":
            raise UsageError(
                "engine numba trains negative sampling only; for --loss naive-softmax use"
                " --engine softmax or --engine numpy"
            )
        if self.engine == "softmax" and self.loss != "naive-softmax":
            raise UsageError(
                "engine softmax trains naive softmax only; for --loss negative-sampling use"
                " --engine numba or --engine numpy"
            )
        allowed = {"numba": ("sgd",), "softmax": OPTIMIZERS, "numpy": ("sgd", "adagrad")}
        assert self.engine is not None
        if self.optimizer not in allowed[self.engine]:
            raise UsageError(
                f"engine {self.engine} has no optimizer {self.optimizer};"
                f" choose from: {', '.join(allowed[self.engine])}, or another --engine"
            )
        if self.engine != "softmax" and (self.softmax_prior, self.precision) != ("none", "float32"):
            raise UsageError(
                "--softmax-prior unigram and --precision float64 are for --loss naive-softmax with"
                " --engine softmax"
            )
        if self.engine == "numba" and (self.batch_size is not None or self.batch_mean):
            raise UsageError(
                "engine numba has no --batch-size and no --batch-mean; leave them away,"
                " or use another --engine"
            )
        if self.steps is not None and (self.engine != "numpy" or self.epochs is not None):
            raise UsageError("--steps goes with --engine numpy and without --epochs")
        if self.patience is not None and not self.holdout:
            raise UsageError("--patience needs documents held out: give --holdout 0.05 as well")
        if self.lr_schedule == "halving" and self.steps is None:
            raise UsageError("--lr-schedule halving counts steps: give --steps as well")
        assert self.lr is not None
        assert self.min_lr is not None
        if self.min_lr > self.lr:
            raise UsageError(f"--min-lr {self.min_lr:g} is above --lr {self.lr:g}; lower it")

    def differences(self, other: Config) -> list[str]:
        """Name the settings that a resume may not change and that differ, with both values."""
        return [
            f"{spec.name}: {getattr(self, spec.name)!r} here, {getattr(other, spec.name)!r} there"
            for spec in fields(self)
            if spec.name not in FREE_ON_RESUME
            and getattr(self, spec.name) != getattr(other, spec.name)
        ]

    def fingerprint(self) -> str:
        """Hash (16 hexadecimal digits) of all settings that a resume may not change."""
        content = {k: v for k, v in asdict(self).items() if k not in FREE_ON_RESUME}
        text = json.dumps(content, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "bool": (bool,),
}


def type_name(spec: Field[Any]) -> str:
    """Return the type of a setting without its "or None": "int", "float", "str", "bool"."""
    return str(spec.type).partition("|")[0].strip()


def _check(spec: Field[Any], value: Any) -> None:
    """Check one setting against its type, range and choices. Raises UsageError."""
    kind = type_name(spec)
    if value is None and "None" in str(spec.type):
        return
    expected = _TYPES.get(kind)
    wrong_bool = isinstance(value, bool) and kind != "bool"
    if expected is not None and (not isinstance(value, expected) or wrong_bool):
        raise UsageError(f"{spec.name} must be of type {kind}, not {value!r}")
    limits = spec.metadata
    if limits["choices"] and value not in limits["choices"]:
        raise UsageError(f"{spec.name} is {value!r}; choose from: {', '.join(limits['choices'])}")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        _check_range(spec.name, value, limits)


def _check_range(name: str, value: float, limits: Mapping[str, Any]) -> None:
    if not math.isfinite(value):
        raise UsageError(f"{name} is {value}; give a finite number")
    if limits["at_least"] is not None and value < limits["at_least"]:
        raise UsageError(f"{name} is {value}; it must be at least {limits['at_least']:g}")
    if limits["above"] is not None and value <= limits["above"]:
        raise UsageError(f"{name} is {value}; it must be above {limits['above']:g}")
    if limits["at_most"] is not None and value > limits["at_most"]:
        raise UsageError(f"{name} is {value}; it must be at most {limits['at_most']:g}")
