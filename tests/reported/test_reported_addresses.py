"""No address, list or received folder makes w2v run code or reach where the user did not ask."""

import http.server
import shlex
import shutil
import socket
import subprocess
import sys
import threading

import pytest

import w2v_cli
from reported.inputs import QUICK, SETTINGS, TEXT, start
from w2v_cli import W2VError

#: Addresses of kinds that w2v has no use for; PORT is where a server of the test listens.
REFUSED = [
    "dask://127.0.0.1:PORT/x::file:///tmp",
    "dask://127.0.0.1:PORT/x",
    "simplecache::http://127.0.0.1:PORT/t.txt",
    "zip://t.txt::http://127.0.0.1:PORT/t.zip",
    "http://127.0.0.1:PORT/t.txt::file:///tmp",
    "reference://x::http://127.0.0.1:PORT/t.json",
    "ftp://127.0.0.1:PORT/t.txt",
    "sftp://127.0.0.1:PORT/t.txt",
    "webhdfs://127.0.0.1:PORT/t.txt",
    "jupyter://127.0.0.1:PORT/t.txt",
    "smb://127.0.0.1:PORT/t.txt",
    "nosuch://127.0.0.1:PORT/t.txt",
]
#: Where a file or folder is named on the command line: ADDRESS stands for it.
DOORS = [
    "train ADDRESS --out r", "vocab ADDRESS", "phrases ADDRESS", "count ADDRESS --out r",
    "train lines.txt ADDRESS --out r", "train @files.list --out r", "vocab @files.list",
    "train --config c.toml --out r", "train --config ADDRESS --out r",
    "train lines.txt --from ADDRESS --out r", "train lines.txt --eval ADDRESS --out r",
    "train lines.txt --stop-words ADDRESS --out r", "train lines.txt --vocab ADDRESS --out r",
    "neighbors ADDRESS king", "info ADDRESS", "export ADDRESS out.npz", "embed vec.txt ADDRESS",
    "evaluate vec.txt ADDRESS", "evaluate ADDRESS pairs.txt", "compare vec.txt ADDRESS",
    "neighbors vec.txt --file ADDRESS", "plot vec.txt --words-file ADDRESS",
]  # fmt: skip
CORPUS_DOORS = [door for door in DOORS if "train" in door and "--out r" in door][:4]


@pytest.fixture
def listener():
    """A port of this machine; `.calls` counts who came."""

    class Caller(threading.Thread):
        calls = 0

        def run(self):
            while True:
                try:
                    server.accept()[0].close()
                except OSError:
                    return
                self.calls += 1

    server = socket.create_server(("127.0.0.1", 0))
    thread = Caller(daemon=True)
    thread.port = server.getsockname()[1]
    thread.start()
    yield thread
    server.close()


def prepare(folder, address):
    """Write the list and the configuration that name the address."""
    (folder / "files.list").write_text(f"{address}\n")
    (folder / "c.toml").write_text(f'[corpus]\npaths = ["{address}"]\n')


@pytest.mark.parametrize("address", REFUSED, ids=lambda address: address.partition("//127")[0])
def test_an_unknown_scheme_or_a_chain_is_refused_by_name(
    w2v, lines, listener, tmp_path, monkeypatch, address
):
    """Right: refused before anything is opened; the message names the scheme."""
    monkeypatch.chdir(tmp_path)
    address = address.replace("PORT", str(listener.port))
    prepare(tmp_path, address)
    for door in CORPUS_DOORS:
        result = w2v(*door.replace("ADDRESS", address).split(), *QUICK)
        assert result.code in (1, 2), door
        assert address.partition(":")[0] in result.err, door
        assert "no such file" not in result.err, door
        assert "install" not in result.err, door
        assert not (tmp_path / "r").exists(), door
    assert listener.calls == 0


@pytest.mark.parametrize("door", DOORS)
def test_no_door_opens_a_chain(w2v, lines, vec, pairs, listener, tmp_path, monkeypatch, door):
    """Right: nothing is asked of the server, whichever argument names the address."""
    monkeypatch.chdir(tmp_path)
    address = f"dask://127.0.0.1:{listener.port}/x::file:///tmp"
    prepare(tmp_path, address)
    result = w2v(*door.replace("ADDRESS", address).split())
    assert result.code in (1, 2)
    assert "dask" in result.err
    assert listener.calls == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda a: w2v_cli.train(paths=a, out="r", **SETTINGS),
        lambda a: w2v_cli.train(a, out="r", **SETTINGS),
        lambda a: w2v_cli.train(config="c.toml", out="r"),
        lambda a: w2v_cli.train(paths="lines.txt", out="r", eval_files=[a], **SETTINGS),
        lambda a: w2v_cli.train(paths="lines.txt", out="r", start_from=a, **SETTINGS),
        w2v_cli.load,
    ],
    ids=["paths", "corpus", "config", "eval_files", "start_from", "load"],
)
def test_python_opens_no_chain(lines, listener, tmp_path, monkeypatch, call):
    """Right: a W2VError that names the scheme, and nobody is called."""
    monkeypatch.chdir(tmp_path)
    address = f"dask://127.0.0.1:{listener.port}/x::file:///tmp"
    prepare(tmp_path, address)
    with pytest.raises(W2VError, match="dask"):
        call(address)
    assert listener.calls == 0


HOSTILE = """
import asyncio, os
from distributed import Scheduler
from distributed.protocol.serialize import ToPickle
class Evil:
    def __reduce__(self):
        return os.system, ("echo > MARK",)
async def greet(comm=None, **more):
    await comm.write([{"op": "stream-start", "x": ToPickle(Evil())}])
async def main():
    async with Scheduler(port=0, host="127.0.0.1", dashboard_address=None) as scheduler:
        scheduler.handlers["register-client"] = greet
        print(scheduler.address.rpartition(":")[2], flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.fixture
def scheduler(tmp_path):
    """A Dask scheduler that sends code to whoever connects; its port."""
    pytest.importorskip("distributed")
    code = HOSTILE.replace("MARK", str(tmp_path / "ran"))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    yield process.stdout.readline().strip()
    process.kill()
    process.wait()


def test_a_hostile_scheduler_is_never_asked(scheduler, lines, tmp_path):
    """Right: neither a configuration, a list nor a received run makes its code run."""
    address = f"dask://127.0.0.1:{scheduler}/x::file:///tmp"
    prepare(tmp_path, address)
    run = w2v_cli.train(paths=lines, out=tmp_path / "run", **SETTINGS).path
    config = (run / "config.toml").read_text()
    (run / "config.toml").write_text(config.replace(str(lines), address))
    shutil.rmtree(run / "cache")
    for call in (
        ["train", "--config", "c.toml", "--out", "r"],
        ["train", "@files.list", "--out", "r"],
        ["train", "--resume", "--out", "run", "--epochs", "2"],
    ):
        result = start(*call, cwd=tmp_path)
        assert result.returncode in (1, 2)
        assert not (tmp_path / "ran").exists(), call
        assert "Traceback" not in result.stderr


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers in the ways in which servers answer, good and bad."""

    protocol_version = "HTTP/1.1"
    asked: list[str] = []  # noqa: RUF012 - each server has a class of its own

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        self.asked.append(self.path)
        self.close_connection = True
        getattr(self, "answer_" + self.path.strip("/").partition(".")[0])(TEXT.encode())

    def head(self, code, **fields):
        self.send_response(code)
        for name, value in {"Connection": "close", **fields}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def body(self, data):
        if self.command == "GET":
            self.wfile.write(data)

    def answer_plain(self, data):
        self.head(200, Content_Length=len(data))
        self.body(data)

    def answer_nolength(self, data):
        self.head(200)
        self.body(data)

    def answer_chunked(self, data):
        self.head(200, Transfer_Encoding="chunked")
        self.body(b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data))

    def answer_cut(self, data):
        self.head(200, Content_Length=len(data) + 500)
        self.body(data)

    def answer_cutchunk(self, data):
        self.head(200, Transfer_Encoding="chunked")
        self.body(b"%x\r\n%s" % (len(data) + 500, data))

    def answer_tofile(self, data):
        self.head(302, Location="file:///etc/hostname", Content_Length=0)

    def answer_todask(self, data):
        self.head(302, Location="dask://127.0.0.1:1/x::file:///tmp", Content_Length=0)

    def answer_round(self, data):
        self.head(302, Location="/round.txt", Content_Length=0)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    """A web server of this machine; `.asked` are the paths that it was asked for."""
    pytest.importorskip("fsspec")
    pytest.importorskip("aiohttp")
    handler = type("OneServer", (Handler,), {"asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.asked = handler.asked
    server.address = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()


@pytest.mark.parametrize("kind", ["plain", "nolength", "chunked"])
def test_an_answer_with_or_without_a_length_is_read(server, kind):
    """Right: the whole text is read, and no library prints its stack."""
    result = start("vocab", f"{server.address}/{kind}.txt", "--json", "--min-count", "1")
    assert "aiohttp" not in result.stderr
    assert "Traceback" not in result.stderr
    assert result.returncode == 0, result.stderr
    assert f'"n_tokens": {len(TEXT.split())}' in result.stdout


@pytest.mark.parametrize("kind", ["cut", "cutchunk", "tofile", "todask", "round"])
def test_a_cut_answer_and_a_redirect_elsewhere_are_refused_in_one_line(server, kind):
    """Right: exit 1, one line that names the address; no stack of a library."""
    address = f"{server.address}/{kind}.txt"
    result = start("vocab", address, "--min-count", "1")
    assert result.returncode == 1
    assert address in result.stderr
    errors = [line for line in result.stderr.splitlines() if "reading the corpus" not in line]
    assert len(errors) == 1, result.stderr


def test_a_list_opens_an_address_only_if_the_command_line_names_it(w2v, server, tmp_path):
    """Right: refused, with the address and how to allow it; nothing is asked of the server."""
    address = f"{server.address}/plain.txt"
    (tmp_path / "files.list").write_text(address + "\n")
    result = w2v("vocab", f"@{tmp_path}/files.list")
    assert result.code in (1, 2)
    assert address in result.err
    assert "command line" in result.err
    assert not server.asked


def test_a_run_opens_an_address_only_if_the_command_line_names_it(w2v, server, tmp_path):
    """Right: a resume that has to read again refuses; with the address given, it reads."""
    address = f"{server.address}/plain.txt"
    run = tmp_path / "run"
    assert w2v("train", address, *QUICK, "--out", run).code == 0
    shutil.rmtree(run / "cache")
    server.asked.clear()
    result = w2v("train", "--resume", "--out", run, "--epochs", "2")
    assert result.code in (1, 2)
    assert address in result.err
    assert not server.asked
    result = w2v("train", address, "--resume", "--out", run, "--epochs", "2")
    assert result.code == 0, result.err
    assert server.asked


def test_a_configuration_opens_an_address_only_if_the_command_line_names_it(w2v, server, tmp_path):
    """Right: refused, with what to add; named on the command line or in `paths`, it is read."""
    address = f"{server.address}/plain.txt"
    (tmp_path / "a b.txt").write_text(TEXT)
    (tmp_path / "c.toml").write_text(f'[corpus]\npaths = ["{address}", "a b.txt"]\n')
    command = ["train", "--config", tmp_path / "c.toml", *QUICK, "--out", tmp_path / "r"]
    result = w2v(*command)
    assert result.code in (1, 2)
    assert f"names the address {address}" in result.err
    added = result.err.strip().partition("to allow it, add ")[2]
    assert shlex.split(added) == [address, str(tmp_path / "a b.txt")]
    with pytest.raises(W2VError, match="names the address"):
        w2v_cli.train(config=tmp_path / "c.toml", out=tmp_path / "r", **SETTINGS)
    assert not server.asked
    assert not (tmp_path / "r").exists()
    result = w2v(*command, *shlex.split(added))
    assert result.code == 0, result.err
    assert server.asked
    w2v_cli.train(config=tmp_path / "c.toml", paths=[address], out=tmp_path / "p", **SETTINGS)
    config = w2v_cli.Config(paths=[address], **SETTINGS)  # written in this call, not in a file
    w2v_cli.train(config=config, out=tmp_path / "q")


def test_a_received_run_names_all_that_has_to_be_added(w2v, server, tmp_path):
    """Right: the message's own words, pasted, let the run resume."""
    (tmp_path / "t.txt").write_text(TEXT)
    run = tmp_path / "run"
    corpus = [f"{server.address}/plain.txt", tmp_path / "t.txt"]
    assert w2v("train", *corpus, *QUICK, "--out", run).code == 0
    shutil.rmtree(run / "cache")
    again = ["train", "--resume", "--out", run, "--epochs", "2"]
    added = w2v(*again).err.strip().partition("to allow it, add ")[2]
    assert w2v(*again, *shlex.split(added)).code == 0
