"""The page in Chromium: dots and labels."""

import dataclasses
import re

import numpy as np
import pytest
from browser import browser, card, chromium, known, labels, page, path  # noqa: F401
from pages import page_data, vectors

from w2v_cli.pictures.page.page_file import write_page

pytestmark = pytest.mark.timeout(120)


def assert_apart(all_boxes):
    boxes = list(all_boxes)
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


@pytest.mark.parametrize("part", ["#renderer=webgl", "#renderer=canvas"])
def test_both_ways_to_draw_put_a_dot_of_its_colour_at_each_word(browser, path, part):
    browser.open(path, part)
    colors = browser.run("""
      const copy = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      copy.canvas.width = innerWidth; copy.canvas.height = innerHeight;
      dots.draw(frame());
      copy.drawImage(document.getElementById("dots"), 0, 0);
      return page.words.map((word, i) => {
        const [x, y] = screenOf(i).map(Math.round);
        return [...copy.getImageData(x, y, 1, 1).data].concat(rgb(colorOf(i)));
      });""")
    assert browser.run("return window.w2v.renderer()") == part.split("=")[1]
    for red, green, blue, alpha, *wanted in colors:
        assert alpha > 200
        np.testing.assert_allclose([red, green, blue], wanted, atol=4)


def test_without_a_working_webgl_the_page_draws_without_it(browser, path, tmp_path):
    broken = path.read_text().replace("#version 300 es", "#version 300 es broken")
    (tmp_path / "broken.html").write_text(
        re.sub(r"script-src [^;]*", "script-src 'unsafe-inline'", broken)
    )
    browser.open(tmp_path / "broken.html", "#renderer=webgl")
    assert browser.run("return window.w2v.renderer()") == "canvas"
    assert any("WebGL does not work here" in error for error in browser.errors())
    browser.open(path, "#renderer=webgl")
    assert browser.run("return window.w2v.renderer()") == "webgl"
    browser.run(
        "document.getElementById('dots').getContext('webgl2')"
        ".getExtension('WEBGL_lose_context').loseContext()"
    )
    browser.sleep(300)
    assert browser.run("return window.w2v.renderer()") == "canvas"
    x, y = browser.at("word20")
    pixel = "return [...document.getElementById('dots').getContext('2d').getImageData("
    assert browser.run(f"{pixel}{round(x)}, {round(y)}, 1, 1).data]")[3] > 200


def test_a_map_drawn_in_haste_shows_the_dots_of_one_drawn_with_care(browser, tmp_path):
    write_page(tmp_path / "many.html", page_data(vectors(3200)))
    browser.open(tmp_path / "many.html", "#renderer=canvas")
    for zoom in (1, 3):
        browser.run("map.call(zoom.scaleTo, arguments[0])", zoom)
        centres, pixels = browser.run("""
          const context = document.getElementById("dots").getContext("2d");
          const inside = page.words.map((word, i) => screenOf(i).map(Math.round))
            .filter(([x, y]) => x > 0 && y > 0 && x < innerWidth && y < innerHeight);
          const draw = (moving) => {
            dots.show(state.shown);  // forgets how few were in sight
            view.moving = moving;
            dots.draw(frame());
            return context.getImageData(0, 0, innerWidth, innerHeight).data;
          };
          const images = [draw(false), draw(true)];
          const colored = (image) => image.filter((part, p) => p % 4 === 3 && part > 200
            && image[p - 3] + image[p - 2] + image[p - 1] < 700).length;
          return [inside.map(([x, y]) => images.map(
            (image) => [...image.slice(4 * (y * innerWidth + x), 4 * (y * innerWidth + x) + 4)])),
            images.map(colored)];""")
        slow, fast = np.array(centres).swapaxes(0, 1)
        assert len(slow) > 300
        assert (fast[:, 3] == 230).all()
        np.testing.assert_allclose(slow[:, :3], fast[:, :3], atol=40)
        assert pixels[1] == pytest.approx(pixels[0], rel=0.35)


def test_pointing_at_a_group_makes_the_others_stand_back(page):
    box = page.run(
        "const b = document.querySelector('#groups button').getBoundingClientRect();"
        "return [b.x + 20, b.y + b.height / 2]"
    )
    page.mouse("mouseMoved", *box)
    page.wait()
    alpha = page.run("return page.words.map((w, i) => [page.groupOf(i), colors[4 * i + 3]])")
    assert {a for group, a in alpha if group == 0} == {255}
    assert max(a for group, a in alpha if group != 0) < 100


def test_the_map_is_drawn_with_care_again_when_it_rests(page):
    page.run("panBy(30, 0)")
    assert page.run("return view.moving")
    page.sleep(400)
    assert not page.run("return view.moving")


def test_labels_do_not_overlap_and_frequent_words_come_first(browser, tmp_path):
    known = vectors(800)
    write_page(tmp_path / "many.html", page_data(known))
    browser.open(tmp_path / "many.html")
    browser.press("p")
    few = labels(browser)
    assert known.words[0] in few
    assert_apart(few.values())
    ranks = [known.ids[word] for word in few]
    assert np.mean(ranks) < 400
    browser.run("map.call(zoom.scaleTo, 6)")
    browser.wait()
    near = labels(browser)
    assert_apart(near.values())
    rare = {word for word in near if known.ids[word] > max(ranks)} | (set(near) - set(few))
    assert rare, "zooming in brings further words"


def test_very_long_words_and_names_stay_inside_their_panels(browser, tmp_path):
    known = vectors(30)
    long = "Donaudampfschifffahrtsgesellschaft" * 20
    known = type(known)([long, *known.words[1:]], known.matrix, known.counts)
    data = page_data(known)
    groups = dataclasses.replace(data.groups, names=[long, long, "short"])
    write_page(tmp_path / "long.html", dataclasses.replace(data, groups=groups, title=long))
    for phone in (False, True):
        browser.phone(phone)
        browser.open(tmp_path / "long.html")
        browser.run("document.getElementById('panel').classList.add('open'); setPin(0)")
        browser.wait()
        outside = browser.run("""
          const all = document.querySelectorAll("#panel *, #card *");
          const shown = [...all].filter((e) => e.getClientRects().length && !e.closest("svg"));
          return shown.filter((e) => {
            const inner = e.getBoundingClientRect();
            const outer = e.closest("#panel, #card").getBoundingClientRect();
            return inner.left < outer.left - 1 || inner.right > outer.right + 1;
          }).map((e) => e.outerHTML.slice(0, 80));""")
        assert outside == []
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    assert max(box[2] - box[0] for box in labels(browser).values()) < 400


@pytest.mark.parametrize(
    "points", [np.zeros((30, 2)), np.ones((30, 2)) * 1e30, np.eye(30)[:, :2] * 1e-30]
)
def test_equal_huge_and_tiny_places_make_a_page(browser, tmp_path, points):
    data = page_data(vectors(30))
    planes = [dataclasses.replace(data.planes[0], points=points)]
    write_page(tmp_path / "odd.html", dataclasses.replace(data, planes=planes))
    browser.open(tmp_path / "odd.html")
    assert browser.errors() == []
    assert browser.run("return page.words.every((w, i) => screenOf(i).every(Number.isFinite))")
    assert labels(browser)


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_words_make_a_page(browser, tmp_path, n):
    known = vectors(20)
    known = type(known)(known.words[:n], known.matrix[:n], known.counts[:n])
    write_page(tmp_path / "small.html", page_data(known))
    browser.open(tmp_path / "small.html")
    browser.hover("tea")
    assert browser.text("#card-word") == "tea"
    assert len(card(browser)) == n - 1
    assert browser.errors() == []
