"""The page in a real Chromium: what a reader sees and does."""

import numpy as np
import pytest
from browser import browser, chromium  # noqa: F401
from pages import HOSTILE, SCRIPTS, page_data, vectors

from w2v_cli.pictures.page.page import write_page

pytestmark = pytest.mark.timeout(120)
N = 40


@pytest.fixture(scope="module")
def known():
    return vectors()


@pytest.fixture(scope="module")
def path(known, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "plot.html"
    write_page(path, page_data(known, N))
    return path


@pytest.fixture
def page(browser, path):
    browser.open(path)
    yield browser
    assert browser.errors() == []
    assert browser.run("return document.title") == "Tea & <i>coffee</i>"


def card(page):
    rows = page.run(
        "return [...document.querySelectorAll('#card-nearest li > *')]"
        ".map((row) => ['b', 'small'].map((part) => row.querySelector(part).textContent))"
    )
    return [(word, float(score)) for word, score in rows]


def assert_nearest(page, known, word):
    assert page.text("#card-word") == word
    expected = known.neighbors(word, 10)
    assert [w for w, _ in card(page)] == [near.word for near in expected]
    np.testing.assert_allclose(
        [score for _, score in card(page)], [near.score for near in expected], atol=0.0051
    )


@pytest.mark.parametrize("part", ["", "#renderer=webgl", "#renderer=canvas"])
def test_it_loads_without_an_error_and_asks_for_nothing_but_itself(browser, path, part):
    browser.open(path, part)
    assert [url for url in browser.requests() if not url.startswith("data:")] == [path.as_uri()]
    own = [e for e in browser.errors() if "GPU stall" not in e and "software WebGL" not in e]
    assert own == []
    assert browser.run("return window.w2v.frames()") > 0


@pytest.mark.parametrize(
    ("smuggled", "complaint"),
    [
        ("<img src='https://example.invalid/x.png' alt=''>", "img-src"),
        ("<script>document.title = 'broken'</script>", "script-src"),
        ("<p style='color: red'>x</p>", "style-src"),
        ("<link rel='stylesheet' href='https://example.invalid/x.css'>", "style-src"),
        ("<iframe src='https://example.invalid/'></iframe>", "default-src"),
    ],
)
def test_what_is_smuggled_into_the_file_is_blocked_and_noticed(
    browser, path, tmp_path, smuggled, complaint
):
    (tmp_path / "bad.html").write_text(
        path.read_text().replace("<noscript>", smuggled + "<noscript>")
    )
    browser.open(tmp_path / "bad.html")
    assert all(blocked for url, blocked in browser.requests().items() if url.startswith("http"))
    assert complaint in " ".join(browser.errors())
    assert browser.run("return document.title") == "Tea & <i>coffee</i>"


def test_a_request_by_script_is_blocked_and_noticed(browser, path):
    browser.open(path)
    outcome = browser.driver.execute_async_script(
        "const done = arguments[0];"
        "fetch('https://example.invalid/').then(() => done('sent'), () => done('blocked'))"
    )
    assert outcome == "blocked"
    assert "connect-src" in " ".join(browser.errors())
    assert all(blocked for url, blocked in browser.requests().items() if url.startswith("http"))


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


def test_hostile_words_are_text_wherever_they_appear(page):
    for word in HOSTILE:
        page.run("goTo(page.words.indexOf(arguments[0]))", word)
        page.wait()
        assert page.text("#card-word") == word
        page.press("\ue00c", "/", *word[:6])
        assert word in page.texts("#suggestions li > :first-child")
        page.press("\ue00c", "\ue00c")
    assert page.run("return document.querySelectorAll('script').length") == 3
    assert page.run("return document.querySelectorAll('img').length") == 0


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


def test_the_map_is_drawn_with_care_again_when_it_rests(page):
    page.run("panBy(30, 0)")
    assert page.run("return view.moving")
    page.sleep(400)
    assert not page.run("return view.moving")


def test_the_lasso_works_with_shift_and_a_drag_outside_finds_nothing(page):
    page.mouse("mouseMoved", 1150, 700)
    page.mouse("mousePressed", 1150, 700, button="left", clickCount=1, modifiers=8)
    for x, y in ((1160, 705), (1170, 710), (1150, 715), (1150, 701)):
        page.mouse("mouseMoved", x, y, button="left", buttons=1, modifiers=8)
    page.mouse("mouseReleased", 1150, 701, button="left", clickCount=1, modifiers=8)
    page.wait()
    assert "words in the lasso" in page.text("#status")


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


def labels(browser):
    pairs = browser.run("return window.w2v.labels().map(({ i, box }) => [page.words[i], box])")
    return dict(pairs)


def assert_apart(all_boxes):
    boxes = list(all_boxes)
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_a_phone_shows_all_of_it_to_fingers(browser, path, known):
    browser.phone(True)
    browser.open(path)
    assert browser.run("return document.documentElement.scrollWidth") == 390
    assert not browser.is_visible("#options")
    x, y = browser.at("word25")
    browser.touch("touchStart", (x, y))
    browser.touch("touchEnd")
    browser.wait()
    assert_nearest(browser, known, "word25")
    sheet = browser.run(
        "const r = document.getElementById('card').getBoundingClientRect();"
        "return [r.left, r.right, r.top, r.bottom]"
    )
    assert sheet[0] >= 0
    assert sheet[1] <= 390
    assert sheet[2] > 420
    assert sheet[3] <= 844
    small = browser.run("""return [...document.querySelectorAll("button")]
      .filter((b) => b.getClientRects().length && b.getBoundingClientRect().height < 32)
      .map((b) => b.id)""")
    assert small == []


def test_a_finger_draws_the_lasso(browser, path, known):
    browser.phone(True)
    browser.open(path)
    browser.run("document.getElementById('lasso').click()")
    x, y = browser.at("word20")
    corners = [(x - 20, y - 20), (x + 20, y - 20), (x + 20, y + 20), (x - 20, y + 20)]
    browser.touch("touchStart", corners[0])
    for corner in (*corners[1:], corners[0]):
        browser.touch("touchMove", corner)
    browser.touch("touchEnd")
    browser.wait()
    assert browser.run("return document.getElementById('chosen-words').value") == "word20"
    assert browser.text("#chosen-count") == "1 word in the lasso"
    np.testing.assert_allclose(browser.at("word20"), [x, y])
    browser.run("document.getElementById('copy').click()")
    browser.sleep(300)
    assert browser.text("#copy") == "Copied"


def test_two_fingers_zoom_and_one_moves(browser, path):
    browser.phone(True)
    browser.open(path)
    x, y = browser.at("word20")
    browser.touch("touchStart", (195, 300))
    browser.touch("touchMove", (215, 330))
    browser.touch("touchMove", (225, 340))
    browser.touch("touchEnd")
    browser.wait()
    np.testing.assert_allclose(browser.at("word20"), [x + 30, y + 40], atol=1)
    browser.touch("touchStart", (150, 400), (240, 400))
    browser.touch("touchMove", (120, 400), (270, 400))
    browser.touch("touchMove", (105, 400), (285, 400))
    browser.touch("touchEnd")
    browser.wait()
    assert browser.run("return window.w2v.view.k") == pytest.approx(2, abs=0.05)
    assert browser.errors() == []


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


def test_words_of_every_script_can_be_found(page):
    for word in SCRIPTS:
        page.run(
            """const box = document.getElementById("search");
          box.focus(); box.value = arguments[0]; box.dispatchEvent(new Event("input"));""",
            word,
        )
        assert page.texts("#suggestions li > :first-child")[0] == word
