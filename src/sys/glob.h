// Paths of a host that match a shell pattern: what configuration files mean by
// "Include /etc/ssh/sshd_config.d/*.conf". As glob(3) without flags: * ? [...] in any component do
// not match a slash nor a leading dot; no braces, no tilde. Sorted by bytes.
//
//     struct gb_str *paths; size_t count;
//     gb_host_glob(host, "/etc/sudoers.d/*", 1024, arena, &paths, &count, &err)
//
// A pattern without special characters gives the path itself when it exists. Nothing that matches
// is no error. GB_E_DENIED when a directory could not be listed (the result holds what could),
// GB_E_LIMIT beyond `max_paths` or 16 components with patterns.
#ifndef GABION_SYS_GLOB_H
#define GABION_SYS_GLOB_H

#include "sys/host.h"

GB_MUST_USE int gb_host_glob(const struct gb_host *host, const char *pattern, size_t max_paths,
                             struct gb_arena *arena, struct gb_str **ret, size_t *ret_count,
                             struct gb_error *err);

#endif
