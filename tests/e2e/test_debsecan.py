"""Matching against Debian's own tool: the same set of (flaw, binary package) as debsecan, for every
suite of an export and several data bases of packages."""
import os
import pathlib
import random
import shutil
import subprocess
import zlib

import pytest

import gabion

BUILD = pathlib.Path(os.environ.get("GABION_BUILD", gabion.TREE / "build/dev"))
CORPUS = pathlib.Path(os.environ.get("GABION_CORPUS", gabion.TREE / "../shared/corpus"))
EXPORT = CORPUS / "vuln/distro/debsecan-2021-11-17.tar.zst"
SUITES = {"sid": "debian-sid", "bullseye": "debian-11", "buster": "debian-10",
          "stretch": "debian-9", "GENERIC": "debian-generic"}

pytestmark = [
    pytest.mark.skipif(not EXPORT.exists(), reason=f"no {EXPORT} (set GABION_CORPUS)"),
    pytest.mark.skipif(not shutil.which("debsecan"), reason="debsecan is not installed"),
]


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    subprocess.run(["tar", "--zstd", "-xf", EXPORT, "-C", folder, "--strip-components=1"],
                   check=True)
    return folder


def blocks(path):
    """Rows (package, fix of unstable, other versions) and binaries of each source."""
    _, rows, *rest = zlib.decompress(path.read_bytes()).decode().split("\n\n")
    parsed = []
    for line in rows.splitlines():
        package, _, _, fix, others = line.split(",", 4)
        parsed.append((package, fix, others.split()))
    binaries = {}
    for line in (rest[0].splitlines() if rest else []):
        source, names = line.split(",")
        binaries[source] = names.split() or [source]
    return parsed, binaries


def theirs(folder, suite, status):
    done = subprocess.run(["debsecan", "--config", "/dev/null", "--whitelist", "/nonexistent",
                           "--source", f"file://{folder}", "--suite", suite, "--status", status,
                           "--format", "simple"], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())


def ours(folder, suite, root):
    done = subprocess.run([BUILD / "tests/driver_match", root, folder / suite, SUITES[suite]],
                          capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return set(done.stdout.splitlines())


def compare(folder, root, status, at_least):
    for suite in SUITES:
        wanted, got = theirs(folder, suite, status), ours(folder, suite, root)
        assert got == wanted, (f"{suite}: only debsecan: {sorted(wanted - got)[:10]}, "
                               f"only gabion: {sorted(got - wanted)[:10]}")
        assert len(wanted) >= at_least, f"{suite}: too few to say anything: {len(wanted)}"


def stanza(name, version, source=None, status="install ok installed"):
    lines = [f"Package: {name}"]
    if status:
        lines.append(f"Status: {status}")
    lines += ["Maintainer: Nobody <nobody@example.org>", "Architecture: amd64"]
    if source:
        lines.append(f"Source: {source}")
    return "\n".join(lines + [f"Version: {version}", "Description: for tests", ""])


def around(dice, fix, others):
    """A version at, just below, just above, or nowhere near what the feed names."""
    known = ([fix] if fix else []) + others
    base = dice.choice(known) if known else "1.0-1"
    return dice.choice([
        base, base, base + "~", base + "+b1", base + "~deb11u1", base + "+local1", base + ".1",
        base.split(":")[-1], "9:" + base.split(":")[-1], base.rsplit("-", 1)[0],
        "0" + base.split(":")[-1], "0~0", "99999999999999999999-1", "1:0", "2021.01.01+dfsg-0.1",
        "1.0+really0.9-1", "0"])


def write_status(root, stanzas):
    path = root / "var/lib/dpkg/status"
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(stanzas))
    return path


def test_this_machine(export):
    compare(export, "/", "/var/lib/dpkg/status", 0)


@pytest.mark.parametrize("seed", [1, 2])
def test_an_old_bullseye(export, tmp_path, seed):
    """Several hundred packages of the feed with versions around its fixes, in all states."""
    dice = random.Random(seed)
    rows, binaries = blocks(export / "bullseye")
    by_source = {}
    for package, fix, others in rows:
        by_source.setdefault(package, []).append((fix, others))
    stanzas, used = [], set()
    for source in dice.sample(sorted(by_source), 900):
        for binary in dice.sample(binaries.get(source, [source]),
                                  min(2, len(binaries.get(source, [source])))):
            if binary in used:
                continue
            used.add(binary)
            version = around(dice, *dice.choice(by_source[source]))
            status = dice.choices(
                ["install ok installed", "hold ok installed", "deinstall ok config-files",
                 "install ok half-configured", "install ok unpacked", "install ok triggers-pending",
                 "install reinstreq installed"], weights=[80, 5, 5, 3, 3, 2, 2])[0]
            form = dice.randrange(4)
            if form == 0:  # the binary has a version of its own
                stanzas.append(stanza(binary, f"7:{dice.randrange(9)}.0-1", f"{source} ({version})",
                                      status))
            elif form == 1 and "+b" in version:  # rebuilt
                stanzas.append(stanza(binary, version,
                                      f"{source} ({version.split('+b')[0]})", status))
            elif binary == source:
                stanzas.append(stanza(binary, version, None, status))
            else:
                stanzas.append(stanza(binary, version, source, status))
    # Names that are both a source of the feed and a binary of another source.
    for name in dice.sample(sorted(by_source), 40):
        if name not in used:
            stanzas.append(stanza(name, "0.1-1", "something-else"))
    assert len(stanzas) > 700
    compare(export, tmp_path, write_status(tmp_path, stanzas), 500)


def test_a_distroless_image(export, tmp_path):
    """One file a package below status.d, without a Status field; debsecan gets the same as one
    file."""
    dice = random.Random(3)
    rows, binaries = blocks(export / "buster")
    folder = tmp_path / "var/lib/dpkg/status.d"
    folder.mkdir(parents=True)
    whole = []
    for source in ["glibc", "openssl", "tzdata", "netbase", "zlib", "gcc-10", "krb5", "expat",
                   "python3.9", "sqlite3", "ncurses", "util-linux", "bzip2", "libffi"]:
        known = [(fix, others) for package, fix, others in rows if package == source]
        for binary in binaries.get(source, [source])[:3]:
            version = around(dice, *dice.choice(known)) if known else "1.0-1"
            given = None if binary == source else source
            (folder / binary).write_text(stanza(binary, version, given, status=None))
            (folder / f"{binary}.md5sums").write_text("0" * 32 + "  usr/share/doc/x\n")
            whole.append(stanza(binary, version, given))
    status = tmp_path / "status"
    status.write_text("\n".join(whole))
    compare(export, tmp_path, status, 20)


def test_a_small_root(export, tmp_path):
    """What debootstrap would put into an old stretch: essential packages, versions of then."""
    rows, binaries = blocks(export / "stretch")
    names = subprocess.run(["dpkg-query", "-W", "-f",
                            "${Package} ${source:Package} ${Essential} ${Priority}\n"],
                           capture_output=True, text=True, check=True).stdout.splitlines()
    stanzas = []
    for line in sorted(set(names)):
        name, source, *rest = line.split()
        if "required" not in rest and "important" not in rest:
            continue
        of_then = sorted(v for package, _, others in rows if package == source for v in others
                         if "deb9u" in v or "+deb8u" in v)
        version = of_then[len(of_then) // 2] if of_then else "1:1.0-1"
        stanzas.append(stanza(name, version, None if name == source else source))
    assert len(stanzas) > 40
    compare(export, tmp_path, write_status(tmp_path, stanzas), 30)


def test_an_empty_data_base(export, tmp_path):
    compare(export, tmp_path, write_status(tmp_path, []), 0)
