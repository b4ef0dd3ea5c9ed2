"""A writer of ledgers (tests/bench/ledger_tool.cc), and the check of what it leaves."""

import pathlib
import subprocess

import pytest
from conftest import BUILD
from invariant import check_acknowledged, check_ledger

TOOL = BUILD / "bin/ledger_tool"
needs_tool = pytest.mark.skipif(not TOOL.exists(), reason="ledger_tool is not built")


def write(folder, sessions, before=(), variables=None, checkpoint_every=5, segment_size=4000):
    return subprocess.run([*before, str(TOOL), "append", str(folder), str(sessions), str(checkpoint_every),
                           str(segment_size)], capture_output=True, text=True, timeout=60, env=variables)


def check_nothing_lost(folder, runs):
    """What `runs` acknowledged is there, the ledger is sound, and can be written on."""
    folder = pathlib.Path(folder)
    records = check_ledger(folder)
    for run in runs:
        check_acknowledged(records, run.stdout)
    again = write(folder, 1)
    assert again.returncode == 0, f"nothing can be written any more: {again.stderr}"
    check_ledger(folder, whole=True)
