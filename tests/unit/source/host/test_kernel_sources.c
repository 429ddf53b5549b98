// The probes of the kernel and the system as a whole: whatever allocation fails, they end with an
// error or with less, never with a crash; and the same input gives the same facts.
#include "source/source.h"

#include "../../sys/temporary_root.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

extern const struct gb_source gb_source_machine, gb_source_os, gb_source_kernel,
    gb_source_kernel_module, gb_source_sysctl, gb_source_mount, gb_source_swap,
    gb_source_block_device, gb_source_boot, gb_source_mac, gb_source_clock, gb_source_core_dumps;

static const struct gb_source *const sources[] = {
    &gb_source_machine, &gb_source_os,           &gb_source_kernel, &gb_source_kernel_module,
    &gb_source_sysctl,  &gb_source_block_device, &gb_source_swap,   &gb_source_boot,
    &gb_source_mac,     &gb_source_core_dumps,   &gb_source_mount,  &gb_source_clock,
};
enum { SOURCES = sizeof sources / sizeof *sources };

static struct temporary_root root;
static struct gb_host *host;

static int setup(void **state)
{
    (void)state;
    static const char *const files[][2] = {
        {"/proc/1/comm", "systemd\n"},
        {"/proc/1/cgroup", "0::/init.scope\n"},
        {"/proc/2/comm", "kthreadd\n"},
        {"/proc/self/mountinfo", "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
                                 "28 27 0:30 / /tmp rw,nosuid - tmpfs tmpfs rw\n"},
        {"/proc/cmdline", "ro quiet sysctl.kernel.panic=5 -- x\n"},
        {"/proc/modules", "sctp 1 0 - Live 0x0 (OE)\n"},
        {"/proc/swaps", "Filename Type Size\n/swapfile file 1 0 -1\n"},
        {"/proc/meminfo", "MemTotal: 1 kB\n"},
        {"/proc/uptime", "1.0 1.0\n"},
        {"/proc/filesystems", "\tsquashfs\n"},
        {"/proc/sys/kernel/osrelease", "6.1.0\n"},
        {"/proc/sys/kernel/kptr_restrict", "1\n"},
        {"/proc/sys/kernel/randomize_va_space", "2\n"},
        {"/proc/sys/kernel/tainted", "4096\n"},
        {"/proc/sys/kernel/core_pattern", "|/usr/lib/systemd/systemd-coredump %p\n"},
        {"/proc/sys/net/ipv4/conf/all/rp_filter", "1\n"},
        {"/proc/sys/net/ipv4/conf/eth0/rp_filter", "0\n"},
        {"/proc/1/limits", "Max core file size  0  0  bytes\n"},
        {"/sys/devices/system/cpu/vulnerabilities/mds", "Vulnerable\n"},
        {"/sys/class/block/vda/size", "100\n"},
        {"/sys/kernel/security/lsm", "lockdown,apparmor\n"},
        {"/sys/kernel/security/lockdown", "[none] integrity\n"},
        {"/sys/kernel/security/apparmor/profiles", "a (enforce)\nb (complain)\n"},
        {"/sys/module/apparmor/parameters/enabled", "Y\n"},
        {"/boot/config-6.1.0", "CONFIG_MODULES=y\n# CONFIG_KEXEC is not set\n"},
        {"/boot/vmlinuz-6.1.0", "x"},
        {"/boot/grub/grub.cfg", "menuentry a {\n linux /vmlinuz ro quiet\n}\n"},
        {"/etc/default/grub", "GRUB_CMDLINE_LINUX=\"audit=1\"\n"},
        {"/etc/os-release", "ID=debian\nVERSION_ID=12\nVERSION_CODENAME=bookworm\n"},
        {"/usr/share/distro-info/debian.csv",
         "version,codename,series,created,release,eol,eol-lts\n"
         "12,Bookworm,bookworm,2021-08-14,2023-06-10,2026-07-11,2028-06-30\n"},
        {"/etc/sysctl.d/a.conf", "kernel.panic=1\nnet.ipv4.conf.*.rp_filter=1\n"},
        {"/etc/modprobe.d/a.conf", "blacklist sctp\n"},
        {"/lib/modules/6.1.0/modules.dep", "kernel/fs/cramfs/cramfs.ko:\n"},
        {"/etc/fstab", "/dev/vda / ext4 defaults 0 1\nnas:/x /srv/x nfs nosuid 0 0\n"},
        {"/etc/systemd/system/srv-y.mount", "[Mount]\nWhere=/srv/y\nWhat=/dev/vdb\n"},
        {"/usr/sbin/chronyd", "x"},
        {"/etc/chrony/chrony.conf", "pool a.example.org\nconfdir /etc/chrony/conf.d\n"},
        {"/etc/chrony/conf.d/b.conf", "server b.example.org nts\n"},
        {"/usr/lib/systemd/systemd-coredump", "x"},
        {"/etc/systemd/coredump.conf", "[Coredump]\nStorage=none\n"},
        {"/etc/security/limits.d/a.conf", "* hard core 0\n"},
        {"/.gabion/adjtimex", "0 1\n"},
        {"/.gabion/machine", "x86_64\n"},
    };
    root = temporary_root_new();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        temporary_root_file(&root, files[i][0], files[i][1]);
    host = temporary_root_host(&root, GB_KERNEL_RECORDED);
    return host ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    temporary_root_free(&root, &host);
    return 0;
}

struct run {
    struct gb_collector collector;
    struct gb_arena *arena, *scratch;
};

static struct run run_new(void)
{
    struct run run = {.arena = gb_arena_new("scan", 16u << 20),
                      .scratch = gb_arena_new("scratch", 16u << 20)};
    assert_non_null(run.arena);
    assert_non_null(run.scratch);
    run.collector = (struct gb_collector){
        .host = host,
        .arena = run.arena,
        .scratch = run.scratch,
        .all = gb_collection_new(run.arena, 1793491200),
    };
    assert_non_null(run.collector.all);
    return run;
}

static void run_free(struct run *run)
{
    gb_arena_free(&run->arena);
    gb_arena_free(&run->scratch);
}

static void collect_all(struct run *run)
{
    for (size_t i = 0; i < SOURCES; i++) {
        struct gb_error err = {0};
        (void)sources[i]->collect(&run->collector, &err);
    }
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    size_t failures = 0, whole = 0;
    for (size_t nth = 1; whole < 20; nth++) {
        struct run run = run_new();
        gb_arena_fail_at(nth);
        collect_all(&run);
        bool failed = gb_arena_failed(run.arena) || gb_arena_failed(run.scratch);
        gb_arena_fail_at(0);
        run_free(&run);
        failures += failed;
        // A failure in an arena of the host handle leaves these two whole: several runs in a row
        // without one mean that the last allocation is behind us.
        whole = failed ? 0 : whole + 1;
        // Beyond the first few hundred the same places come again and again.
        if (nth > 600)
            nth += nth / 40;
    }
    assert_true(failures > 600);
}

static void the_same_input_gives_the_same_facts(void **state)
{
    (void)state;
    struct run first = run_new(), second = run_new();
    collect_all(&first);
    collect_all(&second);
    const struct gb_collection *a = first.collector.all, *b = second.collector.all;
    assert_int_equal(a->resource_count, b->resource_count);
    assert_true(a->resource_count > 50);
    for (size_t i = 0; i < a->resource_count; i++) {
        struct gb_value left = gb_map_of(a->resources[i]->props);
        struct gb_value right = gb_map_of(b->resources[i]->props);
        if (!gb_value_equal(&left, &right))
            fail_msg("%.*s differs", (int)a->resources[i]->id.len, a->resources[i]->id.at);
    }
    run_free(&first);
    run_free(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failed_allocation_is_survived),
        cmocka_unit_test(the_same_input_gives_the_same_facts),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
