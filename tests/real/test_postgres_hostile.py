"""The PostgreSQL provider against servers that misbehave: a clear error within its deadline, and
nothing stored. The positive control is a fake that behaves."""

import json
import socket
import struct
import threading
import time

import pytest

from postgres_roles import CONFIG


def message(kind, body):
    return kind + struct.pack(">I", len(body) + 4) + body


AUTHENTICATED = message(b"R", struct.pack(">I", 0))
READY = message(b"Z", b"I")


def parameter(name, value):
    return message(b"S", name.encode() + b"\0" + value.encode() + b"\0")


GREETING = (AUTHENTICATED + parameter("server_version", "15.2") + parameter("client_encoding", "UTF8")
            + parameter("standard_conforming_strings", "on") + READY)
COMPLETE = message(b"C", b"SELECT 1\0")


def rows(*table):
    columns = b"".join(f"c{n}".encode() + b"\0" + struct.pack(">IHIhih", 0, 0, 25, -1, -1, 0)
                       for n in range(len(table[0]) if table else 1))
    text = message(b"T", struct.pack(">H", len(table[0]) if table else 1) + columns)
    for row in table:
        text += message(b"D", struct.pack(">H", len(row)) + b"".join(
            struct.pack(">I", len(value)) + value.encode() for value in row))
    return text + COMPLETE


class FakeServer:
    """`behave(connection, asked)` answers the bytes of each query; the start-up is done here."""

    def __init__(self, greeting, answer=None):
        self.greeting, self.answer = greeting, answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.done = threading.Event()
        self.heard = b""
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while not self.done.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with connection:
            try:
                connection.recv(8192)
                if self.greeting is None:
                    self.done.wait(60)
                    return
                connection.sendall(self.greeting)
                while self.answer is not None and not self.done.is_set():
                    asked = connection.recv(65536)
                    if not asked:
                        return
                    self.heard += asked
                    self.answer(connection, asked)
            except OSError:
                return  # the client hung up, as it should

    def stop(self):
        self.done.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def settle(connection, asked):
    """The answers that the session's beginning wants."""
    if b"set_config" in asked:
        connection.sendall(rows([""]) + COMPLETE * 3 + READY)
        return True
    return False


def answer_with(reply):
    def answer(connection, asked):
        if not settle(connection, asked):
            connection.sendall(reply)
    return answer


def endless_rows(connection, asked):
    if settle(connection, asked):
        return
    connection.sendall(rows(["x"])[:-len(COMPLETE)])
    row = message(b"D", struct.pack(">H", 1) + struct.pack(">I", 8000) + b"x" * 8000)
    while True:
        connection.sendall(row * 100)


def close_at_once(connection, asked):
    if not settle(connection, asked):
        connection.close()


CASES = {
    "garbage": (b"\xff\x1b[2JHTTP/1.1 400 Bad Request\r\n\r\n", None, "cannot connect"),
    "closes": (b"", None, "cannot connect"),
    "an endless error": (b"E" + b"x" * 200_000, None, "cannot connect"),
    "a huge challenge": (message(b"R", struct.pack(">I", 10) + b"A" * 100_000), None, "cannot connect"),
    "version 11": (GREETING.replace(b"15.2\0", b"11.9\0"), None, "needs 12 or later"),
    "hangs up at a query": (GREETING, close_at_once, "PostgreSQL at"),
    "endless rows": (GREETING, endless_rows, "its reply has no end"),
    "no rows": (GREETING, answer_with(rows() + READY), "does not say who"),
    "too few columns": (GREETING, answer_with(rows(["provisioner"]) + READY), "does not say who"),
    "a claim of copying": (GREETING, answer_with(message(b"H", b"\0\0\0")), "what was not asked"),
    "garbage rows": (GREETING, answer_with(message(b"D", b"\xff\xff\xff") + READY), "does not say who"),
    "an escape in its refusal": (GREETING, answer_with(
        message(b"E", b"SERROR\0C42501\0M\x1b]0;owned\x07no\0\0") + READY), "\\x1b]0;owned"),
}


def configure(prodaccess, server):
    prodaccess.configure(CONFIG.replace("USER", "provisioner").replace("HOST", "127.0.0.1")
                         .replace("PORT", str(server.port)).replace("MORE", 'password_from = "none"'))


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_server_gets_nowhere(prodaccess, name):
    greeting, answer, said = CASES[name]
    server = FakeServer(greeting, answer)
    try:
        configure(prodaccess, server)
        result = prodaccess.run("request", "--role", "orders-fix", status=1, timeout=120)
        assert said in result.stderr, result.stderr
        assert "\x1b" not in result.stderr and len(result.stderr) < 2000
        assert json.loads(prodaccess.run("status", "--json").stdout)["grants"] == []
        assert b"CREATE ROLE" not in server.heard
    finally:
        server.stop()


@pytest.mark.parametrize("name", ["at the start", "at a query"])
def test_a_server_that_hangs_is_given_up(prodaccess, name):
    server = FakeServer(None if name == "at the start" else GREETING,
                        lambda connection, asked: settle(connection, asked))
    try:
        configure(prodaccess, server)
        result = prodaccess.run("request", "--role", "orders-fix", status=1, timeout=120)
        assert "within" in result.stderr, result.stderr
        assert json.loads(prodaccess.run("status", "--json").stdout)["grants"] == []
    finally:
        server.stop()


def test_a_fake_that_behaves_is_believed(prodaccess):
    """The control: what the cases above lack is what makes a request succeed."""
    def answer(connection, asked):
        if settle(connection, asked):
            return
        if b"pg_is_in_recovery" in asked:
            connection.sendall(rows(["provisioner", "f", "t", "f", str(int(time.time()))]) + READY)
        else:
            connection.sendall(rows() + READY)

    server = FakeServer(GREETING, answer)
    try:
        configure(prodaccess, server)
        prodaccess.run("request", "--role", "orders-fix")
        assert b"CREATE ROLE" in server.heard
    finally:
        server.stop()
