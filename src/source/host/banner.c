// Texts that are shown around a login (kind "banner"): do they tell a stranger which system this
// is?
#include "source/host/facts.h"

enum { LONGEST_BANNER = 64 << 10 };

static const struct {
    const char *name, *path;
    bool escapes; // agetty replaces "\r" and the like
} banners[] = {
    {"issue", "/etc/issue", true},
    {"issue_net", "/etc/issue.net", false},
    {"motd", "/etc/motd", false},
};

static struct gb_str os_field(const struct gb_collection *all, const char *field)
{
    const struct gb_resource *os = gb_collection_find(all, GB_STR("os"));
    const struct gb_value *value = os ? gb_map_find(os->props, gb_str_of(field)) : NULL;
    return gb_value_str_or(value, GB_STR(""));
}

static bool contains_nocase(struct gb_arena *scratch, struct gb_str text, struct gb_str part)
{
    return part.len && gb_str_contains(gb_str_lower(scratch, text), gb_str_lower(scratch, part));
}

// The escapes of agetty that name the system: \m machine, \r and \v kernel, \s and \S system.
static void add_escapes(struct gb_facts *facts, struct gb_list *leaks, struct gb_str line,
                        struct gb_str path, uint32_t number)
{
    for (size_t i = 0; i + 1 < line.len; i++) {
        if (line.at[i] != '\\')
            continue;
        char c = line.at[i + 1];
        if (c && strchr("mrvsS", c))
            gb_fact_add_text(facts, leaks,
                             gb_str_format(facts->collector->arena, "\\%c (%s)", c,
                                           c == 'm'               ? "machine"
                                           : c == 'r' || c == 'v' ? "kernel"
                                                                  : "system"),
                             path, number);
        i++;
    }
}

static void add_banner(struct gb_collector *collector, size_t index)
{
    const char *path = banners[index].path;
    struct gb_str text, line, where = gb_str_of(path);
    int code = gb_host_read(collector->host, path, LONGEST_BANNER, collector->scratch, &text, NULL);
    if (code == GB_E_NOT_FOUND)
        return;
    struct gb_str name = gb_str_of(banners[index].name);
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("banner"), name));
    gb_fact(&facts, "name", gb_string(name));
    gb_fact(&facts, "path", gb_fact_at(&facts, gb_string(where), where, 0));
    if (code) {
        gb_fact(&facts, "empty", gb_unread(collector, path, code));
        gb_fact(&facts, "leaks", gb_unread(collector, path, code));
        return;
    }
    gb_fact(&facts, "empty", gb_fact_at(&facts, gb_bool(gb_str_trim(text).len == 0), where, 0));
    struct gb_list *leaks = gb_list_new(collector->arena);
    struct gb_str names[] = {os_field(collector->all, "pretty_name"),
                             os_field(collector->all, "name"), os_field(collector->all, "id")};
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        if (banners[index].escapes)
            add_escapes(&facts, leaks, line, where, number);
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            if (contains_nocase(collector->scratch, line, names[i])) {
                gb_fact_add_text(&facts, leaks, names[i], where, number);
                break;
            }
    }
    gb_fact(&facts, "leaks", gb_list_of(leaks));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    (void)err;
    gb_collection_complete(collector->all, GB_STR("banner"));
    for (size_t i = 0; i < sizeof banners / sizeof banners[0]; i++)
        add_banner(collector, i);
    return GB_OK;
}

static const char *const kinds[] = {"banner", NULL};

const struct gb_source gb_source_banner = {
    .name = "host/banner",
    .title = "texts around a login",
    .kinds = kinds,
    .order = 20,
    .collect = collect,
};
