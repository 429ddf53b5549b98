"""Real images: made by podman and buildah, saved in every form, kept in their storage, pushed to a
registry; the same packages and layers from all of them. Everything lives in directories of the test;
only what the test started is ended."""
import base64
import functools
import gzip
import http.server
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

import gabion
import images

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
DRIVER = pathlib.Path(os.environ.get("GABION_BUILD", TREE / "build/dev")) / "tests/driver_image"
BUSYBOX = next((p for p in ("/usr/bin/busybox", "/bin/busybox") if os.path.exists(p)), None)
REGISTRY = shutil.which("docker-registry")

pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason="driver_image is not built (a development build)")
needs_podman = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("podman") or not shutil.which("buildah") or not BUSYBOX,
    reason="needs root, podman, buildah and busybox")


def read(reference, *options, env=None, status=0):
    done = subprocess.run([DRIVER, *map(str, options), str(reference)], capture_output=True, text=True, timeout=120,
                          env={**os.environ, "HOME": "/nonexistent", **(env or {})})
    assert done.returncode == status, (done.returncode, done.stderr[-500:], done.stdout[-500:])
    return json.loads(done.stdout) if done.stdout else done.stderr


def packages(facts):
    return {p["name"]: (p["version"], p["layer"]) for p in facts["os_package"]}


def languages(facts):
    return {(p["ecosystem"], p["name"]): (p["version"], p["path"], p["layer"]) for p in facts["language_package"]}


EXPECTED = {"one": ("1-1", 0), "two": ("2-1", 2), "four": ("4-1", 1)}
EXPECTED_LANGUAGES = {("npm", "kept"): ("1.0.0", "/opt/app/node_modules/kept/package.json", 0),
                      ("npm", "late"): ("3.0.0", "/opt/new/node_modules/late/package.json", 2)}


def npm(name, version):
    return json.dumps({"name": name, "version": version})


def three_layers():
    """0 brings one, two, three and two modules; 1 removes three, a module and a whole folder, and adds
    four; 2 upgrades two, and replaces what stands below /opt/new."""
    base = images.layer([
        ("usr", None), ("usr/lib", None), ("usr/lib/os-release", images.OS_RELEASE), ("etc", None),
        ("etc/os-release", "-> ../usr/lib/os-release"),
        ("var/lib/dpkg/status", images.package("one") + images.package("two") + images.package("three")),
        ("opt/app/node_modules/kept/package.json", npm("kept", "1.0.0")),
        ("opt/app/node_modules/gone/package.json", npm("gone", "1.0.0")),
        ("opt/old/node_modules/old/package.json", npm("old", "1.0.0")),
        ("opt/new/node_modules/hidden/package.json", npm("hidden", "1.0.0")),
    ])
    second = images.layer([
        ("var/lib/dpkg/status", images.package("one") + images.package("two") + images.package("four", "4-1")),
        ("opt/app/node_modules/kept/package.json", npm("kept", "1.0.0")),  # written again, the same
        ("opt/app/node_modules/.wh.gone", b""),
        ("opt/.wh.old", b""),
    ])
    third = images.layer([
        ("var/lib/dpkg/status", images.package("one") + images.package("two", "2-1") + images.package("four", "4-1")),
        ("opt/new/.wh..wh..opq", b""),
        ("opt/new/node_modules/late/package.json", npm("late", "3.0.0")),
    ])
    return [base, second, third]


def check(facts):
    assert facts["problems"] == []
    assert packages(facts) == EXPECTED
    assert languages(facts) == EXPECTED_LANGUAGES
    assert facts["os"][0]["id"] == "debian" and facts["os"][0]["version"] == "12"
    assert len(facts["image"][0]["layers"]) == 3 and facts["image"][0]["complete"]


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


def xz(data):
    return subprocess.run(["xz", "-c"], input=data, capture_output=True, check=True).stdout


@pytest.mark.parametrize("pack", [None, gzip.compress, zstd, xz], ids=["tar", "gz", "zst", "xz"])
def test_saved_archives_of_every_packing(tmp_path, pack):
    archive = images.write_archive(tmp_path / "app.tar", images.saved_files(three_layers()), pack)
    facts = read(archive)
    check(facts)
    assert facts["image"][0]["form"] == "docker-archive"
    check(read(f"docker-archive:{archive}:app:1"))


@pytest.mark.parametrize("pack", [None, gzip.compress, zstd, xz], ids=["tar", "gz", "zst", "xz"])
def test_layouts_and_their_archives(tmp_path, pack):
    blobs = images.Blobs()
    top = images.manifest(blobs, three_layers(), pack)
    files = images.layout_files(blobs, [top])
    folder = images.write_folder(tmp_path / "layout", files)
    for reference in (folder, f"oci:{folder}", images.write_archive(tmp_path / "o.tar", files),
                      images.write_archive(tmp_path / "o.tar.gz", files, gzip.compress)):
        facts = read(reference)
        check(facts)
        assert facts["image"][0]["digest"] == top["digest"]


def test_the_order_of_an_archive_does_not_matter(tmp_path):
    files = images.saved_files(three_layers())
    backwards = dict(reversed(files.items()))
    check(read(images.write_archive(tmp_path / "b.tar", backwards)))


def test_facts_of_the_image_hold_no_values_of_variables(tmp_path):
    files = images.saved_files(three_layers(), User="app", Env=["PATH=/bin", "DB_PASSWORD=hunter2"])
    facts = read(images.write_archive(tmp_path / "app.tar", files))
    image = facts["image"][0]
    assert image["user"] == "app" and image["variables"] == ["PATH", "DB_PASSWORD"]
    assert image["platform"] == "linux/amd64"
    assert [l["created_by"] for l in image["layers"]] == ["step 0", "step 1", "step 2"]
    assert "hunter2" not in json.dumps(facts)


def test_several_images_in_one_archive_are_told_apart(tmp_path):
    first, second = images.saved_files(three_layers(), ("app:1",)), images.saved_files(three_layers()[:1], ("base:7",))
    listing = json.loads(first["manifest.json"]) + json.loads(second["manifest.json"])
    archive = images.write_archive(tmp_path / "two.tar", {**first, **second, "manifest.json": json.dumps(listing).encode()})
    assert "app:1, base:7" in read(archive, status=1)
    check(read(f"docker-archive:{archive}:app:1"))
    assert set(packages(read(f"docker-archive:{archive}:base:7"))) == {"one", "two", "three"}
    assert 'no image "no:1"' in read(f"docker-archive:{archive}:no:1", status=1)


def test_chooses_the_platform_of_an_index(tmp_path):
    blobs = images.Blobs()
    mine = images.manifest(blobs, three_layers())
    other = images.manifest(blobs, three_layers()[:1], architecture="arm64")
    mine["platform"] = {"os": "linux", "architecture": "amd64"}
    other["platform"] = {"os": "linux", "architecture": "arm64", "variant": "v8"}
    top = blobs.add(json.dumps({"schemaVersion": 2, "manifests": [other, mine]}).encode(),
                    "application/vnd.oci.image.index.v1+json")
    folder = images.write_folder(tmp_path / "layout", images.layout_files(blobs, [top]))
    check(read(folder, "--platform", "linux/amd64"))
    facts = read(folder, "--platform", "linux/arm64")
    assert facts["image"][0]["digest"] == other["digest"] and "three" in packages(facts)
    assert "there are: linux/arm64/v8, linux/amd64" in read(folder, "--platform", "linux/s390x", status=1)
    assert "is no platform" in read(folder, "--platform", "s390x", status=1)


def test_nothing_is_left_behind(tmp_path):
    archive = images.write_archive(tmp_path / "app.tar", images.saved_files(three_layers()))
    place = tmp_path / "private"
    place.mkdir()
    check(read(archive, "--temporary", place))
    assert list(place.iterdir()) == []


def test_a_signal_removes_the_private_directory(tmp_path):
    place = tmp_path / "private"
    place.mkdir()
    big = images.layer([("var/lib/dpkg/status", images.package("one")), *((f"x/{i}", b"y" * 1000) for i in range(40000))])
    archive = images.write_archive(tmp_path / "big.tar.xz", images.saved_files([big]), xz)
    running = subprocess.Popen([DRIVER, "--temporary", place, archive], stdout=subprocess.DEVNULL)
    try:
        while not list(place.iterdir()) and running.poll() is None:
            time.sleep(0.002)
        running.terminate()
        assert running.wait(30) in (-15, 0)
    finally:
        running.kill()
        running.wait()
    assert list(place.iterdir()) == []


class Storage:
    """podman and buildah over a storage of the test's own."""

    def __init__(self, base, driver):
        self.graph = base / "graph"
        self.run = tempfile.mkdtemp(prefix="gb-")  # podman takes no longer path for it
        self.options = ["--root", self.graph, "--runroot", self.run, "--storage-driver", driver]

    def __call__(self, program, *argv):
        done = subprocess.run([program, *map(str, self.options), *map(str, argv)], capture_output=True, text=True, timeout=120)
        if done.returncode:
            pytest.skip(f"{program} cannot do this here: {done.stderr.strip()[-200:]}")
        return done.stdout.strip()


def unpack_base(folder):
    for path, text in {
        "usr/lib/os-release": images.OS_RELEASE,
        "var/lib/dpkg/status": images.package("one") + images.package("two") + images.package("three"),
        "opt/app/node_modules/kept/package.json": npm("kept", "1.0.0"),
        "opt/app/node_modules/gone/package.json": npm("gone", "1.0.0"),
        "opt/old/node_modules/old/package.json": npm("old", "1.0.0"),
        "opt/new/node_modules/hidden/package.json": npm("hidden", "1.0.0"),
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (folder / "etc").mkdir()
    (folder / "etc/os-release").symlink_to("../usr/lib/os-release")
    (folder / "bin").mkdir()
    shutil.copy(BUSYBOX, folder / "bin/busybox")


@pytest.fixture(scope="module", params=["overlay", "vfs"])
def stored(request, tmp_path_factory):
    base = tmp_path_factory.mktemp("storage-" + request.param)
    storage = Storage(base, request.param)
    unpack_base(base / "root")
    subprocess.run(["tar", "-C", base / "root", "-cf", base / "root.tar", "."], check=True)
    storage("podman", "import", "-q", base / "root.tar", "localhost/layered:base")
    try:
        for number, image in enumerate(("localhost/layered:middle", "localhost/layered:1")):
            previous = "localhost/layered:base" if number == 0 else "localhost/layered:middle"
            container = storage("buildah", "from", "--pull-never", previous)
            root = pathlib.Path(storage("buildah", "mount", container))
            status = root / "var/lib/dpkg/status"
            if number == 0:
                status.write_text(images.package("one") + images.package("two") + images.package("four", "4-1"))
                shutil.rmtree(root / "opt/app/node_modules/gone")
                shutil.rmtree(root / "opt/old")
            else:
                status.write_text(images.package("one") + images.package("two", "2-1") + images.package("four", "4-1"))
                shutil.rmtree(root / "opt/new")
                (root / "opt/new/node_modules/late").mkdir(parents=True)
                (root / "opt/new/node_modules/late/package.json").write_text(npm("late", "3.0.0"))
            storage("buildah", "umount", container)
            storage("buildah", "commit", "-q", container, image)
            storage("buildah", "rm", container)
        yield storage
    finally:
        subprocess.run(["umount", storage.graph / "overlay"], capture_output=True)
        shutil.rmtree(storage.run, ignore_errors=True)


@needs_podman
def test_storage_and_all_that_podman_saves_have_the_same_packages(stored, tmp_path):
    identity = stored("podman", "image", "inspect", "-f", "{{.Id}}", "localhost/layered:1")
    place = ("--containers", stored.graph)
    for name in ("localhost/layered:1", "layered:1", identity, identity[:12]):
        facts = read(f"containers-storage:{name}", *place)
        check(facts)
        assert facts["image"][0]["form"] == "containers-storage"
    check(read("layered:1", "--offline", *place))
    for form in ("docker-archive", "oci-archive", "oci-dir", "docker-dir"):
        saved = tmp_path / form
        stored("podman", "save", "-q", "--format", form, "-o", saved, "localhost/layered:1")
        check(read(saved))
    packed = tmp_path / "saved.tar.gz"
    packed.write_bytes(gzip.compress((tmp_path / "docker-archive").read_bytes(), 1))
    check(read(packed))
    assert "no image \"nosuch:1\"" in read("containers-storage:nosuch:1", *place, status=1)


@needs_podman
def test_docker_storage_is_read_without_the_daemon(stored, tmp_path):
    """Docker's tree, laid out as its daemon does, from the layers that podman saved."""
    stored("podman", "save", "-q", "--format", "docker-dir", "-o", tmp_path / "saved", "localhost/layered:1")
    listing = json.loads((tmp_path / "saved/manifest.json").read_text())
    text = (tmp_path / "saved" / listing["config"]["digest"].split(":")[1]).read_bytes()
    root, chain = tmp_path / "docker", None
    for number, (described, diff) in enumerate(zip(listing["layers"], json.loads(text)["rootfs"]["diff_ids"])):
        folder = root / f"overlay2/cache{number}/diff"
        folder.mkdir(parents=True)
        subprocess.run(["tar", "-C", folder, "-xf", tmp_path / "saved" / described["digest"].split(":")[1]], check=True)
        for whiteout in list(folder.rglob(".wh.*")):
            if whiteout.name == ".wh..wh..opq":
                os.setxattr(whiteout.parent, "trusted.overlay.opaque", b"y")
            else:
                try:
                    os.mknod(whiteout.parent / whiteout.name[4:], 0o020000, 0)
                except PermissionError:
                    pytest.skip("no device nodes can be made here")
            whiteout.unlink()
        chain = diff if chain is None else images.sha256(f"{chain} {diff}".encode())
        place = root / "image/overlay2/layerdb/sha256" / chain.split(":")[1]
        place.mkdir(parents=True)
        (place / "cache-id").write_text(f"cache{number}")
    identity = images.sha256(text)
    content = root / "image/overlay2/imagedb/content/sha256"
    content.mkdir(parents=True)
    (content / identity.split(":")[1]).write_bytes(text)
    (root / "image/overlay2/repositories.json").write_text(json.dumps({"Repositories": {"layered": {
        "layered:1": identity, "layered@" + images.sha256(b"x"): identity}}}))
    for name in ("layered:1", identity, identity[7:19]):
        facts = read(f"docker-daemon:{name}", "--docker", root)
        check(facts)
        assert facts["image"][0]["form"] == "docker-daemon"
    assert 'no image "other:1"' in read("docker-daemon:other:1", "--docker", root, status=1)


# Registries


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """Debian's docker-registry on loopback; gives its address."""
    if not REGISTRY:
        pytest.skip("docker-registry is not installed")
    base, port = tmp_path_factory.mktemp("registry"), free_port()
    (base / "config.yml").write_text(f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {base}/data}}}}\n"
                                     f"http: {{addr: '127.0.0.1:{port}'}}\n")
    with open(base / "log", "w") as log:
        running = subprocess.Popen([REGISTRY, "serve", base / "config.yml"], stdout=log, stderr=log)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/", timeout=1)
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        else:
            pytest.skip("docker-registry does not answer")
        yield f"127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(10)


def push(address, repository, tag, blobs, top):
    """Pushes by plain HTTP, as the distribution specification says."""
    def request(method, url, data=None, **headers):
        asked = urllib.request.Request(url, data=data, method=method, headers=headers)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.headers

    for digest, data in blobs.items():
        described = json.loads(data) if data[:1] == b"{" else {}
        if "layers" in described or "manifests" in described:
            continue
        place = request("POST", f"http://{address}/v2/{repository}/blobs/uploads/", b"")["Location"]
        place = urllib.parse.urljoin(f"http://{address}", place)
        request("PUT", place + ("&" if "?" in place else "?") + "digest=" + digest, data, **{"Content-Type": "application/octet-stream"})
    order = sorted((d for d, data in blobs.items() if data[:1] == b"{" and ("layers" in json.loads(data) or "manifests" in json.loads(data))),
                   key=lambda d: "manifests" in json.loads(blobs[d]))
    for digest in order:
        kind = json.loads(blobs[digest]).get("mediaType") or "application/vnd.oci.image.index.v1+json"
        for name in {digest, tag if digest == top["digest"] else digest}:
            request("PUT", f"http://{address}/v2/{repository}/manifests/{name}", blobs[digest], **{"Content-Type": kind})


@pytest.fixture(scope="module")
def pushed(registry):
    blobs = images.Blobs()
    top = images.manifest(blobs, three_layers())
    push(registry, "team/app", "1", blobs, top)
    return registry, top["digest"]


def test_a_registry_by_tag_and_by_digest(pushed):
    address, digest = pushed
    for reference in (f"docker://{address}/team/app:1", f"registry:{address}/team/app@{digest}", f"{address}/team/app:1"):
        facts = read(reference)
        check(facts)
        assert facts["image"][0]["form"] == "registry" and facts["image"][0]["digest"] == digest
    assert "has no team/app/manifests/2" in read(f"docker://{address}/team/app:2", status=1)
    assert "no image" in read(f"{address}/team/app:1", "--offline", status=1)


@needs_podman
def test_what_podman_pushes(stored, registry):
    if "vfs" in map(str, stored.options):
        pytest.skip("once is enough")
    stored("podman", "push", "-q", "--tls-verify=false", "localhost/layered:1", f"{registry}/pushed/layered:1")
    check(read(f"docker://{registry}/pushed/layered:1"))


class Front(http.server.BaseHTTPRequestHandler):
    """Stands before a registry: asks for a token (given only to who has the password), or for Basic
    credentials, or spoils what passes through."""
    backend = mode = asked = None
    protocol_version = "HTTP/1.1"
    PASSWORD = "Basic " + base64.b64encode(b"user:secret").decode()

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        me = f"http://127.0.0.1:{self.server.server_port}"
        given = self.headers.get("Authorization", "")
        if self.path.startswith("/token"):
            self.asked.append((self.path, given))
            if self.mode == "login" and given != self.PASSWORD:
                return self.answer(401)
            return self.answer(200, json.dumps({"token": "abc.def"}).encode())
        if self.mode in ("anonymous", "login") and given != "Bearer abc.def":
            return self.answer(401, WWW_Authenticate=f'Bearer realm="{me}/token",service="here",scope="repository:team/app:pull"')
        if self.mode == "basic" and given != self.PASSWORD:
            return self.answer(401, WWW_Authenticate='Basic realm="here"')
        if self.mode == "away":
            return self.answer(401, WWW_Authenticate='Bearer realm="http://192.0.2.1/token",service="x"')
        asked = urllib.request.Request(f"http://{self.backend}{self.path}", headers={"Accept": self.headers.get("Accept", "*/*")})
        with urllib.request.urlopen(asked, timeout=10) as got:
            body, kind = got.read(), got.headers["Content-Type"]
        layer = "/blobs/" in self.path and body[:2] == b"\x1f\x8b"
        if self.mode == "spoil" and layer:
            body = body[:-1] + bytes([body[-1] ^ 1])
        if self.mode == "spoil-manifest" and "/manifests/sha256" in self.path:
            body = body.replace(b"2", b"3", 1)
        if self.mode == "short" and layer:
            self.close_connection = True
            return self.answer(200, body[: len(body) // 2], Content_Type=kind, Content_Length=str(len(body)))
        if self.mode == "long" and layer:
            return self.answer(200, body + b"x" * 100000, Content_Type=kind)
        return self.answer(200, body, Content_Type=kind)


@pytest.fixture
def front(pushed):
    started = []

    def start(mode):
        asked = []
        handler = type("Handler", (Front,), {"backend": pushed[0], "mode": mode, "asked": asked})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        started.append((server, thread))
        return f"127.0.0.1:{server.server_port}", asked

    yield start
    for server, thread in started:
        server.shutdown()
        server.server_close()
        thread.join(10)


def credentials(tmp_path, key, **more):
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"auths": {key: {"auth": base64.b64encode(b"user:secret").decode(), **more}}}))
    return path


def test_a_token_is_fetched_where_one_is_asked_for(front):
    address, asked = front("anonymous")
    check(read(f"docker://{address}/team/app:1"))
    assert asked == [("/token?service=here&scope=repository:team/app:pull", "")]


def test_a_token_for_the_credentials_of_the_configuration(front, tmp_path):
    address, asked = front("login")
    check(read(f"docker://{address}/team/app:1", "--credentials", credentials(tmp_path, address)))
    assert asked[0][1] == Front.PASSWORD
    assert "answers 401" in read(f"docker://{address}/team/app:1", status=1)
    home = tmp_path / "home/.docker"
    home.mkdir(parents=True)
    shutil.copy(tmp_path / "config.json", home)
    check(read(f"docker://{address}/team/app:1", env={"HOME": str(tmp_path / "home")}))
    podman = tmp_path / "auth.json"
    podman.write_text((tmp_path / "config.json").read_text().replace(address, address + "/team"))
    check(read(f"docker://{address}/team/app:1", env={"REGISTRY_AUTH_FILE": str(podman)}))


def test_basic_credentials(front, tmp_path):
    address, _ = front("basic")
    check(read(f"docker://{address}/team/app:1", "--credentials", credentials(tmp_path, "http://" + address)))
    assert "it asks for a login" in read(f"docker://{address}/team/app:1", status=1)
    assert "it asks for a login" in read(f"docker://{address}/team/app:1", "--credentials",
                                         credentials(tmp_path, "example.org"), status=1)


def test_a_helper_program_is_named_and_not_run(front, tmp_path):
    address, _ = front("basic")
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"credHelpers": {address: "gabion-test"}}))
    assert 'in the helper "gabion-test"' in read(f"docker://{address}/team/app:1", "--credentials", path, status=1)


def test_credentials_go_nowhere_without_protection(front, tmp_path):
    address, _ = front("away")
    # Loopback speaks HTTP, and then the realm may; any other host may not.
    text = read(f"docker://{address}/team/app:1", "--credentials", credentials(tmp_path, address), status=1)
    assert "192.0.2.1" in text and "not https" in text


@pytest.mark.parametrize("mode, reason", [
    ("spoil", "nothing of it was used"), ("short", "layer 0"), ("long", "layer 0")])
def test_a_layer_that_is_not_what_the_manifest_says(front, mode, reason):
    address, _ = front(mode)
    facts = read(f"docker://{address}/team/app:1", status=4)
    assert len(facts["problems"]) == 3 and reason in facts["problems"][0], facts["problems"]
    assert facts["os_package"] == [] and "could not be read whole" in facts["os_package_reason"]
    assert not facts["image"][0]["complete"]


def test_a_manifest_that_is_not_what_its_digest_says(front, pushed):
    address, _ = front("spoil-manifest")
    assert "is not what its digest" in read(f"docker://{address}/team/app@{pushed[1]}", status=1)


# The program itself


def test_scan_and_inventory_of_an_image(tmp_path):
    archive = images.write_archive(tmp_path / "app.tar", images.saved_files(three_layers()))
    done = gabion.run("inventory", "--image", archive, "-o", "json")
    assert done.returncode == 0, done.stderr
    resources = json.loads(done.stdout)["resources"]
    assert {r["name"]: r["props"]["layer"] for r in resources if r["kind"] == "os_package"} == {"one": 0, "two": 2, "four": 1}
    done = gabion.run("scan", "image", archive, "-o", "json", "--no-store")
    report = json.loads(done.stdout)
    assert f"image {archive}" in json.dumps(report["target"]), report["target"]


def test_an_image_that_was_not_read_whole_is_incomplete(tmp_path):
    files = images.saved_files(three_layers())
    name = [n for n in files if n.endswith(".tar")][1]
    archive = images.write_archive(tmp_path / "app.tar", {**files, name: files[name][:700]})
    for command in (("inventory", "--image", archive), ("scan", "image", archive, "--no-store")):
        done = gabion.run(*command)
        assert done.returncode == 4, (command, done.stdout, done.stderr)
        assert "layer 1 (sha256:" in done.stdout + done.stderr
    assert gabion.run("scan", "image", tmp_path / "nosuch.tar", "--no-store").returncode not in (0, 4)


# Package managers


def test_apk_packages_with_their_layers(tmp_path):
    def installed(*names):
        return "".join(f"C:Q1\nP:{n}\nV:1.2-r0\nA:x86_64\no:{n}\n\n" for n in names)
    layers = [images.layer([("etc/os-release", "ID=alpine\nVERSION_ID=3.19.1\n"), ("lib/apk/db/installed", installed("musl", "zlib"))]),
              images.layer([("lib/apk/db/installed", installed("musl", "curl"))])]
    facts = read(images.write_archive(tmp_path / "a.tar", images.saved_files(layers)))
    assert packages(facts) == {"musl": ("1.2-r0", 0), "curl": ("1.2-r0", 1)}
    assert facts["os"][0]["id"] == "alpine" and {p["manager"] for p in facts["os_package"]} == {"apk"}


@pytest.mark.skipif(not shutil.which("rpm") or not shutil.which("rpmbuild"), reason="needs rpm and rpmbuild")
def test_rpm_packages_with_their_layers(tmp_path):
    def build(name, version):
        spec = tmp_path / f"{name}.spec"
        spec.write_text(f"Name: {name}\nVersion: {version}\nRelease: 1\nSummary: x\nLicense: x\nBuildArch: noarch\n"
                        "%description\nx\n%files\n")
        done = subprocess.run(["rpmbuild", "-bb", "--define", f"_topdir {tmp_path}/build", spec], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"rpmbuild cannot do this here: {done.stderr[-200:]}")
        return next((tmp_path / "build/RPMS").rglob(f"{name}-{version}-*.rpm"))

    def install(*packages_):
        done = subprocess.run(["rpm", "--root", tmp_path / "root", "--dbpath", "/var/lib/rpm", "--define", "_db_backend sqlite",
                               "-U", "--nodeps", "--force-debian", *packages_], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"rpm cannot do this here: {done.stderr[-200:]}")
        return [(f"var/lib/rpm/{p.name}", p.read_bytes()) for p in (tmp_path / "root/var/lib/rpm").iterdir() if p.is_file()]

    first = install(build("one", "1"), build("two", "1"))
    second = install(build("two", "2"), build("three", "1"))
    layers = [images.layer([("etc/os-release", "ID=rocky\nVERSION_ID=9.4\n"), *first]), images.layer(second)]
    facts = read(images.write_archive(tmp_path / "a.tar", images.saved_files(layers)))
    assert packages(facts) == {"one": ("1-1", 0), "two": ("2-1", 1), "three": ("1-1", 1)}
    assert {p["manager"] for p in facts["os_package"]} == {"rpm"}


def test_distroless_images_keep_one_file_a_package(tmp_path):
    layers = [images.layer([("etc/os-release", images.OS_RELEASE), ("var/lib/dpkg/status.d/one", "Package: one\nVersion: 1-1\nArchitecture: amd64\n"),
                            ("var/lib/dpkg/status.d/one.md5sums", "0" * 32 + "  usr/x\n")]),
              images.layer([("var/lib/dpkg/status.d/two", "Package: two\nVersion: 2-1\nArchitecture: amd64\n")])]
    facts = read(images.write_archive(tmp_path / "a.tar", images.saved_files(layers)))
    assert packages(facts) == {"one": ("1-1", 0), "two": ("2-1", 1)}


def test_what_an_os_package_brought_has_its_owner(tmp_path):
    path = "usr/lib/node_modules/owned/package.json"
    layer = images.layer([("etc/os-release", images.OS_RELEASE), ("var/lib/dpkg/status", images.package("one")),
                          ("var/lib/dpkg/info/one.list", f"/.\n/usr\n/{path}\n"), (path, npm("owned", "1.0.0")),
                          ("usr/lib/node_modules/foreign/package.json", npm("foreign", "1.0.0"))])
    facts = read(images.write_archive(tmp_path / "a.tar", images.saved_files([layer])))
    assert {p["name"]: p.get("owner") for p in facts["language_package"]} == {"owned": "one", "foreign": None}
