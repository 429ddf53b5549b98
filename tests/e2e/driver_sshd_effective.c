// Prints what the reader of sshd_config makes of a file, in the form of `sshd -T`: the other side
// of the differential test (test_sshd_differential.py).
//
// usage: driver_sshd_effective VERSION FILE [user=NAME group=NAME... host=H addr=A laddr=A lport=N]
#include "source/host/sshd_access.h"

#include <stdio.h>
#include <stdlib.h>

static struct gb_str groups[64];

static void take_attribute(struct gb_sshd_connection *connection, struct gb_str text)
{
    ptrdiff_t equals = gb_str_find_char(text, '=');
    if (equals < 0)
        return;
    struct gb_str name = gb_str_sub(text, 0, (size_t)equals),
                  value = gb_str_from(text, (size_t)equals + 1);
    uint64_t port;
    if (gb_str_is(name, "user"))
        connection->user = value;
    else if (gb_str_is(name, "host"))
        connection->host = value;
    else if (gb_str_is(name, "addr"))
        connection->address = value;
    else if (gb_str_is(name, "laddr"))
        connection->local_address = value;
    else if (gb_str_is(name, "lport") && gb_str_to_uint(value, 10, &port) == GB_OK)
        connection->local_port = (uint16_t)port;
    else if (gb_str_is(name, "group") && connection->group_count < 64)
        groups[connection->group_count++] = value;
}

static void print_setting(const struct gb_sshd_keyword *keyword,
                          const struct gb_sshd_setting *setting)
{
    if (setting->unknown.len) {
        printf("%s\t?" GB_PRI "\n", keyword->name, GB_ARG(setting->unknown));
        return;
    }
    for (size_t i = 0; i < setting->count; i++)
        printf("%s\t" GB_PRI "\t" GB_PRI ":%u\n", keyword->name, GB_ARG(setting->values[i].text),
               GB_ARG(setting->values[i].file), setting->values[i].line);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    struct gb_arena *arena = gb_arena_new("driver", 256u << 20);
    struct gb_host *host = NULL;
    struct gb_host_options options = {.kernel = GB_KERNEL_LIVE};
    struct gb_error err = {0};
    if (!arena || gb_host_open(&options, &host, &err) < 0)
        return 1;
    struct gb_sshd_connection connection = {.groups = groups};
    for (int i = 3; i < argc; i++)
        take_attribute(&connection, gb_str_of(argv[i]));
    struct gb_sshd_config *config = gb_sshd_config_new(arena, (unsigned)strtoul(argv[1], NULL, 10));
    struct gb_sshd_setting *settings =
        gb_alloc_array(arena, gb_sshd_keyword_count, sizeof *settings);
    if (!config || !settings || gb_sshd_config_file(config, host, argv[2]) < 0 ||
        gb_sshd_evaluate(config, argc > 3 ? &connection : NULL, arena, settings) < 0)
        return 1;
    for (size_t i = 0; i < config->problem_count; i++)
        printf("%s\t" GB_PRI ":%u: " GB_PRI "\n", config->problems[i].fatal ? "fatal" : "note",
               GB_ARG(config->problems[i].file), config->problems[i].line,
               GB_ARG(config->problems[i].text));
    struct gb_sshd_setting *everybody =
        gb_alloc_array(arena, gb_sshd_keyword_count, sizeof *everybody);
    if (!everybody || gb_sshd_evaluate(config, NULL, arena, everybody) < 0)
        return 1;
    if (!gb_sshd_methods_possible(everybody))
        printf("fatal\tAuthenticationMethods cannot be satisfied\n");
    for (size_t k = 0; k < gb_sshd_keyword_count; k++)
        if (gb_sshd_keywords[k].type != GB_SSHD_DEPRECATED)
            print_setting(&gb_sshd_keywords[k], &settings[k]);
    gb_host_close(&host);
    gb_arena_free(&arena);
    return 0;
}
