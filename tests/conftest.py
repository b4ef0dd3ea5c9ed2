"""Fixtures shared by the end-to-end tests: a private home, and prodaccess run in it."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("PRODACCESS_BUILD", ROOT / "build"))
BINARY = os.environ.get("PRODACCESS_BIN", str(BUILD / "bin/prodaccess"))
FULL = os.environ.get("PRODACCESS_TEST_FULL") == "1"

# What nohup and a shell's background jobs ignore, every program started here would ignore too.
for inherited in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP):
    signal.signal(inherited, signal.SIG_DFL)
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

LOCAL_ROLES = """
[stores]
durable = "file"
passphrase_from = "key-file:{home}/store.key"

[roles.bastion]
description = "Log in to the bastion"
provider = "local"
ttl_default = "30m"
ttl_max = "2h"
local = { kind = "ssh", principals = ["debug"], extensions = ["permit-pty"] }

[roles.service]
description = "Call the service"
provider = "local"
ttl_default = "15m"
ttl_max = "1h"
reason = "required"
ticket = { pattern = "INC-[0-9]+" }
local = { kind = "token", audience = "https://service.example.com" }
env = { SERVICE_TOKEN = "{token}" }

[roles.reader]
description = "Only read"
provider = "local"
effects = ["read"]
local = { kind = "token", audience = "https://service.example.com" }
"""


class Prodaccess:
    """One user's prodaccess: a home folder of its own, and the environment of a plain login."""

    def __init__(self, home: pathlib.Path):
        self.home = home
        self.config = home / ".config/prodaccess"
        self.state = home / ".local/state/prodaccess"
        self.environment = {
            "HOME": str(home),
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "LANG": "C.UTF-8",
            "TERM": "xterm",
        }
        self.config.mkdir(parents=True, mode=0o700)
        key = home / "store.key"
        key.write_bytes(os.urandom(32).hex().encode())
        key.chmod(0o600)

    def configure(self, text: str = LOCAL_ROLES):
        """Writes the configuration; "{home}" in it stands for the home folder."""
        path = self.config / "config.toml"
        path.write_text(text.replace("{home}", str(self.home)))
        path.chmod(0o600)
        return self

    def policy(self, text: str, name: str = "50-test.toml"):
        folder = self.config / "policy.d"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / name
        path.write_text(text)
        path.chmod(0o600)
        return self

    def tool(self, name, text):
        """A program of the user's own, first on the PATH; its path."""
        folder = self.home / "bin"
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
        if not self.environment["PATH"].startswith(f"{folder}:"):
            self.environment["PATH"] = f"{folder}:{self.environment['PATH']}"
        return folder / name

    def argv(self, *words):
        return [BINARY, *map(str, words)]

    def run(self, *words, status=0, stdin="", timeout=60, **changes):
        """Runs to the end without a terminal; the exit status must be `status` (None: any)."""
        result = subprocess.run(
            self.argv(*words), input=stdin, text=True, capture_output=True, timeout=timeout,
            env={**self.environment, **changes}, start_new_session=True, cwd=self.home)
        if status is not None:
            assert result.returncode == status, (words, result.returncode, result.stdout, result.stderr)
        return result

    def json(self, *words, status=0, **changes):
        """The one JSON value that a command prints; say --json where our options stand."""
        result = self.run(*words, status=status, **changes)
        lines = result.stdout.strip().splitlines()
        assert len(lines) == 1, result.stdout + result.stderr
        return json.loads(lines[0])

    def start(self, *words, **options):
        return subprocess.Popen(self.argv(*words), env=self.environment, cwd=self.home, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, start_new_session=True, **options)

    def person(self, *words, columns=100, rows=40, **changes):
        """The command as a person at a terminal has it: in a multiplexer, so that the caller counts
        as human. Close it in the end."""
        from tmux_session import TmuxSession
        return TmuxSession(self.argv(*words), {**self.environment, **changes}, self.home, columns, rows)

    def terminal(self, *words, columns=100, **changes):
        return Terminal(self.argv(*words), {**self.environment, **changes}, self.home, columns)


class Terminal:
    """A command on a terminal of its own, as a person would have it."""

    def __init__(self, argv, environment, folder, columns):
        import pexpect
        self.child = pexpect.spawn(argv[0], argv[1:], env=environment, cwd=str(folder),
                                   dimensions=(40, columns), encoding="utf-8", timeout=20)

    def __getattr__(self, name):
        return getattr(self.child, name)

    def finish(self):
        """All that it still prints, and its exit status."""
        import pexpect
        self.child.expect(pexpect.EOF)
        self.child.close()
        status = self.child.exitstatus
        return self.child.before, status if status is not None else 128 + self.child.signalstatus


def wait_until(condition, seconds=20):
    """Polls until `condition()` is true; fails the test where it never is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("it never came true")


def need(*programs):
    """Skips, by name, where a program is not there."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


@pytest.fixture
def home(tmp_path):
    tmp_path.chmod(0o700)
    return tmp_path


@pytest.fixture
def prodaccess(home):
    return Prodaccess(home)


@pytest.fixture
def local(prodaccess):
    return prodaccess.configure(LOCAL_ROLES)
