// Services that others can talk to (kind "network_service"): listeners joined with their units and
// the users of their processes. Runs after all three.
#include "source/facts.h"

static const char *const kinds[] = {"network_service", NULL};

// One unit while its listeners are gathered.
struct service {
    const struct gb_resource *unit;
    struct gb_str name, reach;
    struct gb_list *listens;
    bool has_process, has_other_user;
};

static struct gb_str text_of(const struct gb_resource *resource, const char *field)
{
    return gb_value_str_or(gb_map_find(resource->props, gb_str_of(field)), (struct gb_str){0});
}

// internet is wider than network is wider than link.
static int width(struct gb_str reach)
{
    return gb_str_is(reach, "internet") ? 3 : gb_str_is(reach, "network") ? 2 : 1;
}

static int add_listener(struct gb_collector *collector, struct gb_map *services,
                        const struct gb_resource *listener)
{
    struct gb_str unit = text_of(listener, "unit"), reach = text_of(listener, "reach");
    const struct gb_value *port = gb_map_find(listener->props, GB_STR("port"));
    struct gb_str protocol = text_of(listener, "protocol"), address = text_of(listener, "address");
    if (!gb_str_ends(unit, GB_STR(".service")) || !reach.len || gb_str_is(reach, "loopback") ||
        !port || port->kind != GB_VALUE_INT)
        return GB_OK;
    struct service *service = gb_map_get(services, unit);
    if (!service) {
        service = gb_alloc(collector->scratch, sizeof *service);
        if (!service || gb_map_set(services, unit, service) < 0)
            return GB_E_MEMORY;
        *service = (struct service){
            .name = unit,
            .reach = reach,
            .listens = gb_list_new(collector->arena),
            .unit = gb_collection_find(
                collector->all, gb_str_format(collector->scratch, "unit:" GB_PRI, GB_ARG(unit)))};
    }
    if (width(reach) > width(service->reach))
        service->reach = reach;
    bool v6 = gb_str_find_char(address, ':') >= 0;
    struct gb_str text = gb_str_format(collector->arena,
                                       v6 ? GB_PRI " [" GB_PRI "]:%lld" : GB_PRI " " GB_PRI ":%lld",
                                       GB_ARG(protocol), GB_ARG(address), (long long)port->integer);
    gb_list_add(collector->arena, service->listens, gb_at(gb_string(text), port->origin));
    return GB_OK;
}

static void note_users(struct gb_collector *collector, const struct gb_map *services)
{
    const struct gb_kind_state *processes = gb_collection_kind(collector->all, GB_STR("process"));
    for (size_t i = 0; i < processes->count; i++) {
        struct gb_str unit = text_of(processes->resources[i], "unit");
        struct service *service = unit.len ? gb_map_get(services, unit) : NULL;
        const struct gb_value *uid = gb_map_find(processes->resources[i]->props, GB_STR("uid"));
        if (!service || !uid || uid->kind != GB_VALUE_INT)
            continue;
        service->has_process = true;
        service->has_other_user = service->has_other_user || uid->integer != 0;
    }
}

static void put_service(struct gb_collector *collector, const struct service *service)
{
    struct gb_facts facts = gb_facts(
        collector, gb_collection_add(collector->all, GB_STR("network_service"), service->name));
    static const char *const copied[] = {"local", "package", "exposure"};
    gb_fact(&facts, "name",
            service->unit ? *gb_map_find(service->unit->props, GB_STR("name"))
                          : gb_string(service->name));
    gb_fact(&facts, "listens", gb_list_of(service->listens));
    gb_fact(&facts, "reach", gb_string(service->reach));
    for (size_t i = 0; service->unit && i < sizeof copied / sizeof *copied; i++) {
        const struct gb_value *value = gb_map_find(service->unit->props, gb_str_of(copied[i]));
        if (value)
            gb_fact(&facts, copied[i], *value);
    }
    if (!service->unit)
        gb_fact(&facts, "local", gb_unknown(GB_STR("its unit file was not found")));
    gb_fact(&facts, "only_root",
            service->has_process ? gb_bool(!service->has_other_user)
                                 : gb_unknown(GB_STR("none of its processes can be seen")));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct gb_str kind = GB_STR("network_service");
    const struct gb_kind_state *listeners = gb_collection_kind(collector->all, GB_STR("listener"));
    struct gb_map services = gb_map(collector->scratch);
    if (listeners->presence == GB_NO_SUBJECT) {
        gb_collection_no_subject(collector->all, kind, listeners->reason);
        return GB_OK;
    }
    for (size_t i = 0; i < listeners->count; i++) {
        if (add_listener(collector, &services, listeners->resources[i]) < 0)
            return gb_error_set(err, GB_E_MEMORY, "no memory for services");
    }
    note_users(collector, &services);
    for (size_t i = 0; i < services.count; i++)
        put_service(collector, services.entries[i].value);
    if (listeners->presence == GB_NOT_KNOWN || listeners->presence == GB_NOT_COLLECTED)
        gb_collection_gap(collector->all, kind, listeners->reason);
    else if (services.count)
        gb_collection_complete(collector->all, kind);
    else
        gb_collection_absent(collector->all, kind,
                             GB_STR("no service of systemd listens beyond loopback"));
    return GB_OK;
}

const struct gb_source gb_source_network_service = {
    .name = "host/network_service",
    .title = "services on the network",
    .kinds = kinds,
    .order = 45, // after listeners
    .collect = collect,
};
