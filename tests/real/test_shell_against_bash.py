"""The shell parser against bash itself: which lines are lines, and which words they give.

bash runs only printf here: the generated lines call one function, which prints its arguments.
"""

import json
import random
import shutil
import subprocess

import pytest

from conftest import BUILD, FULL

WORDS = BUILD / "bin/shell_words"
LINES = 20000 if FULL else 400
SEED = 20240229

pytestmark = pytest.mark.skipif(not (WORDS.exists() and shutil.which("bash")),
                                reason="needs bash and the program shell_words")

CLEAN = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def parsed(lines):
    result = subprocess.run([WORDS], input=b"\0".join(l.encode() for l in lines) + b"\0",
                            capture_output=True, check=True)
    replies = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(replies) == len(lines)
    return replies


# --- words ---------------------------------------------------------------------------------------

ATOMS = ["a", "bc", "rm", "-rf", "/x", "x=1", "~x", "#", "a#b", "%s", ":", "@", "1", ".."]
QUOTED = ["'a b'", "\"a b\"", "''", "\"\"", "'a\"b'", "\"a'b\"", "\\ ", "\\$", "\\\\", "\"\\$a\"",
          "\"\\a\"", "$'a\\tb'", "$'\\x41\\102'", "$'\\u00e9'", "$'it\\'s'", "\"a\\\"b\"", "'$a'",
          "\\'", "\\\"", "\"\\`\"", "$\"q\""]
EXPANSIONS = ["$a", "${a}", "\"$a\"", "$b", "\"$b\"", "${b}", "$e", "\"$e\"", "${e:-d e}",
              "\"${e:-d e}\"", "${u-x}", "${u:-\"p q\"}", "${a:+y}", "${u+n}", "${b#* }", "${b% *}",
              "${a/b/X}", "${b// /_}", "${a^^}", "${a:1}", "${a:0:1}", "${b##* }", "${c%%.*}",
              "${c#*.}", "\"${c##*.}\"", "${a,,}", "$(echo out)", "\"$(echo o u t)\"",
              "$(echo o u t)", "`echo t`", "$(printf '%s' 'x y')", "$(printf 'a\\nb')",
              "$(echo)", "\"$(echo)\"", "\"$@\"", "$*", "\"$*\"", "$1", "\"$2\"", "\"${arr[@]}\"",
              "${arr[@]}", "${arr[1]}", "\"${arr[*]}\"", "${!n}", "$d", "\"$d\""]
BRACES = ["{a,b}", "x{1..3}y", "{a,b}{c,d}", "{a,{b,c}}", "{a}", "{}", "{a,b", "a}", "{1..3..2}",
          "{c..a}", "{01..3}", "{,x}", "{x,}", "\\{a,b}", "'{a,b}'", "{'a b',c}", "{$a,$b}", "{a,,b}",
          "{a..}", "{a,b}'q'", "\"{a,b}\"", "{-1..1}"]
SETUP = ("a=abc b='one two  three' e= c=x.y.z n=b d=' lead trail '; unset u; "
         "set -- 'p 1' p2; arr=('e 1' e2); ")


def word(rng):
    pools = [ATOMS, QUOTED, EXPANSIONS, BRACES]
    return "".join(rng.choice(rng.choices(pools, weights=[3, 2, 3, 1])[0])
                   for _ in range(rng.choice([1, 1, 1, 2, 2, 3])))


def words_line(rng):
    separators = ["", "", "", "IFS=,; ", "IFS=x; ", "IFS=' x'; "]
    return (SETUP + rng.choice(separators) +
            "dump " + " ".join(word(rng) for _ in range(rng.randint(1, 4))))


def words_of_bash(lines):
    script = ["dump() { printf '%s\\1' \"$@\"; printf '\\2'; }", "set -f"]
    for line in lines:
        # A line with an error of its own prints only the end mark of its group.
        script.append("( " + line + "\n) 2>/dev/null")
        script.append("printf '\\3'")
    result = subprocess.run(["bash", "--norc", "--noprofile"], input="\n".join(script).encode(),
                            capture_output=True, env=CLEAN, timeout=600)
    replies = result.stdout.split(b"\3")[:-1]
    assert len(replies) == len(lines), result.stderr[-500:]
    answers = []
    for reply in replies:
        if not reply.endswith(b"\2"):
            answers.append(None)
            continue
        body = reply[:-1]
        answers.append([part.decode() for part in body.split(b"\1")[:-1]] if body else [])
    return answers


def test_words_are_bashs_own():
    rng = random.Random(SEED)
    lines = [words_line(rng) for _ in range(LINES)]
    # A comment would swallow what the group needs; such lines are told apart by bash -n below.
    ours = parsed(lines)
    theirs = words_of_bash(lines)
    compared = 0
    wrong = []
    for line, reply, answer in zip(lines, ours, theirs):
        dumps = [command for command in reply["commands"] if command[:1] == ["dump"]]
        if answer is None or reply["problems"] or len(dumps) != 1 or None in dumps[0]:
            continue
        # printf '%s\1' without arguments prints one empty one.
        given = dumps[0][1:] or [""]
        compared += 1
        if given != (answer or [""]):
            wrong.append((line, given, answer))
    assert not wrong, f"{len(wrong)} of {compared}: " + "\n".join(map(str, wrong[:10]))
    assert compared > LINES * 0.6, f"only {compared} of {LINES} lines could be compared"


# --- lines ---------------------------------------------------------------------------------------

TOKENS = ["a", "b", "if", "then", "fi", "else", "elif", "for x in", "for x", "do", "done", "while",
          "until", "case x in", "esac", "y)", "(y)", "(", ")", "{", "}", ";", ";", ";;", "&&", "||",
          "|", "|&", "&", "\n", "!", "f()", "function f", "[[ x ]]", "((1))", "<f", ">f", ">>f",
          "2>&1", "&>f", "<<<w", "'q'", "\"q\"", "'", "\"", "$x", "${x}", "${x:-y}", "$(a)", "$(", "`a`",
          "`", "time", "$((1))", "<(a)", "# c", "\\", "x=1", "x=(a b)", "<<E\nh\nE\n", "coproc",
          "select x in"]
TEMPLATES = ["if {0}; then {1}; fi", "if {0}; then {1}; elif {2}; then {0}; else {1}; fi",
             "while {0}; do {1}; done", "until {0}\ndo {1}\ndone", "for i in {3}; do {0}; done",
             "for ((i=0;i<3;i++)); do {0}; done", "case {3} in a|b) {0};; (c) {1};& *) {2};; esac",
             "case {3} in\na) {0}\nesac", "( {0}; {1} )", "{{ {0}; {1}; }}", "f() {{ {0}; }}; f {3}",
             "function g {{ {0}; }}", "{0} && {1} || {2}", "{0} | {1} |& {2}", "{0} & {1}", "! {0}",
             "time {0}", "[[ {5} == b* && -n {5} ]]", "[[ {5} =~ ^(a|b)+$ ]] && {0}", "(( {3} ))",
             "{0} > out 2>&1 < in", "{0} <<E\nbody $x\nE", "{0} <<-'E'\n\tbody\n\tE\n{1}",
             "x=$( {0} )", "echo `{4}`", "echo \"$( {0} )\"", "diff <({0}) <({1})", "{0} &> out",
             "x=(1 2 {3}); {0}", "coproc {0}", "select i in {3}; do {0}; done", "{0} # {1}",
             "{{ {0}; }} > f", "( {0} ) | {1}", "trap '{4}' EXIT", "{0};", "{0} &", "x=1 {0}",
             "echo $(( 1 + (2*3) ))", "echo ${{x:-{3}}}", "{0} <<A <<B\na\nA\nb\nB", "! ! {0}",
             "if ( {0} ) then {1}; fi", "if {{ {0}; }} then {1}; fi", "while ((1)) do {0}; done"]
SIMPLE = ["a", "b c", "ls -l", "echo 'x y'", "x=1", "x=1 y", "true", ": > f", "echo \"$x\"", "[ -f x ]"]


def accepted_shape(rng, depth=0):
    if depth > 2 or rng.random() < 0.3:
        return rng.choice(SIMPLE)
    inner = [accepted_shape(rng, depth + 1) for _ in range(3)]
    plain = [line if "\n" not in line and "#" not in line else "a" for line in inner]
    return rng.choice(TEMPLATES).format(*plain, rng.choice(["a", "$x", "'q'", "a b", "\"$x\""]), "a",
                                         rng.choice(["a", "$x", "'q'"]))


def any_line(rng):
    if rng.random() < 0.5:
        return accepted_shape(rng)
    if rng.random() < 0.4:  # a good line with something cut out
        line = accepted_shape(rng)
        cut = rng.randrange(len(line) + 1)
        return line[:cut] + line[cut + rng.randint(1, 4):]
    return " ".join(rng.choice(TOKENS) for _ in range(rng.randint(1, 7)))


def test_lines_that_bash_takes_are_taken_and_no_others():
    rng = random.Random(SEED + 1)
    lines = [line for line in (any_line(rng) for _ in range(LINES)) if line.strip()]
    replies = parsed(lines)
    accepted = 0
    wrong = []
    for line, reply in zip(lines, replies):
        run = subprocess.run(["bash", "--norc", "--noprofile", "-n", "-c", line], env=CLEAN,
                             capture_output=True)
        takes = run.returncode == 0 and b"syntax error" not in run.stderr
        accepted += takes
        if takes != (not reply["problems"]):
            wrong.append((line, "bash takes it" if takes else run.stderr.decode()[:80],
                          reply["problems"]))
    assert LINES * 0.3 < accepted < LINES * 0.9
    # Where bash refuses, whatever we make of the line can only be too much. Where bash takes a line,
    # we must, but for what its -n takes and running it refuses (for ((a;), ${'q'}). What stands
    # in backticks bash reads only when it runs it.
    refused = [entry for entry in wrong if entry[1] == "bash takes it" and "`" not in entry[0]]
    assert len(refused) <= LINES * 0.0025, f"{len(refused)}: " + "\n".join(map(str, refused[:10]))
    taken = [entry for entry in wrong if entry[1] != "bash takes it"]
    assert len(taken) < LINES * 0.02, f"{len(taken)}: " + "\n".join(map(str, taken[:10]))
