"""History: first sights, what changed, what came back; baselines; exemptions over time."""
import json

import pytest

import gabion
from test_exit_codes import NOW, RULES, root  # noqa: F401

LATER = "2026-11-05T00:00:00Z"
MUCH_LATER = "2026-11-09T00:00:00Z"


@pytest.fixture
def scan(root, tmp_path):  # noqa: F811
    def run(now, *arguments, store=True):
        where = ["--store", tmp_path / "state/gabion.db"] if store else ["--no-store"]
        done = gabion.run("scan", "--root", root, "--now", now, "--rules", tmp_path / "rules.yaml",
                          "--check", "TST-*", *where, "-o", "json", *arguments)
        report = json.loads(done.stdout)
        report["by_control"] = {f["control"]: f for f in report["findings"]}
        report["exit"] = done.returncode
        return report
    run.root = root
    run.store = tmp_path / "state/gabion.db"
    return run


def remove_mallory(root):  # noqa: F811
    for name in ("passwd", "shadow"):
        path = root / "etc" / name
        path.write_text("".join(line for line in path.read_text().splitlines(True) if "mallory" not in line))


def test_first_sight_stays_and_new_is_new_once(scan):
    first = scan(NOW)["by_control"]["TST-FAIL-001"]
    assert first["new"] and first["first_seen"] == NOW
    second = scan(LATER)["by_control"]["TST-FAIL-001"]
    assert not second["new"] and second["first_seen"] == NOW
    assert second["fingerprint"] == first["fingerprint"]


def test_resolved_and_reopened(scan):
    passwd = scan.root / "etc/passwd"
    before = passwd.read_text()
    scan(NOW)
    remove_mallory(scan.root)
    assert scan(LATER)["by_control"]["TST-FAIL-001"]["state"] == "pass"
    passwd.write_text(before)
    again = scan(MUCH_LATER)["by_control"]["TST-FAIL-001"]
    assert again["reopened"] and again["new"] and again["first_seen"] == NOW
    done = gabion.run("query", "--store", scan.store,
                      "SELECT from_state, to_state FROM change ORDER BY id", "-o", "json")
    assert [(r["from_state"], r["to_state"]) for r in json.loads(done.stdout)] == [
        ("", "fail"), ("fail", "resolved"), ("resolved", "fail")]


def test_score_says_what_moved_it(scan, tmp_path):
    scan(NOW)
    remove_mallory(scan.root)
    scan(LATER)
    done = gabion.run("score", "--root", scan.root, "--now", MUCH_LATER, "--store", scan.store, "--rules",
                      tmp_path / "rules.yaml", "--check", "TST-*", "--since", "2026-11-02")
    assert done.returncode == 0, done.stderr
    assert "better  TST-FAIL-001" in done.stdout
    assert "Score 100 / 100" in done.stdout


def test_only_new_and_since(scan):
    assert scan(NOW, "--fail-on", "high", "--only-new")["exit"] == 3
    assert scan(LATER, "--fail-on", "high", "--only-new")["exit"] == 0
    assert scan(LATER, "--fail-on", "high", "--since", "1d")["exit"] == 0
    assert scan(LATER, "--fail-on", "high", "--since", "30d")["exit"] == 3


def test_baseline(scan, root, tmp_path):  # noqa: F811
    report = scan(NOW, store=False)
    baseline = tmp_path / "baseline.json"
    done = gabion.run("scan", "--root", root, "--now", NOW, "--no-store", "--rules", tmp_path / "rules.yaml",
                      "--check", "TST-*", "-o", f"json={baseline}")
    assert done.returncode == 0
    assert report["by_control"]["TST-FAIL-001"]["state"] == "fail"
    gate = ["--baseline", baseline, "--only-new", "--fail-on", "high"]
    assert scan(LATER, *gate, store=False)["exit"] == 0
    data = json.loads(baseline.read_text())
    data["findings"] = []
    baseline.write_text(json.dumps(data))
    assert scan(LATER, *gate, store=False)["exit"] == 3
    baseline.write_text('{"findings": 7}')
    done = gabion.run("scan", "--root", root, "--no-store", "--baseline", baseline)
    assert done.returncode == 2 and "is no report" in done.stderr


def test_exemption_life(scan, tmp_path):
    file = tmp_path / "exemptions.yaml"
    add = ["exempt", "add", "TST-FAIL-001", "--reason", 'he: "stays" #1', "--owner", "anna", "--expires"]
    assert gabion.run(*add, "2099-01-01", "--exemptions", file).returncode == 2, "at most a year"
    assert not file.exists()
    import datetime
    day = (datetime.date.today() + datetime.timedelta(days=30)).isoformat()
    done = gabion.run(*add, day, "--exemptions", file)
    assert done.returncode == 0, done.stderr
    assert gabion.run(*add, day, "--exemptions", file, "--subject", "none").returncode == 0
    listed = gabion.run("exempt", "list", "--exemptions", file)
    assert "2 exemptions" in listed.stdout and 'he: "stays" #1' in listed.stdout
    report = scan(NOW, "--exemptions", file)
    finding = report["by_control"]["TST-FAIL-001"]
    assert finding["state"] == "exempt" and finding["exemption"]["owner"] == "anna"
    assert report["score"]["adjusted"] == 100 and report["score"]["raw"] < 100
    expired = scan("2027-06-01T00:00:00Z", "--exemptions", file)
    assert expired["by_control"]["TST-FAIL-001"]["state"] == "fail", "an expired one hides nothing"
    assert any("expired" in p["message"] and "anna" in p["message"] for p in expired["problems"])
    assert gabion.run("exempt", "remove", "EX-1", "--exemptions", file).returncode == 0
    assert "1 exemptions" in gabion.run("exempt", "list", "--exemptions", file).stdout
    assert gabion.run("exempt", "remove", "EX-2", "--exemptions", file).returncode == 0
    assert gabion.run("exempt", "remove", "EX-2", "--exemptions", file).returncode == 2


def test_malformed_exemptions_hide_nothing(scan, tmp_path):
    file = tmp_path / "exemptions.yaml"
    file.write_text("exemptions:\n"
                    "  - {id: A, control: TST-FAIL-001, owner: anna, expires: 2026-12-01}\n"
                    "  - {id: B, control: TST-FAIL-001, reason: r, owner: anna, expires: soon}\n")
    report = scan(NOW, "--exemptions", file)
    assert report["by_control"]["TST-FAIL-001"]["state"] == "fail"
    assert len([p for p in report["problems"] if "exemptions.yaml" in p["message"]]) == 2
    assert report["exit"] == 4


def test_queries_only_read(scan):
    scan(NOW)
    for sql in ("WITH x AS (SELECT 1) DELETE FROM finding", "SELECT 1; DROP TABLE finding",
                "SELECT load_extension('x')", "SELECT nothing FROM finding"):
        done = gabion.run("query", "--store", scan.store, sql)
        assert done.returncode == 2, sql
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    assert gabion.run("query", "--store", scan.store, endless).returncode == 1


def test_a_damaged_history_does_not_stop_a_scan(scan):
    scan(NOW)
    scan.store.write_bytes(b"this is no data base" * 500)
    report = scan(LATER)
    assert report["by_control"]["TST-FAIL-001"]["state"] == "fail"
    assert any(p["code"] == "GBN-W-STORE" for p in report["problems"])
    assert report["exit"] == 0
