"""The Debian package: what it holds, how it installs, upgrades and goes, and that its bytes follow from
the source alone. The root that it is installed into is clean_root.py's; /proc has to be mounted there,
which takes root."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile

import pytest

from conftest import BUILD, FULL, ROOT, need
from clean_root import CleanRoot
from test_state_formats import AUTHORITY, FIXTURES

LIBRARIES = ("libcurl4", "libssl3")


def output(*argv, **options):
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, timeout=3000, **options)
    assert done.returncode == 0, (argv, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


def packed(build, into):
    into.mkdir(parents=True, exist_ok=True)
    environment = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
    output("cpack", "-G", "DEB", "--config", build / "CPackConfig.cmake", "-B", into, cwd=into, env=environment)
    return next(into.glob("*.deb"))


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    need("cpack", "dpkg-deb", "dpkg-shlibdeps")
    return packed(BUILD, tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="module")
def unpacked(package, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    output("dpkg-deb", "-R", package, folder)
    return folder


@pytest.fixture
def clean(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("a root of its own takes root")
    try:
        root = CleanRoot(tmp_path / "clean", LIBRARIES)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"device nodes cannot be made here: {error}")
    try:
        if not root.mount_proc():
            pytest.skip("/proc cannot be mounted here")
        yield root
    finally:
        root.close()


def install(root, package):
    shutil.copy(package, root.folder / "tmp" / package.name)
    return root.run("dpkg", "--force-confdef", "--force-confold", "-i", f"/tmp/{package.name}")


def fields(package):
    text = output("dpkg-deb", "-f", package)
    return dict(re.findall(r"^([A-Za-z-]+): (.*)$", text, re.M))


def names(field):
    return {re.match(r"\s*([a-z0-9.+-]+)", part).group(1) for part in field.split(",")}


def test_it_holds_what_a_person_needs(unpacked):
    for path in ("usr/bin/prodaccess", "usr/share/man/man1/prodaccess-exec.1.gz",
                 "usr/share/man/man5/prodaccess-config.5.gz", "usr/share/man/man7/prodaccess-provider.7.gz",
                 "usr/share/bash-completion/completions/prodaccess",
                 "usr/share/zsh/vendor-completions/_prodaccess",
                 "usr/share/fish/vendor_completions.d/prodaccess.fish", "etc/prodaccess/policy.toml",
                 "usr/share/doc/prodaccess/examples/config.toml", "usr/share/doc/prodaccess/copyright",
                 "usr/share/doc/prodaccess/changelog.gz", "usr/share/doc/prodaccess/prodaccess.spdx.json"):
        assert (unpacked / path).is_file(), path
    assert ".symtab" not in output("readelf", "-SW", unpacked / "usr/bin/prodaccess")
    pages = {page.name for page in (ROOT / "man").glob("*.[157]")}
    assert {page.stem for page in unpacked.glob("usr/share/man/*/*.gz")} == pages
    assert (unpacked / "DEBIAN/conffiles").read_text().split() == ["/etc/prodaccess/policy.toml"]
    assert not [name for name in ("preinst", "postinst", "prerm", "postrm")
                if (unpacked / "DEBIAN" / name).exists()]
    assert not {path for path in unpacked.rglob("*") if path.lstat().st_mode & 0o7022 and not path.is_symlink()}


def test_its_relations_are_those_of_the_program(unpacked, package):
    import importlib.util
    spec = importlib.util.spec_from_file_location("sbom", ROOT / "packaging/sbom.py")
    sbom = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sbom)
    opened = sbom.opened(unpacked / "usr/bin/prodaccess")
    assert set(opened) == {"libcrypto.so.3", "libcurl.so.4", "libpq.so.5", "libpg_query.so.1504.0",
                           "libsecret-1.so.0"}
    relation = fields(package)
    wanted = {"required": names(relation["Depends"]), "recommended": names(relation["Recommends"])}
    for soname, priority in opened.items():
        assert sbom.debian_package(sbom.shared_library(soname))[0] in wanted[priority], soname
    assert "libc6" in wanted["required"]


def test_lintian_finds_no_error(package, unpacked, tmp_path):
    need("lintian")
    plain = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", package],
                           capture_output=True, text=True)
    assert plain.returncode == 0, plain.stdout
    broken = tmp_path / "broken"
    shutil.copytree(unpacked, broken, symlinks=True)
    (broken / "usr/share/doc/prodaccess/copyright").unlink()
    (broken / "usr/bin/prodaccess").chmod(0o644)
    output("dpkg-deb", "--root-owner-group", "-b", broken, tmp_path / "broken_0.1.0_amd64.deb")
    caught = subprocess.run(["lintian", "--allow-root", "--fail-on", "error", tmp_path / "broken_0.1.0_amd64.deb"],
                            capture_output=True, text=True)
    assert caught.returncode != 0 and "no-copyright-file" in caught.stdout


def main_job(root):
    """What a new person does first, as themselves."""
    def run(*words, **options):
        return root.run("prodaccess", *words, user="ana", **options)
    assert "request --role bastion" in run("init").stdout
    run("request", "--role", "bastion", "--reason", "try")
    assert run("exec", "--role", "bastion", "--", "echo", "ran").stdout == "ran\n"
    assert run("exec", "--once", "--role", "service-read", "--", "ls", "-d", "/etc").stdout == "/etc\n"
    refused = run("exec", "--role", "bastion", "--", "rm", "-r", "/home/ana", status=126)
    assert "approval" in refused.stderr
    assert "bastion" in run("status").stdout
    assert "keyring    erased" in run("revoke", "--all").stdout
    assert "proven up to" in run("audit", "verify").stdout
    assert "WRONG" not in run("doctor").stdout
    assert "self-governed" in run("policy", "show").stdout
    assert "That was the main job" in run("demo").stdout


def govern(root):
    """The administrator's own roles: then there is nothing to begin with `init`, and no room for the tour."""
    (root.folder / "etc/prodaccess/config.toml").write_text(
        '[roles.look]\nprovider = "local"\neffects = ["read"]\nlocal = { kind = "ssh", principals = ["look"] }\n')
    mine = root.folder / "home/ana/.config/prodaccess/config.toml"
    own = mine.read_text()
    for words, status in ((("init", "--force"), 2), (("demo",), 1)):
        refused = root.run("prodaccess", *words, user="ana", status=status)
        assert "governed by /etc/prodaccess" in refused.stderr and "prodaccess roles" in refused.stderr
    assert mine.read_text() == own
    mine.rename(mine.with_name("config.old"))
    assert "look" in root.run("prodaccess", "roles", user="ana").stdout
    assert "system layer governs" in root.run("prodaccess", "policy", "show", user="ana").stdout
    mine.with_name("config.old").rename(mine)


def files_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_install_main_job_remove_and_purge(clean, package):
    home = clean.add_user("ana", 1000)
    install(clean, package)
    main_job(clean)
    govern(clean)
    mine = files_of(home)
    clean.run("dpkg", "--remove", "prodaccess")
    assert (clean.folder / "etc/prodaccess/policy.toml").exists()
    clean.run("dpkg", "--purge", "prodaccess")
    listed = clean.run("find", "/usr", "/etc", "/var/lib/dpkg/info", "-name", "*prodaccess*").stdout
    assert listed.split() == ["/etc/prodaccess"]
    assert [path.name for path in (clean.folder / "etc/prodaccess").iterdir()] == ["config.toml"]
    assert files_of(home) == mine and mine


def test_purge_leaves_nothing_of_the_package_where_nobody_added_anything(clean, package):
    install(clean, package)
    clean.run("dpkg", "--purge", "prodaccess")
    assert clean.run("find", "/usr", "/etc", "-name", "*prodaccess*").stdout == ""


def next_version(unpacked, folder):
    copy = folder / "next"
    shutil.copytree(unpacked, copy, symlinks=True)
    control = copy / "DEBIAN/control"
    control.write_text(control.read_text().replace("Version: 0.1.0", "Version: 0.1.1"))
    policy = copy / "etc/prodaccess/policy.toml"
    policy.write_text(policy.read_text() + "# new in 0.1.1\n")
    package = folder / "prodaccess_0.1.1_amd64.deb"
    output("dpkg-deb", "--root-owner-group", "-b", copy, package)
    return package


def test_an_upgrade_keeps_state_and_what_the_administrator_wrote(clean, package, unpacked, tmp_path):
    home = clean.add_user("ana", 1000)
    install(clean, package)
    with tarfile.open(FIXTURES[-1]) as tar:
        tar.extractall(home)
    config = home / ".config/prodaccess/config.toml"
    config.write_text(config.read_text().replace("{home}", "/home/ana"))
    config.chmod(0o600)
    for path in (home, *home.rglob("*")):
        os.chown(path, 1000, 1000)
    policy = clean.folder / "etc/prodaccess/policy.toml"
    policy.write_text(policy.read_text() + "# kept\n")
    install(clean, next_version(unpacked, tmp_path))
    assert clean.run("dpkg-query", "-W", "-f", "${Version}", "prodaccess").stdout == "0.1.1"
    assert policy.read_text().endswith("# kept\n")
    assert clean.run("prodaccess", "local", "ssh-ca", user="ana").stdout.strip() == AUTHORITY
    assert "proven up to record 4" in clean.run("prodaccess", "audit", "verify", user="ana").stdout
    clean.run("prodaccess", "request", "--role", "bastion", "--reason", "after", user="ana")
    assert "consistent" in clean.run("prodaccess", "audit", "verify", user="ana").stdout


def test_the_bill_of_materials_is_valid_and_whole(unpacked, package):
    from spdx_tools.spdx.parser.parse_anything import parse_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
    path = unpacked / "usr/share/doc/prodaccess/prodaccess.spdx.json"
    document = parse_file(str(path))
    assert not validate_full_spdx_document(document)
    listed = {item.name for item in document.packages}
    for name in ("prodaccess", "libc.so.6", "libnettle.a", "libpugixml.a", "libstdc++.a", "libcurl.so.4",
                 "libcrypto.so.3", "libsecret-1.so.0", "libpq.so.5", "nlohmann/json.hpp", "CLI/CLI.hpp"):
        assert name in listed
    needed = set(re.findall(r"NEEDED.*\[(.*)\]", output("readelf", "-d", unpacked / "usr/bin/prodaccess")))
    assert needed <= listed
    for item in document.packages:
        assert item.version and item.license_concluded is not None
    broken = json.loads(path.read_text())
    broken["packages"][0]["licenseConcluded"] = "no such licence AND"
    broken["relationships"][0]["relatedSpdxElement"] = "SPDXRef-nowhere"
    spoilt = path.with_name("spoilt.spdx.json")
    spoilt.write_text(json.dumps(broken))
    try:
        assert validate_full_spdx_document(parse_file(str(spoilt)))
    except Exception as error:  # the parser may refuse it already
        assert "licen" in str(error).lower() or "SPDXRef" in str(error)
    finally:
        spoilt.unlink()


def copy_of_the_source(folder):
    listed = output("git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if not (ROOT / name).is_file():
            continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return folder


def configured(source, build, **environment):
    output("cmake", "-S", source, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
           "-DCMAKE_CXX_COMPILER=g++", "-DPRODACCESS_TESTS=OFF", env={**os.environ, **environment})
    return build


def test_the_package_has_the_same_bytes_from_another_folder(package, tmp_path):
    """The same program, packed from a copy of the source elsewhere and at another time."""
    source = copy_of_the_source(tmp_path / "another/place")
    build = configured(source, tmp_path / "elsewhere")
    (build / "bin").mkdir(exist_ok=True)
    shutil.copy(BUILD / "bin/prodaccess", build / "bin/prodaccess")
    assert digest(packed(build, tmp_path / "again")) == digest(package)
    changed = source / "packaging/policy.toml"
    changed.write_text(changed.read_text() + "# another\n")
    assert digest(packed(build, tmp_path / "changed")) != digest(package)


UNITS = ("core/base/text.cc", "cli/starter.cc", "core/policy/decide.cc")


def test_files_compile_to_the_same_bytes_in_another_folder(tmp_path):
    """Their own compilations alone, and the header that they share; no cache takes part."""
    environment = {**os.environ, "CCACHE_DISABLE": "1"}
    found = []
    for name in ("one", "another/deeper"):
        folder = tmp_path / name
        build = configured(copy_of_the_source(folder), folder / "build")
        output("nice", "ninja", "-C", build, "-j2", "prodaccess_pch", env=environment)
        commands = {entry["file"]: entry for entry in json.loads((build / "compile_commands.json").read_text())}
        digests = []
        for unit in UNITS:
            entry = commands[str(folder / unit)]
            made = build / re.search(r" -o (\S+)", entry["command"]).group(1)
            made.parent.mkdir(parents=True, exist_ok=True)
            output("nice", "sh", "-c", entry["command"], cwd=build, env=environment)
            digests.append(digest(made))
        found.append(digests)
    assert found[0] == found[1] and len(set(found[0])) == len(UNITS)


def test_two_whole_builds_give_the_same_package(package, tmp_path):
    if not FULL:
        pytest.skip("two whole compilations: ./dev test --full")
    found = []
    for name in ("one", "another/deeper"):
        build = configured(copy_of_the_source(tmp_path / name), tmp_path / name / "build")
        output("nice", "ninja", "-C", build, "-j2", "prodaccess", env={**os.environ, "CCACHE_DISABLE": "1"})
        found.append(digest(packed(build, tmp_path / name / "out")))
    assert found[0] == found[1] == digest(package)
