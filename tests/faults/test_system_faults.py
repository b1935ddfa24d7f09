"""Faults at the level of the system: no wrong bits, no traceback.

All of them: python tests/faults/system_faults.py
"""

import errno
import os
import shutil
import subprocess
import sys

import pytest
from faults.system_faults import JOBS, build, storm

pytestmark = pytest.mark.skipif(
    shutil.which("gcc") is None or not sys.platform.startswith("linux"),
    reason="takes gcc and LD_PRELOAD",
)

WRITER = """
import os, sys
for i in range(3):
    try:
        with open(f"below/{i}", "wb", 0) as file:
            file.write(b"x")
    except OSError as error:
        print(i, error.errno)
open("beside", "w").close()
"""


@pytest.mark.parametrize(
    ("at", "lasting", "told"),
    [(0, 0, ""), (1, 0, "0 28"), (4, 0, "1 28"), (3, 1, "1 28 2 28"), (99, 0, "")],
)
def test_the_shim_fails_the_call_that_it_is_told(tmp_path, at, lasting, told):
    """Open and write of three files below the folder are six calls; others do not count."""
    (tmp_path / "below").mkdir()
    names = {
        "LD_PRELOAD": str(build(tmp_path)), "FAULT_FOLDER": str(tmp_path / "below"),
        "FAULT_AT": str(at), "FAULT_ERRNO": str(errno.ENOSPC), "FAULT_LASTING": str(lasting),
        "FAULT_COUNT": str(tmp_path / "counted"),
    }  # fmt: skip
    command = [sys.executable, "-c", WRITER]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | names, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == told.split()
    assert (tmp_path / "beside").exists()
    if at in (0, 99):
        assert (tmp_path / "counted").read_text() == "6 none\n"


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("job", JOBS)
def test_no_fault_of_the_system_makes_wrong_bits(tmp_path, job):
    assert storm([job], int(os.environ.get("FAULTS", "12")), 1, tmp_path) == []
