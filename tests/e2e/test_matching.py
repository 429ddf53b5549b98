"""Feeds as they are published, imported, and held against root directories: that names, releases and
versions of inventory and importers meet, and who decides where they contradict."""
import json

import pytest

import gabion

DEBIAN = {"/etc/os-release": 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'}


def stanza(name, version, source=None):
    return (f"Package: {name}\nStatus: install ok installed\nArchitecture: all\n"
            + (f"Source: {source}\n" if source else "") + f"Version: {version}\n\n")


def load(tmp_path, **documents):
    """Imports the documents, named by their keys (NAME_json for NAME.json), into a new store."""
    feeds, paths = tmp_path / "feeds", []
    for name, content in documents.items():
        paths.append(tmp_path / name.replace("_", "."))
        paths[-1].write_text(json.dumps(content))
    done = gabion.run("feed", "import", *paths, env={"GABION_FEEDS": feeds})
    assert done.returncode == 0, done.stderr + done.stdout
    return feeds


def matches(root, feeds, *arguments):
    """{(package, flaw): suppression or None}, the report, the exit code."""
    done = gabion.run("scan", "rootfs", root, "--no-store", "--area", "vulnerability", "-o", "json",
                      "--now", "2026-01-02T00:00:00Z", *arguments, env={"GABION_FEEDS": feeds})
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    found = {}
    for finding in report["findings"]:
        if "vulnerability" in finding:
            flaw = finding["vulnerability"]
            for package in flaw["packages"]:
                found[package["name"], flaw["id"]] = finding.get("reason")
    return found, report, done.returncode


def osv(identifier, ecosystem, name, fixed, **more):
    events = [{"introduced": "0"}] + ([{"fixed": fixed}] if fixed else [])
    return {"id": identifier, "modified": "2026-01-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": ecosystem, "name": name},
                          "ranges": [{"type": "ECOSYSTEM", "events": events}]}], **more}


def test_the_distribution_decides_about_its_python_packages(tmp_path):
    root = tmp_path / "root"
    info = "/usr/lib/python3/dist-packages/requests-2.28.1.dist-info"
    gabion.make_root(root, {
        **DEBIAN,
        "/var/lib/dpkg/status": stanza("python3-requests", "2.28.1+dfsg-1", "requests"),
        "/var/lib/dpkg/info/python3-requests.list":
            f"/.\n/usr\n/usr/lib\n/usr/lib/python3\n/usr/lib/python3/dist-packages\n{info}\n"
            f"{info}/METADATA\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: requests\nVersion: 2.28.1\n",
        "/opt/app/site-packages/Requests-2.28.1.dist-info/METADATA":
            "Metadata-Version: 2.1\nName: Requests\nVersion: 2.28.1\n"})
    tracker = {"requests": {
        "CVE-2023-32681": {"releases": {"bookworm": {
            "status": "resolved", "repositories": {"bookworm": "2.28.1+dfsg-1"},
            "fixed_version": "2.28.1+dfsg-1", "urgency": "not yet assigned"}}},
        "CVE-2024-35195": {"releases": {"bookworm": {
            "status": "open", "repositories": {"bookworm": "2.28.1+dfsg-1"}, "urgency": "low"}}}}}
    feeds = load(tmp_path, tracker_json=tracker,
                 first_json=osv("GHSA-aaaa-bbbb-cccc", "PyPI", "requests", "2.31.0",
                                aliases=["CVE-2023-32681"]),
                 second_json=osv("GHSA-dddd-eeee-ffff", "PyPI", "requests", "2.32.0",
                                 aliases=["CVE-2024-35195"]))
    found, report, _ = matches(root, feeds)
    assert found["python3-requests", "CVE-2024-35195"] is None
    assert ("python3-requests", "CVE-2023-32681") not in found
    # The file of the package is the distribution's; the one below /opt is nobody's.
    assert found["Requests", "CVE-2023-32681"] is None
    assert found["Requests", "CVE-2024-35195"] is None
    reasons = {key: why for key, why in found.items() if key[0] == "requests"}
    assert "fixed in the installed version" in reasons["requests", "CVE-2023-32681"]
    assert "reported for that package" in reasons["requests", "CVE-2024-35195"]
    assert report["vulnerabilities"]["scope"] == "debian-12"


def test_alpine_by_origin_and_what_never_was_affected(tmp_path):
    root = tmp_path / "root"
    gabion.make_root(root, {
        "/etc/os-release": "ID=alpine\nVERSION_ID=3.18.4\n",
        "/lib/apk/db/installed":
            "P:libcrypto3\nV:3.1.0-r0\nA:x86_64\no:openssl\n\n"
            "P:zlib\nV:1.2.13-r1\nA:x86_64\no:zlib\n\n"})
    secdb = {"distroversion": "v3.18", "reponame": "main", "packages": [
        {"pkg": {"name": "openssl", "secfixes": {
            "3.1.1-r0": ["CVE-2023-2650", "CVE-2023-1255 GHSA-xxxx-yyyy-zzzz"],
            "3.1.0-r0": ["CVE-2023-0001"], "0": ["CVE-2023-0002"]}}},
        {"pkg": {"name": "libcrypto3", "secfixes": {"9.0-r0": ["CVE-2023-0003"]}}}]}
    feeds = load(tmp_path, main_json=secdb)
    found, _, code = matches(root, feeds)
    assert found == {("libcrypto3", "CVE-2023-2650"): None, ("libcrypto3", "CVE-2023-1255"): None}
    assert code in (0, 4)


def test_an_erratum_of_almalinux_does_not_speak_of_rocky(tmp_path):
    component = {"type": "library", "name": "openssl-libs", "version": "1.1.1k-4.el8",
                 "purl": "pkg:rpm/almalinux/openssl-libs@1.1.1k-4.el8?arch=x86_64&epoch=1"}
    feeds = load(tmp_path, erratum_json=osv("ALSA-2023:1405", "AlmaLinux:8", "openssl-libs",
                                            "1:1.1.1k-9.el8_7", related=["CVE-2023-0286"]))
    for system, expected in (("almalinux", 1), ("rocky", 0)):
        document = {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
            {"type": "operating-system", "name": system, "version": "8.9"}, component]}
        path = tmp_path / f"{system}.cdx.json"
        path.write_text(json.dumps(document))
        done = gabion.run("scan", "sbom", path, "--no-store", "-o", "json",
                          env={"GABION_FEEDS": feeds})
        report = json.loads(done.stdout)
        flaws = [f["vulnerability"]["id"] for f in report["findings"] if "vulnerability" in f]
        assert flaws == ["CVE-2023-0286"] * expected, system
        assert report["vulnerabilities"]["release_known"] is bool(expected)
        if not expected:
            assert done.returncode == 4  # not known is not clean
            assert any("no advisory feed is loaded for rocky-8" in why
                       for why in report["vulnerabilities"]["not_judged"])


@pytest.mark.parametrize("release", ["", "ID=kali\nVERSION_ID=2024.1\n", "ID=debian\nVERSION_ID=99\n"])
def test_an_unknown_release_is_never_clean(tmp_path, release):
    root = tmp_path / "root"
    gabion.make_root(root, {"/etc/os-release": release,
                            "/var/lib/dpkg/status": stanza("openssl", "1.0-1")})
    feeds = load(tmp_path, one_json=osv("DEBIAN-CVE-2024-0001", "Debian:12", "openssl", None,
                                        upstream=["CVE-2024-0001"]))
    found, report, code = matches(root, feeds)
    assert found == {}
    assert not report["vulnerabilities"]["release_known"]
    assert report["vulnerabilities"]["not_judged"]
    assert code == 4
