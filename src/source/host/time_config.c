// Source lines of time daemons: see time_config.h.
#include "source/host/time_config.h"

enum {
    MAX_SOURCES = 1024,
    MAX_INCLUDES = 64,
};

int gb_time_source_add(struct gb_time_sources *sources, struct gb_time_source source,
                       struct gb_arena *arena)
{
    if (sources->count == MAX_SOURCES)
        return GB_OK;
    if (sources->count == sources->capacity) {
        size_t wider = sources->capacity ? sources->capacity * 2 : 8;
        void *grown =
            gb_grow_array(arena, sources->items, sources->capacity, wider, sizeof *sources->items);
        if (!grown)
            return GB_E_MEMORY;
        sources->items = grown;
        sources->capacity = wider;
    }
    sources->items[sources->count++] = source;
    return GB_OK;
}

static int add_include(struct gb_time_sources *sources, struct gb_str keyword, struct gb_str path,
                       struct gb_arena *arena)
{
    if (sources->include_count == MAX_INCLUDES)
        return GB_OK;
    if (sources->include_count == sources->include_capacity) {
        size_t wider = sources->include_capacity ? sources->include_capacity * 2 : 4;
        void *grown = gb_grow_array(arena, sources->includes, sources->include_capacity, wider,
                                    sizeof *sources->includes);
        if (!grown)
            return GB_E_MEMORY;
        sources->includes = grown;
        sources->include_capacity = wider;
    }
    sources->includes[sources->include_count].keyword = keyword;
    sources->includes[sources->include_count++].path = path;
    return GB_OK;
}

static bool is_one_of(struct gb_str word, const char *const *words)
{
    for (; *words; words++)
        if (gb_str_eq_nocase(word, gb_str_of(*words)))
            return true;
    return false;
}

static bool has_authentication(struct gb_str options)
{
    static const char *const words[] = {"nts", "key", "autokey", NULL};
    struct gb_str word;
    while (gb_str_next_word(&options, &word))
        if (is_one_of(word, words))
            return true;
    return false;
}

// The word behind the keyword; of sources without "-4" and "-6", which ntp.conf allows before it.
static bool read_address(struct gb_str *line, bool source, struct gb_str *ret)
{
    while (gb_str_next_word(line, ret))
        if (!source || ret->at[0] != '-' || ret->len != 2)
            return true;
    return false;
}

int gb_time_config_parse(struct gb_time_sources *sources, struct gb_str text, struct gb_str file,
                         struct gb_arena *arena)
{
    static const char *const network[] = {"server", "servers", "pool", "peer", NULL};
    static const char *const local[] = {"refclock", "sensor", NULL};
    static const char *const includes[] = {"include", "confdir", "sourcedir", "includefile", NULL};
    struct gb_str line, keyword, address;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        if (!gb_str_next_word(&line, &keyword) ||
            gb_str_find_char(GB_STR("#!;%"), keyword.at[0]) >= 0)
            continue;
        bool clock = is_one_of(keyword, local), source = clock || is_one_of(keyword, network);
        bool include = is_one_of(keyword, includes);
        if ((!source && !include) || !read_address(&line, source, &address))
            continue;
        if (include) {
            // chrony takes several directories in one line; the first one that is there counts.
            do {
                if (add_include(sources, keyword, address, arena))
                    return GB_E_MEMORY;
            } while (gb_str_next_word(&line, &address));
            continue;
        }
        // Reference clocks of ntpd have addresses of their own.
        clock = clock || gb_str_starts(address, GB_STR("127.127."));
        if (gb_time_source_add(sources,
                               (struct gb_time_source){.address = address,
                                                       .authenticated = has_authentication(line),
                                                       .local = clock,
                                                       .file = file,
                                                       .line = number},
                               arena))
            return GB_E_MEMORY;
    }
    return GB_OK;
}
