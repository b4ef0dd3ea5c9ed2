"""--help, manual pages and completions say the same, since all are made from one tree."""

import pathlib
import re
import subprocess

import pytest

from conftest import BINARY, LOCAL_ROLES, ROOT, need


def commands(prodaccess, path=()):
    """Every command that --help shows, as its words."""
    text = prodaccess.run(*path, "--help").stdout
    yield path, text
    section = re.search(r"\nCommands:\n(.*?)\n(?:\n|$)", text, re.S)
    for name in re.findall(r"^  (\S+) ", section.group(1) + "\n", re.M) if section else []:
        yield from commands(prodaccess, (*path, name))


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    from conftest import Prodaccess
    home = tmp_path_factory.mktemp("home")
    return list(commands(Prodaccess(home)))


def options_of(text):
    section = re.search(r"\nOptions:\n(.*?)\n(?:\n|$)", text, re.S)
    return re.findall(r"^  (--[a-z-]+)", section.group(1) + "\n", re.M) if section else []


def test_every_command_has_help_with_examples(tree):
    assert len(tree) > 15
    for path, text in tree:
        assert "usage: prodaccess" in text, path
        if options_of(text):
            assert "\nExamples:\n" in text, path


def test_every_option_stands_in_its_manual_page(tree):
    for path, text in tree:
        page = "prodaccess.1" if not path else f"prodaccess-{path[0]}.1"
        manual = (ROOT / "man" / page).read_text().replace("\\-", "-")
        for option in options_of(text):
            assert f"\\fB{option}\\fR" in manual, (path, option)


def test_every_option_is_completed(tree):
    bash = (ROOT / "completions/prodaccess.bash").read_text()
    zsh = (ROOT / "completions/_prodaccess").read_text()
    fish = (ROOT / "completions/prodaccess.fish").read_text()
    for path, text in tree:
        for option in options_of(text):
            assert option in bash and option in zsh, (path, option)
            assert f"-l {option[2:]} " in fish, (path, option)


def test_the_generated_files_are_those_of_this_program(prodaccess):
    prodaccess.run("__generate", prodaccess.home)
    for folder in ("man", "completions"):
        for made in (prodaccess.home / folder).iterdir():
            assert made.read_text() == (ROOT / folder / made.name).read_text(), \
                f"{folder}/{made.name} is stale: ./dev generate"


def test_manual_pages_are_well_formed():
    need("mandoc")
    for page in sorted((ROOT / "man").glob("*.[157]")):
        checked = subprocess.run(["mandoc", "-Tlint", "-Werror", page], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stdout


def bash_offers(prodaccess, *words):
    script = f"""
        source {ROOT}/completions/prodaccess.bash
        COMP_WORDS=({' '.join("'" + w + "'" for w in words)}); COMP_CWORD={len(words) - 1}
        _prodaccess; printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    environment = {**prodaccess.environment,
                   "PATH": f"{pathlib.Path(BINARY).parent}:/usr/bin:/bin"}
    return subprocess.run(["bash", "--norc", "-c", script], env=environment, text=True, check=True,
                          capture_output=True, timeout=20).stdout.split()


def test_bash_completes_commands_options_roles_and_grants(local):
    assert "request" in bash_offers(local, "prodaccess", "req")
    assert "--ttl" in bash_offers(local, "prodaccess", "request", "--t")
    assert bash_offers(local, "prodaccess", "request", "--role", "") == ["bastion", "reader", "service"]
    assert bash_offers(local, "prodaccess", "completion", "z") == ["zsh"]
    grant = local.json("request", "--role", "bastion", "--json")["grant"]["id"]
    assert bash_offers(local, "prodaccess", "revoke", "") == [grant[:4]]
    assert "true" in bash_offers(local, "prodaccess", "exec", "--role", "bastion", "--", "tru")


def test_zsh_and_fish_read_their_scripts(local):
    need("zsh", "fish")
    environment = {**local.environment, "PATH": f"{pathlib.Path(BINARY).parent}:/usr/bin:/bin"}
    offered = subprocess.run(
        ["fish", "--no-config", "-c", f"source {ROOT}/completions/prodaccess.fish; "
         "complete -C 'prodaccess request --role '"],
        env=environment, text=True, capture_output=True, timeout=20)
    assert "bastion" in offered.stdout, offered.stderr
    read = subprocess.run(
        ["zsh", "-f", "-c", f"autoload -U compinit; compinit -D; source {ROOT}/completions/_prodaccess; "
         "_prodaccess_value_source request --role; _prodaccess_options 'exec'"],
        env=environment, text=True, capture_output=True, timeout=20)
    assert "roles" in read.stdout and "--once" in read.stdout, read.stderr


def test_a_missing_reason_is_told_in_the_words_of_the_command(prodaccess):
    prodaccess.configure(LOCAL_ROLES)
    once = prodaccess.run("exec", "--once", "--role", "service", "--", "true", status=2)
    assert 'prodaccess exec --once --role service --reason "..."' in once.stderr
    asked = prodaccess.run("request", "--role", "service", "--ttl", "10m", status=2)
    assert 'prodaccess request --role service --ttl 10m --reason "..."' in asked.stderr


def test_an_error_without_a_hint_of_its_own_says_where_to_look(prodaccess):
    prodaccess.configure(LOCAL_ROLES)
    said = prodaccess.json("audit", "show", "--json", "--lines", "-1", status=2)
    assert said["error"]["hints"]
