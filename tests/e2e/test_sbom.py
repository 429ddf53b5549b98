"""gabion sbom: what is written is what is installed, and is read again as the same."""
import json
import re
import shutil
import subprocess

import pytest

import gabion

OS_RELEASE = 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
STATUS = """Package: bsdutils
Status: install ok installed
Architecture: amd64
Source: util-linux (2.38.1-5)
Version: 1:2.38.1-5+b1

Package: libssl3
Status: install ok installed
Architecture: amd64
Source: openssl
Version: 3.0.11-1~deb12u2

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1.0
"""


@pytest.fixture
def root(tmp_path):
    directory = tmp_path / "root"
    (directory / "etc").mkdir(parents=True)
    (directory / "etc/os-release").write_text(OS_RELEASE)
    (directory / "var/lib/dpkg").mkdir(parents=True)
    (directory / "var/lib/dpkg/status").write_text(STATUS)
    return directory


def sbom(*arguments):
    done = gabion.run("sbom", *arguments, "--now", "2026-11-01T00:00:00Z")
    return json.loads(done.stdout) if done.stdout else None, done


def packages(document):
    return {c["purl"]: c for c in document["components"] if "purl" in c}


def test_root_directory(root):
    document, done = sbom("rootfs", root)
    assert done.returncode == 0, done.stderr
    assert document["specVersion"] == "1.6"
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                        r"[0-9a-f]{12}", document["serialNumber"])
    systems = [c for c in document["components"] if c["type"] == "operating-system"]
    assert [(s["name"], s["version"]) for s in systems] == [("debian", "12")]
    found = packages(document)
    assert set(found) == {
        "pkg:deb/debian/bsdutils@2.38.1-5%2Bb1?arch=amd64&distro=debian-12&epoch=1"
        "&upstream=util-linux%402.38.1-5",
        "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl"}
    assert {c["version"] for c in found.values()} == {"1:2.38.1-5+b1", "3.0.11-1~deb12u2"}
    references = {c["bom-ref"] for c in document["components"]} | {"target"}
    for row in document["dependencies"]:
        assert {row["ref"], *row["dependsOn"]} <= references


def test_formats_say_the_same(root, tmp_path):
    first, one, two = (tmp_path / name for name in ("a.json", "b.json", "c.json"))
    for arguments in (["rootfs", root, "-o", f"cyclonedx={first}"],
                      ["sbom", first, "-o", f"spdx={one}"], ["sbom", one, "-o", f"cyclonedx={two}"]):
        _, done = sbom(*arguments)
        assert done.returncode == 0, done.stderr
    before, after = json.loads(first.read_text()), json.loads(two.read_text())
    assert packages(before) == packages(after)
    spdx = json.loads(one.read_text())
    assert spdx["spdxVersion"] == "SPDX-2.3"
    identifiers = [p["SPDXID"] for p in spdx["packages"]]
    assert len(set(identifiers)) == len(identifiers) == 4
    for row in spdx["relationships"]:
        assert {row["spdxElementId"], row["relatedSpdxElement"]} <= {*identifiers,
                                                                     "SPDXRef-DOCUMENT"}


def test_same_bytes(root):
    assert sbom("rootfs", root)[1].stdout == sbom("rootfs", root)[1].stdout


@pytest.mark.skipif(not shutil.which("dpkg-query"), reason="dpkg is not installed")
def test_this_machine_against_dpkg():
    document, done = sbom("--no-walk")
    listed = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Version} ${Architecture} "
         "${source:Package} ${source:Version}\n"], capture_output=True, text=True, check=True)
    wanted = {tuple(line.split()[1:]) for line in listed.stdout.splitlines()
              if line.startswith("installed ")}
    found = set()
    for component in packages(document).values():
        if component["purl"].startswith("pkg:deb/"):
            properties = {p["name"]: p["value"] for p in component["properties"]}
            found.add((component["name"], component["version"],
                       re.search(r"arch=([^&]*)", component["purl"])[1],
                       properties["syft:metadata:source"],
                       properties["syft:metadata:sourceVersion"]))
    assert found == wanted, done.stderr


def scan(path, *arguments):
    return gabion.run("scan", "sbom", path, "--no-store", *arguments)


def test_an_operating_system_that_is_not_named_is_an_error(tmp_path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
        {"type": "library", "name": "curl", "version": "1", "purl": "pkg:deb/debian/curl@1"}]}))
    done = scan(path)
    assert done.returncode == 1
    assert "does not say which one" in done.stderr
    assert not done.stdout
    assert "debian 12" in scan(path, "--distro", "debian-12").stdout
    assert scan(path, "--distro", "debian").returncode == 2


@pytest.mark.parametrize("text, words, code", [
    ("", "found the end of the text", 2), ("{}", "neither CycloneDX nor SPDX", 2),
    ("<bom/>", "XML", 1),
    ('{"bomFormat": "CycloneDX", "specVersion": "1.5", "specVersion": "1.5"}', "duplicate key", 2),
])
def test_broken_documents(tmp_path, text, words, code):
    path = tmp_path / "x.json"
    path.write_text(text)
    done = scan(path)
    assert done.returncode == code
    assert str(path) in done.stderr and words in done.stderr


def test_a_gigabyte_is_refused(tmp_path):
    path = tmp_path / "x.json"
    with path.open("wb") as file:
        file.write(b'{"bomFormat": "')
        file.truncate(1 << 30)
    done = scan(path)
    assert done.returncode == 1 and str(path) in done.stderr


def test_packages_that_are_broken_make_it_incomplete(tmp_path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
        {"type": "library", "name": "x", "version": "1", "purl": "pkg:npm/x@%zz"}]}))
    done = gabion.run("sbom", "sbom", path)
    assert done.returncode == 4
    assert "pkg:npm/x@%zz" in done.stderr
