from itertools import combinations

import numpy as np
import pytest

from w2v_cli.pictures.style import STYLES, mix

#: Machado, Oliveira and Fernandes 2009: what is seen, in linear light, severity 1.
BLINDNESS = {
    "none": np.eye(3),
    "protan": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0519]],
    "deutan": [[0.3673, 0.8606, -0.2280], [0.2803, 0.6727, 0.0470], [-0.0118, 0.0430, 0.9689]],
    "tritan": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
}


def linear(color):
    values = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(light):
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ np.clip(light, 0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(color, other):
    light, dark = sorted(linear(c) @ [0.2126, 0.7152, 0.0722] for c in (color, other))[::-1]
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", BLINDNESS)
def test_colours_can_be_told_apart_with_every_kind_of_colour_blindness(style, kind):
    seen = {c: lab(np.array(BLINDNESS[kind]) @ linear(c)) for c in STYLES[style].palette}
    close = {
        (a, b): round(float(np.linalg.norm(seen[a] - seen[b])), 1)
        for a, b in combinations(seen, 2)
        if np.linalg.norm(seen[a] - seen[b]) < 10
    }
    assert not close


@pytest.mark.parametrize("style", STYLES)
def test_text_stands_out_from_the_paper(style):
    look = STYLES[style]
    for color in (*look.palette, look.ungrouped):
        assert contrast(color, look.background) > 2.3  # dots
        assert contrast(mix(color, look.ink, 0.25), look.background) > 3  # names, which are large
        assert contrast(mix(color, look.ink, 0.45), look.background) > 4.5  # words
    assert contrast(look.faint, look.background) > 3


def test_colours_are_mixed_by_share():
    assert mix("#000000", "#ffffff", 0) == "#000000"
    assert mix("#000000", "#ff8000", 0.5) == "#804000"
