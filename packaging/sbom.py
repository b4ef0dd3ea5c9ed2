"""Writes the bill of materials of a built program as SPDX 2.3 JSON.

Everything is read from the build: what the linker was given (build.ninja), what the program asks the
loader for (NEEDED) and what it opens later (the ELF note .note.dlopen). Versions are those of the
Debian packages that the files came from. The licences are below, by library: one that is not known
is an error.
"""

import argparse
import datetime
import glob
import hashlib
import json
import os
import pathlib
import re
import struct
import subprocess

# What links, opens or compiles a library in: file name or header -> licence of that library.
LICENCES = {
    "libc.so.6": "LGPL-2.1-or-later",
    "libm.so.6": "LGPL-2.1-or-later",
    "ld-linux": "LGPL-2.1-or-later",
    "libcrypto.so.3": "Apache-2.0",
    "libcurl.so.4": "curl",
    "libpq.so.5": "PostgreSQL",
    "libpg_query.so": "BSD-3-Clause AND PostgreSQL",
    "libsecret-1.so.0": "LGPL-2.1-or-later",
    "libnettle.a": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "libpugixml.a": "MIT",
    "libstdc++.a": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libgcc.a": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "toml++/toml.h": "MIT",
    "CLI/CLI.hpp": "BSD-3-Clause",
    "nlohmann/json.hpp": "MIT",
}
HEADERS = {"TOMLPLUSPLUS_INCLUDE": "toml++/toml.h", "CLI11_INCLUDE": "CLI/CLI.hpp",
           "JSON_INCLUDE": "nlohmann/json.hpp"}


def output(*argv):
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def licence(name):
    for known, expression in LICENCES.items():
        if name.startswith(known):
            return expression
    raise SystemExit(f"sbom: the licence of {name} is not known: give it in packaging/sbom.py")


def debian_package(path):
    """Name and version of the installed package that a file belongs to."""
    real = os.path.realpath(path)
    for candidate in (path, real, real.removeprefix("/usr"), "/usr" + real):
        found = subprocess.run(["dpkg", "-S", candidate], capture_output=True, text=True)
        if found.returncode == 0:
            name = found.stdout.split(":")[0]
            version = output("dpkg-query", "-W", "-f", "${Version}\n", name).splitlines()[0]
            return name, version
    raise SystemExit(f"sbom: {path} belongs to no package")


def shared_library(soname):
    """Where the loader finds a library."""
    for line in output("/sbin/ldconfig", "-p").splitlines():
        if line.split() and line.split()[0] == soname and "x32" not in line:
            return line.split(" => ")[1]
    raise SystemExit(f"sbom: {soname} is not installed")


def needed(binary):
    return re.findall(r"NEEDED.*\[(.*)\]", output("readelf", "-d", binary))


def opened(binary):
    """The libraries in .note.dlopen: name -> priority."""
    text = output("readelf", "-SW", binary)
    offset, size = re.search(r"\.note\.dlopen\s+NOTE\s+\w+ (\w+) (\w+)", text).groups()
    section = pathlib.Path(binary).read_bytes()[int(offset, 16):][:int(size, 16)]
    libraries = {}
    while len(section) >= 12:
        owner, length, _ = struct.unpack("III", section[:12])
        start = 12 + (owner + 3) // 4 * 4
        for entry in json.loads(section[start:start + length].rstrip(b"\0")):
            libraries.update({name: entry["priority"] for name in entry["soname"]})
        section = section[start + (length + 3) // 4 * 4:]
    return libraries


def archives(build, compiler):
    """The static libraries of others that the program is linked with."""
    ninja = (build / "build.ninja").read_text(encoding="utf-8")
    link = re.search(r"^build bin/prodaccess: (?:.*\n)+?\n", ninja, re.MULTILINE).group(0)
    paths = sorted(set(re.findall(r"\s(/\S+\.a)(?=\s)", link)))
    runtime = [output(compiler, f"-print-file-name={name}").strip()
               for name in ("libstdc++.a", "libgcc.a") if f"-static-{name[:-2]}" in link]
    return paths + runtime


def materials(build):
    """(relationship, library, file, comment) of everything that is not ours."""
    cache = dict(re.findall(r"^(\w+):\w+=(.*)$", (build / "CMakeCache.txt").read_text(), re.MULTILINE))
    binary = build / "bin/prodaccess"
    for soname in needed(binary):
        path = shared_library(soname) if "ld-linux" not in soname else glob.glob(f"/lib*/{soname}")[0]
        yield "DYNAMIC_LINK", soname, path, "loaded at the start"
    for soname, priority in sorted(opened(binary).items()):
        yield "DYNAMIC_LINK", soname, shared_library(soname), f"opened on first use; {priority}"
    for path in archives(build, cache["CMAKE_CXX_COMPILER"]):
        yield "STATIC_LINK", os.path.basename(path), path, "linked statically"
    for variable, header in HEADERS.items():
        yield "STATIC_LINK", header, f"{cache[variable]}/{header}", "headers compiled in"


def identifier(text):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", text)


def entry(library, path, comment):
    package, version = debian_package(path)
    return {
        "SPDXID": identifier(library), "name": library, "versionInfo": version,
        "sourceInfo": f"Debian package {package} {version}", "comment": comment,
        "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "copyrightText": "NOASSERTION",
        "licenseConcluded": licence(library), "licenseDeclared": licence(library),
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                          "referenceLocator": f"pkg:deb/debian/{package}@{version.replace('+', '%2B')}"}],
    }


def document(build, version):
    when = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    packages = [{
        "SPDXID": "SPDXRef-prodaccess", "name": "prodaccess", "versionInfo": version,
        "primaryPackagePurpose": "APPLICATION", "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False, "copyrightText": "2026 the prodaccess contributors",
        "licenseConcluded": "Apache-2.0", "licenseDeclared": "Apache-2.0",
    }]
    relationships = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                      "relatedSpdxElement": "SPDXRef-prodaccess"}]
    for relationship, library, path, comment in materials(build):
        packages.append(entry(library, path, comment))
        relationships.append({"spdxElementId": "SPDXRef-prodaccess", "relationshipType": relationship,
                              "relatedSpdxElement": identifier(library)})
    digest = hashlib.sha256(json.dumps([packages, relationships], sort_keys=True).encode()).hexdigest()
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"prodaccess-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/prodaccess-{version}-{digest[:32]}",
        "creationInfo": {"created": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
                         "creators": ["Tool: packaging/sbom.py"]},
        "packages": packages, "relationships": relationships,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    options = parser.parse_args()
    text = json.dumps(document(options.build, options.version), indent=1, sort_keys=True)
    options.output.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
