"""The order of versions against the tools that define it, over generated versions: dpkg and rpm."""
import os
import pathlib
import random
import shutil
import subprocess

import pytest

import gabion

BUILD = pathlib.Path(os.environ.get("GABION_BUILD", gabion.TREE / "build/dev"))
ROUNDS = int(os.environ.get("GABION_DIFFERENTIAL_ROUNDS", "400"))
PIECES = ["0", "1", "2", "9", "10", "00", "09", "123456789012345678901", ".", ".", "~", "~", "+",
          "a", "b", "rc", "Z", "deb12u1", "ubuntu", "-", "-1", "+b1"]


def version(dice, pieces, epochs):
    text = dice.choice("0123456789") + "".join(dice.choices(pieces, k=dice.randrange(7)))
    return (dice.choice(["0:", "1:", "12:"]) if dice.random() < epochs else "") + text


def pairs(dice, pieces, count, epochs=0.3):
    for _ in range(count):
        one = version(dice, pieces, epochs)
        # Half of the pairs differ in one place only: that is where mistakes show.
        if dice.random() < 0.5:
            at = dice.randrange(len(one) + 1)
            other = one[:at] + dice.choice(pieces) + one[at + dice.randrange(2):]
            other = other if other and other[0].isdigit() else "1" + other
        else:
            other = version(dice, pieces, epochs)
        yield one, other


def ours(scheme, rows):
    driver = BUILD / "tests" / "driver_version_compare"
    lines = "".join(f"{scheme}\t{a}\t{b}\n" for a, b in rows)
    done = subprocess.run([driver], input=lines, capture_output=True, text=True, timeout=60,
                          check=True)
    return done.stdout.split()


def dpkg_says(a, b):
    for word, sign in (("lt", "<"), ("gt", ">"), ("eq", "=")):
        done = subprocess.run(["dpkg", "--compare-versions", a, word, b], capture_output=True,
                              text=True, timeout=60)
        if done.stderr:
            return None  # dpkg calls one of them no version
        if done.returncode == 0:
            return sign
    raise AssertionError(f"dpkg finds no relation of {a} and {b}")


@pytest.mark.skipif(not shutil.which("dpkg"), reason="dpkg is not installed")
def test_dpkg():
    dice = random.Random(5)
    rows = [row for row in pairs(dice, PIECES, ROUNDS) if all(v[-1] != "-" for v in row)]
    compared = 0
    for (a, b), got in zip(rows, ours("dpkg", rows)):
        wanted = dpkg_says(a, b)
        if wanted:
            compared += 1
            assert got == wanted, f"{a} {got} {b}, but dpkg says {wanted}"
    assert compared > ROUNDS / 2


@pytest.mark.skipif(not shutil.which("rpm"), reason="rpm is not installed")
def test_rpm():
    dice = random.Random(6)
    # Epochs in rpm are 32 bits; digits in front of a colon only at the start.
    rows = list(pairs(dice, [p for p in PIECES if p != "-"] + ["^", "^", "_", ".el9"], ROUNDS * 5))
    answers = []
    for start in range(0, len(rows), 200):
        calls = ",".join(f'rpm.vercmp("{a}","{b}")' for a, b in rows[start:start + 200])
        done = subprocess.run(["rpm", "--eval", "%{lua: print(" + calls + ")}"],
                              capture_output=True, text=True, timeout=60, check=True)
        answers += done.stdout.split()
    assert len(answers) == len(rows)
    for (a, b), got, answer in zip(rows, ours("rpm", rows), answers):
        wanted = {"-1": "<", "0": "=", "1": ">"}[answer]
        assert got == wanted, f"{a} {got} {b}, but rpm says {wanted}"
