"""What the cache of corpora saves: python tests/bench/cache.py TEXT [TEXT...]

Prepares a corpus in an empty cache, then once more, and opens it: seconds on the wall and of the
processor. The text is copied first, so that its time of change is not now.
"""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve
from w2v_cli.text.prepare import open_corpus, prepare_corpus
from w2v_cli.text.shared_cache import SharedCache


def main() -> None:
    """Measure."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        paths = [shutil.copy(path, root) for path in sys.argv[1:]]
        for path in paths:
            os.utime(path, (1e9, 1e9))
        settings = resolve(Config(paths=tuple(map(str, paths))))
        shared = SharedCache(root / "w2v" / "corpora", print)
        for step in ("compiles, reads", "finds it", "finds it again"):
            folder = root / step.replace(" ", "-")
            folder.mkdir()
            wall, cpu = time.perf_counter(), time.process_time()
            prepare_corpus(settings.corpus, folder, n_threads=2, shared=shared)
            prepared = time.perf_counter() - wall, time.process_time() - cpu
            open_corpus(folder)
            opened = time.perf_counter() - wall, time.process_time() - cpu
            print(
                f"{step}: prepared in {prepared[0]:.2f} s ({prepared[1]:.2f} of the processor),"
                f" opened after {opened[0]:.2f} s ({opened[1]:.2f})"
            )


if __name__ == "__main__":
    main()
