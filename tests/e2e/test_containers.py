"""Real containers of a real podman: what they may do to their host, as Gabion reads it from what
podman keeps on disk, and that they run. Everything lives in a directory of the test, shown at podman's
usual place in a mount namespace; only what the test started is ended."""
import json
import os
import pathlib
import shutil
import subprocess
import tarfile

import pytest

import gabion

BUSYBOX = next((p for p in ("/usr/bin/busybox", "/bin/busybox") if os.path.exists(p)), None)
RUNC = shutil.which("runc") or shutil.which("crun") or "/usr/sbin/runc"

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="a container with host namespaces needs root"),
    pytest.mark.skipif(not shutil.which("podman") or not os.path.exists(RUNC), reason="podman and runc are not installed"),
    pytest.mark.skipif(not BUSYBOX, reason="busybox is not installed"),
]


def is_static(path):
    return b"ld-linux" not in pathlib.Path(path).read_bytes()[:4096]


class Podman:
    def __init__(self, base):
        self.graph, self.run = base / "graph", base / "run"
        self.options = ["podman", "--root", self.graph, "--runroot", self.run, "--runtime", RUNC,
                        "--cgroup-manager", "cgroupfs", "--events-backend", "file"]

    def __call__(self, *argv, check=True):
        done = subprocess.run([*map(str, self.options), *map(str, argv)], capture_output=True, text=True, timeout=120)
        if check and done.returncode:
            pytest.skip(f"podman cannot run a container here: {done.stderr.strip()[-200:]}")
        return done.stdout.strip()


@pytest.fixture(scope="module")
def podman(tmp_path_factory):
    if not is_static(BUSYBOX):
        pytest.skip("busybox is not static")
    base = tmp_path_factory.mktemp("podman")
    tar = base / "root.tar"
    with tarfile.open(tar, "w") as image:
        image.add(BUSYBOX, "bin/busybox")
        link = tarfile.TarInfo("bin/sh")
        link.type, link.linkname = tarfile.SYMTYPE, "busybox"
        image.addfile(link)
    engine = Podman(base)
    engine("import", "-q", tar, "tiny:1")
    limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]
    common = ["run", "-d", "--network=none", *limits]
    try:
        engine(*common, "--name", "gabion-open", "--cap-add", "SYS_ADMIN", "--pid=host", "-v", "/etc:/host",
               "--security-opt", "seccomp=unconfined", "-e", "DB_PASSWORD=hunter2", "-e", "LANG=C",
               "tiny:1", "/bin/sh", "-c", "sleep 600")
        engine(*common, "--name", "gabion-closed", "--cap-drop", "ALL", "--user", "10001:10001", "--read-only",
               "--security-opt", "no-new-privileges", "tiny:1", "/bin/sh", "-c", "sleep 600")
        engine(*common, "--name", "gabion-privileged", "--privileged", "tiny:1", "/bin/sh", "-c", "sleep 600")
        yield engine
    finally:
        engine("rm", "-f", "-t", "0", "gabion-open", "gabion-closed", "gabion-privileged", check=False)
        # podman leaves its storage mounted on itself, and the folder could not be removed.
        subprocess.run(["umount", engine.graph / "overlay"], capture_output=True)


def look(podman, *argv):
    """Runs gabion with the test's storage at the usual place of podman's."""
    script = ('mkdir -p /var/lib/containers/storage && mount --bind "$1" /var/lib/containers/storage && shift && exec "$@"')
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", str(podman.graph), gabion.PROGRAM, *argv],
                          capture_output=True, text=True, timeout=120, env={**os.environ, "NO_COLOR": "1"})
    if "unshare failed" in done.stderr or "permission denied" in done.stderr:
        pytest.skip("no mount namespaces here")
    return done.stdout


@pytest.fixture(scope="module")
def containers(podman):
    text = look(podman, "inventory", "-o", "json")
    assert "hunter2" not in text
    return {r["props"]["name"]: r["props"] for r in json.loads(text)["resources"] if r["kind"] == "container"}


def test_finds_running_containers_with_name_and_image(containers):
    for name in ("gabion-open", "gabion-closed", "gabion-privileged"):
        assert containers[name]["engine"] == "podman"
        assert containers[name]["image"] == "localhost/tiny:1"
        assert containers[name]["running"] is True
        assert len(containers[name]["identifier"]) == 64


def test_tells_what_an_open_container_may_do(containers):
    c = containers["gabion-open"]
    assert "CAP_SYS_ADMIN" in c["capabilities"]
    assert c["host_namespaces"] == ["pid"]
    assert c["seccomp"] is False
    assert c["secret_variables"] == ["DB_PASSWORD"]
    assert c["runs_as_root"] is True and c["no_new_privileges"] is False
    assert ("/etc", "/host", True, "system directory") in [
        (m["source"], m["destination"], m["writable"], m["risk"]) for m in c["mounts"]]
    assert c["privileged"] is False


def test_tells_what_a_closed_container_may_not_do(containers):
    c = containers["gabion-closed"]
    assert c["capabilities"] == []
    assert c["user"] == "10001" and c["runs_as_root"] is False
    assert c["no_new_privileges"] is True and c["seccomp"] is True
    assert c["read_only_root"] is True and c["masked_paths"] is True
    assert c["host_namespaces"] == []
    assert [m for m in c["mounts"] if m["risk"]] == []


def test_tells_a_privileged_container(containers):
    c = containers["gabion-privileged"]
    assert c["privileged"] is True
    assert c["seccomp"] is False and c["masked_paths"] is False


def test_verdicts(podman):
    report = json.loads(look(podman, "scan", "--no-store", "--no-walk", "--check", "GBN-CTR-0[23]*", "-o", "json"))
    states = {(f["control"], f["subject"].removeprefix("container:")): f["state"] for f in report["findings"]}
    assert states["GBN-CTR-020", "gabion-privileged"] == "fail"
    assert states["GBN-CTR-020", "gabion-open"] == "pass"
    assert states["GBN-CTR-022", "gabion-open"] == "fail"
    assert states["GBN-CTR-024", "gabion-open"] == "fail"
    assert states["GBN-CTR-026", "gabion-open"] == "fail"
    assert states["GBN-CTR-027", "gabion-open"] == "fail"
    assert states["GBN-CTR-033", "gabion-open"] == "fail"
    for control in ("020", "021", "022", "023", "024", "026", "027", "029", "031", "033", "037"):
        assert states[f"GBN-CTR-{control}", "gabion-closed"] == "pass", control
