// Credentials for registries, from the files that podman and Docker write: ~/.docker/config.json
// and auth.json (containers-auth.json(5)). Helper programs and stores that they name are not asked.
#ifndef GABION_SOURCE_IMAGE_CREDENTIALS_H
#define GABION_SOURCE_IMAGE_CREDENTIALS_H

#include "sys/host.h"

struct gb_credentials {
    struct gb_str basic;   // base64 of "user:password"; "" = none were found
    struct gb_str problem; // why those that are meant for the registry cannot be used; "" = none
};

// For a repository ("docker.io", "library/debian"). `file` NULL: the usual places, the first that
// has an entry counts. Strings live in the arena. Files that are not there are no error; what a
// file is wrong in is told in `problem`.
GB_MUST_USE int gb_credentials_find(const struct gb_host *here, const char *file,
                                    struct gb_str registry, struct gb_str repository,
                                    struct gb_arena *arena, struct gb_credentials *ret,
                                    struct gb_error *err);

// One file's text; false when it has nothing for the repository.
bool gb_credentials_read(struct gb_str text, const char *file, struct gb_str registry,
                         struct gb_str repository, struct gb_arena *arena,
                         struct gb_credentials *ret);

#endif
