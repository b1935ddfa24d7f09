"""Try a function of a file in every layout, and with right helpers where it is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from w2v_cli.grader.cases import cases_for
from w2v_cli.grader.diagnosis import Diagnosis, helper_at_fault
from w2v_cli.grader.drawing import DRAWINGS
from w2v_cli.grader.judge import judge
from w2v_cli.grader.judgement import CRASHED, EMPTY, ERROR, TIMED_OUT, WRONG, Judgement
from w2v_cli.grader.kinds import Kind, kind_named
from w2v_cli.grader.layouts import VARIANTS
from w2v_cli.grader.process import Limits, Outcome, Worker
from w2v_cli.grader.verdict import Grade, grade_of, is_right
from w2v_cli.grader.worker.calls import Variant


@dataclass
class Attempts:
    """Grades the functions of one loaded file.

    report: what the worker found when loading it. losses_take_dataset: whether a window
    function must pass on its dataset.
    """

    worker: Worker
    file: Path
    limits: Limits
    seed: int
    report: Mapping[str, object]
    losses_take_dataset: bool = True

    def grade(self, function: str, kind: Kind) -> Grade:
        """Call the function in the usual layout, and in others where that does not go well."""
        best: tuple[Judgement, Outcome] | None = None
        for variant in VARIANTS if len(kind.outputs) > 1 else VARIANTS[:1]:
            outcome, judgement = self._attempt(function, kind, variant)
            settled = self._settled(function, kind, outcome, judgement)
            if settled and best is None:
                return settled
            if settled:
                break
            if best is None or judgement.score > best[0].score:
                best = judgement, outcome
            if is_right(judgement, self.losses_take_dataset):
                break
        assert best is not None
        judgement, outcome = best
        grade = grade_of(function, judgement, outcome.output, self.losses_take_dataset)
        if grade.right or grade.verdict not in (WRONG, ERROR):
            return grade
        return self._with_helpers(grade, kind, judgement.variant)

    def _attempt(
        self, function: str, kind: Kind, variant: Variant, replaced: Sequence[str] = ()
    ) -> tuple[Outcome, Judgement]:
        cases = cases_for(kind, self.seed)
        outcome = self.worker.run(function, kind.key, variant, cases, replaced)
        roles = outcome.announced.get("roles", [])
        assert isinstance(roles, list)
        return outcome, judge(kind, variant, cases, outcome.answers, map(str, roles))

    def _settled(
        self, function: str, kind: Kind, outcome: Outcome, judgement: Judgement
    ) -> Grade | None:
        """Return the grade where there is nothing to compare."""
        if outcome.announced.get("missing"):
            message = f"{self.file} has no function {function}"
            return Grade(function, kind.key, ERROR, message=message)
        if outcome.announced.get("starter") or judgement.empty:
            return Grade(function, kind.key, EMPTY, printed=outcome.output)
        if "unbound" in outcome.announced:
            return Grade(function, kind.key, ERROR, message=str(outcome.announced["unbound"]))
        cases = cases_for(kind, self.seed)
        if not (outcome.timed_out or outcome.death or len(outcome.answers) < len(cases)):
            return None
        label = cases[min(len(outcome.answers), len(cases) - 1)].label
        if outcome.flooded:
            message = f"printed without end, and was stopped\ncalled with {label}"
        elif outcome.timed_out:
            message = f"not done within {self.limits.seconds:g} s\ncalled with {label}"
        else:
            message = f"{outcome.death or 'ended the process'}\ncalled with {label}"
        verdict = TIMED_OUT if outcome.timed_out else CRASHED
        return Grade(function, kind.key, verdict, message=message, printed=outcome.output)

    def _with_helpers(self, grade: Grade, kind: Kind, variant: Variant) -> Grade:
        """Say whether the function is right once the helpers that it calls are."""
        helpers = self.report.get("helpers", [])
        assert isinstance(helpers, list)
        others = [name for name in helpers if kind_named(name) != kind]
        sets = [[name] for name in others] + ([others] if len(others) > 1 else [])
        for replaced in sets if len(kind.outputs) > 1 else []:
            _, judgement = self._attempt(grade.function, kind, variant, replaced)
            if judgement.observations and is_right(judgement):
                found = helper_at_fault(" and ".join(replaced))
                return replace(grade, diagnoses=(*_about_draws(grade), found))
        return grade


def _about_draws(grade: Grade) -> list[Diagnosis]:
    """What is said about the drawing of negatives holds wherever it is written."""
    drawn = [drawing.diagnosis for drawing in DRAWINGS]
    return [d for d in grade.diagnoses if d in drawn]
