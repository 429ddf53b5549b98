// The rules of iptables' older interface (ip_tables, ip6_tables), table by table. The newer one,
// nftables, is asked over netlink (sys/host.h).
//
// Asking for a table that is not loaded would load it: callers first look into
// /proc/net/ip_tables_names. Needs root. A recorded host answers from
// /.gabion/iptables/{ip,ip6}-TABLE: struct ipt_getinfo and the entries behind it.
#ifndef GABION_SYS_IPTABLES_H
#define GABION_SYS_IPTABLES_H

#include "sys/host.h"

struct gb_iptables {
    uint32_t hooks[5]; // offset of the first rule of each hook; UINT32_MAX = hook not in this table
    struct gb_str entries; // struct ipt_entry or ip6t_entry, one behind the other
};

// Errors: GB_E_UNSUPPORTED without a kernel or its support, GB_E_DENIED, GB_E_NOT_FOUND,
// GB_E_LIMIT, GB_E_CONFLICT when the rules kept changing, GB_E_SYNTAX for a broken recording.
GB_MUST_USE int gb_host_iptables(const struct gb_host *host, bool v6, const char *table,
                                 struct gb_arena *arena, struct gb_iptables *ret,
                                 struct gb_error *err);

#endif
