// Audit rules: the text of files, and the kernel's binary form (the input read as its payload).
#include "source/host/audit_rule.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool exists(const void *context, const char *path)
{
    (void)context;
    return path[0] == '/';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    if (!arena)
        return 0;
    struct gb_str text = {(const char *)data, size}, machine = GB_STR("x86_64");
    struct gb_audit_rules rules = gb_audit_rules(arena);
    if (gb_audit_rules_parse(&rules, text, GB_STR("/fuzz")) < 0)
        return 0;
    (void)!gb_audit_rules_decode(&rules, text, machine);
    for (size_t i = 0; i < rules.count; i++) {
        if (!gb_audit_rules_have(&rules, &rules.items[i])) // it has itself
            abort();
        (void)gb_audit_rule_text(arena, &rules.items[i]);
    }
    struct gb_audit_gaps gaps;
    for (size_t i = 0; i < gb_audit_group_count; i++)
        (void)!gb_audit_coverage(&rules, i, machine, exists, NULL, arena, &gaps);
    return 0;
}
