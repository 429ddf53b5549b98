// What the readers of the single engines share when they make facts: the resource that is being
// filled, with lists for sockets, addresses, registries and weak files. Inside of this folder only.
#ifndef GABION_SOURCE_CONTAINER_ENGINE_H
#define GABION_SOURCE_CONTAINER_ENGINE_H

#include "source/facts.h"
#include "source/host/account_file.h"
#include "source/host/path_trust.h"

struct gb_engine_scan {
    struct gb_collector *collector;
    struct gb_accounts accounts;
    struct gb_path_judge judge;
    size_t found; // engines
};

struct gb_engine {
    struct gb_engine_scan *scan;
    struct gb_facts facts;
    struct gb_list *config_files, *sockets, *tcp, *members, *registries, *weak;
};

// Starts a resource of the kind container_engine.
struct gb_engine gb_engine_begin(struct gb_engine_scan *scan, const char *name,
                                 struct gb_str program);
// Puts the lists. Fields that the engine's reader did not put must be optional ones.
void gb_engine_end(struct gb_engine *engine);

// A configuration file that exists: noted, and judged for who can change it.
void gb_engine_file(struct gb_engine *engine, struct gb_str path);

// An API socket: what it is now, or what mode and group its unit asks for ("" = 0660 root).
void gb_engine_socket(struct gb_engine *engine, struct gb_str path, struct gb_str mode,
                      struct gb_str group, struct gb_str file, uint32_t line);
// The sockets that a socket unit listens on, with its SocketMode and SocketGroup.
GB_MUST_USE int gb_engine_socket_unit(struct gb_engine *engine, const char *unit);

// An API address of the network: "tcp://0.0.0.0:2375", "127.0.0.1:10010".
void gb_engine_tcp(struct gb_engine *engine, struct gb_str address, bool authenticated,
                   struct gb_str file, uint32_t line);

void gb_engine_registry(struct gb_engine *engine, struct gb_str registry, struct gb_str file,
                        uint32_t line);

// Does a process of that name run (and, with a container's, not count)?
bool gb_engine_runs(const struct gb_engine_scan *scan, const char *name);

// Readers of the single engines; each adds its resource when the engine is installed.
GB_MUST_USE int gb_engine_docker(struct gb_engine_scan *scan);
GB_MUST_USE int gb_engine_podman(struct gb_engine_scan *scan);
GB_MUST_USE int gb_engine_containerd(struct gb_engine_scan *scan);
GB_MUST_USE int gb_engine_crio(struct gb_engine_scan *scan);

#endif
