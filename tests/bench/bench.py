#!/usr/bin/env python3
"""`./dev bench`: speed and memory as ratios within one run, each beside its reference.

Medians of interleaved runs, so that what else the machine does falls on both sides alike.
"""

import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build/bin"
ROUNDS = 200


def clocked(argv, environment, folder):
    start = time.perf_counter()
    subprocess.run(argv, env=environment, cwd=folder, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1000


def interleaved(commands, environment, folder):
    """Median milliseconds of each command, by name."""
    times = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, argv in commands.items():
            times[name].append(clocked(argv, environment, folder))
    return {name: statistics.median(values) for name, values in times.items()}


def flush(folder):
    """The disk's own flush: one line appended and synced, median milliseconds."""
    times = []
    with open(folder / "flush", "ab", buffering=0) as file:
        for _ in range(ROUNDS):
            start = time.perf_counter()
            file.write(b"x" * 600 + b"\n")
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


PROGRAM = BIN / "prodaccess"
LEDGER_TOOL = str(BIN / "ledger_tool")


def user(folder, name, ephemeral="auto", policy=""):
    """A home with one role of the embedded authority, and a grant of it; its environment."""
    home = folder / name
    config = home / ".config/prodaccess"
    config.mkdir(parents=True, mode=0o700)
    (home / "key").write_text(os.urandom(32).hex())
    (home / "key").chmod(0o600)
    (config / "config.toml").write_text(
        f'[stores]\nephemeral = "{ephemeral}"\ndurable = "file"\npassphrase_from = "key-file:{home}/key"\n'
        '[roles.bench]\nprovider = "local"\nlocal = { kind = "token", audience = "x" }\n')
    if policy:
        (config / "policy.d").mkdir(mode=0o700)
        (config / "policy.d/bench.toml").write_text(policy)
    environment = {**os.environ, "HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C"}
    done = subprocess.run([PROGRAM, "request", "--role", "bench"], env=environment, capture_output=True, text=True)
    return environment if done.returncode == 0 else done.stderr.strip().splitlines()[0]


def bench_exec(folder):
    disk = flush(folder)
    print("exec, by the store that holds the credential:")
    for store in ["kernel", "secret-service"]:
        environment = user(folder, f"exec-{store}", store)
        if isinstance(environment, str):
            print(f"{store}: not here: {environment}")
            continue
        times = interleaved({"true": ["/usr/bin/true"],
                             "fork-and-wait": [str(BIN / "fork_and_wait"), "/usr/bin/true"],
                             "exec": [PROGRAM, "exec", "--", "true"]}, environment, folder)
        print(f"{store + ': bare true':36}{times['true']:7.2f} ms")
        print(f"{store + ': minimal fork and wait':36}{times['fork-and-wait']:7.2f} ms")
        print(f"{store + ': exec -- true':36}{times['exec']:7.2f} ms")
        print(f"{store + ': exec over bare true':36}{times['exec'] - times['true']:7.2f} ms "
              f"(with {disk:.2f} ms of it for one flush of this disk)")
        print(f"{store + ': exec to fork-and-wait':36}{times['exec'] / times['fork-and-wait']:7.2f} times")
        subprocess.run([PROGRAM, "revoke", "--all"], env=environment, stdout=subprocess.DEVNULL)


RULE = """[[rule]]
id = "r{0}"
tool = "aws"
action = "ec2 *"
name = "db-{0}*"
effect = "destructive"
verdict = "approve"
"""


def bench_policy_explain(folder):
    """The command as people run it, policy read and all."""
    environments = {rules: user(folder, f"rules-{rules}", policy="".join(map(RULE.format, range(rules))))
                    for rules in (10, 10_000)}
    times = {rules: [] for rules in environments}
    for _ in range(20):
        for rules, environment in environments.items():
            times[rules].append(clocked([PROGRAM, "policy", "explain", "--", "ls"], environment, folder))
    few, many = (statistics.median(times[rules]) for rules in environments)
    print(f"policy explain, 10 rules            {few:7.2f} ms")
    print(f"policy explain, 10,000 rules        {many:7.2f} ms ({many / few:.1f} times)")


def primitive(folder, writers, rounds):
    """Records a second of `writers` processes that lock, append one line and sync, and do nothing else."""
    import fcntl
    path = folder / f"primitive-{writers}"

    def write():
        with open(path, "ab", buffering=0) as file:
            for _ in range(rounds):
                fcntl.lockf(file, fcntl.LOCK_EX)
                file.write(b"x" * 600 + b"\n")
                os.fdatasync(file.fileno())
                fcntl.lockf(file, fcntl.LOCK_UN)

    processes = []
    start = time.perf_counter()
    for _ in range(writers):
        pid = os.fork()
        if pid == 0:
            write()
            os._exit(0)
        processes.append(pid)
    for pid in processes:
        os.waitpid(pid, 0)
    return writers * rounds / (time.perf_counter() - start)


def bench_ledger(folder):
    print("ledger, durable intents a second against lock, append and sync alone:")
    for writers in (1, 8, 64):
        rounds = max(2, 256 // writers)
        bare = primitive(folder, writers, rounds)
        ledger = folder / f"ledger-{writers}"
        start = time.perf_counter()
        running = [subprocess.Popen([LEDGER_TOOL, "append", ledger, str(rounds)], stdout=subprocess.DEVNULL)
                   for _ in range(writers)]
        for process in running:
            assert process.wait() == 0
        rate = writers * rounds / (time.perf_counter() - start)
        print(f"{writers:2} writers: bare {bare:9.0f}/s, ledger {rate:9.0f}/s (three records each): "
              f"{rate / bare:.2f} of it")


def peak_memory(argv, environment=None):
    """MiB, of a process that a small one starts (a fork counts what its parent held)."""
    code = ("import os, sys\npid = os.fork()\nif pid == 0: os.execv(sys.argv[1], sys.argv[1:])\n"
            "print(os.wait4(pid, 0)[2].ru_maxrss, file=sys.stderr)")
    done = subprocess.run([sys.executable, "-c", code, *map(str, argv)], capture_output=True, text=True, check=True,
                          env=environment)
    return int(done.stderr.split()[-1]) / 1024


def bench_verify(folder):
    ledger = folder / "large"
    subprocess.run([LEDGER_TOOL, "bulk", ledger, "200000"], check=True)
    verify = [PROGRAM, "audit", "verify", "--ledger", str(ledger)]
    hashing = ["sh", "-c", f"cat {ledger}/segment-* | sha256sum"]
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    times = {"verify": [], "sha256sum": []}
    for _ in range(3):
        times["verify"].append(clocked(verify, environment, folder))
        times["sha256sum"].append(clocked(hashing, environment, folder))
    ours, theirs = statistics.median(times["verify"]), statistics.median(times["sha256sum"])
    print(f"verify, 200,000 records             {ours:7.0f} ms; sha256sum of them {theirs:.0f} ms: "
          f"{theirs / ours:.2f} of its speed")
    print(f"verify, memory                      {peak_memory(verify):7.1f} MiB")


def bench_revoke(folder):
    """From `revoke --all` to the last of a hundred sessions dead."""
    environment = user(folder, "revoke", policy='[[rule]]\nid = "anything"\nverdict = "allow"\n')
    sessions = [subprocess.Popen([PROGRAM, "exec", "--", "sleep", "600"], env=environment, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(100)]
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            listed = subprocess.run(["pgrep", "-c", "-x", "sleep", "-P", ",".join(str(p.pid) for p in sessions)],
                                    capture_output=True, text=True).stdout
            if int(listed or 0) >= 100:
                break
            time.sleep(0.2)
        ended = []
        watchers = [threading.Thread(target=lambda p=p: (p.wait(), ended.append(time.perf_counter())))
                    for p in sessions]
        for watcher in watchers:
            watcher.start()
        start = time.perf_counter()
        subprocess.run([PROGRAM, "revoke", "--all"], env=environment, stdout=subprocess.DEVNULL)
        for watcher in watchers:
            watcher.join(30)
        print(f"revoke --all, 100 sessions          {(max(ended) - start) * 1000:7.0f} ms to the last one's end "
              f"(2000 ms are allowed), {len(ended)} ended")
    finally:
        for process in sessions:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)


def bench_memory(folder):
    environment = user(folder, "memory")
    for words in (["version"], ["exec", "--", "true"], ["status"], ["policy", "explain", "--", "rm", "-rf", "x"]):
        name = f"memory of {' '.join(words)}, at most"
        print(f"{name:36}{peak_memory([PROGRAM, *words], environment):7.1f} MiB")


def bench_explain(folder):
    lines = []
    for table in sorted((ROOT / "tests/decisions").glob("*.tsv")):
        for line in table.read_text().splitlines():
            if line and not line.startswith("#") and "\t" in line:
                lines.append(line.split("\t")[0].replace("\u240a", " "))
    usual = folder / "lines"
    usual.write_text("\n".join(line for line in lines if len(line) < 200) + "\n")
    print("explain, the decision tables' lines:", flush=True)
    subprocess.run([str(BIN / "explain_bench"), str(usual), "3"], check=True)
    print("decide, 10 and 10,000 rules:", flush=True)
    subprocess.run([str(BIN / "decide_bench")], check=True)


def main():
    with tempfile.TemporaryDirectory(prefix="prodaccess-bench-") as name:
        folder = pathlib.Path(name)
        bench_exec(folder)
        bench_explain(folder)
        bench_policy_explain(folder)
        bench_ledger(folder)
        bench_verify(folder)
        bench_revoke(folder)
        bench_memory(folder)


if __name__ == "__main__":
    main()
