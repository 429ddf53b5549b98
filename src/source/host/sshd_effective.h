// The settings that are in force, as `sshd -T` prints them: out of the directives that
// sshd_config.h read, for everybody or for one connection. Used by the sshd source.
//
// As sshd does it: first the directives outside of Match (and inside "Match all"), then those of
// the Match blocks that hold for the connection, which go before the others. Within both, the first
// line wins (for some keywords the last one; some add up).
#ifndef GABION_SOURCE_HOST_SSHD_EFFECTIVE_H
#define GABION_SOURCE_HOST_SSHD_EFFECTIVE_H

#include "source/host/sshd_config.h"

// What a Match line asks for. Empty fields are not known: conditions on them do not hold.
struct gb_sshd_connection {
    struct gb_str user, host, address, local_address, rdomain;
    const struct gb_str *groups; // of the user
    size_t group_count;
    uint16_t local_port; // 0 = not known
};

struct gb_sshd_one {
    struct gb_str text;
    struct gb_str file; // "" = the default
    uint32_t line;
};

struct gb_sshd_setting {
    struct gb_sshd_one *values; // none: nothing is set (no AllowUsers, for example)
    size_t count, capacity;
    bool set;              // by a file; false = the default
    struct gb_str unknown; // not empty: why it cannot be known
};

// Fills gb_sshd_keyword_count settings, algorithm lists expanded. `connection` NULL: nobody in
// particular. GB_E_MEMORY is the only error.
GB_MUST_USE int gb_sshd_evaluate(const struct gb_sshd_config *config,
                                 const struct gb_sshd_connection *connection,
                                 struct gb_arena *arena, struct gb_sshd_setting *settings);

// A setting of a Match block that is less safe than what holds for everybody.
struct gb_sshd_loosened {
    const struct gb_sshd_directive *directive;
    struct gb_str value, base;
    struct gb_str conditions; // "User backup Address 10.0.0.0/8", with those around it
};

// In the order of the files. `settings` are those of nobody in particular.
GB_MUST_USE int gb_sshd_find_loosened(const struct gb_sshd_config *config,
                                      const struct gb_sshd_setting *settings,
                                      struct gb_arena *arena, struct gb_sshd_loosened **ret,
                                      size_t *ret_count);

// Does `address` belong to one of a comma separated list of addresses, networks and patterns? 1
// yes, -1 a negated one matches, 0 none.
int gb_ssh_address_list(struct gb_str address, struct gb_str list);

#endif
