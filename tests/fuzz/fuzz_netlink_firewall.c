// Answers of the kernel about packet filters, sockets and interfaces: the first byte chooses the
// reader. Whatever was read, every question gets an answer within the bounds.
#include "source/host/interfaces.h"
#include "source/host/packet_filter.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask_all(struct gb_filter *filter)
{
    for (unsigned i = 0; i < 8; i++) {
        struct gb_filter_packet packet = {.udp = i & 1,
                                          .v6 = i & 2,
                                          .port = i & 4 ? 22 : 6379,
                                          .interface = GB_STR("eth0"),
                                          .interface_index = 2,
                                          .destination_known = true};
        struct gb_filter_answer answer;
        if (gb_filter_ask(filter, &packet, &answer) == GB_OK && answer.passage > GB_FILTER_CLOSED)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    if (!arena || size == 0) {
        gb_arena_free(&arena);
        return 0;
    }
    struct gb_str text = {(const char *)data + 1, size - 1};
    struct gb_filter filter = {.arena = arena};
    struct gb_sockets sockets = {0};
    struct gb_interfaces interfaces = {0};
    uint32_t hooks[5] = {UINT32_MAX, 0, UINT32_MAX, UINT32_MAX, UINT32_MAX};
    struct gb_str starts = {(const char *)hooks, sizeof hooks};
    int code = GB_OK;
    switch (data[0]) {
    case 'N':
        code = gb_filter_parse(&filter, text);
        for (size_t i = 0; !code && i < filter.set_count; i++)
            code = gb_filter_parse_elements(&filter, filter.sets[i], text);
        break;
    case '4':
    case '6':
        code = gb_filter_parse_legacy(&filter, data[0] == '6', GB_STR("filter"), starts, text);
        break;
    case 'S':
        code = gb_sockets_parse_diag(arena, text, false, &sockets);
        break;
    case 'T':
        code = gb_sockets_parse_proc(arena, text, true, false, &sockets);
        break;
    default:
        code = gb_interfaces_parse_links(arena, text, &interfaces);
        if (!code)
            code = gb_interfaces_parse_addresses(arena, text, &interfaces);
    }
    if (!code)
        ask_all(&filter);
    gb_arena_free(&arena);
    return 0;
}
