"""gabion feed: import, status, export, and updates from a server on loopback that is polite, broken or
behind the times. The machine under test is told its scopes; nothing outside of loopback is asked."""
import gzip
import http.server
import io
import json
import os
import shutil
import threading
import zipfile

import pytest

from gabion import run

NOW = "2026-11-01T00:00:00Z"


def record(number, fixed="1.2.0", ecosystem="Go", modified="2026-10-01T00:00:00Z", **more):
    return {"schema_version": "1.7.0", "id": f"GO-2026-{number:04}", "modified": modified,
            "aliases": [f"CVE-2026-{number:04}"], "summary": f"Flaw {number}", "details": "Long text. " * 20,
            "affected": [{"package": {"ecosystem": ecosystem, "name": f"example.org/module{number}"},
                          "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}],
            **more}


def zipped(records):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in records:
            archive.writestr(item["id"] + ".json", json.dumps(item))
    return out.getvalue()


KEV = {"title": "CISA Catalog", "catalogVersion": "2026.10.30", "dateReleased": "2026-10-30T10:00:00.0000Z",
       "count": 1, "vulnerabilities": [{
           "cveID": "CVE-2026-0001", "vendorProject": "x", "product": "y", "vulnerabilityName": "z",
           "dateAdded": "2026-10-01", "shortDescription": "s", "requiredAction": "a", "dueDate": "2026-10-21",
           "knownRansomwareCampaignUse": "Known", "notes": "", "cwes": []}]}
EPSS = b"#model_version:v2025.03.14,score_date:2026-10-31T00:00:00+0000\ncve,epss,percentile\n" \
       b"CVE-2026-0001,0.90000,0.99000\nCVE-2026-0002,0.00043,0.10000\n"


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = self.path.lstrip("/")
        self.server.seen.append(path)
        body = self.server.files.get(path)
        if path in self.server.broken or body is None:
            self.send_response(500 if path in self.server.broken else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        tag = f'"{hash(body) & 0xffffffff:x}"'
        start = 0
        if self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            self.send_header("ETag", tag)
            self.end_headers()
            return
        if "Range" in self.headers and self.headers.get("If-Range") == tag:
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            self.server.resumed.append((path, start))
        self.send_header("ETag", tag)
        self.send_header("Last-Modified", "Sat, 31 Oct 2026 00:00:00 GMT")
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        cut = self.server.cut.pop(path, None)
        self.wfile.write(body[start:cut])
        if cut:
            self.close_connection = True


@pytest.fixture
def server():
    it = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    it.daemon_threads = True
    it.seen, it.broken, it.cut, it.resumed = [], set(), {}, []
    it.files = {
        "Go/all.zip": zipped([record(n) for n in range(1, 31)]),
        "Go/modified_id.csv": b"2026-10-01T00:00:00Z,GO-2026-0030\n2026-10-01T00:00:00Z,GO-2026-0029\n",
        "known_exploited_vulnerabilities.json": json.dumps(KEV).encode(),
        "epss_scores-current.csv.gz": gzip.compress(EPSS),
    }
    threading.Thread(target=it.serve_forever, daemon=True).start()
    it.url = f"http://127.0.0.1:{it.server_address[1]}"
    yield it
    it.shutdown()
    it.server_close()


@pytest.fixture
def feeds(tmp_path):
    return tmp_path / "feeds"


def gabion(feeds, *arguments):
    environment = {"http_proxy": "", "https_proxy": "", "all_proxy": "", "no_proxy": "*"}
    return run("feed", *arguments, "--feeds", feeds, env=environment)


def update(feeds, server, *scopes, code=0, arguments=()):
    sources = [part for name in ("osv", "kev", "epss") for part in ("--source", f"{name}={server.url}")]
    wanted = [part for scope in scopes for part in ("--scope", scope)]
    done = gabion(feeds, "update", *sources, *wanted, *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def status(feeds, *arguments):
    done = gabion(feeds, "status", "-o", "json", "--max-age", "3650d", *arguments)
    return {s["name"]: s for s in json.loads(done.stdout)["shards"]}, done.returncode


def test_nothing_here(feeds):
    done = gabion(feeds, "status")
    assert done.returncode == 4 and "no advisory data" in done.stdout
    assert not feeds.exists()


def test_import_of_files(feeds, tmp_path, server):
    for name, body in server.files.items():
        if not name.endswith("csv"):
            (tmp_path / name.replace("/", "-")).write_bytes(body)
    done = gabion(feeds, "import", tmp_path / "Go-all.zip", tmp_path / "known_exploited_vulnerabilities.json",
                  tmp_path / "epss_scores-current.csv.gz")
    assert done.returncode == 0, done.stderr
    shards, code = status(feeds)
    assert code == 0
    assert {n: s["rows"] for n, s in shards.items()} == {"osv_go": 30, "kev": 1, "epss": 2}
    assert shards["epss"]["data_at"] == "2026-10-31T00:00:00Z"
    assert shards["kev"]["data_at"].startswith("2026-10-30T10:00:00")
    assert shards["osv_go"]["signer"].endswith("(own)") and shards["osv_go"]["problem"] is None


def test_import_again_replaces_and_merge_adds(feeds, tmp_path):
    for name, numbers in ("a", range(1, 4)), ("b", range(3, 6)):
        (tmp_path / f"{name}.zip").write_bytes(zipped([record(n) for n in numbers]))
    gabion(feeds, "import", tmp_path / "a.zip")
    done = gabion(feeds, "import", tmp_path / "b.zip", "--merge")
    assert done.returncode == 0 and "5 rows" in done.stdout and "(3 rows before)" in done.stdout
    assert len(list((feeds / "data").iterdir())) == 2  # what is no longer named is gone
    done = gabion(feeds, "import", tmp_path / "b.zip")
    assert done.returncode == 0 and "3 rows" in done.stdout and "(5 rows before)" in done.stdout


def test_import_of_nonsense(feeds, tmp_path):
    (tmp_path / "x.json").write_text("{}")
    done = gabion(feeds, "import", tmp_path / "x.json")
    assert done.returncode == 1 and "no advisory format" in done.stderr
    assert gabion(feeds, "import", tmp_path / "absent").returncode == 1
    assert gabion(feeds, "import").returncode == 2
    assert status(feeds)[0] == {}


def test_a_failed_import_keeps_what_was_there(feeds, tmp_path):
    whole = zipped([record(n) for n in range(1, 31)])
    (tmp_path / "a.zip").write_bytes(whole)
    gabion(feeds, "import", tmp_path / "a.zip")
    (tmp_path / "a.zip").write_bytes(whole[:len(whole) // 2])
    done = gabion(feeds, "import", tmp_path / "a.zip")
    assert done.returncode != 0
    assert status(feeds)[0]["osv_go"]["rows"] == 30


def test_update_is_conditional(feeds, server):
    done = update(feeds, server, "go", "kev", "epss")
    assert {n: s["rows"] for n, s in status(feeds)[0].items()} == {"osv_go": 30, "kev": 1, "epss": 2}
    server.seen.clear()
    done = update(feeds, server, "go", "kev", "epss")
    assert done.stdout.count("unchanged") == 3
    assert "Go/all.zip" not in server.seen
    assert not list((feeds / "download").iterdir())


def test_incremental_update(feeds, server):
    update(feeds, server, "go")
    changed = record(5, fixed="1.3.0", modified="2026-10-05T00:00:00Z")
    new = record(31, modified="2026-10-04T00:00:00Z")
    for item in changed, new:
        server.files[f"Go/{item['id']}.json"] = json.dumps(item).encode()
    server.files["Go/modified_id.csv"] = (b"2026-10-05T00:00:00Z,GO-2026-0005\n2026-10-04T00:00:00Z,GO-2026-0031\n"
                                          + server.files["Go/modified_id.csv"])
    server.seen.clear()
    done = update(feeds, server, "go")
    assert "2 changed records" in done.stdout
    assert sorted(server.seen) == ["Go/GO-2026-0005.json", "Go/GO-2026-0031.json", "Go/modified_id.csv"]
    assert status(feeds)[0]["osv_go"]["rows"] == 31
    server.seen.clear()
    assert "unchanged" in update(feeds, server, "go").stdout
    assert server.seen == ["Go/modified_id.csv"]


def test_an_incremental_update_that_fails_changes_nothing(feeds, server):
    update(feeds, server, "go")
    before = (feeds / "osv_go.manifest").read_bytes()
    server.files["Go/modified_id.csv"] = (b"2026-10-05T00:00:00Z,GO-2026-0099\n"
                                          + server.files["Go/modified_id.csv"])
    done = update(feeds, server, "go", code=1)
    assert "what is here stays" in done.stderr and "404" in done.stderr
    assert (feeds / "osv_go.manifest").read_bytes() == before


def test_a_failed_update_keeps_the_data_and_says_its_age(feeds, server):
    update(feeds, server, "go", "kev")
    server.broken |= {"Go/modified_id.csv", "Go/all.zip", "known_exploited_vulnerabilities.json"}
    done = update(feeds, server, "go", "kev", code=1)
    assert done.stderr.count("what is here stays") == 2 and "old" in done.stderr and "500" in done.stderr
    assert {n: s["rows"] for n, s in status(feeds)[0].items()} == {"osv_go": 30, "kev": 1}
    server.broken -= {"known_exploited_vulnerabilities.json"}
    update(feeds, server, "go", "kev", code=4)  # one of two


def test_a_server_that_is_away(feeds, server):
    update(feeds, server, "kev")
    done = gabion(feeds, "update", "--source", "kev=http://127.0.0.1:1", "--scope", "kev")
    assert done.returncode == 1 and "what is here stays" in done.stderr
    assert status(feeds)[0]["kev"]["rows"] == 1


def test_a_broken_download_goes_on(feeds, server):
    server.cut["Go/all.zip"] = 3000
    done = update(feeds, server, "go", code=1)
    assert "cut short" in done.stderr and "there was nothing before" in done.stderr
    update(feeds, server, "go")
    assert server.resumed == [("Go/all.zip", 3000)]
    assert status(feeds)[0]["osv_go"]["rows"] == 30


def test_torn_and_shrunken_data_is_not_taken(feeds, server):
    update(feeds, server, "go", "epss")
    server.files["Go/modified_id.csv"] = b""
    server.files["Go/all.zip"] = zipped([record(1)])
    done = update(feeds, server, "go", code=1)
    assert "1 rows came where 30 are" in done.stderr
    assert status(feeds)[0]["osv_go"]["rows"] == 30
    update(feeds, server, "go", arguments=["--full"])
    assert status(feeds)[0]["osv_go"]["rows"] == 1
    server.files["epss_scores-current.csv.gz"] = gzip.compress(EPSS)[:-12]
    update(feeds, server, "epss", code=1)
    assert status(feeds)[0]["epss"]["rows"] == 2


def test_an_unknown_scope_is_said(feeds, server):
    done = update(feeds, server, "plan9-4", "kev", code=4)
    assert "no source is known for plan9-4" in done.stderr
    assert gabion(feeds, "update", "--source", "nonsense=http://127.0.0.1").returncode == 2


def test_export_and_trust(feeds, server, tmp_path):
    update(feeds, server, "go", "kev")
    export, there = tmp_path / "export", tmp_path / "there"
    done = gabion(feeds, "export", export)
    assert done.returncode == 0 and "2 shards exported" in done.stdout
    assert not (export / "own.key").exists()
    done = gabion(there, "import", export)
    assert done.returncode == 4 and "not trusted" in done.stderr
    assert status(there)[0] == {}
    done = gabion(there, "import", export, "--trust", export / "signer.pub")
    assert done.returncode == 0
    # Without the key it is named and not used; with it, it works.
    shards, code = status(there)
    assert code == 4 and "not trusted" in shards["kev"]["problem"]
    shards, code = status(there, "--trust", export / "signer.pub")
    assert code == 0 and shards["kev"]["rows"] == 1
    done = gabion(there, "import", export, "--trust", export / "signer.pub")
    assert done.stdout.count("it is here already") == 2


def test_update_from_an_export_that_is_served(feeds, server, tmp_path):
    update(feeds, server, "go", "kev")
    export, there = tmp_path / "export", tmp_path / "there"
    gabion(feeds, "export", export)
    for path in export.rglob("*"):
        if path.is_file():
            server.files["x/" + str(path.relative_to(export))] = path.read_bytes()
    trust = ["--trust", export / "signer.pub"]
    done = gabion(there, "update", "--from", server.url + "/x", *trust)
    assert done.returncode == 0, done.stderr
    assert {n: s["rows"] for n, s in status(there, *trust)[0].items()} == {"osv_go": 30, "kev": 1}
    done = gabion(there, "update", "--from", server.url + "/x/", *trust)
    assert done.stdout.count("unchanged") == 2
    # A shard that was changed on the way is refused by name; the other is taken.
    shutil.rmtree(there)
    name = next(n for n in server.files if n.startswith("x/data/") and n.endswith(".shard"))
    server.files[name] = server.files[name][:-1] + b"!"
    done = gabion(there, "update", "--from", server.url + "/x", *trust)
    assert done.returncode == 4 and "refused" in done.stderr and "not the one that was signed" in done.stderr
    assert len(status(there, *trust)[0]) == 1


def test_what_is_damaged_is_named_and_the_rest_works(feeds, server):
    update(feeds, server, "go", "kev")
    manifest = json.loads((feeds / "kev.manifest").read_text().splitlines()[0])
    shard = feeds / "data" / manifest["shard"]["file"]
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    shard.write_bytes(data)
    shards, code = status(feeds)
    assert code == 4 and "not the one that was signed" in shards["kev"]["problem"]
    assert shards["osv_go"]["problem"] is None
    update(feeds, server, "kev")  # fetched anew, not taken for unchanged
    assert status(feeds)[1] == 0


def test_mirrors_from_the_configuration(feeds, server, tmp_path):
    config = tmp_path / "gabion.yaml"
    config.write_text(f'feed update: {{source: ["kev={server.url}"], scope: [kev]}}\n')
    done = gabion(feeds, "update", "--config", config)
    assert done.returncode == 0, done.stderr
    assert server.seen == ["known_exploited_vulnerabilities.json"]


def test_local_mirror(feeds, server, tmp_path):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "known_exploited_vulnerabilities.json").write_bytes(json.dumps(KEV).encode())
    for _ in range(2):
        done = gabion(feeds, "update", "--source", f"kev=file://{mirror}", "--scope", "kev")
        assert done.returncode == 0, done.stderr
    assert "unchanged" in done.stdout
    assert (mirror / "known_exploited_vulnerabilities.json").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make a file of somebody else")
def test_a_folder_that_others_can_write_to(feeds, server):
    update(feeds, server, "kev")
    feeds.chmod(0o777)
    done = gabion(feeds, "status")
    assert done.returncode == 1 and "must belong to you or root" in done.stderr
