"""The readers of sudoers and of the account files against the tools that these files are for.

cvtsudoers (package sudo) reads the same sudoers, with aliases expanded; the C library reads the same
passwd, put in the place of the real one inside a mount namespace.
"""
import json
import os
import random
import shutil
import subprocess
import sys

import pytest

import gabion

TAGS = {"authenticate": "PASSWD", "noexec": "EXEC", "setenv": "SETENV", "log_input": "LOG_INPUT",
        "log_output": "LOG_OUTPUT", "send_mail": "MAIL", "sudoedit_follow": "FOLLOW",
        "intercept": "INTERCEPT"}
ORDER = ["EXEC", "FOLLOW", "INTERCEPT", "LOG_INPUT", "LOG_OUTPUT", "MAIL", "PASSWD", "SETENV"]
PREFIX = {"usergroup": "%", "userid": "#", "usergid": "%#", "netgroup": "+", "nonunixgroup": "%:"}

needs_cvtsudoers = pytest.mark.skipif(not shutil.which("cvtsudoers"),
                                      reason="cvtsudoers (package sudo) is not installed")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
NO_NAMESPACES = gabion.no_namespaces("--mount")


def member(item):
    kind = next(key for key in item if key != "negated" and not key.startswith("sha"))
    return ("!" if item.get("negated") else "") + PREFIX.get(kind, "") + str(item[kind])


def tags_of(options):
    found = {}
    for option in options:
        for name, value in option.items():
            if name in TAGS:
                positive = value if name != "noexec" else not value
                found[TAGS[name]] = ("" if positive else "NO") + TAGS[name]
    return [found[tag] for tag in ORDER if tag in found]


def peers_rules(path):
    done = subprocess.run(["cvtsudoers", "-e", "-f", "json", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [
        {
            "users": [member(m) for m in spec["User_List"]],
            "hosts": [member(m) for m in spec["Host_List"]],
            "runas_users": [member(m) for m in commands.get("runasusers", [])],
            "runas_groups": [member(m).replace("%", "") for m in commands.get("runasgroups", [])],
            "tags": tags_of(commands.get("Options", [])),
            "commands": [member(m) for m in commands["Commands"]],
        }
        for spec in json.loads(done.stdout).get("User_Specs", [])
        for commands in spec["Cmnd_Specs"]
    ]


def our_rules(root):
    fields = ["users", "hosts", "runas_users", "runas_groups", "tags", "commands"]
    return [{field: resource["props"][field] for field in fields}
            for resource in gabion.inventory(root)["resources"] if resource["kind"] == "sudo_rule"]


HANDMADE = r"""
# comment \
Defaults env_reset, timestamp_timeout=5
User_Alias ADMINS = alice, %wheel, !bob, #1001, %#27, +net, %:foo : OPS = ADMINS, dave
Host_Alias WEB = web-*, !web-9, 10.0.0.0/8, +hosts, fe80::1
Runas_Alias DB = postgres, !mysql, %ops, #5
Cmnd_Alias SHELLS = /bin/sh, !/bin/bash, \
    /bin/dir/, sudoedit /etc/x, ALL
root	ALL=(ALL:ALL) ALL
ADMINS WEB, !db = (DB:adm, !cdrom) NOPASSWD:SETENV:NOEXEC:LOG_INPUT: /bin/ls -l *, !SHELLS, \
   PASSWD:MAIL:INTERCEPT:NOFOLLOW:LOG_OUTPUT: /bin/x "" : ALL = sha256:abcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcd /bin/y
OPS ALL = (:g) list, /bin/a\,b c\:d e=f, /bin/^foo.*$ ^a,b$ # comment
"dom user" ALL = ALL
a\ b ALL = /bin/cp \
   /a   /b
#1002 ALL=(ALL, !root) !!/bin/x, ! /bin/y
x ALL = (a) NOPASSWD: /bin/1, NOPASSWD: /bin/2, (b) /bin/3, /bin/4, PASSWD: /bin/5
"""


def generated(seed):
    """A sudoers file of valid lines, in all the shapes that the grammar has."""
    chance = random.Random(seed)
    users = ["alice", "%sudo", "#1000", "%#100", "+ng", "ALL", "U0", "U1", "!bob", "%:x"]
    hosts = ["ALL", "web-01", "!db*", "10.1.2.3", "192.168.0.0/16", "2001:db8::1", "+h", "H0"]
    runas = ["root", "ALL", "!root", "#0", "%adm", "R0", "www-data"]
    commands = ["ALL", "/bin/ls", "/bin/ls -l *", '/bin/id ""', "/usr/bin/", "C0", "!C0", "!/bin/sh",
                "sudoedit /etc/a /etc/b", r"/bin/x a\,b\:c", "/bin/a b=c", "list", "!!/bin/w x"]
    tags = ["NOPASSWD:", "PASSWD:", "NOEXEC:", "EXEC:", "SETENV:", "NOSETENV:", "LOG_INPUT:",
            "NOLOG_OUTPUT:", "MAIL:", "NOFOLLOW :", "NOINTERCEPT:"]

    def some(what, most, separator=", "):
        return separator.join(chance.choice(what) for _ in range(chance.randint(1, most)))

    def blank():
        return chance.choice([" ", "\t", "  ", " \\\n  "])

    def spec():
        text = ""
        if chance.random() < 0.5:
            groups = ":" + some(["adm", "%x"[1:], "!g"], 2) if chance.random() < 0.4 else ""
            text += f"({some(runas, 2) if chance.random() < 0.8 or not groups else ''}{groups})" + blank()
        for _ in range(chance.randint(0, 2)):
            text += chance.choice(tags) + chance.choice(["", " "])
        return text + chance.choice(commands)

    lines = ["User_Alias U0 = alice, !%wheel, U1 : U1 = carol, #7", "Host_Alias H0 = a, !b",
             "Runas_Alias R0 = postgres, !mysql", "Cmnd_Alias C0 = /bin/a, !/bin/b -x, C1",
             "Cmnd_Alias C1 = /bin/c, \\\n  /bin/d/"]
    for _ in range(40):
        parts = [f"{some(hosts, 2)}{chance.choice(['', ' '])}={blank()}" +
                 ("," + blank()).join(spec() for _ in range(chance.randint(1, 4)))
                 for _ in range(chance.choice([1, 1, 1, 2]))]
        lines.append(f"{some(users, 3)}{blank()}" + " : ".join(parts) +
                     chance.choice(["", " # comment"]))
    return "\n".join(lines) + "\n"


def one_by_one(rules, generated_text):
    """One entry a command. sudo notes SETENV for ALL where nothing was said, and its JSON then gives the
    tag to neighbours of ALL as well: SETENV is compared in the handmade text only."""
    return [{**rule, "commands": command,
             "tags": [tag for tag in rule["tags"] if "SETENV" not in tag
                      or not generated_text and command.lstrip("!") != "ALL"]}
            for rule in rules for command in rule["commands"]]


@needs_root
@needs_cvtsudoers
@pytest.mark.parametrize("text", [HANDMADE] + [generated(seed) for seed in range(12)],
                         ids=["handmade"] + [f"seed-{seed}" for seed in range(12)])
def test_sudoers_like_cvtsudoers(tmp_path, text):
    root = tmp_path / "root"
    root.mkdir()
    gabion.make_root(root, {"/usr/bin/sudo": {"text": "", "mode": "0755"},
                            "/etc/passwd": "root:x:0:0::/root:/bin/sh\n", "/etc/group": "root:x:0:\n",
                            "/etc/sudoers": {"text": text, "mode": "0440"}})
    expected = one_by_one(peers_rules(root / "etc/sudoers"), text is not HANDMADE)
    found = one_by_one(our_rules(root), text is not HANDMADE)
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected):
        assert ours == theirs


PASSWD = b"""root:x:0:0:root:/root:/bin/bash
# comment:x:1:1::/:/bin/sh
   indented:x:2:2::/:/bin/sh

short:x:3:3
shorter:x:4
signed:x:-0:0::/:/bin/sh
plus:x:+5:5::/:/bin/sh
blank:x: 6: 6::/:/bin/sh
zeros:x:0007:07::/:/bin/sh
huge:x:99999999999:0::/:/bin/sh
text:x:zero:0::/:/bin/sh
none:x::0::/:/bin/sh
trailing:x:8x:0::/:/bin/sh
colons:x:9:9:a:/b:/bin/sh:more
twice:x:10:10::/first:/bin/sh
twice:x:11:11::/second:/bin/sh
:x:12:12::/:/bin/sh
esc\x1b[31m:x:13:13::/:/bin/sh
last:x:14:14::/:/bin/sh"""


READ_ALL = "import json, pwd; print(json.dumps([(p.pw_name, p.pw_uid, p.pw_gid, p.pw_dir) for p in pwd.getpwall()]))"


@pytest.mark.skipif(NO_NAMESPACES is not None, reason=str(NO_NAMESPACES))
def test_passwd_like_the_c_library(tmp_path):
    (tmp_path / "passwd").write_bytes(PASSWD)
    (tmp_path / "nsswitch.conf").write_text("passwd: files\n")
    for name in ("passwd", "nsswitch.conf"):
        os.chmod(tmp_path / name, 0o644)
    # The real files are covered inside the namespace only; nothing of the system is changed.
    script = ('mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf'
              ' && exec "$2" -c "$3"')
    done = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", tmp_path, sys.executable,
                           READ_ALL], capture_output=True)
    theirs = [tuple(entry) for entry in json.loads(done.stdout)]
    root = tmp_path / "root"
    root.mkdir()
    gabion.make_root(root, {"/etc/group": "root:x:0:\n", "/etc/passwd": ""})
    (root / "etc/passwd").write_bytes(PASSWD)
    ours = [(p["name"], p["uid"], p["gid"], p["home"])
            for p in (r["props"] for r in gabion.inventory(root)["resources"] if r["kind"] == "user")]
    assert ours == theirs
