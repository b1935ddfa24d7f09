"""The arithmetic of the page that explains, under Node: it equals the equations."""

import json
import shutil
import subprocess
from importlib.resources import files

import numpy as np
import pytest
from twin import AS_DATA, LOSSES, LR, assert_equal_steps, start, steps

SOURCE = files("w2v_cli.pictures.page").joinpath("explain/arithmetic.js").read_text("utf-8")


def node(script: str, source: str = SOURCE):
    """Return what `print(…)` in the script was given last, as JSON."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("Node is not installed")
    text = f'"use strict";{source}\nconst print = (x) => console.log(JSON.stringify(x));{script}'
    done = subprocess.run([program, "-"], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def trained(loss: str, source: str = SOURCE):
    V, U, _ = start()
    lessons = [[s["c"], s["o"], s["negatives"]] for s in steps(loss)]
    return node(
        AS_DATA
        + f"""
const V = {json.dumps(V.tolist())}, U = {json.dumps(U.tolist())}, all = [];
const copy = (matrix) => matrix.map((vector) => [...vector]);
for (const [c, o, negatives] of {json.dumps(lessons)}) {{
  const v = V[c], pair = lossOf("{loss}", v, o, negatives, U);
  V[c] = plus(v, pair.gradCenter, -{LR});
  for (const [w, gradient] of pair.gradOutside) U[w] = plus(U[w], gradient, -{LR});
  all.push(asData({{ ...pair, c, o, negatives, v }}, U.length, copy(V), copy(U)));
}}
print(all);""",
        source,
    )


@pytest.mark.parametrize("loss", LOSSES)
def test_a_hundred_steps_are_those_of_the_equations(loss):
    assert_equal_steps(trained(loss), loss)


@pytest.mark.parametrize(
    ("loss", "right", "wrong"),
    [
        ("softmax", "p - truth[s]", "p + truth[s]"),
        ("softmax", "plus(pull, U[w], -error[s])", "plus(pull, U[w], -1)"),
        ("softmax", "logTotal - scores[o]", "logTotal - scores[0]"),
        (
            "negatives",
            "gradOutside.get(w) ?? zeros(v.length)",
            "zeros(v.length)",
        ),  # the last counts
        ("negatives", "truth[s] ? x : -x", "x"),
        ("negatives", "x >= 0 ? 1 : e", "x >= 0 ? e : 1"),
    ],
)
def test_a_planted_mistake_is_noticed(loss, right, wrong):
    assert SOURCE.count(right) == 1
    found = trained(loss, SOURCE.replace(right, wrong))
    with pytest.raises(AssertionError):
        assert_equal_steps(found, loss)


def test_large_scores_overflow_nowhere():
    for loss in LOSSES:
        script = f'print(lossOf("{loss}", [1], 0, [1, 1], [[-2000], [3000], [0]]))'
        found = node(script)
        assert found["loss"] == {"softmax": 5000, "negatives": 8000}[loss]
        assert np.isfinite(found["gradCenter"]).all()


def test_philox_gives_the_numbers_of_its_paper():
    """Known answers of Random123, philox4x32-10."""
    ones = [0xFFFFFFFF] * 4
    pi = ([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0])
    cases = [([0] * 4, [0] * 2), (ones, ones[:2]), pi]
    found = node(f"print({json.dumps(cases)}.map(([counter, key]) => philox(counter, key)))")
    assert found == [
        [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8],
        [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ]


def test_negatives_follow_their_weights_and_are_never_the_outside_word():
    weights = np.array([4.0, 1.0, 2.0, 0.0, 3.0])
    script = f"""
const counts = [0, 0, 0, 0, 0];
for (let step = 0; step < 4000; step++) {{
  for (const k of drawNegatives(7, step, 2, 5, {weights.tolist()})) counts[k]++;
}}
const once = drawNegatives(7, 11, 2, 5, {weights.tolist()});
print([counts, once, drawNegatives(7, 11, 2, 3, [0, 0, 1])]);
"""
    counts, once, none = node(script)
    assert counts[2] == counts[3] == 0
    weights[2] = 0
    np.testing.assert_allclose(np.array(counts) / 20_000, weights / weights.sum(), atol=0.015)
    assert len(once) == 5
    assert none == []
