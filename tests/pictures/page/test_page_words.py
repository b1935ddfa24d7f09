"""The page in Chromium: pointing, pinning, searching, the lasso."""

import numpy as np
import pytest
from browser import assert_nearest, browser, chromium, known, page, path  # noqa: F401
from pages import HOSTILE, SCRIPTS, N

pytestmark = pytest.mark.timeout(120)


def test_hover_shows_count_and_nearest_words_by_the_full_vectors(page, known):
    for word in ("tea", "word25", HOSTILE[0]):
        page.hover(word)
        assert_nearest(page, known, word)
        count = known.counts[known.ids[word]]
        assert f"{count:,} times" in page.text("#card-about")
    page.mouse("mouseMoved", 640, 795)
    page.wait()
    assert not page.is_visible("#card")


def test_click_pins_and_draws_lines_and_escape_unpins(page, known):
    x, y = page.at("coffee")
    page.click(x, y)
    page.mouse("mouseMoved", 640, 795)
    page.wait()
    assert_nearest(page, known, "coffee")
    near = next(near.word for near in known.neighbors("coffee") if near.word in known.words[:N])
    half = np.mean([page.at("coffee"), page.at(near)], axis=0)
    ink = (
        "const [x, y] = arguments[0], c = document.getElementById('marks').getContext('2d');"
        "return Math.max(...c.getImageData(Math.round(x) - 3, Math.round(y) - 3, 7, 7).data)"
    )
    assert page.run(ink, half.tolist()) > 0
    page.press("\ue00c")
    assert not page.is_visible("#card")
    assert page.run("return window.w2v.state.pin") == -1


def test_a_click_on_a_neighbour_goes_there(page, known):
    page.click(*page.at("tea"))
    row = page.run(
        "const r = document.querySelector('#card-nearest button'); r.click(); return r.dataset.word"
    )
    page.wait()
    assert_nearest(page, known, known.words[int(row)])


def test_the_keyboard_walks_from_neighbour_to_neighbour(page, known):
    page.click(*page.at("tea"))
    page.run("document.querySelector('#card-nearest button').focus()")
    page.press("\ue007")
    first = page.run("return document.activeElement.dataset.word")
    assert page.text("#card-word") != "tea"
    page.press("\ue007")
    assert_nearest(page, known, known.words[int(first)])


def test_search_suggests_frequent_words_first_and_finds(page, known):
    page.press("/", "w", "o", "r", "d", "2")
    suggested = page.texts("#suggestions li > :first-child")
    assert suggested == ["word2", *(f"word{i}" for i in range(20, 26))]
    page.press("\ue015", "\ue007")  # down, Enter
    assert_nearest(page, known, "word20")
    x, y = page.at("word20")
    assert 280 < x < 1280
    assert 0 < y < 800
    assert page.run("return document.activeElement.id") == "marks"


def test_search_says_when_it_finds_nothing(page):
    page.press("/", "z", "z")
    assert page.texts("#suggestions li") == ["No such word on this page"]
    assert not page.run("return document.querySelector('#suggestions [role=option]')")


def test_the_lasso_lists_the_words_inside_it(page, known):
    (x0, y0), (x1, y1) = page.at(known.words[14]), page.at(known.words[23])
    left, right, low, high = min(x0, x1) - 12, max(x0, x1) + 12, max(y0, y1) + 12, min(y0, y1) - 12
    inside = [
        word
        for word in known.words[:N]
        if left < page.at(word)[0] < right and high < page.at(word)[1] < low
    ]
    page.press("l")
    page.drag([(left, low), (left, high), (right, high), (right, low), (left + 1, low)])
    assert len(inside) > 3
    listed = page.run("return document.getElementById('chosen-words').value").split("\n")
    assert listed == inside
    assert page.text("#chosen-count") == f"{len(inside)} words in the lasso"
    page.press("\ue00c")
    assert not page.is_visible("#chosen")


def test_the_lasso_works_with_shift_and_a_drag_outside_finds_nothing(page):
    page.mouse("mouseMoved", 1150, 700)
    page.mouse("mousePressed", 1150, 700, button="left", clickCount=1, modifiers=8)
    for x, y in ((1160, 705), (1170, 710), (1150, 715), (1150, 701)):
        page.mouse("mouseMoved", x, y, button="left", buttons=1, modifiers=8)
    page.mouse("mouseReleased", 1150, 701, button="left", clickCount=1, modifiers=8)
    page.wait()
    assert "words in the lasso" in page.text("#status")


def test_words_of_every_script_can_be_found(page):
    for word in SCRIPTS:
        page.run(
            """const box = document.getElementById("search");
          box.focus(); box.value = arguments[0]; box.dispatchEvent(new Event("input"));""",
            word,
        )
        assert page.texts("#suggestions li > :first-child")[0] == word
