"""Golden cases: a folder with case.yaml describes a root directory and what a scan must say of it.

    why: one sentence
    kernel: recorded          # or none
    now: 2026-11-01T00:00:00Z
    root: {/etc/passwd: "...", /etc/shadow: {text: "...", mode: "0640", uid: 0, gid: 42}, ...}
    args: [--check, "GBN-SSH-*"]
    expect:                   # verdicts; evidence fields and reason are substrings
      - {control: GBN-SSH-002, verdict: fail, subject: sshd, evidence: {where: ..., line: 3, seen: ...}}
    absent: [GBN-SSH-003]     # controls with no failing finding
    facts: {sshd: {port: [22]}, "user:root": {uid: 0}}
    exit: 0
"""
import os
import pathlib

import pytest
import yaml

import gabion

HERE = pathlib.Path(__file__).resolve().parent
CASES = sorted(path.parent for path in HERE.rglob("case.yaml"))


def timestamp(value):
    return value if isinstance(value, str) else value.strftime("%Y-%m-%dT%H:%M:%SZ")


def matches_evidence(wanted, evidence):
    for key, value in wanted.items():
        have = evidence.get(key)
        if key == "line":
            if have != value:
                return False
        elif str(value) not in str(have if have is not None else ""):
            return False
    return True


def check_expectation(wanted, findings):
    same = [f for f in findings if f["control"] == wanted["control"]]
    assert same, f"no verdict of {wanted['control']}"
    if "subject" in wanted:
        same = [f for f in same if f["subject"] == wanted["subject"]]
        assert same, f"no verdict of {wanted['control']} on {wanted['subject']}"
    states = [(f["subject"], f["state"], f.get("reason", "")) for f in same]
    right = [f for f in same if f["state"] == wanted["verdict"]]
    assert right, f"{wanted['control']}: expected {wanted['verdict']}, got {states}"
    if len(same) > 1 and "subject" not in wanted and wanted["verdict"] != "fail":
        assert len(right) == len(same), f"{wanted['control']}: not all {wanted['verdict']}: {states}"
    if "reason" in wanted:
        assert any(wanted["reason"] in f.get("reason", "") for f in right), states
    for one in [wanted["evidence"]] if isinstance(wanted.get("evidence"), dict) else wanted.get("evidence", []):
        seen = [e for f in right for e in f["evidence"]]
        assert any(matches_evidence(one, e) for e in seen), f"{wanted['control']}: {one} not in {seen}"


def check_facts(wanted, facts):
    by_id = {resource["id"]: resource["props"] for resource in facts["resources"]}
    for name, fields in wanted.items():
        if fields is None:
            assert name not in by_id, f"there is a resource {name}"
            continue
        assert name in by_id, f"no resource {name}; there are {sorted(by_id)[:40]}"
        for field, value in fields.items():
            have = by_id[name].get(field)
            assert have == value, f"{name}.{field}: expected {value!r}, got {have!r}"


@pytest.mark.skipif(os.geteuid() != 0, reason="owners of files can be set by root only")
@pytest.mark.parametrize("folder", CASES, ids=[str(p.relative_to(HERE)) for p in CASES])
def test_case(folder, tmp_path):
    case = yaml.safe_load((folder / "case.yaml").read_text())
    assert case.get("why"), "a case says why it is there"
    assert case.get("expect") or case.get("facts") or case.get("absent"), "the case checks nothing"
    kernel, now = case.get("kernel", "recorded"), timestamp(case.get("now", "2026-11-01T00:00:00Z"))
    root = tmp_path / "root"
    root.mkdir(mode=0o755)
    gabion.make_root(root, case.get("root"), beside=folder)
    report, done = gabion.scan(root, *case.get("args", []), kernel=kernel, now=now)
    assert report is not None, done.stderr
    assert not [p for p in report["problems"] if p["code"] in ("GBN-E-FACT", "GBN-E-RULE")], report["problems"]
    for wanted in case.get("expect", []):
        check_expectation(wanted, report["findings"])
    for control in case.get("absent", []):
        bad = [f for f in report["findings"] if f["control"] == control and f["state"] == "fail"]
        assert not bad, bad
    if "facts" in case:
        check_facts(case["facts"], gabion.inventory(root, kernel=kernel, now=now))
    if "exit" in case:
        assert done.returncode == case["exit"], done.stderr
