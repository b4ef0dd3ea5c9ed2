#!/usr/bin/env python3
"""Makes option_lists.toml: the options of tools whose own --help tells them, in the packs' form.

Usage: help_options.py > option_lists.toml
Run where the tools are installed; each list names its tool and version. Options that a help does not
show (short forms written elsewhere) are added by the packs that use the list.
"""

import re
import subprocess

COREUTILS = """base64 basename cat chgrp chmod chown cksum comm cp csplit cut date df dir dirname du env expand
fmt fold head id install join link ln ls md5sum mkdir mkfifo mknod mktemp mv nice nl nohup nproc numfmt od paste
pathchk pr readlink realpath rm rmdir seq sha256sum shuf sort split stat stdbuf sum tac tail tee timeout
touch tr truncate tsort uname unexpand uniq unlink vdir wc who whoami""".split()
GNU = """grep xargs sed tar gzip xz diff cmp diff3 psql pg_dump pg_dumpall pg_restore dropdb createdb dropuser
createuser vacuumdb reindexdb clusterdb pg_isready pg_basebackup ps free uptime vmstat watch pgrep pkill w top
systemctl journalctl systemd-run loginctl hostnamectl timedatectl busctl networkctl resolvectl curl wget file hexdump
column lsblk blkid mount umount findmnt lscpu wipefs losetup mkswap swapon swapoff fdisk sfdisk setpriv setsid
flock ionice chrt taskset nsenter unshare script scriptreplay renice prlimit dmesg last lslogins more rev
unshare strace make patch less getent iconv locale localedef ldd apt-get dpkg dpkg-query useradd usermod userdel
groupadd groupmod groupdel gpasswd chage chpasswd passwd su runuser chsh chfn login newgrp getopt hexdump kill
mkfs mkfs.ext4 diffstat rename ssh-keygen""".split()
KUBECTL = """annotate api-resources api-versions apply attach auth autoscale certificate cluster-info cordon cp
create debug delete describe diff drain edit events exec explain expose get kustomize label logs patch port-forward proxy replace rollout
run scale set taint top uncordon version wait""".split()
DOCKER = """attach build commit cp create diff events exec export history images import info inspect kill load login
logout logs pause port ps pull push rename restart rm rmi run save search start stats stop tag top unpause update
version wait""".split()


def run(*argv):
    try:
        result = subprocess.run(argv, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout + result.stderr


def version(tool):
    line = next(iter(run(tool, "--version").splitlines()), "")
    return re.sub(r"\s+", " ", line)[:60]


def gnu_option(line):
    """One help line: '  -a, --all[=X]   text' gives '-a|--all=?'."""
    match = re.match(r"^\s{1,12}(?=[-])(.*)$", line)
    if not match:
        return None
    # psql spells out its digit: -1 ("one"), --single-transaction
    text = re.sub(r' \("\w+"\)', "", re.split(r"\s{2,}|\t", match.group(1))[0])
    names = []
    arity = ""
    for part in re.split(r",\s*|\s\|\s|(?<=\w)\s(?=--)", text):
        found = re.match(r"^(--?[A-Za-z0-9?][\w.+-]*)(.*)$", part.strip())
        if not found:
            continue
        name, rest = found.groups()
        if not name.startswith("--") and len(name) > 2:
            rest, name = name[2:] + rest, name[:2]
        names.append(name)
        if re.match(r"^\[=?", rest) and not re.match(r"^\[\s", rest):
            arity = arity or "=?"
        elif re.match(r"^[= ]?[\[<(]?[A-Za-z\[{<'\"+-]", rest) and rest.strip():
            arity = "=" if arity != "=?" else arity
    return "|".join(names) + arity if names else None


def cobra_option(line):
    """'  -n, --name=[]: text' or '  -n, --name string   text'."""
    match = re.match(r"^\s{2,6}(?:(-\w), )?(--[\w-]+)(=[^:]*|\s\w+)?(:|\s{2,}|$)", line)
    if not match:
        return None
    short, name, value, _ = match.groups()
    names = f"{short}|{name}" if short else name
    if name in ("--dry-run", "--cascade", "--validate"):  # a value only if attached
        return names + "=?"
    if not value or value in ("=false", "=true"):
        return names
    return names + "="


def emit(name, source, options):
    seen = dict.fromkeys(option for option in options if option)
    if not seen:
        return
    text, line = [], ""
    for option in seen:
        if len(line) + len(option) > 95:
            text.append(line.rstrip())
            line = ""
        line += option + " "
    text.append(line.rstrip())
    body = "\n".join(text)
    print(f"[[option_list]]\nname = \"{name}\"\nsource = \"{source}\"\noptions = '''\n{body}\n'''\n")


def main():
    print("# Made by help_options.py from the tools' own help. Do not edit.\n")
    for tool in dict.fromkeys(COREUTILS + GNU):
        help_text = run(tool, "--help", "all") if tool == "curl" else run(tool, "--help")
        source = f"{version(tool)}, --help".replace("\"", "'").replace("\\", "/")
        emit(tool, source, [gnu_option(line) for line in help_text.splitlines()])
    for verb in KUBECTL:
        emit(f"kubectl-{verb}", "kubectl 1.32, --help",
             [cobra_option(line) for line in run("kubectl", verb, "--help").splitlines()])
    emit("kubectl", "kubectl 1.32, options",
         [cobra_option(line) for line in run("kubectl", "options").splitlines()])
    for verb in DOCKER:
        emit(f"docker-{verb}", "docker client, --help",
             [cobra_option(line) for line in run("docker", verb, "--help").splitlines()])


if __name__ == "__main__":
    main()
