// Checks and normalises the arguments of one line of sshd_config, as sshd does. Part of the reader
// (sshd_config.h); apart from it because it is about values, not about files.
#ifndef GABION_SOURCE_HOST_SSHD_VALUE_H
#define GABION_SOURCE_HOST_SSHD_VALUE_H

#include "source/host/sshd_keyword.h"

struct gb_sshd_value {
    struct gb_str *arguments; // in: as split; out: normalised
    size_t count;
    struct gb_str rest; // in: the line behind the keyword as it stands
};

// An empty slice when sshd takes the line; else what it would not like, as a clause.
struct gb_str gb_sshd_value_check(struct gb_arena *arena, unsigned version,
                                  const struct gb_sshd_keyword *keyword,
                                  struct gb_sshd_value *value);

#endif
