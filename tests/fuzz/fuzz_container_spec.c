// Documents that container engines keep: OCI specifications, Docker's two documents (one input,
// split at the first NUL), the daemon's configuration and command line.
#include "base/json.h"
#include "source/container/container_state.h"
#include "source/container/docker_daemon.h"
#include "source/host/cgroup.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct gb_container_state *state)
{
    assert(state->mount_count <= GB_CONTAINER_LIST_MAX);
    assert(state->port_count <= GB_CONTAINER_LIST_MAX);
    assert(state->capabilities.count <= GB_CONTAINER_LIST_MAX);
    for (size_t i = 0; i < state->mount_count; i++)
        (void)gb_container_mount_risk(state->mounts[i].source);
}

static void read_documents(struct gb_str first, struct gb_str second, struct gb_arena *arena)
{
    static const struct gb_docker_defaults defaults = {.no_new_privileges = true};
    struct gb_container_state *state = calloc(1, sizeof *state);
    struct gb_node a, b;
    if (state && gb_json_node(first, "a", GB_JSON_LIMITS_DEFAULT, arena, &a, NULL) == GB_OK) {
        if (gb_container_from_oci(&a, arena, state) == GB_OK)
            check(state);
        *state = (struct gb_container_state){.running = false};
        if (gb_json_node(second, "b", GB_JSON_LIMITS_DEFAULT, arena, &b, NULL) == GB_OK &&
            gb_container_from_docker(&a, &b, &defaults, arena, state) == GB_OK)
            check(state);
    }
    free(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    struct gb_str text = {(const char *)data, size}, word;
    ptrdiff_t middle = gb_str_find_char(text, '\0');
    struct gb_str first = middle < 0 ? text : gb_str_sub(text, 0, (size_t)middle);
    struct gb_str second = middle < 0 ? text : gb_str_from(text, (size_t)middle + 1);
    read_documents(first, second, arena);
    struct gb_docker_daemon daemon = {.arena = arena};
    (void)!gb_docker_daemon_parse(&daemon, first, GB_STR("daemon.json"), NULL);
    const char *pending = NULL;
    for (struct gb_str rest = text; gb_str_next(&rest, ' ', &word);)
        (void)!gb_docker_daemon_word(&daemon, word, &pending, GB_STR("cmdline"), 0);
    (void)gb_docker_truth(&daemon, "icc", true);
    struct gb_cgroup cgroup = gb_cgroup_read(text);
    assert(cgroup.unit.len <= size && cgroup.container.len <= size);
    gb_arena_free(&arena);
    return 0;
}
