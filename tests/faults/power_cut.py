"""A disk that loses its power: only what was synced is certain to be there afterwards.

The disk keeps a model of files and folders. A file has the content of its last sync; a folder has
the entries of its last sync, and a list of changes that may or may not have reached the disk.
"""

import random
from pathlib import Path

from faults.faulty_disk import FaultyDisk

#: How much of what was not synced is there after the cut.
POLICIES = ("nothing", "names only", "anything")


class _File:
    def __init__(self) -> None:
        self.synced = b""


class _Folder:
    def __init__(self) -> None:
        self.now: dict[str, _File | _Folder] = {}
        self.synced: dict[str, _File | _Folder] = {}
        self.changes: list[tuple[str | None, str | None, _File | _Folder | None]] = []

    def change(self, old: str | None, new: str | None, node: "_File | _Folder | None") -> None:
        """Forget the name `old`; give the name `new` to `node`."""
        _apply(self.now, (old, new, node))
        self.changes.append((old, new, node))

    def sync(self) -> None:
        self.synced, self.changes = dict(self.now), []


def _apply(entries, change) -> None:
    old, new, node = change
    if old is not None:
        entries.pop(old, None)
    if new is not None:
        entries[new] = node


class PowerCutDisk(FaultyDisk):
    """Follows what happens below `root`, a folder that is there for certain."""

    def __init__(self, root: Path, *arguments) -> None:
        super().__init__(*arguments)
        self._root = root
        self._top = _Folder()

    def did(self, name: str, *arguments) -> None:
        match name:
            case "open_binary":
                parent, last = self._parent(arguments[0])
                if last not in parent.now:
                    parent.change(None, last, _File())
            case "make_folder":
                parent, last = self._parent(arguments[0])
                if last not in parent.now:
                    parent.change(None, last, _Folder())
            case "sync":
                path = Path(arguments[0].name)
                parent, last = self._parent(path)
                parent.now[last].synced = path.read_bytes()
            case "sync_folder":
                self._find(arguments[0]).sync()
            case "replace":
                parent, old = self._parent(arguments[0])
                other, new = self._parent(arguments[1])
                node = parent.now[old]
                parent.change(old, new if parent is other else None, node)
                if parent is not other:  # in two steps, so that a cut may lose or double it
                    other.change(None, new, node)
            case "link":
                parent, old = self._parent(arguments[0])
                other, new = self._parent(arguments[1])
                other.change(None, new, parent.now[old])
            case "unlink" | "remove_folder":
                parent, last = self._parent(arguments[0])
                if last in parent.now:
                    parent.change(last, None, None)

    def cut(self, target: Path, policy: str, seed: int) -> None:
        """Write to `target` what is there when the power is back."""
        self._rebuild(self._top, self._root, target, policy, random.Random(seed))

    def _rebuild(self, folder, now: Path, target: Path, policy: str, rng) -> None:
        entries = dict(folder.synced)
        for change in folder.changes:
            if policy == "names only" or (policy == "anything" and rng.random() < 0.5):
                _apply(entries, change)
        where = {id(node): now / name for name, node in folder.now.items()}
        target.mkdir(exist_ok=True)
        for name, node in entries.items():
            path = where.get(id(node), Path("gone"))
            if isinstance(node, _Folder):
                self._rebuild(node, path, target / name, policy, rng)
            else:
                content = _content(node, path, policy, rng)
                (target / name).write_bytes(content)

    def _find(self, path: Path):
        node = self._top
        for part in path.relative_to(self._root).parts:
            node = node.now[part]
        return node

    def _parent(self, path: Path):
        return self._find(Path(path).parent), Path(path).name


def _content(node: _File, path: Path, policy: str, rng) -> bytes:
    """What of a file is there: the last sync, or something between it and now."""
    if policy != "anything" or not path.is_file():
        return node.synced
    now = path.read_bytes()
    if now == node.synced:
        return now
    kept = len(node.synced) if now.startswith(node.synced) else 0  # appending loses nothing
    cut = rng.randrange(kept, max(kept, len(now)) + 1)
    return rng.choice([node.synced, now, now[:cut], now[:kept] + bytes(len(now) - kept)])
