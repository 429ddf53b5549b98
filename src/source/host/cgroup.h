// What a control group path says of a process: its systemd unit and its container. Formats:
// cgroups(7), systemd's control group API, and what the engines name their groups.
//
//     0::/system.slice/ssh.service                               -> unit "ssh.service"
//     0::/user.slice/user-1000.slice/user@1000.service/app.slice -> unit "user@1000.service"
//     0::/system.slice/docker-4f...e1.scope                      -> that, container "4f...e1"
//     0::/machine.slice/libpod-conmon-4f...e1.scope              -> no container: its monitor
#ifndef GABION_SOURCE_HOST_CGROUP_H
#define GABION_SOURCE_HOST_CGROUP_H

#include "base/str.h"

struct gb_cgroup {
    struct gb_str unit;      // "" = none
    struct gb_str container; // 64 hexadecimal digits, or the name of an LXC container; "" = none
};

// Of the text of /proc/PID/cgroup: the unified hierarchy, else systemd's own. Slices of `text`.
struct gb_cgroup gb_cgroup_read(struct gb_str text);

#endif
