#!/usr/bin/env python3
"""Writes cli/first_functions.ld: the functions that `exec -- true` runs, in the order of their first call.

The linker puts them side by side, so that a short command touches some twenty pieces of the program's
text instead of eighty (each is a page fault, and pages to unmap at the end). Needs valgrind (which
knows the names of one text section only, so that the program is first linked without this order), a
kernel keyring, and the build folder of ./dev build.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/bench"))
from bench import PROGRAM, user  # noqa: E402
SCRIPT = ROOT / "cli/first_functions.ld"
HEAD = """/* Made by tests/support/first_functions.py, which says why: the functions that a short command runs. */
SECTIONS
{
  .text.first :
  {
"""
TAIL = """  }
}
INSERT BEFORE .text;
"""


def called(profile):
    """Names of the program's own functions in a callgrind profile, in its order, which is that of the first call."""
    objects, functions, found, current = {}, {}, {}, ""
    for line in profile.read_text(errors="replace").splitlines():
        if entry := re.match(r"(c?)ob=\((\d+)\)(?: (.*))?", line):
            if entry[3]:
                objects[entry[2]] = entry[3]
            if not entry[1]:
                current = objects.get(entry[2], "")
        elif entry := re.match(r"(c?)fn=\((\d+)\)(?: (.*))?", line):
            if entry[3]:
                functions[entry[2]] = entry[3]
            if not entry[1] and current.endswith("/prodaccess"):
                found[re.sub(r"'\d+$", "", functions[entry[2]])] = True
    return [name for name in found if re.fullmatch(r"[A-Za-z_][\w.$]*", name)]


def sections(name):
    """A constructor's or destructor's section carries the name of its base form."""
    return dict.fromkeys([name, name.replace("C1E", "C2E"), name.replace("D1Ev", "D2Ev")])


def link(lines):
    """The program, with these lines as its order."""
    SCRIPT.write_text(HEAD + "".join(lines) + TAIL)
    subprocess.run(["ninja", "-C", ROOT / "build", "--quiet", "prodaccess"], check=True)


def profiled():
    with tempfile.TemporaryDirectory(prefix="prodaccess-first-") as folder:
        folder = pathlib.Path(folder)
        environment = user(folder, "first")
        if isinstance(environment, str):
            sys.exit(environment)
        profile = folder / "profile"
        # Not checked: valgrind turns vfork into fork, where the child has no page of a secret, and its
        # start fails. All before and after the start is in the profile.
        subprocess.run(["valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={profile}",
                        PROGRAM, "exec", "--", "true"], env=environment, check=False, capture_output=True)
        names = called(profile)
        subprocess.run([PROGRAM, "revoke", "--all"], env=environment, check=True, stdout=subprocess.DEVNULL)
    return names


def main():
    before = SCRIPT.read_text()
    link([])
    names = profiled()
    if len(names) < 300:
        SCRIPT.write_text(before)
        sys.exit(f"first_functions: only {len(names)} functions seen; {SCRIPT.name} is left as it was")
    lines = [f"    *(.text.{section} .text.startup.{section})\n" for name in names for section in sections(name)]
    link(dict.fromkeys(lines))
    print(f"{SCRIPT.relative_to(ROOT)}: {len(names)} functions")


if __name__ == "__main__":
    main()
