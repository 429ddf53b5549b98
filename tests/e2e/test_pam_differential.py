"""PAM stacks run in thought against libpam itself, with pam_debug, which answers what it is told to:
generated stacks with includes, substacks, jumps and all controls."""
import ctypes
import ctypes.util
import os
import pathlib
import random
import re
import subprocess

import pytest

import gabion

TREE = pathlib.Path(__file__).resolve().parents[2]
DRIVER = pathlib.Path(os.environ.get("GABION_BUILD", TREE / "build/dev")) / "tests/driver_pam_run"
STACKS = int(os.environ.get("GABION_DIFFERENTIAL_ROUNDS", "300"))
ANSWERS = ["success", "success", "auth_err", "auth_err", "ignore"]
ACTIONS = ["ok", "done", "bad", "die", "ignore", "reset", "1", "1", "2", "3"]
LIBPAM = ctypes.util.find_library("pam")


class Conversation(ctypes.Structure):
    _fields_ = [("conv", ctypes.c_void_p), ("data", ctypes.c_void_p)]


def libpam_says(service, directory):
    """True when pam_authenticate succeeds."""
    pam, handle = ctypes.CDLL(LIBPAM), ctypes.c_void_p()
    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p,
                                ctypes.c_void_p)(lambda *_: 19)  # PAM_CONV_ERR: nobody is asked
    conversation = Conversation(ctypes.cast(callback, ctypes.c_void_p), None)
    started = pam.pam_start_confdir(service.encode(), b"nobody", ctypes.byref(conversation),
                                    str(directory).encode(), ctypes.byref(handle))
    assert started == 0
    answer = pam.pam_authenticate(handle, 0)
    pam.pam_end(handle, answer)
    return answer == 0


def rule(chance):
    if chance.random() < 0.55:
        control = chance.choice(["required", "requisite", "sufficient", "optional"])
    else:
        words = [f"{name}={chance.choice(ACTIONS)}" for name in ("success", "auth_err", "ignore")
                 if chance.random() < 0.5]
        control = "[" + " ".join([*words, f"default={chance.choice(ACTIONS)}"]) + "]"
    return f"auth {control} pam_debug.so auth={chance.choice(ANSWERS)}\n"


def stack(chance, names, depth=0):
    text = ""
    for _ in range(chance.randint(1, 5)):
        if names and depth < 2 and chance.random() < 0.2:
            shape = chance.choice(["auth include {}\n", "auth substack {}\n", "@include {}\n"])
            text += shape.format(chance.choice(names))
        else:
            text += rule(chance)
    return text


@pytest.mark.skipif(not LIBPAM or not hasattr(ctypes.CDLL(LIBPAM), "pam_start_confdir"),
                    reason="libpam cannot read another directory here")
def test_stacks_like_libpam(tmp_path):
    chance = random.Random(int(os.environ.get("GABION_DIFFERENTIAL_SEED", "7")))
    files = {"/etc/pam.d/other": "auth required pam_deny.so\n"}
    leaves = [f"leaf{n}" for n in range(12)]
    for name in leaves:
        files[f"/etc/pam.d/{name}"] = "".join(rule(chance) for _ in range(chance.randint(1, 4)))
    middles = [f"middle{n}" for n in range(12)]
    for name in middles:
        files[f"/etc/pam.d/{name}"] = stack(chance, leaves)
    services = [f"service{n}" for n in range(STACKS)]
    for name in services:
        files[f"/etc/pam.d/{name}"] = stack(chance, leaves + middles)
    # Included files are looked for in /etc/pam.d, wherever a service is: the peer gets whole paths.
    peer = tmp_path / "peer"
    gabion.make_root(tmp_path / "root", files)
    gabion.make_root(peer, {path.replace("/etc/pam.d", ""):
                            re.sub(r"(include|substack) ", rf"\1 {peer}/", text)
                            for path, text in files.items()})
    done = subprocess.run([DRIVER, tmp_path / "root", *services], capture_output=True, text=True, check=True)
    ours = dict(line.split() for line in done.stdout.splitlines())
    differing = []
    for name in services:
        theirs = "success" if libpam_says(name, peer) else "failure"
        if ours[name] != theirs:
            differing.append((name, ours[name], theirs, files[f"/etc/pam.d/{name}"]))
    assert not differing, f"{len(differing)} differ: {differing[:3]}"
    assert {"success", "failure"} == set(ours.values())
