// The running kernel (kind "kernel"): release, command line, build options that matter, lockdown,
// security modules, CPU mitigations, taint, modules, kexec, and whether a newer one is installed.
#include "model/version/version.h"
#include "source/host/facts.h"
#include "source/host/kernel_config.h"
#include "source/package/installed.h"

#include <stdio.h>

static const char *const kinds[] = {"kernel", NULL};

// Build options that controls ask for. An option that the kernel does not know counts as "n".
static const char *const options[] = {
    "AUDIT",
    "AUDITSYSCALL",
    "BINFMT_MISC",
    "BPF_JIT_ALWAYS_ON",
    "BPF_LSM",
    "BPF_SYSCALL",
    "BPF_UNPRIV_DEFAULT_OFF",
    "BUG_ON_DATA_CORRUPTION",
    "COMPAT_BRK",
    "COMPAT_VDSO",
    "DEBUG_FS",
    "DEBUG_LIST",
    "DEFAULT_MMAP_MIN_ADDR",
    "DEVKMEM",
    "DEVMEM",
    "FIREWIRE",
    "FORTIFY_SOURCE",
    "HARDENED_USERCOPY",
    "HIBERNATION",
    "IA32_EMULATION",
    "INIT_ON_ALLOC_DEFAULT_ON",
    "INIT_ON_FREE_DEFAULT_ON",
    "INIT_STACK_ALL_ZERO",
    "IO_STRICT_DEVMEM",
    "IO_URING",
    "IOMMU_SUPPORT",
    "INTEL_IOMMU",
    "AMD_IOMMU",
    "KEXEC",
    "KEXEC_FILE",
    "KEXEC_SIG",
    "LDISC_AUTOLOAD",
    "LEGACY_TIOCSTI",
    "LEGACY_VSYSCALL_EMULATE",
    "LIST_HARDENED",
    "LSM",
    "MAGIC_SYSRQ",
    "MODIFY_LDT_SYSCALL",
    "MODULES",
    "MODULE_SIG",
    "MODULE_SIG_FORCE",
    "PROC_KCORE",
    "RANDOMIZE_BASE",
    "RANDOMIZE_MEMORY",
    "SECCOMP_FILTER",
    "SECURITY",
    "SECURITY_APPARMOR",
    "SECURITY_DMESG_RESTRICT",
    "SECURITY_LOCKDOWN_LSM",
    "SECURITY_LOCKDOWN_LSM_EARLY",
    "SECURITY_SELINUX",
    "SECURITY_SMACK",
    "SECURITY_TOMOYO",
    "SECURITY_YAMA",
    "SLAB_FREELIST_HARDENED",
    "SLAB_FREELIST_RANDOM",
    "STACKPROTECTOR",
    "STACKPROTECTOR_STRONG",
    "STRICT_DEVMEM",
    "STRICT_KERNEL_RWX",
    "STRICT_MODULE_RWX",
    "USB",
    "USER_NS",
    "USERFAULTFD",
    "VMAP_STACK",
    "X86_X32_ABI",
};

static void put_config(struct gb_collector *collector, struct gb_facts *facts,
                       const struct gb_kernel_config *config)
{
    struct gb_list *list = gb_list_new(collector->arena);
    if (!config->known || !list) {
        gb_fact(facts, "config", gb_unknown(config->reason));
        return;
    }
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const struct gb_kernel_option *option = gb_kernel_config_get(config, gb_str_of(options[i]));
        struct gb_facts record = gb_facts_record(collector);
        uint32_t line = option ? option->line : 0;
        struct gb_str value = option ? option->value : GB_STR("n");
        gb_fact(&record, "name",
                gb_fact_at(&record, gb_string(gb_str_of(options[i])), config->path, line));
        gb_fact(&record, "value",
                gb_fact_at(&record, gb_fact_text(&record, value), config->path, line));
        struct gb_str text =
            gb_str_is(value, "n")
                ? gb_str_format(collector->scratch, "CONFIG_%s is not set", options[i])
                : gb_str_format(collector->scratch, "CONFIG_%s=" GB_PRI, options[i], GB_ARG(value));
        gb_fact(&record, "text",
                gb_fact_at(&record, gb_fact_text(&record, text), config->path, line));
        if (record.props)
            gb_list_add(collector->arena, list, gb_map_of(record.props));
    }
    gb_fact(facts, "config", gb_fact_at(facts, gb_list_of(list), config->path, 0));
}

// The kernel's own parameters: words up to a bare "--", with quotes around values kept together.
static void put_parameters(struct gb_facts *facts, struct gb_str text)
{
    struct gb_list *list = gb_list_new(facts->collector->arena);
    size_t at = 0;
    while (list && at < text.len) {
        while (at < text.len && (text.at[at] == ' ' || text.at[at] == '\n'))
            at++;
        size_t start = at;
        bool quoted = false;
        for (; at < text.len && (quoted || (text.at[at] != ' ' && text.at[at] != '\n')); at++)
            if (text.at[at] == '"')
                quoted = !quoted;
        struct gb_str word = gb_str_sub(text, start, at - start);
        if (gb_str_is(word, "--"))
            break;
        if (word.len)
            gb_fact_add_text(facts, list, word, GB_STR("/proc/cmdline"), 1);
    }
    if (list)
        gb_fact(facts, "parameters",
                gb_fact_at(facts, gb_list_of(list), GB_STR("/proc/cmdline"), 1));
}

static void put_command_line(struct gb_collector *collector, struct gb_facts *facts)
{
    struct gb_str text;
    int code = gb_small_file(collector, "/proc/cmdline", &text);
    if (code) {
        struct gb_value unread = gb_unread(collector, "/proc/cmdline", code);
        gb_fact(facts, "command_line", unread);
        gb_fact(facts, "parameters", unread);
        return;
    }
    gb_fact(facts, "command_line",
            gb_fact_at(facts, gb_fact_text(facts, text), GB_STR("/proc/cmdline"), 1));
    put_parameters(facts, text);
}

// The security file system is where lockdown and the list of security modules are read from. Some
// boots never mount it; then the build configuration says what can be said.
static void put_lockdown(struct gb_collector *collector, struct gb_facts *facts,
                         const struct gb_kernel_config *config)
{
    static const char path[] = "/sys/kernel/security/lockdown";
    struct gb_str text;
    int code = gb_small_file(collector, path, &text);
    if (!code) {
        ptrdiff_t open = gb_str_find_char(text, '['), close = gb_str_find_char(text, ']');
        struct gb_str word = open >= 0 && close > open
                                 ? gb_str_sub(text, (size_t)open + 1, (size_t)(close - open) - 1)
                                 : GB_STR("none");
        gb_fact(facts, "lockdown", gb_fact_at(facts, gb_fact_text(facts, word), GB_STR(path), 1));
        return;
    }
    bool mounted = gb_host_exists(collector->host, "/sys/kernel/security/lsm");
    bool early = gb_kernel_config_is(config, "SECURITY_LOCKDOWN_LSM_EARLY", 'y');
    const char *forced[] = {"LOCK_DOWN_KERNEL_FORCE_INTEGRITY",
                            "LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY"};
    const char *levels[] = {"integrity", "confidentiality"};
    for (size_t i = 0; !mounted && early && i < 2; i++) {
        const struct gb_kernel_option *option = gb_kernel_config_get(config, gb_str_of(forced[i]));
        if (!option || !gb_str_is(option->value, "y"))
            continue;
        gb_fact(facts, "lockdown",
                gb_fact_at(facts, gb_string(gb_str_of(levels[i])), config->path, option->line));
        return;
    }
    bool built = gb_kernel_config_is(config, "SECURITY_LOCKDOWN_LSM", 'y');
    if (mounted || (config->known && !built))
        gb_fact(facts, "lockdown",
                gb_fact_at(facts, gb_string(GB_STR("unavailable")),
                           mounted ? GB_STR("/sys/kernel/security/lsm") : config->path, 0));
    else
        gb_fact(facts, "lockdown",
                code == GB_E_NOT_FOUND ? gb_unknown(GB_STR("securityfs is not mounted"))
                                       : gb_unread(collector, path, code));
}

static void put_security_modules(struct gb_collector *collector, struct gb_facts *facts)
{
    static const char path[] = "/sys/kernel/security/lsm";
    struct gb_str text, name;
    int code = gb_small_file(collector, path, &text);
    struct gb_list *list = gb_list_new(collector->arena);
    if (code || !list) {
        gb_fact(facts, "security_modules",
                code == GB_E_NOT_FOUND ? gb_unknown(GB_STR("securityfs is not mounted"))
                                       : gb_unread(collector, path, code));
        return;
    }
    while (gb_str_next(&text, ',', &name))
        gb_fact_add_text(facts, list, gb_str_trim(name), GB_STR(path), 1);
    gb_fact(facts, "security_modules", gb_list_of(list));
}

static const char *mitigation_state(struct gb_str text)
{
    if (gb_str_is(text, "Not affected"))
        return "not_affected";
    struct gb_str status = text;
    if (gb_str_starts(status, GB_STR("KVM: ")))
        status = gb_str_from(status, 5);
    if (gb_str_starts(status, GB_STR("Mitigation")))
        return gb_str_contains(status, GB_STR("ulnerable")) ? "partly" : "mitigated";
    if (gb_str_starts(status, GB_STR("Vulnerable")) ||
        gb_str_contains(status, GB_STR("vulnerable")))
        return "vulnerable";
    return "unknown";
}

static void put_mitigations(struct gb_collector *collector, struct gb_facts *facts)
{
    static const char directory[] = "/sys/devices/system/cpu/vulnerabilities";
    struct gb_dir_entry *entries;
    size_t count;
    int code =
        gb_host_list(collector->host, directory, 256, collector->scratch, &entries, &count, NULL);
    struct gb_list *list = gb_list_new(collector->arena);
    if (code || !list) {
        gb_fact(facts, "mitigations", gb_unread(collector, directory, code));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        char path[320];
        struct gb_str text;
        snprintf(path, sizeof path, "%s/" GB_PRI, directory, GB_ARG(entries[i].name));
        struct gb_facts record = gb_facts_record(collector);
        struct gb_str where = gb_str_of(path);
        gb_fact(&record, "name",
                gb_fact_at(&record, gb_fact_text(&record, entries[i].name), where, 0));
        code = gb_small_file(collector, path, &text);
        gb_fact(&record, "state",
                code ? gb_unread(collector, path, code)
                     : gb_fact_at(&record, gb_string(gb_str_of(mitigation_state(text))), where, 0));
        struct gb_str both = code ? entries[i].name
                                  : gb_str_format(collector->scratch, GB_PRI ": " GB_PRI,
                                                  GB_ARG(entries[i].name), GB_ARG(text));
        gb_fact(&record, "text", gb_fact_at(&record, gb_fact_text(&record, both), where, 0));
        if (record.props)
            gb_list_add(collector->arena, list, gb_map_of(record.props));
    }
    gb_fact(facts, "mitigations", gb_fact_at(facts, gb_list_of(list), GB_STR(directory), 0));
}

// Documentation/admin-guide/tainted-kernels of the kernel; the position is the bit.
static const struct {
    const char *letter, *text;
} taints[] = {
    {"P", "a proprietary module was loaded"},
    {"F", "a module was loaded by force"},
    {"S", "the processor or system is out of specification"},
    {"R", "a module was unloaded by force"},
    {"M", "the processor reported a machine check"},
    {"B", "a bad memory page was found"},
    {"U", "a program asked for the mark"},
    {"D", "the kernel died once (oops or BUG)"},
    {"A", "an ACPI table was overridden"},
    {"W", "the kernel issued a warning"},
    {"C", "a staging driver was loaded"},
    {"I", "a firmware bug is worked around"},
    {"O", "a module from outside the kernel's source was loaded"},
    {"E", "an unsigned module was loaded"},
    {"L", "a soft lockup occurred"},
    {"K", "the kernel was patched while running"},
    {"X", "mark of the distribution"},
    {"T", "structures are laid out at random"},
    {"N", "an in-kernel test was run"},
    {"J", "firmware was changed through fwctl"},
};

static void put_taint(struct gb_collector *collector, struct gb_facts *facts)
{
    static const char path[] = "/proc/sys/kernel/tainted";
    int64_t mask;
    int code = gb_small_number(collector, path, &mask);
    struct gb_list *list = gb_list_new(collector->arena);
    if (code || !list) {
        gb_fact(facts, "taint", gb_unread(collector, path, code));
        gb_fact(facts, "taints", gb_unread(collector, path, code));
        return;
    }
    gb_fact(facts, "taint", gb_fact_at(facts, gb_int(mask), GB_STR(path), 0));
    for (size_t bit = 0; bit < sizeof taints / sizeof *taints; bit++) {
        if (!(mask >> bit & 1))
            continue;
        struct gb_facts record = gb_facts_record(collector);
        gb_fact(&record, "letter", gb_string(gb_str_of(taints[bit].letter)));
        gb_fact(&record, "text",
                gb_fact_at(&record, gb_string(gb_str_of(taints[bit].text)), GB_STR(path), 0));
        if (record.props)
            gb_list_add(collector->arena, list, gb_map_of(record.props));
    }
    gb_fact(facts, "taints", gb_fact_at(facts, gb_list_of(list), GB_STR(path), 0));
}

// Loaded modules that taint the kernel: "name (OE)" in the last column of /proc/modules.
static void put_modules(struct gb_collector *collector, struct gb_facts *facts)
{
    static const char path[] = "/proc/modules";
    struct gb_str text, line;
    int code = gb_host_read(collector->host, path, 1 << 20, collector->scratch, &text, NULL);
    // The file is there exactly when the kernel was built with module support.
    bool supported = code != GB_E_NOT_FOUND;
    gb_fact(facts, "modules_supported", gb_fact_at(facts, gb_bool(supported), GB_STR(path), 0));
    struct gb_list *loaded = gb_list_new(collector->arena);
    struct gb_list *tainting = gb_list_new(collector->arena);
    if ((code && supported) || !loaded || !tainting) {
        gb_fact(facts, "loaded_modules", gb_unread(collector, path, code));
        gb_fact(facts, "tainting_modules", gb_unread(collector, path, code));
        return;
    }
    for (uint32_t number = 1; supported && gb_str_next(&text, '\n', &line); number++) {
        struct gb_str rest = line, name;
        if (!gb_str_next_word(&rest, &name))
            continue;
        gb_fact_add_text(facts, loaded, name, GB_STR(path), number);
        ptrdiff_t open = gb_str_rfind_char(line, '(');
        if (open > 0 && gb_str_ends(line, GB_STR(")"))) {
            struct gb_str both = gb_str_format(collector->scratch, GB_PRI " " GB_PRI, GB_ARG(name),
                                               GB_ARG(gb_str_from(line, (size_t)open)));
            gb_fact_add_text(facts, tainting, both, GB_STR(path), number);
        }
    }
    gb_fact(facts, "loaded_modules", gb_fact_at(facts, gb_list_of(loaded), GB_STR(path), 0));
    gb_fact(facts, "tainting_modules", gb_fact_at(facts, gb_list_of(tainting), GB_STR(path), 0));
}

static void put_module_loading(struct gb_collector *collector, struct gb_facts *facts)
{
    static const char disabled[] = "/proc/sys/kernel/modules_disabled";
    static const char enforce[] = "/sys/module/module/parameters/sig_enforce";
    int64_t number;
    int code = gb_small_number(collector, disabled, &number);
    if (!code)
        gb_fact(facts, "module_loading_disabled",
                gb_fact_at(facts, gb_bool(number != 0), GB_STR(disabled), 0));
    else if (code == GB_E_NOT_FOUND)
        gb_fact(facts, "module_loading_disabled", gb_bool(true));
    else
        gb_fact(facts, "module_loading_disabled", gb_unread(collector, disabled, code));
    struct gb_str text;
    code = gb_small_file(collector, enforce, &text);
    if (!code)
        gb_fact(facts, "module_signatures_enforced",
                gb_fact_at(facts, gb_bool(gb_str_is(text, "Y")), GB_STR(enforce), 0));
    else if (code == GB_E_NOT_FOUND) // built without module signatures
        gb_fact(facts, "module_signatures_enforced", gb_bool(false));
    else
        gb_fact(facts, "module_signatures_enforced", gb_unread(collector, enforce, code));
}

static void put_kexec(struct gb_collector *collector, struct gb_facts *facts)
{
    static const char loaded[] = "/sys/kernel/kexec_loaded";
    static const char disabled[] = "/proc/sys/kernel/kexec_load_disabled";
    bool built = gb_host_exists(collector->host, loaded);
    gb_fact(facts, "kexec_built", gb_fact_at(facts, gb_bool(built), GB_STR(loaded), 0));
    int64_t number;
    int code = gb_small_number(collector, disabled, &number);
    if (!code)
        gb_fact(facts, "kexec_disabled",
                gb_fact_at(facts, gb_bool(number != 0), GB_STR(disabled), 0));
    else if (code == GB_E_NOT_FOUND)
        gb_fact(facts, "kexec_disabled", gb_bool(!built));
    else
        gb_fact(facts, "kexec_disabled", gb_unread(collector, disabled, code));
}

static void put_iommu(struct gb_collector *collector, struct gb_facts *facts)
{
    static const char path[] = "/sys/class/iommu";
    struct gb_dir_entry *entries;
    size_t count = 0;
    int code =
        gb_host_list(collector->host, path, 4096, collector->scratch, &entries, &count, NULL);
    if (code && code != GB_E_NOT_FOUND)
        gb_fact(facts, "iommus", gb_unread(collector, path, code));
    else
        gb_fact(facts, "iommus", gb_fact_at(facts, gb_int((int64_t)count), GB_STR(path), 0));
}

// /dev/kvm is on nearly every machine: only with a program that starts guests does one run them.
static void put_guests(struct gb_collector *collector, struct gb_facts *facts)
{
    static const char path[] = "/dev/kvm";
    static const char *const starters[] = {
        "/usr/bin/kvm",
        "/usr/bin/qemu-system-x86_64",
        "/usr/bin/qemu-system-aarch64",
        "/usr/libexec/qemu-kvm",
        "/usr/sbin/libvirtd",
        "/usr/sbin/virtqemud",
        "/usr/bin/cloud-hypervisor",
        "/usr/local/bin/cloud-hypervisor",
        "/usr/bin/firecracker",
        "/usr/local/bin/firecracker",
        "/usr/bin/crosvm",
        "/opt/kata/bin/kata-runtime",
    };
    const char *starter = NULL;
    for (size_t i = 0; i < sizeof starters / sizeof *starters && !starter; i++)
        if (gb_host_exists(collector->host, starters[i]))
            starter = starters[i];
    bool hosts = starter && gb_host_exists(collector->host, path);
    struct gb_str where = gb_str_of(hosts ? starter : path);
    gb_fact(facts, "hosts_guests", gb_fact_at(facts, gb_bool(hosts), where, 0));
}

static void put_live_patches(struct gb_collector *collector, struct gb_facts *facts)
{
    static const char path[] = "/sys/kernel/livepatch";
    struct gb_dir_entry *entries;
    size_t count = 0;
    struct gb_list *list = gb_list_new(collector->arena);
    if (gb_host_list(collector->host, path, 1024, collector->scratch, &entries, &count, NULL))
        count = 0;
    for (size_t i = 0; i < count; i++)
        gb_fact_add_text(facts, list, entries[i].name, GB_STR(path), 0);
    if (list)
        gb_fact(facts, "live_patches", gb_list_of(list));
}

static bool is_image(struct gb_str package)
{
    static const struct gb_str prefix = GB_STR_INIT("linux-image-");
    static const struct gb_str unsigned_prefix = GB_STR_INIT("linux-image-unsigned-");
    struct gb_str release = gb_str_from(
        package, gb_str_starts(package, unsigned_prefix) ? unsigned_prefix.len : prefix.len);
    // linux-image-amd64 and the like only pull in the newest one.
    return gb_str_starts(package, prefix) && release.len && release.at[0] >= '0' &&
           release.at[0] <= '9' && !gb_str_ends(package, GB_STR("-dbg"));
}

// The version of the package that the running kernel came from, as the kernel itself tells:
// "#1 SMP ... Debian 6.1.119-1 (2024-11-22)", "Ubuntu 6.8.0-49.49-generic 6.8.12".
static struct gb_str running_version(struct gb_collector *collector,
                                     const struct gb_kernel_name *name)
{
    struct gb_str version = gb_str_of(name->version), word;
    ptrdiff_t debian = gb_str_find(version, GB_STR(" Debian "));
    if (debian >= 0) {
        version = gb_str_from(version, (size_t)debian + 8);
        return gb_str_next_word(&version, &word) ? gb_str_copy(collector->arena, word)
                                                 : (struct gb_str){0};
    }
    struct gb_str text;
    if (gb_small_file(collector, "/proc/version_signature", &text) ||
        !gb_str_next_word(&text, &word) || !gb_str_next_word(&text, &word))
        return (struct gb_str){0};
    ptrdiff_t flavour = gb_str_rfind_char(word, '-');
    return gb_str_copy(collector->arena, gb_str_sub(word, 0, flavour > 0 ? (size_t)flavour : 0));
}

// Where another package manager is in charge: each installed kernel has a directory of modules.
static void put_directories(struct gb_collector *collector, struct gb_facts *facts,
                            struct gb_str release)
{
    static const char directory[] = "/lib/modules";
    struct gb_dir_entry *entries;
    size_t count = 0;
    bool running = false;
    struct gb_list *list = gb_list_new(collector->arena);
    if (!list ||
        gb_host_list(collector->host, directory, 256, collector->scratch, &entries, &count, NULL))
        return;
    for (size_t i = 0; i < count; i++) {
        char path[320];
        snprintf(path, sizeof path, "%s/" GB_PRI "/modules.dep", directory,
                 GB_ARG(gb_str_sub(entries[i].name, 0, 255)));
        bool whole = gb_host_exists(collector->host, path);
        running |= whole && gb_str_eq(entries[i].name, release);
        if (whole && gb_version_compare(GB_VERSION_DPKG, entries[i].name, release) > 0)
            gb_fact_add_text(facts, list, entries[i].name, gb_str_of(path), 0);
    }
    if (running)
        gb_fact(facts, "newer_installed", gb_list_of(list));
}

static void put_packages(struct gb_collector *collector, struct gb_facts *facts,
                         const struct gb_kernel_name *name)
{
    const struct gb_dpkg *dpkg;
    if (gb_dpkg_load(collector, &dpkg, NULL))
        return;
    if (dpkg->presence == GB_DPKG_ABSENT) {
        put_directories(collector, facts, gb_str_of(name->release));
        return;
    }
    if (dpkg->presence != GB_DPKG_READ) {
        gb_fact(facts, "package", gb_unknown(dpkg->reason));
        gb_fact(facts, "newer_installed", gb_unknown(dpkg->reason));
        return;
    }
    char image[128], other[128];
    snprintf(image, sizeof image, "linux-image-%s", name->release);
    snprintf(other, sizeof other, "linux-image-unsigned-%s", name->release);
    const struct gb_dpkg_package *running = gb_package_find(collector, image);
    if (!running)
        running = gb_package_find(collector, other);
    if (!running)
        return;
    struct gb_str version = running_version(collector, name);
    if (!version.len)
        version = running->version;
    gb_fact(facts, "package",
            gb_fact_at(facts, gb_fact_text(facts, running->name), running->where, running->line));
    gb_fact(facts, "package_version", gb_fact_text(facts, version));
    struct gb_list *list = gb_list_new(collector->arena);
    for (size_t i = 0; i < dpkg->count; i++) {
        const struct gb_dpkg_package *package = dpkg->packages[i];
        if (!gb_dpkg_in_place(package) || !is_image(package->name) ||
            gb_version_compare(GB_VERSION_DPKG, package->version, version) <= 0)
            continue;
        struct gb_str text = gb_str_format(collector->scratch, GB_PRI " " GB_PRI,
                                           GB_ARG(package->name), GB_ARG(package->version));
        gb_fact_add_text(facts, list, text, package->where, package->line);
    }
    if (list)
        gb_fact(facts, "newer_installed", gb_list_of(list));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    if (!gb_kernel_is_ours(collector, kinds))
        return GB_OK;
    const struct gb_kernel_config *config;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("kernel"), GB_STR("")));
    if (!facts.props || gb_kernel_config_load(collector, &config))
        return gb_error_set(err, GB_E_MEMORY, "no memory for the kernel's facts");
    struct gb_kernel_name name;
    if (!gb_host_uname(collector->host, &name, NULL)) {
        gb_fact(&facts, "release", gb_fact_text(&facts, gb_str_of(name.release)));
        gb_fact(&facts, "version", gb_fact_text(&facts, gb_str_of(name.version)));
        put_packages(collector, &facts, &name);
    } else {
        gb_fact(&facts, "release", gb_unknown(GB_STR("uname failed")));
        gb_fact(&facts, "version", gb_unknown(GB_STR("uname failed")));
    }
    put_command_line(collector, &facts);
    put_config(collector, &facts, config);
    put_lockdown(collector, &facts, config);
    put_security_modules(collector, &facts);
    put_mitigations(collector, &facts);
    put_taint(collector, &facts);
    put_modules(collector, &facts);
    put_module_loading(collector, &facts);
    put_kexec(collector, &facts);
    put_iommu(collector, &facts);
    put_live_patches(collector, &facts);
    put_guests(collector, &facts);
    return GB_OK;
}

const struct gb_source gb_source_kernel = {
    .name = "host/kernel",
    .title = "the running kernel",
    .kinds = kinds,
    .order = 0,
    .collect = collect,
};
