// Judges the rules of sudoers: see sudo_rule.h. Where several rules fit, sudo takes the last one.
#include "source/host/sudo_rule.h"

#include "base/buffer.h"
#include "source/host/sudo_escape.h"

enum { LONGEST_SUMMARY = 240, MOST_SUBJECTS = 256, MOST_RULES = 5000 };

// A rule with its lists expanded and the questions that need them answered.
struct judged {
    const struct gb_sudo_rule *rule;
    struct gb_sudo_list users, hosts, runas_users, runas_groups, commands;
    bool applies_here, as_root, all_commands, excludes, no_password;
    size_t next_full; // index of the next rule that allows everything here; the count when none
};

// --- Lists: the last member that fits decides

static bool in_group(const struct gb_passwd_entry *user, const struct gb_group_entry *group)
{
    if (!group)
        return false;
    if (user->gid == group->gid)
        return true;
    for (size_t i = 0; i < group->member_count; i++)
        if (gb_str_eq(group->members[i], user->name))
            return true;
    return false;
}

static bool user_fits(const struct gb_accounts *accounts, const struct gb_passwd_entry *user,
                      struct gb_str member)
{
    uint64_t id;
    if (gb_str_is(member, "ALL"))
        return true;
    if (gb_str_starts(member, GB_STR("%#")))
        return gb_str_to_uint(gb_str_from(member, 2), 10, &id) == GB_OK && id <= UINT32_MAX &&
               in_group(user, gb_accounts_gid(accounts, (uint32_t)id));
    if (member.len && member.at[0] == '%')
        return in_group(user, gb_accounts_group(accounts, gb_str_from(member, 1)));
    if (member.len && member.at[0] == '#')
        return gb_str_to_uint(gb_str_from(member, 1), 10, &id) == GB_OK && id == user->uid;
    return gb_str_eq(member, user->name);
}

static bool list_holds_user(const struct gb_accounts *accounts, const struct gb_sudo_list *list,
                            const struct gb_passwd_entry *user)
{
    for (size_t i = list->count; i-- > 0;)
        if (user_fits(accounts, user, list->items[i].text))
            return !list->items[i].negated;
    return false;
}

// Does the list hold somebody of whom nothing is known? Only ALL can.
static bool list_holds_anybody(const struct gb_sudo_list *list)
{
    for (size_t i = list->count; i-- > 0;)
        if (gb_str_is(list->items[i].text, "ALL"))
            return !list->items[i].negated;
    return false;
}

// Addresses and netgroups cannot be decided here: they may be this host.
static bool host_fits(struct gb_str hostname, struct gb_str member)
{
    if (gb_str_is(member, "ALL") || hostname.len == 0 || (member.len && member.at[0] == '+'))
        return true;
    bool address = member.len && (gb_str_find_char(member, ':') >= 0);
    size_t digits = 0;
    for (size_t i = 0; i < member.len; i++)
        digits += (member.at[i] >= '0' && member.at[i] <= '9') || member.at[i] == '.' ||
                  member.at[i] == '/';
    if (address || digits == member.len)
        return true;
    struct gb_str brief = hostname;
    ptrdiff_t dot = gb_str_find_char(hostname, '.');
    if (dot >= 0)
        brief = gb_str_sub(hostname, 0, (size_t)dot);
    return gb_str_eq_nocase(member, hostname) || gb_str_eq_nocase(member, brief) ||
           gb_str_glob(member, hostname, false) || gb_str_glob(member, brief, false);
}

static bool list_holds_host(const struct gb_sudo_list *list, struct gb_str hostname)
{
    for (size_t i = list->count; i-- > 0;)
        if (host_fits(hostname, list->items[i].text))
            return !list->items[i].negated;
    return false;
}

static bool list_holds_root(const struct gb_sudo_list *list)
{
    for (size_t i = list->count; i-- > 0;) {
        struct gb_str member = list->items[i].text;
        if (gb_str_is(member, "ALL") || gb_str_is(member, "root") || gb_str_is(member, "#0"))
            return !list->items[i].negated;
    }
    return false;
}

static bool is_root(struct gb_str name)
{
    return gb_str_is(name, "root") || gb_str_is(name, "#0");
}

static int judge_rule(struct gb_sudo_judge *judge, const struct gb_sudo_rule *rule,
                      struct judged *ret)
{
    struct gb_sudoers *sudoers = judge->sudoers;
    *ret = (struct judged){.rule = rule};
    int code = gb_sudoers_expand(sudoers, GB_SUDO_ALIAS_USER, rule->users, &ret->users);
    if (!code)
        code = gb_sudoers_expand(sudoers, GB_SUDO_ALIAS_HOST, rule->hosts, &ret->hosts);
    if (!code)
        code =
            gb_sudoers_expand(sudoers, GB_SUDO_ALIAS_RUNAS, &rule->runas_users, &ret->runas_users);
    if (!code)
        code = gb_sudoers_expand(sudoers, GB_SUDO_ALIAS_RUNAS, &rule->runas_groups,
                                 &ret->runas_groups);
    if (!code)
        code = gb_sudoers_expand(sudoers, GB_SUDO_ALIAS_COMMAND, &rule->commands, &ret->commands);
    if (code)
        return code;
    ret->applies_here = list_holds_host(&ret->hosts, judge->hostname);
    // "(:group)" runs as the caller, with another group.
    ret->as_root =
        rule->runas_given ? list_holds_root(&ret->runas_users) : is_root(judge->runas_default);
    signed char password = rule->tags[GB_SUDO_PASSWD];
    ret->no_password = password < 0 || (password == 0 && !judge->authenticate);
    bool negated = false;
    for (size_t i = 0; i < ret->commands.count; i++) {
        const struct gb_sudo_member *member = &ret->commands.items[i];
        negated |= member->negated;
        if (gb_str_is(member->text, "ALL"))
            ret->all_commands = !member->negated;
    }
    ret->excludes = ret->all_commands && negated;
    return GB_OK;
}

// --- Subjects

// Is every command of this rule answered by a later one for this user? It must allow everything
// without exception, as root too where this one does.
static bool is_covered(const struct gb_sudo_judge *judge, const struct judged *rules, size_t index,
                       size_t count, const struct gb_passwd_entry *user)
{
    for (size_t i = rules[index].next_full; i < count; i = rules[i].next_full) {
        const struct judged *later = &rules[i];
        if (rules[index].as_root && !later->as_root)
            continue;
        if (user ? list_holds_user(judge->accounts, &later->users, user)
                 : list_holds_anybody(&later->users))
            return true;
    }
    return false;
}

static bool is_known_subject(const struct gb_sudo_judge *judge, struct gb_str member)
{
    if (gb_str_is(member, "ALL") || member.len == 0)
        return true;
    if (member.at[0] == '+' || gb_str_starts(member, GB_STR("%:")))
        return false; // netgroups and foreign groups
    if (!judge->remote_accounts || member.at[0] == '#' || gb_str_starts(member, GB_STR("%#")))
        return true;
    if (member.at[0] == '%')
        return false; // a local group may have members elsewhere
    return gb_accounts_user(judge->accounts, member) != NULL;
}

static void put_subjects(struct gb_sudo_judge *judge, struct gb_facts *facts,
                         const struct judged *rules, size_t index, size_t count)
{
    const struct judged *judged = &rules[index];
    const struct gb_sudo_rule *rule = judged->rule;
    struct gb_arena *arena = judge->collector->arena;
    struct gb_list *subjects = gb_list_new(arena), *services = gb_list_new(arena);
    bool everybody =
        list_holds_anybody(&judged->users) && !is_covered(judge, rules, index, count, NULL);
    for (size_t i = 0; judged->applies_here && i < judged->users.count; i++)
        if (!judged->users.items[i].negated &&
            !is_known_subject(judge, judged->users.items[i].text))
            gb_fact_add_text(facts, subjects, judged->users.items[i].text, rule->file, rule->line);
    for (size_t i = 0; judged->applies_here && !everybody && i < judge->accounts->user_count; i++) {
        const struct gb_passwd_entry *user = &judge->accounts->users[i];
        if (user->uid == 0 || !list_holds_user(judge->accounts, &judged->users, user) ||
            is_covered(judge, rules, index, count, user))
            continue;
        if (subjects && subjects->count <= MOST_SUBJECTS)
            gb_fact_add_text(facts, subjects,
                             subjects->count < MOST_SUBJECTS ? user->name : GB_STR("and others"),
                             rule->file, rule->line);
        if ((user->uid < judge->uid_min || user->uid > judge->uid_max) && services &&
            services->count < MOST_SUBJECTS)
            gb_fact_add_text(facts, services, user->name, rule->file, rule->line);
        if (judged->as_root && judged->all_commands)
            gb_collection_relate(judge->collector->all,
                                 gb_str_format(arena, "user:" GB_PRI, GB_ARG(user->name)),
                                 GB_STR("can_become"), GB_STR("user:root"));
    }
    if (everybody && judged->applies_here)
        gb_fact_add_text(facts, subjects, GB_STR("everybody"), rule->file, rule->line);
    gb_fact(facts, "everybody",
            gb_fact_at(facts, gb_bool(everybody && judged->applies_here), rule->file, rule->line));
    gb_fact(facts, "subjects", gb_list_of(subjects));
    gb_fact(facts, "service_subjects", gb_list_of(services));
}

// Users and groups that are named and do not exist.
static void put_missing(struct gb_sudo_judge *judge, struct gb_facts *facts,
                        const struct judged *judged)
{
    struct gb_list *missing = gb_list_new(judge->collector->arena);
    for (size_t i = 0; !judge->remote_accounts && i < judged->users.count; i++) {
        struct gb_str member = judged->users.items[i].text;
        bool group = member.len && member.at[0] == '%';
        if (member.len == 0 || gb_str_is(member, "ALL") || strchr("+#", member.at[0]) ||
            gb_str_starts(member, GB_STR("%:")) || gb_str_starts(member, GB_STR("%#")))
            continue;
        if (group ? gb_accounts_group(judge->accounts, gb_str_from(member, 1)) != NULL
                  : gb_accounts_user(judge->accounts, member) != NULL)
            continue;
        gb_fact_add_text(facts, missing, member, judged->rule->file, judged->rule->line);
    }
    gb_fact(facts, "missing_users", gb_list_of(missing));
}

// --- Commands

static void add_reason(struct gb_facts *facts, struct gb_list *list,
                       const struct gb_sudo_rule *rule, const struct gb_sudo_member *member,
                       const char *joint, struct gb_str reason)
{
    struct gb_str text =
        gb_str_format(facts->collector->arena, GB_PRI "%s" GB_PRI,
                      GB_ARG(gb_str_sub(member->text, 0, LONGEST_SUMMARY)), joint, GB_ARG(reason));
    gb_fact_add_text(facts, list, text, rule->file, member->line);
}

// Adds why others can change what the command runs: the program, or the script that a shell is
// given.
static int add_changeable(struct gb_sudo_judge *judge, struct gb_facts *facts,
                          const struct gb_sudo_rule *rule, const struct gb_sudo_member *member,
                          struct gb_list *list)
{
    struct gb_str path = gb_sudo_command_path(member->text);
    struct gb_str words = gb_sudo_runs_its_argument(path) ? gb_sudo_command_arguments(member->text)
                                                          : (struct gb_str){0};
    while (path.len) {
        struct gb_path_trust trust;
        if (path.at[0] == '/' && !gb_sudo_has_wildcard(path)) {
            if (gb_path_trust(judge->paths, path, 0, &trust))
                return GB_E_MEMORY;
            if (trust.weak.len) {
                struct gb_str who =
                    gb_str_format(judge->collector->arena, GB_PRI " can be changed by " GB_PRI,
                                  GB_ARG(trust.weak), GB_ARG(trust.who));
                add_reason(facts, list, rule, member, ": ", who);
                return GB_OK;
            }
        }
        do {
            if (!gb_str_next_word(&words, &path))
                return GB_OK;
        } while (path.at[0] == '-');
    }
    return GB_OK;
}

static int put_commands(struct gb_sudo_judge *judge, struct gb_facts *facts,
                        const struct judged *judged)
{
    const struct gb_sudo_rule *rule = judged->rule;
    struct gb_arena *arena = judge->collector->arena;
    struct gb_list *commands = gb_list_new(arena), *escapes = gb_list_new(arena);
    struct gb_list *wildcards = gb_list_new(arena), *changeable = gb_list_new(arena);
    bool noexec = rule->tags[GB_SUDO_EXEC] < 0;
    for (size_t i = 0; i < judged->commands.count; i++) {
        const struct gb_sudo_member *member = &judged->commands.items[i];
        struct gb_str text =
            gb_str_format(arena, "%s" GB_PRI, member->negated ? "!" : "", GB_ARG(member->text));
        gb_fact_add_text(facts, commands, text, rule->file, member->line);
        if (member->negated || gb_str_is(member->text, "ALL"))
            continue;
        struct gb_str escape =
            judged->as_root ? gb_sudo_escape(member->text, noexec) : (struct gb_str){0};
        if (escape.len)
            add_reason(facts, escapes, rule, member, " ", escape);
        else if (gb_sudo_has_wildcard(gb_sudo_command_path(member->text)) ||
                 gb_sudo_argument_freedom(member->text) == GB_SUDO_WILD_ARGUMENTS)
            gb_fact_add_text(facts, wildcards, member->text, rule->file, member->line);
        if (judged->as_root && add_changeable(judge, facts, rule, member, changeable))
            return GB_E_MEMORY;
    }
    gb_fact(facts, "commands", gb_list_of(commands));
    gb_fact(facts, "root_programs", gb_list_of(escapes));
    gb_fact(facts, "wildcards", gb_list_of(wildcards));
    gb_fact(facts, "changeable", gb_list_of(changeable));
    return GB_OK;
}

// --- Texts

static void add_members(struct gb_buffer *out, const struct gb_sudo_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        gb_buffer_text(out, i ? ", " : "");
        gb_buffer_text(out, list->items[i].negated ? "!" : "");
        gb_buffer_add(out, list->items[i].text);
    }
}

static void add_tags(struct gb_buffer *out, const struct gb_sudo_rule *rule)
{
    for (int tag = 0; tag < GB_SUDO_TAG_COUNT; tag++)
        if (rule->tags[tag])
            gb_buffer_print(out,
                            "%s: ", gb_sudo_tag_name((enum gb_sudo_tag)tag, rule->tags[tag] > 0));
}

// The rule as it could stand in sudoers, aliases not expanded.
static struct gb_str summary_of(struct gb_arena *arena, const struct gb_sudo_rule *rule)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(8u << 20);
    add_members(&out, rule->users);
    gb_buffer_text(&out, " ");
    add_members(&out, rule->hosts);
    gb_buffer_text(&out, "=");
    if (rule->runas_given) {
        gb_buffer_text(&out, "(");
        add_members(&out, &rule->runas_users);
        gb_buffer_text(&out, rule->runas_groups.count ? ":" : "");
        add_members(&out, &rule->runas_groups);
        gb_buffer_text(&out, ") ");
    }
    for (size_t i = 0; i < rule->option_count; i++)
        gb_buffer_print(&out, GB_PRI "=" GB_PRI " ", GB_ARG(rule->options[i].name),
                        GB_ARG(rule->options[i].value));
    add_tags(&out, rule);
    add_members(&out, &rule->commands);
    struct gb_str text = gb_buffer_str(&out);
    if (text.len <= LONGEST_SUMMARY)
        return gb_string_clean(arena, text).string;
    struct gb_str cut = gb_string_clean(arena, gb_str_sub(text, 0, LONGEST_SUMMARY)).string;
    return gb_str_format(arena, GB_PRI " ...", GB_ARG(cut));
}

static void put_members(struct gb_facts *facts, const char *field, const struct gb_sudo_list *list,
                        const struct gb_sudo_rule *rule)
{
    struct gb_list *texts = gb_list_new(facts->collector->arena);
    for (size_t i = 0; i < list->count; i++) {
        struct gb_str text =
            gb_str_format(facts->collector->arena, "%s" GB_PRI, list->items[i].negated ? "!" : "",
                          GB_ARG(list->items[i].text));
        gb_fact_add_text(facts, texts, text, rule->file, rule->line);
    }
    gb_fact(facts, field, gb_list_of(texts));
}

static void put_flag(struct gb_facts *facts, const char *field, bool flag,
                     const struct gb_sudo_rule *rule)
{
    gb_fact(facts, field, gb_fact_at(facts, gb_bool(flag), rule->file, rule->line));
}

static void put_tags(struct gb_facts *facts, const struct gb_sudo_rule *rule)
{
    struct gb_list *tags = gb_list_new(facts->collector->arena);
    for (int tag = 0; tag < GB_SUDO_TAG_COUNT; tag++)
        if (rule->tags[tag])
            gb_fact_add_text(
                facts, tags,
                gb_str_of(gb_sudo_tag_name((enum gb_sudo_tag)tag, rule->tags[tag] > 0)), rule->file,
                rule->line);
    gb_fact(facts, "tags", gb_list_of(tags));
}

static int add_rule(struct gb_sudo_judge *judge, const struct judged *rules, size_t index,
                    size_t count)
{
    const struct judged *judged = &rules[index];
    const struct gb_sudo_rule *rule = judged->rule;
    struct gb_collector *collector = judge->collector;
    struct gb_str summary = summary_of(collector->arena, rule);
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("sudo_rule"), summary));
    gb_fact(&facts, "summary", gb_fact_at(&facts, gb_string(summary), rule->file, rule->line));
    put_members(&facts, "users", &judged->users, rule);
    put_members(&facts, "hosts", &judged->hosts, rule);
    put_members(&facts, "runas_users", &judged->runas_users, rule);
    put_members(&facts, "runas_groups", &judged->runas_groups, rule);
    put_tags(&facts, rule);
    put_flag(&facts, "applies_here", judged->applies_here, rule);
    put_flag(&facts, "as_root", judged->as_root, rule);
    put_flag(&facts, "all_commands", judged->all_commands, rule);
    put_flag(&facts, "excludes_commands", judged->excludes, rule);
    put_flag(&facts, "no_password", judged->no_password, rule);
    // ALL brings the right to set variables along unless it is taken away.
    put_flag(&facts, "set_environment",
             rule->tags[GB_SUDO_SETENV] > 0 ||
                 (judged->all_commands && rule->tags[GB_SUDO_SETENV] == 0),
             rule);
    put_subjects(judge, &facts, rules, index, count);
    put_missing(judge, &facts, judged);
    return put_commands(judge, &facts, judged);
}

int gb_sudo_rules_collect(struct gb_sudo_judge *judge)
{
    size_t count = judge->sudoers->rule_count;
    gb_collection_complete(judge->collector->all, GB_STR("sudo_rule"));
    if (count > MOST_RULES) {
        gb_collection_gap(judge->collector->all, GB_STR("sudo_rule"),
                          gb_str_format(judge->collector->arena, "more than %d rules", MOST_RULES));
        count = MOST_RULES;
    }
    struct judged *rules = gb_alloc_array(judge->collector->scratch, count, sizeof *rules);
    int code = rules ? GB_OK : GB_E_MEMORY;
    for (size_t i = 0; i < count && !code; i++)
        code = judge_rule(judge, &judge->sudoers->rules[i], &rules[i]);
    for (size_t i = code ? 0 : count, next = count; i-- > 0;) {
        rules[i].next_full = next;
        if (rules[i].applies_here && rules[i].all_commands && !rules[i].excludes)
            next = i;
    }
    for (size_t i = 0; i < count && !code; i++)
        code = add_rule(judge, rules, i, count);
    return code;
}
