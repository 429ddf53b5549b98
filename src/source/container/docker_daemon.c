// Settings of Docker's daemon: see docker_daemon.h.
#include "source/container/docker_daemon.h"

#include "base/json.h"
#include "source/host/ini.h"
#include "source/host/unit_files.h"
#include "source/host/unit_text.h"

#include <stdio.h>

static const char config_file[] = "/etc/docker/daemon.json";
enum { MAX_SETTINGS = 4096 };

// Options of the command line by the names that daemon.json has. `flag`: needs no value.
static const struct option {
    const char *option, *name;
    bool flag;
} options[] = {
    {"host", "hosts", false},
    {"H", "hosts", false},
    {"tls", "tls", true},
    {"tlsverify", "tlsverify", true},
    {"tlscacert", "tlscacert", false},
    {"tlscert", "tlscert", false},
    {"tlskey", "tlskey", false},
    {"insecure-registry", "insecure-registries", false},
    {"userns-remap", "userns-remap", false},
    {"icc", "icc", true},
    {"live-restore", "live-restore", true},
    {"userland-proxy", "userland-proxy", true},
    {"iptables", "iptables", true},
    {"ip", "ip", false},
    {"no-new-privileges", "no-new-privileges", true},
    {"seccomp-profile", "seccomp-profile", false},
    {"selinux-enabled", "selinux-enabled", true},
    {"experimental", "experimental", true},
    {"log-driver", "log-driver", false},
    {"log-opt", "log-opts", false},
    {"data-root", "data-root", false},
    {"g", "data-root", false},
    {"graph", "data-root", false},
    {"group", "group", false},
    {"G", "group", false},
    {"authorization-plugin", "authorization-plugins", false},
    {"config-file", "config-file", false},
};

static int add(struct gb_docker_daemon *daemon, struct gb_docker_setting setting)
{
    if (daemon->count >= MAX_SETTINGS)
        return GB_OK;
    if (daemon->count == daemon->capacity) {
        size_t larger = daemon->capacity ? daemon->capacity * 2 : 16;
        void *grown = gb_grow_array(daemon->arena, daemon->settings, daemon->capacity, larger,
                                    sizeof *daemon->settings);
        if (!grown)
            return GB_E_MEMORY;
        daemon->settings = grown;
        daemon->capacity = larger;
    }
    daemon->settings[daemon->count++] = setting;
    return GB_OK;
}

// A scalar as text; false for lists, maps and null.
static bool scalar_text(struct gb_arena *arena, const struct gb_node *node, struct gb_str *ret)
{
    switch (node->kind) {
    case GB_NODE_STRING:
        *ret = node->string;
        return true;
    case GB_NODE_BOOL:
        *ret = node->boolean ? GB_STR("true") : GB_STR("false");
        return true;
    case GB_NODE_INT:
        *ret = gb_str_format(arena, "%lld", (long long)node->integer);
        return true;
    default:
        return false;
    }
}

static int add_node(struct gb_docker_daemon *daemon, struct gb_str name, const struct gb_node *node,
                    struct gb_str file, unsigned depth)
{
    struct gb_docker_setting setting = {.name = name, .file = file, .line = node->line};
    int code = GB_OK;
    if (scalar_text(daemon->arena, node, &setting.value))
        return add(daemon, setting);
    for (size_t i = 0; node->kind == GB_NODE_LIST && i < node->list.count && code == GB_OK; i++) {
        setting.line = node->list.items[i].line;
        if (scalar_text(daemon->arena, &node->list.items[i], &setting.value))
            code = add(daemon, setting);
    }
    for (size_t i = 0;
         node->kind == GB_NODE_MAP && depth < 2 && i < node->map.count && code == GB_OK; i++) {
        struct gb_str inner = gb_str_format(daemon->arena, GB_PRI "." GB_PRI, GB_ARG(name),
                                            GB_ARG(node->map.pairs[i].key));
        code = add_node(daemon, inner, &node->map.pairs[i].value, file, depth + 1);
    }
    return code;
}

int gb_docker_daemon_parse(struct gb_docker_daemon *daemon, struct gb_str text, struct gb_str file,
                           struct gb_error *err)
{
    struct gb_node document;
    int code =
        gb_json_node(text, config_file, GB_JSON_LIMITS_DEFAULT, daemon->arena, &document, err);
    if (code < 0)
        return code;
    if (document.kind != GB_NODE_MAP)
        return gb_error_at(err, GB_E_SYNTAX, config_file, document.line, document.column,
                           "expected an object");
    for (size_t i = 0; i < document.map.count && code == GB_OK; i++)
        code = add_node(daemon, document.map.pairs[i].key, &document.map.pairs[i].value, file, 0);
    return code;
}

// "log-opts" of the command line is name=value: one level down, as in the file.
static int add_option(struct gb_docker_daemon *daemon, const char *name, struct gb_str value,
                      struct gb_str file, uint32_t line)
{
    struct gb_docker_setting setting = {
        .name = gb_str_of(name), .value = value, .file = file, .line = line};
    ptrdiff_t equals = gb_str_find_char(value, '=');
    if (strcmp(name, "log-opts") == 0 && equals > 0) {
        setting.name = gb_str_format(daemon->arena, "log-opts." GB_PRI,
                                     GB_ARG(gb_str_sub(value, 0, (size_t)equals)));
        setting.value = gb_str_from(value, (size_t)equals + 1);
    }
    return add(daemon, setting);
}

int gb_docker_daemon_word(struct gb_docker_daemon *daemon, struct gb_str word, const char **pending,
                          struct gb_str file, uint32_t line)
{
    if (*pending) {
        const char *name = *pending;
        *pending = NULL;
        return add_option(daemon, name, word, file, line);
    }
    if (word.len < 2 || word.at[0] != '-')
        return GB_OK;
    struct gb_str name = gb_str_from(word, word.at[1] == '-' ? 2 : 1), value = {0};
    ptrdiff_t equals = gb_str_find_char(name, '=');
    if (equals >= 0) {
        value = gb_str_from(name, (size_t)equals + 1);
        name = gb_str_sub(name, 0, (size_t)equals);
    }
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (!gb_str_is(name, options[i].option))
            continue;
        if (equals < 0 && !options[i].flag) {
            *pending = options[i].name;
            return GB_OK;
        }
        return add_option(daemon, options[i].name, equals < 0 ? GB_STR("true") : value, file, line);
    }
    return GB_OK;
}

static int read_unit(struct gb_docker_daemon *daemon, const struct gb_host *host)
{
    struct gb_ini settings;
    int code = gb_unit_settings(host, "docker.service", daemon->arena, &settings);
    if (code < 0)
        return code == GB_E_MEMORY ? code : GB_OK;
    size_t at = 0;
    const struct gb_ini_entry *entry;
    code = GB_OK;
    while (code == GB_OK && (entry = gb_ini_next(&settings, "Service", "ExecStart", &at))) {
        struct gb_str rest = entry->value, word;
        const char *pending = NULL;
        while (code == GB_OK && gb_unit_next_word(daemon->arena, &rest, &word))
            code = gb_docker_daemon_word(daemon, word, &pending, entry->file, entry->line);
    }
    return code;
}

// The command line of a running daemon says what is in force now.
static int read_process(struct gb_docker_daemon *daemon, struct gb_collector *collector)
{
    const struct gb_kind_state *processes = gb_collection_kind(collector->all, GB_STR("process"));
    for (size_t i = 0; i < processes->count; i++) {
        const struct gb_map_value *props = processes->resources[i]->props;
        const struct gb_value *name = gb_map_find(props, GB_STR("name"));
        const struct gb_value *pid = gb_map_find(props, GB_STR("pid"));
        const struct gb_value *uid = gb_map_find(props, GB_STR("uid"));
        if (!gb_str_is(gb_value_str_or(name, GB_STR("")), "dockerd") || !pid || !uid ||
            gb_map_find(props, GB_STR("container")))
            continue;
        daemon->running = true;
        daemon->rootless = uid->kind == GB_VALUE_INT && uid->integer != 0;
        struct gb_str path =
            gb_str_format(daemon->arena, "/proc/%lld/cmdline", (long long)pid->integer);
        struct gb_str text, word;
        if (!path.at ||
            gb_host_read(collector->host, path.at, 1 << 16, daemon->arena, &text, NULL) < 0)
            continue;
        const char *pending = NULL;
        while (gb_str_next(&text, '\0', &word)) {
            if (gb_docker_daemon_word(daemon, word, &pending, path, 0) < 0)
                return GB_E_MEMORY;
        }
    }
    return GB_OK;
}

static int read_file(struct gb_docker_daemon *daemon, struct gb_collector *collector)
{
    struct gb_str text;
    struct gb_error err = {0};
    int code =
        gb_host_read(collector->host, config_file, GB_CONFIG_MAX_BYTES, daemon->arena, &text, NULL);
    if (code == GB_E_NOT_FOUND || code == GB_E_MEMORY)
        return code == GB_E_MEMORY ? code : GB_OK;
    daemon->has_file = true;
    if (code < 0) {
        daemon->problem = gb_str_format(
            daemon->arena, code == GB_E_DENIED ? "needs root: %s" : "%s: unreadable", config_file);
        return GB_OK;
    }
    // An empty file is an empty object to the daemon.
    if (!gb_str_trim(text).len)
        return GB_OK;
    code = gb_docker_daemon_parse(daemon, text, gb_str_of(config_file), &err);
    if (code < 0 && code != GB_E_MEMORY) {
        char reason[600];
        gb_error_text(&err, reason, sizeof reason);
        daemon->problem = gb_str_copy(daemon->arena, gb_str_of(reason));
        return GB_OK;
    }
    return code;
}

int gb_docker_daemon_load(struct gb_collector *collector, struct gb_arena *arena,
                          struct gb_docker_daemon *ret)
{
    static const char *const programs[] = {"/usr/bin/dockerd", "/usr/sbin/dockerd",
                                           "/usr/local/bin/dockerd", "/snap/bin/dockerd"};
    *ret = (struct gb_docker_daemon){.arena = arena};
    for (size_t i = 0; i < sizeof programs / sizeof *programs && !ret->program.len; i++) {
        if (gb_host_exists(collector->host, programs[i]))
            ret->program = gb_str_of(programs[i]);
    }
    int code = read_file(ret, collector);
    if (code == GB_OK && ret->program.len)
        code = read_unit(ret, collector->host);
    return code < 0 ? code : read_process(ret, collector);
}

const struct gb_docker_setting *gb_docker_get(const struct gb_docker_daemon *daemon,
                                              const char *name)
{
    for (size_t i = daemon->count; i-- > 0;) {
        if (gb_str_is(daemon->settings[i].name, name))
            return &daemon->settings[i];
    }
    return NULL;
}

bool gb_docker_truth(const struct gb_docker_daemon *daemon, const char *name, bool otherwise)
{
    const struct gb_docker_setting *setting = gb_docker_get(daemon, name);
    bool truth;
    return setting && gb_ini_bool(setting->value, &truth) ? truth : otherwise;
}
