// Regular expressions: time to compile and to search, beside PCRE2 (interpreted, and its JIT) where
// that is installed. Prints nanoseconds and ratios (below 1 = faster than the peer).
#include "expr/regex_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef GB_WITH_PCRE2
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#endif

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

struct task {
    const char *name, *pattern, *text;
    size_t copies; // of the text, one behind the other
};

static const struct task tasks[] = {
    {"literal, short", "prohibit", "without-password", 1},
    {"words, short", "^(yes|no|prohibit-password|forced-commands-only)$", "prohibit-password", 1},
    {"name, short", "^[a-z_][a-z0-9_-]*\\$?$", "systemd-network", 1},
    {"no case, short", "(?i)error|warning|critical", "all is well on this host", 1},
    {"IPv4, short", "^(\\d{1,3}\\.){3}\\d{1,3}$", "192.168.100.200", 1},
    {"image, short", "^registry\\.example\\.com/.*:v\\d+\\.\\d+",
     "registry.example.com/app/web:v1.22.3", 1},
    {"DNS label, lazy",
     "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$",
     "node-17.cluster.example.org", 1},
    {"literal, 64 KiB", "needle", "hay stack of straw and hay ", 2428},
    {"alternation, 64 KiB", "needle|haystack\\b|pins", "hay stack of straw and hay ", 2428},
    {"class, 64 KiB", "[0-9]+-[0-9]+", "hay stack of straw and hay 9 ", 2260},
    {"\\pL, 64 KiB", "\\pL{30}", "hay stack of straw and hay 9 ", 2260},
    {"(x+x+)+y, 24 x", "(x+x+)+y", "x", 24},
};

static char *build_text(const struct task *task, size_t *len)
{
    size_t unit = strlen(task->text);
    char *text = malloc(unit * task->copies);
    *len = unit * task->copies;
    for (size_t i = 0; text && i < task->copies; i++)
        memcpy(text + i * unit, task->text, unit);
    return text;
}

static size_t rounds_for(size_t len)
{
    return len > 1000 ? 200 : 200000;
}

static double time_own(const struct gb_regex *regex, struct gb_str text, struct gb_arena *scratch,
                       int *result)
{
    size_t rounds = rounds_for(text.len);
    for (size_t i = 0; i < rounds / 10; i++)
        *result = gb_regex_search(regex, text, scratch, NULL);
    double start = now_ns();
    for (size_t i = 0; i < rounds; i++)
        *result = gb_regex_search(regex, text, scratch, NULL);
    return (now_ns() - start) / (double)rounds;
}

static double time_compile(const char *pattern)
{
    enum { ROUNDS = 300 };
    double start = now_ns();
    for (int i = 0; i < ROUNDS; i++) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("bench", 32u << 20);
        struct gb_regex *regex;
        if (gb_regex_compile(gb_str_of(pattern), arena, &regex, NULL) < 0)
            return -1;
    }
    return (now_ns() - start) / ROUNDS;
}

#ifdef GB_WITH_PCRE2
static double time_peer(const struct task *task, struct gb_str text, bool jit, int *result)
{
    int code;
    PCRE2_SIZE offset;
    pcre2_code *peer = pcre2_compile((PCRE2_SPTR)task->pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF,
                                     &code, &offset, NULL);
    if (!peer || (jit && pcre2_jit_compile(peer, PCRE2_JIT_COMPLETE) != 0))
        return -1;
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(peer, NULL);
    size_t rounds = rounds_for(text.len);
    if (strstr(task->name, "x+x+"))
        rounds = 2;
    double start = now_ns();
    for (size_t i = 0; i < rounds; i++)
        *result =
            pcre2_match(peer, (PCRE2_SPTR)text.at, text.len, 0, PCRE2_NO_UTF_CHECK, data, NULL);
    double taken = (now_ns() - start) / (double)rounds;
    pcre2_match_data_free(data);
    pcre2_code_free(peer);
    return taken;
}
#endif

int main(void)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("bench", 64u << 20);
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("scratch", 64u << 20);
    // What an evaluation's scratch looks like: it has memory already.
    if (!arena || !scratch || !gb_alloc(scratch, 4096))
        return 1;
    printf("%-22s %10s %10s %10s %8s %8s %12s %s\n", "search", "gabion ns", "PCRE2 ns", "JIT ns",
           "ratio", "to JIT", "compile ns", "states");
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
        const struct task *task = &tasks[i];
        struct gb_str text = {0};
        text.at = build_text(task, &text.len);
        struct gb_regex *regex;
        if (!text.at || gb_regex_compile(gb_str_of(task->pattern), arena, &regex, NULL) < 0)
            return 1;
        int result = 0, peer_result = 0;
        double own = time_own(regex, text, scratch, &result);
        double peer = 0, jit = 0;
#ifdef GB_WITH_PCRE2
        peer = time_peer(task, text, false, &peer_result);
        // PCRE2 may give up on what explodes: then it found nothing either.
        if (peer_result >= 0 && !result)
            return 1;
        jit = time_peer(task, text, true, &peer_result);
#endif
        printf("%-22s %10.1f %10.1f %10.1f %8.2f %8.2f %12.0f %u\n", task->name, own, peer, jit,
               peer > 0 ? own / peer : 0, jit > 0 ? own / jit : 0, time_compile(task->pattern),
               regex->dfa.states);
        free((void *)(uintptr_t)text.at);
    }
    (void)arena;
    return 0;
}
