// The machine as a whole (kind "host"): name, machine or virtual machine or container, PID 1,
// uptime, whether a reboot is asked for. Runs first: other probes ask gb_in_container.
//
// A container is told by several signs, never by one file: a stray /.dockerenv on a virtual machine
// must not switch rules off. PID 2 being the kernel's thread starter means that this PID namespace
// is the machine's own; a root file system on a block device means that no engine built it.
#include "source/host/facts.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const char *const kinds[] = {"host", NULL};

// The inode of the first PID namespace is fixed in the kernel (PROC_PID_INIT_INO).
static const char initial_pid_namespace[] = "pid:[4026531836]";

struct signs {
    struct gb_facts *facts;
    struct gb_list *list;   // texts, for the reader
    bool kernel_threads;    // PID 2 is kthreadd: this PID namespace is the machine's own
    bool initial_namespace; // the PID namespace is the first one
    bool namespace_known;
    bool block_root;      // the root file system is on a block device
    bool memory_root;     // ... or is a disk image unpacked into memory (initramfs, tmpfs)
    bool marked;          // the container manager says so to PID 1 or below /run
    bool engine_cgroup;   // PID 1 is in a cgroup that an engine made
    bool engine_file;     // /.dockerenv, /run/.containerenv: weak, files are left behind
    struct gb_str engine; // "docker", "podman" ...; "" when no sign names it
};

static void add_sign(struct signs *signs, const char *text, const char *path)
{
    gb_fact_add_text(signs->facts, signs->list, gb_str_of(text), gb_str_of(path), 0);
}

// The text of "KEY=..." in a run of NUL-separated words; false when absent.
static bool find_variable(struct gb_str block, struct gb_str key, struct gb_str *ret)
{
    struct gb_str word;
    while (gb_str_next(&block, '\0', &word)) {
        if (gb_str_starts(word, key)) {
            *ret = gb_str_from(word, key.len);
            return true;
        }
    }
    return false;
}

// Words that engines and managers put into cgroup paths and into "container=".
static struct gb_str engine_of(struct gb_str text)
{
    static const char *const words[][2] = {
        {"kubepods", "kubernetes"},
        {"docker", "docker"},
        {"libpod", "podman"},
        {"podman", "podman"},
        {"crio", "cri-o"},
        {"containerd", "containerd"},
        {"lxc", "lxc"},
        {"garden", "garden"},
        {"buildkit", "docker"},
        {"systemd-nspawn", "systemd-nspawn"},
        {"machine.slice/machine-", "systemd-nspawn"},
        {"oci", "oci"},
        {"wsl", "wsl"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (gb_str_contains(text, gb_str_of(words[i][0])))
            return gb_str_of(words[i][1]);
    return (struct gb_str){0};
}

static void read_manager_marks(struct gb_collector *collector, struct signs *signs)
{
    struct gb_str text, value;
    if (!gb_small_file(collector, "/proc/1/environ", &text) &&
        find_variable(text, GB_STR("container="), &value) && value.len) {
        signs->marked = true;
        signs->engine = engine_of(value);
        add_sign(signs, "PID 1 was started with container= in its environment", "/proc/1/environ");
    }
    static const char *const files[] = {"/run/systemd/container", "/run/host/container-manager"};
    for (size_t i = 0; i < 2; i++) {
        if (gb_small_file(collector, files[i], &text))
            continue;
        signs->marked = true;
        if (!signs->engine.len)
            signs->engine = engine_of(text);
        char sign[80];
        snprintf(sign, sizeof sign, "%s names a container manager", files[i]);
        add_sign(signs, sign, files[i]);
    }
    if (gb_host_exists(collector->host, "/.dockerenv")) {
        signs->engine_file = true;
        add_sign(signs, "/.dockerenv exists (a weak sign: such files are left behind)",
                 "/.dockerenv");
        if (!signs->engine.len)
            signs->engine = GB_STR("docker");
    }
    if (gb_host_exists(collector->host, "/run/.containerenv")) {
        signs->engine_file = true;
        add_sign(signs, "/run/.containerenv exists (a weak sign: such files are left behind)",
                 "/run/.containerenv");
        signs->engine = GB_STR("podman");
    }
}

static void read_cgroup(struct gb_collector *collector, struct signs *signs)
{
    struct gb_str text, line;
    if (gb_small_file(collector, "/proc/1/cgroup", &text))
        return;
    bool root = true;
    while (gb_str_next(&text, '\n', &line)) {
        ptrdiff_t colon = gb_str_rfind_char(line, ':');
        struct gb_str path = gb_str_from(line, (size_t)(colon + 1));
        // systemd moves itself into init.scope of the root cgroup.
        if (gb_str_is(path, "/") || gb_str_is(path, "/init.scope"))
            continue;
        root = false;
        struct gb_str engine = engine_of(path);
        if (engine.len) {
            signs->engine_cgroup = true;
            signs->engine = engine;
        }
    }
    if (signs->engine_cgroup)
        add_sign(signs, "PID 1 is in a cgroup of a container engine", "/proc/1/cgroup");
    else if (root)
        add_sign(signs, "PID 1 is in the root cgroup", "/proc/1/cgroup");
}

static void read_namespace(struct gb_collector *collector, struct signs *signs)
{
    struct gb_str text;
    if (!gb_small_file(collector, "/proc/2/comm", &text) && gb_str_is(text, "kthreadd")) {
        signs->kernel_threads = true;
        add_sign(signs, "PID 2 is kthreadd: the PID namespace is the machine's own",
                 "/proc/2/comm");
    } else {
        add_sign(signs, "PID 2 is not kthreadd", "/proc/2/comm");
    }
    if (!gb_host_readlink(collector->host, "/proc/self/ns/pid", collector->scratch, &text, NULL)) {
        signs->namespace_known = true;
        signs->initial_namespace = gb_str_is(text, initial_pid_namespace);
        if (!signs->initial_namespace)
            add_sign(signs, "the PID namespace is not the kernel's first one", "/proc/self/ns/pid");
    }
}

// The root file system's device and type, from the last line of mountinfo that mounts "/".
static void read_root(struct gb_collector *collector, struct signs *signs)
{
    struct gb_str text, line;
    if (gb_host_read(collector->host, "/proc/self/mountinfo", GB_CONFIG_MAX_BYTES,
                     collector->scratch, &text, NULL))
        return;
    struct gb_str device = {0}, type = {0};
    while (gb_str_next(&text, '\n', &line)) {
        struct gb_str words[6], rest = line;
        size_t count = 0;
        while (count < 6 && gb_str_next_word(&rest, &words[count]))
            count++;
        if (count < 6 || !gb_str_is(words[4], "/"))
            continue;
        ptrdiff_t dash = gb_str_find(rest, GB_STR(" - "));
        struct gb_str behind = dash < 0 ? (struct gb_str){0} : gb_str_from(rest, (size_t)dash + 3);
        device = words[2];
        if (!gb_str_next_word(&behind, &type))
            type = (struct gb_str){0};
    }
    // Major 0 is for file systems without a block device. btrfs and zfs use it with real disks.
    bool pooled = gb_str_is(type, "btrfs") || gb_str_is(type, "zfs") || gb_str_is(type, "bcachefs");
    signs->block_root = device.len && (!gb_str_starts(device, GB_STR("0:")) || pooled);
    signs->memory_root = gb_str_is(type, "rootfs") || gb_str_is(type, "tmpfs");
    if (signs->block_root)
        add_sign(signs, "the root file system is on a block device", "/proc/self/mountinfo");
    else if (type.len) {
        char sign[96];
        snprintf(sign, sizeof sign, "the root file system (" GB_PRI ") is not on a block device",
                 GB_ARG(gb_str_sub(type, 0, 32)));
        add_sign(signs, sign, "/proc/self/mountinfo");
    }
}

static bool is_container(const struct signs *signs)
{
    bool own_pids = signs->kernel_threads || (signs->namespace_known && signs->initial_namespace);
    if (!own_pids)
        // hidepid hides PID 2 from users: with nothing else said, a block device decides.
        return signs->marked || signs->engine_cgroup || signs->engine_file ||
               (signs->namespace_known && !signs->initial_namespace) || !signs->block_root;
    // The machine's own PIDs and still a container: one that was given the host's PID namespace.
    // Its root file system was built by an engine.
    return (signs->marked || signs->engine_file) && !signs->block_root && !signs->memory_root;
}

struct vendor {
    const char *file, *prefix, *hypervisor, *cloud;
};

// Which hypervisor does the firmware name? In order; the first hit counts.
static const struct vendor vendors[] = {
    {"sys_vendor", "Amazon EC2", "amazon", "aws"},
    {"bios_vendor", "Amazon EC2", "amazon", "aws"},
    {"chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77", "microsoft", "azure"},
    {"product_name", "Google Compute Engine", "kvm", "gcp"},
    {"sys_vendor", "DigitalOcean", "kvm", "digitalocean"},
    {"sys_vendor", "Hetzner", "kvm", "hetzner"},
    {"sys_vendor", "Alibaba Cloud", "kvm", "alibaba"},
    {"product_name", "OpenStack", "kvm", "openstack"},
    {"sys_vendor", "OpenStack", "kvm", "openstack"},
    {"sys_vendor", "VMware", "vmware", NULL},
    {"sys_vendor", "innotek", "virtualbox", NULL},
    {"product_name", "VirtualBox", "virtualbox", NULL},
    {"sys_vendor", "Xen", "xen", NULL},
    {"sys_vendor", "Parallels", "parallels", NULL},
    {"sys_vendor", "QEMU", "qemu", NULL},
    {"product_name", "KVM", "kvm", NULL},
    {"product_name", "Virtual Machine", "microsoft", NULL},
    {"sys_vendor", "Bochs", "bochs", NULL},
    {"sys_vendor", "Apple Virtualization", "apple", NULL},
    {"sys_vendor", "BHYVE", "bhyve", NULL},
    {"bios_vendor", "BHYVE", "bhyve", NULL},
};

// Does the processor say that a hypervisor runs it? The first block of /proc/cpuinfo says so; the
// file is large and slow on machines with many processors, so only its beginning is read.
static bool runs_under_hypervisor(struct gb_collector *collector)
{
    char text[4096];
    int fd = gb_host_open_fd(collector->host, "/proc/cpuinfo", O_RDONLY, NULL);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, text, sizeof text);
    close(fd);
    struct gb_str rest = {text, got > 0 ? (size_t)got : 0}, line, word;
    while (gb_str_next(&rest, '\n', &line)) {
        if (!gb_str_starts(line, GB_STR("flags")))
            continue;
        while (gb_str_next_word(&line, &word))
            if (gb_str_is(word, "hypervisor"))
                return true;
        return false;
    }
    return false;
}

static struct gb_str hypervisor_of(struct gb_collector *collector, struct gb_str *cloud,
                                   struct gb_str *where)
{
    char path[64];
    struct gb_str text;
    for (size_t i = 0; i < sizeof vendors / sizeof *vendors; i++) {
        snprintf(path, sizeof path, "/sys/class/dmi/id/%s", vendors[i].file);
        if (gb_small_file(collector, path, &text) ||
            !gb_str_starts(text, gb_str_of(vendors[i].prefix)))
            continue;
        *where = gb_str_copy(collector->arena, gb_str_of(path));
        if (vendors[i].cloud)
            *cloud = gb_str_of(vendors[i].cloud);
        // Bare-metal instances carry the cloud's name and no hypervisor.
        if (gb_str_is(gb_str_of(vendors[i].hypervisor), "amazon") &&
            !runs_under_hypervisor(collector))
            return GB_STR("none");
        return gb_str_of(vendors[i].hypervisor);
    }
    if (!gb_small_file(collector, "/sys/hypervisor/type", &text) && gb_str_is(text, "xen")) {
        *where = GB_STR("/sys/hypervisor/type");
        return GB_STR("xen");
    }
    *where = GB_STR("/proc/cpuinfo");
    return runs_under_hypervisor(collector) ? GB_STR("unnamed") : GB_STR("none");
}

static void put_form(struct gb_collector *collector, struct gb_facts *facts)
{
    struct signs signs = {.facts = facts, .list = gb_list_new(collector->arena)};
    read_namespace(collector, &signs);
    read_manager_marks(collector, &signs);
    read_cgroup(collector, &signs);
    read_root(collector, &signs);
    struct gb_str cloud = {0}, where = {0};
    struct gb_str hypervisor = hypervisor_of(collector, &cloud, &where);
    bool container = is_container(&signs);
    bool virtual = !gb_str_is(hypervisor, "none");
    gb_fact(facts, "form",
            gb_string(container ? GB_STR("container")
                      : virtual ? GB_STR("virtual_machine")
                                : GB_STR("machine")));
    if (signs.list)
        gb_fact(facts, "form_signs", gb_list_of(signs.list));
    if (container)
        gb_fact(facts, "container_engine",
                gb_string(signs.engine.len ? signs.engine : GB_STR("unnamed")));
    gb_fact(facts, "hypervisor", gb_fact_at(facts, gb_string(hypervisor), where, 0));
    if (cloud.len)
        gb_fact(facts, "cloud", gb_fact_at(facts, gb_string(cloud), where, 0));
}

// What init is PID 1? The executable tells; the name is what users without rights get to see.
static void put_init(struct gb_collector *collector, struct gb_facts *facts)
{
    struct gb_str name = {0}, executable = {0};
    struct gb_value unread = {0};
    int code = gb_small_file(collector, "/proc/1/comm", &name);
    if (code)
        unread = gb_unread(collector, "/proc/1/comm", code);
    gb_fact(facts, "init_name",
            code ? unread
                 : gb_fact_at(facts, gb_fact_text(facts, name), GB_STR("/proc/1/comm"), 0));
    int linked =
        gb_host_readlink(collector->host, "/proc/1/exe", collector->arena, &executable, NULL);
    if (!linked)
        gb_fact(facts, "init_executable",
                gb_fact_at(facts, gb_fact_text(facts, executable), GB_STR("/proc/1/exe"), 0));
    else
        gb_fact(facts, "init_executable", gb_unread(collector, "/proc/1/exe", linked));

    // sd_booted(3): the documented test is this directory.
    bool systemd = gb_host_exists(collector->host, "/run/systemd/system");
    gb_fact(facts, "systemd_running",
            gb_fact_at(facts, gb_bool(systemd), GB_STR("/run/systemd/system"), 0));
    struct gb_str base = linked ? name : executable;
    base = gb_str_from(base, (size_t)(gb_str_rfind_char(base, '/') + 1));
    const char *system = "other";
    if (code && linked)
        system = NULL;
    else if (systemd || gb_str_is(base, "systemd"))
        system = "systemd";
    else if (gb_host_exists(collector->host, "/run/openrc"))
        system = "openrc";
    else if (gb_str_is(base, "init") && gb_host_exists(collector->host, "/etc/inittab"))
        system = "sysvinit";
    else if (gb_str_is(base, "busybox") || gb_str_starts(base, GB_STR("runit")) ||
             gb_str_starts(base, GB_STR("s6-")))
        system = base.at[0] == 'b' ? "busybox" : base.at[0] == 'r' ? "runit" : "s6";
    gb_fact(facts, "init_system", system ? gb_string(gb_str_of(system)) : unread);
}

static void put_uptime(struct gb_collector *collector, struct gb_facts *facts)
{
    struct gb_str text, word;
    uint64_t seconds;
    int code = gb_small_file(collector, "/proc/uptime", &text);
    if (!code && gb_str_next(&text, '.', &word))
        code = gb_str_to_uint(word, 10, &seconds);
    if (code || seconds > INT32_MAX) {
        gb_fact(facts, "uptime", gb_unread(collector, "/proc/uptime", code ? code : GB_E_RANGE));
        return;
    }
    gb_fact(facts, "uptime",
            gb_fact_at(facts, gb_duration((int64_t)seconds, 0), GB_STR("/proc/uptime"), 0));
}

// Without one of these hooks no package leaves the flag, and its absence says nothing.
static bool records_reboots(const struct gb_host *host)
{
    static const char *const hooks[] = {"/usr/share/update-notifier/notify-reboot-required",
                                        "/etc/kernel/postinst.d/unattended-upgrades",
                                        "/etc/kernel/postinst.d/update-notifier"};
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++)
        if (gb_host_exists(host, hooks[i]))
            return true;
    return false;
}

// Packages of Debian and Ubuntu leave these two files when a reboot is needed.
static void put_reboot(struct gb_collector *collector, struct gb_facts *facts)
{
    static const char flag[] = "/run/reboot-required", names[] = "/run/reboot-required.pkgs";
    if (!gb_host_has_kernel(collector->host)) {
        gb_fact(facts, "reboot_required", gb_not_applicable(GB_STR("needs a live kernel")));
        return;
    }
    bool required = gb_host_exists(collector->host, flag);
    gb_fact(facts, "reboot_required",
            required || records_reboots(collector->host)
                ? gb_fact_at(facts, gb_bool(required), GB_STR(flag), 0)
                : gb_not_applicable(GB_STR("nothing here records that a reboot is needed")));
    struct gb_list *list = gb_list_new(collector->arena);
    struct gb_str text, line;
    uint32_t number = 0;
    if (!gb_small_file(collector, names, &text))
        while (gb_str_next(&text, '\n', &line) && number++ < 1000)
            gb_fact_add_text(facts, list, gb_str_trim(line), GB_STR(names), number);
    if (list)
        gb_fact(facts, "reboot_packages", gb_list_of(list));
}

static void put_without_kernel(struct gb_facts *facts)
{
    static const char *const fields[] = {
        "form",        "hypervisor",      "init_name", "init_executable",
        "init_system", "systemd_running", "uptime",    "architecture",
        "memory_bytes"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        gb_fact(facts, fields[i], gb_not_applicable(GB_STR("needs a live kernel")));
}

static void put_name(struct gb_collector *collector, struct gb_facts *facts)
{
    struct gb_kernel_name name;
    struct gb_str text;
    if (!gb_host_uname(collector->host, &name, NULL)) {
        gb_fact(facts, "hostname", gb_fact_text(facts, gb_str_of(name.hostname)));
        gb_fact(facts, "architecture", gb_fact_text(facts, gb_str_of(name.machine)));
    } else if (!gb_small_file(collector, "/etc/hostname", &text)) {
        gb_fact(facts, "hostname",
                gb_fact_at(facts, gb_fact_text(facts, text), GB_STR("/etc/hostname"), 1));
    } else {
        gb_fact(facts, "hostname", gb_unknown(GB_STR("/etc/hostname: not found")));
    }
}

static void put_memory(struct gb_collector *collector, struct gb_facts *facts)
{
    struct gb_str text, line, word;
    uint64_t kib;
    int code = gb_small_file(collector, "/proc/meminfo", &text);
    while (!code && gb_str_next(&text, '\n', &line)) {
        if (!gb_str_starts(line, GB_STR("MemTotal:")))
            continue;
        line = gb_str_from(line, strlen("MemTotal:"));
        if (gb_str_next_word(&line, &word) && !gb_str_to_uint(word, 10, &kib) &&
            kib < INT64_MAX / 1024) {
            gb_fact(facts, "memory_bytes",
                    gb_fact_at(facts, gb_int((int64_t)kib * 1024), GB_STR("/proc/meminfo"), 1));
            return;
        }
        code = GB_E_SYNTAX;
    }
    gb_fact(facts, "memory_bytes",
            gb_unread(collector, "/proc/meminfo", code ? code : GB_E_NOT_FOUND));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("host"), GB_STR("")));
    if (!facts.props)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the host's facts");
    put_name(collector, &facts);
    if (gb_host_has_kernel(collector->host)) {
        put_form(collector, &facts);
        put_init(collector, &facts);
        put_uptime(collector, &facts);
        put_memory(collector, &facts);
    } else {
        put_without_kernel(&facts);
    }
    put_reboot(collector, &facts);
    return GB_OK;
}

const struct gb_source gb_source_machine = {
    .name = "host/machine",
    .title = "the machine",
    .kinds = kinds,
    .order = -1, // before all others: they ask gb_in_container
    .collect = collect,
};
