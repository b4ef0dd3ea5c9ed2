"""A second verifier of the ledger, from its description in prodaccess-ledger(5) alone.

    ledger_verifier.py FOLDER [--key VKEY]... [--anchor FILE] [--checkpoint FILE]

prints one JSON object: verdict, records, proven, and for a broken one record and class.
"""

import argparse
import base64
import datetime
import functools
import hashlib
import json
import pathlib
import re
import sys

SECTOR = 512
TOP = ["actor", "boot", "boot_ms", "data", "grant", "hash", "kind", "prev", "role", "seq", "session", "time", "v"]
STRINGS = ["boot", "grant", "hash", "kind", "prev", "role", "session", "time"]
HEX = re.compile(r"[0-9a-f]{64}\Z")


# Ed25519 verification (RFC 8032, section 5.1), the plain way.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P:
        return None
    return P - x if (x & 1) != sign else x


def add(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def decompress(data):
    y = int.from_bytes(data, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)
SEEN = {}


def ed25519_holds(public, message, signature):
    key = (public, message, signature)
    if key not in SEEN:
        SEEN[key] = check_ed25519(public, message, signature)
    return SEEN[key]


def check_ed25519(public, message, signature):
    a = decompress(public)
    r = decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left = multiply(s, BASE)
    right = add(r, multiply(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


class Tree:
    """The stack of perfect subtrees of RFC 6962."""

    def __init__(self):
        self.size = 0
        self.stack = []

    def append(self, leaf):
        self.size += 1
        node, rest = leaf, self.size
        while rest % 2 == 0:
            node = hashlib.sha256(b"\1" + self.stack.pop() + node).digest()
            rest //= 2
        self.stack.append(node)

    def root(self):
        if not self.stack:
            return hashlib.sha256(b"").digest()
        node = self.stack[-1]
        for left in reversed(self.stack[:-1]):
            node = hashlib.sha256(b"\1" + left + node).digest()
        return node


def refuse_constant(_text):
    raise ValueError("no fractions")


def no_fraction(_text):
    raise ValueError("no fractions")


def ordered(pairs):
    keys = [key for key, _ in pairs]
    if any(b.encode("utf-8", "surrogatepass") <= a.encode("utf-8", "surrogatepass") for a, b in zip(keys, keys[1:])):
        raise ValueError("order of keys")
    return dict(pairs)


def depth_of(value):
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 1


def in_range(value):
    if isinstance(value, dict):
        return all(in_range(inner) for inner in value.values())
    if isinstance(value, list):
        return all(in_range(inner) for inner in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return -(2**63) <= value < 2**64
    return True


def dump(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def parse_record(raw):
    """The record of a line, or None."""
    if len(raw) >= 1 << 20:
        return None
    try:
        text = raw.decode("ascii")
        record = json.loads(text, object_pairs_hook=ordered, parse_float=no_fraction, parse_constant=refuse_constant)
        if not isinstance(record, dict) or list(record) != TOP or dump(record) != text:
            return None
        if any(0xD800 <= ord(c) < 0xE000 for c in json.dumps(record, ensure_ascii=False)):
            return None
    except (ValueError, RecursionError):
        return None
    actor = record["actor"]
    numbers = [record["seq"], record["boot_ms"], record["v"]]
    if not all(isinstance(record[key], str) for key in STRINGS) or not isinstance(record["data"], dict):
        return None
    if not isinstance(actor, dict) or list(actor) != ["class", "host", "person", "uid"]:
        return None
    if not all(isinstance(actor[key], str) for key in ["class", "host", "person"]):
        return None
    numbers.append(actor["uid"])
    if not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 2**64 for n in numbers):
        return None
    if record["v"] != 1 or record["seq"] == 0 or not HEX.match(record["hash"]) or not HEX.match(record["prev"]):
        return None
    if depth_of(record["data"]) > 32 or not in_range(record["data"]):
        return None
    return record


def content_hash(record):
    rest = {key: value for key, value in record.items() if key != "hash"}
    return hashlib.sha256(b"\0" + dump(rest).encode()).digest()


@functools.lru_cache(maxsize=8192)
def read_line(raw):
    """The record of a line and the hash of its content, or None twice. Kept, for a caller that verifies one ledger
    under many damages reads the same lines each time; nobody may change what is returned."""
    record = parse_record(raw)
    return record, record and content_hash(record)


def parse_vkey(text):
    match = re.fullmatch(r"([A-Za-z0-9._/-]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)", text.strip())
    if not match:
        return None
    data = base64.b64decode(match[3])
    key_id = hashlib.sha256(match[1].encode() + b"\n" + data).digest()[:4]
    return (match[1], key_id, data[1:]) if key_id.hex() == match[2] and data[0] == 1 else None


def is_time(text):
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").second < 60
    except ValueError:
        return False


def parse_note(text):
    match = re.fullmatch(
        r"([A-Za-z0-9._/-]+)\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\nnumber (0|[1-9][0-9]*)\n"
        r"time ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8})((?:\.[0-9]{3})?)Z\n\n"
        r"\u2014 ([A-Za-z0-9._/-]+) ([A-Za-z0-9+/]+=*)\n", text)
    if not match or match[1] != match[7] or match[6] == ".000" or not is_time(match[5]):
        return None
    signature = base64.b64decode(match[8])
    root = base64.b64decode(match[3])
    if len(signature) != 68 or base64.b64encode(signature).decode() != match[8]:
        return None
    if base64.b64encode(root).decode() != match[3] or int(match[2]) >= 2**64 or int(match[4]) >= 2**64:
        return None
    return {"origin": match[1], "size": int(match[2]), "root": root, "number": int(match[4]),
            "body": text[: text.index("\n\n") + 1].encode(), "id": signature[:4], "signature": signature[4:]}


def signed_by(note, key):
    return key is not None and note["origin"] == key[0] and note["id"] == key[1] and ed25519_holds(
        key[2], note["body"], note["signature"])


def is_prefix(raw):
    """Whether `raw` could go on to be a record: it ends too soon, and nothing else is wrong."""
    # A reader of the grammar, a character at a time, that tells "ended" from "wrong".
    class Ended(Exception):
        pass

    text = raw.decode("latin-1")
    at = 0

    def need():
        if at >= len(text):
            raise Ended
        return text[at]

    def literal(word):
        nonlocal at
        for c in word:
            if need() != c:
                raise ValueError
            at += 1

    def string():
        nonlocal at
        literal('"')
        start = at
        while need() != '"':
            c = text[at]
            if not " " <= c <= "~":
                raise ValueError
            at += 1
            if c == "\\":
                escape()
        at += 1
        return text[start : at - 1]

    def hex4():
        nonlocal at
        value = 0
        for _ in range(4):
            digit = "0123456789abcdef".find(need())
            if digit < 0:
                raise ValueError
            value = value * 16 + digit
            at += 1
        return value

    def escape():
        nonlocal at
        c = need()
        at += 1
        if c in '"\\bfnrt':
            return
        if c != "u":
            raise ValueError
        unit = hex4()
        if chr(unit) in "\b\f\n\r\t" or 0x20 <= unit < 0x7F or 0xDC00 <= unit < 0xE000:
            raise ValueError
        if 0xD800 <= unit < 0xDC00:
            literal("\\u")
            if not 0xDC00 <= hex4() < 0xE000:
                raise ValueError

    def integer(negative_too=True):
        nonlocal at
        start = at
        if need() == "-":
            if not negative_too:
                raise ValueError
            at += 1
        digits = at
        while at < len(text) and text[at].isdigit() and text[at].isascii():
            at += 1
        if at == digits:
            need()
            raise ValueError
        number = text[digits:at]
        value = int(text[start:at])
        if number[0] == "0" and (len(number) > 1 or start != digits):
            raise ValueError
        if not -(2**63) <= value < 2**64:
            raise ValueError

    def value(depth):
        nonlocal at
        c = need()
        if depth > 32:
            raise ValueError
        if c == '"':
            string()
        elif c == "{":
            at += 1
            if need() == "}":
                at += 1
                return
            before = None
            while True:
                key = json.loads('"' + string() + '"').encode("utf-8", "surrogatepass")
                if before is not None and key <= before:
                    raise ValueError
                before = key
                literal(":")
                value(depth + 1)
                if need() == "}":
                    at += 1
                    return
                literal(",")
        elif c == "[":
            at += 1
            if need() == "]":
                at += 1
                return
            while True:
                value(depth + 1)
                if need() == "]":
                    at += 1
                    return
                literal(",")
        elif c in "tfn":
            literal({"t": "true", "f": "false", "n": "null"}[c])
        else:
            integer()

    try:
        for i, name in enumerate(TOP):
            literal(("," if i else "{") + f'"{name}":')
            if name == "actor":
                for j, inner in enumerate(["class", "host", "person", "uid"]):
                    literal(("," if j else "{") + f'"{inner}":')
                    integer(False) if inner == "uid" else string()
                literal("}")
            elif name in STRINGS:
                string()
            elif name == "data":
                if need() != "{":
                    raise ValueError
                value(1)
            else:
                integer(False)
        literal("}")
    except Ended:
        return True
    except ValueError:
        return False
    return False


def tail_is_torn(tail, offset):
    data = tail.rstrip(b"\n")
    first = len(data) - len(data.lstrip(b"\n"))
    if first and (offset + first) % SECTOR:
        return False
    hole = first != 0
    for match in re.finditer(rb"\n+", data[first:]):
        begin, end = first + match.start(), first + match.end()
        sectors = (offset + begin) % SECTOR == 0 and (offset + end) % SECTOR == 0
        if not sectors and not (hole and end - begin == 1 and data[end : end + 1] == b"{"):
            return False
        hole = hole or sectors
    return True if first else is_prefix(data.split(b"\n")[0])


class Broken(Exception):
    def __init__(self, record, kind):
        super().__init__(kind)
        self.record = record
        self.kind = kind


class Verifier:
    def __init__(self, folder, keys=(), anchor=None, kept=None):
        self.folder = pathlib.Path(folder)
        self.keys, self.anchor, self.kept = list(keys), anchor, kept
        self.tree, self.previous = Tree(), bytes(32)
        self.ledger, self.announced, self.proven = "", None, 0
        self.kept_seen, self.trusted_before, self.torn = False, False, False

    def segments(self):
        """The path of each number: None where a link, a fifo or a folder stands in its place."""
        found = {}
        for path in self.folder.iterdir():
            match = re.fullmatch(r"(segment|pruned)-(\d{8,})\.(jsonl|hashes)", path.name)
            if match:
                plain = path if path.is_file() and not path.is_symlink() else None
                number = int(match[2])
                if plain and (match[1] == "segment" or not found.get(number)):
                    found[number] = plain
                found.setdefault(number, None)
        return found

    def run(self):
        segments = self.segments()
        last = max(segments, default=0)
        for number in range(1, last + 1):
            if segments.get(number) is None:
                raise Broken(self.tree.size + 1, "missing")
            content = segments[number].read_bytes()
            if segments[number].name.startswith("pruned"):
                for line in content.removesuffix(b"\n").split(b"\n") if content else []:
                    if not HEX.match(line.decode("latin-1")):
                        raise Broken(self.tree.size + 1, "changed")
                    self.leaf(bytes.fromhex(line.decode()))
                continue
            self.segment(number, content, self.limit(segments.get(number + 1)), number == last)
        self.end()

    def limit(self, following):
        if following is None or following.name.startswith("pruned"):
            return None
        record, _ = read_line(following.read_bytes().split(b"\n", 1)[0])
        if record and record["kind"] == "opened" and record["data"].get("reason") == "sync failed":
            return record["seq"] - 1
        return None

    def segment(self, number, content, limit, last):
        offset, good_end, hole, first = 0, 0, False, True
        written = content.rstrip(b"\n")
        for line in written.split(b"\n"):
            here, offset = offset, offset + len(line) + 1
            if not line:
                hole = True
                continue
            record, digest = (None, None) if hole else read_line(line)
            if record is None:
                if limit is not None:
                    continue
                if last and tail_is_torn(content[good_end:], good_end):
                    self.torn = True
                    return
                raise Broken(self.tree.size + 1, "changed")
            good_end = offset
            if limit is not None and record["seq"] > limit:
                continue
            self.record(record, digest, number, first, written[here:])
            first = False

    def record(self, record, digest, number, first, rest):
        wanted = self.tree.size + 1
        if record["hash"] != digest.hex():
            raise Broken(wanted, "changed")
        if record["seq"] != wanted:
            later = record["seq"] < wanted or any(
                other and other["seq"] == wanted for other, _ in map(read_line, rest.split(b"\n")))
            raise Broken(wanted, "reordered" if later else "missing")
        if record["prev"] != self.previous.hex():
            raise Broken(wanted, "forked")
        if first and record["kind"] != "opened":
            raise Broken(wanted, "missing")
        self.follow(record, number)
        self.leaf(digest)

    def follow(self, record, number):
        data = record["data"]
        text = lambda key: data.get(key) if isinstance(data.get(key), str) else ""
        if record["kind"] == "opened":
            self.ledger = self.ledger or text("ledger")
            if text("ledger") != self.ledger:
                raise Broken(record["seq"], "forked")
            if data.get("segment") != number:
                raise Broken(record["seq"], "reordered")
            if self.announced is None and text("key"):
                self.announced = parse_vkey(text("key"))
        elif record["kind"] == "checkpoint_made":
            self.checkpoint(record, text("note"))
        elif record["kind"] == "note" and not record["session"] and text("event") == "key":
            self.announced = parse_vkey(text("key"))

    def checkpoint(self, record, text):
        note = parse_note(text)
        if note is None or note["origin"] != "prodaccess-ledger/" + self.ledger:
            raise Broken(record["seq"], "unsigned")
        if note["size"] != self.tree.size or note["root"] != self.tree.root():
            raise Broken(record["seq"], "forked")
        trusted = self.keys or ([self.anchor["key"]] if self.anchor else [])
        if any(signed_by(note, key) for key in trusted):
            self.trusted_before, self.proven = True, note["size"]
        elif self.keys or self.trusted_before or not signed_by(note, self.announced):
            raise Broken(record["seq"], "unsigned")

    def leaf(self, digest):
        self.tree.append(digest)
        self.previous = digest
        if self.anchor and self.anchor["sequence"] == self.tree.size and self.anchor["hash"] != digest.hex():
            raise Broken(self.tree.size, "forked")
        if self.kept and self.kept["size"] == self.tree.size:
            if self.kept["root"] != self.tree.root():
                raise Broken(self.tree.size, "forked")
            self.kept_seen = True

    def end(self):
        if self.anchor and self.ledger and self.anchor["ledger"] != self.ledger:
            raise Broken(1, "forked")
        if self.anchor and self.anchor["sequence"] > self.tree.size:
            raise Broken(self.tree.size + 1, "cut")
        if self.kept:
            if self.kept["origin"] != "prodaccess-ledger/" + self.ledger:
                raise Broken(1, "forked")
            if self.kept["size"] > self.tree.size:
                raise Broken(self.tree.size + 1, "cut")
            self.proven = max(self.proven, self.kept["size"])


def read_anchor(path):
    try:
        line = pathlib.Path(path).read_text("ascii").split("\n")[0]
    except (OSError, ValueError):
        return None
    words = line.split(" ")
    if len(words) != 7 or words[:2] != ["prodaccess-anchor", "1"]:
        return None
    if hashlib.sha256((" ".join(words[:6]) + " ").encode()).hexdigest() != words[6]:
        return None
    key = None if words[5] == "-" else parse_vkey(words[5])
    return {"ledger": words[2], "sequence": int(words[3]), "hash": words[4], "key": key}


def verify(folder, keys=(), anchor=None, kept=None):
    verifier = Verifier(folder, keys, anchor, kept)
    try:
        verifier.run()
    except Broken as broken:
        return {"verdict": "broken", "record": broken.record, "class": broken.kind}
    verdict = "proven" if verifier.proven else "consistent"
    return {"verdict": verdict, "records": verifier.tree.size, "proven": verifier.proven, "torn": verifier.torn}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--anchor")
    parser.add_argument("--checkpoint")
    options = parser.parse_args()
    kept = parse_note(pathlib.Path(options.checkpoint).read_text()) if options.checkpoint else None
    anchor = read_anchor(options.anchor) if options.anchor else None
    result = verify(options.folder, [parse_vkey(key) for key in options.key], anchor, kept)
    print(json.dumps(result))
    return 1 if result["verdict"] == "broken" else 0


if __name__ == "__main__":
    sys.exit(main())
