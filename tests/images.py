"""Makes container images for the tests: layers from descriptions, in the forms that tools write."""
import gzip
import hashlib
import io
import json
import tarfile


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def layer(entries):
    """A tar archive of entries: (name, bytes) a file, (name, None) a directory, (name, "-> x") a
    symbolic link, (name, "=> x") a hard link, or a TarInfo with its content behind it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, what in entries:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            if isinstance(name, tarfile.TarInfo):
                pass
            elif what is None:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
            elif isinstance(what, str) and what.startswith("-> "):
                info.type, info.linkname, what = tarfile.SYMTYPE, what[3:], None
            elif isinstance(what, str) and what.startswith("=> "):
                info.type, info.linkname, what = tarfile.LNKTYPE, what[3:], None
            elif isinstance(what, str):
                what = what.encode()
            if what is not None:
                info.size = len(what)
            tar.addfile(info, io.BytesIO(what) if what is not None else None)
    return out.getvalue()


def configuration(diffs, architecture="amd64", **config):
    steps = [{"created_by": f"step {i}"} for i in range(len(diffs))]
    return json.dumps({"architecture": architecture, "os": "linux", "created": "2026-10-01T00:00:00Z",
                       "config": config, "history": [{"created_by": "ENV A=b", "empty_layer": True}, *steps],
                       "rootfs": {"type": "layers", "diff_ids": [sha256(d) for d in diffs]}}).encode()


class Blobs(dict):
    """The blobs of an OCI layout by digest."""

    def add(self, data, kind=None, **more):
        digest = sha256(data)
        self[digest] = data
        described = {"mediaType": kind, "digest": digest, "size": len(data), **more}
        return {k: v for k, v in described.items() if v is not None}


def manifest(blobs, layers, pack=gzip.compress, architecture="amd64", **config):
    """Puts an image into the blobs; gives the descriptor of its manifest."""
    described = [blobs.add(pack(each) if pack else each, "application/vnd.oci.image.layer.v1.tar+gzip") for each in layers]
    text = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": blobs.add(configuration(layers, architecture, **config), "application/vnd.oci.image.config.v1+json"),
            "layers": described}
    return blobs.add(json.dumps(text).encode(), text["mediaType"])


def layout_files(blobs, manifests):
    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
             "index.json": json.dumps({"schemaVersion": 2, "manifests": manifests}).encode()}
    for digest, data in blobs.items():
        files["blobs/" + digest.replace(":", "/")] = data
    return files


def write_folder(path, files):
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def write_archive(path, files, pack=None):
    data = layer(list(files.items()))
    path.write_bytes(pack(data) if pack else data)
    return path


def saved_files(layers, tags=("app:1",), **config):
    """What `docker save` of older versions writes, the list at the end."""
    text = configuration(layers, **config)
    files = {hashlib.sha256(each).hexdigest() + ".tar": each for each in layers}
    files[hashlib.sha256(text).hexdigest() + ".json"] = text
    names = [hashlib.sha256(each).hexdigest() + ".tar" for each in layers]
    files["manifest.json"] = json.dumps([{"Config": hashlib.sha256(text).hexdigest() + ".json",
                                          "RepoTags": list(tags), "Layers": names}]).encode()
    return files


def package(name, version="1-1", architecture="amd64"):
    return (f"Package: {name}\nStatus: install ok installed\nVersion: {version}\n"
            f"Architecture: {architecture}\nMaintainer: nobody\n\n")


OS_RELEASE = 'ID=debian\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n'
