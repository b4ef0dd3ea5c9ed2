"""A clean Debian root: the essential packages and what is asked for, with all that they depend on,
laid out from the files installed on this machine. It has a package database of its own, so that dpkg
works in it as on a new machine; it needs neither network nor devices."""

import os
import pathlib
import re
import shutil
import subprocess

MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")


def query(field_text):
    return subprocess.run(["dpkg-query", "-W", "-f", field_text], check=True, capture_output=True,
                          text=True).stdout


def installed():
    """name -> (essential, depends, provides) of this machine's packages."""
    packages = {}
    rows = query("${Package}\t${Essential}\t${Pre-Depends}, ${Depends}\t${Provides}\t${db:Status-Status}\n")
    for row in rows.splitlines():
        name, essential, depends, provides, status = row.split("\t")
        if status == "installed":
            packages.setdefault(name, (essential == "yes", depends, provides))
    return packages


def names(field):
    return re.findall(r"(?:^|[,|])\s*([a-z0-9][a-z0-9+.-]+)", field)


def closure(wanted):
    """The essential packages, those wanted, and what they depend on: an alternative that is here."""
    packages = installed()
    providers = {name: name for name in packages}
    for package, (_, _, provides) in packages.items():
        for name in names(provides):
            providers.setdefault(name, package)
    queue = [name for name, (essential, _, _) in packages.items() if essential] + list(wanted)
    chosen = set()
    while queue:
        name = queue.pop()
        if name in chosen:
            continue
        chosen.add(name)
        for clause in packages[name][1].split(","):
            here = [providers[choice] for choice in names(clause) if choice in providers]
            if here:
                queue.append(here[0])
    return sorted(chosen)


class CleanRoot:
    """One root folder. Its commands run as root, or as a user whom `add_user` made."""

    def __init__(self, folder, wanted):
        self.folder = pathlib.Path(folder)
        self.mounted = False
        for name in MERGED:
            if os.path.islink(f"/{name}"):
                (self.folder / "usr" / name).mkdir(parents=True, exist_ok=True)
                (self.folder / name).symlink_to(f"usr/{name}")
        for name in ("proc", "dev", "tmp", "root", "home", "etc", "var/lib/dpkg/info",
                     "var/lib/dpkg/updates", "var/log"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "tmp").chmod(0o1777)
        packages = closure(wanted)
        self._copy_files(packages)
        self._copy_database(packages)
        for name in ("passwd", "group"):
            shutil.copy(f"/usr/share/base-passwd/{name}.master", self.folder / "etc" / name)
        for name, number in (("null", 3), ("zero", 5), ("urandom", 9)):
            subprocess.run(["mknod", "-m", "666", self.folder / "dev" / name, "c", "1", str(number)],
                           check=True, capture_output=True)
        self.run("ldconfig")

    def _copy_files(self, packages):
        listed = subprocess.run(["dpkg-query", "-L", *packages], capture_output=True, text=True).stdout
        paths = {os.path.realpath(os.path.dirname(path)) + "/" + os.path.basename(path)
                 for path in listed.splitlines() if path.startswith("/") and path != "/."}
        keep = sorted(path for path in paths if os.path.lexists(path) and
                      (os.path.islink(path) or not os.path.isdir(path)) and
                      not path.startswith(("/usr/share/doc", "/usr/share/man", "/usr/share/locale")) and
                      path.strip("/") not in MERGED)
        # mawk and its like are reached through /etc/alternatives.
        keep += sorted(f"/etc/alternatives/{name}" for name in os.listdir("/etc/alternatives")
                       if os.path.realpath(f"/etc/alternatives/{name}") in paths)
        keep += [path for path in ("/usr/bin/awk", "/usr/bin/which") if os.path.islink(path)]
        archive = subprocess.Popen(["tar", "-C", "/", "-cf", "-", "--no-recursion", "-T", "-"],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        unpack = subprocess.Popen(["tar", "-C", self.folder, "-xf", "-", "--keep-directory-symlink"],
                                  stdin=archive.stdout)
        archive.stdout.close()
        archive.stdin.write("\n".join(path[1:] for path in keep).encode())
        archive.stdin.close()
        assert unpack.wait() == 0 and archive.wait() == 0

    def _copy_database(self, packages):
        database = self.folder / "var/lib/dpkg"
        status = pathlib.Path("/var/lib/dpkg/status").read_text(encoding="utf-8")
        stanzas = {re.match(r"Package: (\S+)", stanza).group(1): stanza
                   for stanza in status.strip().split("\n\n")}
        (database / "status").write_text("\n\n".join(stanzas[name] for name in packages) + "\n",
                                         encoding="utf-8")
        (database / "available").touch()
        for path in pathlib.Path("/var/lib/dpkg/info").iterdir():
            if path.suffix == ".list" and path.name.split(":")[0].removesuffix(".list") in packages:
                shutil.copy(path, database / "info")
        shutil.copy("/var/lib/dpkg/info/format", database / "info")

    def add_user(self, name, number):
        with (self.folder / "etc/passwd").open("a") as passwd:
            passwd.write(f"{name}:x:{number}:{number}::/home/{name}:/bin/sh\n")
        with (self.folder / "etc/group").open("a") as group:
            group.write(f"{name}:x:{number}:\n")
        home = self.folder / "home" / name
        home.mkdir(mode=0o700)
        os.chown(home, number, number)
        return home

    def mount_proc(self):
        """Whether the root now has /proc, which prodaccess needs; a bare container may forbid it."""
        done = subprocess.run(["mount", "-t", "proc", "proc", self.folder / "proc"], capture_output=True)
        self.mounted = done.returncode == 0
        return self.mounted

    def close(self):
        if self.mounted:
            subprocess.run(["umount", "--lazy", self.folder / "proc"], check=True)
            self.mounted = False

    def run(self, *words, user=None, status=0, **changes):
        """A command in the root, with the environment of a plain login."""
        home = f"/home/{user}" if user else "/root"
        environment = {"HOME": home, "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
                       "LANG": "C.UTF-8", "TERM": "xterm", "DEBIAN_FRONTEND": "noninteractive", **changes}
        who = [f"--userspec={user}:{user}"] if user else []
        result = subprocess.run(["chroot", *who, self.folder, *map(str, words)], env=environment,
                                text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=120,
                                start_new_session=True)
        if status is not None:
            assert result.returncode == status, (words, result.returncode, result.stdout, result.stderr)
        return result
