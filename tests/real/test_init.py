"""`prodaccess init`: what it writes works as it stands, and its questions are few."""

import stat

import pytest

from conftest import need

PROVIDERS = ("local", "aws", "vault", "gcp", "postgres", "kubernetes")


def test_without_questions_the_first_grant_works_on_a_machine_without_a_desktop(prodaccess):
    told = prodaccess.run("init").stdout
    assert "prodaccess request --role bastion" in told
    key = prodaccess.config / "store.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    prodaccess.run("request", "--role", "bastion", "--reason", "try")
    assert prodaccess.run("exec", "--role", "bastion", "--", "echo", "ran").stdout == "ran\n"
    key.write_text("0" * 64)  # the key file is really what opens the store
    prodaccess.run("local", "ssh-ca", status=1)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_provider_gets_a_role_that_the_loader_takes(prodaccess, provider):
    written = prodaccess.json("init", "--provider", provider, "--json")
    roles = prodaccess.json("roles", "--json")["roles"]
    assert written["role"] in [role["name"] for role in roles]
    assert {role["provider"] for role in roles} == {provider}


def test_a_desktop_keyring_is_used_where_it_works_and_named_where_it_is_locked(prodaccess):
    need("dbus-daemon", "gnome-keyring-daemon")
    from test_stores import Desktop, Home
    home = Home(prodaccess.home)
    desktop = Desktop(home)
    try:
        desktop.start("password")
        bus = {"DBUS_SESSION_BUS_ADDRESS": home.environment["DBUS_SESSION_BUS_ADDRESS"]}
        prodaccess.run("init", **bus)
        assert not (prodaccess.config / "store.key").exists()
        prodaccess.run("request", "--role", "bastion", "--reason", "try", **bus)
        desktop.stop()
        desktop.start()
        prodaccess.run("init", "--force", **bus)
        assert "is locked" in (prodaccess.config / "config.toml").read_text()
    finally:
        desktop.close()


def test_a_configuration_that_is_there_stays(prodaccess):
    prodaccess.configure("# mine\n")
    result = prodaccess.run("init", status=2)
    assert "is there already; nothing was changed" in result.stderr
    assert (prodaccess.config / "config.toml").read_text() == "# mine\n"
    prodaccess.run("init", "--force")
    assert "[roles.bastion]" in (prodaccess.config / "config.toml").read_text()


def test_a_key_file_that_is_there_is_kept_since_it_may_open_a_store(prodaccess):
    prodaccess.run("init")
    before = (prodaccess.config / "store.key").read_text()
    prodaccess.run("init", "--force")
    assert (prodaccess.config / "store.key").read_text() == before


def test_printing_writes_nothing(prodaccess):
    text = prodaccess.run("init", "--print", "--provider", "vault").stdout
    assert "[roles.orders.vault]" in text
    assert list(prodaccess.config.iterdir()) == []


def test_a_person_answers_three_questions(prodaccess):
    need("tmux")
    session = prodaccess.person("init")
    try:
        for question, answer in (("Who gives the access", "aws"),
                                 ("ARN of the role", "arn:aws:iam::444455556666:role/look"),
                                 ("key-file, or prompt", "")):
            session.wait_for(lambda text: question in text)
            session.type(answer)
        assert session.exit_status() == 0, session.screen()
    finally:
        session.close()
    text = (prodaccess.config / "config.toml").read_text()
    assert 'role_arn        = "arn:aws:iam::444455556666:role/look"' in text
    assert "key-file:" in text


@pytest.mark.parametrize("answer", ['evil" ]', 'x"\\', "not-an-arn"])
def test_a_wrong_answer_is_named_and_leaves_nothing(prodaccess, answer):
    need("tmux")
    session = prodaccess.person("init", "--provider", "aws")
    try:
        session.wait_for(lambda text: "ARN of the role" in text)
        session.paste(answer)
        session.keys("Enter")
        session.wait_for(lambda text: "key-file, or prompt" in text)
        session.keys("Enter")
        assert session.exit_status() == 1, session.screen()
        assert "'role_arn' is not" in session.screen() and "prodaccess init" in session.screen()
    finally:
        session.close()
    assert not (prodaccess.config / "config.toml").exists()

