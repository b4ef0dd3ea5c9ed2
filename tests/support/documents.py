"""What the documents show, piece by piece: fenced blocks of Markdown, literal displays of manual pages,
the command lines in them, and console sessions as lists of (command, expected lines)."""

import pathlib
import re
import shlex
from collections import namedtuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
Block = namedtuple("Block", "source line kind text")
MARKDOWN = ("README.md", "CONTRIBUTING.md")


def markdown_blocks(path):
    text = path.read_text(encoding="utf-8")
    for match in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S):
        yield Block(path.name, text[:match.start()].count("\n") + 1, match.group(1), match.group(2))


def unroff(text):
    """A literal display as a reader sees it."""
    lines = []
    for line in text.split("\n"):
        if line.startswith(".") and not line.startswith(".\\\""):
            continue
        lines.append(line)
    text = "\n".join(lines)
    for code, shown in (("\\-", "-"), ("\\(aq", "'"), ("\\(dq", '"'), ("\\e", "\\"), ("\\&", ""),
                        ("\\fB", ""), ("\\fI", ""), ("\\fR", "")):
        text = text.replace(code, shown)
    return text + "\n"


def manual_blocks(path):
    text = path.read_text(encoding="utf-8")
    for match in re.finditer(r"^\.Bd -literal[^\n]*\n(.*?)\n\.Ed$|^\.nf\n(.*?)\n\.fi$|^\.Dl ([^\n]*)$", text, re.M | re.S):
        shown = unroff(match.group(1) or match.group(2) or match.group(3))
        yield Block(path.name, text[:match.start()].count("\n") + 1, kind_of(shown), shown)


def kind_of(text):
    first = next((line.strip() for line in text.split("\n") if line.strip() and not line.strip().startswith("#")), "")
    if text.startswith("#!"):
        return "script"
    if re.match(r"\[\[?(roles|environments|audit|approvals|locks|stores|exec|rule|test|bounds)\b", first) or \
            first.startswith("requires ="):
        return "toml"
    if re.match(r"\$ |prodaccess ", first):
        return "console" if first.startswith("$") else "sh"
    return ""


def blocks():
    for name in MARKDOWN:
        yield from markdown_blocks(ROOT / name)
    for path in sorted((ROOT / "man").glob("*.[157]")):
        yield from manual_blocks(path)


def joined(text):
    return re.sub(r"\\\n\s*", " ", text)


def command_lines(block):
    """The words of each call of prodaccess in a block, our own name left out."""
    prompts = any(line.lstrip().startswith("$ ") for line in block.text.split("\n"))
    for line in joined(block.text).split("\n"):
        line = line.strip()
        if prompts and not line.startswith("$ "):
            continue
        yield from calls(line.removeprefix("$ "))


def calls(line):
    """The calls of prodaccess in one shell line, behind pipes, && and substitutions too."""
    for match in re.finditer(r"(?:^|[|;&(=!]\s*|- (?:run: )?|run: |then |\$\()prodaccess (?=\S)", line):
        lexer = shlex.shlex(line[match.end():], posix=True, punctuation_chars="();<>|&")
        lexer.whitespace_split = True
        words = []
        try:
            for word in lexer:
                if word in ("|", "||", "&&", ";", ">", "<", ">>", ")", "&", "2>", "(") or set(word) <= set("();<>|&"):
                    break
                words.append(word)
        except ValueError:
            words = [word for word in words if word]
        if words and words[0] != "COMMAND" and not any(word.startswith("[") for word in words):  # a synopsis
            yield words


def session(block):
    """[(command, lines shown)] of a console block."""
    steps = []
    for line in block.text.rstrip("\n").split("\n"):
        if line.startswith("$ "):
            steps.append((line[2:].split("   #")[0].rstrip(), []))
        elif steps:
            steps[-1][1].append(line)
    return steps
