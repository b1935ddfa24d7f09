"""Sixty hand-ins by eight authors: every function gets the verdict that it deserves."""

import pytest
from sixty import ROWS, hand_ins

from w2v_cli.grader.grade import grade_file

ALL = hand_ins()
#: Graded in every run of the tests, one of each sort; the others are slow.
QUICK = {
    "ada.py: right",
    "dev.py: right",
    "gil.ipynb: right",
    "ben.ipynb: one more draw",
    "fay.py: all negatives in each row",
    "cleo.py: a class that wants a size",
}
#: Further names, all true: some mistakes show in two places.
SECOND = {
    "only the outside word's term of the centre gradient",
    "the minus of the outside word's term of the loss is missing",
}


def _marked(one):
    return pytest.param(one, id=one.name, marks=() if one.name in QUICK else pytest.mark.slow)


def test_there_are_sixty_and_fifteen_are_notebooks():
    assert len({one.name for one in ALL}) == len(ROWS) >= 60
    assert sum(one.file.endswith(".ipynb") for one in ALL) >= 15
    assert {one.name for one in ALL} >= QUICK


@pytest.mark.parametrize("one", [_marked(one) for one in ALL])
def test_no_function_is_misjudged(tmp_path, one):
    if "torch" in one.text:
        pytest.importorskip("torch")
    for name, text in {**one.beside, one.file: one.text}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    grade = grade_file(tmp_path / one.file, one.mapping)
    assert {g.kind: g.verdict for g in grade.grades} == dict(one.verdicts), grade
    titles = [d.title for g in grade.grades for d in g.diagnoses if d.title]
    if one.words:
        assert one.words in titles.pop(0)
    assert not {title for title in titles if "which it calls" not in title} - SECOND
