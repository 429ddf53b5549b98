// Runs PAM stacks in thought: for test_pam_differential.py, which runs the same stacks with libpam.
// driver-pam-run ROOT SERVICE...: prints "SERVICE success" or "SERVICE failure" for each. Modules
// answer as the argument "auth=" of pam_debug says.
#include "source/host/pam.h"

#include <stdio.h>

static enum gb_pam_answer as_told(const struct gb_pam_rule *rule, void *context)
{
    (void)context;
    struct gb_str word;
    if (!gb_pam_value(rule, "auth", &word) || gb_str_is(word, "success"))
        return GB_PAM_SUCCESS;
    return gb_str_is(word, "ignore") ? GB_PAM_IGNORE : GB_PAM_FAILURE;
}

int main(int argc, char **argv)
{
    struct gb_error err = {0};
    struct gb_host *host = NULL;
    if (argc < 2)
        return 2;
    struct gb_host_options options = {.root = argv[1], .kernel = GB_KERNEL_NONE};
    if (gb_host_open(&options, &host, &err) < 0)
        return 1;
    int code = 0;
    for (int i = 2; i < argc && !code; i++) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("pam", 16u << 20);
        struct gb_pam_files files = gb_pam_files(host, arena);
        struct gb_pam_stack stack;
        code = arena ? gb_pam_load(&files, gb_str_of(argv[i]), arena, &stack) : GB_E_MEMORY;
        if (!code)
            printf("%s %s\n", argv[i],
                   gb_pam_run(&stack, GB_PAM_AUTH, as_told, NULL, NULL) ? "success" : "failure");
    }
    gb_host_close(&host);
    return code ? 1 : 0;
}
