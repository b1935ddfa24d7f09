"""A user's function: imported only when it is named, and everything it returns is checked."""

import sys

import pytest

from w2v_cli.errors import DataError, UsageError
from w2v_cli.text.own_tokenizer import checked, import_function
from w2v_cli.text.plan import make_plan
from w2v_cli.text.settings import CorpusSettings


def test_a_list_a_tuple_or_a_generator_of_words_will_do():
    for function in (str.split, tuple, lambda line: (c for c in line)):
        assert checked(function, "m:f")("a b")[0] == "a"


def test_white_space_among_the_words_is_dropped():
    assert checked(lambda line: ["猫", " ", "", "\n", "\u3000", "犬"], "m:f")("猫犬") == [
        "猫",
        "犬",
    ]


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "returned None, not a list of words"),
        ("a b", "returned a str, not a list of words, for 'the line'"),
        (7, "returned a int, not a list of words"),
        ([b"a"], "returned a bytes among its words; each word must be a str"),
        (["a", None], "returned None among its words"),
        (
            ["Hà Nội"],
            "'Hà Nội'; a word has no white space in it: strip it, or join its parts with _",
        ),
        (["a\n"], r"'a\\n'; a word has no white space"),
        (["\ud800"], "not valid Unicode"),
    ],
)
def test_nonsense_is_named(result, message):
    with pytest.raises(DataError, match=message):
        checked(lambda line: result, "m:f")("the line")


@pytest.mark.parametrize("error", [ValueError("too\nlong"), SystemExit(3), RecursionError()])
def test_what_the_function_raises_is_told_with_the_text_it_got(error):
    def fails(line):
        raise error

    with pytest.raises(DataError, match=f"m:f raised {type(error).__name__}.* for 'the line'") as e:
        checked(fails, "m:f")("the line")
    assert "\n" not in str(e.value)


def test_a_generator_that_fails_half_way_is_an_error():
    def fails(line):
        yield "a"
        raise KeyError("b")

    with pytest.raises(DataError, match="m:f raised KeyError"):
        checked(fails, "m:f")("a b")


def test_functions_and_methods_are_found_by_name():
    assert import_function("builtins:str.split")("a b") == ["a", "b"]
    for name, message in [
        ("no_such_module:f", "cannot import no_such_module.*is it installed"),
        ("builtins:no_such", "builtins has no no_such"),
        ("sys:path", "sys:path is not a function"),
    ]:
        with pytest.raises(UsageError, match=message):
            import_function(name)


def test_modules_of_the_current_folder_come_last(tmp_path, monkeypatch):
    (tmp_path / "my_words.py").write_text("def cut(line): return line.split('/')\n")
    (tmp_path / "colorsys.py").write_text("raise SystemExit('the wrong one')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    before = list(sys.path)
    assert import_function("my_words:cut")("a/b") == ["a", "b"]
    with pytest.raises(UsageError, match="has no cut"):
        import_function("colorsys:cut")
    assert sys.path == before


def test_only_the_function_that_was_named_is_imported():
    settings = CorpusSettings(paths=(), lowercase=False, tokenizer="antigravity:fly")
    for named in (None, "words", "antigravity:other"):
        with pytest.raises(UsageError, match="add --tokenizer antigravity:fly"):
            make_plan(settings, named=named)
    assert "antigravity" not in sys.modules
