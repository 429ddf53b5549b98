// What expressions cost: evaluating, and compiling. Prints nanoseconds and the ratio to cel-go's
// published figures (205 ns for a comparison, 7.6 us for a comprehension); asserts nothing.
#include "base/buffer.h"
#include "expr/cel.h"

#include <stdio.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static struct gb_map_value *container(struct gb_arena *arena, const char *name, bool privileged)
{
    struct gb_map_value *map = gb_map_new(arena), *context = gb_map_new(arena);
    gb_map_put(arena, context, GB_STR("runAsNonRoot"), gb_bool(true));
    gb_map_put(arena, context, GB_STR("privileged"), gb_bool(privileged));
    gb_map_put(arena, map, GB_STR("name"), gb_string(gb_str_of(name)));
    gb_map_put(arena, map, GB_STR("image"), gb_string(GB_STR("registry.example/app:1.2.3")));
    gb_map_put(arena, map, GB_STR("securityContext"), gb_map_of(context));
    return map;
}

static struct gb_value pod(struct gb_arena *arena)
{
    static const char *const names[] = {"app", "proxy", "logger", "metrics", "init"};
    struct gb_list *containers = gb_list_new(arena);
    for (size_t i = 0; i < 5; i++)
        gb_list_add(arena, containers, gb_map_of(container(arena, names[i], false)));
    struct gb_map_value *spec = gb_map_new(arena);
    gb_map_put(arena, spec, GB_STR("hostNetwork"), gb_bool(false));
    gb_map_put(arena, spec, GB_STR("containers"), gb_list_of(containers));
    gb_map_put(arena, spec, GB_STR("replicas"), gb_int(3));
    gb_map_put(arena, spec, GB_STR("owner"), gb_string(GB_STR("platform-team")));
    return gb_map_of(spec);
}

static void bench(struct gb_arena *arena, const char *what, const char *text, double published)
{
    struct gb_cel_env *env = gb_cel_env_new(arena);
    struct gb_cel_program *program;
    struct gb_error err = {0};
    if (!env || gb_cel_env_variable(env, GB_STR("spec"), &gb_type_dyn) < 0 ||
        gb_cel_compile(env, gb_str_of(text), NULL, arena, &program, &err) < 0) {
        printf("%s: %s\n", what, err.reason);
        return;
    }
    struct gb_value slots[] = {pod(arena)}, result;
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("scratch", 16u << 20);
    struct gb_mark mark = gb_arena_mark(scratch);
    size_t rounds = 200000;
    double best = 1e18;
    for (int attempt = 0; attempt < 5; attempt++) {
        double start = now();
        for (size_t i = 0; i < rounds; i++) {
            gb_cel_eval(program, slots, scratch, &result);
            gb_arena_reset(scratch, mark);
        }
        double each = (now() - start) / (double)rounds;
        best = each < best ? each : best;
    }
    printf("%-34s %8.1f ns", what, best);
    if (published > 0)
        printf("   %6.1f x faster than cel-go's %.0f ns", published / best, published);
    printf("   (%s)\n", gb_value_kind_name(result.kind));
}

static void bench_compile(struct gb_arena *process, const char *what, struct gb_str text,
                          size_t nodes)
{
    struct gb_cel_env *env = gb_cel_env_new(process);
    struct gb_error err = {0};
    if (!env || gb_cel_env_variable(env, GB_STR("spec"), &gb_type_dyn) < 0)
        return;
    size_t rounds = 300;
    double best = 1e18;
    for (int attempt = 0; attempt < 5; attempt++) {
        double start = now();
        for (size_t i = 0; i < rounds; i++) {
            GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("ruleset", 16u << 20);
            struct gb_cel_program *program;
            if (gb_cel_compile(env, text, NULL, arena, &program, &err) < 0) {
                printf("%s: %s\n", what, err.reason);
                return;
            }
        }
        double each = (now() - start) / (double)rounds;
        best = each < best ? each : best;
    }
    printf("%-34s %8.1f us   %.0f nodes a second\n", what, best / 1e3, (double)nodes * 1e9 / best);
}

int main(void)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("bench", 64u << 20);
    bench(arena, "constant", "true", 0);
    bench(arena, "field == string", "spec.owner == 'platform-team'", 205);
    bench(arena, "field > int", "spec.replicas > 2", 205);
    bench(arena, "four comparisons with &&",
          "spec.owner != '' && spec.replicas >= 1 && !spec.hostNetwork && spec.replicas < 10", 0);
    bench(arena, "no container privileged (5)",
          "spec.containers.all(c, !has(c.securityContext) || !has(c.securityContext.privileged) || "
          "c.securityContext.privileged == false)",
          7600);
    bench(arena, "exists, image prefix (5)",
          "spec.containers.exists(c, c.image.startsWith('docker.io/'))", 7600);
    bench(arena, "filter and map (5)",
          "spec.containers.filter(c, c.name != 'app').map(c, c.name + ': ' + c.image)", 7600);
    bench(arena, "matches, constant pattern", "spec.owner.matches('^platform-[a-z]+$')", 0);
    bench(arena, "in, constant list", "spec.owner in ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']", 0);

    bench_compile(arena, "compile a comparison", GB_STR("spec.owner == 'platform-team'"), 4);
    bench_compile(arena, "compile the container rule",
                  GB_STR("spec.containers.all(c, !has(c.securityContext) || "
                         "!has(c.securityContext.privileged) || "
                         "c.securityContext.privileged == false)"),
                  16);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer large = gb_buffer(1u << 20);
    for (int i = 0; i < 500; i++)
        gb_buffer_print(&large, "%sspec.containers.size() + %d > spec.replicas * 2",
                        i ? " && " : "", i);
    bench_compile(arena, "compile 500 terms", gb_buffer_str(&large), 500 * 10 + 1);
    return 0;
}
