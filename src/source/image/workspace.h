// The private directory that an image's small files live in: mode 0700 below a directory for
// temporary files, removed with all that is in it when it is closed, and by the handler of a signal
// that ends the program (SIGINT, SIGTERM, SIGHUP, SIGQUIT, where they are not ignored).
//
// Files come in under flat names of their own ("f0", "f1" ...), whatever they are called in the
// image; trees of links to them are laid out below for the sources to read.
#ifndef GABION_SOURCE_IMAGE_WORKSPACE_H
#define GABION_SOURCE_IMAGE_WORKSPACE_H

#include "base/str.h"

struct gb_workspace {
    char *path; // malloc
    int fd;     // of the directory
    uint64_t kept_bytes, most_bytes;
    uint32_t files, most_files;
    int spool; // unlinked file for content that is looked at once; -1 = not made yet
};

// `where` NULL: $TMPDIR where that is an absolute path, else /var/tmp, else /tmp.
GB_MUST_USE int gb_workspace_open(struct gb_workspace *ret, const char *where, uint64_t most_bytes,
                                  uint32_t most_files, struct gb_error *err);
void gb_workspace_close(struct gb_workspace *workspace); // also of a zeroed one

// Keeps bytes as a new file, its number in *ret. GB_E_LIMIT beyond the limits (then nothing is
// kept), GB_E_IO (the disk is full).
GB_MUST_USE int gb_workspace_keep(struct gb_workspace *workspace, struct gb_str content,
                                  uint32_t *ret, struct gb_error *err);
// The same of the first `size` bytes of the spool file.
GB_MUST_USE int gb_workspace_keep_spool(struct gb_workspace *workspace, uint64_t size,
                                        uint32_t *ret, struct gb_error *err);
// The spool file, emptied. Its descriptor belongs to the workspace.
GB_MUST_USE int gb_workspace_spool(struct gb_workspace *workspace, int *ret, struct gb_error *err);
// A file without a name. The descriptor belongs to the caller.
GB_MUST_USE int gb_workspace_unlinked(struct gb_workspace *workspace, int *ret,
                                      struct gb_error *err);

// A new tree below the workspace, by a name of its own ("root"). The descriptor belongs to the
// caller.
GB_MUST_USE int gb_workspace_tree(struct gb_workspace *workspace, const char *name, int *ret,
                                  struct gb_error *err);
// Makes `path` (absolute, without "." and ".." components) in a tree: the kept file, or a symbolic
// link. Directories on the way are made; nothing outside of the tree is ever touched. What stands
// there already: GB_E_CONFLICT.
GB_MUST_USE int gb_workspace_place(const struct gb_workspace *workspace, int tree, const char *path,
                                   uint32_t file, struct gb_error *err);
GB_MUST_USE int gb_workspace_place_link(int tree, const char *path, const char *target,
                                        struct gb_error *err);
// Removes a tree before the end.
void gb_workspace_drop_tree(const struct gb_workspace *workspace, const char *name);

#endif
