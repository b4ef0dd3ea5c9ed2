"""A private PostgreSQL server in a temporary folder, for tests that need a real one.

It listens on a Unix socket alone, and on loopback where asked to; it goes away with its folder. Under
root the server runs as the system's `postgres` account, which it demands.
"""

import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile


def server_programs():
    """The folder of initdb and pg_ctl, or None where no server is installed."""
    found = shutil.which("initdb")
    if found:
        return pathlib.Path(found).parent
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    return folders[-1] if folders and (folders[-1] / "initdb").exists() else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PostgresServer:
    """The socket lets everybody in; loopback (`tcp`) asks for a password, proved by SCRAM."""

    def __init__(self, tcp=False, tls=False, log_statements=False):
        self.tcp = tcp or tls
        self.tls = tls
        self.log_statements = log_statements
        self.port = free_port() if self.tcp else 5432
        self.programs = server_programs()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pa-pg-"))
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self.data = self.folder / "data"

    def _run(self, *words):
        prefix = ["runuser", "-u", self.user, "--"] if os.geteuid() == 0 else []
        subprocess.run([*prefix, *map(str, words)], check=True, cwd="/", timeout=120,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        if os.geteuid() == 0:
            shutil.chown(self.folder, self.user)
        self._run(self.programs / "initdb", "-D", self.data, "-U", "postgres", "-N",
                  "--auth-local=trust", "--auth-host=scram-sha-256")
        options = f"-F -k {self.folder} -p {self.port} -c listen_addresses={'127.0.0.1' if self.tcp else chr(39) * 2}"
        if self.log_statements:
            options += " -c log_statement=all"
        if self.tls:
            self._make_certificate()
            options += f" -c ssl=on -c ssl_cert_file={self.folder}/tls.crt -c ssl_key_file={self.folder}/tls.key"
        self._run(self.programs / "pg_ctl", "-D", self.data, "-w", "-t", "60", "-l",
                  self.folder / "log", "-o", options, "start")
        return self

    def _make_certificate(self):
        """Its own authority, for the name localhost."""
        self._run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                  "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                  "subjectAltName=DNS:localhost", "-keyout", self.folder / "tls.key",
                  "-out", self.folder / "tls.crt")
        # Everybody may read the certificate, as everybody may that of an authority.
        self.folder.chmod(0o755)

    def __exit__(self, *_):
        self._run(self.programs / "pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self):
        """What psql and other clients need to reach it."""
        return {"PGHOST": str(self.folder), "PGPORT": str(self.port), "PGUSER": "postgres",
                "PGDATABASE": "postgres"}

    def log(self):
        return (self.folder / "log").read_text()

    def version(self):
        return int(self.sql("SHOW server_version_num")[0]) // 10000

    def sql(self, text, **environment):
        """Runs `text` and returns the rows, unaligned; raises with the server's message."""
        done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "-"], input=text,
                              env={**os.environ, **self.environment(), **environment}, text=True, timeout=60,
                              capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.splitlines()
