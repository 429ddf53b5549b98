"""Unit files against systemd's own tools, which work on a directory without a running systemd:
* what `systemctl --root=DIR is-enabled` says of every unit of many generated trees,
* how `systemd-analyze security --offline=true` orders generated services by their exposure."""
import os
import random
import re
import shutil
import subprocess

import pytest

import gabion

ROUNDS = int(os.environ.get("GABION_DIFFERENTIAL_ROUNDS", "60"))
ETC, RUN, LOCAL, VENDOR = ("/etc/systemd/system", "/run/systemd/system",
                           "/usr/local/lib/systemd/system", "/usr/lib/systemd/system")
NAMES = ["a.service", "b.service", "c.socket", "t@.service", "d.timer"]
LINKS = NAMES + ["t@x.service", "t@y.service", "al.service", "al2.service"]


def run_tool(*argv):
    return subprocess.run(argv, capture_output=True, text=True, timeout=60,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C", "SYSTEMD_PAGER": ""})


def install_section(dice, name):
    lines = []
    if dice.random() < 0.5:
        lines.append("WantedBy=multi-user.target")
    if dice.random() < 0.3:
        lines.append("Alias=" + dice.choice(["al.service", "al2.service"]))
    if dice.random() < 0.2:
        lines.append("Also=b.service")
    if "@" in name and dice.random() < 0.5:
        lines.append("DefaultInstance=x")
    return "[Install]\n" + "\n".join(lines) + "\n" if lines else ""


def make_tree(dice, root):
    for directory in (ETC, RUN, LOCAL, VENDOR, "/opt"):
        (root / directory[1:]).mkdir(parents=True)
    (root / "lib").symlink_to("usr/lib")
    for name in NAMES:
        for directory in (ETC, RUN, VENDOR, LOCAL):
            path, r = root / directory[1:] / name, dice.random()
            if r < 0.35:
                path.write_text("[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n" + install_section(dice, name))
            elif r < 0.40:
                path.symlink_to("/dev/null")
            elif r < 0.43:
                path.write_text("")
            elif r < 0.48:
                (root / "opt" / name).write_text("[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=x.target\n")
                path.symlink_to("/opt/" + name)
    for _ in range(dice.randint(0, 4)):
        directory, name, target = dice.choice((ETC, RUN, VENDOR, LOCAL)), dice.choice(LINKS), dice.choice(NAMES)
        below = dice.choice(["", "/multi-user.target.wants", "/x.target.requires"])
        path = root / (directory + below)[1:] / name
        # An instance linked among the units themselves is a case of its own.
        if os.path.lexists(path) or (not below and name.startswith(("t@x", "t@y"))):
            continue
        path.parent.mkdir(exist_ok=True)
        base = target if not below or name.startswith("al") else "t@.service" if "@" in name else name
        path.symlink_to(dice.choice([VENDOR, "/lib/systemd/system", ETC]) + "/" + base)


@pytest.mark.skipif(not shutil.which("systemctl"), reason="systemctl is not installed")
def test_states_are_those_of_systemctl(tmp_path):
    compared = 0
    for seed in range(ROUNDS):
        root = tmp_path / f"tree-{seed}"
        root.mkdir(mode=0o755)
        make_tree(random.Random(seed), root)
        facts = gabion.inventory(root, kernel="none")
        ours = {r["props"]["name"]: r["props"]["state"] for r in facts["resources"] if r["kind"] == "unit"}
        for name, state in ours.items():
            done = run_tool("systemctl", f"--root={root}", "is-enabled", name)
            if "Too many levels" in done.stderr:  # systemctl refuses a link from one of its directories to another
                continue
            assert state == done.stdout.strip(), (seed, name, done.stdout, done.stderr)
            compared += 1
    assert compared > ROUNDS * 2


SETTINGS = {
    "User": ["nobody", "root"], "NoNewPrivileges": ["yes", "no"], "PrivateTmp": ["yes"], "PrivateDevices": ["yes"],
    "PrivateNetwork": ["yes"], "PrivateUsers": ["yes"], "ProtectSystem": ["strict", "full", "yes"],
    "ProtectHome": ["yes", "read-only", "tmpfs"], "ProtectKernelTunables": ["yes"], "ProtectKernelModules": ["yes"],
    "ProtectKernelLogs": ["yes"], "ProtectControlGroups": ["yes"], "ProtectClock": ["yes"], "ProtectHostname": ["yes"],
    "ProtectProc": ["invisible", "noaccess"], "RestrictNamespaces": ["yes", "user mnt", "~user"],
    "RestrictRealtime": ["yes"], "RestrictSUIDSGID": ["yes"], "LockPersonality": ["yes"],
    "MemoryDenyWriteExecute": ["yes"], "SystemCallArchitectures": ["native"], "RemoveIPC": ["yes"],
    "SystemCallFilter": ["@system-service", "~@mount @debug", "@system-service\nSystemCallFilter=~@privileged @resources"],
    "RestrictAddressFamilies": ["AF_UNIX", "AF_UNIX AF_INET AF_INET6", "~AF_PACKET"],
    "CapabilityBoundingSet": ["", "CAP_NET_BIND_SERVICE", "~CAP_SYS_ADMIN CAP_SYS_PTRACE", "CAP_SETUID CAP_SETGID CAP_CHOWN"],
    "AmbientCapabilities": ["CAP_NET_BIND_SERVICE"], "IPAddressDeny": ["any"], "DevicePolicy": ["closed"],
    "UMask": ["0077", "0027"], "DynamicUser": ["yes"],
}


def ranks(values):
    order = sorted(range(len(values)), key=lambda i: values[i])
    result, start = [0.0] * len(values), 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for i in order[start:end]:
            result[i] = (start + end - 1) / 2
        start = end
    return result


def correlation(a, b):
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    covariance = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b))
    spread = (sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b)) ** 0.5
    return covariance / spread


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_exposure_orders_services_as_systemd_analyze_does(tmp_path):
    dice, root = random.Random(5), tmp_path / "root"
    units = root / VENDOR[1:]
    units.mkdir(parents=True)
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/true").write_text("")
    os.chmod(root / "usr/bin/true", 0o755)
    for i in range(60):
        chosen = [key for key in SETTINGS if dice.random() < (i % 10) / 10]
        lines = [f"{key}={dice.choice(SETTINGS[key])}" for key in chosen]
        (units / f"s{i}.service").write_text("[Service]\nExecStart=/usr/bin/true\n" + "\n".join(lines) + "\n")
    facts = {r["props"]["name"]: r["props"] for r in gabion.inventory(root, kernel="none")["resources"] if r["kind"] == "unit"}
    ours, theirs = [], []
    for i in range(60):
        done = run_tool("systemd-analyze", "security", "--offline=true", f"--root={root}", "--no-pager", f"s{i}.service")
        found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
        if found:
            ours.append(facts[f"s{i}.service"]["exposure"])
            theirs.append(float(found.group(1)))
    if len(theirs) < 30:
        pytest.skip("this systemd-analyze does not rate units below a root directory")
    rank_correlation = correlation(ranks(ours), ranks(theirs))
    furthest = max(abs(a - b) for a, b in zip(ours, theirs))
    print(f"rank correlation {rank_correlation:.3f}, furthest apart {furthest:.1f}")
    assert rank_correlation > 0.95
    assert furthest < 2.0
