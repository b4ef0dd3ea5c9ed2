"""Whatever the documents show is tried: command lines by the option tree, configuration and policy by
the loaders, sessions by running them, links by following them."""

import json
import os
import re
import shutil
import stat
import subprocess

import pytest
import yaml

import documents
from conftest import BINARY, ROOT, need

BLOCKS = list(documents.blocks())
EXAMPLES = ROOT / "man/examples"


def where(block):
    return f"{block.source}:{block.line}"


def refused(prodaccess, calls):
    lines = "\n".join(json.dumps(words) for words in calls)
    return prodaccess.run("__parse", stdin=lines + "\n", status=None)


def test_each_command_line_is_one_that_the_program_takes(prodaccess):
    calls = [words for block in BLOCKS for words in documents.command_lines(block)]
    calls += [words for block in BLOCKS if block.kind == "yaml" for words in documents.calls(block.text)]
    for path in EXAMPLES.rglob("*"):
        if path.suffix in (".sh", ".yml"):
            for line in path.read_text().split("\n"):
                calls += list(documents.calls(line.strip().removeprefix("trap '").removeprefix("# ")))
    assert len(calls) > 150, len(calls)
    result = refused(prodaccess, calls)
    assert result.returncode == 0, result.stdout
    wrong = refused(prodaccess, [["exec", "--rolle", "x"], ["frobnicate"], ["audit", "verify", "--nope"]])
    assert wrong.returncode == 1 and len(wrong.stdout.splitlines()) == 3


def test_each_synopsis_line_names_a_command(prodaccess):
    for page in sorted((ROOT / "man").glob("*.1")):
        usage = re.search(r"\.SH SYNOPSIS\n\.B prodaccess ?(.*)", page.read_text())
        words = documents.unroff(usage.group(1)).split()
        path = [word for word in words if re.fullmatch(r"[a-z][a-z-]*", word)]
        if path:
            assert f"usage: prodaccess {' '.join(path)}" in prodaccess.run(*path, "--help").stdout, page


# TOML.

TOML = [block for block in BLOCKS if block.kind == "toml" and "NAME]" not in block.text.split("\n")[0]]
POLICY = re.compile(r"^\[\[(rule|test)\]\]|^\[bounds\]", re.M)


def take(prodaccess, text):
    """The loader's word on a fragment, at whatever place it belongs."""
    if POLICY.search(text) and "[roles." not in text:
        prodaccess.configure("").policy(text)
        return prodaccess.run("policy", "show", status=None)
    prodaccess.configure(text)
    for words in (("roles",), ("approvals",), ("status",), ("policy", "show")):
        result = prodaccess.run(*words, status=None)
        if result.returncode == 1:
            break
    return result


def plug_in(prodaccess, script):
    """The page's own example, where a self-governed machine looks for it."""
    folder = prodaccess.home / ".local/lib/prodaccess/providers"
    folder.mkdir(parents=True, mode=0o755)
    program = folder / "prodaccess-provider-acme"
    program.write_text(script)
    program.chmod(0o755)


@pytest.mark.parametrize("block", TOML, ids=where)
def test_each_piece_of_configuration_and_policy_is_taken_by_the_loaders(prodaccess, block):
    text = block.text
    if text.startswith("[approvals."):  # it goes on from the piece before it
        text = next(each.text for each in TOML if each.text.startswith("[approvals]")) + text
        text += '\n[roles.ops]\nprovider = "local"\nlocal = { kind = "ssh", principals = ["debug"] }\n'
    if block.source == "prodaccess-provider.7":
        plug_in(prodaccess, next(each.text for each in BLOCKS if each.source == block.source and each.kind == "script"))
    signers = prodaccess.home / "allowed_signers"
    signers.write_text("")
    signers.chmod(0o600)
    result = take(prodaccess, text.replace("/etc/prodaccess/allowed_signers", str(signers)))
    assert result.returncode == 0, (block.text, result.stdout, result.stderr)


def test_a_wrong_piece_is_refused(prodaccess):
    assert len(TOML) >= 12
    assert take(prodaccess, '[roles.a]\nprovider = "vault"\nvault = { login = "token" }\n').returncode == 1
    assert take(prodaccess, '[[rule]]\nid = "a"\nverdict = "perhaps"\n').returncode == 1
    assert take(prodaccess, '[approvals]\nsigners = "nowhere"\n').returncode == 1


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.toml")), ids=lambda path: path.name)
def test_each_example_file_is_taken(prodaccess, path):
    text = path.read_text()
    if path.parent.name == "agents":
        import tomllib
        assert tomllib.loads(text)
        return
    if path.parent.name == "packs":
        folder = prodaccess.config / "packs.d"
        folder.mkdir(mode=0o700)
        (folder / path.name).write_text(text)
        prodaccess.run("policy", "lint")
        assert str(folder / path.name) in prodaccess.run("policy", "packs").stdout
        return
    result = take(prodaccess, text)
    assert result.returncode == 0, (result.stdout, result.stderr)
    if path.parent.name == "policy":
        assert "0 failed" in prodaccess.run("policy", "test").stdout or "[[test]]" not in text


# Examples that run.

def installed(prodaccess):
    folder = prodaccess.home / "bin"
    folder.mkdir(mode=0o755)
    (folder / "prodaccess").symlink_to(BINARY)
    return {**prodaccess.environment, "PATH": f"{folder}:{prodaccess.environment['PATH']}"}


def run_example(prodaccess, environment, name, *words):
    result = subprocess.run([EXAMPLES / name, *map(str, words)], env=environment, text=True, capture_output=True,
                            stdin=subprocess.DEVNULL, start_new_session=True, cwd=prodaccess.home, timeout=120)
    assert result.returncode == 0, (result.stdout, result.stderr)
    return result.stdout


def test_the_incident_and_then_the_audit_of_its_ledger_elsewhere(prodaccess, tmp_path):
    environment = installed(prodaccess)
    prodaccess.run("init")
    shown = run_example(prodaccess, environment, "on-call.sh", "bastion", "INC-42", "ls", "-d", "/etc")
    assert "/etc\n" in shown and "keyring    erased" in shown
    copy = tmp_path / "elsewhere"
    shutil.copytree(prodaccess.state / "ledger", copy / "ledger")
    (copy / "ledger.pub").write_text(prodaccess.run("audit", "key").stdout)
    shutil.rmtree(prodaccess.state)
    shutil.rmtree(prodaccess.config)
    shown = run_example(prodaccess, environment, "audit.sh", copy / "ledger", copy / "ledger.pub", copy)
    assert "proven up to record" in shown
    assert "SOC 2" in (copy / "soc2.html").read_text() and "INC-42" in (copy / "records.csv").read_text()


@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml"])
def test_each_command_of_the_ci_examples_passes_for_a_job(prodaccess, name):
    tree = yaml.safe_load((EXAMPLES / name).read_text())
    assert tree
    block = next(block for block in BLOCKS if block.source == "prodaccess-automation.7" and block.kind == "toml")
    prodaccess.configure(block.text)
    commands = [words[words.index("--") + 1:] for line in (EXAMPLES / name).read_text().split("\n")
                for words in documents.calls(line.strip()) if "--" in words]
    assert len(commands) >= 2
    for words in commands:
        prodaccess.run("policy", "check", "--role", "deploy", "--", *words, CI="true")
    prodaccess.run("policy", "check", "--role", "deploy", "--", "aws", "s3", "rb", "s3://x", status=3, CI="true")


@pytest.mark.parametrize("path", sorted((EXAMPLES / "agents").glob("*")), ids=lambda path: path.name)
def test_the_settings_of_agents_are_those_of_the_help(prodaccess, path):
    text = path.read_text()
    if path.suffix == ".json":
        json.loads(text)
    shown = re.sub(r"\s", "", prodaccess.run("hook", "--help").stdout)
    assert re.sub(r"\s", "", text) in shown, path.name


def test_the_hook_answers_as_the_page_says(prodaccess):
    question = {"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": "rm -rf /srv/data"}}
    answer = json.loads(prodaccess.run("hook", stdin=json.dumps(question)).stdout)
    assert answer["hookSpecificOutput"]["permissionDecision"] == "deny"


# Sessions.

SESSION = next((block for block in BLOCKS if block.source == "README.md" and block.kind == "console"), None)
PARTS = [
    (r"^  [d-][rwx-]{9} .* (\S+)$", r"  <listing> \1"),
    (r"/\S*/\.config/prodaccess", "~/.config/prodaccess"), (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "<time>"),
    (r"\b\d\d:\d\d\b", "<clock>"), (r"\bgrant(\s+)[0-9a-f]{4}\b", r"grant\1<id>"), (r"^[0-9a-f]{4}(?=  )", "<id>"),
    (r"\bserial \d+", "serial <n>"), (r"\bpid \d+", "pid <n>"), (r"\(\d+\.\d+ s\)", "(<s>)"),
    (r"Type  [a-z0-9]{4}  to", "Type  <challenge>  to"), (r"(: )[a-z0-9]{4}$", r"\1<challenge>"),
    (r"\b(29|30)m\b", "<left>"), (r"recorded as \d+", "recorded as <n>"), (r"record \d+", "record <n>"),
    (r"checkpoint \d+", "checkpoint <n>"), (r"\b\d+-\d+$", "<n>-<n>"), (r"list \d+", "list <n>"), (r"  +", "  "),
]


def plain(line):
    for pattern, stands in PARTS:
        line = re.sub(pattern, stands, line)
    return line.rstrip()


def at_a_terminal(prodaccess, words, shown):
    """Answers as the session shows it; the challenge is the one on the screen."""
    session = prodaccess.person(*words, columns=140)
    try:
        name = re.search(r"Type the name.*?,  (\S+)  ,", "\n".join(shown)).group(1)
        session.wait_for(lambda text: "to go on:" in text)
        session.type(name)
        challenge = session.wait_for(lambda text: re.search(r"Type  (\S+)  to ", text)).group(1)
        session.type(challenge)
        session.exit_status()
        text = session.screen()
    finally:
        session.close()
    return text.split("[exit status")[0].rstrip("\n").split("\n")


def test_the_session_in_the_readme_is_a_real_one(prodaccess):
    need("tmux")
    (prodaccess.home / "srv/cache").mkdir(parents=True)
    for name in ("old-1", "old-2"):
        (prodaccess.home / "srv/cache" / name).write_text("cached\n")
    steps = documents.session(SESSION)
    assert len(steps) >= 6
    for line, shown in steps:
        words = next(iter(documents.calls(line)))
        if any(text.startswith("Type ") for text in shown):
            actual = at_a_terminal(prodaccess, words, shown)
        else:
            result = prodaccess.run(*words, status=None)
            actual = (result.stderr + result.stdout).rstrip("\n").split("\n")
        actual = [text for text in actual if text]
        assert list(map(plain, actual)) == [plain(text) for text in shown if text], line
    assert not (prodaccess.home / "srv/cache").exists()


# Data.

def test_each_piece_of_json_and_yaml_is_well_formed():
    found = 0
    for block in BLOCKS:
        if block.kind == "json" or block.text.lstrip().startswith(('{"', "[{")):
            json.loads(block.text)
            found += 1
        if block.kind == "yaml" or re.match(r"(users|apiVersion):\n", block.text):
            yaml.safe_load(block.text)
            found += 1
    assert found >= 2


# Links.

def test_links_lead_somewhere():
    pages = {path.name for path in (ROOT / "man").glob("*.[157]")}
    for path in sorted((ROOT / "man").glob("*.[157]")):
        text = documents.unroff(re.sub(r"^\.(Xr|BR|RB|B) ", r"@\1 ", path.read_text(), flags=re.M))
        named = re.findall(r"@Xr (prodaccess\S*) (\d)", text) + re.findall(r"@BR? (prodaccess\S*) \((\d)\)", text)
        for name, section in named:
            assert f"{name}.{section}" in pages, (path.name, name, section)
    for name in documents.MARKDOWN:
        text = (ROOT / name).read_text()
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert target.startswith("https://") or (ROOT / target).exists(), (name, target)
        for page, section in re.findall(r"`(prodaccess[a-z-]*)\((\d)\)`", text):
            assert f"{page}.{section}" in pages, (name, page)
        for path in re.findall(r"`((?:core|cli|providers|tests|man|packaging)/[\w./*-]+)`", text):
            found = list(ROOT.glob(path.rstrip("/"))) or list(ROOT.glob(path.replace("X", "*")))
            assert found, (name, path)


def test_every_page_is_reached_from_the_first(prodaccess):
    pages = {path.stem: path.read_text().replace("\\-", "-") for path in (ROOT / "man").glob("*.[157]")}
    reached, queue = set(), ["prodaccess"]
    while queue:
        name = queue.pop()
        if name in reached or name not in pages:
            continue
        reached.add(name)
        queue += re.findall(r"(prodaccess-[a-z-]+?)(?= \(?[157]\)?)", pages[name])
    assert set(pages) == reached, set(pages) - reached


def test_each_section_that_is_named_is_there():
    """In hints, comments, help and pages: prodaccess-config(5), ROLES."""
    named = re.compile(r"(prodaccess(?:-[a-z]+)*)\((\d)\), ([A-Z][A-Z ]*[A-Z])")
    found = 0
    for folder in ["cli", "core", "providers", "man", "packaging"]:
        for path in (ROOT / folder).rglob("*.*"):
            text = path.read_text(errors="replace").replace("\\-", "-")
            for page, section, title in named.findall(text):
                pages = (ROOT / "man").glob(f"{page}.{section}")
                headings = "".join(page.read_text() for page in pages)
                assert re.search(rf'^\.S[Hh] "?{title}"?$', headings, re.M), f"{path}: {page}({section}) has no {title}"
                found += 1
    assert found > 5


def test_manual_pages_have_no_warning():
    need("mandoc")
    for page in sorted((ROOT / "man").glob("*.[157]")):
        checked = subprocess.run(["mandoc", "-Tlint", "-Wwarning", page], capture_output=True, text=True)
        assert checked.stdout == "", checked.stdout
