"""The HTTP client against a server that is polite, wrong, slow or hostile, on loopback."""
import gzip
import http.server
import os
import pathlib
import shutil
import ssl
import subprocess
import threading
import time

import pytest

from gabion import TREE

DRIVER = pathlib.Path(os.environ.get("GABION_BUILD", TREE / "build/dev")) / "tests/driver_http"
pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason=f"needs {DRIVER}")
BODY = bytes(range(256)) * 40
TAG, DATE = '"v1"', "Wed, 01 Jul 2026 00:00:00 GMT"


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", length=None, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", len(body) if length is None else length)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        getattr(self, "get_" + self.path.strip("/").split("/")[0].split("?")[0], self.get_missing)()

    def get_missing(self):
        self.answer(404, b"nothing here" * 100)

    def get_file(self):
        if self.headers.get("If-None-Match") == TAG or self.headers.get("If-Modified-Since") == DATE:
            return self.answer(304, ETag=TAG)
        start = self.headers.get("Range")
        if start and self.headers.get("If-Range", TAG) == TAG:
            at = int(start.removeprefix("bytes=").removesuffix("-"))
            if at >= len(BODY):
                return self.answer(416)
            return self.answer(206, BODY[at:], ETag=TAG,
                               Content_Range=f"bytes {at}-{len(BODY) - 1}/{len(BODY)}")
        self.answer(200, BODY, ETag=TAG, Last_Modified=DATE)

    def get_otherrange(self):
        self.answer(206, BODY[5:], Content_Range=f"bytes 5-{len(BODY) - 1}/{len(BODY)}")

    def get_long(self):  # announces more than it sends
        self.answer(200, BODY, length=len(BODY) + 100)
        self.close_connection = True

    def get_short(self):  # announces less than it sends
        self.answer(200, BODY, length=10)
        self.close_connection = True

    def get_endless(self):
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(2000):
                self.wfile.write(BODY)
        except OSError:
            pass
        self.close_connection = True

    def get_slow(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.2)
        except OSError:
            pass
        self.close_connection = True

    def get_packed(self):
        assert "gzip" in self.headers["Accept-Encoding"]
        self.answer(200, gzip.compress(BODY), Content_Encoding="gzip")

    def get_bomb(self):
        self.answer(200, gzip.compress(bytes(64 << 20)), Content_Encoding="gzip")

    def get_loop(self):
        self.answer(302, Location="/loop")

    def get_hop(self):
        self.answer(302, Location="/file")

    def get_to(self):
        self.answer(302, Location=self.path.split("?", 1)[1])

    def get_split(self):
        self.answer(302, Location="/file\r\nX-Injected: 1")

    def get_headers(self):
        self.send_response(200)
        for n in range(2000):
            self.send_header(f"X-{n}", "y" * 20)
        self.send_header("Content-Length", "0")
        self.end_headers()


def serve(context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.daemon_threads = True
    server.seen = []
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = f"http{'s' if context else ''}://127.0.0.1:{server.server_address[1]}"
    return server


@pytest.fixture
def server():
    it = serve()
    yield it
    it.shutdown()
    it.server_close()


def get(url, *arguments, **env):
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    done = subprocess.run([DRIVER, url, *arguments], capture_output=True, timeout=60,
                          env={**environment, **env})
    head, _, body = done.stdout.partition(b"\n\n")
    return done.returncode, head.decode(), body


def test_a_file(server):
    code, head, body = get(server.url + "/file")
    assert code == 0 and body == BODY
    assert head == f"status 200\nurl {server.url}/file\nresumed 0\nbytes {len(BODY)}\netag {TAG}"


@pytest.mark.parametrize("condition", [f"etag={TAG}", f"modified={DATE}"])
def test_unchanged(server, condition):
    code, head, body = get(server.url + "/file", condition)
    assert code == 0 and "status 304" in head and body == b""


def test_resume(server):
    code, head, body = get(server.url + "/file", "resume=1000", f"etag={TAG}")
    assert code == 0 and "status 206" in head and "resumed 1" in head and body == BODY[1000:]


def test_resume_of_a_changed_file_starts_again(server):
    code, head, body = get(server.url + "/file", "resume=1000", 'etag="v0"')
    assert code == 0 and "status 200" in head and "resumed 0" in head and body == BODY


def test_resume_behind_the_end(server):
    assert "status 416" in get(server.url + "/file", f"resume={len(BODY)}")[1]


def test_another_range_is_refused(server):
    code, head, _ = get(server.url + "/otherrange", "resume=1000")
    assert code == 1 and "range that was not asked for" in head
    code, head, _ = get(server.url + "/otherrange")
    assert code == 1 and "range that was not asked for" in head


def test_not_found_is_an_answer(server):
    code, head, body = get(server.url + "/missing")
    assert code == 0 and "status 404" in head and body == b""


def test_cut_short(server):
    code, head, _ = get(server.url + "/long")
    assert code == 1 and f"cut short after {len(BODY)} bytes" in head and server.url in head


def test_announced_length_holds(server):
    code, _, body = get(server.url + "/short")
    assert code == 0 and body == BODY[:10]


@pytest.mark.parametrize("path", ["/endless", "/bomb", "/file"])
def test_size_is_bounded(server, path):
    code, head, body = get(server.url + path, "max=5000", "compressed=1")
    assert code == 1 and "larger than the 5000 bytes" in head and body == b""


def test_slow_server(server):
    start = time.monotonic()
    code, head, _ = get(server.url + "/slow", "stall=2")
    assert code == 1 and "too slow" in head
    assert time.monotonic() - start < 15


def test_unpacks(server):
    code, _, body = get(server.url + "/packed", "compressed=1")
    assert code == 0 and body == BODY


def test_redirect(server):
    code, head, body = get(server.url + "/hop")
    assert code == 0 and body == BODY and f"url {server.url}/file" in head


def test_redirect_loop(server):
    code, head, _ = get(server.url + "/loop", "redirects=3")
    assert code == 1 and "more than 3 redirects" in head
    assert len(server.seen) == 4


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:1/"])
def test_redirect_to_other_schemes(server, target):
    code, head, body = get(f"{server.url}/to?{target}")
    assert code == 1 and "is not followed" in head and body == b""


@pytest.mark.parametrize("url", ["file:///etc/passwd", "/etc/passwd", "", "ftp://127.0.0.1/x", "http://",
                                 "http://127.0.0.1/a b"])
def test_only_http(url):
    code, head, _ = get(url)
    assert code == 1 and ("no http:// or https://" in head or "spaces" in head)


def test_secrets_stay_with_the_first_host(server):
    other = serve()
    secrets = ["header=Authorization: Bearer secret", "header=Accept: x/y"]
    code, _, body = get(f"{server.url}/to?{other.url}/to?{server.url}/file", *secrets)
    assert code == 0 and body == BODY
    assert server.seen[0][1]["Authorization"] == "Bearer secret"
    assert "Authorization" not in other.seen[0][1] and other.seen[0][1]["Accept"] == "x/y"
    assert "Authorization" not in server.seen[1][1]  # nor when it comes back
    get(server.url + "/hop", *secrets)
    assert server.seen[-1][1]["Authorization"] == "Bearer secret"
    other.shutdown()


def test_secrets_are_not_told():
    code, head, _ = get("http://user:word@127.0.0.1:1/path?token=abc")
    assert code == 1 and "http://127.0.0.1:1/path" in head
    assert "word" not in head and "abc" not in head


def test_a_header_cannot_be_split():
    code, head, _ = get("http://127.0.0.1:1/", "header=X: a\r\nY: b")
    assert code == 1 and "not valid" in head


def test_many_headers(server):
    code, head, _ = get(server.url + "/headers")
    assert code in (0, 1) and ("status 200" in head or "error" in head)


def test_proxy_by_option_and_environment(server):
    code, _, body = get("http://feeds.invalid/file", f"proxy={server.url}")
    assert server.seen[-1][0] == "http://feeds.invalid/file"
    get("http://feeds.invalid/file", http_proxy=server.url)
    assert len(server.seen) == 2
    get("http://feeds.invalid/file", "proxy=", http_proxy=server.url)
    assert len(server.seen) == 2


@pytest.fixture
def authority(tmp_path):
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "ca.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", key, "-out", certificate, "-days", "1", "-subj", "/CN=test",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    it = serve(context)
    yield it, certificate
    it.shutdown()


def test_https(server, authority):
    secure, certificate = authority
    code, _, body = get(secure.url + "/file", f"ca={certificate}")
    assert code == 0 and body == BODY
    code, head, body = get(secure.url + "/file")
    assert code == 1 and "error permission denied" in head and body == b""
    code, head, _ = get(f"{secure.url}/to?{server.url}/file", f"ca={certificate}")
    assert code == 1 and "from https to http is not followed" in head and not server.seen
    code, _, body = get(f"{server.url}/to?{secure.url}/file", f"ca={certificate}")
    assert code == 0 and body == BODY
