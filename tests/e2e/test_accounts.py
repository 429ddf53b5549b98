"""What scans say of accounts by who asks and with which environment."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

import gabion

ROOT = {
    "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n",
    "/etc/group": "root:x:0:\nshadow:x:42:\nalice:x:1000:\n",
    "/etc/shadow": {"text": "root:*:20000:0:99999:7:::\nalice:$y$j9T$salt$hash:20500::::::\n",
                    "mode": "0640", "gid": 42},
    "/etc/gshadow": {"text": "root:*::\nshadow:*::\nalice:!::\n", "mode": "0640", "gid": 42},
    "/etc/login.defs": "ENV_SUPATH PATH=/usr/sbin:/usr/bin:/usr/sbin\n",
    "/bin/sh": {"text": "", "mode": "0755"},
    "/usr/bin/sudo": {"text": "", "mode": "04755"},
    "/usr/sbin": {"type": "dir"},
    "/root": {"type": "dir", "mode": "0700"},
    "/root/.profile": "PATH=.:$PATH\n",
    "/home/alice": {"type": "dir", "mode": "0700", "uid": 1000, "gid": 1000},
    "/etc/sudoers": {"text": "alice ALL=(ALL) NOPASSWD: ALL\n", "mode": "0440"},
}

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="owners of files can be set by root only")


@needs_root
def test_the_scanners_own_path_is_no_evidence(tmp_path):
    gabion.make_root(tmp_path, {**ROOT, "/root/.profile": "export PATH\n"})
    reports = []
    for path in ("/usr/bin:/bin", "/usr/bin:/usr/bin:/bin", ".::/nonexistent:/tmp:/usr/bin:/bin"):
        report, _ = gabion.scan(tmp_path, "--check", "GBN-ACC-060", env={"PATH": path})
        reports.append(report["findings"])
    assert reports[0][0]["state"] == "pass"
    assert reports[0] == reports[1] == reports[2]


@pytest.fixture
def open_directory():
    """A directory that everybody may enter: pytest's own are closed."""
    with tempfile.TemporaryDirectory() as base:
        os.chmod(base, 0o755)
        yield pathlib.Path(base)


@needs_root
def test_who_is_not_root_is_told_what_is_missing(open_directory):
    """Nothing that could not be read passes; what everybody can read is judged all the same."""
    gabion.make_root(open_directory / "root", ROOT)
    program = open_directory / "gabion"
    shutil.copy(gabion.PROGRAM, program)
    os.chmod(program, 0o755)
    done = subprocess.run(
        [program, "scan", "--root", open_directory / "root", "--recorded-kernel", "--no-store", "--now",
         "2026-11-01T00:00:00Z", "-o", "json", "--check", "GBN-ACC-*", "--check", "GBN-SUD-*"],
        capture_output=True, text=True, user=65534, group=65534, extra_groups=[],
        env={"LC_ALL": "C.UTF-8", "HOME": "/nonexistent"})
    assert done.stdout, done.stderr
    verdicts = {f["control"]: (f["state"], f.get("reason", ""))
                for f in json.loads(done.stdout)["findings"]}
    for control in ("GBN-ACC-010", "GBN-ACC-024", "GBN-ACC-027", "GBN-ACC-029", "GBN-SUD-020",
                    "GBN-ACC-060", "GBN-ACC-044", "GBN-ACC-046"):
        state, reason = verdicts[control]
        assert state == "unknown" and "needs root" in reason, (control, state, reason)
    for control in ("GBN-ACC-001", "GBN-ACC-020", "GBN-ACC-026"):
        assert verdicts[control][0] == "pass", (control, verdicts[control])


@needs_root
def test_no_hash_leaves_the_collector(tmp_path):
    secret = "S3cretHashOfThisTest"
    files = {**ROOT, "/etc/shadow": {"text": f"root:*:1::::::\nalice:$6$salt${secret}:20500::::::\nold:!$1${secret}:1::::::\n",
                                     "mode": "0640", "gid": 42},
             "/etc/gshadow": {"text": f"root:$6${secret}::\n", "mode": "0640"},
             "/etc/passwd": ROOT["/etc/passwd"] + f"inline:$1$x${secret}:1001:1000::/:/bin/sh\n"}
    gabion.make_root(tmp_path, files)
    everything = gabion.run("inventory", "--root", tmp_path, "-o", "json").stdout
    everything += gabion.run("scan", "--root", tmp_path, "--no-store", "-o", "json").stdout
    assert "sha512" in everything and "alice" in everything
    assert secret not in everything
