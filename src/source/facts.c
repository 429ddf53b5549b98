// Reading small files and writing fields: see facts.h. Used by all sources.
#include "source/facts.h"

enum { SMALL_FILE_MAX_BYTES = 64 << 10 };

struct gb_facts gb_facts_record(struct gb_collector *collector)
{
    return gb_facts(collector, gb_map_new(collector->arena));
}

void gb_fact(struct gb_facts *facts, const char *name, struct gb_value value)
{
    if (facts->props)
        gb_map_put(facts->collector->arena, facts->props, gb_str_of(name), value);
}

struct gb_value gb_fact_text(const struct gb_facts *facts, struct gb_str text)
{
    return gb_string_clean(facts->collector->arena, text);
}

struct gb_value gb_fact_at(const struct gb_facts *facts, struct gb_value value, struct gb_str path,
                           uint32_t line)
{
    struct gb_collection *all = facts->collector->all;
    if (!gb_map_get(&all->origin_index, path)) {
        path = gb_str_copy(facts->collector->arena, path);
        if (!path.at)
            return value;
    }
    return gb_at(value, gb_collection_origin(all, path, line));
}

void gb_fact_add_text(const struct gb_facts *facts, struct gb_list *list, struct gb_str text,
                      struct gb_str path, uint32_t line)
{
    struct gb_value value = gb_fact_text(facts, text);
    if (path.len)
        value = gb_fact_at(facts, value, path, line);
    if (list)
        gb_list_add(facts->collector->arena, list, value);
}

struct gb_str gb_unread_reason(struct gb_collector *collector, const char *path, int code)
{
    if (code == GB_E_UNSUPPORTED && !gb_host_has_kernel(collector->host))
        return GB_STR("needs a live kernel");
    if (code == GB_E_DENIED && !gb_host_is_root(collector->host))
        return gb_str_format(collector->arena, "needs root: %s", path);
    return gb_str_format(collector->arena, "%s: %s", path, gb_code_name(code));
}

struct gb_value gb_unread(struct gb_collector *collector, const char *path, int code)
{
    struct gb_str reason = gb_unread_reason(collector, path, code);
    if (code == GB_E_UNSUPPORTED && !gb_host_has_kernel(collector->host))
        return gb_not_applicable(reason);
    return gb_unknown(reason);
}

int gb_small_file(struct gb_collector *collector, const char *path, struct gb_str *ret)
{
    struct gb_str text;
    int code =
        gb_host_read(collector->host, path, SMALL_FILE_MAX_BYTES, collector->scratch, &text, NULL);
    if (code)
        return code;
    *ret = gb_str_trim(text);
    return GB_OK;
}

int gb_small_number(struct gb_collector *collector, const char *path, int64_t *ret)
{
    struct gb_mark mark = gb_arena_mark(collector->scratch);
    struct gb_str text;
    int code = gb_small_file(collector, path, &text);
    if (!code)
        code = gb_str_to_int(text, ret);
    gb_arena_reset(collector->scratch, mark);
    return code;
}

bool gb_in_container(const struct gb_collection *all)
{
    const struct gb_resource *host = gb_collection_find(all, GB_STR("host"));
    const struct gb_value *form = host ? gb_map_find(host->props, GB_STR("form")) : NULL;
    return gb_str_is(gb_value_str_or(form, GB_STR("")), "container");
}

bool gb_kernel_is_ours(struct gb_collector *collector, const char *const *kinds)
{
    struct gb_str reason;
    if (!gb_host_has_kernel(collector->host))
        reason = GB_STR("needs a live kernel");
    else if (gb_in_container(collector->all))
        reason = GB_STR("the kernel belongs to the container's host");
    else
        return true;
    for (; *kinds; kinds++)
        gb_collection_no_subject(collector->all, gb_str_of(*kinds), reason);
    return false;
}
