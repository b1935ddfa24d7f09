"""All settings of a run, and their catalogue: tables, choices, help and defaults."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Annotated

from msgspec import Meta, Struct

from w2v_cli.engines.catalog import ENGINES
from w2v_cli.engines.settings import (
    LOSSES,
    MODELS,
    NO_BLEND,
    Count,
    EngineOffer,
    EngineSettings,
    ModelSettings,
    NotNegative,
    Situation,
    TrainingSettings,
    Which,
    WordModel,
)
from w2v_cli.settings.fields import OPEN, Setting, Value, settings_of
from w2v_cli.text.places import are_moved
from w2v_cli.text.settings import CorpusSettings

# The settings of a run: each one has a value.


class WatchSettings(Struct, frozen=True, kw_only=True):
    """How a run is watched and saved while it trains."""

    holdout: Annotated[
        Annotated[float, Meta(ge=0, le=0.9)],
        Meta(
            description="Share of the documents to hold out. Their loss is reported after each"
            " epoch."
        ),
    ] = 0.0
    patience: Annotated[
        Count | None,
        Meta(
            description="Stop after this many epochs without a lower held-out loss.",
            extra={"resume": "free"},
        ),
    ] = None
    checkpoint_every: Annotated[
        NotNegative,
        Meta(
            description="Seconds between checkpoints within an epoch. Each epoch also ends with"
            " one.",
            extra={"resume": "free"},
        ),
    ] = 300.0
    snapshots: Annotated[
        Annotated[int, Meta(ge=0, le=10_000)],
        Meta(
            description="Number of small copies of the vectors to keep for w2v plot --animate.",
            extra={"resume": "free"},
        ),
    ] = 0
    eval_files: Annotated[
        tuple[str, ...],
        Meta(
            description="Files of rated word pairs or analogies; the vectors are scored after"
            " each epoch.",
            extra={"argument": "--eval", "resume": "free"},
        ),
    ] = ()


#: Settings that a resume may raise once a run is finished.
MAY_GROW = frozenset({"epochs"})


class RunSettings(EngineSettings, frozen=True, kw_only=True):
    """All settings of a run; `settings.resolve` makes one.

    `None` means that the run has no such thing, such as a limit or an early stop.
    """

    corpus: CorpusSettings
    watch: WatchSettings

    @property
    def best_vectors(self) -> Which:
        """Which vectors are best for use: the blend if there is one."""
        return self.trained_vectors if self.training.blend == NO_BLEND else "blend"

    @property
    def trained_vectors(self) -> Which:
        """Which of the trained vectors are best for use.

        With subwords, the centre vectors: unknown words have no others.
        """
        return "center" if self.model.subwords else ENGINES[self.training.engine].vectors

    def groups(self) -> dict[str, Struct]:
        """Return the groups by the names of their TOML tables."""
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

        The number of epochs is left out, because a finished run can be extended.
        """
        text = json.dumps(self.kept_by_resume(), sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def kept_by_resume(self) -> dict[str, Value]:
        """Return the settings that a resume may not change, as plain JSON values."""
        return {
            setting.name: list(value) if isinstance(value, tuple) else value
            for setting, value in self.values()
            if not setting.free and setting.name not in MAY_GROW
        }

    def changes_since(self, kept: Mapping[str, Value]) -> dict[str, tuple[Value, Value]]:
        """Return (then, now) for each change since an earlier `kept_by_resume`; None: not set.

        Files may have moved: what is in them decides.
        """
        changes = _differing(kept, self.kept_by_resume())
        return {name: pair for name, pair in changes.items() if not are_moved(*pair)}

    def differences(self, other: "RunSettings") -> dict[str, tuple[Value, Value]]:
        """Return (mine, theirs) for each difference in what a resume may not change."""
        mine, theirs = (
            {setting.name: value for setting, value in settings.values() if not setting.free}
            for settings in (self, other)
        )
        return _differing(mine, theirs)


def _differing(
    first: Mapping[str, Value], second: Mapping[str, Value]
) -> dict[str, tuple[Value, Value]]:
    pairs = {name: (first.get(name), second.get(name)) for name in [*first, *second]}
    return {name: (mine, theirs) for name, (mine, theirs) in pairs.items() if mine != theirs}


# The catalogue: the settings of every run, and those of one loss or one engine.

#: Groups that every run has, by TOML table.
COMMON: Mapping[str, type[Struct]] = {
    "corpus": CorpusSettings,
    "model": ModelSettings,
    "training": TrainingSettings,
    "watch": WatchSettings,
}


def owned() -> dict[str, type[Struct]]:
    """Return the groups of settings of single losses and engines, by name."""
    losses = {loss.name: loss.settings for loss in LOSSES.values()}
    return {**losses, **{offer.name: offer.settings for offer in ENGINES.values()}}


def tables() -> dict[str, dict[str, Setting]]:
    """Return table → name → setting, for all settings."""
    return {table: settings_of(struct, table) for table, struct in {**COMMON, **owned()}.items()}


def settings_named() -> dict[str, list[Setting]]:
    """Return name → settings of that name; several engines may own one of the same name."""
    found: dict[str, list[Setting]] = {}
    for settings in tables().values():
        for name, setting in settings.items():
            found.setdefault(name, []).append(setting)
    return found


def choices_of(setting: Setting) -> tuple[str, ...]:
    """Return the values that a setting may have; some come from catalogues."""
    optimizers = [optimizer for offer in ENGINES.values() for optimizer in offer.optimizers]
    from_catalogues = {
        "model": tuple(MODELS),
        "loss": tuple(LOSSES),
        "engine": tuple(ENGINES),
        "optimizer": tuple(dict.fromkeys(optimizers)),
        "blend": (NO_BLEND, *(offer.name for offer in ENGINES.values() if offer.blends)),
    }
    return setting.choices or from_catalogues.get(setting.name, ())


def help_of(setting: Setting) -> str:
    """Return the help of a setting; for `engine` and `model` it describes each choice."""
    listed: Mapping[str, EngineOffer | WordModel]
    if setting.name == "engine":
        listed = ENGINES
    elif setting.name == "model":
        listed = MODELS
    else:
        return setting.help
    return "; ".join(f"{each.name}: {each.summary}" for each in listed.values()) + "."


# Defaults, as the help and the README show them.


def default_text(name: str, table: str | None = None) -> str:
    """Return the default of a setting as text, "" if it has none.

    table: only the setting of this table; None: all settings of that name.
    """
    settings = [each for each in settings_named()[name] if table in (None, each.table)]
    texts = {setting.table: _default(setting) for setting in settings}
    if len(set(texts.values())) == 1 and "" not in texts.values():
        return next(iter(texts.values()))
    if all(texts.values()):
        return ", ".join(f"{owner} {text}" for owner, text in texts.items())
    return _shared_first(_by_engine(name))


def _shared_first(values: Mapping[str, str]) -> str:
    """Write engine → value with the value of most engines first, if several share it."""
    texts = list(values.values())
    most = max(texts, key=texts.count, default="")
    shared = [most] if texts.count(most) > 1 else []
    others = [f"{engine} {value}" for engine, value in values.items() if [value] != shared]
    return "; ".join([*shared, *([", ".join(others)] if others else [])])


def _default(setting: Setting) -> str:
    if setting.default_note:
        return setting.default_note
    if setting.default in (OPEN, None, ()):
        return ""
    return ("yes" if setting.default else "no") if setting.kind is bool else f"{setting.default}"


def _by_engine(name: str) -> dict[str, str]:
    """Return engine → the default that it chooses, for a machine of any size.

    Where it depends on loss or model, the value for the engine's first ones comes first.
    """
    found = {}
    for offer in ENGINES.values():
        loss, *losses = offer.losses
        model, *models = offer.models
        first = _chosen_by(offer, loss, model).get(name)
        others = {other: _chosen_by(offer, other, model).get(name) for other in losses}
        others |= {other: _chosen_by(offer, loss, other).get(name) for other in models}
        if first is not None:
            notes = [f"{value} for {other}" for other, value in others.items() if value != first]
            found[offer.name] = first + (f" ({', '.join(notes)})" if notes else "")
    return found


def _chosen_by(offer: EngineOffer, loss: str, model: str) -> dict[str, str]:
    """Return the defaults of an engine for a loss and a model, with its first optimizer."""
    values: dict[str, object] = {"optimizer": offer.optimizers[0]}
    for cores in (1, 2):
        situation = Situation(loss, offer.optimizers[0], cores, model=model)
        for key, value in offer.defaults(situation).items():
            same = values.get(key, value) == value
            values[key] = value if same else "one per core"
    return {key: str(value) for key, value in values.items()}
