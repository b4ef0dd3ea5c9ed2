"""A private PostgreSQL server in a temporary folder, for tests that need a real one.

It listens on a Unix socket alone and goes away with its folder. Under root the server runs as the
system's `postgres` account, which it demands.
"""

import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile


def server_programs():
    """The folder of initdb and pg_ctl, or None where no server is installed."""
    found = shutil.which("initdb")
    if found:
        return pathlib.Path(found).parent
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    return folders[-1] if folders and (folders[-1] / "initdb").exists() else None


class PostgresServer:
    def __init__(self):
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
        self._run(self.programs / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-N")
        self._run(self.programs / "pg_ctl", "-D", self.data, "-w", "-t", "60", "-l",
                  self.folder / "log", "-o", f"-F -k {self.folder} -c listen_addresses=''", "start")
        return self

    def __exit__(self, *_):
        self._run(self.programs / "pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self):
        """What psql and other clients need to reach it."""
        return {"PGHOST": str(self.folder), "PGUSER": "postgres", "PGDATABASE": "postgres"}

    def sql(self, text):
        """Runs `text` and returns the rows, unaligned; raises with the server's message."""
        done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "-"], input=text,
                              env={**os.environ, **self.environment()}, text=True, timeout=60,
                              capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.splitlines()
