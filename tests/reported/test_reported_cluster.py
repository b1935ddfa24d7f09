"""A local cluster opens no port without a lock."""

import asyncio
import subprocess
import sys
import time

import numpy as np
import pytest

pytest.importorskip("distributed")
psutil = pytest.importorskip("psutil")


def listening(process):
    """Return the addresses at which a process and its children listen."""
    found = set()
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return found
    for member in family:
        try:
            connections = member.net_connections("tcp")
        except psutil.Error:
            continue
        found |= {tuple(c.laddr) for c in connections if c.status == psutil.CONN_LISTEN}
    return found


async def speaks_without_lock(port):
    """Whether Dask's greeting is answered without a certificate."""
    from distributed.comm import connect

    try:
        comm = await connect(f"tcp://127.0.0.1:{port}", timeout=1)
    except OSError:
        return False
    comm.abort()
    return True


async def is_web_server(port):
    """Whether a request in HTTP gets an answer."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /status HTTP/1.0\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(5), 1)
        writer.close()
    except (TimeoutError, OSError):
        return False
    return answer == b"HTTP/"


@pytest.fixture(scope="module")
def observed(tmp_path_factory):
    """Count with two processes; see the ports, and what they answer, while it runs."""
    folder = tmp_path_factory.mktemp("cluster")
    ids = np.random.default_rng(1).zipf(1.3, 300_000) % 2000
    text = " ".join(f"w{i}" for i in ids).replace(" w1 ", " w1\n")
    (folder / "t.txt").write_text(text)
    command = [sys.executable, "-m", "w2v_cli", "count", "t.txt", "--out", "c"]
    command += ["--cluster", "local:2"]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    watched, seen, asked = psutil.Process(process.pid), set(), {}
    while process.poll() is None:
        for address in listening(watched):
            seen.add(address)
            speaks, web = asked.get(address[1], (False, False))
            speaks = speaks or asyncio.run(speaks_without_lock(address[1]))
            asked[address[1]] = speaks, web or asyncio.run(is_web_server(address[1]))
        time.sleep(0.02)
    assert process.returncode == 0, process.stderr.read()
    return seen, asked


def test_it_listens_on_this_machine_only(observed):
    """Right: 127.0.0.1 (or ::1), never 0.0.0.0."""
    assert {address for address, _ in observed[0]} <= {"127.0.0.1", "::1"}


def test_there_is_no_dashboard(observed):
    """Right: no port answers HTTP."""
    assert not [port for port, (_, web) in observed[1].items() if web]


def test_nobody_joins_without_the_key(observed):
    """Right: TLS, or another authentication of Dask's, at each port."""
    assert not [port for port, (open_, _) in observed[1].items() if open_]
