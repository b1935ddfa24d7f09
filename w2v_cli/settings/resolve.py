"""From a `Config` to `RunSettings`: the only place where defaults are filled in."""

import os
from collections.abc import Mapping
from typing import TypeVar

from msgspec import Struct

from w2v_cli.engines.catalog import ENGINES
from w2v_cli.engines.settings import (
    BLEND_WEIGHT,
    BUCKETS,
    HALVE_EVERY,
    LOSSES,
    MIN_LR_SHARE,
    NO_BLEND,
    START_EPOCHS,
    START_EPOCHS_ADAPTIVE,
    START_LR_SHARE,
    START_LR_SHARE_ADAPTIVE,
    CorpusFigures,
    EngineOffer,
    ModelSettings,
    Situation,
    TrainingSettings,
)
from w2v_cli.errors import UsageError
from w2v_cli.settings.config import Config
from w2v_cli.settings.fields import Value, settings_of
from w2v_cli.settings.run_settings import RunSettings, WatchSettings, owned
from w2v_cli.text.settings import NO_SUBWORDS, CorpusSettings, folds_by_default, parse_lengths

S = TypeVar("S", bound=Struct)


def n_cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def resolve(
    config: Config, figures: CorpusFigures | None = None, cores: int | None = None
) -> RunSettings:
    """Give every open setting a value.

    Args:
        config: the settings that the user gave.
        figures: sizes of the corpus, once it has been read; some defaults depend on them.
        cores: the default of `n_threads`; None: the cores that this process may use.

    Raises:
        UsageError: settings that contradict each other, or that the engine or loss does not
            have. The message names only settings that the user gave.
    """
    given = _without_none(config.fixed().given)
    loss = chosen_loss(given)
    model = given.get("model", ModelSettings().model)
    offer = _choose_engine(given, loss, model)
    _refuse_what_does_not_apply(given, {loss, offer.name})
    optimizer = given.get("optimizer", offer.optimizers[0])
    situation = Situation(
        loss,
        optimizer,
        cores or n_cores(),
        figures,
        model,
        "subwords" in given,
        _scoped(given, offer.name).get("device", "cpu"),
    )
    defaults: dict[str, Value] = {
        "engine": offer.name,
        "loss": loss,
        "optimizer": optimizer,
        **offer.defaults(situation),
    }
    if "start_from" in given:
        defaults |= _gentle(defaults, optimizer, given.get("freeze", "none") != "none")
    _check_start(given)
    own_names = settings_of(offer.settings, offer.name)
    general = {k: v for k, v in defaults.items() if k not in own_names}
    own = {k: v for k, v in defaults.items() if k in own_names}
    return RunSettings(
        corpus=resolve_corpus(config),
        model=_filled(ModelSettings, {**general, **given, **_subwords(given)}),
        objective=_filled(LOSSES[loss].settings, _scoped(given, loss)),
        training=_filled(
            TrainingSettings,
            _schedule({**general, **given, **_blend(given, offer)}, given),
        ),
        own=_filled(offer.settings, {**own, **_scoped(given, offer.name)}),
        watch=_watch(given, loss),
    )


def chosen_loss(given: Mapping[str, Value]) -> str:
    """Return the loss that was given; else the default, or the engine's first if it lacks that."""
    default = ModelSettings().loss
    losses = ENGINES[given["engine"]].losses if "engine" in given else (default,)
    return str(given.get("loss", default if default in losses else losses[0]))


def _gentle(defaults: Mapping[str, Value], optimizer: str, frozen: bool) -> dict[str, Value]:
    """Return the defaults that differ when a run starts from trained vectors.

    frozen: those vectors do not change, so new words take steps of the usual size.
    """
    share, most = (
        (START_LR_SHARE, START_EPOCHS)
        if optimizer == "sgd"
        else (START_LR_SHARE_ADAPTIVE, START_EPOCHS_ADAPTIVE)
    )
    lr, epochs = defaults["lr"] * (1 if frozen else share), defaults.get("epochs", most)
    return {"lr": float(f"{lr:g}"), "epochs": min(epochs, most)}


def _without_none(given: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return the settings without those of subwords if `--subwords none` cancels them."""
    if given.get("subwords") != NO_SUBWORDS:
        return given
    return {k: v for k, v in given.items() if k not in ("subwords", "ngrams", "buckets")}


def _subwords(given: Mapping[str, Value]) -> dict[str, Value]:
    """Complete the settings of n-grams. Raises UsageError for a contradiction."""
    for name in ("ngrams", "buckets"):
        if name in given and "subwords" not in given:
            raise UsageError(f"--{name} needs --subwords; give --subwords 3-6, or omit it")
    if "subwords" not in given:
        return {}
    parse_lengths(given["subwords"])
    if given.get("freeze", "none") != "none":
        raise UsageError(
            "--freeze and --subwords exclude each other, because words share n-gram vectors;"
            " omit one of them"
        )
    if given.get("ngrams") == "explicit":
        if "buckets" in given:
            raise UsageError("--buckets needs --ngrams hashed, not explicit; omit one of them")
        return {}
    return {"ngrams": "hashed", "buckets": given.get("buckets", BUCKETS)}


def resolve_corpus(config: Config) -> CorpusSettings:
    """Give every open setting of the corpus a value; other settings are ignored."""
    given = config.given
    lowercase = folds_by_default(given.get("tokenizer", "words"))
    defaults: dict[str, Value] = {"lowercase": lowercase, "paths": ()}
    if "vocab" in given:
        defaults["min_count"] = 1
        for name in ("min_count", "max_vocab", "stop_words", "keep_words"):
            if given.get(name, 1) != 1:
                option = settings_of(CorpusSettings, "corpus")[name].option
                raise UsageError(
                    f"--vocab already gives the words that {option} would choose; omit one of"
                    f" the two"
                )
    return _filled(CorpusSettings, {**defaults, **given})


def _choose_engine(given: Mapping[str, Value], loss: str, model: str) -> EngineOffer:
    """Return the engine that was given, or the first that can train with these settings."""
    wants_steps, wants_subwords = "steps" in given, "subwords" in given
    able = [
        offer
        for offer in ENGINES.values()
        if loss in offer.losses
        and model in offer.models
        and (offer.takes_steps or not wants_steps)
        and (offer.takes_subwords or not wants_subwords)
    ]
    if "engine" not in given and not able:
        raise UsageError(
            f"no engine trains --loss {loss} with --model {model}"
            + (" and --steps; omit --steps" if wants_steps else "; change one of the two")
        )
    offer = ENGINES[given["engine"]] if "engine" in given else able[0]
    instead = _engines_named(able)
    if loss not in offer.losses:
        raise UsageError(f"engine {offer.name} does not train {loss}{instead}")
    if model not in offer.models:
        raise UsageError(f"engine {offer.name} does not train --model {model}{instead}")
    if wants_steps and not offer.takes_steps:
        raise UsageError(f"engine {offer.name} does not take --steps; omit it{instead}")
    if wants_subwords and not offer.takes_subwords:
        raise UsageError(f"engine {offer.name} does not train --subwords; omit it{instead}")
    if "start_from" in given and not offer.takes_start:
        raise UsageError(
            f"engine {offer.name} computes vectors from the counts alone, so it cannot start from"
            " others; omit --from, or choose another --engine"
        )
    optimizer = given.get("optimizer", offer.optimizers[0])
    if optimizer not in offer.optimizers:
        instead = _engines_named([other for other in able if optimizer in other.optimizers])
        raise UsageError(
            f"engine {offer.name} has no optimizer {optimizer}, only {', '.join(offer.optimizers)}"
            + (instead or "; choose one of these")
        )
    return offer


def _engines_named(offers: list[EngineOffer]) -> str:
    names = " or ".join(f"--engine {offer.name}" for offer in offers)
    return f"; choose {names}" if names else ""


def _refuse_what_does_not_apply(given: Mapping[str, Value], chosen: set[str]) -> None:
    """Raise UsageError for a setting that belongs to another loss or engine."""
    groups = {name: settings_of(struct, name) for name, struct in owned().items()}
    for name in given:
        owners = [owner for owner, settings in groups.items() if name in settings]
        if owners and not chosen & set(owners):
            kind = "loss" if owners[0] in LOSSES else "engine"
            mine = next(part for part in chosen if (part in LOSSES) == (kind == "loss"))
            option = groups[owners[0]][name].option
            raise UsageError(
                f"{option} is a setting of {kind} {' and '.join(owners)}, not of {mine};"
                f" omit it, or choose --{kind} {owners[0]}"
            )


def _scoped(given: Mapping[str, Value], table: str) -> dict[str, Value]:
    """Return what was given for one table; a bare name wins over a file's "table.name"."""
    of_file = {
        name.rpartition(".")[2]: value
        for name, value in given.items()
        if name.rpartition(".")[0] == table
    }
    return {**of_file, **given}


def _filled(struct: type[S], values: Mapping[str, Value]) -> S:
    """Build a group from the values that belong to it."""
    fields = settings_of(struct, "")
    return struct(**{name: values[name] for name in fields if name in values})


def _schedule(values: dict[str, Value], given: Mapping[str, Value]) -> dict[str, Value]:
    """Fill in the learning rate's schedule and the length of the training."""
    lengths = [name for name in ("steps", "epochs", "minutes") if name in given]
    if len(lengths) > 1:
        raise UsageError(f"{_options(lengths)} exclude each other; give only one of them")
    if "steps" in given:
        values["epochs"] = 1
    schedule = values.get("lr_schedule", "linear")
    if "halve_every" in given and schedule != "halving":
        raise UsageError("--halve-every needs --lr-schedule halving; add that, or omit it")
    if "min_lr" in given and schedule != "linear":
        raise UsageError(f"--min-lr needs --lr-schedule linear, not {schedule}; omit it")
    if schedule == "halving":
        if "steps" not in given:
            raise UsageError("--lr-schedule halving counts steps; give --steps as well")
        values.setdefault("halve_every", HALVE_EVERY)
    if schedule == "linear":
        # Rounded, so that config.toml shows 1e-06 and not 1.0000000000000002e-06.
        values.setdefault("min_lr", float(f"{values['lr'] * MIN_LR_SHARE:.12g}"))
        if values["min_lr"] > values["lr"]:
            raise UsageError(f"--min-lr {values['min_lr']:g} is above --lr {values['lr']:g}")
    return values


def _options(names: list[str]) -> str:
    return " and ".join(f"--{name}" for name in names)


def _check_start(given: Mapping[str, Value]) -> None:
    for name in ("freeze", "start_fingerprint"):
        if "start_from" not in given and given.get(name, "none") != "none":
            raise UsageError(f"{name} {given[name]} needs vectors to start from; give --from")


def _blend(given: Mapping[str, Value], offer: EngineOffer) -> dict[str, Value]:
    """Complete the settings of a blend. Raises UsageError for one that cannot be made."""
    other = given.get("blend", NO_BLEND)
    if other == NO_BLEND:
        if "blend_weight" in given and "blend" not in given:
            raise UsageError("--blend-weight needs a --blend; give that as well, or omit it")
        return {"blend_weight": None}
    if offer.blends:
        raise UsageError(
            f"--blend {other} blends its vectors with those of another engine, not of"
            f" {offer.name}; omit it, or choose another --engine"
        )
    if "start_from" in given:
        raise UsageError(
            "--blend needs vectors of all words from this text, and --from keeps others too;"
            " train without --blend, then use `w2v blend`"
        )
    return {"blend_weight": given.get("blend_weight", BLEND_WEIGHT)}


def _watch(given: Mapping[str, Value], loss: str) -> WatchSettings:
    watch = _filled(WatchSettings, given)
    if watch.holdout and not LOSSES[loss].of_pairs:
        raise UsageError(
            f"--loss {loss} is not measured pair by pair, so not on held-out documents;"
            " omit --holdout"
        )
    if watch.patience is not None and not watch.holdout:
        raise UsageError("--patience needs held-out documents; give --holdout 0.05 as well")
    return watch
