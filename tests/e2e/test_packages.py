"""Packages against the tools that manage them: what is installed, in which version, and who owns
which path, as dpkg and rpm say it. The packages of rpm are built here; their data base is made by rpm
itself (SQLite), and from the same headers by Berkeley DB's own loader.
"""
import json
import os
import pathlib
import random
import shutil
import sqlite3
import struct
import subprocess

import pytest

import gabion

BUILD = pathlib.Path(os.environ.get("GABION_BUILD", gabion.TREE / "build/dev"))
OWNER = BUILD / "tests/driver_package_owner"

needs_dpkg = pytest.mark.skipif(not shutil.which("dpkg-query"), reason="dpkg is not here")
needs_rpm = pytest.mark.skipif(not shutil.which("rpmbuild"), reason="rpm is not installed")

SPECS = [
    {"name": "kernel", "version": "5.14.0", "release": "70.el9"},
    {"name": "kernel", "version": "5.14.0", "release": "80.el9"},
    {"name": "bash", "version": "5.1.8", "release": "6.el9", "vendor": "AlmaLinux",
     "files": ["/usr/bin/bash", "/etc/skel/.bashrc"], "config": ["/etc/skel/.bashrc"]},
    {"name": "openssl", "version": "3.0.7", "release": "24.el9", "epoch": 1, "vendor": "AlmaLinux",
     "files": ["/usr/bin/openssl", "/usr/share/doc/openssl/README"]},
    {"name": "zero", "version": "1", "release": "1", "epoch": 0},
    {"name": "nodejs", "version": "18.14.2", "release": "2.module_el9.1.0+31+abc", "epoch": 1,
     "module": "nodejs:18:9010020230301:rhel9", "files": ["/usr/bin/node"]},
    {"name": "many-files", "version": "1.0~rc1", "release": "1^git1",
     "files": [f"/usr/share/many/{i % 7}/file{i}" for i in range(400)]},
]


def spec_text(spec):
    files = spec.get("files", [])
    lines = [f"Name: {spec['name']}", f"Version: {spec['version']}", f"Release: {spec['release']}",
             "Summary: for a test", "License: none", "BuildArch: noarch"]
    lines += [f"Epoch: {spec['epoch']}"] if "epoch" in spec else []
    lines += [f"Vendor: {spec['vendor']}"] if "vendor" in spec else []
    lines += [f"ModularityLabel: {spec['module']}"] if "module" in spec else []
    lines += ["%description", "For a test.", "%install"]
    for path in files:
        lines.append(f"mkdir -p %{{buildroot}}{os.path.dirname(path)}; echo x >%{{buildroot}}{path}")
    lines.append("%files")
    lines += [("%config " if path in spec.get("config", []) else "") + path for path in files]
    lines += ["%changelog", "* Tue Feb 07 2023 A Packager <a@example.org> - "
              f"{spec['version']}-{spec['release']}", "- Fix CVE-2023-0286"]
    return "\n".join(lines) + "\n"


def rpm(folder, *arguments, backend="sqlite"):
    """Runs rpm on the data base in `folder`, nothing of this machine's."""
    return subprocess.run(["rpm", "--define", f"_db_backend {backend}", "--dbpath", str(folder),
                           *map(str, arguments)],
                          capture_output=True, text=True, check=True,
                          env={**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"}).stdout


@pytest.fixture(scope="module")
def rpm_root(tmp_path_factory):
    """A root directory with the packages above in rpm's SQLite data base."""
    work, root = tmp_path_factory.mktemp("rpmbuild"), tmp_path_factory.mktemp("root")
    for number, spec in enumerate(SPECS):
        path = work / f"{number}.spec"
        path.write_text(spec_text(spec))
        subprocess.run(["rpmbuild", "-bb", "--define", f"_topdir {work}/top", "--define",
                        f"_rpmdir {work}/rpms", "--define", "_buildhost test", str(path)],
                       capture_output=True, check=True, env={**os.environ, "HOME": str(work)})
    folder = root / "var/lib/rpm"
    folder.mkdir(parents=True)
    rpm(folder, "--initdb")
    rpm(folder, "--justdb", "--nodeps", "--noscripts", "--ignorearch", "--force-debian", "-i",
        *sorted((work / "rpms").rglob("*.rpm")))
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text('ID=almalinux\nVERSION_ID="9.2"\n')
    return root


QUERY = ("%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t"
         "%|VENDOR?{%{VENDOR}}|\t%|MODULARITYLABEL?{%{MODULARITYLABEL}}|\n")


def listed_by_rpm(text):
    rows = []
    for line in text.splitlines():
        name, version, arch, source, vendor, label = line.split("\t")
        rows.append((name, version, arch, source.rsplit("-", 2)[0], vendor,
                     ":".join(label.split(":")[:2])))
    return sorted(rows)


def listed_by_gabion(root):
    facts = gabion.inventory(root, kernel="none")
    return sorted((p["name"], p["version"], p["architecture"], p["source"], p.get("origin", ""),
                   p.get("module", ""))
                  for p in (r["props"] for r in facts["resources"] if r["kind"] == "os_package"))


def owners(root, paths):
    done = subprocess.run([OWNER, str(root)], input="\n".join(paths) + "\n", capture_output=True,
                          text=True, check=True)
    return dict(line.split("\t") for line in done.stdout.splitlines())


@needs_rpm
def test_rpm_sqlite(rpm_root):
    folder = rpm_root / "var/lib/rpm"
    wanted = listed_by_rpm(rpm(folder, "-qa", "--qf", QUERY))
    assert len(wanted) == len(SPECS)
    assert listed_by_gabion(rpm_root) == wanted


@needs_rpm
def test_rpm_owners(rpm_root):
    folder, wanted = rpm_root / "var/lib/rpm", {}
    for name in {spec["name"] for spec in SPECS if spec.get("files")}:
        for path in rpm(folder, "-ql", name).split():
            wanted[path] = name
    assert len(wanted) > 400
    assert owners(rpm_root, [*wanted, "/usr/bin/other"]) == {**wanted, "/usr/bin/other": ""}


@needs_rpm
@pytest.mark.skipif(not shutil.which("db5.3_load"), reason="db5.3-util is not installed")
@pytest.mark.parametrize("page_size", [512, 4096, 65536])
@pytest.mark.parametrize("order", ["1234", "4321"])
def test_rpm_berkeley_db(rpm_root, tmp_path, page_size, order):
    source = sqlite3.connect(rpm_root / "var/lib/rpm/rpmdb.sqlite")
    rows = source.execute("SELECT hnum, blob FROM Packages").fetchall()
    number = "<I" if order == "1234" else ">I"
    lines = ["VERSION=3", "format=bytevalue", "type=hash", f"db_lorder={order}",
             f"db_pagesize={page_size}", "HEADER=END", " 00000000",
             " " + struct.pack(number, 99).hex()]
    for key, blob in rows:
        lines += [" " + struct.pack(number, key).hex(), " " + blob.hex()]
    folder = tmp_path / "var/lib/rpm"
    folder.mkdir(parents=True)
    subprocess.run(["db5.3_load", str(folder / "Packages")], input="\n".join([*lines, "DATA=END", ""]),
                   text=True, check=True)
    wanted = listed_by_rpm(rpm(rpm_root / "var/lib/rpm", "-qa", "--qf", QUERY))
    if order == "1234":  # rpm reads the same file
        assert listed_by_rpm(rpm(folder, "-qa", "--qf", QUERY, backend="bdb_ro")) == wanted
    assert listed_by_gabion(tmp_path) == wanted


@needs_rpm
def test_rpm_changes_in_the_log_are_seen(rpm_root, tmp_path):
    folder = tmp_path / "var/lib/rpm"
    folder.mkdir(parents=True)
    work = tmp_path / "work.sqlite"
    shutil.copy(rpm_root / "var/lib/rpm/rpmdb.sqlite", work)
    connection = sqlite3.connect(work)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("DELETE FROM Packages WHERE hnum IN (SELECT hnum FROM Packages LIMIT 3)")
    connection.commit()
    shutil.copy(work, folder / "rpmdb.sqlite")
    shutil.copy(f"{work}-wal", folder / "rpmdb.sqlite-wal")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert len(listed_by_gabion(tmp_path)) == len(SPECS) - 3
    assert {path: path.read_bytes() for path in folder.iterdir()} == before  # nothing was written
    connection.close()


@needs_dpkg
def test_dpkg_inventory():
    query = "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\t${db:Status-Status}\n"
    text = subprocess.run(["dpkg-query", "-W", "-f", query], capture_output=True, text=True,
                          check=True).stdout
    wanted = sorted(tuple(line.split("\t")) for line in text.splitlines()
                    if not line.endswith("\tnot-installed"))
    done = gabion.run("inventory", "os_package", "-o", "json")
    found = sorted((p["name"], p["version"], p["architecture"], p["source"], p["source_version"], p["state"])
                   for p in (r["props"] for r in json.loads(done.stdout)["resources"]
                             if r["kind"] == "os_package") if p["manager"] == "dpkg")
    assert len(wanted) > 50
    assert found == wanted


@needs_dpkg
def test_dpkg_owners():
    """Over some thousand paths: those of file lists, with both names of merged directories, and others."""
    lists = sorted(pathlib.Path("/var/lib/dpkg/info").glob("*.list"))
    paths = {line for path in lists for line in path.read_text(errors="replace").splitlines()
             if line.isascii() and "*" not in line and "?" not in line and "[" not in line and "\\" not in line}
    chosen = random.Random(1).sample(sorted(paths), min(4000, len(paths)))
    chosen += ["/no/such/path", "/usr/bin/no-such-program", "/usr/binx"]
    text = subprocess.run(["dpkg-query", "-S", *chosen], capture_output=True, text=True).stdout
    wanted, diverted = {}, set()
    for line in text.splitlines():
        names, _, path = line.rpartition(": ")
        if line.startswith(("diversion by ", "local diversion ")):
            diverted.add(path)
        else:
            wanted[path] = {name.split(":")[0] for name in names.split(", ")}
    found = owners("/", chosen)
    wrong = {path: (found[path], wanted.get(path)) for path in chosen
             if path not in diverted and path != "/."
             and (found[path] not in wanted[path] if path in wanted else found[path] != "")}
    assert len(wanted) > 3000 or len(wanted) > len(chosen) * 0.9
    assert not wrong
