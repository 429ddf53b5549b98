// How long reading dpkg's data base and its file lists takes on this machine.
#include "source/package/candidates.h"
#include "source/package/dpkg.h"
#include "source/package/owner.h"

#include <stdio.h>
#include <time.h>

static double cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int main(void)
{
    struct gb_host_options options = {.root = "/", .kernel = GB_KERNEL_LIVE};
    struct gb_host *host = NULL;
    if (gb_host_open(&options, &host, NULL))
        return 1;
    for (int round = 0; round < 5; round++) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("bench", 256u << 20);
        GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("scratch", 64u << 20);
        struct gb_collector collector = {.host = host, .arena = arena, .scratch = scratch};
        const struct gb_dpkg *dpkg = NULL;
        double start = cpu_ms();
        if (!arena || !scratch || gb_dpkg_load(&collector, &dpkg, NULL))
            return 1;
        double read = cpu_ms();
        size_t used = gb_arena_used(arena);
        struct gb_str owner = gb_package_owner(&collector, GB_STR("/bin/ls"));
        double indexed = cpu_ms();
        for (int i = 0; i < 1000000; i++)
            owner = gb_package_owner(&collector, GB_STR("/usr/lib/x86_64-linux-gnu/libc.so.6"));
        double asked = cpu_ms();
        const struct gb_apt_candidates *candidates = NULL;
        used = gb_arena_used(arena);
        if (gb_apt_candidates_load(&collector, &candidates, NULL))
            return 1;
        double chosen = cpu_ms();
        printf("%llu packages offered: %.2f ms, %zu KiB; %zu updates" GB_PRI "\n",
               (unsigned long long)candidates->offered, chosen - asked,
               (gb_arena_used(arena) - used) >> 10, candidates->update_count,
               GB_ARG(candidates->problem));
        if (round == 0)
            for (size_t i = 0; i < candidates->update_count; i++)
                printf("update " GB_PRI " " GB_PRI " " GB_PRI " " GB_PRI " [" GB_PRI "]\n",
                       GB_ARG(candidates->updates[i].package->name),
                       GB_ARG(candidates->updates[i].package->version),
                       GB_ARG(candidates->updates[i].candidate),
                       GB_ARG(candidates->updates[i].archive),
                       GB_ARG(candidates->updates[i].security_version));
        printf("%zu packages %.2f ms CPU, %zu KiB; owner index %.2f ms, %zu KiB; look-up %.0f ns "
               "(" GB_PRI ")\n",
               dpkg->count, read - start, used >> 10, indexed - read,
               (gb_arena_used(arena) - used) >> 10, asked - indexed, GB_ARG(owner));
    }
    gb_host_close(&host);
    return 0;
}
