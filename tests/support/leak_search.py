"""Where a secret lies that it must not lie: in bytes, in files, and in what processes show of themselves; in clear, in
the encodings in which programs write such bytes down, and in halves."""

import base64
import json
import os
import pathlib
import threading
import urllib.parse

SHORTEST = 12  # bytes; less is found by chance


def base64_forms(secret):
    """However the secret lies in what was encoded: the letters that it alone decides, for each of three alignments."""
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + secret)
        first = -(-shift * 8 // 6)               # letters that the bytes before it shape too
        last = (shift + len(secret)) * 8 // 6    # letters that no byte after it shapes
        yield f"base64, shifted by {shift}", text[first:last]
        yield f"base64url, shifted by {shift}", text[first:last].translate(bytes.maketrans(b"+/", b"-_"))


def forms(secret):
    """(name, bytes) of everything that gives `secret` away."""
    secret = secret.encode() if isinstance(secret, str) else secret
    assert len(secret) >= SHORTEST, "too short a canary"
    half = len(secret) // 2
    found = [("clear", secret), ("reversed", secret[::-1]), ("hex", secret.hex().encode()),
             ("HEX", secret.hex().upper().encode()), *base64_forms(secret)]
    if half >= SHORTEST:
        found += [("its first half", secret[:half]), ("its second half", secret[half:])]
    try:
        text = secret.decode()
        found += [("URL-encoded", urllib.parse.quote(text, safe="").encode()),
                  ("JSON-escaped", json.dumps(text)[1:-1].encode()),
                  ("JSON-escaped", json.dumps(text)[1:-1].replace("/", "\\/").encode()),
                  ("UTF-16", text.encode("utf-16-le"))]
    except UnicodeDecodeError:
        pass
    return found


class Search:
    """A search for several secrets, by the name under which each is told of."""

    def __init__(self, secrets):
        self.forms = [(name, how, what) for name, secret in secrets.items() for how, what in forms(secret)]
        self.searched = 0

    def in_bytes(self, data, where):
        self.searched += 1
        data = data.encode() if isinstance(data, str) else data
        return [f"{name} ({how}) in {where}" for name, how, what in self.forms if what in data]

    def in_files(self, folder, sanctioned=()):
        """Of every file beneath `folder`: its content, its name, where a link leads."""
        found = []
        for path in pathlib.Path(folder).rglob("*"):
            if path in sanctioned:
                continue
            found += self.in_bytes(str(path), f"the name {path}")
            if path.is_symlink():
                found += self.in_bytes(os.readlink(path), f"the link {path}")
            elif path.is_file():
                found += self.in_bytes(path.read_bytes(), path)
        return found


class ProcessSampler:
    """Keeps command lines and environments of the processes of ours that carry a mark, while it is entered."""

    def __init__(self, mark, ours="prodaccess"):
        self.mark, self.ours = mark.encode(), ours
        self.seen = {}  # (pid, comm) -> set of bytes
        self.done = threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    def _run(self):
        while not self.done.wait(0.01):
            self.sample()

    def sample(self):
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                name = (folder / "comm").read_text().strip()
                if not name.startswith(self.ours):
                    continue
                environment = (folder / "environ").read_bytes()
                if self.mark in environment.split(b"\0"):
                    self.seen.setdefault((folder.name, name), set()).update(
                        [(folder / "cmdline").read_bytes(), environment])
            except OSError:
                continue  # ended meanwhile

    def found_by(self, search):
        return [hit for (pid, name), texts in self.seen.items() for text in texts
                for hit in search.in_bytes(text, f"the command line or environment of {name}, {pid}")]
