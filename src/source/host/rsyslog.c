// Kind "rsyslog": where rsyslog takes messages from and where it puts them.
#include "source/facts.h"
#include "source/host/rsyslog_config.h"
#include "source/package/installed.h"

enum { DEPTH_MAX = 8, FILES_MAX = 1000, ENTRIES_MAX = 5000 };

struct probe {
    struct gb_facts facts;
    struct gb_rsyslog config;
    struct gb_list *files;
    size_t file_count;
    int depth;
    struct gb_str unread; // why a file could not be read; "" = all were
};

static int read_file(struct probe *probe, struct gb_str path)
{
    struct gb_collector *collector = probe->facts.collector;
    if (probe->file_count++ >= FILES_MAX || probe->depth >= DEPTH_MAX) {
        probe->unread = GB_STR("too many included files");
        return GB_OK;
    }
    char *copy = gb_str_c(collector->arena, path);
    struct gb_str text;
    if (!copy)
        return GB_E_MEMORY;
    int code =
        gb_host_read(collector->host, copy, GB_CONFIG_MAX_BYTES, collector->arena, &text, NULL);
    if (code == GB_E_NOT_FOUND)
        return GB_OK;
    if (code) {
        probe->unread = gb_unread_reason(collector, copy, code);
        return GB_OK;
    }
    struct gb_str where = {copy, path.len};
    gb_fact_add_text(&probe->facts, probe->files, where, where, 0);
    probe->depth++;
    code = gb_rsyslog_parse(&probe->config, text, where);
    probe->depth--;
    return code;
}

// A path, a directory with a slash at its end, or a pattern in its last part.
static int include(void *context, struct gb_rsyslog *config, struct gb_str pattern)
{
    struct probe *probe = context;
    struct gb_collector *collector = probe->facts.collector;
    (void)config;
    ptrdiff_t slash = gb_str_rfind_char(pattern, '/');
    if (!pattern.len || pattern.at[0] != '/' || slash < 0)
        return GB_OK;
    struct gb_str name = gb_str_from(pattern, (size_t)slash + 1);
    bool is_pattern = gb_str_contains(name, GB_STR("*")) || gb_str_contains(name, GB_STR("?")) ||
                      gb_str_contains(name, GB_STR("[")) || !name.len;
    if (!is_pattern)
        return read_file(probe, pattern);
    struct gb_str folder = gb_str_sub(pattern, 0, slash ? (size_t)slash : 1);
    char *path = gb_str_c(collector->arena, folder);
    struct gb_dir_entry *entries = NULL;
    size_t count = 0;
    int code = path ? gb_host_list(collector->host, path, ENTRIES_MAX, collector->arena, &entries,
                                   &count, NULL)
                    : GB_E_MEMORY;
    if (code == GB_E_MEMORY)
        return code;
    if (code && code != GB_E_NOT_FOUND)
        probe->unread = gb_unread_reason(collector, path, code);
    for (size_t i = 0; !code && i < count; i++) {
        if (entries[i].name.at[0] == '.' || (name.len && !gb_str_glob(name, entries[i].name, true)))
            continue;
        struct gb_str file = gb_str_format(collector->arena, GB_PRI "/" GB_PRI, GB_ARG(folder),
                                           GB_ARG(entries[i].name));
        int failed = file.at ? read_file(probe, file) : GB_E_MEMORY;
        if (failed)
            return failed;
    }
    return GB_OK;
}

static struct gb_value unless_unread(struct probe *probe, const struct gb_list *list)
{
    return list->count || !probe->unread.len ? gb_list_of(list) : gb_unknown(probe->unread);
}

static void put_outputs(struct probe *probe)
{
    struct gb_collector *collector = probe->facts.collector;
    struct gb_list *list = gb_list_new(collector->arena);
    for (size_t i = 0; list && i < probe->config.output_count; i++) {
        const struct gb_rsyslog_output *output = &probe->config.outputs[i];
        struct gb_facts record = gb_facts_record(collector);
        uint32_t origin = gb_collection_origin(collector->all, output->where, output->line);
        gb_fact(&record, "path", gb_at(gb_fact_text(&record, output->path), origin));
        gb_fact(&record, "create_mode",
                gb_at(output->mode.len ? gb_fact_text(&record, output->mode)
                                       : gb_string(GB_STR("0644")),
                      origin));
        gb_list_add(collector->arena, list, gb_at(gb_map_of(record.props), origin));
    }
    if (list)
        gb_fact(&probe->facts, "outputs", unless_unread(probe, list));
}

static void put_remotes(struct probe *probe)
{
    struct gb_collector *collector = probe->facts.collector;
    struct gb_list *list = gb_list_new(collector->arena);
    for (size_t i = 0; list && i < probe->config.remote_count; i++) {
        const struct gb_rsyslog_remote *remote = &probe->config.remotes[i];
        struct gb_facts record = gb_facts_record(collector);
        uint32_t origin = gb_collection_origin(collector->all, remote->where, remote->line);
        gb_fact(&record, "host", gb_at(gb_fact_text(&record, remote->host), origin));
        gb_fact(&record, "port", gb_at(gb_fact_text(&record, remote->port), origin));
        gb_fact(&record, "protocol", gb_at(gb_fact_text(&record, remote->protocol), origin));
        gb_fact(&record, "tls", gb_at(gb_bool(remote->tls), origin));
        gb_fact(&record, "verified", gb_at(gb_bool(remote->verified), origin));
        gb_list_add(collector->arena, list, gb_at(gb_map_of(record.props), origin));
    }
    if (list)
        gb_fact(&probe->facts, "remotes", unless_unread(probe, list));
}

static void put_inputs(struct probe *probe)
{
    struct gb_collector *collector = probe->facts.collector;
    struct gb_list *list = gb_list_new(collector->arena);
    for (size_t i = 0; list && i < probe->config.input_count; i++) {
        const struct gb_rsyslog_input *input = &probe->config.inputs[i];
        struct gb_facts record = gb_facts_record(collector);
        uint32_t origin = gb_collection_origin(collector->all, input->where, input->line);
        bool local = gb_str_starts(input->address, GB_STR("127.")) ||
                     gb_str_is(input->address, "::1") || gb_str_is(input->address, "localhost");
        gb_fact(&record, "protocol", gb_at(gb_fact_text(&record, input->protocol), origin));
        gb_fact(&record, "port", gb_at(gb_fact_text(&record, input->port), origin));
        gb_fact(&record, "address", gb_at(gb_fact_text(&record, input->address), origin));
        gb_fact(&record, "tls", gb_at(gb_bool(input->tls), origin));
        gb_fact(&record, "exposed", gb_at(gb_bool(!local), origin));
        gb_list_add(collector->arena, list, gb_at(gb_map_of(record.props), origin));
    }
    if (list)
        gb_fact(&probe->facts, "inputs", unless_unread(probe, list));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct gb_str kind = GB_STR("rsyslog");
    enum gb_installed installed = gb_package_installed(collector, "rsyslog");
    if (installed != GB_INSTALLED_YES && !gb_host_exists(collector->host, "/usr/sbin/rsyslogd")) {
        gb_collection_absent(collector->all, kind, GB_STR("rsyslog is not installed"));
        return GB_OK;
    }
    struct probe probe = {
        .facts = gb_facts(collector, gb_collection_add(collector->all, kind, GB_STR(""))),
        .config = {.arena = collector->arena},
        .files = gb_list_new(collector->arena),
    };
    if (!probe.facts.props || !probe.files)
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    probe.config.include = include;
    probe.config.include_context = &probe;
    if (read_file(&probe, GB_STR("/etc/rsyslog.conf")) < 0)
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    gb_fact(&probe.facts, "files", gb_list_of(probe.files));
    put_outputs(&probe);
    put_remotes(&probe);
    put_inputs(&probe);
    gb_fact(&probe.facts, "malformed", gb_int(probe.config.malformed));
    return GB_OK;
}

static const char *const kinds[] = {"rsyslog", NULL};

const struct gb_source gb_source_rsyslog = {
    .name = "host/rsyslog",
    .title = "rsyslog",
    .kinds = kinds,
    .order = 25,
    .collect = collect,
};
