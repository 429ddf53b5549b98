"""A Debian host labels itself: what the changelog of an installed package calls fixed must not be
reported as open, whatever a feed says. Held against the worst feed that there can be, one that
calls all of it unfixed, and against an old export of the tracker."""
import json
import os
import pathlib
import subprocess

import pytest

import gabion
from test_package_evidence import ids_of

CORPUS = pathlib.Path(os.environ.get("GABION_CORPUS", gabion.TREE / "../shared/corpus"))
EXPORT = CORPUS / "vuln/distro/debsecan-2021-11-17.tar.zst"
NEVER_FIXED = "CVE-1999-99999"  # no changelog names it


def installed():
    text = subprocess.run(["dpkg-query", "-W", "-f",
                           "${db:Status-Status}\t${Package}\t${source:Package}\t${source:Version}\n"],
                          capture_output=True, text=True).stdout
    return [line.split("\t")[1:] for line in text.splitlines() if line.startswith("installed\t")]


def changelog(name, source, version):
    folder = pathlib.Path("/usr/share/doc") / name
    for file in ("changelog.Debian.gz", "changelog.Debian", "changelog.gz", "changelog"):
        if (folder / file).is_file():
            found = ids_of(folder / file, (source, name), version)
            if found is not None:
                return found
    return set(), set()


def os_release():
    lines = pathlib.Path("/etc/os-release").read_text().splitlines()
    return dict(line.replace('"', "").split("=", 1) for line in lines if "=" in line)


@pytest.fixture(scope="module")
def fixed():
    """Of each installed package: what its changelog calls fixed beyond doubt, and its source."""
    by_name = {}
    for name, source, version in installed():
        ids, doubtful = changelog(name, source, version)
        by_name[name] = (ids - doubtful, source)
    if not any(ids for ids, _ in by_name.values()):
        pytest.skip("no changelogs of dpkg's packages here")
    return by_name


def findings(feeds, *arguments):
    done = gabion.run("scan", "--no-walk", "--no-store", "--area", "vulnerability", "-o", "json",
                      *arguments, env={"GABION_FEEDS": feeds}, timeout=300)
    assert done.stdout, done.stderr
    return [f for f in json.loads(done.stdout)["findings"] if "vulnerability" in f]


def load(feeds, *paths):
    done = gabion.run("feed", "import", *paths, env={"GABION_FEEDS": feeds}, timeout=300)
    assert done.returncode == 0, done.stderr


def open_and_fixed(all_findings, fixed):
    """(flaw, package) that is open though a changelog calls it fixed."""
    return [(f["vulnerability"]["id"], package["name"]) for f in all_findings if f["state"] == "fail"
            for package in f["vulnerability"]["packages"]
            if f["vulnerability"]["id"] in fixed.get(package["name"], (set(), ""))[0]]


def test_a_feed_that_calls_everything_unfixed(fixed, tmp_path):
    release = os_release()
    if release.get("ID") != "debian" or "VERSION_ID" not in release:
        pytest.skip("not a release of Debian")
    by_id = {}
    for ids, source in fixed.values():
        for one in ids | {NEVER_FIXED}:
            if one.startswith("CVE-"):
                by_id.setdefault(one, set()).add(source)
    records = tmp_path / "osv"
    records.mkdir()
    for number, (one, sources) in enumerate(sorted(by_id.items())):
        affected = [{"package": {"ecosystem": f"Debian:{release['VERSION_ID']}", "name": source},
                     "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}
                    for source in sorted(sources)]
        (records / f"{number}.json").write_text(json.dumps(
            {"id": f"DEBIAN-{one}", "upstream": [one], "modified": "2026-01-01T00:00:00Z",
             "affected": affected}))
    feeds = tmp_path / "feeds"
    load(feeds, records)
    got = findings(feeds, "--now", "2026-01-02T00:00:00Z")
    assert open_and_fixed(got, fixed) == []
    # All of it is there, suppressed, with where that is from.
    shown = {(f["vulnerability"]["id"], p["name"]): f for f in got
             for p in f["vulnerability"]["packages"]}
    judged = 0
    for name, (ids, _) in fixed.items():
        if (NEVER_FIXED, name) not in shown:
            continue  # not the distribution's own: its feed does not speak of it
        for one in ids:
            if one.startswith("CVE-"):
                assert shown[one, name]["state"] == "not_applicable", (one, name)
                judged += 1
    assert judged > 100
    # The feed does make findings where no changelog helps.
    unnamed = [f for f in got if f["vulnerability"]["id"] == NEVER_FIXED and f["state"] == "fail"]
    assert len(unnamed) > 20
    print(f"{judged} (flaw, package) that changelogs call fixed, none of them open")


@pytest.mark.skipif(not EXPORT.exists(), reason=f"no {EXPORT} (set GABION_CORPUS)")
def test_an_old_export_of_the_tracker(fixed, tmp_path):
    subprocess.run(["tar", "--zstd", "-xf", EXPORT, "-C", tmp_path, "--strip-components=1"],
                   check=True)
    feeds = tmp_path / "feeds"
    load(feeds, tmp_path / "bullseye")
    assert open_and_fixed(findings(feeds, "--scope", "debian-11"), fixed) == []
