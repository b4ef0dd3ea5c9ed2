#!/usr/bin/env python3
"""Formatting, layering, one definition of each type, and clang-tidy over the tracked sources; each finding is one line.

clang-tidy takes some ten seconds a file, so it looks at a seeded sample of the files; with
PRODACCESS_TEST_FULL=1 (`./dev test --full`, `./dev lint`) at all of them. What was found clean is
not looked at again while neither it nor a header of ours that it includes changes.
"""

import functools
import hashlib
import os
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "prodaccess-dev/tidy"

SAMPLE = 30
SEED = 1

# What a folder may include of ours. The rows of CONTRIBUTING.md, Layers.
LAYERS = {
    "core/base": {"core/base"},
    "core/command": {"core/base", "core/command"},
    "core/os": {"core/base", "core/os"},
    "core/policy": {"core/base", "core/command", "core/policy"},
    "core/ledger": {"core/base", "core/command", "core/policy", "core/os", "core/ledger"},
    "core/grant": {"core/base", "core/command", "core/policy", "core/os", "core/grant"},
    "providers": {"core/base", "core/command", "core/policy", "core/os", "core/grant", "providers"},
    "cli": {"core", "providers", "cli"},
}
# Libraries that only the named folders may include.
LIBRARIES = {
    "CLI/": {"cli"},
    "curl/": {"providers"},
    "pugixml": {"providers"},
    "toml++": {"core/base"},
    "libsecret": {"core/os"},
    "keyutils": {"core/os"},
    "libpq-fe": {"providers"},
    "pg_query": {"core/os"},
}


def sources():
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.cc", "*.h"],
                           cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    return [ROOT / name for name in names if (ROOT / name).exists()]


def folder_of(path):
    relative = path.relative_to(ROOT).as_posix()
    return next((folder for folder in LAYERS if relative.startswith(folder + "/")), None)


def layering(path):
    folder = folder_of(path)
    if folder is None:
        return
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'#include\s+[<"]([^>"]+)[>"]', line)
        if not match:
            continue
        name = match.group(1)
        if re.match(r"(core|cli|providers|tests)/", name):
            if not any(name.startswith(allowed + "/") for allowed in LAYERS[folder]):
                yield f"{path.relative_to(ROOT)}:{number}: {folder} may not include {name}"
        for library, allowed in LIBRARIES.items():
            if name.startswith(library) and not any(folder.startswith(a) for a in allowed):
                yield f"{path.relative_to(ROOT)}:{number}: {folder} may not include {name}"


def types_of(path):
    """(namespace, name) of each type that a file defines and others can see."""
    namespace, hidden = "", False
    for line in path.read_text().splitlines():
        if line == "namespace {":
            hidden = True
        elif hidden and line.startswith("}  // namespace"):
            hidden = False
        elif match := re.match(r"namespace ([\w:]+) \{", line):
            namespace = match[1]
        elif match := re.match(r"(?:struct|class|union|enum class|enum) (\w+)(?: final)?(?: : [^;]*)? \{", line):
            if not hidden:
                yield namespace, match[1]


def one_definition(files):
    """Two types of one name are undefined behaviour: the linker takes one's destructor for both."""
    seen = {}
    for path in files:
        if folder_of(path) is None:
            continue
        for name in set(types_of(path)):
            if seen.setdefault(name, path) != path:
                yield f"{path.relative_to(ROOT)}: {'::'.join(name)} is also defined in {seen[name].relative_to(ROOT)}"


@functools.lru_cache(maxsize=None)
def included(path):
    """The headers of ours that `path` itself includes."""
    names = re.findall(r'^#include\s+"([^"]+)"', path.read_text(), re.MULTILINE)
    return [ROOT / name for name in names if (ROOT / name).exists()]


def digest_of(path):
    """Of the file, of all of our headers that it reads, and of the rules."""
    read = {path}
    waiting = [path]
    while waiting:
        fresh = set(included(waiting.pop())) - read
        read |= fresh
        waiting += fresh
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes() + path.relative_to(ROOT).as_posix().encode())
    for name in sorted(read):
        digest.update(name.read_bytes())
    return digest.hexdigest()


def drawn(path):
    return hashlib.sha256(f"{SEED} {path.relative_to(ROOT).as_posix()}".encode()).digest()


def tidy(path):
    stamp = CACHE / digest_of(path)
    if stamp.exists():
        return []
    result = subprocess.run(
        ["clang-tidy-14", "--quiet", "-p", str(ROOT / "build/sanitized"), str(path)],
        cwd=ROOT, capture_output=True, text=True)
    if result.returncode == 0:
        CACHE.mkdir(parents=True, exist_ok=True)
        stamp.touch()
        return []
    return [line for line in result.stdout.splitlines() if line.strip()] or [result.stderr.strip()]


def main():
    files = sources()
    findings = [finding for path in files for finding in layering(path)]
    findings += one_definition(files)
    unformatted = subprocess.run(["clang-format-14", "--dry-run", "-Werror", *map(str, files)],
                                 cwd=ROOT, capture_output=True, text=True)
    badly = sorted({line.split(":", 1)[0] for line in unformatted.stderr.splitlines() if "error:" in line})
    findings += [f"{name}: run clang-format-14 -i on it" for name in badly]
    compiled = sorted(path for path in files if path.suffix == ".cc" and folder_of(path))
    if os.environ.get("PRODACCESS_TEST_FULL") != "1":
        # Drawn by name, so that a new file does not shuffle the others.
        compiled = sorted(compiled, key=drawn)[:SAMPLE]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for lines in pool.map(tidy, compiled):
            findings += lines
    for finding in findings:
        print(finding)
    print(f"lint: {len(files)} files, clang-tidy on {len(compiled)} (seed {SEED}), {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
