"""The secret stores against the real ones: the kernel, gnome-keyring on a private bus, ssh-agent,
and the places where there are none."""

import os
import shutil
import signal
import socket
import subprocess
import time

import pytest

from conftest import BUILD

TOOL = str(BUILD / "bin/store_tool")
NO_KEYRING = str(BUILD / "bin/no_keyring")
KEEPS_KERNEL_KEYS = subprocess.run([TOOL, "ephemeral", "kernel", "get", "x"],
                                   capture_output=True).returncode == 4

needs_kernel = pytest.mark.skipif(not KEEPS_KERNEL_KEYS, reason="the kernel's key calls are refused here")
needs_desktop = pytest.mark.skipif(
    not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")),
    reason="no dbus-run-session or gnome-keyring-daemon")


class Home:
    """A home folder, and the store tool run in it; nothing of the caller's session is seen."""

    def __init__(self, folder):
        self.folder = folder
        folder.chmod(0o700)
        self.environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}

    def run(self, *words, stdin=b"", status=0, before=(), **changes):
        result = subprocess.run([*before, TOOL, *words], input=stdin, capture_output=True, timeout=60,
                                env={**self.environment, **changes})
        if status is not None:
            assert result.returncode == status, (words, result)
        return result

    def error(self, *words, **options):
        return self.run(*words, status=1, **options).stderr.decode()

    def file(self, *words, source="key-file", **options):
        source = f"key-file:{self.folder}/key" if source == "key-file" else source
        return ["--file", str(self.folder / "state/store"), "--from", source, "durable", "file", *words]


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@pytest.fixture
def key_name():
    name = f"test-{os.getpid()}-{time.monotonic_ns()}"
    yield name
    if KEEPS_KERNEL_KEYS:
        subprocess.run([TOOL, "ephemeral", "kernel", "erase", name], check=True)


# The kernel's keyring.

@needs_kernel
def test_a_kernel_key_is_read_back_and_ends_by_itself(home, key_name):
    secret = b"canary\0\n" + os.urandom(64)
    home.run("ephemeral", "kernel", "put", key_name, "8", stdin=secret)
    assert home.run("ephemeral", "kernel", "get", key_name).stdout == secret
    keys = open("/proc/keys").read()
    line = next(line for line in keys.splitlines() if f"prodaccess:{key_name}:" in line)
    assert " perm " not in line and " 3f010000 " in line, line
    time.sleep(8.2)
    home.run("ephemeral", "kernel", "get", key_name, status=4)


@needs_kernel
def test_a_replaced_kernel_key_keeps_an_end_and_leaves_no_second(home, key_name):
    for secret in (b"one", b"two"):
        home.run("ephemeral", "kernel", "put", key_name, "60", stdin=secret)
    assert home.run("ephemeral", "kernel", "get", key_name).stdout == b"two"
    for _ in range(100):  # the kernel collects the displaced key in its own time
        lines = [line for line in open("/proc/keys") if f"prodaccess:{key_name}:" in line]
        assert all(line.split()[3] != "perm" for line in lines), lines
        if len(lines) == 1:
            break
        time.sleep(0.05)
    assert len(lines) == 1, lines
    home.run("ephemeral", "kernel", "erase", key_name)
    home.run("ephemeral", "kernel", "get", key_name, status=4)


@needs_kernel
@pytest.mark.skipif(not shutil.which("keyctl"), reason="no keyctl")
def test_a_kernel_key_is_possessed_from_any_session_of_the_user(home, key_name):
    new_session = ["keyctl", "session", "-"]
    home.run("ephemeral", "kernel", "put", key_name, "60", stdin=b"x", before=new_session)
    assert home.run("ephemeral", "kernel", "get", key_name, before=new_session).stdout == b"x"
    revoked = ["keyctl", "session", "-", "sh", "-c", 'keyctl revoke @s; exec "$@"', "sh"]
    assert home.run("ephemeral", "kernel", "get", key_name, before=revoked).stdout == b"x"


@needs_kernel
def test_what_a_kernel_key_cannot_hold_is_said(home, key_name):
    for secret in (b"", b"x" * 32768):
        assert "does not fit a kernel key" in home.error(
            "ephemeral", "kernel", "put", key_name, "60", stdin=secret)
    home.run("ephemeral", "kernel", "put", key_name, "60", stdin=b"x" * 32767)


@needs_kernel
@pytest.mark.skipif(os.getuid() != 0, reason="needs root to become another user")
def test_a_full_quota_is_named(home):
    # A uid of its own has 20,000 bytes.
    home.folder.chmod(0o755)
    other = ["setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups"]
    if subprocess.run([*other, "test", "-x", TOOL]).returncode != 0:
        pytest.skip("another user cannot run the programs of this build")
    home.run("ephemeral", "kernel", "put", "large-1", "60", stdin=b"x" * 12000, before=other)
    words = home.error("ephemeral", "kernel", "put", "large-2", "60", stdin=b"x" * 12000, before=other)
    assert "quota" in words and "hint: " in words
    home.run("ephemeral", "kernel", "erase", "large-1", before=other)


# Where there is none.

@pytest.mark.parametrize("problem", ["1", "38"])
def test_without_any_keyring_each_reason_and_the_way_out_are_said_at_once(home, problem):
    begin = time.monotonic()
    words = home.error("ephemeral", "auto", "put", "x", "60", stdin=b"canary", before=[NO_KEYRING],
                       NO_KEYRING_ERRNO=problem)
    assert time.monotonic() - begin < 10
    assert "kernel: the kernel keyring cannot be used" in words
    assert "secret-service: there is no D-Bus session bus" in words
    assert "hint: without any keyring: prodaccess exec --once" in words
    words = home.error("durable", "auto", "keys", before=[NO_KEYRING])
    assert "no durable store works here" in words and 'durable = "file"' in words
    assert list(home.folder.rglob("*")) == []


@pytest.mark.parametrize("address", ["unix:path=/nonexistent/bus", "nonsense", ""])
def test_a_bus_that_is_not_there_is_an_error(home, address):
    words = home.error("ephemeral", "secret-service", "get", "x", DBUS_SESSION_BUS_ADDRESS=address)
    assert words.startswith("keyring_unavailable: ")


def test_a_bus_that_never_answers_costs_less_than_ten_seconds(home):
    path = home.folder / "bus"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen(8)
        begin = time.monotonic()
        found = home.run("examine", DBUS_SESSION_BUS_ADDRESS=f"unix:path={path}").stdout.decode()
        assert time.monotonic() - begin < 10
    assert "ephemeral secret-service fails the Secret Service does not answer" in found
    assert "durable secret-service fails the Secret Service does not answer" in found


# gnome-keyring on a private bus.

# No <servicedir>: the bus starts no second keyring of its own accord.
BUS = """<busconfig><type>session</type><listen>unix:dir=/tmp</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>"""


class Desktop:
    """A session bus with gnome-keyring on it, in a home of its own."""

    def __init__(self, home):
        self.home = home
        config = home.folder / "bus.conf"
        config.write_text(BUS)
        self.bus = subprocess.Popen(
            ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"], env=home.environment,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        home.environment["DBUS_SESSION_BUS_ADDRESS"] = self.bus.stdout.readline().strip()
        self.daemon = None

    def start(self, password=None):
        """With a password the login collection is made or unlocked; without, it stays locked."""
        unlock = ["--unlock"] if password is not None else []
        self.daemon = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--components=secrets", *unlock],
            env=self.home.environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.daemon.stdin.write((password or "").encode())
        self.daemon.stdin.close()
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if self.home.run("ephemeral", "secret-service", "get", "x", status=None).returncode == 4:
                return
            time.sleep(0.05)
        raise AssertionError("gnome-keyring did not come up")

    def stop(self):
        if self.daemon:
            self.daemon.send_signal(signal.SIGCONT)
            self.daemon.kill()
            self.daemon.wait()
            self.daemon = None

    def close(self):
        self.stop()
        self.bus.kill()
        self.bus.wait()


@pytest.fixture
def desktop(home):
    desktop = Desktop(home)
    yield desktop
    desktop.close()


@needs_desktop
def test_the_session_collection_keeps_what_ends(home, desktop):
    desktop.start()
    secret = b"canary\0" + os.urandom(3000)
    home.run("ephemeral", "secret-service", "put", "a", "60", stdin=b"old")
    home.run("ephemeral", "secret-service", "put", "a", "60", stdin=secret)
    home.run("ephemeral", "secret-service", "put", "b", "1", stdin=b"short")
    assert home.run("ephemeral", "secret-service", "get", "a").stdout == secret
    time.sleep(1.1)
    home.run("ephemeral", "secret-service", "get", "b", status=4)
    home.run("ephemeral", "secret-service", "erase", "a")
    home.run("ephemeral", "secret-service", "get", "a", status=4)
    for path in home.folder.rglob("*"):
        assert not path.is_file() or b"canary" not in path.read_bytes()


@needs_desktop
def test_the_default_collection_keeps_what_lasts(home, desktop):
    desktop.start("password")
    home.run("durable", "auto", "put", "authority", stdin=b"one")
    home.run("durable", "auto", "put", "authority", stdin=b"two\0")
    home.run("durable", "auto", "put", "ledger", stdin=b"three")
    desktop.stop()
    desktop.start("password")
    assert home.run("durable", "auto", "get", "authority").stdout == b"two\0"
    assert sorted(home.run("durable", "secret-service", "keys").stdout.split()) == [b"authority", b"ledger"]
    home.run("durable", "auto", "erase", "authority")
    home.run("durable", "auto", "get", "authority", status=4)
    assert "durable secret-service works chosen" in home.run("examine").stdout.decode()


@needs_desktop
def test_a_locked_collection_is_named_and_nothing_else_is_begun(home, desktop):
    desktop.start("password")
    home.run("durable", "secret-service", "put", "authority", stdin=b"one")
    desktop.stop()
    desktop.start()
    (home.folder / "key").write_bytes(os.urandom(32))
    (home.folder / "key").chmod(0o600)
    from_file = ["--file", str(home.folder / "store"), "--from", f"key-file:{home.folder}/key"]
    for words in (["durable", "secret-service", "get", "authority"],
                  ["durable", "secret-service", "put", "other"],
                  [*from_file, "durable", "auto", "put", "authority"]):
        begin = time.monotonic()
        said = home.error(*words, stdin=b"x")
        assert time.monotonic() - begin < 10
        assert "is locked" in said and "hint: unlock it" in said
    assert not (home.folder / "store").exists()


@needs_desktop
def test_where_no_collection_lasts_the_file_is_taken_only_when_asked_for(home, desktop):
    desktop.start()
    (home.folder / "key").write_bytes(os.urandom(32))
    (home.folder / "key").chmod(0o600)
    assert 'has no collection "default"' in home.error("durable", "auto", "put", "k", stdin=b"x")
    asked = ["--file", str(home.folder / "store"), "--from", f"key-file:{home.folder}/key"]
    home.run(*asked, "durable", "auto", "put", "k", stdin=b"canary")
    assert home.run(*asked, "durable", "auto", "get", "k").stdout == b"canary"
    assert b"canary" not in (home.folder / "store").read_bytes()


@needs_desktop
def test_a_hanging_service_costs_less_than_ten_seconds_and_is_named(home, desktop):
    desktop.start("password")
    desktop.daemon.send_signal(signal.SIGSTOP)
    begin = time.monotonic()
    found = home.run("examine").stdout.decode()
    assert time.monotonic() - begin < 10
    assert found.count("the Secret Service does not answer") == 2
    begin = time.monotonic()
    said = home.error("durable", "auto", "put", "k", stdin=b"x")
    assert time.monotonic() - begin < 10
    assert "does not answer" in said and "hint: " in said


# The encrypted file.

@pytest.fixture
def key_file(home):
    path = home.folder / "key"
    path.write_bytes(os.urandom(32))
    path.chmod(0o600)
    return path


def test_the_file_store_is_sealed_private_and_whole(home, key_file):
    home.run(*home.file("put", "authority"), stdin=b"canary-secret")
    store = home.folder / "state/store"
    assert store.stat().st_mode & 0o777 == 0o600
    assert store.parent.stat().st_mode & 0o777 == 0o700
    assert b"canary" not in store.read_bytes()
    assert home.run(*home.file("get", "authority")).stdout == b"canary-secret"
    assert sorted(path.name for path in store.parent.iterdir()) == ["store", "store.lock"]


def test_parallel_writers_lose_nothing(home, key_file):
    writers = [subprocess.Popen([TOOL, *home.file("put", f"key-{i}")], stdin=subprocess.PIPE,
                                env=home.environment) for i in range(16)]
    for i, writer in enumerate(writers):
        writer.communicate(f"value {i}".encode(), timeout=60)
        assert writer.returncode == 0
    assert len(home.run(*home.file("keys")).stdout.split()) == 16
    assert home.run(*home.file("get", "key-7")).stdout == b"value 7"


@pytest.mark.parametrize("spoil, said", [
    (lambda key: key.chmod(0o644), "may be read by others"),
    (lambda key: key.chmod(0o622), "may be changed by others"),
    (lambda key: key.write_bytes(b"short"), "too short"),
    (lambda key: key.unlink(), "there is no key file"),
    (lambda key: (key.rename(key.parent / "real"), key.symlink_to("real")), "a symbolic link"),
    (lambda key: (key.unlink(), os.mkfifo(key, 0o600)), "not a plain file"),
    (lambda key: key.write_bytes(os.urandom(32)), "is another one, or the file was changed"),
])
def test_a_key_file_that_is_wrong_is_refused(home, key_file, spoil, said):
    home.run(*home.file("put", "a"), stdin=b"x")
    before = (home.folder / "state/store").read_bytes()
    spoil(key_file)
    for words in (home.file("get", "a"), home.file("put", "b")):
        assert said in home.error(*words, stdin=b"y")
    assert (home.folder / "state/store").read_bytes() == before


@pytest.mark.parametrize("spoil, said", [
    (lambda store: store.chmod(0o666), "may be changed by others"),
    (lambda store: store.parent.chmod(0o777), "may be changed by others"),
    (lambda store: (store.rename(store.parent / "real"), store.symlink_to("real")), "a symbolic link"),
    (lambda store: (store.unlink(), os.mkfifo(store, 0o600)), "not a plain file"),
    (lambda store: store.write_bytes(b""), "is no secret store"),
    (lambda store: store.write_bytes(store.read_bytes()[:-1]), "is no secret store"),
])
def test_a_store_file_that_is_wrong_is_refused_and_left(home, key_file, spoil, said):
    home.run(*home.file("put", "a"), stdin=b"x")
    spoil(home.folder / "state/store")
    for words in (home.file("get", "a"), home.file("put", "b"), home.file("erase", "a")):
        assert said in home.error(*words, stdin=b"y")


def test_a_passphrase_opens_the_file_and_a_wrong_one_does_not(home):
    home.run(*home.file("put", "a", source="prompt"), stdin=b"canary", PASSPHRASE="correct horse")
    assert home.run(*home.file("get", "a", source="prompt"), PASSPHRASE="correct horse").stdout == b"canary"
    assert "the passphrase is wrong" in home.error(*home.file("get", "a", source="prompt"), PASSPHRASE="x" * 12)
    assert "nobody can be asked" in home.error(*home.file("get", "a", source="prompt"))


@pytest.mark.skipif(not shutil.which("ssh-agent"), reason="no ssh-agent")
@pytest.mark.parametrize("kind, said", [("ed25519", None), ("rsa", None), ("ecdsa", "signs differently each time")])
def test_a_key_in_the_agent_opens_the_file(home, kind, said):
    socket_path = home.folder / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket_path)], stdout=subprocess.DEVNULL)
    try:
        home.environment["SSH_AUTH_SOCK"] = str(socket_path)
        identity = home.folder / "id"
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(identity)], check=True)
        while not socket_path.exists():
            time.sleep(0.02)
        subprocess.run(["ssh-add", "-q", str(identity)], env=home.environment, check=True)
        print_ = subprocess.run(["ssh-keygen", "-lf", str(identity)], capture_output=True, text=True).stdout.split()[1]
        source = f"ssh-agent:{print_}"
        if said:
            assert said in home.error(*home.file("put", "a", source=source), stdin=b"x")
            return
        home.run(*home.file("put", "a", source=source), stdin=b"canary")
        assert home.run(*home.file("get", "a", source=source)).stdout == b"canary"
        subprocess.run(["ssh-add", "-q", "-D"], env=home.environment, check=True, stderr=subprocess.DEVNULL)
        assert "does not hold the key" in home.error(*home.file("get", "a", source=source))
    finally:
        agent.kill()
        agent.wait()


def test_an_agent_that_never_answers_is_given_up(home):
    path = home.folder / "agent"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen(8)
        begin = time.monotonic()
        said = home.error(*home.file("put", "a", source="ssh-agent:SHA256:x"), SSH_AUTH_SOCK=str(path))
        assert time.monotonic() - begin < 12
    assert "did not answer in time" in said


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to mount a small disk")
def test_on_a_full_disk_nothing_is_lost(home, key_file):
    state = home.folder / "state"
    state.mkdir(mode=0o700)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", str(state)],
                             capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        home.run(*home.file("put", "a"), stdin=b"kept")
        said = home.error(*home.file("put", "b"), stdin=b"x" * 100_000)
        assert "No space left on device" in said
        assert home.run(*home.file("get", "a")).stdout == b"kept"
        assert sorted(path.name for path in state.iterdir()) == ["store", "store.lock"]
    finally:
        subprocess.run(["umount", str(state)], check=True)
