"""Exit codes: one test for each code of each command that can give it. `gabion help exit-codes`."""
import json

import pytest

import gabion

RULES = """
id: TST-FAIL-001
title: There is no user mallory
finding: There is a user mallory
kind: account_database
severity: high
expect: users.filter(u, u.name == 'mallory').map(u, u.name)
why: It is a test.
fix: Remove the user.
effort: one_line
maps: {nist_800_53: [AC-2]}
examples:
  - {name: none, verdict: pass, given: {account_database: {}, users: [{name: root}]}}
  - {name: one, verdict: fail, given: {account_database: {}, users: [{name: mallory}]}, offenders: [mallory]}
---
id: TST-PASS-001
title: There is a user root
finding: There is no user root
kind: account_database
severity: low
expect: users.exists(u, u.name == 'root')
why: It is a test.
fix: Add the user.
effort: one_line
maps: {nist_800_53: [AC-2]}
examples:
  - {name: one, verdict: pass, given: {account_database: {}, users: [{name: root}]}}
  - {name: none, verdict: fail, given: {account_database: {}, users: [{name: mallory}]}}
"""
BROKEN = RULES.split("---")[0].replace("TST-FAIL-001", "TST-BAD-001").replace("u.name == ", "u.nmae == ")
NOW = "2026-11-01T00:00:00Z"


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    gabion.make_root(root, {
        "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nmallory:x:1000:1000::/home/mallory:/bin/bash\n",
        "/etc/group": "root:x:0:\nmallory:x:1000:\n",
        "/etc/shadow": {"text": "root:*:20000:0:99999:7:::\nmallory:*:20000:0:99999:7:::\n", "mode": "0640"},
        "/etc/os-release": 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    })
    (tmp_path / "rules.yaml").write_text(RULES)
    return root


def scan(root, *arguments, checks=("TST-*",)):
    selected = [a for check in checks for a in ("--check", check)]
    return gabion.run("scan", "--root", root, "--now", NOW, "--no-store", "--rules",
                      root.parent / "rules.yaml", *selected, *arguments)


def test_0_findings_do_not_fail_a_scan_without_a_gate(root):
    done = scan(root)
    assert done.returncode == 0, done.stderr
    assert "mallory" in done.stdout


def test_0_gate_passes(root):
    done = scan(root, "--fail-on", "critical")
    assert done.returncode == 0
    assert "gate passed" in done.stderr


def test_0_fail_on_none(root):
    assert scan(root, "--fail-on", "none").returncode == 0


def test_3_gate_fails_and_says_why(root):
    done = scan(root, "--fail-on", "high", "-q")
    assert done.returncode == 3
    assert done.stdout == ""
    assert "gate failed: 1 high" in done.stderr
    assert "TST-FAIL-001" in done.stderr


def test_3_minimum_score(root):
    assert scan(root, "--min-score", "99").returncode == 3
    assert scan(root, "--min-score", "10").returncode == 0


def test_exit_code_changes_the_number_of_the_gate_only(root):
    assert scan(root, "--fail-on", "high", "--exit-code", "9").returncode == 9
    assert scan(root, "--fail-on", "hihg", "--exit-code", "9").returncode == 2


def test_severity_never_changes_the_exit_code(root):
    for severity in ("low", "medium", "high", "critical"):
        done = scan(root, "--fail-on", "high", "--severity", severity)
        assert done.returncode == 3, severity


def test_4_a_rule_that_does_not_load_makes_the_run_incomplete(root):
    (root.parent / "rules.yaml").write_text(RULES + "---\n" + BROKEN)
    done = scan(root)
    assert done.returncode == 4
    assert "mallory" in done.stdout, "the other rules still run"
    assert 'did you mean "name"?' in done.stdout
    assert scan(root, "--fail-on", "high").returncode == 3, "a failed gate comes before incomplete"


def test_4_nothing_assessed(tmp_path):
    empty = tmp_path / "root"
    empty.mkdir()
    (tmp_path / "rules.yaml").write_text(RULES)
    done = scan(empty)
    assert done.returncode == 4
    assert "no score" in done.stdout
    assert scan(empty, "--fail-on", "high").returncode == 4


def test_4_minimum_coverage(root):
    (root / "etc/shadow").unlink()
    done = scan(root, "--min-coverage", "100")
    assert done.returncode == 0
    (root.parent / "rules.yaml").write_text(RULES.replace(
        "users.exists(u, u.name == 'root')", "users.all(u, u.password != 'empty')"))
    (root / "etc/shadow").mkdir()  # there, and not readable as a file
    done = scan(root, "--min-coverage", "100")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "coverage" in done.stderr


@pytest.mark.parametrize("arguments, words", [
    (["scan", "--fail-onn", "high"], "did you mean --fail-on?"),
    (["scan", "--fail-on", "hihg"], "none of: critical"),
    (["scan", "--min-score", "101"], "no number from 0 to 100"),
    (["scan", "-o", "jsn"], 'did you mean "json"?'),
    (["scan", "-o", "json", "-o", "csv"], "only one -o"),
    (["scan", "--since", "yesterday"], "neither an age"),
    (["scan", "--baseline", "/no/such/file.json"], "cannot find the baseline"),
    (["scan", "--exemptions", "/no/such/file.yaml"], "no such exemptions file"),
    (["scan", "--config", "/no/such/file.yaml"], "cannot find the configuration file"),
    (["scan", "--recorded-kernel"], "goes with --root"),
    (["scan", "--check", "NO-SUCH-*", "--no-walk"], "no control is selected"),
    (["scan", "image"], "needs one more word: REF"),
    (["scan", "imaje", "x"], "did you mean image?"),
    (["scan", "rootfs", "/", "x"], "one target at a time"),
    (["scan", "--no-vulnerabilities", "--area", "vulnerability"], "nothing is left to assess"),
    (["scan", "--fail-on", "high,kew"], "critical, high, medium, low, kev, none"),
    (["scna"], 'did you mean "scan"?'),
    (["score", "--fail-on", "high"], "no option --fail-on"),
    (["inventory", "-o", "csv", "--no-walk"], "terminal and json"),
    (["rules"], "needs a word"),
    (["rules", "show"], "show which?"),
    (["explain", "--no-walk"], "explain what?"),
    (["exempt", "add", "GBN-SSH-002", "--owner", "a", "--expires", "2027-01-01"], "--reason is missing"),
    (["completion", "tcsh"], "bash, zsh or fish"),
    (["help", "exit-code"], 'did you mean "exit-codes"?'),
    (["query", "--no-walk", "users.filter("], "1:14"),
    (["config", "check", "/etc/passwd"], ""),
])
def test_2_usage(arguments, words, tmp_path):
    done = gabion.run(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert done.stdout == ""


def test_2_configuration_names_the_nearest_key(tmp_path):
    (tmp_path / ".gabion.yaml").write_text("scan:\n  fail_onn: high\n")
    done = gabion.run("version", cwd=tmp_path)
    assert done.returncode == 2
    assert '.gabion.yaml:2:3: unknown key "fail_onn" (did you mean "fail_on"?)' in done.stderr


def test_configuration_environment_and_flags_in_order(root, tmp_path):
    (tmp_path / "c.yaml").write_text("scan:\n  fail_on: low\n")
    assert scan(root, "--config", tmp_path / "c.yaml").returncode == 3
    environment = {"GABION_SCAN_FAIL_ON": "critical"}
    arguments = ["scan", "--root", root, "--now", NOW, "--no-store", "--rules", tmp_path / "rules.yaml",
                 "--check", "TST-*", "--config", tmp_path / "c.yaml"]
    assert gabion.run(*arguments, env=environment).returncode == 0
    assert gabion.run(*arguments, "--fail-on", "high", env=environment).returncode == 3


def test_1_cannot_do_the_work(root, tmp_path):
    done = gabion.run("scan", "--root", tmp_path / "none", "--no-store")
    assert done.returncode == 1
    assert "cannot open the root directory" in done.stderr
    done = scan(root, "-o", f"json={tmp_path}/no/such/folder/r.json")
    assert done.returncode == 1
    assert "r.json" in done.stderr


def test_1_a_full_disk_leaves_no_half_report(root, tmp_path):
    done = scan(root, "-o", "json=/dev/full/report.json")
    assert done.returncode == 1
    done = gabion.run("scan", "--root", root, "--now", NOW, "--no-store", "--rules",
                      root.parent / "rules.yaml", "-o", "json")
    assert done.returncode in (0, 4)
    with open("/dev/full", "w") as full:
        import subprocess
        process = subprocess.run([gabion.PROGRAM, "scan", "--root", str(root), "--no-store", "-o", "json"],
                                 stdout=full, stderr=subprocess.PIPE, text=True)
    assert process.returncode == 1
    assert "No space left" in process.stderr


def test_rules_test_and_lint_codes(root, tmp_path):
    rules = tmp_path / "rules.yaml"
    done = gabion.run("rules", "test", "--rules", rules, "TST-*")
    assert (done.returncode, done.stdout) == (0, "2 passed, 0 failed\n"), done.stderr
    rules.write_text(RULES.replace("offenders: [mallory]", "offenders: [other]"))
    done = gabion.run("rules", "test", "--rules", rules, "TST-*")
    assert done.returncode == 3
    assert '"other" is not among the offenders' in done.stderr
    rules.write_text(BROKEN)
    done = gabion.run("rules", "lint", "--rules", rules)
    assert done.returncode == 2
    assert "rules.yaml:7:" in done.stderr and "did you mean" in done.stderr
    assert gabion.run("rules", "list", "--rules", rules).returncode == 4


def test_json_carries_the_gate(root):
    done = scan(root, "--fail-on", "high", "-o", "json")
    report = json.loads(done.stdout)
    assert report["gate"]["result"] == "failed"
    assert report["gate"]["reasons"] == ["1 high (allowed: none at high or above)"]
