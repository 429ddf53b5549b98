"""Reports: every format says the same, is well-formed, and holds to its standard."""
import csv
import gzip
import io
import json
import os
import pathlib
import re
import select
import stat
import threading
import xml.etree.ElementTree as xml

import jsonschema
import pytest

import gabion
from test_exit_codes import NOW, RULES, root  # noqa: F401

CORPUS = pathlib.Path(os.environ.get("GABION_CORPUS", gabion.TREE / "../shared/corpus"))
HOSTILE = "mal\x1b[31mlo\u202ery\nx"


@pytest.fixture
def reports(root, tmp_path):  # noqa: F811
    formats = ["json", "sarif", "junit", "html", "csv", "ocsf", "terminal"]
    outputs = [a for f in formats for a in ("-o", f"{f}={tmp_path}/report.{f}")]
    (tmp_path / "exemptions.yaml").write_text(
        "exemptions:\n  - {id: EX-1, control: TST-EX-001, reason: known, owner: anna, expires: 2026-12-31}\n")
    (tmp_path / "rules.yaml").write_text(
        RULES + "---" + RULES.split("---")[0].replace("TST-FAIL-001", "TST-EX-001"))
    done = gabion.run("scan", "--root", root, "--now", NOW, "--no-store", "--rules", tmp_path / "rules.yaml",
                      "--exemptions", tmp_path / "exemptions.yaml", *outputs)
    assert done.returncode == 0, done.stderr
    return {f: (tmp_path / f"report.{f}").read_text() for f in formats}


def test_json_holds_to_its_schema(reports):
    schema = json.loads((gabion.TREE / "docs/schema/report-1.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(json.loads(reports["json"]))


def test_the_score_can_be_recomputed_from_json(reports):
    report = json.loads(reports["json"])
    points = {"critical": 10, "high": 6, "medium": 3, "low": 1}
    counted = [f for f in report["findings"] if f["state"] in ("pass", "fail", "exempt")]
    possible = sum(points[f["severity"]] for f in counted)
    held = sum(points[f["severity"]] for f in counted if f["state"] == "pass")
    adjusted = sum(points[f["severity"]] for f in counted if f["state"] in ("pass", "exempt"))
    assert report["score"]["raw"] == 100.0 * held / possible
    assert report["score"]["adjusted"] == 100.0 * adjusted / possible
    assert adjusted > held, "exempting never raises the raw score"
    for finding in report["findings"]:
        if finding["state"] == "fail":
            assert finding["gain"] == 100.0 * points[finding["severity"]] / possible
    verdicts = report["coverage"]["verdicts"]
    for state, count in verdicts.items():
        assert count == sum(f["state"] == state for f in report["findings"])


def test_every_finding_has_evidence_a_fix_and_is_there_once(reports):
    report = json.loads(reports["json"])
    controls = {c["id"]: c for c in report["controls"]}
    seen = set()
    for finding in report["findings"]:
        assert finding["control"] in controls
        key = finding["control"], finding["subject"]
        assert key not in seen
        seen.add(key)
        if finding["state"] == "fail":
            assert finding["evidence"], finding
            assert controls[finding["control"]]["fix"]
        if finding["state"] in ("not_applicable", "unknown", "error"):
            assert finding["reason"], finding


def test_formats_agree(reports):
    report = json.loads(reports["json"])
    failing = {f["fingerprint"] for f in report["findings"] if f["state"] == "fail"}
    exempt = {f["fingerprint"] for f in report["findings"] if f["state"] == "exempt"}
    results = json.loads(reports["sarif"])["runs"][0]["results"]
    assert {r["partialFingerprints"]["gabion/v1"] for r in results} == failing | exempt
    assert {r["partialFingerprints"]["gabion/v1"] for r in results if r.get("suppressions")} == exempt
    rows = list(csv.DictReader(io.StringIO(reports["csv"])))
    assert len(rows) == len(report["findings"])
    assert {r["fingerprint"] for r in rows if r["state"] == "fail"} == failing
    suites = xml.fromstring(reports["junit"])
    assert int(suites.get("failures")) == len(failing)
    assert int(suites.get("tests")) == len(report["findings"]) == len(suites.findall("*/testcase"))
    events = [json.loads(line) for line in reports["ocsf"].splitlines()]
    assert {e["finding_info"]["uid"] for e in events if e["status_id"] in (1, 2)} == failing


def test_sarif_is_2_1_0(reports):
    log = json.loads(reports["sarif"])
    assert log["version"] == "2.1.0"
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len({r["id"] for r in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert float(rules[result["ruleIndex"]]["properties"]["security-severity"]) > 0
        for location in result["locations"]:
            uri = location.get("physicalLocation", {}).get("artifactLocation", {}).get("uri", "file:///")
            assert re.fullmatch(r"file:///[!-~]*", uri), uri


def test_html_stands_alone(reports):
    page = reports["html"]
    assert "default-src 'none'" in page
    assert not re.search(r'(src|href)\s*=\s*"?(?!#)', page), "the page refers to something outside itself"
    assert "http://" not in page and "https://" not in page
    assert page.count("<script>") == 1
    assert "mallory" in page


def check_ocsf(value, attributes, schema, profiles, where):
    types = schema["dictionary"]["types"]["attributes"]
    for name, attribute in attributes.items():
        needs_profile = attribute.get("profiles")
        if needs_profile and not set(needs_profile) & profiles:
            assert name not in value, f"{where}.{name} needs a profile"
            continue
        if attribute.get("requirement") == "required":
            assert name in value, f"{where}.{name} is required"
    for name, item in value.items():
        assert name in attributes, f"{where}.{name} is not in the schema"
        attribute = attributes[name]
        for one in item if attribute.get("is_array") else [item]:
            assert isinstance(item, list) == bool(attribute.get("is_array")), f"{where}.{name}"
            check_ocsf_value(one, attribute, schema, types, profiles, f"{where}.{name}")


def check_ocsf_value(value, attribute, schema, types, profiles, where):
    if attribute["type"] == "object_t":
        target = schema["objects"][attribute["object_type"]]
        if attribute["object_type"] == "object":
            return
        assert isinstance(value, dict), where
        check_ocsf(value, target["attributes"], schema, profiles, where)
        for rule, names in (target.get("constraints") or {}).items():
            present = sum(n in value for n in names)
            assert present >= 1 if rule == "at_least_one" else present == 1, f"{where}: {rule} {names}"
        return
    base = types[attribute["type"]].get("type", attribute["type"])
    expected = {"string_t": str, "integer_t": int, "long_t": int, "float_t": (int, float),
                "boolean_t": bool, "json_t": object}[base]
    assert isinstance(value, expected), f"{where}: {value!r} is no {base}"
    if attribute.get("enum") and base == "integer_t":
        assert str(value) in attribute["enum"], f"{where}: {value} is not in the enum"
    pattern = types[attribute["type"]].get("regex")
    if pattern and isinstance(value, str):
        assert re.search(pattern, value), f"{where}: {value!r} does not match {pattern}"


def test_ocsf_holds_to_the_compiled_schema(reports):
    path = CORPUS / "ocsf/ocsf-1.6.0.json.gz"
    if not path.exists():
        pytest.skip(f"no corpus at {CORPUS} (set GABION_CORPUS)")
    schema = json.load(gzip.open(path))
    event_class = schema["classes"]["compliance_finding"]
    lines = reports["ocsf"].splitlines()
    assert lines
    for line in lines:
        event = json.loads(line)
        assert event["class_uid"] == event_class["uid"] == 2003
        profiles = set(event["metadata"].get("profiles", []))
        check_ocsf(event, event_class["attributes"], schema, profiles, "event")


def test_hostile_names_never_reach_a_terminal(root, tmp_path):  # noqa: F811
    passwd = root / "etc/passwd"
    passwd.write_bytes(passwd.read_bytes() + b"mal\x1b[31mlory:x:1001:1001::/\xff\xc2\x9b:/bin/sh\n")
    (tmp_path / "rules.yaml").write_text(
        RULES.replace("u.name == 'mallory'", "u.name != 'root'"))
    outputs = [a for f in ("json", "sarif", "junit", "html", "csv", "ocsf")
               for a in ("-o", f"{f}={tmp_path}/r.{f}")]
    for command in (["scan", "--rules", tmp_path / "rules.yaml", "--check", "TST-*", "--no-store",
                     "--show-passed", *outputs, "-o", "terminal"],
                    ["explain", "--rules", tmp_path / "rules.yaml", "TST-FAIL-001"],
                    ["inventory", "user"],
                    ["query", "users.map(u, u.name)"]):
        done = gabion.run(command[0], "--root", root, "--now", NOW, *command[1:])
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout + done.stderr, command[0]
        assert "\u009b" not in done.stdout, command[0]
    json.loads((tmp_path / "r.json").read_text())
    xml.parse(tmp_path / "r.junit")
    for name in ("junit", "html", "csv", "sarif", "ocsf", "json"):
        assert b"\x1b" not in (tmp_path / f"r.{name}").read_bytes(), name


def test_output_is_the_same_byte_for_byte(root):  # noqa: F811
    first = gabion.run("scan", "--root", root, "--now", NOW, "--no-store", "-o", "json")
    second = gabion.run("scan", "--root", root, "--now", NOW, "--no-store", "-o", "json")
    assert first.stdout == second.stdout


@pytest.mark.parametrize("width", ["40", "80", "200"])
def test_terminal_report_fits_its_width(root, width):  # noqa: F811
    done = gabion.run("scan", "--root", root, "--now", NOW, "--no-store", "--rules",
                      root.parent / "rules.yaml", "--check", "TST-*", env={"COLUMNS": width})
    body = done.stdout.splitlines()
    assert done.returncode == 0
    if int(width) >= 80:
        assert max(len(line) for line in body) <= int(width)


def test_ascii_without_utf8_and_colours_when_forced(root):  # noqa: F811
    arguments = ["scan", "--root", root, "--now", NOW, "--no-store", "--rules",
                 root.parent / "rules.yaml", "--check", "TST-*"]
    plain = gabion.run(*arguments, env={"LC_ALL": "C"})
    assert plain.stdout.isascii()
    colour = gabion.run(*arguments, "--color", "always", env={"NO_COLOR": ""})
    assert "\x1b[" in colour.stdout


def test_a_fifo_is_written_to_and_not_replaced(root, tmp_path):  # noqa: F811
    """As are devices: a file in the place of /dev/null would harm the whole machine."""
    fifo = tmp_path / "report"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    received = []

    def receive():
        while select.select([reader], [], [], 30)[0]:
            part = os.read(reader, 1 << 16)
            if not part:
                return
            received.append(part)

    thread = threading.Thread(target=receive)
    done = gabion.run("scan", "--root", root, "--recorded-kernel", "--no-store", "--top", "1",
                      "-o", f"json={tmp_path / 'file'}")
    assert (tmp_path / "file").is_file(), done.stderr
    thread.start()
    done = gabion.run("scan", "--root", root, "--recorded-kernel", "--no-store", "--top", "1",
                      "-o", f"json={fifo}")
    thread.join(60)
    os.close(reader)
    assert stat.S_ISFIFO(fifo.stat().st_mode), done.stderr
    assert "findings" in json.loads(b"".join(received)), done.stderr
