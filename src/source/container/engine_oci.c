// Facts about podman, containerd and CRI-O, which keep their configuration in TOML: see engine.h.
// Formats: containers.conf(5), containers-registries.conf(5), containers-policy.json(5),
// containerd-config.toml(5), crio.conf(5).
#include "source/container/engine.h"

#include "base/json.h"
#include "base/toml.h"
#include "source/host/dropins.h"

// One configuration that was merged from several files, later ones over earlier ones.
enum { MAX_FILES = 64 };
struct layered {
    struct gb_toml files[MAX_FILES];
    struct gb_str paths[MAX_FILES];
    size_t count;
    struct gb_str problem; // why a file could not be read or understood
};

static const struct gb_toml_entry *layered_get(const struct layered *layers,
                                               const char *const *path, struct gb_str *file)
{
    for (size_t i = layers->count; i-- > 0;) {
        const struct gb_toml_entry *entry = gb_toml_get(&layers->files[i], path);
        if (entry) {
            *file = layers->paths[i];
            return entry;
        }
    }
    return NULL;
}

// Reads a file where it exists, notes it, and adds it as the next layer.
static int add_layer(struct gb_engine *engine, struct layered *layers, const char *path)
{
    struct gb_collector *collector = engine->scan->collector;
    struct gb_arena *scratch = collector->scratch;
    struct gb_str text, where = gb_str_copy(scratch, gb_str_of(path));
    struct gb_error err = {0};
    int code = gb_host_read(collector->host, path, GB_CONFIG_MAX_BYTES, scratch, &text, NULL);
    if (code == GB_E_NOT_FOUND || code == GB_E_MEMORY || layers->count == MAX_FILES)
        return code == GB_E_MEMORY ? code : GB_OK;
    gb_engine_file(engine, where);
    if (code < 0) {
        layers->problem = gb_unread_reason(collector, path, code);
        return GB_OK;
    }
    code = gb_toml_read(text, where.at, scratch, &layers->files[layers->count], &err);
    if (code == GB_E_MEMORY)
        return code;
    if (code < 0) {
        char reason[600];
        gb_error_text(&err, reason, sizeof reason);
        layers->problem = gb_str_copy(scratch, gb_str_of(reason));
        return GB_OK;
    }
    layers->paths[layers->count++] = where;
    return GB_OK;
}

static int add_layers_of(struct gb_engine *engine, struct layered *layers, const char *directory)
{
    struct gb_dropins files;
    int code = gb_dropins_list(engine->scan->collector->host, &directory, 1, ".conf",
                               engine->scan->collector->scratch, &files);
    for (size_t i = 0; code == GB_OK && i < files.count; i++)
        code = add_layer(engine, layers, files.items[i].path.at);
    return code;
}

static void put_problem(struct gb_engine *engine, const struct layered *layers)
{
    if (layers->problem.len)
        gb_fact(&engine->facts, "config_problem", gb_fact_text(&engine->facts, layers->problem));
}

static void put_running(struct gb_engine *engine, bool running)
{
    bool kernel = gb_host_has_kernel(engine->scan->collector->host);
    gb_fact(&engine->facts, "running",
            kernel ? gb_bool(running) : gb_not_applicable(GB_STR("needs a live kernel")));
}

static struct gb_str find_program(const struct gb_engine_scan *scan, const char *const *paths)
{
    for (; *paths; paths++) {
        if (gb_host_exists(scan->collector->host, *paths))
            return gb_str_of(*paths);
    }
    return (struct gb_str){0};
}

// --- podman ---

// registries.conf: [[registry]] with insecure = true; version 1: [registries.insecure] registries.
static void put_insecure_registries(struct gb_engine *engine, const struct layered *layers)
{
    for (size_t i = 0; i < layers->count; i++) {
        const struct gb_toml *toml = &layers->files[i];
        for (size_t k = 0; k < toml->count; k++) {
            const struct gb_toml_entry *entry = &toml->entries[k];
            const struct gb_str *parts = entry->parts;
            size_t last = entry->count - 1;
            bool version_1 = entry->count == 3 && gb_str_is(parts[0], "registries") &&
                             gb_str_is(parts[1], "insecure") && entry->value.kind == GB_NODE_LIST;
            for (size_t n = 0; version_1 && n < entry->value.list.count; n++) {
                const struct gb_node *item = &entry->value.list.items[n];
                if (item->kind == GB_NODE_STRING)
                    gb_engine_registry(engine, item->string, layers->paths[i], entry->line);
            }
            if (!gb_str_is(parts[last], "insecure") || !gb_toml_bool(entry, false) ||
                !gb_str_is(parts[0], "registry") || entry->count < 3)
                continue;
            // The name stands beside it: location, or prefix.
            struct gb_str name = GB_STR("(unnamed)");
            for (size_t n = 0; n < toml->count; n++) {
                const struct gb_toml_entry *other = &toml->entries[n];
                bool beside = other->count == entry->count;
                for (size_t p = 0; beside && p < last; p++)
                    beside = gb_str_eq(other->parts[p], parts[p]);
                if (beside && (gb_str_is(other->parts[last], "location") ||
                               (gb_str_is(other->parts[last], "prefix") && name.at[0] == '(')))
                    name = gb_toml_string(other, name);
            }
            gb_engine_registry(engine, name, layers->paths[i], entry->line);
        }
    }
}

// What containers-policy.json says of images that no other rule is for.
static int put_image_policy(struct gb_engine *engine)
{
    static const char path[] = "/etc/containers/policy.json";
    struct gb_collector *collector = engine->scan->collector;
    struct gb_facts *facts = &engine->facts;
    struct gb_str text;
    struct gb_node document;
    int code =
        gb_host_read(collector->host, path, GB_CONFIG_MAX_BYTES, collector->scratch, &text, NULL);
    if (code == GB_E_NOT_FOUND || code == GB_E_MEMORY)
        return code == GB_E_MEMORY ? code : GB_OK;
    gb_engine_file(engine, gb_str_of(path));
    if (code < 0) {
        gb_fact(facts, "image_policy", gb_unread(collector, path, code));
        return GB_OK;
    }
    code = gb_json_node(text, path, GB_JSON_LIMITS_DEFAULT, collector->scratch, &document, NULL);
    if (code == GB_E_MEMORY)
        return code;
    const struct gb_node *rules = code < 0 ? NULL : gb_node_get(&document, "default");
    const struct gb_node *first =
        rules && rules->kind == GB_NODE_LIST && rules->list.count ? &rules->list.items[0] : NULL;
    const struct gb_node *type = first ? gb_node_get(first, "type") : NULL;
    if (!type || type->kind != GB_NODE_STRING) {
        gb_fact(facts, "image_policy", gb_unknown(GB_STR("policy.json cannot be understood")));
        return GB_OK;
    }
    struct gb_str word = gb_str_is(type->string, "insecureAcceptAnything")
                             ? GB_STR("accept_anything")
                         : gb_str_is(type->string, "reject") ? GB_STR("reject")
                                                             : GB_STR("signed");
    gb_fact(facts, "image_policy", gb_fact_at(facts, gb_string(word), gb_str_of(path), type->line));
    return GB_OK;
}

static void put_container_defaults(struct gb_engine *engine, const struct layered *layers)
{
    struct gb_facts *facts = &engine->facts;
    struct gb_str file;
    const struct gb_toml_entry *entry =
        layered_get(layers, GB_TOML_PATH("containers", "no_new_privileges"), &file);
    struct gb_value value = gb_bool(gb_toml_bool(entry, false));
    gb_fact(facts, "no_new_privileges",
            entry ? gb_fact_at(facts, value, file, entry->line) : value);
    entry = layered_get(layers, GB_TOML_PATH("containers", "seccomp_profile"), &file);
    struct gb_str profile = gb_toml_string(entry, GB_STR("default"));
    value = gb_fact_text(facts, profile.len ? profile : GB_STR("default"));
    gb_fact(facts, "seccomp_profile", entry ? gb_fact_at(facts, value, file, entry->line) : value);
    entry = layered_get(layers, GB_TOML_PATH("containers", "userns"), &file);
    struct gb_str userns = gb_toml_string(entry, GB_STR("host"));
    value = gb_bool(userns.len && !gb_str_is(userns, "host"));
    gb_fact(facts, "user_namespaces", entry ? gb_fact_at(facts, value, file, entry->line) : value);
    entry = layered_get(layers, GB_TOML_PATH("containers", "log_driver"), &file);
    value = gb_fact_text(facts, gb_toml_string(entry, GB_STR("k8s-file")));
    gb_fact(facts, "log_driver", entry ? gb_fact_at(facts, value, file, entry->line) : value);
}

int gb_engine_podman(struct gb_engine_scan *scan)
{
    static const char *const programs[] = {"/usr/bin/podman", "/usr/local/bin/podman", NULL};
    struct gb_str program = find_program(scan, programs);
    if (!program.len)
        return GB_OK;
    struct gb_arena *scratch = scan->collector->scratch;
    struct layered *conf = gb_alloc(scratch, sizeof *conf),
                   *registries = gb_alloc(scratch, sizeof *registries);
    struct gb_engine engine = gb_engine_begin(scan, "podman", program);
    if (!conf || !registries ||
        add_layer(&engine, conf, "/usr/share/containers/containers.conf") < 0 ||
        add_layer(&engine, conf, "/etc/containers/containers.conf") < 0 ||
        add_layers_of(&engine, conf, "/etc/containers/containers.conf.d") < 0 ||
        add_layer(&engine, registries, "/etc/containers/registries.conf") < 0 ||
        add_layers_of(&engine, registries, "/etc/containers/registries.conf.d") < 0)
        return GB_E_MEMORY;
    put_problem(&engine, conf->problem.len ? conf : registries);
    put_running(&engine, gb_engine_runs(scan, "podman"));
    put_insecure_registries(&engine, registries);
    put_container_defaults(&engine, conf);
    int code = put_image_policy(&engine);
    // The API is there only where its socket unit is on.
    const struct gb_resource *unit =
        gb_collection_find(scan->collector->all, GB_STR("unit:podman.socket"));
    const struct gb_value *state = unit ? gb_map_find(unit->props, GB_STR("state")) : NULL;
    if (code == GB_OK && (gb_str_starts(gb_value_str_or(state, GB_STR("")), GB_STR("enabled")) ||
                          gb_host_exists(scan->collector->host, "/run/podman/podman.sock")))
        code = gb_engine_socket_unit(&engine, "podman.socket");
    gb_engine_end(&engine);
    return code;
}

// --- containerd ---

// Where the CRI plugin serves exec and attach: no authentication but a token in the address.
static void put_stream_server(struct gb_engine *engine, const struct layered *layers)
{
    struct gb_str file;
    const char *const plugin = "io.containerd.grpc.v1.cri";
    const struct gb_toml_entry *address =
        layered_get(layers, GB_TOML_PATH("plugins", plugin, "stream_server_address"), &file);
    struct gb_str ignored;
    bool tls = gb_toml_bool(
        layered_get(layers, GB_TOML_PATH("plugins", plugin, "enable_tls_streaming"), &ignored),
        false);
    struct gb_str port = gb_toml_string(
        layered_get(layers, GB_TOML_PATH("plugins", plugin, "stream_server_port"), &ignored),
        GB_STR("0"));
    if (!address)
        return;
    struct gb_str text = gb_str_format(engine->scan->collector->scratch, GB_PRI ":" GB_PRI,
                                       GB_ARG(gb_toml_string(address, GB_STR(""))), GB_ARG(port));
    gb_engine_tcp(engine, text, tls, file, address->line);
}

// plugins.CRI.registry.configs.HOST.tls.insecure_skip_verify, ...mirrors.HOST.endpoint =
// ["http:..."]
static void put_cri_registries(struct gb_engine *engine, const struct layered *layers)
{
    for (size_t i = 0; i < layers->count; i++) {
        for (size_t k = 0; k < layers->files[i].count; k++) {
            const struct gb_toml_entry *entry = &layers->files[i].entries[k];
            if (entry->count < 6 || !gb_str_is(entry->parts[2], "registry"))
                continue;
            if (gb_str_is(entry->parts[entry->count - 1], "insecure_skip_verify") &&
                gb_toml_bool(entry, false))
                gb_engine_registry(engine, entry->parts[4], layers->paths[i], entry->line);
            bool endpoints =
                gb_str_is(entry->parts[5], "endpoint") && entry->value.kind == GB_NODE_LIST;
            for (size_t n = 0; endpoints && n < entry->value.list.count; n++) {
                const struct gb_node *item = &entry->value.list.items[n];
                if (item->kind == GB_NODE_STRING && gb_str_starts(item->string, GB_STR("http://")))
                    gb_engine_registry(engine, item->string, layers->paths[i], entry->line);
            }
        }
    }
}

// certs.d/HOST/hosts.toml: skip_verify = true, or a server without TLS.
static int put_host_registries(struct gb_engine *engine)
{
    static const char directory[] = "/etc/containerd/certs.d";
    struct gb_collector *collector = engine->scan->collector;
    struct gb_dir_entry *entries;
    size_t count;
    struct layered *layers = gb_alloc(collector->scratch, sizeof *layers);
    int code =
        gb_host_list(collector->host, directory, 4096, collector->scratch, &entries, &count, NULL);
    if (!layers || code == GB_E_MEMORY)
        return GB_E_MEMORY;
    for (size_t i = 0; code == GB_OK && i < count && i < MAX_FILES; i++) {
        struct gb_str path = gb_str_format(collector->scratch, "%s/" GB_PRI "/hosts.toml",
                                           directory, GB_ARG(entries[i].name));
        if (!path.at || add_layer(engine, layers, path.at) < 0)
            return GB_E_MEMORY;
    }
    for (size_t i = 0; i < layers->count; i++) {
        for (size_t k = 0; k < layers->files[i].count; k++) {
            const struct gb_toml_entry *entry = &layers->files[i].entries[k];
            struct gb_str last = entry->parts[entry->count - 1];
            bool skips = gb_str_is(last, "skip_verify") && gb_toml_bool(entry, false);
            bool plain = gb_str_is(last, "server") &&
                         gb_str_starts(gb_toml_string(entry, GB_STR("")), GB_STR("http://"));
            if (skips || plain)
                gb_engine_registry(engine,
                                   skips && entry->count > 1 ? entry->parts[1]
                                                             : gb_toml_string(entry, GB_STR("")),
                                   layers->paths[i], entry->line);
        }
    }
    return GB_OK;
}

int gb_engine_containerd(struct gb_engine_scan *scan)
{
    static const char *const programs[] = {"/usr/bin/containerd", "/usr/local/bin/containerd",
                                           NULL};
    struct gb_str program = find_program(scan, programs), file;
    if (!program.len)
        return GB_OK;
    struct layered *conf = gb_alloc(scan->collector->scratch, sizeof *conf);
    struct gb_engine engine = gb_engine_begin(scan, "containerd", program);
    if (!conf || add_layer(&engine, conf, "/etc/containerd/config.toml") < 0)
        return GB_E_MEMORY;
    put_problem(&engine, conf);
    put_running(&engine, gb_engine_runs(scan, "containerd"));
    const struct gb_toml_entry *entry = layered_get(conf, GB_TOML_PATH("grpc", "address"), &file);
    gb_engine_socket(&engine, gb_toml_string(entry, GB_STR("/run/containerd/containerd.sock")),
                     GB_STR("0660"), GB_STR("root"), entry ? file : (struct gb_str){0},
                     entry ? entry->line : 0);
    entry = layered_get(conf, GB_TOML_PATH("grpc", "tcp_address"), &file);
    if (gb_toml_string(entry, GB_STR("")).len) {
        struct gb_str ignored;
        bool verified = layered_get(conf, GB_TOML_PATH("grpc", "tcp_tls_ca"), &ignored) != NULL;
        gb_engine_tcp(&engine, entry->value.string, verified, file, entry->line);
    }
    put_stream_server(&engine, conf);
    put_cri_registries(&engine, conf);
    int code = put_host_registries(&engine);
    gb_engine_end(&engine);
    return code;
}

// --- CRI-O ---

int gb_engine_crio(struct gb_engine_scan *scan)
{
    static const char *const programs[] = {"/usr/bin/crio", "/usr/local/bin/crio", NULL};
    struct gb_str program = find_program(scan, programs), file;
    if (!program.len)
        return GB_OK;
    struct layered *conf = gb_alloc(scan->collector->scratch, sizeof *conf);
    struct gb_engine engine = gb_engine_begin(scan, "cri-o", program);
    if (!conf || add_layer(&engine, conf, "/etc/crio/crio.conf") < 0 ||
        add_layers_of(&engine, conf, "/etc/crio/crio.conf.d") < 0)
        return GB_E_MEMORY;
    put_problem(&engine, conf);
    put_running(&engine, gb_engine_runs(scan, "crio"));
    const struct gb_toml_entry *entry =
        layered_get(conf, GB_TOML_PATH("crio", "api", "listen"), &file);
    gb_engine_socket(&engine, gb_toml_string(entry, GB_STR("/var/run/crio/crio.sock")),
                     GB_STR("0660"), GB_STR("root"), entry ? file : (struct gb_str){0},
                     entry ? entry->line : 0);
    entry = layered_get(conf, GB_TOML_PATH("crio", "api", "stream_address"), &file);
    if (entry) {
        struct gb_str ignored;
        bool tls = gb_toml_bool(
            layered_get(conf, GB_TOML_PATH("crio", "api", "stream_enable_tls"), &ignored), false);
        struct gb_str address = gb_str_format(scan->collector->scratch, GB_PRI ":0",
                                              GB_ARG(gb_toml_string(entry, GB_STR(""))));
        gb_engine_tcp(&engine, address, tls, file, entry->line);
    }
    entry = layered_get(conf, GB_TOML_PATH("crio", "image", "insecure_registries"), &file);
    for (size_t i = 0; entry && entry->value.kind == GB_NODE_LIST && i < entry->value.list.count;
         i++) {
        if (entry->value.list.items[i].kind == GB_NODE_STRING)
            gb_engine_registry(&engine, entry->value.list.items[i].string, file, entry->line);
    }
    gb_engine_end(&engine);
    return GB_OK;
}
