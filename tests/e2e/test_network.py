"""Ports, packet filters and servers against the real things: a real sshd, real nftables rules, in
network and mount namespaces of their own.

Needs root and unshare."""
import json
import pathlib
import shutil
import subprocess
import textwrap

import pytest

import gabion

NO_NAMESPACES = gabion.no_namespaces("--mount", "--net")
pytestmark = pytest.mark.skipif(NO_NAMESPACES is not None, reason=str(NO_NAMESPACES))


def inside(script, *arguments):
    """Runs a shell script in new network and mount namespaces, with /run of its own."""
    begin = "set -e; ip link set lo up; ip link add eth0 type ifb; ip addr add 192.0.2.5/24 dev eth0; ip link set eth0 up; mount -t tmpfs none /run; mkdir -m 755 /run/sshd\n"
    done = subprocess.run(["unshare", "-n", "-m", "sh", "-c", begin + textwrap.dedent(script), "sh", gabion.PROGRAM, *map(str, arguments)],
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def resources(text):
    return {r["id"]: r["props"] for r in json.loads(text)["resources"]}


@pytest.fixture(scope="module", autouse=True)
def namespaces():
    done = subprocess.run(["unshare", "-n", "-m", "sh", "-c", "ip link add eth0 type ifb"], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no interface for tests here: {done.stderr.strip()}")


@pytest.mark.skipif(not shutil.which("sshd", path="/usr/sbin"), reason="openssh-server is not installed")
def test_a_running_sshd_is_the_server_and_another_one_is_told(tmp_path):
    (tmp_path / "other").write_text(f"Port 2299\nHostKey {tmp_path}/key\nListenAddress 127.0.0.1\nPidFile {tmp_path}/pid\n")
    out = inside("""
        ssh-keygen -q -t ed25519 -N '' -f $2/key
        /usr/sbin/sshd -D -p 2298 -o ListenAddress=0.0.0.0 -o PermitRootLogin=yes -h $2/key & first=$!
        /usr/sbin/sshd -D -f $2/other & second=$!
        sleep 1
        $1 inventory -o json
        kill $first $second; wait || true
    """, tmp_path)
    found = resources(out)
    ssh = found["sshd"]
    assert ssh["running"] and ssh["exposure"] == "network" and ssh["port"] == [2298]
    assert ssh["permit_root_login"] == "yes"
    assert len(ssh["other_servers"]) == 1 and str(tmp_path / "other") in ssh["other_servers"][0]
    listener = found["listener:tcp 0.0.0.0:2298"]
    assert listener["process"] == "sshd" and listener["package"] == "openssh-server" and listener["user"] == "root"
    assert found["listener:tcp 127.0.0.1:2299"]["reach"] == "loopback"


RULES = {  # rules for the input chain -> what holds for 192.0.2.5:22/tcp
    "": "closed",
    "tcp dport 22 accept": "open",
    "tcp dport != 22 accept": "closed",
    "tcp dport { 21-23, 80 } accept": "open",
    "tcp dport vmap { 22 : accept, 80 : drop }": "open",
    "ip saddr 10.0.0.0/8 tcp dport 22 accept": "limited",
    "ip saddr != 10.0.0.0/8 tcp dport 22 accept": "limited",
    "iifname eth0 tcp dport 22 accept": "open",
    "iifname eth1 tcp dport 22 accept": "closed",
    "iifname vmap { eth0 : jump web, eth1 : accept }": "open",
    "ip daddr 192.0.2.5 tcp dport 22 accept": "open",
    "ip daddr 192.0.2.6 tcp dport 22 accept": "closed",
    "tcp flags & (fin|syn|rst|ack) == syn tcp dport 22 accept": "open",
    "ct state new tcp dport 22 accept": "open",
    "ct state established,related accept": "closed",
    "tcp dport 22 limit rate 5/second accept": "open",
    "udp dport 22 accept": "closed",
    "meta l4proto { tcp, udp } th dport 22 accept": "open",
    "ip saddr . tcp dport { 10.1.1.1 . 22, 10.1.1.1 . 80 } accept": "limited",
    "ip6 saddr ::1 tcp dport 22 accept": "closed",
    "meta mark 7 tcp dport 22 accept": "not_understood",
    "fib daddr type local tcp dport 22 accept": "open",
    "tcp dport 22 drop": "closed",
    "jump web": "open",
    "goto web": "open",
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """What the program says of each ruleset, all in one namespace."""
    if not shutil.which("nft", path="/usr/sbin:/usr/bin"):
        pytest.skip("nftables is not installed")
    folder = tmp_path_factory.mktemp("rules")
    for number, rule in enumerate(RULES):
        (folder / f"{number}.nft").write_text(f"""flush ruleset
            table inet filter {{
                chain web {{
                    tcp dport 22 accept
                }}
                chain input {{
                    type filter hook input priority filter; policy drop;
                    iifname lo accept
                    {rule}
                }}
            }}
        """)
    inside("""
        python3 -c "import socket,time; s=socket.socket(); s.bind(('192.0.2.5',22)); s.listen(); print(flush=True); time.sleep(290)" >$2/ready & p=$!
        while ! [ -s $2/ready ]; do sleep 0.05; done
        for rules in $2/*.nft; do nft -f $rules; $1 inventory -o json >$rules.json; done
        kill $p
    """, folder)
    return {rule: resources((folder / f"{number}.nft.json").read_text()) for number, rule in enumerate(RULES)}


@pytest.mark.parametrize("rule", RULES)
def test_what_nftables_rules_let_through(judged, rule):
    found = judged[rule]
    assert found["listener:tcp 192.0.2.5:22"]["firewall"] == RULES[rule]
    assert found["firewall"]["filtering"] and found["firewall"]["tables"] == ["inet filter"]
