"""Packages of languages against the real tools: the go command, Python's own metadata reader, zipfile
over the jars that are installed, npm's package.json; and through a whole inventory of a root."""
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import zipfile

import pytest

import gabion

BUILD = pathlib.Path(os.environ.get("GABION_BUILD", gabion.TREE / "build/development"))
DRIVER = BUILD / "tests/driver_language"
GO = shutil.which("go") or shutil.which("go", path="/usr/lib/go/bin:/usr/local/go/bin")

pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason="the tests' programs are not built")


def found(*paths):
    """What the reader finds in files: rows (ecosystem, name, version, flags, inside, build)."""
    rows = []
    for start in range(0, len(paths), 500):
        done = subprocess.run([DRIVER, *map(str, paths[start:start + 500])], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        rows += [tuple(line.split("\t")) for line in done.stdout.splitlines()]
    return rows


# ---- Go

MAIN = """package main

import (
	"os"

	odd "example.com/odd.v2"
)

type box[T any] struct{ items []T }

//go:noinline
func (b *box[T]) put(item T) { b.items = append(b.items, item) }

func inlined(n int) int { return n*3 + len(os.Args[0]) }
func never() int        { return 7 }

func main() {
	b := &box[string]{}
	b.put(os.Args[0])
	func() { b.put("x") }()
	println(len(b.items), inlined(len(os.Args)), odd.Decoder{}.Decode())
}
"""
ODD = """package odd

import "os"

type Decoder struct{}

//go:noinline
func (Decoder) Decode() int { return len(os.Args) }

func Gone() int { return 1 }
"""
VARIANTS = {
    "plain": ([], {}),
    "stripped": (["-ldflags=-s -w", "-trimpath"], {}),
    "big-endian": ([], {"GOARCH": "s390x"}),
    "32-bit": ([], {"GOARCH": "386"}),
}


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    if not GO:
        pytest.skip("no go command is installed")
    folder = tmp_path_factory.mktemp("go")
    (folder / "odd").mkdir()
    (folder / "main.go").write_text(MAIN)
    (folder / "odd/odd.go").write_text(ODD)
    (folder / "odd/go.mod").write_text("module example.com/odd.v2\n\ngo 1.18\n")
    (folder / "go.mod").write_text("module example.com/program\n\ngo 1.18\n\nrequire example.com/odd.v2 v0.0.0\n\n"
                                   "replace example.com/odd.v2 => ./odd\n")
    made = {}
    for name, (options, environment) in VARIANTS.items():
        done = subprocess.run([GO, "build", *options, "-o", folder / name, "."], cwd=folder, capture_output=True, text=True,
                              timeout=600, env={**os.environ, "GOFLAGS": "-mod=mod", "GOPROXY": "off", "CGO_ENABLED": "0",
                                                "GOTOOLCHAIN": "local", **environment})
        if done.returncode:
            pytest.fail(done.stderr)
        made[name] = folder / name
    return made


def by_go(path):
    """(toolchain, rows (name, version, main)) as `go version -m` has them."""
    lines = subprocess.run([GO, "version", "-m", path], capture_output=True, text=True, check=True).stdout.splitlines()
    toolchain = lines[0].rsplit(": ", 1)[1].split()[0]
    rows, fields = set(), [line[1:].split("\t") for line in lines[1:]]
    for here, behind in zip(fields, fields[1:] + [[""]]):
        if here[0] not in ("mod", "dep"):
            continue
        name, version = here[1], here[2] if len(here) > 2 else ""
        if behind[0] == "=>":
            directory = behind[1].startswith((".", "/"))
            name, version = (name, "(devel)") if directory else behind[1:3]
        rows.add((name, version, here[0] == "mod"))
    return toolchain, rows


@pytest.mark.parametrize("variant", VARIANTS)
def test_modules_are_those_of_the_go_command(programs, variant):
    toolchain, expected = by_go(programs[variant])
    rows = found(programs[variant])
    assert {(name, version, "main" in flags) for _, name, version, flags, *_ in rows if "standard" not in flags} == expected
    assert [f"go{version}" for _, name, version, *_ in rows if name == "stdlib"] == [toolchain]
    architecture = VARIANTS[variant][1].get("GOARCH")
    if architecture:
        assert {row[5] for row in rows} == {f"linux/{architecture}"}


@pytest.mark.skipif(not GO, reason="no go command is installed")
def test_modules_of_installed_go_programs():
    """Every Go program of the search path, where there are any."""
    paths = [p for folder in ("/usr/bin", "/usr/local/bin", "/usr/libexec/podman", "/usr/lib/cni", "/usr/local/go/bin")
             for p in pathlib.Path(folder).glob("*") if p.is_file() and not p.is_symlink() and p.stat().st_size > 1 << 20]
    compared = 0
    for path in paths:
        if subprocess.run([GO, "version", "-m", path], capture_output=True).returncode:
            assert not [r for r in found(path) if r[0] == "Go"], path
            continue
        toolchain, expected = by_go(path)
        rows = [r for r in found(path) if r[0] == "Go"]
        ours = {(r[1], r[2], "main" in r[3]) for r in rows if "standard" not in r[3]}
        # The main module of a checkout has the version of its commit.
        plain = {(n, "(devel)" if m and v.startswith("v0.0.0-") else v, m) for n, v, m in ours}
        assert plain == {(n, "(devel)" if m and v.startswith("v0.0.0-") else v, m) for n, v, m in expected}, path
        assert [f"go{r[2]}" for r in rows if r[1] == "stdlib"] == [toolchain], path
        compared += 1
    if not compared:
        pytest.skip("no Go programs are installed")


def symbols(path, *names):
    done = subprocess.run([DRIVER, "--symbols", path, *names], capture_output=True, text=True, timeout=120)
    return {line.split("\t")[1]: line.split("\t")[0] for line in done.stdout.splitlines()}


@pytest.mark.parametrize("variant", VARIANTS)
def test_functions_are_there_or_not(programs, variant):
    there = ["example.com/program.main", "example.com/program.box.put", "example.com/program.inlined",
             "example.com/odd.v2.Decoder.Decode", "example.com/odd.v2.*", "os.*", "runtime.main"]
    gone = ["example.com/program.never", "example.com/odd.v2.Gone", "example.com/odd.*", "net/http.*", "os.Chroot"]
    answers = symbols(programs[variant], *there, *gone)
    assert answers == {**dict.fromkeys(there, "present"), **dict.fromkeys(gone, "absent")}


def test_every_function_of_go_tool_nm_is_there(programs):
    listing = subprocess.run([GO, "tool", "nm", programs["plain"]], capture_output=True, text=True, check=True).stdout
    names = {line.split(None, 2)[2] for line in listing.splitlines() if re.match(r"\s*[0-9a-f]+ [Tt] ", line)}
    plain = set()
    for name in names:
        name = re.sub(r"\[.*\]", "", name).replace("(*", "").replace(")", "").split("-")[0]
        if re.match(r"^(runtime|os|sync|strconv|internal/[a-z/]+|main)\.[A-Za-z.]+$", name) and not re.search(r"\.(abi|args|text|etext)", name):
            plain.add(name)
    assert len(plain) > 300
    # Marks of the linker and bodies written in assembly without a frame are in no table.
    missing = [name for name, answer in symbols(programs["plain"], *sorted(plain)).items() if answer != "present"]
    assert len(missing) < 10, missing


# ---- Python, npm, Java

def test_python_as_importlib_sees_it():
    script = ("import importlib.metadata as m, json\n"
              "print(json.dumps([[str(d._path), d.metadata['Name'], d.metadata['Version']] for d in m.distributions()]))")
    listed = json.loads(subprocess.run(["/usr/bin/python3", "-c", script], capture_output=True, text=True, check=True).stdout)
    if not listed:
        pytest.skip("no distributions are installed for /usr/bin/python3")
    for path, name, version in listed:
        path = pathlib.Path(path)
        file = next((p for p in (path / "METADATA", path / "PKG-INFO", path) if p.is_file()), None)
        assert file, path
        if file.stat().st_size:
            assert [row[:3] for row in found(file)] == [("PyPI", name, version)], file


def test_npm_as_its_json_says():
    roots = [p for p in ("/usr/share/nodejs", "/usr/lib/node_modules", "/usr/local/lib/node_modules") if os.path.isdir(p)]
    files = [p for root in roots for p in pathlib.Path(root).rglob("package.json") if p.is_file() and not p.is_symlink()]
    owns = re.compile(r"(/node_modules|^/usr/share/nodejs)/(@[^/]+/)?[^/@.][^/]*/package\.json$")
    compared = 0
    for file in files:
        rows = [row[:3] for row in found(file)]
        if not owns.search(str(file)):
            assert not rows, file
            continue
        data = json.loads(file.read_text())
        expected = [("npm", data.get("name") or file.parent.name, data.get("version", ""))] if "name" in data or "version" in data else []
        assert rows == expected, file
        compared += 1
    if not compared:
        pytest.skip("no npm packages are installed")


def poms(data, inside=""):
    """(group:artifact, version) of every pom.properties, also in nested archives."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    for name in archive.namelist():
        if re.search(r"(^|/)META-INF/maven/.*/pom\.properties$", name):
            text = archive.read(name).decode("latin-1")
            values = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
            yield f"{values['groupId'].strip()}:{values['artifactId'].strip()}", values["version"].strip()
        elif re.search(r"\.(jar|war|ear)$", name) and zipfile.is_zipfile(io.BytesIO(archive.read(name))):
            yield from poms(archive.read(name))


def test_jars_as_zipfile_sees_them():
    jars = [p for root in ("/usr/share/java", "/usr/share/maven-repo") if os.path.isdir(root)
            for p in sorted(pathlib.Path(root).rglob("*.jar")) if p.is_file() and not p.is_symlink()][:300]
    if not jars:
        pytest.skip("no jars are installed")
    for jar in jars:
        rows = [row for row in found(jar) if row[0] == "Maven"]
        ours = {row[1:3] for row in rows}
        assert {pom for pom in poms(jar.read_bytes()) if "${" not in pom[1]} <= ours, jar
        assert [row for row in rows if not row[4]], f"{jar} itself is nothing"


# ---- a whole root

def jar(entries, compression=zipfile.ZIP_DEFLATED):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return data.getvalue()


def pom(group, artifact, version):
    return f"META-INF/maven/{group}/{artifact}/pom.properties", f"groupId={group}\nartifactId={artifact}\nversion={version}\n"


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "root"
    gabion.make_root(root, {
        "/etc/os-release": "ID=debian\nVERSION_ID=12\n",
        "/srv/app/node_modules/left/package.json": '{"name": "left", "version": "1.0.0"}',
        "/srv/app/node_modules/left/dist/package.json": '{"name": "not-a-package", "version": "9"}',
        "/usr/lib/python3/dist-packages/six-1.16.0.egg-info": "Name: six\nVersion: 1.16.0\n",
        "/opt/venv/lib/python3.11/site-packages/Flask-2.0.dist-info/METADATA": "Name: Flask\nVersion: 2.0\n",
        "/var/lib/dpkg/status": "Package: python3-six\nStatus: install ok installed\nVersion: 1.16.0-4\nArchitecture: all\n"
                                "Maintainer: x\nDescription: x\n",
        "/var/lib/dpkg/info/python3-six.list": "/.\n/usr/lib/python3/dist-packages/six-1.16.0.egg-info\n",
    })
    return root


def packages(root):
    report = gabion.inventory(root)
    return report, {r["name"]: r["props"] for r in report["resources"] if r["kind"] == "language_package"}


def test_inventory_of_a_root(root):
    inner = jar([pom("org.example", "inner", "1.0")])
    (root / "srv/app.war").write_bytes(jar([pom("org.example", "app", "2.0"), ("WEB-INF/lib/inner-1.0.jar", inner)]))
    report, all_packages = packages(root)
    assert sorted(all_packages) == [
        "Maven:org.example:app@2.0:/srv/app.war",
        "Maven:org.example:inner@1.0:/srv/app.war!/WEB-INF/lib/inner-1.0.jar",
        "PyPI:Flask@2.0:/opt/venv/lib/python3.11/site-packages/Flask-2.0.dist-info/METADATA",
        "PyPI:six@1.16.0:/usr/lib/python3/dist-packages/six-1.16.0.egg-info",
        "npm:left@1.0.0:/srv/app/node_modules/left/package.json",
    ]
    six = all_packages["PyPI:six@1.16.0:/usr/lib/python3/dist-packages/six-1.16.0.egg-info"]
    assert six["owner"] == "python3-six"
    assert "owner" not in all_packages["Maven:org.example:app@2.0:/srv/app.war"]
    assert report["kinds"]["language_package"] == {"presence": "present", "count": 5}
    assert packages(root)[0]["resources"] == report["resources"]


def test_what_could_not_be_read_is_said(root):
    deep = jar([pom("org.example", "hidden", "1.0")])
    for _ in range(12):
        deep = jar([("n.jar", deep)])
    (root / "srv/deep.jar").write_bytes(deep)
    report, all_packages = packages(root)
    state = report["kinds"]["language_package"]
    assert state["presence"] == "unknown" and "more than 10 archives deep" in state["reason"], state
    assert "npm:left@1.0.0:/srv/app/node_modules/left/package.json" in all_packages
    assert not [name for name in all_packages if "hidden" in name]
