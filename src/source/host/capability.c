// Names of Linux capabilities: see capability.h.
#include "source/host/capability.h"

static const struct gb_str names[] = {
    GB_STR_INIT("CAP_CHOWN"),
    GB_STR_INIT("CAP_DAC_OVERRIDE"),
    GB_STR_INIT("CAP_DAC_READ_SEARCH"),
    GB_STR_INIT("CAP_FOWNER"),
    GB_STR_INIT("CAP_FSETID"),
    GB_STR_INIT("CAP_KILL"),
    GB_STR_INIT("CAP_SETGID"),
    GB_STR_INIT("CAP_SETUID"),
    GB_STR_INIT("CAP_SETPCAP"),
    GB_STR_INIT("CAP_LINUX_IMMUTABLE"),
    GB_STR_INIT("CAP_NET_BIND_SERVICE"),
    GB_STR_INIT("CAP_NET_BROADCAST"),
    GB_STR_INIT("CAP_NET_ADMIN"),
    GB_STR_INIT("CAP_NET_RAW"),
    GB_STR_INIT("CAP_IPC_LOCK"),
    GB_STR_INIT("CAP_IPC_OWNER"),
    GB_STR_INIT("CAP_SYS_MODULE"),
    GB_STR_INIT("CAP_SYS_RAWIO"),
    GB_STR_INIT("CAP_SYS_CHROOT"),
    GB_STR_INIT("CAP_SYS_PTRACE"),
    GB_STR_INIT("CAP_SYS_PACCT"),
    GB_STR_INIT("CAP_SYS_ADMIN"),
    GB_STR_INIT("CAP_SYS_BOOT"),
    GB_STR_INIT("CAP_SYS_NICE"),
    GB_STR_INIT("CAP_SYS_RESOURCE"),
    GB_STR_INIT("CAP_SYS_TIME"),
    GB_STR_INIT("CAP_SYS_TTY_CONFIG"),
    GB_STR_INIT("CAP_MKNOD"),
    GB_STR_INIT("CAP_LEASE"),
    GB_STR_INIT("CAP_AUDIT_WRITE"),
    GB_STR_INIT("CAP_AUDIT_CONTROL"),
    GB_STR_INIT("CAP_SETFCAP"),
    GB_STR_INIT("CAP_MAC_OVERRIDE"),
    GB_STR_INIT("CAP_MAC_ADMIN"),
    GB_STR_INIT("CAP_SYSLOG"),
    GB_STR_INIT("CAP_WAKE_ALARM"),
    GB_STR_INIT("CAP_BLOCK_SUSPEND"),
    GB_STR_INIT("CAP_AUDIT_READ"),
    GB_STR_INIT("CAP_PERFMON"),
    GB_STR_INIT("CAP_BPF"),
    GB_STR_INIT("CAP_CHECKPOINT_RESTORE"),
};
_Static_assert(sizeof names / sizeof *names == GB_CAPABILITY_COUNT, "one name each");

struct gb_str gb_capability_name(enum gb_capability capability)
{
    return names[capability];
}

bool gb_capability_find(struct gb_str name, enum gb_capability *ret)
{
    for (enum gb_capability i = 0; i < GB_CAPABILITY_COUNT; i++) {
        if (gb_str_eq_nocase(name, names[i]) || gb_str_eq_nocase(name, gb_str_from(names[i], 4))) {
            *ret = i;
            return true;
        }
    }
    return false;
}

struct gb_value gb_capability_list(struct gb_arena *arena, uint64_t mask)
{
    struct gb_list *list = gb_list_new(arena);
    for (enum gb_capability i = 0; i < GB_CAPABILITY_COUNT; i++) {
        if (mask & gb_capability_bit(i))
            gb_list_add(arena, list, gb_string(names[i]));
    }
    return gb_list_of(list);
}
