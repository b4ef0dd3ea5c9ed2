"""Live sinks against real receivers: records arrive whole and in order after each command, a dead sink holds up
nobody, a required one is heard before anything happens, and lateness is shown."""

import json
import os
import pathlib
import signal
import socket

import pytest
from conftest import LOCAL_ROLES, wait_until
from sink_receivers import (JournalReceiver, TcpReceiver, UdpReceiver, WebhookReceiver, make_certificate)

SECRET = b"webhook-secret-of-the-test"


def lines_of(prodaccess):
    content = b"".join(path.read_bytes() for path in sorted((prodaccess.state / "ledger").glob("segment-*")))
    return [line for line in content.decode().split("\n") if line]


def configure(prodaccess, sinks):
    prodaccess.configure(LOCAL_ROLES + "[audit]\n" + sinks)
    return prodaccess


def sink(name, kind, receiver, **more):
    text = f'[[audit.sink]]\nname = "{name}"\nkind = "{kind}"\naddress = "{receiver.address}"\n'
    return text + "".join(f"{key} = {json.dumps(value)}\n" for key, value in more.items())


def request(prodaccess, status=0):
    return prodaccess.run("request", "--role", "bastion", status=status)


@pytest.fixture(autouse=True)
def no_forwarder_stays(prodaccess):
    """Those that wait to try a dead sink again are ended with the test."""
    yield
    mine = f"HOME={prodaccess.home}".encode()
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if mine in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)
        except OSError:
            continue  # ended meanwhile, or not ours


@pytest.fixture
def started():
    """Receivers made through it are closed."""
    receivers = []

    def start(receiver):
        receivers.append(receiver)
        return receiver

    yield start
    for receiver in receivers:
        receiver.close()


def all_arrived(prodaccess, messages, text=lambda message: message.split("] ", 1)[1]):
    return wait_until(lambda: [text(message) for message in messages] == lines_of(prodaccess))


def test_syslog_over_udp_after_a_command(prodaccess, started):
    receiver = started(UdpReceiver())
    configure(prodaccess, sink("siem", "syslog", receiver))
    request(prodaccess)
    all_arrived(prodaccess, receiver.messages)
    first = json.loads(lines_of(prodaccess)[0])
    assert receiver.messages[0].startswith("<109>1 ")
    assert f'hash="{first["hash"]}"' in receiver.messages[0]
    before = len(receiver.messages)
    prodaccess.run("exec", "--role", "bastion", "--", "true", status=None)
    wait_until(lambda: len(receiver.messages) > before)
    all_arrived(prodaccess, receiver.messages)


def test_syslog_over_tcp_in_octet_counted_frames(prodaccess, started):
    receiver = started(TcpReceiver())
    configure(prodaccess, sink("siem", "syslog", receiver))
    request(prodaccess)
    all_arrived(prodaccess, receiver.messages)
    assert prodaccess.json("status", "--json")["sinks"][0]["behind"] == 0


def test_syslog_over_tls_believes_only_the_right_certificate(prodaccess, started):
    ca_file, context = make_certificate(str(prodaccess.home))
    receiver = started(TcpReceiver(context))
    configure(prodaccess, sink("siem", "syslog", receiver, ca_file=ca_file))
    request(prodaccess)
    all_arrived(prodaccess, receiver.messages)

    other, foreign = make_certificate(str(prodaccess.home), "log.example.com")
    impostor = started(TcpReceiver(foreign))
    configure(prodaccess, sink("impostor", "syslog", impostor, ca_file=other))
    result = prodaccess.run("audit", "forward", "--now", "--json", status=1)
    assert json.loads(result.stdout)[0]["error"] and not impostor.messages


def test_a_webhook_gets_signed_bodies_and_what_it_missed(prodaccess, started):
    (prodaccess.home / "secret").write_bytes(SECRET)
    (prodaccess.home / "secret").chmod(0o600)
    receiver = started(WebhookReceiver(SECRET))
    receiver.status = 503
    configure(prodaccess, sink("hook", "webhook", receiver, secret_file=str(prodaccess.home / "secret")))
    request(prodaccess)
    wait_until(lambda: prodaccess.json("status", "--json")["sinks"][0]["error"])
    assert "503" in prodaccess.run("status").stderr
    assert not receiver.messages

    receiver.status = 200
    prodaccess.run("audit", "forward", "--now")
    records = lambda: [line for body in receiver.messages for line in json.loads(body)["records"]]
    wait_until(lambda: records() == lines_of(prodaccess))
    assert receiver.forged == 0
    assert prodaccess.run("status").stderr == ""

    (prodaccess.home / "secret").write_bytes(b"another secret")
    request(prodaccess)
    wait_until(lambda: receiver.forged > 0)


def test_an_outage_is_made_up_for_without_another_command(prodaccess, started):
    (prodaccess.home / "secret").write_bytes(SECRET)
    (prodaccess.home / "secret").chmod(0o600)
    receiver = started(WebhookReceiver(SECRET))
    receiver.status = 500
    configure(prodaccess, sink("hook", "webhook", receiver, secret_file=str(prodaccess.home / "secret")))
    request(prodaccess)
    cursor = prodaccess.state / "sinks/hook.cursor"
    wait_until(lambda: cursor.exists() and json.loads(cursor.read_text())["failures"] > 0)
    receiver.status = 200
    wait_until(lambda: [line for body in receiver.messages for line in json.loads(body)["records"]]
               == lines_of(prodaccess))


def test_the_journals_own_socket(prodaccess, started, tmp_path):
    receiver = started(JournalReceiver(tmp_path / "journal.socket"))
    configure(prodaccess, sink("journal", "journald", receiver))
    request(prodaccess)
    all_arrived(prodaccess, receiver.messages, lambda fields: fields["PRODACCESS_RECORD"])
    assert {fields["SYSLOG_IDENTIFIER"] for fields in receiver.messages} == {"prodaccess"}


def test_what_is_too_long_for_a_datagram(prodaccess, started, tmp_path):
    journal = started(JournalReceiver(tmp_path / "journal.socket"))
    syslog = started(UdpReceiver())
    configure(prodaccess, sink("journal", "journald", journal) + sink("siem", "syslog", syslog))
    request(prodaccess)
    prodaccess.run("exec", "--role", "bastion", "--", "true", "x" * 120_000, *["y" * 100_000] * 5, status=None)
    all_arrived(prodaccess, journal.messages, lambda fields: fields["PRODACCESS_RECORD"])
    assert journal.files > 0
    wait_until(lambda: len(syslog.messages) == len(lines_of(prodaccess)))
    cut = [message for message in syslog.messages if "too long for a datagram" in message]
    assert cut and all('hash="' in message for message in cut)


def test_a_dead_sink_holds_up_nobody_and_is_shown(prodaccess):
    with socket.create_server(("127.0.0.1", 0)) as nobody_accepts:
        port = nobody_accepts.getsockname()[1]
    address = type("Dead", (), {"address": f"tcp://127.0.0.1:{port}"})
    configure(prodaccess, sink("gone", "syslog", address))
    request(prodaccess)
    sinks = wait_until(lambda: [s for s in prodaccess.json("status", "--json")["sinks"] if s["error"]])
    assert sinks[0]["late"] and sinks[0]["behind"] == len(lines_of(prodaccess)) and not sinks[0]["required"]
    assert "the sink gone is" in prodaccess.run("status").stderr
    findings = {each["subject"]: each for each in prodaccess.json("doctor", "--json", status=None)["findings"]}
    assert findings["sink gone"]["state"] == "warning" and "forward --now" in findings["sink gone"]["hint"]


def test_a_required_sink_is_heard_before_anything_happens(prodaccess, started):
    receiver = started(TcpReceiver())
    configure(prodaccess, sink("siem", "syslog", receiver, required=True))
    request(prodaccess)
    taken = [json.loads(message.split("] ", 1)[1]) for message in receiver.messages]
    assert [record["kind"] for record in taken][:2] == ["opened", "intent"]
    receiver.close()
    wait_until(lambda: socket.socket().connect_ex(("127.0.0.1", int(receiver.address.rsplit(":", 1)[1]))) != 0)
    marker = prodaccess.home / "ran"
    result = prodaccess.run("exec", "--role", "bastion", "--", "touch", marker, status=125)
    assert "required sink siem" in result.stderr and not marker.exists()
    findings = {each["subject"]: each for each in prodaccess.json("doctor", "--json", status=1)["findings"]}
    assert findings["sink siem"]["state"] == "wrong"


def test_many_commands_at_once_send_each_record_once(prodaccess, started):
    receiver = started(TcpReceiver())
    configure(prodaccess, sink("siem", "syslog", receiver))
    running = [prodaccess.start("request", "--role", "bastion", "--reason", str(i)) for i in range(8)]
    assert [process.wait(60) for process in running] == [0] * 8
    for process in running:
        process.stdout.close()
        process.stderr.close()
    all_arrived(prodaccess, receiver.messages)


def test_a_sink_that_is_configured_wrongly_is_refused_with_its_place(prodaccess):
    for line in ['address = "ftp://127.0.0.1:21"', 'address = "127.0.0.1"', 'address = "udp://127.0.0.1:9"\ncolour = "red"']:
        prodaccess.configure(LOCAL_ROLES + f'[audit]\n[[audit.sink]]\nname = "x"\nkind = "syslog"\n{line}\n')
        result = prodaccess.run("audit", "forward", status=None)
        assert result.returncode == 1 and "config.toml:" in result.stderr, result.stderr


@pytest.mark.parametrize("host", ["localhost.example.com", "127.0.0.1.example.com", "localhost@example.com"])
def test_plain_http_to_a_host_that_only_looks_local_is_refused(prodaccess, host):
    prodaccess.configure(LOCAL_ROLES + f'[audit]\n[[audit.sink]]\nname = "x"\nkind = "webhook"\nsecret_file = "/x"\n'
                                       f'address = "http://{host}/hook"\n')
    result = prodaccess.run("audit", "forward", status=1)
    assert "config.toml:" in result.stderr and "https://" in result.stderr, result.stderr
