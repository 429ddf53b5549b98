// Kind "logrotate": are logs rotated, which, and are those that rsyslog writes among them.
#include "source/facts.h"
#include "source/package/installed.h"

enum { FILES_MAX = 1000, DEPTH_MAX = 4 };

struct probe {
    struct gb_facts facts;
    struct gb_list *patterns;
    struct gb_str frequency, frequency_where, rotate_where, unread;
    uint32_t frequency_line, rotate_line;
    int64_t rotate;
    int depth;
    size_t files;
};

static int read_config(struct probe *probe, struct gb_str path);

static int include(struct probe *probe, struct gb_str path)
{
    struct gb_collector *collector = probe->facts.collector;
    struct gb_file_info info;
    char *folder = gb_str_c(collector->arena, path);
    if (!folder)
        return GB_E_MEMORY;
    if (!folder[0] || gb_host_stat(collector->host, folder, true, &info, NULL) < 0)
        return GB_OK;
    if (info.type != GB_FILE_DIRECTORY)
        return read_config(probe, path);
    struct gb_dir_entry *entries = NULL;
    size_t count = 0;
    int code =
        gb_host_list(collector->host, folder, FILES_MAX, collector->arena, &entries, &count, NULL);
    if (code == GB_E_MEMORY)
        return code;
    if (code)
        probe->unread = gb_unread_reason(collector, folder, code);
    for (size_t i = 0; !code && i < count; i++) {
        // Left-overs of dpkg and editors do not count.
        struct gb_str name = entries[i].name;
        if (name.at[0] == '.' || name.at[name.len - 1] == '~' ||
            gb_str_contains(name, GB_STR(".dpkg-")) || gb_str_ends(name, GB_STR(".disabled")) ||
            gb_str_ends(name, GB_STR(".bak")) || gb_str_ends(name, GB_STR(".orig")))
            continue;
        struct gb_str file =
            gb_str_format(collector->arena, GB_PRI "/" GB_PRI, GB_ARG(path), GB_ARG(name));
        int failed = file.at ? read_config(probe, file) : GB_E_MEMORY;
        if (failed)
            return failed;
    }
    return GB_OK;
}

static void add_patterns(struct probe *probe, struct gb_str line, struct gb_str path,
                         uint32_t number)
{
    for (struct gb_str word; gb_str_next_word(&line, &word);) {
        while (word.len && (word.at[0] == '"' || word.at[0] == '\''))
            word = gb_str_from(word, 1);
        while (word.len && strchr("\"'{", word.at[word.len - 1]))
            word.len--;
        if (word.len && word.at[0] == '/')
            gb_fact_add_text(&probe->facts, probe->patterns, word, path, number);
    }
}

// Outside of blocks: include, frequency, rotate, and the patterns that a block is about.
static int read_line(struct probe *probe, struct gb_str line, struct gb_str path, uint32_t number)
{
    static const char *const frequencies[] = {"hourly", "daily", "weekly", "monthly", "yearly"};
    struct gb_str rest = line, word, value = {0};
    gb_str_next_word(&rest, &word);
    gb_str_next_word(&rest, &value);
    if (gb_str_is(word, "include"))
        return include(probe, value);
    for (size_t i = 0; i < sizeof frequencies / sizeof *frequencies; i++) {
        if (gb_str_is(word, frequencies[i])) {
            probe->frequency = word;
            probe->frequency_where = path;
            probe->frequency_line = number;
        }
    }
    if (gb_str_is(word, "rotate") && gb_str_to_int(value, &probe->rotate) == GB_OK) {
        probe->rotate_where = path;
        probe->rotate_line = number;
    }
    if (line.at[0] == '/' || line.at[0] == '"' || line.at[0] == '\'')
        add_patterns(probe, line, path, number);
    return GB_OK;
}

// Scripts end with endscript and may hold anything.
static bool begins_script(struct gb_str line)
{
    return gb_str_is(line, "prerotate") || gb_str_is(line, "postrotate") ||
           gb_str_is(line, "firstaction") || gb_str_is(line, "lastaction") ||
           gb_str_is(line, "preremove");
}

static int read_config(struct probe *probe, struct gb_str path)
{
    struct gb_collector *collector = probe->facts.collector;
    if (probe->depth >= DEPTH_MAX || probe->files++ >= FILES_MAX)
        return GB_OK;
    char *copy = gb_str_c(collector->arena, path);
    struct gb_str text;
    int code = copy ? gb_host_read(collector->host, copy, GB_CONFIG_MAX_BYTES, collector->arena,
                                   &text, NULL)
                    : GB_E_MEMORY;
    if (code == GB_E_MEMORY)
        return code;
    if (code) {
        if (code != GB_E_NOT_FOUND)
            probe->unread = gb_unread_reason(collector, copy, code);
        return GB_OK;
    }
    probe->depth++;
    uint32_t number = 0;
    bool block = false, script = false;
    code = GB_OK;
    for (struct gb_str line; !code && gb_str_next(&text, '\n', &line);) {
        number++;
        line = gb_str_trim(line);
        if (!line.len || line.at[0] == '#')
            continue;
        if (script) {
            script = !gb_str_is(line, "endscript");
            continue;
        }
        script = begins_script(line);
        if (!block && !script)
            code = read_line(probe, line, (struct gb_str){copy, path.len}, number);
        if (line.at[line.len - 1] == '{')
            block = true;
        if (line.at[0] == '}')
            block = false;
    }
    probe->depth--;
    return code;
}

static bool is_matched(const struct gb_list *patterns, struct gb_str path)
{
    for (size_t i = 0; i < patterns->count; i++)
        if (gb_str_glob(gb_value_str_or(&patterns->items[i], GB_STR("")), path, true))
            return true;
    return false;
}

// Files that rsyslog writes to and no pattern matches.
static void put_uncovered(struct probe *probe)
{
    struct gb_collector *collector = probe->facts.collector;
    const struct gb_resource *rsyslog = gb_collection_find(collector->all, GB_STR("rsyslog"));
    const struct gb_value *outputs =
        rsyslog ? gb_map_find(rsyslog->props, GB_STR("outputs")) : NULL;
    struct gb_list *list = gb_list_new(collector->arena);
    if (!list)
        return;
    for (size_t i = 0; outputs && outputs->kind == GB_VALUE_LIST && i < outputs->list->count; i++) {
        const struct gb_value *path = gb_value_get(&outputs->list->items[i], "path");
        struct gb_str text = gb_value_str_or(path, GB_STR(""));
        if (text.len && !gb_str_starts(text, GB_STR("/dev/")) &&
            gb_host_exists(collector->host, text.at) && !is_matched(probe->patterns, text))
            gb_list_add(collector->arena, list, *path);
    }
    bool unknown = probe->unread.len || (outputs && outputs->kind == GB_VALUE_UNKNOWN);
    gb_fact(&probe->facts, "uncovered",
            list->count && probe->unread.len ? gb_unknown(probe->unread)
            : unknown && !list->count
                ? gb_unknown(probe->unread.len ? probe->unread : outputs->string)
                : gb_list_of(list));
}

static bool is_scheduled(struct gb_collector *collector)
{
    const struct gb_host *host = collector->host;
    struct gb_file_info info;
    struct gb_str target;
    if (gb_package_installed(collector, "systemd-sysv") == GB_INSTALLED_YES) {
        bool masked = gb_host_readlink(host, "/etc/systemd/system/logrotate.timer",
                                       collector->scratch, &target, NULL) == GB_OK &&
                      gb_str_is(target, "/dev/null");
        return !masked &&
               gb_host_stat(host, "/etc/systemd/system/timers.target.wants/logrotate.timer", false,
                            &info, NULL) == GB_OK;
    }
    return gb_host_exists(host, "/etc/cron.daily/logrotate") &&
           gb_package_provided(collector, "cron-daemon") == GB_INSTALLED_YES;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct gb_str kind = GB_STR("logrotate");
    if (gb_package_installed(collector, "logrotate") != GB_INSTALLED_YES &&
        !gb_host_exists(collector->host, "/usr/sbin/logrotate")) {
        gb_collection_absent(collector->all, kind, GB_STR("logrotate is not installed"));
        return GB_OK;
    }
    struct probe probe = {
        .facts = gb_facts(collector, gb_collection_add(collector->all, kind, GB_STR(""))),
        .patterns = gb_list_new(collector->arena),
        .rotate = -1,
    };
    if (!probe.facts.props || !probe.patterns ||
        read_config(&probe, GB_STR("/etc/logrotate.conf")) < 0)
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    gb_fact(&probe.facts, "scheduled", gb_bool(is_scheduled(collector)));
    if (probe.frequency.len)
        gb_fact(&probe.facts, "frequency",
                gb_fact_at(&probe.facts, gb_fact_text(&probe.facts, probe.frequency),
                           probe.frequency_where, probe.frequency_line));
    if (probe.rotate_line)
        gb_fact(
            &probe.facts, "rotate",
            gb_fact_at(&probe.facts, gb_int(probe.rotate), probe.rotate_where, probe.rotate_line));
    gb_fact(&probe.facts, "patterns", gb_list_of(probe.patterns));
    put_uncovered(&probe);
    return GB_OK;
}

static const char *const kinds[] = {"logrotate", NULL};

const struct gb_source gb_source_logrotate = {
    .name = "host/logrotate",
    .title = "log rotation",
    .kinds = kinds,
    .order = 26, // after rsyslog
    .collect = collect,
};
