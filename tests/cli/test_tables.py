from w2v_cli.commands.terminal import line_chart, render_table


def test_wide_letters_take_two_columns_and_accents_none():
    assert (
        render_table([["雨", "1"], ["abc", "2"], ["e\u0301", "3"]])
        == "雨   1\nabc  2\ne\u0301    3"
    )


def test_columns_are_aligned_and_numbers_stand_to_the_right():
    assert render_table([["king", "1.5"], ["雨", "10.25"]], ["word", "score"]) == (
        "word  score\n────  ─────\nking    1.5\n雨    10.25"
    )
    assert render_table([]) == ""
    assert render_table([["a", "b"]], left=2, indent="  ") == "  a  b"


def test_cells_are_shown_as_they_are():
    assert render_table([["  part", "1.50"], ["007", ""]]) == "  part  1.50\n007"
    assert render_table([["x", "1"]], ["", "n"]) == "   n\n─  ─\nx  1"
    assert render_table([], ["a", "b"]) == "a  b\n─  ─"


def test_a_chart_falls_from_the_left_top_to_the_right_bottom():
    lines = line_chart([4.0, 3.0, 2.0, 1.0], height=2)
    assert lines == ["   4.0000 ┤█▃", "   1.0000 ┤██▆▁"]


def test_a_chart_of_many_or_equal_values():
    assert all(len(line) <= 10 + 1 + 64 for line in line_chart(list(range(1000))))
    assert line_chart([2.0, 2.0])
