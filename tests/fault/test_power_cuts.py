"""Power cuts while many write: the file system of a loop image is brought down at once, as xfstests' `godown` does,
so that all that was not synced is lost; what was acknowledged is there after the next mount."""

import fcntl
import os
import random
import shutil
import struct
import subprocess

import pytest
from conftest import FULL
from faults import SEED
from writer import TOOL, check_nothing_lost, needs_tool

CUTS = 40 if FULL else 3
EXT4_IOC_SHUTDOWN = 0x8004587D  # linux/ext4.h: _IOR('X', 125, __u32)
NO_LOG_FLUSH = 2

pytestmark = needs_tool


class Disk:
    """An ext4 in a file, mounted through a loop device."""

    def __init__(self, folder):
        self.image = folder / "disk.img"
        self.place = folder / "disk"
        self.place.mkdir()
        with open(self.image, "wb") as file:
            file.truncate(48 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", self.image], check=True, capture_output=True)

    def mount(self):
        return subprocess.run(["mount", "-o", "loop", self.image, self.place], capture_output=True, text=True)

    def unmount(self):
        subprocess.run(["umount", self.place], check=False, capture_output=True)

    def cut_the_power(self):
        folder = os.open(self.place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(folder, EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(folder)


@pytest.fixture
def disk(tmp_path):
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("mkfs.ext4 is not installed")
    disk = Disk(tmp_path)
    mounted = disk.mount()
    if mounted.returncode != 0:
        pytest.skip("no loop image can be mounted here: " + mounted.stderr.strip())
    try:
        disk.cut_the_power()
    except OSError as error:
        disk.unmount()
        pytest.skip(f"this kernel's ext4 cannot be brought down: {error}")
    disk.unmount()
    yield disk
    disk.unmount()


def start_writer(folder):
    return subprocess.Popen([TOOL, "append", folder, "5000", "7", "60000"], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def test_what_is_not_synced_is_lost(disk):
    """The positive control: the cut does what a power cut does."""
    assert disk.mount().returncode == 0
    (disk.place / "synced").write_text("there")
    os.sync()
    (disk.place / "written").write_text("lost")
    disk.cut_the_power()
    disk.unmount()
    assert disk.mount().returncode == 0
    assert (disk.place / "synced").read_text() == "there"
    written = disk.place / "written"
    assert not written.exists() or written.read_text() != "lost"


def test_power_cuts_lose_nothing_that_was_acknowledged(disk):
    rng = random.Random(SEED)
    acknowledged = 0
    print(f"{CUTS} power cuts, seed {SEED}")
    for cut in range(CUTS):
        assert disk.mount().returncode == 0
        state = disk.place / f"state-{cut}"
        state.mkdir(mode=0o700)
        os.sync()
        writers = [start_writer(state / "ledger") for _ in range(rng.choice([1, 2, 4]))]
        heard = {writers[0]: "".join(writers[0].stdout.readline() for _ in range(rng.randrange(1, 60)))}
        disk.cut_the_power()
        runs = []
        for writer in writers:
            out, error = writer.communicate(timeout=60)
            out = heard.get(writer, "") + out
            assert writer.returncode == 1 and error, "the writer went on without a disk"
            runs.append(subprocess.CompletedProcess([], 1, out, error))
            acknowledged += out.count("acknowledged")
        disk.unmount()
        assert disk.mount().returncode == 0
        try:
            check_nothing_lost(state / "ledger", runs)
        except AssertionError as error:
            raise AssertionError(f"power cut {cut}: {error}") from None
        shutil.rmtree(state)
        disk.unmount()
    assert acknowledged > 0
