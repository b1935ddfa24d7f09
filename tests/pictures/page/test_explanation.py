"""The page that explains, in Chromium: right to 1e-9, and all of it works."""

import re

import pytest
from browser import Browser, browser, chromium  # noqa: F401
from pages import HOSTILE, embedded
from twin import AS_DATA, LOSSES, LR, N_STEPS, TEXT, WORDS, assert_equal_steps, start, steps

from w2v_cli.grader.course.worked_example import compute, make_example
from w2v_cli.pictures.page.explanation import (
    SENTENCES,
    WorkedPair,
    explanation_html,
    write_explanation,
)

pytestmark = pytest.mark.timeout(120)
ENTER, ESCAPE, LEFT, RIGHT, UP, DOWN = "\ue007", "\ue00c", "\ue012", "\ue014", "\ue013", "\ue015"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("explain") / "word2vec.html"
    write_explanation(path)
    return path


@pytest.fixture
def page(browser, path) -> Browser:
    """The page, open; at the end it must have asked for nothing and complained about nothing."""
    browser.open(path)
    yield browser
    assert browser.errors() == []
    assert not any(url.startswith("http") for url in browser.requests())


def vectors(page):
    return page.run("return JSON.stringify([w2v.model.V, w2v.model.U, w2v.model.at])")


@pytest.mark.parametrize("loss", LOSSES)
def test_a_hundred_steps_of_the_page_are_those_of_the_equations(page, loss):
    V, U, _ = start()
    lessons = list(steps(loss))
    script = """
const [loss, words, text, V, U, lr, draws] = arguments, { choice, model } = w2v;
Object.assign(choice, { loss, text, lr, dim: V[0].length, window: 2 });
model.start = { words, V, U };
w2v.restart();
model.at = 0;
return draws.map((negatives) => {
  choice.draws = negatives.map((k) => words[k]).join(" ");
  const now = w2v.takeStep();
  w2v.draw();
  return asData(now, words.length, model.V.map((v) => [...v]), model.U.map((u) => [...u]));
});"""
    draws = [lesson["negatives"] for lesson in lessons]
    found = page.run(AS_DATA + script, loss, WORDS, TEXT, V.tolist(), U.tolist(), LR, draws)
    assert_equal_steps(found, loss)
    assert page.text("#counter").endswith(f"{N_STEPS} steps · seed 1")


def test_going_back_puts_the_very_same_numbers_back(page):
    page.run("w2v.choice.loss = 'negatives'")
    before = vectors(page)
    page.press(*[RIGHT] * 12)
    page.run("document.getElementById('longer').click()")
    after = vectors(page)
    assert after != before
    page.press(*[LEFT] * 13)
    assert vectors(page) == before
    page.press(*[RIGHT] * 12)
    page.run("document.getElementById('longer').click()")
    assert vectors(page) == after  # the same draws again


def test_the_page_checks_its_gradient_and_notices_a_wrong_one(page):
    for loss in LOSSES:
        page.run("w2v.choice.loss = arguments[0]; w2v.draw()", loss)
        page.run("document.getElementById('check').click()")
        assert page.text("#check-result").startswith("The formula is right")
        assert page.run("return w2v.checkGradient().worst") < 1e-9
    page.run(
        "const right = slopes; window.slopes = (...all) => { const pair = right(...all);"
        "pair.gradCenter[1] += 1e-4; return pair; }; document.getElementById('check').click()"
    )
    assert page.text("#check-result").startswith("The formula and the slope differ")


def test_the_tables_show_the_numbers_of_the_pair(page):
    page.run("w2v.choice.digits = 5; w2v.draw()")
    now = page.run(
        "const { o, scores, predicted, error, loss } = w2v.pairNow();"
        "return { o, scores, predicted, error, loss }"
    )
    row = page.texts("#outside tbody tr.true > *")
    minus = [text.replace("−", "-") for text in row]
    o = now["o"]
    assert minus[0] == "drinks outside"
    assert float(minus[3]) == pytest.approx(now["scores"][o], abs=1e-5)
    assert float(minus[4]) == pytest.approx(now["predicted"][o], abs=1e-5)
    assert minus[5] == "1"
    assert float(minus[6]) == pytest.approx(now["error"][o], abs=1e-5)
    assert f"{now['loss']:.5f} = −log" in page.texts("#formula-list .live")[2]
    page.run("document.querySelector('input[name=loss][value=negatives]').click()")
    assert page.run("return document.querySelectorAll('#outside tbody .untouched').length") == 11
    assert "dog drawn 2×" in page.texts("#outside tbody th")


def test_a_symbol_lights_up_what_it_is_and_a_number_its_symbol(page):
    def lit():
        return page.run("return [...document.querySelectorAll('.lit')].map((e) => e.localName)")

    def point(selector):
        box = page.run(
            "const e = document.querySelector(arguments[0]); e.scrollIntoView({block: 'center'});"
            "const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]",
            selector,
        )
        page.mouse("mouseMoved", *box)
        page.wait()

    point('#formula-list [data-s="v"]')
    assert {"msub", "span", "tr", "circle", "button"} <= set(lit())
    point("#outside tr.true td.bar")
    assert "mover" not in lit()
    assert {"msub", "td"} <= set(lit())


def test_keys_do_all_that_a_pointer_does(page):
    page.press("5")
    assert page.text("#tour-title").startswith("5. ")
    assert page.run("return location.hash") == "#5"
    page.press("n")
    assert page.text("#tour-title").startswith("6. ")
    assert page.run("return w2v.choice.hold")
    page.press("h", "l")
    assert page.run("return [w2v.choice.hold, w2v.choice.loss]") == [False, "negatives"]
    page.press(RIGHT)
    assert page.text("#status").startswith("Step 1: centre king, outside drinks, loss of the pair")
    page.press(" ")
    page.sleep(700)
    page.press(" ")
    taken = page.run("return w2v.model.step")
    assert taken > 2
    page.sleep(150)
    assert page.run("return w2v.model.step") == taken
    page.run("document.querySelector('#outside [tabindex=\"0\"]').focus()")
    before = page.text("#chosen-word")
    page.press(DOWN, DOWN, UP)
    assert page.text("#chosen-word") != before
    page.press("t", "?")
    assert page.run("return document.documentElement.dataset.theme") == "dark"
    assert page.run("return document.getElementById('help-box').open")


def test_a_number_can_be_changed_and_the_change_undone(page):
    cell = "document.querySelector('#outside tr.true td')"
    page.run(f"{cell}.focus()")
    page.press(ENTER)
    page.run(f"{cell}.firstChild.value = '−1,25'")
    page.press(ENTER)
    assert page.run(f"return {cell}.textContent") == "−1.25"
    page.press(ENTER)
    page.run(f"{cell}.firstChild.value = 'much'")
    page.press(ENTER)
    assert page.run(f"return {cell}.textContent") == "−1.25"
    page.run("document.getElementById('back').click()")
    assert page.run("return w2v.model.done.length") == 0


def test_pairs_follow_the_window_and_a_click_makes_a_word_the_centre(page):
    sizes = []
    for m in (1, 5):
        page.run(
            "const s = document.getElementById('window-size'); s.value = arguments[0];"
            "s.dispatchEvent(new Event('input'))",
            m,
        )
        sizes.append(page.run("return w2v.model.pairs.length"))
    lengths = [len(line.split()) for line in SENTENCES.splitlines()]
    assert sizes == [sum(2 * (n - 1) for n in lengths), sum(n * (n - 1) for n in lengths)]
    page.run("document.querySelectorAll('#text button')[6].click()")
    assert page.text("#text .center") == "drinks"
    page.run("[...document.querySelectorAll('#pair button')].at(-1).click()")
    assert page.text("#text .outside") == "coffee"


def test_negatives_that_are_typed_are_taken_or_refused_with_a_reason(page):
    def typed(words):
        page.run(
            "const d = document.getElementById('draws'); d.value = arguments[0];"
            "d.dispatchEvent(new Event('input'))",
            words,
        )
        return page.text("#pair").partition("Negatives: ")[2]

    page.press("7")
    assert typed("cat Cat milk") == "cat, cat, milk"
    assert typed("cat tiger") == "cat (“tiger” is not in the text)"
    assert typed("cat drinks") == "cat (“drinks” is the outside word itself)"
    assert len(typed("").split(", ")) == page.run("return w2v.choice.K")


def test_the_text_of_a_reader_is_text(page):
    page.run(
        "document.getElementById('source').value = arguments[0];"
        "document.getElementById('use').click()",
        "\n".join(HOSTILE) + "\nДети едят кашу\nthe <b>bold</b> don’t",
    )
    assert "дети" in page.texts("#text button")
    assert page.run("return document.querySelectorAll('script').length") == 2
    assert page.run("return document.querySelectorAll('img, #text b').length") == 0
    page.run(
        "document.getElementById('source').value = 'alone';document.getElementById('use').click()"
    )
    assert "No pair" in page.text("#pair")
    assert not page.is_visible("#numbers")


@pytest.mark.parametrize("step", range(1, 9))
def test_each_step_of_the_tour_fits_a_phone(browser, path, step):
    browser.phone(True)
    browser.open(path, f"#{step}")
    assert browser.run("return document.documentElement.scrollWidth") == 390
    assert browser.text("#tour-title").startswith(f"{step}. ")
    in_reach = browser.run("""
const { top, bottom, height } = document.getElementById("step").getBoundingClientRect();
return [top > 600, bottom <= innerHeight, height >= 32];""")
    assert in_reach == [True] * 3
    assert browser.errors() == []


def test_after_the_last_step_words_with_like_contexts_are_near(page):
    page.press("8")
    near = page.run("""
for (let i = 0; i < 1500; i++) w2v.takeStep();
const { V, words } = w2v.model, length = (v) => Math.sqrt(dot(v, v));
const cosine = (a, b) => dot(a, b) / length(a) / length(b);
return words.map((word, w) => {
  const found = words.map((other, x) => [x === w ? -2 : cosine(V[w], V[x]), other]);
  return [word, found.sort((a, b) => b[0] - a[0])[0][1]];
});""")
    nearest = dict(near)
    assert nearest["king"] == "queen"
    assert nearest["coffee"] == "tea"


def test_the_worksheets_example_is_one_press_away(browser, tmp_path):
    V, U, _ = start(2)
    vectors = (V[:3].tolist(), U[:3].tolist())
    words = ["king", "queen", "tea"]
    example = WorkedPair("tea queen king queen", words, *vectors, "king", "queen", ["tea", "tea"])
    (tmp_path / "x.html").write_text(explanation_html(example=example))
    browser.open(tmp_path / "x.html")
    browser.run("document.getElementById('example').click()")
    assert browser.run("return [w2v.model.V, w2v.model.U]") == list(vectors)
    assert browser.text("#text .center") == "king"
    assert browser.text("#text .outside") == "queen"
    assert browser.errors() == []


def test_the_worksheets_answers_can_be_read_from_the_page_of_its_folder(browser, w2v, tmp_path):
    box = tmp_path / "box"
    assert f"{box / 'word2vec.html'}\n" in w2v("gradcheck", "--starter", box, "--seed", "7").out
    values, example = compute(make_example(7)), make_example(7)
    browser.open(box / "word2vec.html", "#4")
    browser.run(
        "w2v.choice.digits = 5; document.getElementById('example').click();"
        "document.querySelector('#functions details').open = true;"
        "const x = document.getElementById('x-input'); x.value = arguments[0];"
        "x.dispatchEvent(new Event('input'))",
        ", ".join(map(str, example.x)),
    )

    def answers():
        lines = [*browser.texts("#formula-list .live"), *browser.texts("table tbody td")]
        text = " ".join(lines).replace("−", "-")
        return {round(float(x), 5) for x in re.findall(r"-?\d+\.\d{5}", text)}

    def numbers(*names):
        return {round(float(x), 5) for n in names for x in re.findall(r"-?\d+\.\d+", values[n])}

    softmax = numbers("y_hat_o", "naive_loss", "naive_center", "jacobian_table", "softmax_x")
    assert softmax | numbers("sigmoid_x", "sigmoid_slope_x") <= answers()
    browser.run("document.querySelector('input[name=phase][value=gradient]').click()")
    assert numbers("naive_outside_table") <= answers()
    browser.run("document.querySelector('input[name=loss][value=negatives]').click()")
    assert numbers("sampling_loss") <= answers()
    assert "drawn 2 times: its equal terms add up" in browser.text("#touched")
    assert numbers("sampling_outside_table") <= answers()
    browser.run(
        "const d = document.getElementById('draws'); d.value = 'snow tea';"
        "d.dispatchEvent(new Event('input'))"
    )
    assert numbers("distinct_loss", "distinct_center", "distinct_outside_table") <= answers()
    assert browser.errors() == []


def test_the_file_is_small_and_holds_its_text(path):
    text = path.read_text()
    assert len(text) < 600_000
    assert embedded(text)["text"] == SENTENCES
    assert "http-equiv" in text
    assert "unsafe" not in text
