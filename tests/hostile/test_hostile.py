"""Hostile input: what stands below a root may be anything, and so may the files that users name."""
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

import gabion

NOW = "2026-11-01T00:00:00Z"
BASE = {
    "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000::/home/anna:/bin/bash\n",
    "/etc/group": "root:x:0:\nanna:x:1000:\n",
    "/etc/shadow": {"text": "root:*:20000:0:99999:7:::\nanna:$y$j9T$abc$def:20000:0:99999:7:::\n", "mode": "0640"},
    "/etc/os-release": 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    "/etc/ssh/sshd_config": "PermitRootLogin no\n",
    "/etc/sudoers": {"text": "root ALL=(ALL:ALL) ALL\n", "mode": "0440"},
    "/var/lib/dpkg/status": "Package: openssh-server\nStatus: install ok installed\nArchitecture: amd64\n"
                            "Version: 1:9.2p1-2+deb12u7\nMaintainer: x\nDescription: x\n",
}
# Files that some source reads; each is replaced by something bad in turn.
READ = [
    "/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/os-release", "/etc/ssh/sshd_config",
    "/etc/ssh/ssh_config", "/etc/sudoers", "/etc/login.defs", "/etc/fstab", "/etc/sysctl.conf", "/etc/sysctl.d/x.conf",
    "/etc/modprobe.d/x.conf", "/etc/crontab", "/etc/cron.d/x", "/etc/pam.d/common-auth", "/etc/pam.d/sshd",
    "/etc/security/limits.conf", "/etc/apt/sources.list", "/etc/apt/sources.list.d/x.sources", "/var/lib/dpkg/status",
    "/etc/systemd/system/x.service", "/etc/systemd/journald.conf", "/etc/rsyslog.conf", "/etc/audit/auditd.conf",
    "/etc/audit/rules.d/x.rules", "/home/anna/.ssh/authorized_keys", "/home/anna/.ssh/id_rsa", "/etc/docker/daemon.json",
    "/etc/containerd/config.toml", "/etc/resolv.conf", "/etc/issue", "/etc/profile", "/etc/chrony/chrony.conf",
    "/home/anna/.aws/credentials", "/home/anna/.docker/config.json", "/home/anna/.kube/config", "/etc/default/grub",
    "/boot/grub/grub.cfg", "/etc/ssl/private/x.pem", "/etc/ssl/certs/x.pem", "/etc/nftables.conf", "/proc/mounts",
    "/proc/self/mountinfo", "/proc/net/tcp", "/proc/net/tcp6", "/proc/cmdline", "/proc/config.gz", "/proc/modules",
]
BAD = {
    "huge": {"size": 1 << 30},
    "binary": {"base64": "AAECA//+gICA9I+/v/CfmIDtoIAKCg0NCSI="},
    "lines": {"text": "\n" * 200000},
    "one-line": {"text": "x " * 500000},
    "fifo": {"type": "fifo"},
    "dir": {"type": "dir"},
    "loop": {"link": "loop-target"},
    "device": {"link": "/dev/zero"},
    "brackets": {"text": "([{" * 30000},
    "escapes": {"text": "\x1b]0;x\x07 \x1b[31m = \u202e\n" * 50},
}


def make(tmp_path, extra):
    root = tmp_path / "root"
    root.mkdir()
    files = dict(BASE)
    for path, what in extra.items():
        files.pop(path, None)
        files[path] = what
    gabion.make_root(root, files)
    return root


def check(done):
    """A scan of anything ends by itself, with a whole report and no raw control character."""
    assert done.returncode in (0, 4), (done.returncode, done.stderr[-2000:])
    report = json.loads(done.stdout)
    assert report["schema_version"] == 1
    assert not [f for f in report["findings"] if f["state"] == "error"], \
        [(f["control"], f["reason"]) for f in report["findings"] if f["state"] == "error"]
    assert "\x1b" not in done.stdout and "\u202e" not in done.stdout
    return report


@pytest.mark.parametrize("bad", BAD)
def test_every_file_that_is_read_may_be_bad(bad, tmp_path):
    """All files at once: a source that dies of one would take the others with it."""
    extra = {path: dict(BAD[bad]) for path in READ if path not in ("/etc/os-release",)}
    if bad == "loop":
        extra = {path: {"link": pathlib.Path(path).name} for path in READ}
    root = make(tmp_path, extra)
    _, done = gabion.scan(root, timeout=120)
    check(done)


@pytest.mark.parametrize("path", READ)
def test_truncated_anywhere(path, tmp_path):
    """The real file of this machine (where there is one), cut at several places."""
    real = pathlib.Path(path)
    try:
        content = real.read_bytes()[:200000]
    except OSError:
        content = BASE.get(path) if isinstance(BASE.get(path), str) else "a b c\n[x]\ny = z\n"
        content = content.encode()
    for part in (1, 3):
        folder = tmp_path / str(part)
        folder.mkdir()
        root = make(folder, {path: {"text": ""}})
        (root / path.lstrip("/")).write_bytes(content[: len(content) * part // 4])
        _, done = gabion.scan(root)
        check(done)


def passes_about_settings(report):
    """Passes of the server's settings. Owner and mode of its file can be seen without reading it."""
    return [(f["control"], e["what"]) for f in report["findings"] if f["subject"] == "sshd" and f["state"] == "pass"
            for e in f["evidence"] if e.get("what") != "sshd.config_files"]


def test_a_huge_sshd_config_is_unknown_not_pass(tmp_path):
    report, done = gabion.scan(make(tmp_path, {"/etc/ssh/sshd_config": {"size": 1 << 30}}), "--check", "GBN-SSH-*")
    check(done)
    assert not passes_about_settings(report)
    assert "unknown" in {f["state"] for f in report["findings"]}


def test_unreadable_without_root(tmp_path):
    """As another user: what cannot be read is unknown, and never pass."""
    if os.geteuid() != 0:
        pytest.skip("needs root to become another user")
    root = make(tmp_path, {"/etc/ssh/sshd_config": {"text": "PermitRootLogin no\n", "mode": "0600"}})
    for folder in [tmp_path, *tmp_path.parents]:
        if folder == pathlib.Path("/tmp") or folder == pathlib.Path("/"):
            break
        os.chmod(folder, 0o755)
    program = tmp_path / "gabion"
    program.write_bytes(pathlib.Path(gabion.PROGRAM).read_bytes())
    program.chmod(0o755)
    done = subprocess.run([program, "scan", "--root", root, "--recorded-kernel", "--now", NOW, "--no-store", "-o", "json"],
                          capture_output=True, text=True, user=65534, group=65534, cwd="/", env={"HOME": "/nonexistent"})
    report = check(done)
    assert any(g["reason"] == "needs root" for g in report["coverage"]["gaps"])
    assert not passes_about_settings(report)


def test_a_file_that_changes_while_it_is_read(tmp_path):
    root = make(tmp_path, {})
    target = root / "etc/passwd"
    writer = subprocess.Popen(
        ["/usr/bin/python3", "-c", "import sys,time\n"
         "end=time.time()+4\n"
         "while time.time()<end:\n"
         "    open(sys.argv[1],'w').write('root:x:0:0::/root:/bin/sh\\n'*int(1+time.time()*1e6%500))\n", target])
    try:
        for _ in range(10):
            _, done = gabion.scan(root)
            check(done)
    finally:
        writer.wait()


def test_a_rule_with_every_kind_of_mistake_does_not_stop_the_others(tmp_path):
    root = make(tmp_path, {})
    (tmp_path / "bad.yaml").write_text("id: [\n")
    (tmp_path / "alias.yaml").write_text("a: &x 1\nb: *x\n")
    (tmp_path / "deep.yaml").write_text("[" * 100000)
    (tmp_path / "empty.yaml").write_text("")
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)))
    for name in ("bad", "alias", "deep", "binary"):
        report, done = gabion.scan(root, "--rules", tmp_path / f"{name}.yaml")
        assert done.returncode == 4
        assert [p for p in report["problems"] if f"{name}.yaml" in p["message"]], name
        assert report["coverage"]["verdicts"]["pass"] > 0
    report, done = gabion.scan(root, "--rules", tmp_path / "empty.yaml")
    assert done.returncode in (0, 4)


def test_symlinks_do_not_leave_the_root(tmp_path):
    secret = tmp_path / "outside"
    secret.write_text("PermitRootLogin yes\n")
    root = make(tmp_path, {"/etc/ssh/sshd_config": {"link": f"../../../{'../' * 20}{secret}"}})
    report, done = gabion.scan(root, "--check", "GBN-SSH-*")
    assert str(secret) not in done.stdout
    assert not [f for f in report["findings"] if f["state"] == "fail" and
                any("PermitRootLogin" in e["seen"] for e in f["evidence"])]


def test_interrupt_leaves_no_half_file(tmp_path):
    root = make(tmp_path, {})
    report = tmp_path / "report.json"
    for delay in (0.0, 0.01, 0.03, 0.06):
        process = subprocess.Popen([gabion.PROGRAM, "scan", "--root", root, "--no-store", "-o", f"json={report}"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if report.exists():
            json.loads(report.read_text())
            report.unlink()


def test_kill_while_the_history_is_written(tmp_path):
    root = make(tmp_path, {})
    store = tmp_path / "state/gabion.db"
    arguments = [gabion.PROGRAM, "scan", "--root", str(root), "--store", str(store), "-o", "json"]
    for delay in (0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08):
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = subprocess.run(arguments, capture_output=True, text=True)
    report = json.loads(done.stdout)
    assert not [p for p in report["problems"] if p["code"] == "GBN-W-STORE"]
    done = gabion.run("query", "--store", store, "SELECT count(*) AS n FROM scan", "-o", "json")
    assert int(json.loads(done.stdout)[0]["n"]) >= 1


def test_a_planted_configuration_is_not_read(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("needs root to give a file away")
    planted = tmp_path / ".gabion.yaml"
    planted.write_text("scan:\n  skip: ['*']\n")
    os.chown(planted, 1000, 1000)
    done = gabion.run("version", cwd=tmp_path)
    assert done.returncode != 0
    assert "must belong to you or root" in done.stderr
    os.chown(planted, 0, 0)
    os.chmod(planted, 0o666)
    assert gabion.run("version", cwd=tmp_path).returncode != 0
