// The inside of a host handle; for the files of sys/ only.
#ifndef GABION_SYS_HOST_PRIVATE_H
#define GABION_SYS_HOST_PRIVATE_H

#include "sys/host.h"

struct gb_host {
    int root_fd; // O_PATH; AT_FDCWD-like use for absolute paths when the root is "/"
    bool whole;  // the root is "/": plain paths
    enum gb_kernel_form kernel;
    int64_t now_seconds; // 0 = the real clock
};

// Opens below the root with O_CLOEXEC, O_NOCTTY and O_NONBLOCK; -1 and errno on failure.
int gb_host_open_raw(const struct gb_host *host, const char *path, int flags);

// The file of a recording below /.gabion/.
GB_MUST_USE int gb_host_read_recording(const struct gb_host *host, const char *name,
                                       size_t max_bytes, struct gb_arena *arena, struct gb_str *ret,
                                       struct gb_error *err);

#endif
