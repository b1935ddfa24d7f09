"""Any encoding of standard output, `~` in every path, names in bytes, and a user's matplotlib."""

import os
import sys
from pathlib import Path

import matplotlib as mpl
import matplotlib.style
import numpy as np
import pytest

import w2v_cli
from reported.inputs import MATRIX, PAIRS, QUICK, SETTINGS, TEXT, VECTORS, environment, start

#: One process does all of these, so that few have to be started.
DRIVER = """
import sys
from w2v_cli.cli import main
for line in sys.argv[1:]:
    sys.argv = ["w2v", *line.split("|")]
    try:
        main()
    except SystemExit as end:
        print("exit", line.split("|")[0], end.code, file=sys.stderr)
"""
SHOWN = [
    "--help", "train|--help", "gradcheck|--help", "evaluate|--help", "compare|--help",
    "vocab|--help", "plot|--help", "embed|--help", "gradcheck|--show|sigmoid",
    "gradcheck|--mistakes", "evaluate|vec.txt|pairs.txt", "compare|vec.txt|vec2.txt",
    "vocab|lines.txt|--min-count|1", "info|vec2.txt", "info|run", "neighbors|vec2.txt|tea",
    "vector|vec2.txt|чай", "neighbors|vec2.txt|雨", "neighbors|vec2.txt|nö",
    "neighbors|vec2.txt|tea|--json", "export|vec2.txt|чай.npz", "phrases|lines.txt",
]  # fmt: skip
ENCODINGS = ["cp1252", "latin-1", "cp437", "ascii", "utf-8", "cp1251", "utf-16"]


@pytest.fixture
def files(vec, pairs, lines, tmp_path):
    (tmp_path / "vec2.txt").write_text("4 2\ntea 1 0\nчай 0.9 0.1\n雨 0 1\nnaïve 1 1\n")
    w2v_cli.train(paths=lines, out=tmp_path / "run", **SETTINGS)
    return tmp_path


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_standard_output_of_any_encoding_takes_everything(files, encoding):
    """Right: what cannot be encoded is replaced or escaped; never a traceback."""
    import subprocess

    result = subprocess.run(
        [sys.executable, "-c", DRIVER, *SHOWN], cwd=files, capture_output=True, check=False,
        env=environment(PYTHONIOENCODING=encoding, PYTHONUTF8="0"), timeout=120,
    )  # fmt: skip
    err = result.stderr.decode(encoding, "replace")
    assert "Traceback" not in err, err[-2000:]
    assert "codec" not in err
    codes = [line.split()[1:] for line in err.splitlines() if line.startswith("exit")]
    assert [name for name, code in codes if code not in ("0", "1")] == []
    assert len(codes) == len(SHOWN)
    assert b"Usage" in result.stdout or encoding == "utf-16"


@pytest.mark.parametrize("names", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}])
def test_a_locale_without_unicode_takes_everything(files, names):
    """Right: the command itself, in the C locale without UTF-8 mode, shows any word."""
    env = environment(PYTHONCOERCECLOCALE="0", PYTHONIOENCODING=None, **names)
    result = start("neighbors", "vec2.txt", "tea", cwd=files, env=env)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr


# A tilde is the home folder.

TILDE = {
    "train ~/t.txt QUICK --out ~/r": "r/config.toml",
    "train ~/t.txt QUICK --out=~/r": "r/config.toml",
    "train @~/files.list QUICK --out=~/r": "r/config.toml",
    "train --config=~/c.toml QUICK --out=~/r": "r/config.toml",
    "train ~/t.txt QUICK --eval=~/p.txt --stop-words=~/stop --out=~/r": "r/config.toml",
    "train ~/t.txt QUICK --from=~/v.txt --dim 2 --out=~/r": "r/config.toml",
    "vocab ~/t.txt --min-count 1 --out=~/vocab.tsv": "vocab.tsv",
    "count ~/t.txt --min-count 1 --out=~/c": "c/counts.json",
    "export ~/v.txt ~/o.npz --words=~/words": "o.npz",
    "embed ~/v.txt ~/t.txt --out=~/e.npy": "e.npy",
    "plot ~/v.txt --words-file=~/words --out=~/p.svg": "p.svg",
    "plot ~/v.txt --groups=~/groups --out=~/p.svg": "p.svg",
    "evaluate ~/v.txt ~/p.txt --compare=~/v.txt": "",
    "compare ~/v.txt ~/v.txt --eval=~/p.txt": "",
    "neighbors ~/v.txt --file=~/words": "",
    "gradcheck --starter=~/course": "course",
}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder with files in it; the current folder is another, empty one."""
    folder, here = tmp_path / "home", tmp_path / "here"
    folder.mkdir()
    here.mkdir()
    contents = {
        "t.txt": TEXT, "v.txt": VECTORS, "p.txt": PAIRS, "stop": "the\n", "words": "king\nman\n",
        "groups": "a: king queen\nb: man woman\n", "files.list": "~/t.txt\n",
        "c.toml": '[corpus]\npaths = ["~/t.txt"]\n',
    }  # fmt: skip
    for name, content in contents.items():
        (folder / name).write_text(content)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.chdir(here)
    return folder


@pytest.mark.parametrize("command", TILDE)
def test_a_tilde_is_the_home_folder(w2v, home, command):
    """Right: read and written there; no folder is named `~`."""
    result = w2v(*command.replace("QUICK", " ".join(QUICK)).split())
    assert not [name for name in os.listdir() if name.startswith("~")]
    assert result.code == 0, result.err
    assert (home / TILDE[command]).exists()


def test_a_tilde_in_the_place_of_the_cache_is_the_home_folder(w2v, home, monkeypatch):
    """Right: W2V_CACHE_DIR=~/c is in the home folder."""
    monkeypatch.setenv("W2V_CACHE_DIR", "~/c")
    os.utime(home / "t.txt", (1e9, 1e9))
    assert w2v("train", home / "t.txt", *QUICK, "--out", home / "r").code == 0
    assert w2v("cache").code == 0
    assert not os.path.exists("~")


def test_a_tilde_is_the_home_folder_in_python(home):
    """Right: train, load, save, plot and configurations."""
    run = w2v_cli.train(paths="~/t.txt", out="~/r", stop_words="~/stop", **SETTINGS)
    run.vectors.save("~/o.bin")
    assert len(w2v_cli.load("~/o.bin")) == len(w2v_cli.load("~/r"))
    run.plot(["king", "queen", "tea"]).save("~/p.svg")
    w2v_cli.train(config="~/c.toml", out="~/r2", **SETTINGS)
    assert not [name for name in os.listdir() if name.startswith("~")]
    assert {"o.bin", "r", "r2", "p.svg"} <= set(os.listdir(home))


def test_a_file_that_is_named_with_a_tilde_can_be_meant(w2v, home):
    """Right: `./~x` and `a~` are plain names."""
    for name in ("~x.txt", "a~"):
        with open(name, "w") as file:
            file.write(TEXT)
    assert w2v("vocab", "./~x.txt", "a~", "--min-count", "1").code == 0


# Names and titles that are not UTF-8.


def test_runs_and_titles_in_bytes_are_drawn_and_shown(w2v, lines, tmp_path, monkeypatch):
    """Right: the byte is shown as an escape; matplotlib prints nothing."""
    monkeypatch.chdir(tmp_path)
    name = "caf\udce9"
    assert w2v("train", lines, *QUICK, "--out", name).code == 0
    for call in (
        ["plot", name, "--words", "king queen man woman"],
        ["plot", name, "--curves"],
        ["plot", name, "--out", "p.html"],
        [
            "plot",
            name,
            "--words",
            "king queen man",
            "--title",
            "un \udce9t\udce9",
            "--out",
            "t.svg",
        ],
        ["info", name],
        ["neighbors", name, "king"],
        ["compare", name, name],
        ["export", name, "o.txt"],
        ["export", name, f"{name}.npz"],
    ):
        result = w2v(*call)
        assert result.code == 0, (call, result.err)
        assert len(result.err.splitlines()) < 8, result.err


# Pictures are ours, whatever matplotlib is told elsewhere.

LOUD = {
    "font.size": 31, "font.family": "monospace", "figure.facecolor": "red", "axes.facecolor": "red",
    "axes.grid": True, "axes.labelcolor": "lime", "lines.linewidth": 9, "savefig.bbox": "tight",
    "savefig.dpi": 33, "figure.dpi": 33, "svg.fonttype": "none", "svg.hashsalt": "x",
    "text.color": "blue", "xtick.color": "blue", "image.cmap": "prism", "path.simplify": False,
    "axes.prop_cycle": mpl.cycler(color=["pink"]), "legend.frameon": True, "axes.spines.top": True,
    "figure.autolayout": True, "axes.unicode_minus": False, "savefig.transparent": True,
    "patch.linewidth": 7, "scatter.marker": "x", "axes.titlesize": 44, "path.sketch": (3, 9, 2),
    "savefig.pad_inches": 2, "mathtext.fontset": "cm", "axes.xmargin": 0.4, "hatch.linewidth": 5,
}  # fmt: skip
PICTURES = {
    "words.svg": "plot V --words king,queen,man,woman",
    "words.png": "plot V --words king,queen,man",
    "words.pdf": "plot V --words king,queen,man,woman",
    "dark.svg": "plot V --words king,queen,man,woman --style dark",
    "heatmap.svg": "plot V --heatmap king,queen,man",
    "analogy.svg": "plot V --analogy man:king",
    "compare.svg": "plot V --compare V --words king,queen,man,woman",
    "curves.svg": "plot R --curves",
}


@pytest.fixture(scope="module")
def drawn_from(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "V.txt").write_text(VECTORS)
    (folder / "T.txt").write_text(TEXT)
    w2v_cli.train(paths=folder / "T.txt", out=folder / "R", **SETTINGS | {"epochs": 2})
    return {"V": folder / "V.txt", "T": folder / "T.txt", "R": folder / "R"}


def draw(w2v, name, files, out):
    arguments = [files.get(part, part) for part in PICTURES[name].split()]
    result = w2v(*arguments, "--out", out)
    assert result.code == 0, result.err
    return out.read_bytes()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", PICTURES)
def test_a_style_of_the_user_does_not_reach_our_pictures(w2v, drawn_from, tmp_path, name):
    """Right: the same bytes, whatever rcParams and styles are set."""
    calm = draw(w2v, name, drawn_from, tmp_path / name)
    with mpl.rc_context(LOUD):
        assert draw(w2v, name, drawn_from, tmp_path / f"loud-{name}") == calm
    with mpl.style.context("dark_background"):
        assert draw(w2v, name, drawn_from, tmp_path / f"dark-{name}") == calm


def test_settings_of_the_user_stay_as_they_are_after_a_picture():
    """Right: drawing from Python changes nothing for the user's own pictures."""
    with mpl.rc_context(LOUD):
        before = dict(mpl.rcParams)
        vectors = w2v_cli.WordVectors(
            ["king", "queen", "man", "woman"], np.eye(4, 3) + MATRIX[:, :1]
        )
        vectors.plot(["king", "queen", "man"])
        assert dict(mpl.rcParams) == before


RC = "\n".join(
    f"{name}: {value}" for name, value in LOUD.items() if isinstance(value, (int, str, float, bool))
)


def test_a_matplotlibrc_and_a_backend_do_not_reach_our_pictures(files):
    """Right: with a matplotlibrc, with TeX, and with a backend that is not there: same bytes."""
    words = ["--words", "king,queen,man,woman"]
    (files / "matplotlibrc").write_text(RC + "\ntext.usetex: True\nbackend: QtAgg\n")
    settings = [
        {"MPLBACKEND": None}, {"MATPLOTLIBRC": str(files / "matplotlibrc"), "MPLBACKEND": None},
        {"MPLBACKEND": "nosuchbackend"},
    ]  # fmt: skip
    pictures = []
    for i, names in enumerate(settings):
        call = ["plot", "vec.txt", *words, "--out", f"p{i}.svg"]
        (files / "elsewhere").mkdir(exist_ok=True)
        call = [str(files / part) if part in ("vec.txt", f"p{i}.svg") else part for part in call]
        result = start(*call, cwd=files / "elsewhere", env=environment(**names))
        assert result.returncode == 0, result.stderr
        assert "Traceback" not in result.stderr
        pictures.append((files / f"p{i}.svg").read_bytes())
    assert pictures[1] == pictures[0]
    assert pictures[2] == pictures[0]


@pytest.mark.parametrize(
    "content",
    [b"font.size : abc\nnosuch.key : 1\nbackend: nosuch\naxes.facecolor\n", b"a: \xff\xfe\n"],
    ids=["bad values", "not UTF-8"],
)
@pytest.mark.parametrize("place", ["current folder", "MATPLOTLIBRC"])
def test_a_damaged_matplotlibrc_is_not_read(files, content, place):
    """Right: the picture, and no warnings of matplotlib's about a file that we do not use."""
    (folder := files / "damaged").mkdir()
    (folder / "matplotlibrc").write_bytes(content)
    call = ["plot", str(files / "vec.txt"), "--words", "king,queen,man", "--out", "p.svg"]
    names = {"MATPLOTLIBRC": str(folder / "matplotlibrc") if place == "MATPLOTLIBRC" else None}
    cwd = files if place == "MATPLOTLIBRC" else folder
    result = start(*call, cwd=cwd, env=environment(**names))
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert (cwd / "p.svg").exists()


def test_every_command_that_draws_imports_matplotlib_without_a_matplotlibrc():
    """Right: a new command that draws does it, too."""
    folder = Path(w2v_cli.__file__).parent / "commands"
    drawing = [path for path in folder.glob("*.py") if "save_picture(" in path.read_text()]
    assert {path.stem for path in drawing} >= {"plot", "compare", "change"}
    assert not [path.stem for path in drawing if "import_matplotlib()" not in path.read_text()]
