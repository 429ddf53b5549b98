// Who reaches a port: its address, the interfaces that lead to it, and the packet filter for each
// of these. Part of the network source.
#include "source/host/network.h"

enum { MAX_INTERFACES_ASKED = 12, MAX_SOURCES = 32 };

// An interface leads to the port when it is up and has the address, or for "every address" one of
// the family.
static bool leads_to(const struct gb_interface *one, const struct gb_address *address,
                     const struct gb_interface_address **through)
{
    bool any = gb_address_is_unspecified(address);
    *through = NULL;
    if (!one->up || one->loopback)
        return false;
    for (size_t i = 0; i < one->address_count; i++) {
        const struct gb_interface_address *entry = &one->addresses[i];
        if (any ? entry->network.address.family != address->family
                : !gb_address_equal(&entry->network.address, address))
            continue;
        if (!*through || entry->scope > (*through)->scope)
            *through = entry;
    }
    return *through != NULL;
}

static void merge(struct gb_reach *reach, const struct gb_filter_answer *answer,
                  enum gb_scope scope, struct gb_arena *arena)
{
    static const enum gb_passage passages[] = {GB_PASSAGE_OPEN, GB_PASSAGE_LIMITED,
                                               GB_PASSAGE_CLOSED};
    enum gb_passage passage = passages[answer->passage];
    if (answer->unsure.len) {
        passage = GB_PASSAGE_NOT_UNDERSTOOD;
        reach->unsure = answer->unsure;
    }
    // The widest wins: open before not understood before limited before closed.
    static const int width[] = {5, 4, 2, 1, 3, 3};
    if (reach->passage == GB_PASSAGE_NONE || width[passage] > width[reach->passage])
        reach->passage = passage;
    if (passage != GB_PASSAGE_CLOSED && scope > reach->scope)
        reach->scope = scope;
    if (passage != GB_PASSAGE_LIMITED)
        return;
    if (!reach->sources)
        reach->sources = gb_alloc_array(arena, MAX_SOURCES, sizeof *reach->sources);
    for (size_t i = 0; reach->sources && i < answer->source_count; i++) {
        bool known = reach->source_count == MAX_SOURCES;
        for (size_t k = 0; k < reach->source_count; k++)
            known = known || gb_str_eq(reach->sources[k], answer->sources[i]);
        if (!known)
            reach->sources[reach->source_count++] = answer->sources[i];
    }
}

static int ask_filter(struct gb_host_network *network, const struct gb_filter_packet *packet,
                      enum gb_scope scope, struct gb_reach *reach)
{
    struct gb_filter_answer answer;
    int code = gb_filter_ask(&network->filter, packet, &answer);
    if (!code)
        merge(reach, &answer, scope, network->collector->arena);
    return code;
}

// Without a filter, or without knowing it: by address alone.
static void reach_unfiltered(struct gb_host_network *network, const struct gb_address *address,
                             struct gb_reach *ret)
{
    const struct gb_interface_address *through;
    enum gb_scope scope = gb_scope_of(address);
    ret->passage = network->filter_code == GB_OK || network->filter_code == GB_E_UNSUPPORTED
                       ? GB_PASSAGE_NONE
                       : GB_PASSAGE_NOT_READABLE;
    ret->scope = scope == GB_SCOPE_ANY ? GB_SCOPE_PRIVATE : scope;
    if (scope != GB_SCOPE_ANY || !network->interfaces_known)
        return;
    ret->scope = GB_SCOPE_LOOPBACK;
    for (size_t i = 0; i < network->interfaces.count; i++)
        if (leads_to(&network->interfaces.items[i], address, &through) &&
            through->scope > ret->scope)
            ret->scope = through->scope;
}

int gb_host_network_ask(struct gb_host_network *network, bool udp, const struct gb_address *address,
                        uint16_t port, struct gb_reach *ret)
{
    enum gb_scope scope = gb_scope_of(address);
    *ret = (struct gb_reach){.scope = GB_SCOPE_LOOPBACK};
    if (scope == GB_SCOPE_LOOPBACK)
        return GB_OK;
    if (network->filter_code || !network->filters) {
        reach_unfiltered(network, address, ret);
        return GB_OK;
    }
    struct gb_filter_packet packet = {.udp = udp, .v6 = address->family == 6, .port = port};
    size_t asked = 0;
    for (size_t i = 0; i < network->interfaces.count && network->interfaces_known; i++) {
        const struct gb_interface *one = &network->interfaces.items[i];
        const struct gb_interface_address *through;
        if (!leads_to(one, address, &through))
            continue;
        if (++asked > MAX_INTERFACES_ASKED) {
            ret->passage = GB_PASSAGE_NOT_UNDERSTOOD;
            ret->unsure = GB_STR("more interfaces than are looked at");
            break;
        }
        packet.interface = one->name;
        packet.interface_index = one->index;
        packet.destination_known = true;
        memcpy(packet.destination, through->network.address.bytes, 16);
        int code = ask_filter(network, &packet, through->scope, ret);
        if (code)
            return code;
    }
    if (asked || (network->interfaces_known && scope == GB_SCOPE_ANY))
        return GB_OK;
    // An address that is on no interface now, or interfaces that are not known.
    packet.destination_known = scope != GB_SCOPE_ANY;
    memcpy(packet.destination, address->bytes, 16);
    return ask_filter(network, &packet, scope == GB_SCOPE_ANY ? GB_SCOPE_PRIVATE : scope, ret);
}
