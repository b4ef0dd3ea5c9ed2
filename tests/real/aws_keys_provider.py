"""A provider program that gives keys as AWS's do, each time others, without any AWS; and the real
AWS command line, where it is installed."""

import functools
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import textwrap

import pytest

from exec_fixtures import ALLOW_ALL

PROGRAM = """\
    #!{python}
    import datetime, json, pathlib, sys
    request = json.load(sys.stdin)
    folder = pathlib.Path({folder!r})
    def say(**members):
        print(json.dumps(dict(members, protocol=1)))
    if sys.argv[1] == "describe":
        say(target="111122223333")
    elif sys.argv[1] == "issue":
        with (folder / "issued").open("a") as log:
            log.write(request["tier"] + "\\n")
        number = len((folder / "issued").read_text().splitlines())
        until = datetime.datetime.fromisoformat(request["until"].replace("Z", "+00:00"))
        life = request["parameters"].get("life")
        now = datetime.datetime.now(datetime.timezone.utc)
        if life and (folder / "short").exists():
            until = min(until, now + datetime.timedelta(seconds=life))
        end = until.strftime("%Y-%m-%dT%H:%M:%SZ")
        key, secret, token = f"ASIAEXAMPLE{{number:04}}", f"secret/{{number}}+x", f"token=={{number}}"
        say(handle=f"session-{{number}}", expires_at=end, fields=dict(
            access_key_id=key, secret_access_key=secret, session_token=token, region="eu-west-1",
            AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY=secret, AWS_SESSION_TOKEN=token,
            AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="eu-west-1"))
    elif sys.argv[1] == "revoke":
        say(state="revoked")
    else:
        say(unsupported=True)
    """

CONFIG = """
[stores]
durable = "file"
passphrase_from = "key-file:{home}/store.key"

[roles.ops]
provider = "keys"
ttl_max = "12h"
hand_out = true
keys = { life = 15, tiers = TIERS }
"""


class KeysProvider:
    def __init__(self, prodaccess, tiers=False):
        self.prodaccess = prodaccess
        folder = prodaccess.home / ".local/lib/prodaccess/providers"
        folder.mkdir(parents=True, mode=0o755)
        program = folder / "prodaccess-provider-keys"
        program.write_text(textwrap.dedent(PROGRAM).format(python="/usr/bin/python3",
                                                           folder=str(prodaccess.home)))
        program.chmod(0o755)
        prodaccess.configure(CONFIG.replace("TIERS", str(tiers).lower())).policy(ALLOW_ALL)

    def request(self, ttl="2h"):
        return self.prodaccess.json("request", "--json", "--role", "ops", "--ttl", ttl)

    def shorten(self):
        """From now on keys live a quarter of a minute."""
        (self.prodaccess.home / "short").touch()

    def issued(self):
        path = self.prodaccess.home / "issued"
        return path.read_text().split() if path.exists() else []


@functools.cache
def aws_program(version):
    """The AWS command line of that major version: that of the tests' own environment, of the system
    (Debian's package awscli is version 2), or what PRODACCESS_TEST_AWS names; None where there is none."""
    folders = [str(pathlib.Path(sys.executable).parent), "/usr/local/bin", "/usr/bin"]
    named = os.environ.get("PRODACCESS_TEST_AWS")
    for program in [named, *(shutil.which("aws", path=folder) for folder in folders)]:
        if program is None:
            continue
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60)
        if f"aws-cli/{version}." in said.stdout + said.stderr:
            return program
    return None


@pytest.fixture(params=["1", "2"])
def aws(request):
    """Both of AWS's own command lines, where they are installed."""
    program = aws_program(request.param)
    if program is None:
        pytest.skip(f"no AWS command line of version {request.param}")
    return program


needs_botocore = pytest.mark.skipif(importlib.util.find_spec("botocore") is None,
                                    reason="no botocore")


def botocore_says(script, *words, **environment):
    """What a script prints that has nothing of ours but the variables given."""
    result = subprocess.run([sys.executable, "-c", textwrap.dedent(script), *map(str, words)],
                            capture_output=True, text=True, timeout=60,
                            env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **environment})
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()
