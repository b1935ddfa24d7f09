"""The learning rate over a run: one definition for every engine."""

from dataclasses import dataclass

from w2v_cli.engines.settings import TrainingSettings


@dataclass(frozen=True)
class Schedule:
    """How the learning rate falls.

    linear: from `lr` to `min_lr` with progress, as word2vec.c does. halving: halved after every
    `halve_every` of `steps` steps, as CS224n does. constant: stays at `lr`.
    """

    kind: str
    lr: float
    min_lr: float = 0.0
    halve_every: int = 1
    steps: int = 1

    def lr_at(self, done: int, total: int) -> float:
        """Learning rate after `done` of `total` equal pieces of work."""
        if self.kind == "linear":
            return max(self.min_lr, self.lr * (1.0 - done / total))
        if self.kind == "halving":
            return self.lr * 0.5 ** (done * self.steps // (total * self.halve_every))
        return self.lr


def create_schedule(training: TrainingSettings) -> Schedule:
    """Return the schedule of a training; what a kind of schedule does not use is dropped."""
    used = {
        name: value
        for name in ("min_lr", "halve_every", "steps")
        if (value := getattr(training, name)) is not None
    }
    return Schedule(training.lr_schedule, training.lr, **used)
