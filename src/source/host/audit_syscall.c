// Numbers of the system calls that audit rules of the usual groups name, by architecture; from the
// kernel's tables (arch/x86/entry/syscalls, include/uapi/asm-generic/unistd.h).
#include "source/host/audit_rule.h"

struct row {
    const char *name;
    short x86_64, i386, aarch64; // -1: does not exist there
};

static const struct row rows[] = {
    {"adjtimex", 159, 124, 171},
    {"settimeofday", 164, 79, 170},
    {"clock_settime", 227, 264, 112},
    {"clock_adjtime", 305, 343, 266},
    {"stime", -1, 25, -1},
    {"sethostname", 170, 74, 161},
    {"setdomainname", 171, 121, 162},
    {"chmod", 90, 15, -1},
    {"fchmod", 91, 94, 52},
    {"fchmodat", 268, 306, 53},
    {"chown", 92, 182, -1},
    {"fchown", 93, 95, 55},
    {"lchown", 94, 16, -1},
    {"fchownat", 260, 298, 54},
    {"setxattr", 188, 226, 5},
    {"lsetxattr", 189, 227, 6},
    {"fsetxattr", 190, 228, 7},
    {"removexattr", 197, 235, 14},
    {"lremovexattr", 198, 236, 15},
    {"fremovexattr", 199, 237, 16},
    {"creat", 85, 8, -1},
    {"open", 2, 5, -1},
    {"openat", 257, 295, 56},
    {"open_by_handle_at", 304, 342, 265},
    {"truncate", 76, 92, 45},
    {"ftruncate", 77, 93, 46},
    {"mount", 165, 21, 40},
    {"umount2", 166, 52, 39},
    {"unlink", 87, 10, -1},
    {"unlinkat", 263, 301, 35},
    {"rename", 82, 38, -1},
    {"renameat", 264, 302, 38},
    {"renameat2", 316, 353, 276},
    {"rmdir", 84, 40, -1},
    {"init_module", 175, 128, 105},
    {"finit_module", 313, 350, 273},
    {"delete_module", 176, 129, 106},
    {"execve", 59, 11, 221},
    {"execveat", 322, 358, 281},
    {"kexec_load", 246, 283, 104},
    {"kexec_file_load", 320, -1, 294},
    {"ptrace", 101, 26, 117},
    {"bpf", 321, 357, 280},
};
enum { COUNT = sizeof rows / sizeof *rows };
_Static_assert((int)COUNT <= (int)GB_AUDIT_SYSCALLS_MOST, "one bit each");

int gb_audit_syscall_count(void)
{
    return COUNT;
}

int gb_audit_syscall_find(struct gb_str name)
{
    for (int i = 0; i < COUNT; i++)
        if (gb_str_is(name, rows[i].name))
            return i;
    return -1;
}

const char *gb_audit_syscall_name(int index)
{
    return rows[index].name;
}

int gb_audit_syscall_number(int index, struct gb_str machine, enum gb_audit_arch arch)
{
    bool narrow = arch == GB_AUDIT_B32;
    if (gb_str_is(machine, "aarch64"))
        return narrow ? -1 : rows[index].aarch64; // 32-bit ARM is not in the table
    if (gb_str_is(machine, "x86_64"))
        return narrow ? rows[index].i386 : rows[index].x86_64;
    if (machine.len == 4 && gb_str_ends(machine, GB_STR("86")))
        return rows[index].i386;
    return -1;
}
