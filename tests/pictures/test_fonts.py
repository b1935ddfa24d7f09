import pytest

from w2v_cli.pictures import fonts


@pytest.fixture
def installed(monkeypatch):
    """Replace the installed fonts by a default without CJK and what a test adds."""

    def install(**families):
        letters = {
            fonts.DEFAULT: set(range(0x250)),
            **{k: set(map(ord, v)) for k, v in families.items()},
        }
        monkeypatch.setattr(fonts, "_letters", lambda file: frozenset(letters[file]))
        monkeypatch.setattr(fonts, "_installed", lambda n_fonts: {name: name for name in letters})

    return install


def test_latin_words_need_only_the_default_font():
    assert fonts.families_for(["king", "résumé"]) == ([fonts.DEFAULT], [])


def test_an_installed_font_that_has_the_script_is_found(installed):
    installed(Han="東京", Kana="ひ")
    families, notes = fonts.families_for(["king", "東京"])
    assert families == [fonts.DEFAULT, "Han"]
    assert notes == []


@pytest.mark.parametrize(
    ("word", "font"),
    [
        ("東京", "Noto Sans CJK"),
        ("ひらがな", "Noto Sans CJK"),
        ("한국", "Noto Sans CJK"),
        ("ไทย", "Noto Sans Thai"),
        ("नमस्ते", "Noto Sans Devanagari"),
        ("😀", "Noto Emoji"),
    ],
)
def test_a_missing_script_is_named_with_a_font_to_install(installed, word, font):
    installed()
    families, notes = fonts.families_for([word])
    assert families == [fonts.DEFAULT]
    assert any(f"Install {font}," in note for note in notes)


def test_joiners_need_no_font(installed):
    installed()
    assert fonts.families_for(["a\u200db\ufe0f"]) == ([fonts.DEFAULT], [])


@pytest.mark.parametrize(("version", "noted"), [((3, 10, 8), True), ((3, 11, 0), False)])
def test_an_old_matplotlib_that_cannot_shape_text_is_named(monkeypatch, version, noted):
    import matplotlib as mpl

    monkeypatch.setattr(mpl, "__version_info__", version)
    for word in ("مرحبا", "שלום", "re\u0301sume\u0301"):
        assert any("3.11" in note for note in fonts.families_for([word])[1]) == noted
    assert fonts.families_for(["king"])[1] == []
