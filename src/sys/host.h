// The host handle: everything that is asked of the operating system goes through it, so that the
// same code reads this machine, a mounted root file system (--root DIR), or a recording.
//
// Three forms of the kernel behind a handle:
//   live      paths below / and the running kernel
//   none      a root directory; /proc, /sys, netlink and clocks answer GB_E_UNSUPPORTED
//   recorded  a root directory that holds its own /proc and /sys files, and answers of the kernel
//             below /.gabion/ (tests, snapshots)
//
// Paths are absolute paths of the target. Symbolic links are followed inside the root only
// (openat2, RESOLVE_IN_ROOT). Files are opened without blocking and without becoming a controlling
// terminal; only regular files are read. Thread-safe after opening.
#ifndef GABION_SYS_HOST_H
#define GABION_SYS_HOST_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#include <sys/types.h>

struct gb_host;

enum gb_kernel_form { GB_KERNEL_LIVE, GB_KERNEL_NONE, GB_KERNEL_RECORDED };

struct gb_host_options {
    const char *root;           // NULL or "/" for this machine
    enum gb_kernel_form kernel; // LIVE needs root "/"
    int64_t now_seconds;        // fixed clock; 0 = the real one
};

GB_MUST_USE int gb_host_open(const struct gb_host_options *options, struct gb_host **ret,
                             struct gb_error *err);
void gb_host_close(struct gb_host **host); // NULL allowed; sets it to NULL

bool gb_host_has_kernel(const struct gb_host *host); // live or recorded
bool gb_host_is_live(const struct gb_host *host);
bool gb_host_is_root(const struct gb_host *host); // effective user id 0
int64_t gb_host_now(const struct gb_host *host);  // seconds since 1970 UTC

// Kinds of directory entries and files, from st_mode or d_type.
enum gb_file_type {
    GB_FILE_REGULAR,
    GB_FILE_DIRECTORY,
    GB_FILE_LINK,
    GB_FILE_FIFO,
    GB_FILE_SOCKET,
    GB_FILE_CHARACTER,
    GB_FILE_BLOCK,
    GB_FILE_UNKNOWN,
};

enum gb_file_type gb_file_type_of_mode(mode_t mode); // of st_mode

struct gb_file_info {
    enum gb_file_type type;
    uint32_t mode; // permission bits with setuid, setgid, sticky: 07777
    uint32_t uid, gid;
    uint64_t size, inode, links;
    uint64_t device;
    int64_t modified_at, changed_at; // seconds since 1970 UTC
};

// `follow` follows a symbolic link at the end.
GB_MUST_USE int gb_host_stat(const struct gb_host *host, const char *path, bool follow,
                             struct gb_file_info *ret, struct gb_error *err);
bool gb_host_exists(const struct gb_host *host, const char *path); // following links

// The whole of a regular file of at most `max_bytes` (more: GB_E_LIMIT; another kind of file:
// GB_E_TYPE; shrunk or grown while being read: read again once, then GB_E_CONFLICT). Files
// of /proc and /sys work too. The text has a NUL behind it that is not counted. Errors have the
// path as subject.
GB_MUST_USE int gb_host_read(const struct gb_host *host, const char *path, size_t max_bytes,
                             struct gb_arena *arena, struct gb_str *ret, struct gb_error *err);
enum { GB_CONFIG_MAX_BYTES = 4 << 20 }; // what a configuration file may have

GB_MUST_USE int gb_host_readlink(const struct gb_host *host, const char *path,
                                 struct gb_arena *arena, struct gb_str *ret, struct gb_error *err);

struct gb_dir_entry {
    struct gb_str name; // NUL behind it
    enum gb_file_type type;
    uint64_t inode;
};

// Sorted by name (bytes), without "." and "..". More than `max_entries`: GB_E_LIMIT.
GB_MUST_USE int gb_host_list(const struct gb_host *host, const char *path, size_t max_entries,
                             struct gb_arena *arena, struct gb_dir_entry **ret, size_t *ret_count,
                             struct gb_error *err);

// An open descriptor below the root, for what the calls above do not cover (extended attributes,
// the file system walk, memory maps). `flags` as for open(2); O_CLOEXEC, O_NOCTTY and O_NONBLOCK
// are added. The caller closes it. Negative code on error.
GB_MUST_USE int gb_host_open_fd(const struct gb_host *host, const char *path, int flags,
                                struct gb_error *err);

// Value of an extended attribute; GB_E_NOT_FOUND when there is none.
GB_MUST_USE int gb_host_xattr(const struct gb_host *host, const char *path, const char *name,
                              struct gb_arena *arena, struct gb_str *ret, struct gb_error *err);

// Sends one netlink request and gives all messages of the answer, one behind the other with their
// headers. NLM_F_DUMP answers are read to the end. `recording` names the file below
// /.gabion/netlink/ that holds the answer of a recorded host. Live only as far as permissions
// allow.
GB_MUST_USE int gb_host_netlink(const struct gb_host *host, const char *recording, int protocol,
                                const void *request, size_t request_bytes, size_t max_bytes,
                                struct gb_arena *arena, struct gb_str *ret, struct gb_error *err);

// Is the clock disciplined? From adjtimex(2); recorded: /.gabion/adjtimex ("state status").
struct gb_clock_state {
    int state;  // TIME_OK 0 ... TIME_ERROR 5
    int status; // STA_* bits; STA_UNSYNC is 0x40
};
GB_MUST_USE int gb_host_clock(const struct gb_host *host, struct gb_clock_state *ret,
                              struct gb_error *err);

// uname(2): live from the kernel, recorded from /proc/sys/kernel/{ostype,osrelease,hostname} and
// /.gabion/machine.
struct gb_kernel_name {
    char release[65], version[65], machine[65], hostname[65];
};
GB_MUST_USE int gb_host_uname(const struct gb_host *host, struct gb_kernel_name *ret,
                              struct gb_error *err);

// Runs a program (absolute path, argv, no shell, empty environment but PATH and LC_ALL=C), with its
// output limited in bytes and time. Live hosts only. For what cannot be read in another way: each
// caller says why in a comment.
struct gb_spawn_result {
    int exit_status; // or 128 + signal
    struct gb_str output;
};
GB_MUST_USE int gb_host_spawn(const struct gb_host *host, const char *const *argv,
                              size_t max_output_bytes, unsigned timeout_ms, struct gb_arena *arena,
                              struct gb_spawn_result *ret, struct gb_error *err);

#endif
