// polkit (kind "polkit"): rules of this machine's own that grant actions without authentication.
// The rules are programs; what is told is where they say "yes", not to whom.
#include "source/host/facts.h"

enum { MOST_FILES = 1024 };

struct probe {
    struct gb_facts facts;
    struct gb_list *files, *grants;
    struct gb_str unread; // the first thing that could not be read, and why
};

static void add_grant(struct probe *probe, struct gb_str file, uint32_t number, struct gb_str line)
{
    struct gb_str text = gb_str_format(probe->facts.collector->arena, GB_PRI ": " GB_PRI,
                                       GB_ARG(file), GB_ARG(gb_str_sub(gb_str_trim(line), 0, 160)));
    gb_fact_add_text(&probe->facts, probe->grants, text, file, number);
}

// JavaScript: "polkit.Result.YES" outside of comments.
static void read_rules(struct probe *probe, struct gb_str file, struct gb_str text)
{
    struct gb_str line;
    bool comment = false;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        struct gb_str rest = line;
        while (rest.len) {
            ptrdiff_t end = gb_str_find(rest, comment ? GB_STR("*/") : GB_STR("/*"));
            ptrdiff_t slashes = comment ? -1 : gb_str_find(rest, GB_STR("//"));
            bool to_end = slashes >= 0 && (end < 0 || slashes < end);
            size_t code = to_end ? (size_t)slashes : end < 0 ? rest.len : (size_t)end;
            if (!comment && gb_str_contains(gb_str_sub(rest, 0, code), GB_STR("polkit.Result.YES")))
                add_grant(probe, file, number, line);
            if (to_end || end < 0)
                break;
            comment = !comment;
            rest = gb_str_from(rest, (size_t)end + 2);
        }
    }
}

// The older form, read only where its helper is installed: "ResultAny=yes".
static void read_authority(struct probe *probe, struct gb_str file, struct gb_str text)
{
    struct gb_str line;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        ptrdiff_t equals = gb_str_find_char(line, '=');
        if (equals < 0 || !gb_str_starts(gb_str_trim(line), GB_STR("Result")))
            continue;
        if (gb_str_eq_nocase(gb_str_trim(gb_str_from(line, (size_t)equals + 1)), GB_STR("yes")))
            add_grant(probe, file, number, line);
    }
}

static int read_directory(struct probe *probe, const char *directory, const char *suffix,
                          void (*read)(struct probe *, struct gb_str, struct gb_str))
{
    struct gb_collector *collector = probe->facts.collector;
    struct gb_dir_entry *entries;
    size_t count;
    int code = gb_host_list(collector->host, directory, MOST_FILES, collector->scratch, &entries,
                            &count, NULL);
    if (code == GB_E_MEMORY || code == GB_E_NOT_FOUND)
        return code == GB_E_MEMORY ? code : GB_OK;
    if (code) {
        if (!probe->unread.len)
            probe->unread = gb_unread_reason(collector, directory, code);
        return GB_OK;
    }
    for (size_t i = 0; i < count; i++) {
        struct gb_str text, path;
        if (!gb_str_ends(entries[i].name, gb_str_of(suffix)))
            continue;
        path = gb_str_format(collector->arena, "%s/" GB_PRI, directory, GB_ARG(entries[i].name));
        if (!path.at)
            return GB_E_MEMORY;
        code = gb_host_read(collector->host, path.at, GB_CONFIG_MAX_BYTES, collector->scratch,
                            &text, NULL);
        if (code == GB_E_MEMORY)
            return code;
        gb_fact_add_text(&probe->facts, probe->files, path, path, 0);
        if (!code)
            read(probe, path, text);
        else if (code != GB_E_NOT_FOUND && !probe->unread.len)
            probe->unread = gb_unread_reason(collector, path.at, code);
    }
    return GB_OK;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    static const char *const daemons[] = {"/usr/lib/polkit-1/polkitd", "/usr/libexec/polkitd",
                                          "/usr/libexec/polkit-1/polkitd"};
    static const char *const authorities[] = {"10-vendor.d", "20-org.d", "30-site.d", "50-local.d",
                                              "90-mandatory.d"};
    struct gb_str kind = GB_STR("polkit");
    bool installed = false;
    for (size_t i = 0; i < sizeof daemons / sizeof daemons[0]; i++)
        installed |= gb_host_exists(collector->host, daemons[i]);
    if (!installed) {
        gb_collection_absent(collector->all, kind, GB_STR("polkit is not installed"));
        return GB_OK;
    }
    struct probe probe = {
        .facts = gb_facts(collector, gb_collection_add(collector->all, kind, GB_STR(""))),
        .files = gb_list_new(collector->arena),
        .grants = gb_list_new(collector->arena),
    };
    int code = read_directory(&probe, "/etc/polkit-1/rules.d", ".rules", read_rules);
    bool older = gb_host_exists(collector->host, "/usr/bin/pkla-check-authorization");
    for (size_t i = 0; older && !code && i < sizeof authorities / sizeof authorities[0]; i++) {
        struct gb_str path =
            gb_str_format(collector->scratch, "/etc/polkit-1/localauthority/%s", authorities[i]);
        code = path.at ? read_directory(&probe, path.at, ".pkla", read_authority) : GB_E_MEMORY;
    }
    if (code)
        return gb_error_set(err, code, "no memory for the rules of polkit");
    bool unknown = probe.unread.len && probe.grants && probe.grants->count == 0;
    gb_fact(&probe.facts, "local_rules", gb_list_of(probe.files));
    gb_fact(&probe.facts, "grants", unknown ? gb_unknown(probe.unread) : gb_list_of(probe.grants));
    return GB_OK;
}

static const char *const kinds[] = {"polkit", NULL};

const struct gb_source gb_source_polkit = {
    .name = "host/polkit",
    .title = "rules of polkit",
    .kinds = kinds,
    .order = 20,
    .collect = collect,
};
