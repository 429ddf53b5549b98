// The readers of account files, PAM, crontabs and start-up files of shells: the first byte chooses
// the reader (a letter, so that seeds are text), the rest is the file.
#include "source/host/account_file.h"
#include "source/host/crontab.h"
#include "source/host/login_defs.h"
#include "source/host/pam_judge.h"
#include "source/host/password_hash.h"
#include "source/host/shell_command.h"
#include "source/host/shell_settings.h"

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

static uint32_t lines_of(struct gb_str text)
{
    uint32_t count = 1;
    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == '\n';
    return count;
}

static void check_password(struct gb_str field)
{
    struct gb_password seen = gb_password_classify(field);
    bool hash = seen.state == GB_PASSWORD_HASH || seen.state == GB_PASSWORD_LOCKED;
    check(hash == (seen.algorithm != NULL));
    check((field.len == 0) == (seen.state == GB_PASSWORD_EMPTY));
    check(seen.cost >= -1 || seen.algorithm);
}

static void check_defects(const struct gb_accounts *accounts, struct gb_str text)
{
    for (size_t i = 0; i < accounts->defect_count; i++) {
        check(accounts->defects[i].line >= 1 && accounts->defects[i].line <= lines_of(text));
        check(accounts->defects[i].reason[0] != '\0');
        touch(accounts->defects[i].name);
    }
}

static void passwd(struct gb_str text, struct gb_arena *arena)
{
    struct gb_accounts accounts = gb_accounts(arena);
    if (gb_accounts_parse_passwd(&accounts, text) || gb_accounts_index(&accounts))
        return;
    check_defects(&accounts, text);
    for (size_t i = 0; i < accounts.user_count; i++) {
        const struct gb_passwd_entry *user = &accounts.users[i];
        touch(user->home);
        touch(user->shell);
        check_password(user->password);
        check(user->line >= 1 && user->line <= lines_of(text));
        check(gb_accounts_user(&accounts, user->name) && gb_accounts_uid(&accounts, user->uid));
    }
}

static void group(struct gb_str text, struct gb_arena *arena)
{
    struct gb_accounts accounts = gb_accounts(arena);
    if (gb_accounts_parse_group(&accounts, text) || gb_accounts_index(&accounts))
        return;
    check_defects(&accounts, text);
    for (size_t i = 0; i < accounts.group_count; i++) {
        for (size_t n = 0; n < accounts.groups[i].member_count; n++)
            check(accounts.groups[i].members[n].len > 0);
        check(gb_accounts_gid(&accounts, accounts.groups[i].gid) != NULL);
    }
}

static void shadow(struct gb_str text, struct gb_arena *arena)
{
    struct gb_accounts accounts = gb_accounts(arena);
    if (gb_accounts_parse_shadow(&accounts, text) || gb_accounts_parse_gshadow(&accounts, text) ||
        gb_accounts_index(&accounts))
        return;
    check_defects(&accounts, text);
    for (size_t i = 0; i < accounts.shadow_count; i++)
        check_password(accounts.shadow[i].password);
}

static void login_defs(struct gb_str text, struct gb_arena *arena)
{
    struct gb_login_defs defs;
    if (gb_login_defs_parse(text, arena, &defs))
        return;
    for (size_t i = 0; i < defs.count; i++) {
        int64_t number;
        touch(defs.items[i].value);
        check(defs.items[i].key.len > 0 && defs.items[i].line <= lines_of(text));
        (void)gb_login_def_number(&defs.items[i], &number);
    }
}

static enum gb_pam_answer by_length(const struct gb_pam_rule *rule, void *context)
{
    (void)context;
    return (enum gb_pam_answer)(rule->module.len % 3);
}

static void pam(struct gb_str text, struct gb_arena *arena)
{
    struct gb_pam_stack stack;
    struct gb_pam_lockout lockout;
    if (gb_pam_parse(text, GB_STR("/etc/pam.d/fuzz"), arena, &stack))
        return;
    for (size_t i = 0; i < stack.problem_count; i++)
        check(stack.problems[i].line >= 1 && stack.problems[i].line <= lines_of(text));
    for (size_t i = 0; i < stack.count; i++) {
        struct gb_str value;
        touch(gb_pam_module(&stack.rules[i]));
        check(stack.rules[i].control.len > 0 && stack.rules[i].line <= lines_of(text));
        (void)gb_pam_value(&stack.rules[i], "deny", &value);
    }
    for (int type = 0; type < GB_PAM_TYPES; type++)
        gb_pam_run(&stack, (enum gb_pam_type)type, by_length, NULL, NULL);
    (void)gb_pam_lets_anybody_in(&stack);
    (void)gb_pam_lets_outsiders_in(&stack);
    if (gb_pam_judge_lockout(&stack, arena, &lockout) == GB_OK)
        check(!lockout.effective || (lockout.rule && !lockout.why));
}

static void crontab(struct gb_str text, struct gb_arena *arena)
{
    for (int form = GB_CRONTAB_USER; form <= GB_CRONTAB_ANACRON; form++) {
        struct gb_crontab tab;
        if (gb_crontab_parse(text, (enum gb_crontab_form)form, arena, &tab))
            return;
        for (size_t i = 0; i < tab.job_count; i++) {
            struct gb_shell_programs programs = {0};
            check(tab.jobs[i].line >= 1 && tab.jobs[i].line <= lines_of(text));
            check(tab.jobs[i].schedule.len > 0);
            touch(tab.jobs[i].path);
            if (gb_shell_command(tab.jobs[i].command, GB_STR("/"), arena, &programs))
                return;
        }
        for (size_t i = 0; i < tab.problem_count; i++)
            check(tab.problems[i].line >= 1 && tab.problems[i].line <= lines_of(text));
    }
}

static void shell_command(struct gb_str text, struct gb_arena *arena)
{
    struct gb_shell_programs programs = {0};
    if (gb_shell_command(text, GB_STR("/home/x"), arena, &programs))
        return;
    for (size_t i = 0; i < programs.count; i++) {
        touch(programs.items[i].path);
        check(programs.items[i].path.len > 0);
        // A relative path was put below the directory, or it is a name for PATH.
        check(programs.items[i].path.at[0] == '/' ||
              gb_str_find_char(programs.items[i].path, '/') < 0);
    }
}

static void shell_settings(struct gb_str text, struct gb_arena *arena)
{
    struct gb_shell_settings settings = gb_shell_settings(arena);
    if (gb_shell_settings_read(text, GB_STR("/etc/profile"), &settings))
        return;
    for (size_t i = 0; i < settings.count; i++) {
        uint32_t mask;
        touch(settings.items[i].value);
        check(settings.items[i].line >= 1 && settings.items[i].line <= lines_of(text));
        if (gb_umask_parse(settings.items[i].value, &mask))
            check(mask <= 0777);
    }
}

// The letter of each reader stays: seeds begin with it.
static void (*const readers[])(struct gb_str, struct gb_arena *) = {
    ['a' - 'a'] = passwd,        ['b' - 'a'] = group,
    ['c' - 'a'] = shadow,        ['d' - 'a'] = login_defs,
    ['e' - 'a'] = pam,           ['f' - 'a'] = crontab,
    ['g' - 'a'] = shell_command, ['h' - 'a'] = shell_settings,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 1 << 16)
        return 0;
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("accounts", 256u << 20);
    size_t reader = (size_t)(data[0] - 'a');
    if (arena && data[0] >= 'a' && reader < sizeof readers / sizeof *readers)
        readers[reader]((struct gb_str){(const char *)data + 1, size - 1}, arena);
    return 0;
}
