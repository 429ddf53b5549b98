// Knows what programs can do for whoever runs them as root: see sudo_escape.h.
#include "source/host/sudo_escape.h"

// What a program can be made to do.
enum ability {
    SHELL,
    INTERPRETER,
    EDITOR,
    PAGER,
    CONSOLE,
    CLIENT,
    RUNNER,
    WRITER,
    PERMISSION,
    PACKAGE,
    SERVICE,
    ACCOUNT,
    MOUNTER,
    CONTAINER,
    KERNEL,
    ABILITY_COUNT,
};

static const struct {
    struct gb_str reason;
    bool prompts;       // steered from inside: fixed arguments do not help
    bool prompts_alone; // the same, but only when it is started without arguments
    bool noexec_prevents;
} abilities[ABILITY_COUNT] = {
    [SHELL] = {GB_STR_INIT("is a shell"), false, true, false},
    [INTERPRETER] = {GB_STR_INIT("runs any code that it is given"), false, true, false},
    [EDITOR] = {GB_STR_INIT("writes any file and starts shells"), true, true, false},
    [PAGER] = {GB_STR_INIT("starts shells from inside"), true, true, true},
    [CONSOLE] = {GB_STR_INIT("starts shells from inside"), true, true, true},
    [CLIENT] = {GB_STR_INIT("has a prompt that starts shells"), false, true, true},
    [RUNNER] = {GB_STR_INIT("starts any program that it is given"), false, false, true},
    [WRITER] = {GB_STR_INIT("writes any file"), false, false, false},
    [PERMISSION] = {GB_STR_INIT("changes owner, mode or capabilities of any file"), false, false,
                    false},
    [PACKAGE] = {GB_STR_INIT("installs packages, whose scripts run as root"), false, false, true},
    [SERVICE] = {GB_STR_INIT("starts any service or job as root"), false, false, false},
    [ACCOUNT] = {GB_STR_INIT("changes accounts and passwords, those of administrators too"), false,
                 true, false},
    [MOUNTER] = {GB_STR_INIT("mounts anything over system directories"), false, false, false},
    [CONTAINER] = {GB_STR_INIT("starts containers that see all files"), false, false, false},
    [KERNEL] = {GB_STR_INIT("loads code into the kernel or makes it start programs"), false, false,
                false},
};

// Names without version at their end: "python" is python3.11 too. Only what is certain.
static const struct {
    enum ability ability;
    const char *names; // between blanks
} programs[] = {
    {SHELL, "sh bash rbash dash ash zsh ksh mksh csh tcsh fish busybox toybox pwsh"},
    {INTERPRETER,
     "python pypy ipython perl ruby irb lua luajit node nodejs deno bun php tclsh wish "
     "expect awk gawk mawk nawk java jshell groovy julia guile m4 make gmake cmake "
     "ninja rake ansible ansible-playbook puppet terraform R Rscript erl octave "
     "gnuplot su"},
    {EDITOR, "vi vim view vimdiff rvim gvim nvim vim.basic vim.tiny vim.nox ex ed nano pico emacs "
             "jed joe mg micro mcedit kak helix hx ne vipw vigr"},
    {PAGER, "less more most pg man"},
    {CONSOLE, "ftp sftp telnet screen tmux byobu script mc lynx w3m mutt"},
    {CLIENT, "gdb lldb mysql mariadb psql sqlite3"},
    {RUNNER, "env nice ionice nohup time timeout watch xargs find flock chroot unshare nsenter "
             "capsh setpriv runuser setarch strace ltrace valgrind stdbuf setsid taskset chrt "
             "unbuffer rlwrap parallel entr ssh scp sshpass ssh-agent ssh-keygen rsync nmap "
             "tcpdump tar zip git start-stop-daemon run-parts logrotate socat openvpn ip gcc cc "
             "sudo doas pkexec aa-exec machinectl ld.so ld-linux-x86-64.so ld-linux-aarch64.so"},
    {WRITER, "cp mv tee dd install ln sed curl wget aria2c patch openssl unzip cpio xxd split sort "
             "update-alternatives debugfs"},
    {PERMISSION, "chmod chown chgrp setfacl setcap"},
    {PACKAGE, "apt apt-get aptitude dpkg dnf yum rpm zypper pacman apk snap pip gem npm npx yarn "
              "pnpm"},
    {SERVICE, "systemctl systemd-run service at batch crontab"},
    {ACCOUNT, "passwd chpasswd newusers useradd usermod adduser gpasswd visudo"},
    {MOUNTER, "mount"},
    {CONTAINER, "docker podman nerdctl ctr lxc lxd incus lxc-attach runc crun buildah "
                "systemd-nspawn qemu-system-x86_64 virsh"},
    {KERNEL, "insmod modprobe kmod kexec sysctl"},
};

struct gb_str gb_sudo_command_path(struct gb_str command)
{
    for (size_t i = 0; i < command.len; i++)
        if (command.at[i] == ' ' && (i == 0 || command.at[i - 1] != '\\'))
            return gb_str_sub(command, 0, i);
    return command;
}

struct gb_str gb_sudo_command_arguments(struct gb_str command)
{
    return gb_str_trim(gb_str_from(command, gb_sudo_command_path(command).len));
}

bool gb_sudo_has_wildcard(struct gb_str text)
{
    if (text.len && text.at[0] == '^')
        return gb_str_contains(text, GB_STR(".*")) || gb_str_contains(text, GB_STR(".+"));
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\\')
            i++;
        else if (strchr("*?[", text.at[i]))
            return true;
    }
    return false;
}

enum gb_sudo_arguments gb_sudo_argument_freedom(struct gb_str command)
{
    struct gb_str arguments = gb_sudo_command_arguments(command);
    if (arguments.len == 0)
        return GB_SUDO_ANY_ARGUMENTS;
    if (gb_str_is(arguments, "\"\""))
        return GB_SUDO_NO_ARGUMENTS;
    return gb_sudo_has_wildcard(arguments) ? GB_SUDO_WILD_ARGUMENTS : GB_SUDO_FIXED_ARGUMENTS;
}

static struct gb_str base_name(struct gb_str path)
{
    return gb_str_from(path, (size_t)(gb_str_rfind_char(path, '/') + 1));
}

// "python3.11" is python, "php8.2" is php.
static struct gb_str without_version(struct gb_str name)
{
    struct gb_str plain = name;
    while (plain.len && strchr("0123456789.-", plain.at[plain.len - 1]))
        plain.len--;
    return plain.len ? plain : name;
}

// The ability of a program's name, or of the first known one that a pattern matches.
static enum ability ability_of(struct gb_str pattern)
{
    struct gb_str plain = without_version(pattern);
    bool wild = gb_sudo_has_wildcard(pattern);
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        struct gb_str names = gb_str_of(programs[i].names), name;
        while (gb_str_next_word(&names, &name))
            if (gb_str_eq(name, pattern) || gb_str_eq(name, plain) ||
                (wild && gb_str_glob(pattern, name, true)))
                return programs[i].ability;
    }
    return ABILITY_COUNT;
}

bool gb_sudo_runs_its_argument(struct gb_str path)
{
    enum ability ability = ability_of(base_name(path));
    return ability == SHELL || ability == INTERPRETER;
}

// Files whose owner becomes root: with them sudoedit is as good as a shell.
static bool is_key_to_root(struct gb_str path)
{
    static const char *const keys[] = {
        "/etc/passwd",        "/etc/shadow",      "/etc/group",    "/etc/gshadow",
        "/etc/sudoers*",      "/etc/crontab",     "/etc/cron.*",   "/etc/pam.d*",
        "/etc/ld.so.*",       "/etc/profile*",    "/root/*",       "/etc/systemd/*",
        "/etc/bash.bashrc",   "/etc/environment", "/etc/init.d/*", "/lib/systemd/*",
        "/usr/lib/systemd/*", "/etc/security/*",  "/boot/*",       "/var/spool/cron/*",
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (gb_str_glob(gb_str_of(keys[i]), path, false))
            return true;
    return false;
}

static struct gb_str edit_escape(struct gb_str files)
{
    struct gb_str file;
    if (files.len == 0)
        return GB_STR("edits any file");
    while (gb_str_next_word(&files, &file)) {
        if (gb_str_is(file, "*") || gb_str_is(file, "/*"))
            return GB_STR("edits any file");
        if (is_key_to_root(file))
            return GB_STR("edits a file that decides who is root");
    }
    return (struct gb_str){0};
}

struct gb_str gb_sudo_escape(struct gb_str command, bool noexec)
{
    struct gb_str path = gb_sudo_command_path(command);
    if (gb_str_is(path, "sudoedit"))
        return edit_escape(gb_sudo_command_arguments(command));
    if (path.len == 0 || path.at[0] != '/')
        return (struct gb_str){0};
    if (path.at[path.len - 1] == '/')
        return GB_STR("is every program of a directory");
    struct gb_str name = base_name(path);
    if (gb_str_is(name, "*"))
        return GB_STR("is every program of a directory");
    enum ability ability = ability_of(name);
    if (ability == ABILITY_COUNT || (noexec && abilities[ability].noexec_prevents))
        return (struct gb_str){0};
    switch (gb_sudo_argument_freedom(command)) {
    case GB_SUDO_ANY_ARGUMENTS:
    case GB_SUDO_WILD_ARGUMENTS:
        return abilities[ability].reason;
    case GB_SUDO_NO_ARGUMENTS:
        if (abilities[ability].prompts_alone)
            return abilities[ability].reason;
        break;
    case GB_SUDO_FIXED_ARGUMENTS:
        if (abilities[ability].prompts)
            return abilities[ability].reason;
        break;
    }
    return (struct gb_str){0};
}
