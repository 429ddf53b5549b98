"""Help, manual pages and completions come from one table and hold together."""
import json
import re
import shutil
import subprocess

import pytest

import gabion


def tree():
    return json.loads(gabion.run("help", "--json").stdout)


def test_help_fits_one_screen():
    assert len(gabion.run("help").stdout.splitlines()) <= 40
    assert gabion.run().stdout == gabion.run("help").stdout == gabion.run("--help").stdout


@pytest.mark.parametrize("command", [c["command"] for c in tree()])
def test_every_command_has_help_with_two_examples(command):
    entry = next(c for c in tree() if c["command"] == command)
    assert len(entry["examples"]) >= 2
    done = gabion.run(*command.split(), "--help")
    assert done.returncode == 0
    for example in entry["examples"]:
        assert example in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_exit_codes_are_told_from_one_table():
    topic = gabion.run("help", "exit-codes").stdout
    assert topic in gabion.run("help", "exit-codes").stdout
    manual = gabion.run("help", "--man", "scan").stdout
    for line in topic.splitlines()[2:]:
        assert line.replace("-", "\\-").lstrip() in manual


@pytest.mark.parametrize("page", [[]] + [[c["command"]] for c in tree()], ids=str)
def test_manual_pages_are_well_formed(page):
    groff = shutil.which("groff")
    if not groff:
        pytest.skip("groff is not installed")
    source = gabion.run("help", "--man", *[w for p in page for w in p.split()]).stdout
    done = subprocess.run([groff, "-man", "-Tutf8", "-ww"], input=source, text=True, capture_output=True)
    assert done.stderr == ""
    plain = re.sub(".\x08", "", done.stdout)
    assert "SYNOPSIS" in plain and "EXIT" in plain


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_parse(shell):
    script = gabion.run("completion", shell).stdout
    assert "scan" in script and "fail-on" in script
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    flag = "--no-execute" if shell == "fish" else "-n"
    assert subprocess.run([shell, flag], input=script, text=True).returncode == 0


def test_bash_completes_commands_options_and_controls(tmp_path):
    script = gabion.run("completion", "bash").stdout
    program = tmp_path / "gabion"
    program.symlink_to(gabion.PROGRAM)

    def complete(*words):
        line = " ".join(f"'{w}'" for w in words)
        code = (f"{script}\nCOMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _gabion; "
                'printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", code], text=True, capture_output=True,
                              env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
        return done.stdout.split()
    assert complete("gabion", "sc") == ["scan", "score"]
    assert "--fail-on" in complete("gabion", "scan", "--f")
    assert complete("gabion", "scan", "--fail-on", "hi") == ["high"]
    assert "lint" in complete("gabion", "rules", "l")
    assert any(w.startswith("GBN-") for w in complete("gabion", "explain", "GBN-"))
