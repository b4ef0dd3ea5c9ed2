#!/usr/bin/env python3
"""`./dev coverage`: lines of the rooms that decide, covered by unit tests and end-to-end tests together.

    coverage.py BUILD-FOLDER [PYTEST-FILE...]

Prints each room's share of lines and the files below it; ends with 1 where a room is below its aim."""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
AIM = 95.0
ROOMS = {
    "core/command": ["core/command/"],
    "core/policy": ["core/policy/"],
    "core/ledger": ["core/ledger/"],
    "confirming": ["cli/clearance.cc", "cli/confirm.cc", "cli/confirmation_prompt.cc", "cli/judgement.cc",
                   "core/os/typed_line.cc", "core/os/controlling_terminal.cc"],
    "exec": ["cli/command_exec.cc", "cli/child_run.cc", "cli/credential_source.cc", "core/os/supervisor.cc",
             "core/os/watcher.cc", "core/os/watcher_start.cc", "core/os/spawn.cc", "core/os/process_tree.cc",
             "core/os/session_registry.cc", "core/os/environment.cc"],
}
# Compiled into a tool that runs at build time.
NOT_AT_RUN_TIME = ["core/command/pack/pack_tool.cc"]
# What runs the paths that unit tests cannot.
TESTS = ["test_main_job", "test_confirmation", "test_exec_jobs", "test_exec_quiet", "test_exec_status", "test_exec_tree",
         "test_revoke", "test_obligations", "test_crashed_sessions", "test_sinks", "test_audit_report",
         "test_audit_show", "test_audit_prune", "test_reconcile", "test_locks", "test_ledger_anchor"]


def measure(build, tests):
    raw = build / "profiles"
    raw.mkdir(exist_ok=True)
    for old in raw.iterdir():
        old.unlink()
    environment = {**os.environ, "PRODACCESS_BUILD": str(build), "PRODACCESS_BIN": str(build / "bin/prodaccess")}
    subprocess.run([build / "bin/unit_tests", "--no-colors", "-m"], env=environment, cwd=ROOT, check=False)
    if tests:
        subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--no-header", "-n",
                        str(os.cpu_count() + 1), "--dist", "loadfile", *tests], env=environment, cwd=ROOT, check=False)
    merged = build / "merged.profdata"
    subprocess.run(["llvm-profdata-14", "merge", "-sparse", "-o", merged, *raw.glob("*.profraw")], check=True)
    exported = subprocess.run(["llvm-cov-14", "export", "-summary-only", f"-instr-profile={merged}",
                               build / "bin/prodaccess", "-object", build / "bin/unit_tests"],
                              check=True, capture_output=True, text=True)
    return {pathlib.Path(file["filename"]).resolve().relative_to(ROOT).as_posix(): file["summary"]["lines"]
            for file in json.loads(exported.stdout)["data"][0]["files"]
            if pathlib.Path(file["filename"]).resolve().is_relative_to(ROOT)}


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    tests = sys.argv[2:] or [f"tests/real/{name}.py" for name in TESTS]
    lines = measure(build, [] if tests == ["none"] else tests)
    below = 0
    for room, beginnings in ROOMS.items():
        files = {name: counts for name, counts in lines.items()
                 if any(name.startswith(beginning) for beginning in beginnings) and name not in NOT_AT_RUN_TIME}
        covered, count = (sum(counts[key] for counts in files.values()) for key in ("covered", "count"))
        share = 100 * covered / max(count, 1)
        below += share < AIM
        print(f"{room}: {share:.1f} % of {count} lines in {len(files)} files")
        for name, counts in sorted(files.items(), key=lambda entry: entry[1]["covered"] - entry[1]["count"]):
            if counts["percent"] < AIM:
                print(f"    {counts['percent']:5.1f} %  {counts['count'] - counts['covered']:4d} lines not run  {name}")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
