"""Archives that want to do harm, met by the file system walk: bounded memory and time, what else is
there is still found, and the inventory says that it is not whole."""
import io
import json
import os
import struct
import subprocess
import time
import zipfile

import pytest

import gabion

MEMORY_BYTES = 64 << 20
SECONDS = 30


def jar(*entries, compression=zipfile.ZIP_DEFLATED):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return data.getvalue()


def zeroes():
    """64 MiB of zeroes in 64 KiB, sixteen times over, and the same again one level deeper."""
    bomb = jar(*((f"{i}.jar", bytes(64 << 20)) for i in range(4)))
    return jar(*((f"{i}.jar", bomb) for i in range(16)))


def overlapping():
    """Many entries of the directory that share one run of compressed bytes."""
    data = bytearray(jar(("a.jar", bytes(8 << 20))))
    at, = struct.unpack("<I", data[-6:-2])
    entry = bytes(data[at:-22])
    return bytes(data[:at]) + entry * 20000 + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 20000, 20000, len(entry) * 20000, at, 0)


def many_entries():
    entry = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    count = 3000000
    return entry * count + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, len(entry) * count, 0, 0)


def deep():
    data = jar(("META-INF/maven/g/a/pom.properties", "version=1\n"))
    for _ in range(40):
        data = jar(("n.jar", data))
    return data


def lying_sizes():
    data = bytearray(jar(("n.jar", jar(("a", b"b")))))
    for mark, offset in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        at = data.index(mark) + offset
        data[at:at + 4] = struct.pack("<I", 0xFFFFFFF0)
    return bytes(data)


CASES = {
    "zeroes": (zeroes, "unpacks to more than 16 times its size"),
    "overlapping": (overlapping, "unpacks to more than 16 times its size"),
    "many entries": (many_entries, "more than 1000000 entries"),
    "deep": (deep, "more than 10 archives deep"),
    "lying sizes": (lying_sizes, "damaged"),
}


def limited_run(*arguments):
    """Runs gabion with no more memory of its own than it may use; (process, seconds)."""
    start = time.monotonic()
    done = subprocess.run(["prlimit", f"--data={MEMORY_BYTES}", gabion.PROGRAM, *map(str, arguments)], capture_output=True,
                          env={**os.environ, "NO_COLOR": "1"}, timeout=300)
    return done, time.monotonic() - start


@pytest.mark.parametrize("case", CASES)
def test_archive(tmp_path, case):
    make, reason = CASES[case]
    root = tmp_path / "root"
    gabion.make_root(root, {"/etc/os-release": "ID=debian\nVERSION_ID=12\n",
                            "/srv/node_modules/left/package.json": '{"name": "left", "version": "1.0.0"}'})
    (root / "srv/bad.jar").write_bytes(make())
    done, seconds = limited_run("inventory", "--root", root, "-o", "json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    state = report["kinds"]["language_package"]
    assert state["presence"] == "unknown" and reason in state["reason"] and "/srv/bad.jar" in state["reason"], state
    assert "npm:left@1.0.0:/srv/node_modules/left/package.json" in {r["name"] for r in report["resources"]}
    assert seconds < SECONDS


def test_names_that_lead_out(tmp_path):
    """Entries are only names: nothing is written anywhere."""
    root = tmp_path / "root"
    gabion.make_root(root, {"/etc/os-release": "ID=debian\n"})
    inner = jar(("META-INF/maven/g/a/pom.properties", "version=1\n"))
    (root / "bad.jar").write_bytes(jar(("../../../../etc/evil.jar", inner), ("/etc/evil.jar", inner), ("..\\evil.jar", inner)))
    before = sorted(p for p in tmp_path.rglob("*"))
    report = gabion.inventory(root)
    names = {r["name"] for r in report["resources"] if r["kind"] == "language_package"}
    assert "Maven:g:a@1:/bad.jar!/../../../../etc/evil.jar" in names
    assert sorted(p for p in tmp_path.rglob("*")) == before
