// Finds the credentials for a registry in the files of podman and Docker.
#include "source/image/credentials.h"

#include "base/encoding.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>

enum { LARGEST_FILE = 1 << 20 };

// "https://index.docker.io/v1/" and "docker.io" are the same place.
static struct gb_str place_of(struct gb_str key)
{
    if (gb_str_starts(key, GB_STR("https://")))
        key = gb_str_from(key, 8);
    else if (gb_str_starts(key, GB_STR("http://")))
        key = gb_str_from(key, 7);
    while (gb_str_ends(key, GB_STR("/")))
        key = gb_str_sub(key, 0, key.len - 1);
    if (gb_str_ends(key, GB_STR("/v1")) || gb_str_ends(key, GB_STR("/v2")))
        key = gb_str_sub(key, 0, key.len - 3);
    if (gb_str_is(key, "index.docker.io") || gb_str_is(key, "registry-1.docker.io"))
        return GB_STR("docker.io");
    return key;
}

// How much of "registry/repository" a key covers: 0 = it is for something else.
static size_t covers(struct gb_str key, struct gb_str whole)
{
    key = place_of(key);
    if (!key.len || !gb_str_starts(whole, key))
        return 0;
    return whole.len == key.len || whole.at[key.len] == '/' ? key.len : 0;
}

static struct gb_str string_of(const struct gb_node *map, const char *key)
{
    const struct gb_node *node = gb_node_get(map, key);
    return node && node->kind == GB_NODE_STRING ? node->string : GB_STR("");
}

// The value behind the key that covers most; NULL when none does.
static const struct gb_node *best_of(const struct gb_node *map, struct gb_str whole)
{
    const struct gb_node *found = NULL;
    size_t best = 0;
    for (size_t i = 0; map && map->kind == GB_NODE_MAP && i < map->map.count; i++) {
        size_t covered = covers(map->map.pairs[i].key, whole);
        if (covered > best) {
            best = covered;
            found = &map->map.pairs[i].value;
        }
    }
    return found;
}

static bool take_entry(const struct gb_node *entry, const char *file, struct gb_arena *arena,
                       struct gb_credentials *ret)
{
    struct gb_str auth = string_of(entry, "auth"), user = string_of(entry, "username");
    struct gb_str ignored;
    if (string_of(entry, "identitytoken").len)
        ret->problem = gb_str_format(arena, "%s holds an identity token, which is not used", file);
    else if (auth.len && gb_base64_decode(arena, auth, GB_BASE64, &ignored))
        ret->problem = gb_str_format(arena, "%s: the credentials are no base64", file);
    else if (auth.len)
        ret->basic = gb_str_copy(arena, auth);
    else if (user.len)
        ret->basic = gb_base64_encode(arena,
                                      gb_str_format(arena, GB_PRI ":" GB_PRI, GB_ARG(user),
                                                    GB_ARG(string_of(entry, "password"))),
                                      GB_BASE64);
    return ret->basic.len || ret->problem.len;
}

bool gb_credentials_read(struct gb_str text, const char *file, struct gb_str registry,
                         struct gb_str repository, struct gb_arena *arena,
                         struct gb_credentials *ret)
{
    struct gb_node root;
    struct gb_json_limits limits = {.max_bytes = LARGEST_FILE, .max_depth = 16};
    *ret = (struct gb_credentials){0};
    if (gb_json_node(text, file, limits, arena, &root, NULL) || root.kind != GB_NODE_MAP) {
        ret->problem = gb_str_format(arena, "%s is no JSON object", file);
        return true;
    }
    struct gb_str whole =
        gb_str_format(arena, GB_PRI "/" GB_PRI, GB_ARG(registry), GB_ARG(repository));
    const struct gb_node *entry = best_of(gb_node_get(&root, "auths"), whole);
    if (entry && entry->kind == GB_NODE_MAP && take_entry(entry, file, arena, ret))
        return true;
    const struct gb_node *helper = best_of(gb_node_get(&root, "credHelpers"), whole);
    struct gb_str name = helper && helper->kind == GB_NODE_STRING ? helper->string
                         : entry                                  ? string_of(&root, "credsStore")
                                                                  : GB_STR("");
    if (!name.len)
        return false;
    ret->problem = gb_str_format(
        arena, "the credentials are in the helper \"" GB_PRI "\" (%s), which is not asked",
        GB_ARG(gb_str_sub(name, 0, 60)), file);
    return true;
}

int gb_credentials_find(const struct gb_host *here, const char *file, struct gb_str registry,
                        struct gb_str repository, struct gb_arena *arena,
                        struct gb_credentials *ret, struct gb_error *err)
{
    static const struct {
        const char *variable, *below;
    } places[] = {
        {"REGISTRY_AUTH_FILE", ""},
        {"XDG_RUNTIME_DIR", "/containers/auth.json"},
        {"XDG_CONFIG_HOME", "/containers/auth.json"},
        {"HOME", "/.config/containers/auth.json"},
        {"DOCKER_CONFIG", "/config.json"},
        {"HOME", "/.docker/config.json"},
    };
    struct gb_str text;
    *ret = (struct gb_credentials){0};
    if (file) {
        int code = gb_host_read(here, file, LARGEST_FILE, arena, &text, err);
        if (!code)
            gb_credentials_read(text, file, registry, repository, arena, ret);
        return code;
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *base = getenv(places[i].variable);
        if (!base || base[0] != '/')
            continue;
        const char *path = gb_str_format(arena, "%s%s", base, places[i].below).at;
        int code = path ? gb_host_read(here, path, LARGEST_FILE, arena, &text, NULL) : GB_E_MEMORY;
        if (code == GB_E_NOT_FOUND)
            continue;
        if (code)
            ret->problem = gb_str_format(arena, "%s cannot be read", path ? path : "");
        else if (gb_credentials_read(text, path, registry, repository, arena, ret))
            return GB_OK;
    }
    return GB_OK;
}
