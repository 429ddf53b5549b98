// Writes what was read of sudoers as one canonical text, for tests: one line a rule or setting.
#ifndef GABION_TESTS_SUDOERS_TEXT_H
#define GABION_TESTS_SUDOERS_TEXT_H

#include "base/buffer.h"
#include "source/host/sudoers.h"

static inline void print_list(struct gb_buffer *out, const struct gb_sudo_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        gb_buffer_text(out, i ? ", " : "");
        gb_buffer_text(out, list->items[i].negated ? "!" : "");
        gb_buffer_add(out, list->items[i].text);
    }
}

// "users hosts=(runas:groups) OPTION=value TAG: commands", aliases expanded.
static inline void print_rule(struct gb_buffer *out, struct gb_sudoers *sudoers,
                              const struct gb_sudo_rule *rule)
{
    const struct {
        enum gb_sudo_alias_kind kind;
        const struct gb_sudo_list *list;
        const char *before, *after;
    } parts[] = {
        {GB_SUDO_ALIAS_USER, rule->users, "", " "},
        {GB_SUDO_ALIAS_HOST, rule->hosts, "", "="},
        {GB_SUDO_ALIAS_RUNAS, &rule->runas_users, "(", ":"},
        {GB_SUDO_ALIAS_RUNAS, &rule->runas_groups, "", ") "},
    };
    struct gb_sudo_list expanded;
    for (size_t i = 0; i < 4; i++) {
        if (i >= 2 && !rule->runas_given)
            continue;
        gb_buffer_text(out, parts[i].before);
        if (gb_sudoers_expand(sudoers, parts[i].kind, parts[i].list, &expanded) == 0)
            print_list(out, &expanded);
        gb_buffer_text(out, parts[i].after);
    }
    for (size_t i = 0; i < rule->option_count; i++)
        gb_buffer_print(out, GB_PRI "=" GB_PRI " ", GB_ARG(rule->options[i].name),
                        GB_ARG(rule->options[i].value));
    for (int tag = 0; tag < GB_SUDO_TAG_COUNT; tag++)
        if (rule->tags[tag])
            gb_buffer_print(out,
                            "%s: ", gb_sudo_tag_name((enum gb_sudo_tag)tag, rule->tags[tag] > 0));
    if (gb_sudoers_expand(sudoers, GB_SUDO_ALIAS_COMMAND, &rule->commands, &expanded) == 0)
        print_list(out, &expanded);
}

static inline void print_default(struct gb_buffer *out, const struct gb_sudo_default *setting)
{
    gb_buffer_char(out, " :@>!"[setting->scope]);
    print_list(out, &setting->subjects);
    gb_buffer_text(out, " ");
    if (setting->operation == '!')
        gb_buffer_text(out, "!");
    gb_buffer_add(out, setting->name);
    if (setting->operation && setting->operation != '!') {
        gb_buffer_char(out, setting->operation);
        gb_buffer_add(out, setting->value);
    }
}

#endif
