"""The kinds of picture that `w2v plot` draws: each takes the options and returns a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from w2v_cli.commands.plot_options import KNOBS
from w2v_cli.errors import DataError, reason_of
from w2v_cli.json_types import Json
from w2v_cli.visible import visible

if TYPE_CHECKING:
    from w2v_cli.pictures.canvas import Picture
    from w2v_cli.pictures.draw import Page
    from w2v_cli.pictures.film import Film
    from w2v_cli.vectors.word_vectors import WordVectors

Options = Mapping[str, Any]


def words_picture(runs: Sequence[Path], options: Options) -> Picture:
    """Words in two dimensions."""
    from w2v_cli.pictures.draw import plot

    loaded, known = _load_words(runs, options)
    return plot(loaded, known, **_projection(options), groups=_groups(options), **_look(options))


def words_page(runs: Sequence[Path], options: Options) -> Page:
    """Words on a page to explore."""
    from w2v_cli.pictures.draw import explore

    loaded, known = _load_words(runs, options)
    projection = _projection(options)
    projection["methods"] = options["method"]
    del projection["method"]
    return explore(loaded, known, **projection, groups=_groups(options), title=options["title"])


def comparison(runs: Sequence[Path], options: Options) -> Picture:
    """Two runs side by side."""
    from w2v_cli.pictures.draw import choose_groups, counts_of
    from w2v_cli.pictures.side_by_side import compare, draw_comparison, least_agreed, words_of_both
    from w2v_cli.vectors.word_vectors import load

    first, known = _load_words(runs, options)
    second = load(options["compare"], options["vectors"])
    both, missing = words_of_both(known, first, second)
    name_missing(missing, str(options["compare"]))
    compared = compare(both, first, second, **_projection(options))
    look = _look(options)
    names = (look.pop("title"), options["compare"].resolve().name)
    counts = counts_of(first, both)
    groups = choose_groups(both, first[both].astype(float), _groups(options), counts)
    picture = draw_comparison(both, compared, groups, names, counts=counts, **look)
    agreed = ", ".join(f"{word} {cos:.2f}" for word, cos in least_agreed(both, compared).items())
    picture.notes.append(f"the runs agree least on (cosine): {agreed}")
    return picture


def analogies(runs: Sequence[Path], options: Options) -> Picture:
    """Arrows from word to word."""
    from w2v_cli.pictures.arrows import draw_analogies, parse_pair
    from w2v_cli.vectors.word_vectors import load

    pairs = [parse_pair(text) for text in options["analogy"]]
    loaded = load(runs[0], options["vectors"])
    sides = ([pair[side] for pair in pairs] for side in (0, 1))
    starts, ends = (loaded[words].astype(float) for words in sides)
    return draw_analogies(pairs, starts, ends, **_look(options))


def heatmap(runs: Sequence[Path], options: Options) -> Picture:
    """A table of cosines."""
    from w2v_cli.pictures.heatmap import draw_heatmap
    from w2v_cli.pictures.words import keep_known, split_words
    from w2v_cli.vectors.word_vectors import load

    loaded = load(runs[0], options["vectors"])
    known, missing = keep_known(split_words(options["heatmap"]), loaded)
    name_missing(missing, "the vocabulary")
    return draw_heatmap(known, loaded[known].astype(float), **_look(options))


def curves(runs: Sequence[Path], options: Options) -> Picture:
    """How runs went."""
    from w2v_cli.pictures.curves import draw_curves, read_curves

    return draw_curves([read_curves(run) for run in runs], **_look(options))


def film(runs: Sequence[Path], options: Options) -> Film:
    """Words on their way through the training."""
    from w2v_cli.pictures.curves import read_curves
    from w2v_cli.pictures.draw import choose_groups, counts_of
    from w2v_cli.pictures.film import Film, draw_frames, read_snapshots

    loaded, known = _load_words(runs, options)
    snapshots = read_snapshots(runs[0], known, options["vectors"])
    name_missing([word for word in known if word not in snapshots.words], "the snapshots")
    counts = counts_of(loaded, snapshots.words)
    groups = choose_groups(snapshots.words, snapshots.vectors[-1], _groups(options), counts)
    frames = draw_frames(snapshots, groups, read_curves(runs[0]), counts=counts, **_look(options))
    return Film(frames, options["title"])


KINDS: dict[str, Callable[[Sequence[Path], Options], Picture]] = {
    "words": words_picture,
    "compare": comparison,
    "analogy": analogies,
    "heatmap": heatmap,
    "curves": curves,
}


def name_missing(words: Sequence[str], where: str) -> None:
    """Name words that cannot be drawn, on stderr."""
    if words:
        click.echo(f"note: not in {where}: {visible(' '.join(words))}", err=True)


def _load_words(runs: Sequence[Path], options: Options) -> tuple[WordVectors, list[str]]:
    """Load RUN and choose the words that it knows; the others are named on stderr."""
    from w2v_cli.pictures.words import keep_known
    from w2v_cli.vectors.word_vectors import load

    loaded = load(runs[0], options["vectors"])
    known, missing = keep_known(_wanted(loaded, options), loaded)
    name_missing(missing, "the vocabulary")
    return loaded, known


def _wanted(loaded: WordVectors, options: Options) -> Sequence[str]:
    from w2v_cli.pictures import words

    if options["words"] is not None:
        return words.split_words(options["words"])
    if options["words_file"] is not None:
        return _read_words(options["words_file"])
    if options["top"] is not None:
        return words.top_words(loaded, options["top"], options["keep_stop_words"])
    if options["neighbors_of"] is not None:
        return words.words_near(loaded, options["neighbors_of"], options["n"])
    if options["regex"] is not None:
        return words.words_matching(loaded, options["regex"])
    return words.CS224N_WORDS


def _read_words(path: Path) -> list[str]:
    from w2v_cli.pictures.words import split_words

    try:
        return split_words(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"cannot read the words in {path}: {reason_of(error)}; give a text with words"
        ) from error


def _groups(options: Options) -> Any:
    from w2v_cli.pictures.words import read_groups

    if options["groups"] is not None:
        return read_groups(options["groups"])
    return options["clusters"]


def _projection(options: Options) -> Json:
    (method, *_) = options["method"]
    knobs = {knob: options[knob] for knob in KNOBS if options[knob] is not None}
    return {"method": method, "metric": options["metric"], "seed": options["seed"], **knobs}


def _look(options: Options) -> Json:
    return {name: options[name] for name in ("title", "style", "size", "dpi")}
