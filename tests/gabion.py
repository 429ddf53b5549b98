"""What the Python suites share: the program under test, root directories made from descriptions."""
import base64
import json
import os
import pathlib
import shutil
import socket
import subprocess

TREE = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("GABION", str(TREE / "build/release/src/app/gabion"))


def no_namespaces(*which):
    """Why this machine gives no namespaces ("--mount", "--net"), or None: a root that is no mount
    point, a container without the right."""
    if os.geteuid() != 0:
        return "needs root for namespaces"
    if not shutil.which("unshare"):
        return "needs unshare"
    done = subprocess.run(["unshare", *which, "true"], capture_output=True, text=True)
    return f"no namespaces here: {done.stderr.strip()}" if done.returncode else None


def run(*arguments, cwd=None, env=None, timeout=120, **kwargs):
    """Runs gabion; gives the completed process with text output."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GABION_")}
    # The advisory data of whoever runs the tests is no part of them.
    environment.update({"NO_COLOR": "1", "LC_ALL": "C.UTF-8", "GABION_FEEDS": "/nonexistent/feeds", **(env or {})})
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                          cwd=cwd, env=environment, timeout=timeout, **kwargs)


def scan(root, *arguments, kernel="recorded", now="2026-11-01T00:00:00Z", **kwargs):
    """Scans a root directory; gives (report, completed process)."""
    recorded = ["--recorded-kernel"] if kernel == "recorded" else []
    done = run("scan", "--root", root, *recorded, "--now", now, "--no-store", "-o", "json",
               *arguments, **kwargs)
    return (json.loads(done.stdout) if done.stdout else None), done


def inventory(root, kernel="recorded", now="2026-11-01T00:00:00Z"):
    recorded = ["--recorded-kernel"] if kernel == "recorded" else []
    done = run("inventory", "--root", root, *recorded, "--now", now, "-o", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def make_root(base, files, beside=None):
    """Makes the files of a description below `base`: path -> text, or a map (see tests/golden)."""
    base = pathlib.Path(base)
    for path, what in (files or {}).items():
        entry = what if isinstance(what, dict) else {"text": what}
        target = base / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        kind = entry.get("type", "file")
        if "link" in entry:
            target.symlink_to(entry["link"])
        elif kind == "fifo":
            os.mkfifo(target)
        elif kind == "dir" or path.endswith("/"):
            target.mkdir(exist_ok=True)
        elif kind == "socket":
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(target))
            listener.close()
        elif "base64" in entry:
            target.write_bytes(base64.b64decode(entry["base64"]))
        elif "copy" in entry:
            target.write_bytes((beside / entry["copy"]).read_bytes())
        elif "size" in entry:
            with open(target, "wb") as file:
                file.truncate(entry["size"])
        else:
            target.write_text(entry.get("text") or "")
        uid, gid = entry.get("uid", 0), entry.get("gid", 0)
        if os.geteuid() == 0:
            os.chown(target, uid, gid, follow_symlinks=False)
        if "link" not in entry:
            directory = kind == "dir" or path.endswith("/")
            os.chmod(target, int(str(entry.get("mode", "0755" if directory else "0644")), 8))
