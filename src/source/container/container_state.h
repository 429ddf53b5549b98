// One container as an engine recorded it on disk, whatever the engine: what it may do to its host.
// The readers of this folder fill it, the container probe makes facts of it.
//
// Formats: OCI runtime specification 1.x (config.json: podman, containerd, CRI-O, runc); Docker's
// config.v2.json and hostconfig.json; podman's containers.json of containers/storage.
//
// Ownership: strings point into the documents or into `arena`. Environment variables' values are
// looked at and never kept.
#ifndef GABION_SOURCE_CONTAINER_STATE_H
#define GABION_SOURCE_CONTAINER_STATE_H

#include "base/node.h"

enum { GB_CONTAINER_LIST_MAX = 256 };

struct gb_container_mount {
    struct gb_str source, destination;
    bool writable;
};

struct gb_container_port {
    struct gb_str address;        // of the host; "" = all
    struct gb_str port;           // of the host: "8080"
    struct gb_str container_port; // "80/tcp"
};

// A list that keeps its first GB_CONTAINER_LIST_MAX elements.
struct gb_container_names {
    struct gb_str items[GB_CONTAINER_LIST_MAX];
    size_t count;
};

struct gb_container_state {
    struct gb_str id, name, image, engine, user;
    bool image_known, running_known, running;
    bool sandbox; // only holds the namespaces of a pod
    bool privileged;
    struct gb_container_names capabilities;    // bounding set: "CAP_CHOWN"
    struct gb_container_names host_namespaces; // pid network ipc uts cgroup
    struct gb_container_names devices;         // of the host
    struct gb_container_names secret_variables;
    bool user_namespace, seccomp, no_new_privileges, read_only_root, masked_paths;
    bool root_user, mac_confined;
    struct gb_str mac_profile; // AppArmor profile or SELinux label; "" = none named
    bool memory_limited, processes_limited;
    struct gb_str restart; // "no", "always", "on-failure", "unless-stopped"; "" = not told
    struct gb_container_mount mounts[GB_CONTAINER_LIST_MAX];
    size_t mount_count;
    struct gb_container_port ports[GB_CONTAINER_LIST_MAX];
    size_t port_count;
    struct gb_str origin; // file that most of this is from
};

// Of an OCI runtime configuration. What the document does not say stays as the specification has
// it: no limit, no filter. GB_E_TYPE when it is no such document.
GB_MUST_USE int gb_container_from_oci(const struct gb_node *spec, struct gb_arena *arena,
                                      struct gb_container_state *ret);

// What Docker's daemon does to all containers.
struct gb_docker_defaults {
    bool no_new_privileges, user_namespace, no_seccomp;
};

// Of Docker's two documents, config.v2.json and hostconfig.json.
GB_MUST_USE int gb_container_from_docker(const struct gb_node *config,
                                         const struct gb_node *host_config,
                                         const struct gb_docker_defaults *defaults,
                                         struct gb_arena *arena, struct gb_container_state *ret);

void gb_container_add_name(struct gb_container_names *names, struct gb_str name);

// Notes the names of variables ("NAME=value") that are secrets by name and value.
void gb_container_add_environment(struct gb_container_state *state, const struct gb_node *list);

// What a mount of this path of the host hands over: "engine socket", "host file system", "system
// directory", "kernel interface", "devices", "root's home"; "" = nothing special.
struct gb_str gb_container_mount_risk(struct gb_str source);

#endif
