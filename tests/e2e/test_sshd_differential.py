"""The reader of sshd_config against the real sshd: many generated files, what `sshd -T` prints of
them (for nobody, and for connections with -C) against what Gabion makes of them.

Needs root (sshd wants its directory below /run, given to it in a mount namespace of its own)."""
import os
import pathlib
import random
import subprocess

import pytest

import gabion

TREE = pathlib.Path(__file__).resolve().parents[2]
DRIVER = pathlib.Path(os.environ.get("GABION_BUILD", TREE / "build/dev")) / "tests/driver_sshd_effective"
SSHD = "/usr/sbin/sshd"
ROUNDS = int(os.environ.get("GABION_DIFFERENTIAL_ROUNDS", "150"))

WORDS = {
    "PermitRootLogin": ["yes", "no", "prohibit-password", "without-password", "forced-commands-only", "YES"],
    "PasswordAuthentication": ["yes", "no", "No"],
    "KbdInteractiveAuthentication": ["yes", "no"],
    "ChallengeResponseAuthentication": ["yes", "no"],
    "PubkeyAuthentication": ["yes", "no"],
    "PermitEmptyPasswords": ["yes", "no"],
    "HostbasedAuthentication": ["yes", "no"],
    "IgnoreRhosts": ["yes", "no", "shosts-only"],
    "X11Forwarding": ["yes", "no"],
    "X11UseLocalhost": ["yes", "no"],
    "AllowTcpForwarding": ["yes", "no", "all", "local", "remote"],
    "AllowStreamLocalForwarding": ["yes", "no", "local"],
    "AllowAgentForwarding": ["yes", "no"],
    "DisableForwarding": ["yes", "no"],
    "GatewayPorts": ["yes", "no", "clientspecified"],
    "PermitTunnel": ["yes", "no", "ethernet", "point-to-point"],
    "MaxAuthTries": ["3", "6", "10", "04"],
    "MaxSessions": ["2", "10"],
    "ClientAliveInterval": ["0", "300", "5m", "1h30m", "90s"],
    "ClientAliveCountMax": ["0", "3"],
    "LogLevel": ["INFO", "verbose", "QUIET", "debug", "DEBUG3", "error"],
    "Banner": ["none", "/etc/issue.net"],
    "ForceCommand": ["internal-sftp", "/bin/echo  two   blanks # not a comment", "none"],
    "ChrootDirectory": ["none", "/srv/%u"],
    "AuthenticationMethods": ["any", "publickey", "publickey,password", "publickey,keyboard-interactive password"],
    "AuthorizedKeysFile": [".ssh/authorized_keys", "/etc/keys/%u .ssh/authorized_keys", "none", '"/with blank/%u"'],
    "TrustedUserCAKeys": ["/etc/ssh/ca.pub", "none"],
    "PermitOpen": ["any", "none", "host:22 other:80"],
    "AcceptEnv": ["LANG LC_*", "FOO"],
    "AllowUsers": ["root admin", "deploy@10.0.0.0/8", "*"],
    "DenyUsers": ["guest"],
    "AllowGroups": ["ssh-users wheel"],
    "DenyGroups": ["nossh"],
    "PubkeyAcceptedAlgorithms": ["+ssh-rsa", "-ecdsa*", "ssh-ed25519,rsa-sha2-512", "^ssh-ed25519", "*"],
    "PubkeyAcceptedKeyTypes": ["+ssh-dss"],
    "RequiredRSASize": ["2048"],
    "PermitTTY": ["yes", "no"],
    "RekeyLimit": ["default none"],
    "UnusedConnectionTimeout": ["5m", "90"],  # 9.2 lets a later "none" win, against its manual
    "PermitUserRC": ["yes", "no"],
    "ExposeAuthInfo": ["yes", "no"],
    "PubkeyAuthOptions": ["none", "touch-required"],
    "StreamLocalBindMask": ["0177", "0111"],
}
GLOBAL = {
    "Port": ["22", "2222"],
    "PrintMotd": ["yes", "no"],
    "UsePAM": ["yes", "no"],
    "LoginGraceTime": ["30", "2m", "0"],
    "MaxStartups": ["10:30:60", "5", "10:30:100"],
    "StrictModes": ["yes", "no"],
    "Compression": ["yes", "no", "delayed"],
    "PermitUserEnvironment": ["yes", "no", "LANG,LC_*"],
    "UseDNS": ["yes", "no"],
    "SyslogFacility": ["AUTH", "authpriv", "LOCAL5"],
    "IgnoreUserKnownHosts": ["yes", "no"],
    "TCPKeepAlive": ["yes", "no"],
    "KeepAlive": ["no"],
    "Ciphers": ["aes256-ctr,aes128-cbc", "+3des-cbc", "-chacha20*", "^aes256-gcm@openssh.com", "+aes128-cbc,aes192-cbc"],
    "MACs": ["hmac-sha2-512", "-*etm@openssh.com", "+hmac-md5", "-hmac-sha1*,umac-64*"],
    "KexAlgorithms": ["curve25519-sha256", "+diffie-hellman-group1-sha1", "-ecdh*", "^diffie-hellman-group18-sha512"],
    "HostKeyAlgorithms": ["ssh-ed25519,ssh-rsa", "+ssh-dss", "-rsa*"],
    "CASignatureAlgorithms": ["ssh-ed25519", "+ssh-rsa"],
    "GSSAPIAuthentication": ["yes", "no"],
    "VersionAddendum": ["none", "hello world # comment", "x"],
    "FingerprintHash": ["md5", "sha256"],
    "HostKey": ["/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_rsa_key"],
    "PerSourceMaxStartups": ["10", "none"],
    "PerSourceNetBlockSize": ["24:64"],
    "Protocol": ["2"],
    "ServerKeyBits": ["1024"],
    "Subsystem": ["sftp /usr/lib/openssh/sftp-server -f AUTH", "x internal-sftp"],
}
BROKEN = [
    "PermitRootLogin maybe", "PermitRootLogn no", "MaxAuthTries", "Ciphers rot13", "Port 99999", "LoginGraceTime 5x",
    'Banner "/open quote', "PasswordAuthentication yes no", "Match Planet earth", "MaxStartups 0", "KexAlgorithms +nope",
    "AuthorizedKeysCommand relative", "Match all User root", "Match User", "MACs hmac-*",
]
MATCHES = [
    "all", "User root", "User admin,!root", "User *", "Group adm", "Group root,wheel", "Address 10.0.0.0/8", "Address 192.0.2.5,!10.1.1.1",
    "Address 10.*", "Host *.example.com", "User root Address 10.0.0.0/8", "LocalPort 2222", "LocalAddress 192.0.2.0/24",
    "user=root", 'User "root"', "Address fd00::/8,10.0.0.0/24", "User root # comment", "Group !adm,*", "Host !bad.example.com,*",
]
CONNECTIONS = [
    None,
    {"user": "root", "host": "a.example.com", "addr": "10.1.2.3", "laddr": "192.0.2.2", "lport": "2222"},
    {"user": "daemon", "host": "bad.example.com", "addr": "192.0.2.5", "laddr": "10.0.0.1", "lport": "22"},
    {"user": "root", "lport": "22"},
    {"addr": "fd00::5", "user": "backup", "lport": "22"},
]
# Printed by sshd in a way of its own, or not at all.
NOT_COMPARED = {"ListenAddress", "IPQoS", "RekeyLimit", "RDomain", "DebianBanner", "LogVerbose", "SetEnv", "PerSourcePenalties",
                "PerSourcePenaltyExemptList", "PAMServiceName", "RefuseConnection", "SshdSessionPath", "SshdAuthPath", "Protocol",
                "UsePrivilegeSeparation", "UseLogin", "GSSAPIKexAlgorithms", "ChannelTimeout", "StreamLocalBindMask"}
ONE_LINE = {"authorizedkeysfile", "authenticationmethods", "permitopen", "permitlisten", "pubkeyauthoptions"}


def setting(rng, allow_global):
    table = {**WORDS, **GLOBAL} if allow_global else WORDS
    name = rng.choice(sorted(table))
    value = rng.choice(table[name])
    spelled = rng.choice([name, name.lower(), name.upper(), name])
    separator = rng.choice([" ", " ", " ", "\t", "  ", "=", " = "])
    if name in ("ForceCommand", "VersionAddendum"):
        separator = " "
    tail = rng.choice(["", "", "", " ", "\t"]) if name == "ForceCommand" else rng.choice(["", "", " ", " # why"])
    return rng.choice(["", "", "  ", "\t"]) + spelled + separator + value + tail


def lines(rng, folder, depth, in_match):
    out = []
    for _ in range(rng.randrange(1, 9)):
        kind = rng.random()
        if kind < 0.14:
            out.append("Match " + rng.choice(MATCHES))
            in_match = True
        elif kind < 0.24 and depth < 3:
            out.append("Include " + include(rng, folder, depth + 1, in_match))
        elif kind < 0.30:
            out.append(rng.choice(["", "# a comment", "   ", "#PermitRootLogin yes"]))
        elif kind < 0.305:
            out.append(rng.choice(BROKEN))
        else:
            out.append(setting(rng, not in_match))
    return out


def include(rng, folder, depth, in_match):
    inner = folder / f"d{depth}-{rng.randrange(10**6)}"
    inner.mkdir()
    for name in rng.sample(["10-a.conf", "50-b.conf", "9-c.conf", ".hidden.conf", "skipped.txt"], rng.randrange(0, 4)):
        (inner / name).write_text("\n".join(lines(rng, folder, depth, in_match)) + rng.choice(["", "\n"]))
    return rng.choice([f"{inner}/*.conf", f"{inner}/*.conf", f'"{inner}/*.conf"', f"{inner}/[0-9]*", f"{inner}/10-a.conf"])


def real(config, connection):
    command = [SSHD, "-T", "-f", str(config)]
    if connection:
        command += ["-C", ",".join(f"{k}={v}" for k, v in connection.items())]
    script = 'mount -t tmpfs none /run && mkdir -m 755 /run/sshd && cd / && exec "$@"'
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", *command], capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        return None, done.stderr
    values = {}
    for line in done.stdout.splitlines():
        name, _, value = line.partition(" ")
        values.setdefault(name, []).append(value.strip())
    return values, done.stderr


def ours(config, connection):
    command = [str(DRIVER), "902", str(config)]
    if connection:
        command += [f"{k}={v}" for k, v in connection.items()]
        groups = subprocess.run(["id", "-Gn", connection["user"]], capture_output=True, text=True, check=True).stdout.split()
        command += [f"group={g}" for g in groups]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    values, fatal = {}, []
    for line in done.stdout.splitlines():
        name, *rest = line.split("\t")
        if name == "fatal":
            fatal.append(rest[0])
        elif name != "note":
            assert not rest[0].startswith("?"), line
            values.setdefault(name, []).append(rest[0].strip())
    return values, fatal


def as_printed(name, values):
    if name == "permitrootlogin" and values == ["prohibit-password"]:
        return ["without-password"]
    if name == "loglevel":  # other words for the same
        return [{"QUIET": "SILENT", "DEBUG1": "DEBUG"}.get(values[0], values[0])]
    if name == "unusedconnectiontimeout":
        return ["none"] if values == ["0"] else values
    if name in ONE_LINE:
        return [" ".join(values)]
    if name in ("forcecommand", "versionaddendum"):
        return [v.strip() for v in values]
    return values


def compare(config, connection, text):
    expected, complaint = real(config, connection)
    got, fatal = ours(config, connection)
    if expected is None and "not in connection test specification" in complaint:
        return  # of the test mode only: it cannot answer without a port
    if expected is None and connection and '"any" must appear alone' in complaint:
        return  # two Match blocks that are fine one by one; sshd drops this connection only
    if expected is None:
        assert fatal, f"sshd refuses it and we do not: {complaint}\n{text}"
        return
    assert not fatal, f"sshd takes it and we do not: {fatal}\n{text}"
    for keyword, values in got.items():
        name = keyword.lower()
        if keyword in NOT_COMPARED:
            continue
        if name == "hostkey" or name not in expected:
            if name in expected:
                assert sorted(values) == sorted(expected[name]), f"{keyword}\n{text}"
            continue
        want = expected[name]
        if name in ("authorizedkeyscommanduser", "authorizedprincipalscommanduser"):
            continue
        assert as_printed(name, values) == want, f"{keyword} for {connection}: {text}"
    # What sshd prints as a list and we have nothing of, must be nothing there too.
    for name in ("allowusers", "denyusers", "allowgroups", "denygroups", "acceptenv", "subsystem"):
        have = [v for k, v in got.items() if k.lower() == name]
        assert (have[0] if have else []) == expected.get(name, []), f"{name} for {connection}\n{text}"


def dump(config, folder):
    return "\n".join(f"--- {p}\n{p.read_text()}" for p in [config, *sorted(folder.rglob("*")) ] if p.is_file())


@pytest.fixture(autouse=True)
def needs():
    missing = gabion.no_namespaces("--mount")
    if missing:
        pytest.skip(missing)
    if not pathlib.Path(SSHD).exists():
        pytest.skip("openssh-server is not installed")
    if not DRIVER.exists():
        pytest.skip(f"{DRIVER} is not built")
    banner = subprocess.run([SSHD, "-V"], capture_output=True, text=True).stderr
    if "OpenSSH_9.2" not in banner:
        pytest.skip(f"knows how 9.2 behaves, this is {banner.strip()}")


@pytest.mark.parametrize("block", range(10))
def test_generated_files(tmp_path, block):
    for number in range(ROUNDS // 10):
        rng = random.Random(block * 100_000 + number)
        folder = tmp_path / str(number)
        folder.mkdir()
        config = folder / "sshd_config"
        config.write_text("\n".join(lines(rng, folder, 0, False)) + "\n")
        text = dump(config, folder)
        for connection in rng.sample(CONNECTIONS, 2):
            compare(config, connection, f"round {block}/{number}\n{text}")


@pytest.mark.parametrize("line", BROKEN)
def test_what_sshd_refuses(tmp_path, line):
    config = tmp_path / "sshd_config"
    config.write_text(line + "\n")
    values, _ = real(config, None)
    assert values is None, "the example is no longer broken"
    _, fatal = ours(config, None)
    assert fatal


def test_the_installed_file():
    compare(pathlib.Path("/etc/ssh/sshd_config"), None, "the installed file")
