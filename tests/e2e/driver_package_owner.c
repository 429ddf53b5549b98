// Which package owns each path: for test_packages.py, which asks dpkg and rpm the same.
// driver_package_owner ROOT: reads paths from standard input, prints "PATH<tab>OWNER" for each.
#include "source/package/owner.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct gb_error err = {0};
    struct gb_host *host = NULL;
    struct gb_host_options options = {.root = argc > 1 ? argv[1] : "/", .kernel = GB_KERNEL_NONE};
    if (strcmp(options.root, "/") == 0)
        options.kernel = GB_KERNEL_LIVE;
    if (gb_host_open(&options, &host, &err) < 0)
        return 1;
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("facts", 256u << 20);
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("scratch", 256u << 20);
    struct gb_collector collector = {.host = host, .arena = arena, .scratch = scratch};
    struct gb_str reason = {0};
    int code = 0;
    if (!gb_package_owners_known(&collector, &reason)) {
        fprintf(stderr, GB_PRI "\n", GB_ARG(reason));
        code = 1;
    }
    char line[8192];
    while (!code && fgets(line, sizeof line, stdin)) {
        struct gb_str path = gb_str_trim(gb_str_of(line));
        printf(GB_PRI "\t" GB_PRI "\n", GB_ARG(path), GB_ARG(gb_package_owner(&collector, path)));
    }
    gb_host_close(&host);
    return code;
}
