"""What a run obeys: every setting has its value."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Annotated

from msgspec import Meta, Struct

from w2v_cli.engines.settings import Count, EngineSettings, NotNegative
from w2v_cli.settings.fields import Setting, Value, settings_of
from w2v_cli.text.settings import CorpusSettings


class WatchSettings(Struct, frozen=True, kw_only=True):
    """How a run is watched and saved on its way."""

    holdout: Annotated[
        Annotated[float, Meta(ge=0, le=0.9)],
        Meta(description="Share of the documents to hold out; their loss is reported each epoch."),
    ] = 0.0
    patience: Annotated[
        Count | None,
        Meta(
            description="Stop after so many epochs in which the held-out loss did not fall.",
            extra={"resume": "free"},
        ),
    ] = None
    checkpoint_every: Annotated[
        NotNegative,
        Meta(
            description="Seconds between checkpoints within an epoch; each epoch ends with one.",
            extra={"resume": "free"},
        ),
    ] = 300.0
    snapshots: Annotated[
        Annotated[int, Meta(ge=0, le=10_000)],
        Meta(
            description="Keep this many small states of the vectors, for w2v plot --animate.",
            extra={"resume": "free"},
        ),
    ] = 0
    eval_files: Annotated[
        tuple[str, ...],
        Meta(
            description="Rated word pairs or analogies that score the vectors after each epoch.",
            extra={"argument": "--eval", "resume": "free"},
        ),
    ] = ()


class RunSettings(EngineSettings, frozen=True, kw_only=True):
    """All that a run obeys; `settings.resolve` makes one.

    `None` stands only where a run has no such thing: no limit, no early stop.
    """

    corpus: CorpusSettings
    watch: WatchSettings

    def groups(self) -> dict[str, Struct]:
        """Return the groups by their tables in TOML."""
        return {
            "corpus": self.corpus,
            "model": self.model,
            self.model.loss: self.objective,
            "training": self.training,
            self.training.engine: self.own,
            "watch": self.watch,
        }

    def values(self) -> Iterator[tuple[Setting, Value]]:
        """Yield every setting with its value, in the order of the TOML file."""
        for table, group in self.groups().items():
            for name, setting in settings_of(type(group), table).items():
                yield setting, getattr(group, name)

    def fingerprint(self) -> str:
        """Hash (16 hexadecimal digits) of all settings that a resume may not change.

        The number of epochs is not part of it, because a finished run can be extended.
        """
        return _hash(self.kept_by_resume())

    def first_fingerprint(self) -> str | None:
        """Return the fingerprint of a version that had the settings `_FIRST` only; None: others
        matter.

        For checkpoints that hold a fingerprint only.
        """
        kept = self.kept_by_resume()
        as_before = all(
            value == setting.default
            for setting, value in self.values()
            if setting.name in kept and setting.name not in _FIRST
        )
        return _hash({k: v for k, v in kept.items() if k in _FIRST}) if as_before else None

    def kept_by_resume(self) -> dict[str, Value]:
        """Return what a resume may not change, as JSON holds it."""
        return {
            setting.name: list(value) if isinstance(value, tuple) else value
            for setting, value in self.values()
            if not setting.free and setting.name not in MAY_GROW
        }

    def changes_since(self, kept: Mapping[str, Value]) -> dict[str, tuple[Value, Value]]:
        """Return (then, now) of what differs from what `kept_by_resume` returned once.

        A setting that did not exist then is no change while it has its default, which means: as
        before.
        """
        now, missing = self.kept_by_resume(), object()
        defaults = {setting.name: setting.default for setting, _ in self.values()}
        then = {**{name: defaults[name] for name in now}, **kept}
        return {
            name: (kept.get(name), now.get(name))
            for name in then
            if then[name] != now.get(name, missing)
        }

    def differences(self, other: "RunSettings") -> dict[str, tuple[Value, Value]]:
        """Return (mine, theirs) of the settings that a resume may not change and that differ."""
        mine, theirs = (
            {setting.name: value for setting, value in settings.values() if not setting.free}
            for settings in (self, other)
        )
        names = dict.fromkeys([*mine, *theirs])
        return {
            name: (mine.get(name), theirs.get(name))
            for name in names
            if mine.get(name) != theirs.get(name)
        }


#: Settings that a resume may raise once a run is finished.
MAY_GROW = frozenset({"epochs"})

#: What a resume could not change when checkpoints held a fingerprint only. Do not add to it:
#: checkpoints now hold the settings themselves.
_FIRST = frozenset(
    {
        *("paths", "tokenizer", "lowercase", "split", "encoding_errors", "min_count", "max_vocab"),
        *("limit_tokens", "loss", "dim", "window", "subsample_threshold", "n_negatives"),
        *("noise_power", "engine", "optimizer", "steps", "lr", "lr_schedule", "min_lr"),
        *("halve_every", "seed", "holdout", "deterministic", "batch_size", "batch_mean"),
        *("prior", "precision"),
    }
)


def _hash(content: Mapping[str, Value]) -> str:
    text = json.dumps(content, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
