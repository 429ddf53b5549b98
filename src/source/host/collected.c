// Questions to what was collected before; see collected.h.
#include "source/host/collected.h"

#include <stdio.h>

static struct gb_value not_said(const struct gb_kind_state *state)
{
    if (state->presence == GB_NO_SUBJECT)
        return gb_not_applicable(state->reason);
    return gb_unknown(state->reason.len ? state->reason : GB_STR("was not collected"));
}

struct gb_value gb_collected_process(const struct gb_collection *all, const char *name)
{
    const struct gb_kind_state *state = gb_collection_kind(all, GB_STR("process"));
    struct gb_str wanted = gb_str_sub(gb_str_of(name), 0, 15);
    for (size_t i = 0; i < state->count; i++) {
        const struct gb_value *known = gb_map_find(state->resources[i]->props, GB_STR("name"));
        if (gb_str_eq(gb_value_str_or(known, GB_STR("")), wanted))
            return gb_bool(true);
    }
    if (state->presence == GB_PRESENT || state->presence == GB_ABSENT)
        return gb_bool(false);
    return not_said(state);
}

struct gb_value gb_collected_at_boot(const struct gb_collection *all, const char *unit)
{
    char id[128];
    int length = snprintf(id, sizeof id, "unit:%s", unit);
    if (length < 0 || (size_t)length >= sizeof id)
        return gb_bool(false);
    const struct gb_resource *known = gb_collection_find(all, (struct gb_str){id, (size_t)length});
    const struct gb_value *at_boot = known ? gb_map_find(known->props, GB_STR("at_boot")) : NULL;
    if (at_boot)
        return *at_boot;
    const struct gb_kind_state *state = gb_collection_kind(all, GB_STR("unit"));
    if (known || state->presence == GB_PRESENT || state->presence == GB_ABSENT)
        return gb_bool(false);
    return not_said(state);
}

static struct gb_str name_of(const struct gb_collection *all, const char *kind, const char *field,
                             uint32_t id)
{
    const struct gb_kind_state *state = gb_collection_kind(all, gb_str_of(kind));
    for (size_t i = 0; i < state->count; i++) {
        const struct gb_value *known = gb_map_find(state->resources[i]->props, gb_str_of(field));
        if (known && known->kind == GB_VALUE_INT && known->integer == id)
            return gb_value_str_or(gb_map_find(state->resources[i]->props, GB_STR("name")),
                                   GB_STR(""));
    }
    return GB_STR("");
}

struct gb_str gb_collected_user(const struct gb_collection *all, uint32_t uid)
{
    return name_of(all, "user", "uid", uid);
}

struct gb_str gb_collected_group(const struct gb_collection *all, uint32_t gid)
{
    return name_of(all, "group", "gid", gid);
}
