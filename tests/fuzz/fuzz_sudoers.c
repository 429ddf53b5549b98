// The sudoers reader: whatever the text, line numbers stay within it, every list can be expanded,
// no alias is left unexpanded but undefined ones and cycles, and what the commands give away can be
// asked.
#include "source/host/sudo_escape.h"
#include "source/host/sudoers.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

// Reads every byte, for the sanitizers.
static void touch(struct gb_str s)
{
    unsigned sum = 0;
    for (size_t i = 0; i < s.len; i++)
        sum += (unsigned char)s.at[i];
    volatile unsigned sink = sum;
    (void)sink;
}

static void expand(struct gb_sudoers *sudoers, enum gb_sudo_alias_kind kind,
                   const struct gb_sudo_list *list, uint32_t lines)
{
    struct gb_sudo_list members;
    if (gb_sudoers_expand(sudoers, kind, list, &members))
        return;
    check(members.count >= (list->count ? 1 : 0));
    for (size_t i = 0; i < members.count; i++) {
        touch(members.items[i].text);
        check(members.items[i].line >= 1 && members.items[i].line <= lines);
        if (kind != GB_SUDO_ALIAS_COMMAND)
            continue;
        struct gb_str command = members.items[i].text;
        touch(gb_sudo_escape(command, false));
        check(gb_sudo_command_path(command).len + gb_sudo_command_arguments(command).len <=
              command.len);
        (void)gb_sudo_argument_freedom(command);
        // NOEXEC never gives more away.
        check(gb_sudo_escape(command, false).len || !gb_sudo_escape(command, true).len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 16)
        return 0;
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("sudoers", 256u << 20);
    struct gb_str text = {(const char *)data, size};
    struct gb_sudoers sudoers;
    if (!arena || gb_sudoers_parse(text, GB_STR("/etc/sudoers"), arena, &sudoers))
        return 0;
    uint32_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    for (size_t i = 0; i < sudoers.problem_count; i++)
        check(sudoers.problems[i].line >= 1 && sudoers.problems[i].line <= lines);
    for (size_t i = 0; i < sudoers.default_count; i++) {
        touch(sudoers.defaults[i].name);
        touch(sudoers.defaults[i].value);
        check(sudoers.defaults[i].name.len > 0 && sudoers.defaults[i].line <= lines);
    }
    for (size_t i = 0; i < sudoers.rule_count && i < 64; i++) {
        const struct gb_sudo_rule *rule = &sudoers.rules[i];
        check(rule->line >= 1 && rule->line <= lines);
        check(rule->users->count && rule->hosts->count && rule->commands.count);
        expand(&sudoers, GB_SUDO_ALIAS_USER, rule->users, lines);
        expand(&sudoers, GB_SUDO_ALIAS_HOST, rule->hosts, lines);
        expand(&sudoers, GB_SUDO_ALIAS_RUNAS, &rule->runas_users, lines);
        expand(&sudoers, GB_SUDO_ALIAS_COMMAND, &rule->commands, lines);
    }
    return 0;
}
