"""All settings there are: those of every run, and those that one loss or one engine owns."""

from collections.abc import Mapping

from msgspec import Struct

from w2v_cli.engines.catalog import ENGINES, MOVED_SETTINGS, OLD_NAMES, OLD_SETTINGS
from w2v_cli.engines.losses import LOSSES
from w2v_cli.engines.models import MODELS, WordModel
from w2v_cli.engines.offer import EngineOffer
from w2v_cli.engines.settings import ModelSettings, Situation, TrainingSettings
from w2v_cli.settings.fields import OPEN, Setting, Value, settings_of
from w2v_cli.settings.run_settings import WatchSettings
from w2v_cli.text.settings import CorpusSettings

#: Groups that every run has, by their tables in TOML.
COMMON: Mapping[str, type[Struct]] = {
    "corpus": CorpusSettings,
    "model": ModelSettings,
    "training": TrainingSettings,
    "watch": WatchSettings,
}


def owned() -> dict[str, type[Struct]]:
    """Return the groups that a loss or an engine owns, by its name."""
    losses = {loss.name: loss.settings for loss in LOSSES.values()}
    return {**losses, **{offer.name: offer.settings for offer in ENGINES.values()}}


def tables() -> dict[str, dict[str, Setting]]:
    """Return table → name → setting, for everything that can be set."""
    return {table: settings_of(struct, table) for table, struct in {**COMMON, **owned()}.items()}


def settings_named() -> dict[str, list[Setting]]:
    """Return name → settings of that name; several engines may own one of the same name."""
    found: dict[str, list[Setting]] = {}
    for settings in tables().values():
        for name, setting in settings.items():
            found.setdefault(name, []).append(setting)
    return found


def choices_of(setting: Setting) -> tuple[str, ...]:
    """Return the values a setting may have; some come from the catalogues."""
    optimizers = [optimizer for offer in ENGINES.values() for optimizer in offer.optimizers]
    from_catalogues = {
        "model": tuple(MODELS),
        "loss": tuple(LOSSES),
        "engine": tuple(ENGINES),
        "optimizer": tuple(dict.fromkeys(optimizers)),
    }
    return setting.choices or from_catalogues.get(setting.name, ())


def help_of(setting: Setting) -> str:
    """Return the help of a setting; that of engine and model lists what each one is."""
    listed: Mapping[str, EngineOffer | WordModel]
    if setting.name == "engine":
        listed = ENGINES
    elif setting.name == "model":
        listed = MODELS
    else:
        return setting.help
    return "; ".join(f"{each.name}: {each.summary}" for each in listed.values()) + "."


def new_name(name: str, value: Value) -> str | None:
    """Return what the value of a setting is called now, if version 0.1.0 called it otherwise."""
    return OLD_NAMES.get(value) if name == "engine" and isinstance(value, str) else None


def renamed(name: str) -> str | None:
    """Return what a setting is called now, if version 0.1.0 called it otherwise."""
    return OLD_SETTINGS.get(name)


def table_of(table: str, name: str) -> str:
    """Return the table that a setting belongs to now, if an earlier version had it in `table`."""
    return MOVED_SETTINGS.get((table, name), table)


def default_text(name: str, table: str | None = None) -> str:
    """Return the default of a setting as help and README show it; empty when it has none.

    table: for the setting of this table alone; None: for all of that name.
    """
    settings = [each for each in settings_named()[name] if table in (None, each.table)]
    texts = {setting.table: _default(setting) for setting in settings}
    if len(set(texts.values())) == 1 and "" not in texts.values():
        return next(iter(texts.values()))
    if all(texts.values()):
        return ", ".join(f"{owner} {text}" for owner, text in texts.items())
    return ", ".join(f"{engine} {value}" for engine, value in _by_engine(name).items())


def _default(setting: Setting) -> str:
    if setting.default_note:
        return setting.default_note
    if setting.default in (OPEN, None, ()):
        return ""
    return ("yes" if setting.default else "no") if setting.kind is bool else f"{setting.default}"


def _by_engine(name: str) -> dict[str, str]:
    """Return the defaults that engines choose themselves, as on a machine of any size.

    Where an engine's default differs by loss or model, that of its first ones comes first.
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
    """Return what an engine chooses for a loss and a model, with its first optimizer."""
    values: dict[str, object] = {"optimizer": offer.optimizers[0]}
    for cores in (1, 2):
        situation = Situation(loss, offer.optimizers[0], cores, model=model)
        for key, value in offer.defaults(situation).items():
            same = values.get(key, value) == value
            values[key] = value if same else "one per core"
    return {key: str(value) for key, value in values.items()}
