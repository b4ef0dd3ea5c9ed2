#!/usr/bin/env python3
"""`./dev bench`: speed and memory as ratios within one run, each beside its reference.

Medians of interleaved runs, so that what else the machine does falls on both sides alike.
"""

import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
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


def bench_exec(folder):
    config = folder / ".config/prodaccess"
    config.mkdir(parents=True, mode=0o700)
    (folder / "key").write_text(os.urandom(32).hex())
    (folder / "key").chmod(0o600)
    (config / "config.toml").write_text(
        f'[stores]\ndurable = "file"\npassphrase_from = "key-file:{folder}/key"\n'
        '[roles.bench]\nprovider = "local"\nlocal = { kind = "token", audience = "x" }\n')
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C"}
    # Copied, as installing does: the page cache keeps the linker's own output in small pieces, which
    # costs each start 0.2 ms (measured).
    program = shutil.copy(BIN / "prodaccess", folder / "prodaccess")
    subprocess.run([program, "request", "--role", "bench"], env=environment, check=True,
                   stdout=subprocess.DEVNULL)
    times = interleaved({"true": ["/usr/bin/true"],
                         "fork-and-wait": [str(BIN / "fork_and_wait"), "/usr/bin/true"],
                         "exec": [program, "exec", "--", "true"]}, environment, folder)
    disk = flush(folder)
    print(f"bare true                  {times['true']:7.2f} ms")
    print(f"minimal fork and wait      {times['fork-and-wait']:7.2f} ms")
    print(f"exec -- true               {times['exec']:7.2f} ms")
    print(f"the disk's own flush       {disk:7.2f} ms")
    print(f"exec over bare true        {times['exec'] - times['true']:7.2f} ms "
          f"(with {disk:.2f} ms of it for one flush)")
    print(f"exec to fork-and-wait      {times['exec'] / times['fork-and-wait']:7.2f} times")


def bench_explain(folder):
    lines = []
    for table in sorted((ROOT / "tests/decisions").glob("*.tsv")):
        for line in table.read_text().splitlines():
            if line and not line.startswith("#") and "\t" in line:
                lines.append(line.split("\t")[0].replace("\u240a", " "))
    usual = folder / "lines"
    usual.write_text("\n".join(line for line in lines if len(line) < 200) + "\n")
    print("explain, the decision tables' lines:")
    subprocess.run([str(BIN / "explain_bench"), str(usual), "3"], check=True)
    print("decide, 10 and 10,000 rules:")
    subprocess.run([str(BIN / "decide_bench")], check=True)


def main():
    with tempfile.TemporaryDirectory(prefix="prodaccess-bench-") as name:
        folder = pathlib.Path(name)
        bench_exec(folder)
        bench_explain(folder)


if __name__ == "__main__":
    main()
