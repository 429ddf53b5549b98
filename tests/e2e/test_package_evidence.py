"""Host evidence for packages: a process of the test's own, and the changelogs of this machine."""
import collections
import ctypes.util
import gzip
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

import gabion

BUILD = pathlib.Path(os.environ.get("GABION_BUILD", gabion.TREE / "build/dev"))
DRIVER = BUILD / "tests/driver_package_evidence"
NO_NAMESPACES = gabion.no_namespaces("--net")

# Loads a library that Python has no other use for, listens in a network of its own as nobody, and lets
# the driver look at it.
SCRIPT = """
import ctypes, os, socket, subprocess, sys, time
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
ready, done = os.pipe(), os.pipe()
child = os.fork()
if child == 0:
    ctypes.CDLL(sys.argv[2])
    ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)  # no new privileges
    server = socket.socket()
    server.bind(("0.0.0.0", 8443))
    server.listen()
    other = socket.socket()
    other.bind(("127.0.0.1", 8444))
    other.listen()
    os.setgid(65534)
    os.setuid(65534)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # may be looked at
    os.write(ready[1], b"x")
    os.close(done[1])
    os.read(done[0], 1)
    os._exit(0)
os.close(done[0])
os.read(ready[0], 1)
print(child)
sys.stdout.flush()
subprocess.run([sys.argv[1], "/", *sys.argv[3:]], check=True)
os.close(done[1])
os.waitpid(child, 0)
"""


def resources(text):
    by_kind = collections.defaultdict(dict)
    for line in text.splitlines():
        row = json.loads(line)
        if "kind" in row:
            by_kind[row["kind"]][row["props"]["package"]] = row["props"]
    return by_kind


@pytest.mark.skipif(NO_NAMESPACES is not None, reason=str(NO_NAMESPACES))
def test_a_process_that_uses_a_package():
    library = "libjansson.so.4"
    try:
        ctypes.CDLL(library)
    except OSError:
        pytest.skip("libjansson4 is not installed")
    done = subprocess.run(["unshare", "--net", sys.executable, "-c", SCRIPT, str(DRIVER), library,
                           "libjansson4", "libjansson-dev", "python3-doc-that-is-not-here", sys.executable],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    pid, text = done.stdout.split("\n", 1)
    use = resources(text)["package_use"]
    ours = [p for p in use["libjansson4"]["processes"] if p["pid"] == int(pid)]
    assert len(ours) == 1, use["libjansson4"]
    assert ours[0]["file"].endswith("libjansson.so.4.14.0") or "libjansson.so.4" in ours[0]["file"]
    assert ours[0]["user"] == "nobody" and not ours[0]["privileged"] and ours[0]["confined"]
    assert not ours[0]["replaced"]
    listeners = {(l["address"], l["port"], l["exposure"]) for l in use["libjansson4"]["listeners"]
                 if l["pid"] == int(pid)}
    assert listeners == {("0.0.0.0", 8443, "any"), ("127.0.0.1", 8444, "loopback")}
    assert use["libjansson-dev"]["processes"] == [] and use["libjansson-dev"]["listeners"] == []
    program = os.path.realpath(sys.executable)
    assert use["python3-doc-that-is-not-here"]["process_count"] == 0
    if program == sys.executable:
        assert int(pid) in [p["pid"] for p in use[program]["processes"]]


ENTRY = re.compile(r"^(\S+) \(([^)\s]+)\)")
ID = re.compile(r"CVE-\d{4}-\d{4,}|GHSA-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}")
TAKEN_BACK = re.compile(r"revert|unfixed|not fixed|does not fix|back(ed)? out|reopen|not yet fixed", re.I)


def ids_of(path, names, version):
    """Ids that a changelog names up to a version, and the lines that may take one back; None: another's."""
    opener = gzip.open if path.suffix == ".gz" else open
    ids, doubtful, counts, first = set(), set(), False, True
    with opener(path, "rt", errors="replace", newline="\n") as text:
        for line in text:
            entry = ENTRY.match(line)
            if entry:
                if first and entry.group(1) not in names:
                    return None
                first = False
                counts = entry.group(2) == version or counts  # newest first
            elif first and line.strip():
                return None
            elif counts:
                found = ID.findall(line)
                ids.update(found)
                if TAKEN_BACK.search(line):
                    doubtful.update(found)
    return ids, doubtful


def test_changelogs_of_this_machine():
    text = subprocess.run(["dpkg-query", "-W", "-f",
                           "${db:Status-Status}\t${Package}\t${source:Package}\t${source:Version}\n"],
                          capture_output=True, text=True).stdout
    rows = [line.split("\t")[1:] for line in text.splitlines() if line.startswith("installed\t")]
    if not rows:
        pytest.skip("no packages of dpkg here")
    done = subprocess.run([DRIVER, "/", *sorted({row[0] for row in rows})], capture_output=True,
                          text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    logs, compared, named = resources(done.stdout)["package_changelog"], 0, set()
    for name, source, version in rows:
        folder = pathlib.Path("/usr/share/doc") / name
        expected = None
        for file in ("changelog.Debian.gz", "changelog.Debian", "changelog.gz", "changelog"):
            if expected is None and (folder / file).is_file():
                expected = ids_of(folder / file, (source, name), version)
        if expected is None or not expected[0]:
            continue
        ids, doubtful = expected
        found = {fix["id"] for fix in logs[name]["fixed"]}
        assert found <= ids, (name, found - ids)
        assert ids - found <= doubtful, (name, ids - found - doubtful)
        compared += 1
        named |= found
    if compared == 0:
        pytest.skip("changelogs are not installed here")
    print(f"{compared} changelogs, {len(named)} ids")
