// Tables of files by path and name; see file_rules.h.
#include "source/host/file_rules.h"

#include <stdlib.h>
#include <sys/sysmacros.h>

// ---- programs with privilege

// Shell patterns over whole paths (* does not cross a slash). What packages of Debian and Ubuntu
// install setuid or setgid.
static const char *const privileged[] = {
    "/usr/bin/at",
    "/usr/bin/bsd-write",
    "/usr/bin/chage",
    "/usr/bin/chfn",
    "/usr/bin/chsh",
    "/usr/bin/crontab",
    "/usr/bin/doas",
    "/usr/bin/dotlockfile",
    "/usr/bin/dumpcap",
    "/usr/bin/expiry",
    "/usr/bin/firejail",
    "/usr/bin/fusermount",
    "/usr/bin/fusermount3",
    "/usr/bin/gpasswd",
    "/usr/bin/kismet_cap_*",
    "/usr/bin/ksu",
    "/usr/bin/lockfile",
    "/usr/bin/mail-lock",
    "/usr/bin/mail-touchlock",
    "/usr/bin/mail-unlock",
    "/usr/bin/mlocate",
    "/usr/bin/mount",
    "/usr/bin/newgidmap",
    "/usr/bin/newgrp",
    "/usr/bin/newuidmap",
    "/usr/bin/ntfs-3g",
    "/usr/bin/passwd",
    "/usr/bin/physlock",
    "/usr/bin/pkexec",
    "/usr/bin/plocate",
    "/usr/bin/pmount",
    "/usr/bin/procmail",
    "/usr/bin/pumount",
    "/usr/bin/rcp",
    "/usr/bin/rlogin",
    "/usr/bin/rsh",
    "/usr/bin/rsh-redone-rlogin",
    "/usr/bin/rsh-redone-rsh",
    "/usr/bin/schroot",
    "/usr/bin/screen",
    "/usr/bin/slock",
    "/usr/bin/ssh-agent",
    "/usr/bin/su",
    "/usr/bin/sudo",
    "/usr/bin/traceroute6.iputils",
    "/usr/bin/umount",
    "/usr/bin/vlock-main",
    "/usr/bin/vmware-user-suid-wrapper",
    "/usr/bin/wall",
    "/usr/bin/write",
    "/usr/bin/write.ul",
    "/usr/bin/xlock",
    "/usr/bin/xterm",
    "/usr/games/*",
    "/usr/lib/apache2/suexec-custom",
    "/usr/lib/apache2/suexec-pristine",
    "/usr/lib/authbind/helper",
    "/usr/lib/chromium/chrome-sandbox",
    "/usr/lib/cockpit/cockpit-session",
    "/usr/lib/dbus-1.0/dbus-daemon-launch-helper",
    "/usr/lib/dma/dma-mbox-create",
    "/usr/lib/eject/dmcrypt-get-device",
    "/usr/lib/emacs/*/*/movemail",
    "/usr/lib/evolution/camel-lock-helper-1.2",
    "/usr/lib/landscape/apt-update",
    "/usr/lib/mc/cons.saver",
    "/usr/lib/openssh/ssh-keysign",
    "/usr/lib/policykit-1/polkit-agent-helper-1",
    "/usr/lib/polkit-1/polkit-agent-helper-1",
    "/usr/lib/qemu/qemu-bridge-helper",
    "/usr/lib/sm.bin/mailstats",
    "/usr/lib/sm.bin/sendmail",
    "/usr/lib/snapd/snap-confine",
    "/usr/lib/spice-gtk/spice-client-glib-usb-acl-helper",
    "/usr/lib/telnetlogin",
    "/usr/lib/utempter/utempter",
    "/usr/lib/virtualbox/*",
    "/usr/lib/x86_64-linux-gnu/libexec/kf5/*",
    "/usr/lib/*/libexec/kf5/*",
    "/usr/lib/*/libgtop_server2",
    "/usr/lib/*/lxc/lxc-user-nic",
    "/usr/lib/*/utempter/utempter",
    "/usr/lib/xorg/Xorg.wrap",
    "/usr/libexec/camel-lock-helper-1.2",
    "/usr/libexec/cockpit-session",
    "/usr/libexec/dma/dma-mbox-create",
    "/usr/libexec/lxc/lxc-user-nic",
    "/usr/libexec/polkit-agent-helper-1",
    "/usr/libexec/qemu-bridge-helper",
    "/usr/libexec/spice-client-glib-usb-acl-helper",
    "/usr/libexec/sssd/*_child",
    "/usr/libexec/xtables-addons/*",
    "/usr/sbin/dma",
    "/usr/sbin/exim4",
    "/usr/sbin/mount.cifs",
    "/usr/sbin/mount.davfs",
    "/usr/sbin/mount.ecryptfs_private",
    "/usr/sbin/mount.nfs",
    "/usr/sbin/mount.ntfs-3g",
    "/usr/sbin/nullmailer-queue",
    "/usr/sbin/pam_extrausers_chkpwd",
    "/usr/sbin/pam-tmpdir-helper",
    "/usr/sbin/postdrop",
    "/usr/sbin/postqueue",
    "/usr/sbin/pppd",
    "/usr/sbin/smtpctl",
    "/usr/sbin/ssmtp",
    "/usr/sbin/unix_chkpwd",
    "/usr/sbin/usernetctl",
    "/opt/*/chrome-sandbox",
    "/opt/*/*/chrome-sandbox",
    "/opt/*/*/msedge-sandbox",
    "/usr/share/*/chrome-sandbox",
    "/usr/lib/*/chrome-sandbox",
};

static const char *const capable[] = {
    "/usr/bin/arping",
    "/usr/bin/clockdiff",
    "/usr/bin/dumpcap",
    "/usr/bin/fping",
    "/usr/bin/gnome-keyring-daemon",
    "/usr/bin/i3status",
    "/usr/bin/kismet_cap_*",
    "/usr/bin/kwin_wayland",
    "/usr/bin/mtr-packet",
    "/usr/bin/newgidmap",
    "/usr/bin/newuidmap",
    "/usr/bin/ping",
    "/usr/bin/systemd-detect-virt",
    "/usr/bin/traceroute6.iputils",
    "/usr/lib/*/gstreamer1.0/gstreamer-1.0/gst-ptp-helper",
    "/usr/lib/*/libexec/ksysguard/ksgrd_network_helper",
    "/usr/lib/*/libexec/ksystemstats/ksystemstats_intel_helper",
    "/usr/lib/snapd/snap-confine",
    "/usr/libexec/gstreamer-1.0/gst-ptp-helper",
};

static bool is_any(const char *const *patterns, size_t count, struct gb_str path)
{
    for (size_t i = 0; i < count; i++)
        if (gb_str_glob(gb_str_of(patterns[i]), path, true))
            return true;
    return false;
}

bool gb_file_ships_privileged(struct gb_str path)
{
    return is_any(privileged, sizeof privileged / sizeof *privileged, path);
}

bool gb_file_ships_capabilities(struct gb_str path)
{
    return is_any(capable, sizeof capable / sizeof *capable, path);
}

bool gb_file_gives_shell(struct gb_str name)
{
    static const char *const patterns[] = {
        "7z",          "ar",        "ash",     "awk",
        "base32",      "base64",    "bash",    "bsdtar",
        "busybox",     "bzip2",     "capsh",   "cat",
        "chmod",       "chown",     "chroot",  "cp",
        "cpio",        "csh",       "curl",    "cut",
        "dash",        "dd",        "diff",    "docker",
        "ed",          "emacs*",    "env",     "ex",
        "expect",      "file",      "find",    "fish",
        "flock",       "gawk",      "gcc*",    "gdb",
        "git",         "grep",      "gzip",    "head",
        "install",     "ionice",    "java",    "join",
        "ksh*",        "ld-linux*", "ld.so",   "less",
        "ln",          "ltrace",    "lua*",    "make",
        "man",         "mawk",      "mksh",    "more",
        "mv",          "nano",      "nawk",    "nc",
        "nc.*",        "ncat",      "nice",    "nmap",
        "node",        "nodejs",    "nohup",   "nsenter",
        "od",          "openssl",   "perl*",   "php*",
        "pico",        "pip*",      "podman",  "python*",
        "rbash",       "rev",       "rsync",   "ruby*",
        "run-parts",   "rvim",      "scp",     "sed",
        "setarch",     "setpriv",   "sh",      "shuf",
        "socat",       "sort",      "ssh",     "start-stop-daemon",
        "static-sh",   "stdbuf",    "strace",  "systemctl",
        "systemd-run", "tac",       "tail",    "tar",
        "taskset",     "tclsh*",    "tee",     "time",
        "timeout",     "tmux",      "unshare", "unzip",
        "vi",          "view",      "vim*",    "watch",
        "wget",        "xargs",     "xxd",     "xz",
        "yash",        "zip",       "zsh*",    "zstd",
    };
    return is_any(patterns, sizeof patterns / sizeof *patterns, name);
}

// ---- places

static bool is_below(struct gb_str path, const char *dir)
{
    struct gb_str front = gb_str_of(dir);
    return gb_str_starts(path, front) && (path.len == front.len || path.at[front.len] == '/');
}

enum gb_file_place gb_file_place_of(struct gb_str dir)
{
    static const char *const commands[] = {"/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/games"};
    static const char *const temporary[] = {"/tmp", "/var/tmp", "/dev/shm"};
    static const char *const system[] = {
        "/etc",   "/usr",   "/boot",   "/opt", "/root",           "/lib",         "/sbin", "/bin",
        "/lib64", "/lib32", "/libx32", "/srv", "/var/spool/cron", "/var/lib/dpkg"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (gb_str_is(dir, commands[i]))
            return GB_PLACE_COMMANDS;
    for (size_t i = 0; i < sizeof temporary / sizeof *temporary; i++)
        if (is_below(dir, temporary[i]))
            return GB_PLACE_TEMPORARY;
    if (is_below(dir, "/dev"))
        return GB_PLACE_DEVICES;
    for (size_t i = 0; i < sizeof system / sizeof *system; i++)
        if (is_below(dir, system[i]))
            return GB_PLACE_SYSTEM;
    return GB_PLACE_OTHER;
}

bool gb_file_is_container_store(struct gb_str dir)
{
    static const char *const stores[] = {
        "/var/lib/docker",
        "/var/lib/containers/storage",
        "/var/lib/containerd",
        "/var/lib/lxc",
        "/var/lib/lxd",
        "/var/lib/incus",
        "/var/lib/machines",
        "/var/lib/kubelet/pods",
        "/var/lib/rancher/k3s/agent/containerd",
        "/var/snap/docker/common/var-lib-docker",
        "/home/*/.local/share/containers/storage",
        "/home/*/.local/share/docker",
        "/root/.local/share/containers/storage",
        "/root/.local/share/docker",
    };
    return is_any(stores, sizeof stores / sizeof *stores, dir);
}

bool gb_file_is_sample_path(struct gb_str path)
{
    static const char *const words[] = {
        "test",          "tests",         "testdata",    "testing",  "test-data",    "test_data",
        "fixtures",      "spec",          "example",     "examples", "sample",       "samples",
        "demo",          "doc",           "docs",        "vendor",   "node_modules", "mock",
        "site-packages", "dist-packages", "third_party", "src",      "corpus",       "testcases",
    };
    for (struct gb_str part; gb_str_next(&path, '/', &part);)
        for (size_t i = 0; part.len && i < sizeof words / sizeof *words; i++)
            if (gb_str_eq_nocase(part, gb_str_of(words[i])))
                return true;
    return false;
}

// ---- secrets by name

static const char private_key[] = "private key", key_store[] = "key store",
                  environment[] = "environment file", passwords[] = "password file",
                  shadow_copy[] = "copy of the shadow file", cloud[] = "cloud credentials",
                  state[] = "infrastructure state", hashes[] = "password hashes";

struct name_rule {
    const char *name; // or an ending that begins with a dot or dash after '*'
    const char *what;
};

static const struct name_rule names[] = {
    {".env", environment},
    {".git-credentials", passwords},
    {".htpasswd", hashes},
    {".my.cnf", passwords},
    {".netrc", passwords},
    {".pgpass", passwords},
    {".vault-token", cloud},
    {".s3cfg", cloud},
    {".boto", cloud},
    {"id_dsa", private_key},
    {"id_ecdsa", private_key},
    {"id_ed25519", private_key},
    {"id_rsa", private_key},
    {"shadow.bak", shadow_copy},
    {"shadow.old", shadow_copy},
    {"shadow.orig", shadow_copy},
    {"shadow~", shadow_copy},
    {"shadow.save", shadow_copy},
    {"gshadow.bak", shadow_copy},
    {"terraform.tfstate", state},
    {"wp-config.php", environment},
};

static const struct name_rule endings[] = {
    {".pem", private_key},    {".key", private_key}, {".ppk", private_key}, {".p12", key_store},
    {".pfx", key_store},      {".jks", key_store},   {".kdbx", key_store},  {".kdb", key_store},
    {".keystore", key_store}, {".tfstate", state},   {".env", environment},
};

const char *gb_file_secret_of_name(struct gb_str name)
{
    if (name.len < 4)
        return "";
    char first = name.at[0];
    if (first == '.' || first == 'i' || first == 's' || first == 'g' || first == 't' ||
        first == 'w')
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (names[i].name[0] == first && gb_str_is(name, names[i].name))
                return names[i].what;
    // ".env.production", but no template of it.
    if (gb_str_starts(name, GB_STR(".env.")) && !gb_str_contains(name, GB_STR("example")) &&
        !gb_str_contains(name, GB_STR("sample")) && !gb_str_contains(name, GB_STR("template")) &&
        !gb_str_contains(name, GB_STR("dist")))
        return environment;
    ptrdiff_t dot = gb_str_rfind_char(name, '.');
    if (dot < 1)
        return "";
    struct gb_str end = gb_str_from(name, (size_t)dot);
    char second = end.len > 1 ? end.at[1] : '\0';
    if (second != 'p' && second != 'k' && second != 'j' && second != 't' && second != 'e')
        return "";
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (gb_str_is(end, endings[i].name))
            return endings[i].what;
    return "";
}

bool gb_file_secret_is_certain(const char *what)
{
    return what != private_key && what != environment && what != hashes && what != passwords;
}

// An unencrypted private key in PEM form (or PuTTY's).
static bool has_private_key(struct gb_str text)
{
    if (gb_str_starts(text, GB_STR("PuTTY-User-Key-File")))
        return gb_str_contains(text, GB_STR("Encryption: none"));
    ptrdiff_t begin = gb_str_find(text, GB_STR("PRIVATE KEY-----"));
    if (begin < 0 || !gb_str_contains(gb_str_sub(text, 0, (size_t)begin), GB_STR("-----BEGIN ")))
        return false;
    if (gb_str_contains(text, GB_STR("BEGIN ENCRYPTED")) ||
        gb_str_contains(text, GB_STR("Proc-Type: 4,ENCRYPTED")))
        return false;
    // OpenSSH's own form names its cipher first: "none" in base64 behind the magic word.
    if (gb_str_contains(text, GB_STR("BEGIN OPENSSH PRIVATE KEY")))
        return gb_str_contains(text, GB_STR("b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"));
    return true;
}

static bool names_secret(struct gb_str name)
{
    static const char *const words[] = {"PASSWORD", "PASSWD",  "SECRET",     "TOKEN",
                                        "API_KEY",  "APIKEY",  "ACCESS_KEY", "PRIVATE_KEY",
                                        "DB_PASS",  "AUTH_KEY"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (size_t at = 0; at + strlen(words[i]) <= name.len; at++)
            if (gb_str_eq_nocase(gb_str_sub(name, at, strlen(words[i])), gb_str_of(words[i])))
                return true;
    return false;
}

// NAME=value, export NAME="value", or define( 'NAME', 'value' ); with a value that is none of the
// usual place holders.
static bool has_secret_setting(struct gb_str text)
{
    for (struct gb_str line; gb_str_next(&text, '\n', &line);) {
        line = gb_str_trim(line);
        ptrdiff_t split = gb_str_find_char(line, '=');
        bool define = gb_str_starts(line, GB_STR("define"));
        if (define)
            split = gb_str_find_char(line, ',');
        if (split <= 0 || line.at[0] == '#' || line.at[0] == '/')
            continue;
        struct gb_str value = gb_str_trim(gb_str_from(line, (size_t)split + 1));
        while (value.len && strchr("'\" ", value.at[0]))
            value = gb_str_from(value, 1);
        bool place_holder = value.len < 4 || value.at[0] == '$' || value.at[0] == '<' ||
                            gb_str_starts(value, GB_STR("your")) ||
                            gb_str_starts(value, GB_STR("put your"));
        if (!place_holder && names_secret(gb_str_sub(line, 0, (size_t)split)))
            return true;
    }
    return false;
}

bool gb_file_secret_in_content(const char *what, struct gb_str content)
{
    if (what == private_key)
        return has_private_key(content);
    if (what == environment)
        return has_secret_setting(content);
    if (what == hashes)
        return gb_str_contains(content, GB_STR(":$")) || gb_str_contains(content, GB_STR(":{"));
    if (what == passwords) {
        struct gb_str rest = content;
        for (struct gb_str line; gb_str_next(&rest, '\n', &line);)
            if (names_secret(line) || gb_str_contains(line, GB_STR("password")) ||
                gb_str_contains(line, GB_STR("://")) ||
                (line.len > 8 && line.at[0] != '#' && gb_str_find_char(line, ':') > 0))
                return true;
        return false;
    }
    return content.len > 0;
}

// ---- odd names

const char *gb_file_odd_name(struct gb_str name)
{
    size_t dots = 0, blanks = 0;
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.at[i];
        if (c < 0x20 || c == 0x7f)
            return "a control character in the name";
        dots += c == '.';
        blanks += c == ' ';
    }
    if (dots + blanks < name.len)
        return "";
    if (!blanks)
        return "a name of dots only";
    return dots ? "a name of dots and blanks only" : "a name of blanks only";
}

bool gb_file_is_harmless_device(uint64_t device)
{
    static const struct {
        unsigned major, minor;
    } harmless[] = {{1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}, {5, 2}};
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (major(device) == harmless[i].major && minor(device) == harmless[i].minor)
            return true;
    return false;
}
