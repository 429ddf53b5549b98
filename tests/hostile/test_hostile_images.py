"""Images that mean harm: what leads out of them, what is broken off, what grows without end, what lies.
Always a clear reason, bounded memory and disk, and never a scan that looks complete."""
import gzip
import io
import json
import os
import pathlib
import subprocess
import tarfile
import tempfile

import pytest

import images

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
DRIVER = pathlib.Path(os.environ.get("GABION_BUILD", TREE / "build/dev")) / "tests/driver_image"
pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason="driver_image is not built (a development build)")

BASE = [("usr/lib/os-release", images.OS_RELEASE), ("var/lib/dpkg/status", images.package("one"))]
MOST_KIB = 96 << 10


def read(reference, *options, status=0, place=None):
    """Gives (facts or the error's text, KiB of memory at most)."""
    more = ["--temporary", place] if place else []
    with tempfile.NamedTemporaryFile("r") as peak:
        done = subprocess.run([DRIVER, "--peak", peak.name, *map(str, more), *map(str, options), str(reference)],
                              capture_output=True, text=True, timeout=120)
        memory = int(peak.read())
    assert done.returncode == status, (done.returncode, done.stderr[-500:], done.stdout[-500:])
    if place:
        assert list(pathlib.Path(place).iterdir()) == [], "something was left behind"
    return (json.loads(done.stdout) if done.stdout else done.stderr), memory


def saved(tmp_path, *layers, pack=None, **config):
    return images.write_archive(tmp_path / "image.tar", images.saved_files(list(layers), **config), pack)


def partial(tmp_path, *entries):
    """Reads an image of one layer with these entries behind a good base; gives the problems."""
    place = tmp_path / "private"
    place.mkdir()
    facts, memory = read(saved(tmp_path, images.layer([*BASE, *entries])), status=4, place=place)
    assert [p["name"] for p in facts["os_package"]] == ["one"], "what is good is read all the same"
    assert memory < MOST_KIB
    assert not facts["image"][0]["complete"]
    return facts["problems"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/../../b", "..", "/../x", "x/../../../tmp/gabion-escape"])
def test_entries_do_not_leave_the_image(tmp_path, name):
    problems = partial(tmp_path, (name, "root::0:0::/:/bin/sh\n"))
    assert len(problems) == 1 and "leads out of the image" in problems[0] and "layer 0 (sha256:" in problems[0]
    assert name in problems[0]


@pytest.mark.parametrize("name", ["/var/lib/dpkg/status.d/two", "./var/./lib//dpkg/status.d/two", "x/../var/lib/dpkg/status.d/two"])
def test_absolute_and_odd_paths_that_stay_inside_are_read(tmp_path, name):
    base = [("usr/lib/os-release", images.OS_RELEASE), ("var/lib/dpkg/status.d/one", "Package: one\nVersion: 1\n")]
    facts, _ = read(saved(tmp_path, images.layer([*base, (name, "Package: two\nVersion: 1\n")])))
    assert [p["name"] for p in facts["os_package"]] == ["one", "two"]


def test_links_lead_nowhere_outside(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(images.package("secret"))
    for target in (str(secret), "../../../../../../../.." + str(secret)):
        layer = images.layer([("usr/lib/os-release", images.OS_RELEASE), ("var/lib/dpkg/status", "-> " + target)])
        (tmp_path / "image.tar").unlink(missing_ok=True)
        facts, _ = read(saved(tmp_path, layer))
        assert facts["os_package"] == [] and "secret" not in json.dumps(facts["os_package"])
    # A directory that becomes a link out of the image, and a file that is written through it.
    layers = [images.layer([*BASE, ("var/lib/apt", "-> " + str(tmp_path))]), images.layer([("var/lib/apt/lists/x_Release", "Origin: x\n")])]
    (tmp_path / "image.tar").unlink()
    read(saved(tmp_path, *layers))
    assert not (tmp_path / "lists").exists()


def test_loops_of_links(tmp_path):
    layer = images.layer([*BASE, ("etc/apt", "-> ../etc/dnf"), ("etc/dnf", "-> apt"), ("lib", "-> lib"),
                          ("etc/apt/sources.list", "deb http://x y z\n"), ("lib/apk/db/installed", "P:x\nV:1\n\n")])
    facts, _ = read(saved(tmp_path, layer), status=4)
    assert "one" in [p["name"] for p in facts["os_package"]]


def test_hard_links_out_of_the_image_and_to_nothing(tmp_path):
    problems = partial(tmp_path, ("etc/os-release", "=> ../../../etc/passwd"))
    assert "hard link to a place outside" in problems[0] and "/etc/os-release" in problems[0]
    (tmp_path / "image.tar").unlink()
    (tmp_path / "private").rmdir()
    problems = partial(tmp_path, ("etc/os-release", "=> nosuch/file"))
    assert "is a hard link to /nosuch/file, whose content was not kept" in problems[0]


def test_a_hard_link_has_what_its_file_has(tmp_path):
    module = json.dumps({"name": "linked", "version": "1.2.3"})
    layer = images.layer([*BASE, ("a/node_modules/linked/package.json", module),
                          ("b/node_modules/linked/package.json", "=> a/node_modules/linked/package.json"),
                          ("etc/os-release", "=> usr/lib/os-release")])
    facts, _ = read(saved(tmp_path, layer))
    assert [p["path"] for p in facts["language_package"]] == [
        "/a/node_modules/linked/package.json", "/b/node_modules/linked/package.json"]
    assert facts["os"][0]["id"] == "debian"


def test_too_deep_and_too_long_paths(tmp_path):
    problems = partial(tmp_path, ("/".join("d" * 100), "x"), ("n" * 300, "x"), ("a/" * 60 + "b" * 250, "x"))
    assert sum("too long or too deep" in p for p in problems) == 2


def test_sparse_files_cost_nothing(tmp_path):
    """A file of 8 TiB with nothing in it, where a small one is wanted."""
    holes = tmp_path / "status"
    with open(holes, "wb") as file:
        file.truncate(8 << 40)
    layer = subprocess.run(["tar", "-C", tmp_path, "--sparse", "-cf", "-", "--transform", "s,^,var/lib/dpkg/status.d/,", "status"],
                           capture_output=True)
    if layer.returncode:
        pytest.skip("this file system has no sparse files of that size")
    facts, memory = read(saved(tmp_path, layer.stdout), status=4)
    assert "larger than what is read" in facts["problems"][0] and memory < MOST_KIB


@pytest.mark.parametrize("pack", [None, gzip.compress], ids=["tar", "gz"])
def test_a_truncated_layer(tmp_path, pack):
    good = images.layer([*BASE, ("usr/bin/big", os.urandom(200000))])
    broken = pack(good)[:-100000] if pack else good[:-100000]
    files = images.saved_files([good])
    name = next(n for n in files if n.endswith(".tar"))
    facts, _ = read(images.write_archive(tmp_path / "image.tar", {**files, name: broken}), status=4)
    assert "layer 0 (sha256:" in facts["problems"][0] and "usr/bin/big" in facts["problems"][0]
    assert "runcated" in facts["problems"][0]
    assert [p["name"] for p in facts["os_package"]] == ["one"]
    assert "could not be read whole" in facts["os_package_reason"]


def test_a_truncated_archive(tmp_path):
    archive = saved(tmp_path, images.layer([*BASE, ("usr/bin/big", os.urandom(300000))]))
    data = archive.read_bytes()
    for length in (0, 1, 511, 512, 5000, len(data) // 2, len(data) - 11000):
        archive.write_bytes(data[:length])
        text, _ = read(archive, status=1)
        assert text.startswith(str(archive)), text


def test_bytes_changed_anywhere_are_noticed(tmp_path):
    blobs = images.Blobs()
    top = images.manifest(blobs, [images.layer(BASE)], None)
    files = images.layout_files(blobs, [top])
    for name in [n for n in files if n.startswith("blobs/")]:
        changed = bytearray(files[name])
        changed[len(changed) // 2] ^= 1
        folder = images.write_folder(tmp_path / name.replace("/", "-"), {**files, name: bytes(changed)})
        done = subprocess.run([DRIVER, folder], capture_output=True, text=True, timeout=60)
        assert done.returncode in (1, 4), done.stdout
        assert "digest" in done.stderr + done.stdout
        if done.returncode == 4:
            assert json.loads(done.stdout)["os_package"] == []


@pytest.mark.parametrize("pack", [None, gzip.compress], ids=["tar", "gz"])
@pytest.mark.parametrize("size", [10, 5 << 20])
def test_a_layer_that_was_exchanged(tmp_path, pack, size):
    """Of a size that is digested at once, and of one that is digested beside the reading."""
    files = images.saved_files([images.layer(BASE)])
    name = next(n for n in files if n.endswith(".tar"))
    planted = images.layer([("var/lib/dpkg/status", images.package("planted")), ("big", os.urandom(size))])
    files[name] = pack(planted) if pack else planted
    facts, _ = read(images.write_archive(tmp_path / "image.tar", files), status=4)
    assert facts["os_package"] == [] and "nothing of it was used" in facts["problems"][0]


@pytest.mark.parametrize("pack", [None, gzip.compress], ids=["tar", "gz"])
def test_a_large_layer_that_breaks_off(tmp_path, pack):
    good = images.layer([*BASE, ("usr/bin/big", os.urandom(6 << 20))])
    files = images.saved_files([good])
    name = next(n for n in files if n.endswith(".tar"))
    files[name] = (pack(good) if pack else good)[:4 << 20]
    facts, memory = read(images.write_archive(tmp_path / "image.tar", files), status=4)
    assert "usr/bin/big" in facts["problems"][0] and memory < MOST_KIB
    assert [p["name"] for p in facts["os_package"]] == ["one"]


def linked_layout(tmp_path, content, diffs):
    """An archive of a layout whose layer's blob is a hard link to a part with another name."""
    blobs = images.Blobs()
    layer = blobs.add(gzip.compress(images.layer(BASE), mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip")
    text = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": [layer],
            "config": blobs.add(images.configuration(diffs), "application/vnd.oci.image.config.v1+json")}
    top = blobs.add(json.dumps(text).encode(), text["mediaType"])
    files = {"layer.tgz": gzip.compress(content, mtime=0), **images.layout_files(blobs, [top]),
             "blobs/" + layer["digest"].replace(":", "/"): "=> layer.tgz"}
    return images.write_archive(tmp_path / "image.tar", files)


def test_a_blob_that_is_a_link_is_verified_by_what_it_unpacks_to(tmp_path):
    good = images.layer(BASE)
    planted = images.layer([("var/lib/dpkg/status", images.package("planted"))])
    facts, _ = read(linked_layout(tmp_path, good, [good]))
    assert [p["name"] for p in facts["os_package"]] == ["one"] and facts["problems"] == []
    facts, _ = read(linked_layout(tmp_path, planted, [good]), status=4)
    assert facts["os_package"] == [] and "nothing of it was used" in facts["problems"][0]
    facts, _ = read(linked_layout(tmp_path, planted, []), status=4)
    assert facts["os_package"] == []
    assert any("its digest cannot be verified: nothing of it was used" in p for p in facts["problems"])


def bomb(size):
    """A gzip stream of zeros, made without the zeros."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9, mtime=0) as packed:
        block = bytes(1 << 20)
        for _ in range(size >> 20):
            packed.write(block)
    return out.getvalue()


def test_a_gzip_bomb(tmp_path):
    info = tarfile.TarInfo("var/lib/dpkg/status.d/x")
    info.size = 16 << 30
    layer = gzip.compress(images.layer(BASE)[:-10240].rstrip(b"\0").ljust(2048, b"\0") + info.tobuf()) + bomb(2 << 30)
    files = images.saved_files([images.layer(BASE)])
    name = next(n for n in files if n.endswith(".tar"))
    place = tmp_path / "private"
    place.mkdir()
    facts, memory = read(images.write_archive(tmp_path / "image.tar", {**files, name: layer}), status=4, place=place)
    assert "unpack to more than" in facts["problems"][0] or "larger than" in facts["problems"][0]
    assert any("not read on" in p for p in facts["problems"]), facts["problems"]
    assert memory < MOST_KIB
    whole = tmp_path / "whole.tar.gz"  # the archive itself is the bomb
    whole.write_bytes(bomb(2 << 30))
    text, memory = read(whole, status=1)
    assert str(whole) in text and memory < MOST_KIB


def test_too_many_entries(tmp_path):
    header = bytearray(tarfile.TarInfo("x").tobuf())
    layer = images.layer(BASE)[: 4 * 512] + bytes(header) * 60000 + bytes(1024)
    facts, memory = read(saved(tmp_path, layer), "--entries", 50000, status=4)
    assert "more entries than an image may have" in facts["problems"][0] and memory < MOST_KIB
    assert [p["name"] for p in facts["os_package"]] == ["one"]


def test_an_archive_of_very_many_parts(tmp_path):
    archive = tmp_path / "many.tar"
    archive.write_bytes(tarfile.TarInfo("x").tobuf() * 120000 + bytes(1024))
    text, memory = read(archive, status=1)
    assert "more than 100000 entries" in text and memory < MOST_KIB


def test_a_huge_header(tmp_path):
    info = tarfile.TarInfo("x")
    info.pax_headers = {"comment": "y" * (24 << 20)}
    layer = images.layer(BASE)[: 4 * 512] + info.tobuf(format=tarfile.PAX_FORMAT) + bytes(1024)
    facts, memory = read(saved(tmp_path, layer), status=4)
    assert [p["name"] for p in facts["os_package"]] == ["one"] and memory < MOST_KIB


def layout(tmp_path, text, **files):
    """A layout whose index names this manifest."""
    blobs = images.Blobs()
    top = blobs.add(text, "application/vnd.oci.image.manifest.v1+json")
    return images.write_folder(tmp_path / "layout", {**images.layout_files(blobs, [top]), **files})


def described(count):
    return [{"mediaType": "x", "digest": "sha256:" + f"{i:064x}", "size": 1} for i in range(count)]


def test_a_manifest_with_ten_thousand_layers(tmp_path):
    text = json.dumps({"schemaVersion": 2, "config": described(1)[0], "layers": described(10000)}).encode()
    reason, memory = read(layout(tmp_path, text), status=1)
    assert "10000 layers: more than the 1000 that are read" in reason and memory < MOST_KIB
    listing = json.dumps([{"Config": "c.json", "RepoTags": [], "Layers": ["l.tar"] * 10000}]).encode()
    reason, memory = read(images.write_archive(tmp_path / "i.tar", {"c.json": b"{}", "manifest.json": listing}), status=1)
    assert "10000 layers" in reason and memory < MOST_KIB


@pytest.mark.parametrize("text", [
    b"[" * 100000, b'{"a":' * 100000, b'{"layers":[' + b"[]," * 1300000 + b"[]]}", b'{"x":"' + b"y" * (5 << 20) + b'"}',
    b'{"layers":[],"layers":[]}', b"\xff\xfe{}", b"", b"null", b"7", b'{"layers":7}',
    b'{"layers":[{"digest":"sha256:../../etc/passwd"}],"config":{}}', b'{"layers":[{"digest":7}],"config":{}}',
    b'{"layers":[{"digest":"md5:00"}],"config":{}}', b'{"manifests":[{"digest":"sha256:' + b"0" * 64 + b'","size":-1}]}'],
    ids=["lists", "maps", "many", "long", "twice", "utf16", "empty", "null", "number", "no-list", "path", "type", "md5", "size"])
def test_documents_that_are_none(tmp_path, text):
    reason, memory = read(layout(tmp_path, text), status=1)
    assert len(reason) > 20 and memory < MOST_KIB, reason


def test_an_index_that_names_itself_or_others_without_end(tmp_path):
    blobs, top = images.Blobs(), None
    top = blobs.add(b'{"manifests":[]}')
    for _ in range(20):
        top = blobs.add(json.dumps({"manifests": [{**top, "platform": {"os": "linux", "architecture": "amd64"}}]}).encode())
    reason, _ = read(images.write_folder(tmp_path / "x", images.layout_files(blobs, [top])), "--platform", "linux/amd64", status=1)
    assert "indexes more than" in reason


def test_a_configuration_that_disagrees_with_the_manifest(tmp_path):
    layer = images.layer(BASE)
    files = images.saved_files([layer])
    config = next(n for n in files if n.endswith(".json") and n != "manifest.json")
    files[config] = images.configuration([layer, layer])
    facts, _ = read(images.write_archive(tmp_path / "i.tar", files), status=4)
    assert "the configuration speaks of 2 layers, the manifest of 1" in facts["problems"]


def test_what_is_no_image_is_said_to_be_none(tmp_path):
    (tmp_path / "text").write_text("hello\n" * 1000)
    plain = tmp_path / "plain.tar"
    plain.write_bytes(images.layer(BASE))
    os.mkfifo(tmp_path / "fifo")
    for name, reason in (("text", "rchive"), ("plain.tar", "it is no container image")):
        text, _ = read(tmp_path / name, status=1)
        assert reason in text, text
    for name in ("fifo", "nosuch"):
        text, _ = read(f"docker-archive:{tmp_path / name}", status=1)
        assert name in text


def test_an_xz_layer_that_asks_for_a_gigabyte(tmp_path):
    layer = images.layer(BASE)
    packed = subprocess.run(["xz", "--lzma2=dict=1GiB", "-c"], input=layer, capture_output=True)
    if packed.returncode:
        pytest.skip("xz cannot make it here")
    files = images.saved_files([layer])
    name = next(n for n in files if n.endswith(".tar"))
    facts, memory = read(images.write_archive(tmp_path / "i.tar", {**files, name: packed.stdout}), status=4)
    assert "dictionary above 64 MiB" in facts["problems"][0] and memory < MOST_KIB


def test_a_full_disk_leaves_a_problem_and_no_rest(tmp_path):
    """The kept file is larger than what the place may hold."""
    place = tmp_path / "small"
    place.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", place], capture_output=True).returncode:
        pytest.skip("no small file system can be mounted here")
    try:
        filler = "".join(images.package(f"p{i}") for i in range(6000))
        layer = images.layer([("usr/lib/os-release", images.OS_RELEASE), ("var/lib/dpkg/status", filler)])
        facts, _ = read(saved(tmp_path, layer), status=4, place=place)
        assert "/var/lib/dpkg/status: " in facts["problems"][0] and "space" in facts["problems"][0]
    finally:
        subprocess.run(["umount", place], check=True)


def test_whiteouts_of_nothing_and_of_everything(tmp_path):
    module = json.dumps({"name": "gone", "version": "1.0.0"})
    layers = [images.layer([*BASE, ("a/node_modules/gone/package.json", module)]),
              images.layer([(".wh..wh..opq", b""), ("usr/lib/os-release", images.OS_RELEASE), (".wh..wh.plnk/1.2", b"")])]
    facts, _ = read(saved(tmp_path, *layers))
    assert facts["os_package"] == [] and facts["language_package"] == []
    (tmp_path / "image.tar").unlink()
    problems = partial(tmp_path, ("etc/.wh.", b""), ("etc/.wh..", b""))
    assert sum("a whiteout of nothing" in p for p in problems) == 2
