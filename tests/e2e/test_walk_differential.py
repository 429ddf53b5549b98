"""The file system walk against find(1): a generated tree with hostile names, modes and owners, and a
chain of directories deeper than any path may be long."""
import os
import pathlib
import random
import subprocess
import tempfile

import pytest

import gabion

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="owners of files can be set by root only")

NAMES = [b"plain", b"with space", b"new\nline", b"tab\t", b"-rf", b"*", b"$(id)", b"quote'\"", b"caf\xc3\xa9", b"\xff\xfe",
         b".hidden", b"a" * 200]
MODES = [0o644, 0o666, 0o600, 0o755, 0o4755, 0o2755, 0o6755, 0o777, 0o4666, 0o1777, 0o000]
OWNERS = [(0, 0), (1000, 1000), (4242, 0), (0, 4242), (4242, 4243)]


def make_tree(rng, folder, depth):
    for name in rng.sample(NAMES, rng.randrange(3, len(NAMES))):
        path = os.path.join(folder, name)
        what = rng.randrange(10)
        if what < 3 and depth < 4:
            os.mkdir(path)
            make_tree(rng, path, depth + 1)
        elif what == 3:
            os.symlink(b"/etc/passwd", path)
            continue
        elif what == 4:
            os.mkfifo(path)
        else:
            with open(path, "wb") as file:
                file.write(b"\x7fELF" if rng.randrange(2) else b"")
        os.chown(path, *rng.choice(OWNERS))
        os.chmod(path, rng.choice(MODES))


def found(root, *expression):
    done = subprocess.run(["find", root, *expression, "-printf", "/%P\\0"], capture_output=True, check=True)
    return sorted(done.stdout.split(b"\0")[:-1])


def listed(facts, kind):
    return sorted(r["props"]["path"] for r in facts["resources"] if r["kind"] == kind)


def text(paths):
    """As facts spell paths: bytes that are no UTF-8 become U+FFFD, one each."""
    return sorted(path.decode("utf-8", "replace") for path in paths)


@pytest.mark.parametrize("seed", range(5))
def test_like_find(tmp_path, seed):
    root = tmp_path / "root"
    root.mkdir(mode=0o755)
    gabion.make_root(root, {"/etc/passwd": "root:x:0:0::/root:/bin/sh\nu:x:1000:1000::/:/bin/sh\n",
                            "/etc/group": "root:x:0:\nu:x:1000:\n"})
    (root / "data").mkdir(mode=0o755)
    make_tree(random.Random(seed), os.fsencode(root / "data"), 0)
    facts = gabion.inventory(root, kernel="none")
    walk = next(r["props"] for r in facts["resources"] if r["kind"] == "walk")
    assert walk["entries"] == len(found(root))
    assert walk["directories"] == len(found(root, "-type", "d"))
    assert walk["setuid_files"] == len(found(root, "-type", "f", "-perm", "/6000", "-perm", "/111"))
    assert listed(facts, "setuid_file") == text(found(root, "-type", "f", "-perm", "/6000", "-perm", "/111"))
    nobodys = ["(", "-uid", "+1000", "-o", "-gid", "+1000", ")"]
    assert listed(facts, "unowned_file") == text(found(root, "!", "-type", "l", *nobodys))
    writable = ["-perm", "-0002", "(", "-type", "f", "-o", "-type", "d", "!", "-perm", "-1000", ")"]
    assert walk["world_writable_files"] + walk["world_writable_unreachable"] == len(found(root, *writable))


def remove_deep(top):
    """Takes a chain of directories away in pieces, by descriptors: rm -r needs minutes for it."""
    while (top / "d").exists():
        chain = [os.open(top, os.O_RDONLY)]
        while len(chain) < 500 and "d" in os.listdir(chain[-1]):
            chain.append(os.open("d", os.O_RDONLY, dir_fd=chain[-1]))
        if "d" in os.listdir(chain[-1]):
            os.rename("d", "rest", src_dir_fd=chain[-1], dst_dir_fd=chain[0])
        for below in reversed(chain[1:]):
            os.close(below)
            os.rmdir("d", dir_fd=chain[chain.index(below) - 1])
        if "rest" in os.listdir(chain[0]):
            os.rename("rest", "d", src_dir_fd=chain[0], dst_dir_fd=chain[0])
        os.close(chain[0])


@pytest.fixture
def quick_folder(tmp_path):
    """A folder in memory where there is one: on a disk 100,000 directories take a minute to go."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield pathlib.Path(folder)


def test_deeper_than_a_path(quick_folder):
    """100,000 levels: no path names the last one, and no recursion or table of open files reaches it."""
    root, levels = quick_folder / "root", 100_000
    root.mkdir(mode=0o755)
    gabion.make_root(root, {"/etc/passwd": "root:x:0:0::/root:/bin/sh\n", "/etc/group": "root:x:0:\n"})
    above = len(found(root))
    here = os.open(root, os.O_RDONLY)
    try:
        for _ in range(levels):
            os.mkdir("d", dir_fd=here)
            below = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        os.close(os.open("program", os.O_CREAT | os.O_WRONLY, 0o755, dir_fd=here))
        os.chmod(f"/proc/self/fd/{here}/program", 0o4755)
        facts = gabion.inventory(root, kernel="none")
    finally:
        os.unlink("program", dir_fd=here)
        os.close(here)
        remove_deep(root)
    walk = next(r["props"] for r in facts["resources"] if r["kind"] == "walk")
    assert walk["entries"] == above + levels + 1
    assert walk["complete"] is True
    assert walk["setuid_files"] == 1
