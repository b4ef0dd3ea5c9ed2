"""Providers of one's own: the manual's example and bad programs, through the conformance kit."""

import datetime
import json
import os
import pathlib
import re
import subprocess
import textwrap

import pytest

from conftest import ROOT
from exec_fixtures import ALLOW_ALL
from provider_conformance import ProviderConformance, Subject

MANUAL = ROOT / "man/prodaccess-provider.7"


def manual_example():
    """The script in the manual page, as a reader sees it."""
    rendered = subprocess.run(["mandoc", "-Tutf8", MANUAL], check=True, capture_output=True,
                              text=True).stdout
    plain = re.sub(".\b", "", rendered)
    shown = re.search(r"A whole provider:\n\n(.*?\n)\n +Try it", plain, re.S)[1]
    return textwrap.dedent(shown.expandtabs())


def write_program(folder, text, name="prodaccess-provider-example"):
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    program = folder / name
    program.write_text(text)
    program.chmod(0o755)
    return program


@pytest.fixture
def example(prodaccess):
    return write_program(prodaccess.home / ".local/lib/prodaccess/providers", manual_example())


def checks(prodaccess, program, status):
    report = prodaccess.json("provider", "test", program, "--json", "--timeout", "5s", status=status)
    return {check["check"]: check["state"] for check in report["checks"]}, report


def test_the_manuals_example_conforms(prodaccess, example):
    states, report = checks(prodaccess, example, status=0)
    assert report["failed"] == 0 and report["passed"] >= 14, report
    assert states["revoke works with the handle alone"] == "passed"
    people = prodaccess.run("provider", "test", "example").stdout
    assert "0 of " in people and "passed  issue gives a handle" in people


@pytest.mark.parametrize("old, new, failing", [
    ('$(random) $until\\"', 'same 2099-01-01T00:00:00Z\\"', "two issues have two handles"),
    ('\\"expires_at\\":\\"$until\\",', "", "issue gives a handle, an end and fields"),
    ("*'\"protocol\":1,'*)", "*'\"protocol\":'*)", "another protocol version is refused"),
    ("case $1 in\n", "echo hello\ncase $1 in\n", "describe says what would be issued"),
    ('say "\\"handle', 'set -x; say "\\"handle', "no field's value is on standard error"),
    ("case $1 in\n", "sleep 30\ncase $1 in\n", "describe says what would be issued"),
])
def test_programs_that_break_the_protocol_fail(prodaccess, example, old, new, failing):
    text = example.read_text()
    assert old in text, text
    example.write_text(text.replace(old, new, 1))
    timeout = "1s" if "sleep" in new else "10s"
    report = prodaccess.json("provider", "test", example, "--json", "--timeout", timeout, status=1)
    states = {check["check"]: check["state"] for check in report["checks"]}
    assert states[failing] == "failed", report


def test_an_unsafe_program_is_not_run(prodaccess, example, tmp_path):
    example.chmod(0o777)
    states, report = checks(prodaccess, example, status=1)
    assert list(states.values()) == ["failed"], report
    missing = prodaccess.json("provider", "test", "nobody", "--json", status=1)
    assert "there is no provider program" in missing["checks"][0]["detail"]


def test_exec_under_a_role_of_the_example(prodaccess, example):
    prodaccess.configure('[roles.x]\nprovider = "example"\nexample = { anything = "goes" }\n').policy(ALLOW_ALL)
    result = prodaccess.run("exec", "--once", "--role", "x", "--", "printenv", "EXAMPLE_TOKEN")
    assert re.fullmatch(r"[0-9a-f]{32}\n", result.stdout)


def test_a_programs_environment_is_clean(prodaccess, example):
    text = example.read_text().replace("case $1 in\n", 'env >"$HOME/seen"\ncase $1 in\n', 1)
    example.write_text(text)
    prodaccess.run("provider", "test", example, status=None, AWS_SECRET_ACCESS_KEY="x", LD_LIBRARY_PATH="/x")
    names = {line.split("=")[0] for line in (prodaccess.home / "seen").read_text().splitlines()}
    assert names <= {"HOME", "LANG", "PATH", "PWD", "_", "SHLVL", "OLDPWD"}, names


class FarEnd:
    """The folder behind plugin_with_memory.py."""

    def __init__(self, home):
        self.folder = home / "far-end"
        self.folder.mkdir()
        self.password("right")
        write_program(home / ".local/lib/prodaccess/providers",
                      (ROOT / "tests/real/plugin_with_memory.py").read_text(), "prodaccess-provider-memory")

    def password(self, text):
        (self.folder / "password").write_text(text)

    def living(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        found = {}
        for path in self.folder.glob("*.token"):
            try:
                entry = json.loads(path.read_text())
            except FileNotFoundError:
                continue  # taken back while we looked
            if datetime.datetime.fromisoformat(entry["until"].replace("Z", "+00:00")) > now:
                found[entry["token"]] = path.stem
        return found


class TestConformance(ProviderConformance):
    @pytest.fixture
    def subject(self, prodaccess):
        far_end = FarEnd(prodaccess.home)
        prodaccess.configure('[roles.subject]\nprovider = "memory"\nttl_max = "2h"\n'
                             'env = { SUBJECT_SECRET = "{token}" }\n').policy(ALLOW_ALL)
        subject = Subject(prodaccess, alive=lambda token: token in far_end.living(),
                          living=lambda: set(far_end.living().values()),
                          spoil=lambda: far_end.password("WRONG"))
        # The far end's own folder holds what it issued.
        subject.files_with = lambda text: [path for path in Subject.files_with(subject, text)
                                           if far_end.folder not in path.parents]
        return subject
