// The collection that sources fill and areas read.
#include "model/collection.h"

struct gb_collection *gb_collection_new(struct gb_arena *arena, int64_t collected_at)
{
    struct gb_collection *all = gb_alloc(arena, sizeof *all);
    if (!all)
        return NULL;
    *all = (struct gb_collection){
        .arena = arena,
        .collected_at = collected_at,
        .origin_count = 1,
        .origin_capacity = 64,
        .states = gb_map(arena),
        .by_id = gb_map(arena),
        .origin_index = gb_map(arena),
    };
    all->origins = gb_alloc_array(arena, all->origin_capacity, sizeof *all->origins);
    return all->origins ? all : NULL;
}

// Room for one more element behind `count`; the (possibly moved) array, or NULL.
static void *widen(struct gb_arena *arena, void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    size_t wider = *capacity ? *capacity * 2 : 16;
    void *grown = gb_grow_array(arena, array, *capacity, wider, size);
    if (grown)
        *capacity = wider;
    return grown;
}

static struct gb_kind_state *state_of(struct gb_collection *all, struct gb_str kind)
{
    struct gb_kind_state *state = gb_map_get(&all->states, kind);
    if (state)
        return state;
    state = gb_alloc(all->arena, sizeof *state);
    if (!state)
        return NULL;
    *state = (struct gb_kind_state){.kind = kind, .presence = GB_NOT_COLLECTED};
    return gb_map_set(&all->states, kind, state) ? NULL : state;
}

static struct gb_str unique_id(struct gb_collection *all, struct gb_str kind, struct gb_str name)
{
    struct gb_str plain =
        name.len ? gb_str_format(all->arena, GB_PRI ":" GB_PRI, GB_ARG(kind), GB_ARG(name)) : kind;
    struct gb_str id = plain;
    for (unsigned n = 2; gb_map_get(&all->by_id, id); n++)
        id = gb_str_format(all->arena, GB_PRI "#%u", GB_ARG(plain), n);
    return id;
}

struct gb_map_value *gb_collection_add(struct gb_collection *all, struct gb_str kind,
                                       struct gb_str name)
{
    struct gb_kind_state *state = state_of(all, kind);
    struct gb_resource *resource = gb_alloc(all->arena, sizeof *resource);
    struct gb_map_value *props = gb_map_new(all->arena);
    if (!state || !resource || !props)
        return NULL;
    struct gb_resource **of_kind = widen(all->arena, state->resources, state->count,
                                         &state->capacity, sizeof(struct gb_resource *));
    if (!of_kind)
        return NULL;
    state->resources = of_kind;
    struct gb_resource **resources = widen(all->arena, all->resources, all->resource_count,
                                           &all->resource_capacity, sizeof(struct gb_resource *));
    if (!resources)
        return NULL;
    all->resources = resources;
    *resource = (struct gb_resource){
        .id = unique_id(all, kind, name),
        .kind = kind,
        .name = name,
        .provider = GB_STR("host"),
        .scope = all->host,
        .props = props,
        .collected_at = all->collected_at,
    };
    if (gb_map_set(&all->by_id, resource->id, resource))
        return NULL;
    state->resources[state->count++] = resource;
    all->resources[all->resource_count++] = resource;
    if (state->presence == GB_NOT_COLLECTED || state->presence == GB_ABSENT)
        state->presence = GB_PRESENT;
    return props;
}

// A later statement replaces an earlier one only when it is at least as strong.
static void set_presence(struct gb_collection *all, struct gb_str kind, enum gb_presence presence,
                         struct gb_str reason)
{
    static const int strength[] = {
        [GB_NOT_COLLECTED] = 0, [GB_ABSENT] = 1,    [GB_PRESENT] = 2,
        [GB_NO_SUBJECT] = 3,    [GB_NOT_KNOWN] = 4,
    };
    struct gb_kind_state *state = state_of(all, kind);
    if (!state || strength[presence] < strength[state->presence])
        return;
    state->presence = presence;
    state->reason = reason;
}

void gb_collection_absent(struct gb_collection *all, struct gb_str kind, struct gb_str reason)
{
    set_presence(all, kind, GB_ABSENT, reason);
}

void gb_collection_complete(struct gb_collection *all, struct gb_str kind)
{
    set_presence(all, kind, GB_PRESENT, (struct gb_str){0});
}

void gb_collection_gap(struct gb_collection *all, struct gb_str kind, struct gb_str reason)
{
    set_presence(all, kind, GB_NOT_KNOWN, reason);
}

void gb_collection_no_subject(struct gb_collection *all, struct gb_str kind, struct gb_str reason)
{
    set_presence(all, kind, GB_NO_SUBJECT, reason);
}

void gb_collection_note(struct gb_collection *all, struct gb_str note)
{
    struct gb_str *notes =
        widen(all->arena, all->notes, all->note_count, &all->note_capacity, sizeof *notes);
    if (!notes)
        return;
    all->notes = notes;
    all->notes[all->note_count++] = note;
}

void gb_collection_relate(struct gb_collection *all, struct gb_str from, struct gb_str type,
                          struct gb_str to)
{
    struct gb_relation *relations = widen(all->arena, all->relations, all->relation_count,
                                          &all->relation_capacity, sizeof *relations);
    if (!relations)
        return;
    all->relations = relations;
    all->relations[all->relation_count++] = (struct gb_relation){from, to, type};
}

uint32_t gb_collection_origin(struct gb_collection *all, struct gb_str where, uint32_t line)
{
    // The newest number of a file is remembered: the same line asked for again costs nothing.
    uintptr_t newest = (uintptr_t)gb_map_get(&all->origin_index, where);
    if (newest && all->origins[newest].line == line)
        return (uint32_t)newest;
    if (all->origin_count >= UINT32_MAX)
        return 0;
    struct gb_origin *origins =
        widen(all->arena, all->origins, all->origin_count, &all->origin_capacity, sizeof *origins);
    if (!origins)
        return 0;
    all->origins = origins;
    size_t number = all->origin_count;
    struct gb_str kept = newest ? all->origins[newest].where : where;
    // The table stores the number itself in place of a pointer.
    if (gb_map_set(&all->origin_index, kept, (void *)(uintptr_t)number))
        return 0;
    all->origins[number] = (struct gb_origin){kept, line};
    all->origin_count++;
    return (uint32_t)number;
}

const struct gb_origin *gb_collection_origin_of(const struct gb_collection *all, uint32_t origin)
{
    return origin && origin < all->origin_count ? &all->origins[origin] : NULL;
}

const struct gb_kind_state *gb_collection_kind(const struct gb_collection *all, struct gb_str kind)
{
    static const struct gb_kind_state nothing = {
        .presence = GB_NOT_COLLECTED,
        .reason = GB_STR_INIT("no source for it ran"),
    };
    const struct gb_kind_state *state = gb_map_get(&all->states, kind);
    return state ? state : &nothing;
}

const struct gb_resource *gb_collection_find(const struct gb_collection *all, struct gb_str id)
{
    return gb_map_get(&all->by_id, id);
}
