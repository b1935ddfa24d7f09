"""The page in Chromium: moving, keys, filters, projections, themes."""

import numpy as np
import pytest
from browser import browser, chromium, known, page, path  # noqa: F401
from pages import N

pytestmark = pytest.mark.timeout(120)


def test_a_dragged_map_moves_and_pins_nothing(page):
    x, y = page.at("tea")
    page.drag([(x, y), (x + 40, y + 30), (x + 90, y + 50)])
    moved = page.at("tea")
    np.testing.assert_allclose(moved, [x + 90, y + 50], atol=1)
    assert page.run("return window.w2v.state.pin") == -1


def test_the_wheel_zooms_at_the_pointer(page):
    before = page.at("word17")
    far = page.at("word18")
    page.mouse("mouseWheel", *before, deltaX=0, deltaY=-300)
    page.wait()
    np.testing.assert_allclose(page.at("word17"), before, atol=1)
    assert page.at("word18")[0] - before[0] > 1.2 * (far[0] - before[0])


def test_groups_and_frequency_filter(page, known):
    page.run("document.querySelector('#groups button[data-group=\"0\"]').click()")
    shown = page.run("return [...window.w2v.state.shown]")
    assert sorted(shown) == [i for i in range(N) if i % 4 != 1]
    page.run("""const limit = document.getElementById("limit");
      limit.value = 500; limit.dispatchEvent(new Event("input"));""")
    page.wait()
    shown = page.run("return [...window.w2v.state.shown]")
    assert sorted(shown) == [i for i in range(round(N**0.5)) if i % 4 != 1]
    assert page.text("#subtitle") == f"{len(shown)} of {N} words"
    page.hover(known.words[1])
    assert not page.is_visible("#card")
    assert page.texts("#groups b") == ["one", "two", "<b>three</b>", "no group"]


def test_the_switch_of_projections_moves_the_words(page, known):
    before = page.at("word20")
    page.press("p")
    page.wait()
    assert page.at("word20") != before
    assert "Distances mean something." in page.text("#note")
    points = known[known.words[:N]][:, :2]
    screen = np.array([page.at(word) for word in known.words[:N]]) * [1, -1]
    moved, scaled = screen - screen.mean(axis=0), points - points.mean(axis=0)
    np.testing.assert_allclose(
        moved / np.abs(moved).max(), scaled / np.abs(scaled).max(), atol=1e-3
    )


def test_with_motion_the_words_travel_and_arrive(browser, path):
    browser.theme("light", motion="no-preference")
    browser.open(path)
    start = browser.at("word20")
    browser.run("choosePlane(1)")
    browser.sleep(250)
    browser.sleep(1500)
    arrived = browser.at("word20")
    browser.theme("light")
    browser.open(path)
    browser.press("p")
    np.testing.assert_allclose(arrived, browser.at("word20"), atol=0.01)
    assert arrived != start
    assert browser.errors() == []


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_theme_is_the_system_s_until_it_is_switched(browser, path, system):
    browser.theme(system)
    browser.open(path)
    other = {"light": "dark", "dark": "light"}[system]
    for expected in (system, other):
        assert browser.run("return document.documentElement.dataset.theme") == expected
        paper = browser.run("return getComputedStyle(document.body).backgroundColor")
        assert (int(paper[4:].split(",")[0]) > 128) == (expected == "light")
        browser.press("t")
    assert browser.errors() == []


def test_the_keyboard_moves_zooms_and_pins(page):
    x, y = page.at("word20")
    page.press("\ue014", "\ue013")  # right, up
    np.testing.assert_allclose(page.at("word20"), [x - 80, y + 80], atol=1)
    page.press("+")
    assert page.run("return window.w2v.view.k") == pytest.approx(1.6)
    page.press("-", "0")
    np.testing.assert_allclose(page.at("word20"), [x, y], atol=1)
    page.press("\ue007")
    assert page.is_visible("#card")
    assert "pinned" in page.text("#status")
    page.press("?")
    assert page.is_visible("#help-box")
    page.press("\ue00c")
    assert not page.is_visible("#help-box")


def test_the_tab_key_reaches_every_control_and_each_has_a_name(page):
    reached = []
    for _ in range(40):
        page.driver.switch_to.active_element.send_keys("\ue004")
        element = page.driver.switch_to.active_element
        if element.tag_name == "body":
            break
        reached.append(element.get_attribute("id") or element.tag_name)
        assert element.accessible_name, element.get_attribute("outerHTML")
    wanted = {"marks", "search", "limit", "zoom-in", "zoom-out", "fit", "lasso", "theme", "help"}
    assert wanted <= set(reached)
