"""Find an encoded corpus in the user's cache, and keep one there.

The key is all that the ids depend on: path, size and time of change of each file, the settings of
reading (files that they name included), the versions of Unicode and the code of the reader. Not
kept: what is read from a pipe, words cut by a user's own function, and files that were changed
just now, because the next change may leave size and time as they are.
"""

import os
import time
import unicodedata
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import msgspec

from w2v_cli.corpus.cache import About, SharedCache, key_of
from w2v_cli.corpus.encoded import FILES, fingerprint_of, read_summary
from w2v_cli.corpus.readers import TextSource
from w2v_cli.corpus.reading import Progress
from w2v_cli.corpus.settings import CorpusSettings
from w2v_cli.corpus.tokenizers.own import is_own
from w2v_cli.json_types import Json
from w2v_cli.storage import files

#: A file that was changed so few seconds ago may change again without another time of change.
_SETTLED_SECONDS = 2.0
#: Settings that do not change the ids.
_MEANS = {"memory"}


def corpus_key(settings: CorpusSettings, source: TextSource) -> str | None:
    """Return the name of a corpus in the cache; None when it cannot be told from others."""
    chosen: Json = msgspec.to_builtins(settings)
    values = {name: value for name, value in chosen.items() if name not in _MEANS}
    if is_own(settings.tokenizer):
        return None
    states = source.states()
    named = _named_files(values)
    if states is None or any(_is_fresh(changed) for _, _, changed in [*states, *named]):
        return None
    identity = {"files": states, "settings": values, "named": named}
    versions = {"unicode": unicodedata.unidata_version, "regex": metadata.version("regex")}
    return key_of({"kind": "corpus", **versions, **identity})


def fetch_corpus(shared: SharedCache, key: str, folder: Path, progress: Progress) -> bool:
    """Put a corpus from the cache into an empty folder, if it is there and whole."""
    if not shared.fetch(key, folder):
        return False
    with suppress(OSError, ValueError, TypeError):
        if fingerprint_of(folder, progress) == read_summary(folder).fingerprint:
            shared.notice("the encoded corpus comes from the cache (w2v cache)")
            return True
    shared.discard(key)
    for name in FILES:
        files.unlink(folder / name)
    return False


def keep_corpus(shared: SharedCache, key: str, folder: Path, settings: CorpusSettings) -> None:
    """Keep a corpus for other runs."""
    summary = read_summary(folder)
    size = f"{summary.n_tokens:,} words, vocabulary {summary.n_words:,}"
    shared.keep(key, folder, FILES, About("corpus", " ".join(settings.paths), size))


def _is_fresh(changed: int) -> bool:
    return changed > (time.time() - _SETTLED_SECONDS) * 1e9


def _named_files(settings: Json) -> list[tuple[str, int, int]]:
    """Return path, size and time of change of each file that a setting names."""
    found = []
    for value in settings.values():
        if isinstance(value, str):
            with suppress(OSError, ValueError):
                status = os.stat(value)
                found.append((os.path.abspath(value), status.st_size, status.st_mtime_ns))
    return found
