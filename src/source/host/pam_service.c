// The services of /etc/pam.d (kind "pam_service"), and su (kind "su"), which is restricted by its
// stack.
#include "source/host/account_file.h"
#include "source/host/facts.h"
#include "source/host/pam_judge.h"

enum { MOST_SERVICES = 512, MOST_MODULES = 4096 };

struct probe {
    struct gb_collector *collector;
    struct gb_pam_files files;
    struct gb_map modules; // file names of installed modules
    bool modules_known;
};

// --- Which modules are installed

static int add_modules(struct probe *probe, struct gb_str directory)
{
    struct gb_collector *collector = probe->collector;
    struct gb_dir_entry *entries;
    size_t count;
    char *path = gb_str_c(collector->scratch, directory);
    if (!path)
        return GB_E_MEMORY;
    if (gb_host_list(collector->host, path, MOST_MODULES, collector->scratch, &entries, &count,
                     NULL))
        return GB_OK;
    probe->modules_known = true;
    for (size_t i = 0; i < count; i++)
        if (gb_map_set(&probe->modules, entries[i].name, probe))
            return GB_E_MEMORY;
    return GB_OK;
}

// /lib/security, /lib64/security and those of the architectures: /lib/x86_64-linux-gnu/security.
static int find_modules(struct probe *probe)
{
    static const char *const roots[] = {"/usr/lib", "/usr/lib64", "/lib", "/lib64"};
    struct gb_collector *collector = probe->collector;
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
        struct gb_dir_entry *entries;
        size_t count;
        struct gb_file_info info;
        // On merged systems /lib is a link to /usr/lib, which was looked at.
        if (gb_host_stat(collector->host, roots[i], false, &info, NULL) ||
            info.type != GB_FILE_DIRECTORY)
            continue;
        if (add_modules(probe, gb_str_format(collector->scratch, "%s/security", roots[i])))
            return GB_E_MEMORY;
        if (gb_host_list(collector->host, roots[i], 1 << 16, collector->scratch, &entries, &count,
                         NULL))
            continue;
        for (size_t n = 0; n < count; n++)
            if (gb_str_contains(entries[n].name, GB_STR("-linux-")) &&
                add_modules(probe, gb_str_format(collector->scratch, "%s/" GB_PRI "/security",
                                                 roots[i], GB_ARG(entries[n].name))))
                return GB_E_MEMORY;
    }
    return GB_OK;
}

static bool is_installed(const struct probe *probe, struct gb_str module)
{
    if (module.len && module.at[0] == '/') {
        char *path = gb_str_c(probe->collector->scratch, module);
        return path && strlen(path) == module.len && gb_host_exists(probe->collector->host, path);
    }
    return gb_map_get(&probe->modules, module) != NULL;
}

// --- Facts of one service

static struct gb_str rule_text(struct gb_arena *arena, const struct gb_pam_rule *rule)
{
    struct gb_str text =
        gb_str_format(arena, "%s%s " GB_PRI " " GB_PRI, rule->silent ? "-" : "",
                      gb_pam_type_name(rule->type), GB_ARG(rule->control), GB_ARG(rule->module));
    for (size_t i = 0; i < rule->argument_count && text.len < 400; i++)
        text = gb_str_format(arena, GB_PRI " " GB_PRI, GB_ARG(text), GB_ARG(rule->arguments[i]));
    return text;
}

static void put_rules(struct gb_facts *facts, const struct gb_pam_stack *stack)
{
    struct gb_arena *arena = facts->collector->arena;
    struct gb_list *rules = gb_list_new(arena);
    for (size_t i = 0; i < stack->count; i++) {
        const struct gb_pam_rule *rule = &stack->rules[i];
        struct gb_facts record = gb_facts_record(facts->collector);
        struct gb_list *arguments = gb_list_new(arena);
        for (size_t n = 0; n < rule->argument_count; n++)
            gb_fact_add_text(&record, arguments, rule->arguments[n], (struct gb_str){0}, 0);
        gb_fact(&record, "type", gb_string(gb_str_of(gb_pam_type_name(rule->type))));
        gb_fact(&record, "control", gb_fact_text(&record, rule->control));
        gb_fact(&record, "module",
                gb_fact_at(&record, gb_fact_text(&record, gb_pam_module(rule)), rule->file,
                           rule->line));
        gb_fact(&record, "arguments", gb_list_of(arguments));
        gb_list_add(arena, rules, gb_map_of(record.props));
    }
    gb_fact(facts, "rules", gb_list_of(rules));
}

static void put_problems(struct gb_facts *facts, const struct gb_pam_stack *stack)
{
    struct gb_list *malformed = gb_list_new(facts->collector->arena);
    for (size_t i = 0; i < stack->problem_count; i++) {
        const struct gb_pam_problem *problem = &stack->problems[i];
        gb_fact_add_text(facts, malformed,
                         gb_str_format(facts->collector->arena, GB_PRI ":%u: " GB_PRI,
                                       GB_ARG(problem->file), problem->line,
                                       GB_ARG(problem->reason)),
                         problem->file, problem->line);
    }
    gb_fact(facts, "malformed", gb_list_of(malformed));
}

// Lines that one has to see: those that the predicate picks.
static void put_lines(struct gb_facts *facts, const char *field, const struct gb_pam_stack *stack,
                      bool (*picks)(const struct probe *probe, const struct gb_pam_rule *rule),
                      const struct probe *probe)
{
    struct gb_list *lines = gb_list_new(facts->collector->arena);
    for (size_t i = 0; i < stack->count; i++)
        if (picks(probe, &stack->rules[i]))
            gb_fact_add_text(facts, lines, rule_text(facts->collector->arena, &stack->rules[i]),
                             stack->rules[i].file, stack->rules[i].line);
    gb_fact(facts, field, gb_list_of(lines));
}

static bool takes_empty_passwords(const struct probe *probe, const struct gb_pam_rule *rule)
{
    (void)probe;
    return rule->type == GB_PAM_AUTH && gb_str_is(gb_pam_module(rule), "pam_unix") &&
           (gb_pam_has(rule, "nullok") || gb_pam_has(rule, "nullok_secure"));
}

static bool is_missing(const struct probe *probe, const struct gb_pam_rule *rule)
{
    return !rule->silent && !is_installed(probe, rule->module) &&
           !gb_str_contains(rule->control, GB_STR("module_unknown=ignore"));
}

static bool hands_passwords_on(const struct probe *probe, const struct gb_pam_rule *rule)
{
    (void)probe;
    return gb_str_is(gb_pam_module(rule), "pam_exec") && gb_pam_has(rule, "expose_authtok");
}

static bool trusts_hosts(const struct probe *probe, const struct gb_pam_rule *rule)
{
    (void)probe;
    struct gb_str module = gb_pam_module(rule);
    return rule->type == GB_PAM_AUTH &&
           (gb_str_is(module, "pam_rhosts") || gb_str_is(module, "pam_rhosts_auth"));
}

// A display manager's own session, or a login that an administrator set to happen by itself: these
// services exist to let somebody in without a password.
static bool is_open_by_design(struct gb_str service)
{
    return gb_str_ends(service, GB_STR("-autologin")) || gb_str_ends(service, GB_STR("-greeter")) ||
           gb_str_ends(service, GB_STR("-launch-environment"));
}

static int put_judgement(struct probe *probe, struct gb_facts *facts, struct gb_str service,
                         const struct gb_pam_stack *stack, struct gb_str path)
{
    bool checks = false;
    for (size_t i = 0; i < stack->count; i++)
        checks |= stack->rules[i].type == GB_PAM_AUTH && gb_pam_checks_password(&stack->rules[i]);
    gb_fact(facts, "checks_passwords", gb_fact_at(facts, gb_bool(checks), path, 0));
    bool open = gb_pam_lets_anybody_in(stack) && !is_open_by_design(service);
    gb_fact(facts, "lets_anybody_in", gb_fact_at(facts, gb_bool(open), path, 0));
    struct gb_pam_lockout lockout;
    if (gb_pam_judge_lockout(stack, probe->collector->scratch, &lockout))
        return GB_E_MEMORY;
    gb_fact(facts, "counts_failures", gb_fact_at(facts, gb_bool(lockout.effective), path, 0));
    put_lines(facts, "empty_passwords", stack, takes_empty_passwords, probe);
    put_lines(facts, "passwords_to_programs", stack, hands_passwords_on, probe);
    put_lines(facts, "trusted_hosts", stack, trusts_hosts, probe);
    if (probe->modules_known)
        put_lines(facts, "missing_modules", stack, is_missing, probe);
    else
        gb_fact(facts, "missing_modules", gb_unknown(GB_STR("no directory of PAM modules found")));
    return GB_OK;
}

// What package managers and editors leave behind: no program has a service of that name.
static bool is_left_over(struct gb_str name)
{
    return gb_str_ends(name, GB_STR("~")) || gb_str_contains(name, GB_STR(".dpkg-")) ||
           gb_str_contains(name, GB_STR(".ucf-")) || gb_str_contains(name, GB_STR(".rpm"));
}

static int add_service(struct probe *probe, struct gb_str name)
{
    struct gb_collector *collector = probe->collector;
    struct gb_pam_stack stack;
    if (gb_pam_load(&probe->files, name, collector->scratch, &stack))
        return GB_E_MEMORY;
    struct gb_str path = gb_str_copy(collector->arena, stack.path);
    if (!path.at)
        return GB_E_MEMORY;
    if (stack.code) {
        gb_collection_gap(collector->all, GB_STR("pam_service"),
                          gb_unread_reason(collector, path.at, stack.code));
        return GB_OK;
    }
    struct gb_str clean = gb_string_clean(collector->arena, name).string;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("pam_service"), clean));
    gb_fact(&facts, "name", gb_fact_at(&facts, gb_string(clean), path, 0));
    gb_fact(&facts, "path", gb_fact_at(&facts, gb_fact_text(&facts, path), path, 0));
    put_rules(&facts, &stack);
    put_problems(&facts, &stack);
    return put_judgement(probe, &facts, name, &stack, path);
}

// --- su

static void put_wheel(struct probe *probe, struct gb_facts *facts, const struct gb_pam_rule *rule,
                      const struct gb_accounts *accounts)
{
    struct gb_collector *collector = probe->collector;
    struct gb_str group = GB_STR("wheel");
    const struct gb_group_entry *entry;
    if (!gb_pam_value(rule, "group", &group) && !gb_accounts_group(accounts, group)) {
        // Without a group "wheel" the group 0 is meant.
        entry = gb_accounts_gid(accounts, 0);
        group = entry ? entry->name : GB_STR("root");
    }
    entry = gb_accounts_group(accounts, group);
    gb_fact(facts, "group", gb_fact_at(facts, gb_fact_text(facts, group), rule->file, rule->line));
    gb_fact(facts, "trusts_group",
            gb_fact_at(facts, gb_bool(gb_pam_has(rule, "trust")), rule->file, rule->line));
    struct gb_list *members = gb_list_new(collector->arena);
    for (size_t i = 0; entry && i < accounts->user_count; i++)
        if (accounts->users[i].gid == entry->gid && accounts->users[i].uid != 0)
            gb_fact_add_text(facts, members, accounts->users[i].name, GB_STR("/etc/passwd"),
                             accounts->users[i].line);
    for (size_t i = 0; entry && i < entry->member_count; i++)
        gb_fact_add_text(facts, members, entry->members[i], GB_STR("/etc/group"), entry->line);
    gb_fact(facts, "members", gb_list_of(members));
}

static int collect_su(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    struct gb_pam_stack stack;
    struct gb_accounts accounts;
    if (!gb_host_exists(collector->host, "/usr/bin/su") &&
        !gb_host_exists(collector->host, "/bin/su")) {
        gb_collection_absent(collector->all, GB_STR("su"), GB_STR("su is not installed"));
        return GB_OK;
    }
    if (gb_pam_load(&probe->files, GB_STR("su"), collector->scratch, &stack) ||
        gb_accounts_load(collector->host, collector->scratch, false, &accounts))
        return GB_E_MEMORY;
    if (stack.code == GB_E_NOT_FOUND &&
        gb_pam_load(&probe->files, GB_STR("other"), collector->scratch, &stack))
        return GB_E_MEMORY;
    if (stack.code) {
        gb_collection_gap(collector->all, GB_STR("su"),
                          gb_unread_reason(collector, "/etc/pam.d/su", stack.code));
        return GB_OK;
    }
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("su"), GB_STR("")));
    const struct gb_pam_rule *wheel = gb_pam_last(&stack, GB_PAM_AUTH, "pam_wheel");
    bool restricted = wheel && !gb_pam_lets_outsiders_in(&stack);
    gb_fact(&facts, "restricted",
            wheel ? gb_fact_at(&facts, gb_bool(restricted), wheel->file, wheel->line)
                  : gb_fact_at(&facts, gb_bool(false), GB_STR("/etc/pam.d/su"), 0));
    if (wheel)
        put_wheel(probe, &facts, wheel, &accounts);
    return GB_OK;
}

// The services of one directory that an earlier one does not have.
static int add_services(struct probe *probe, const char *directory, struct gb_map *seen, bool *any)
{
    struct gb_collector *collector = probe->collector;
    struct gb_dir_entry *entries;
    size_t count;
    int code = gb_host_list(collector->host, directory, MOST_SERVICES, collector->scratch, &entries,
                            &count, NULL);
    if (code == GB_E_MEMORY || code == GB_E_NOT_FOUND)
        return code == GB_E_MEMORY ? code : GB_OK;
    *any = true;
    if (code) {
        gb_collection_gap(collector->all, GB_STR("pam_service"),
                          gb_unread_reason(collector, directory, code));
        return GB_OK;
    }
    for (size_t i = 0; i < count && !code; i++) {
        struct gb_str name = entries[i].name;
        if (entries[i].type == GB_FILE_DIRECTORY || is_left_over(name) || gb_map_get(seen, name))
            continue;
        code = gb_map_set(seen, name, probe);
        if (!code)
            code = add_service(probe, name);
    }
    return code;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct probe probe = {
        .collector = collector,
        .files = gb_pam_files(collector->host, collector->scratch),
        .modules = gb_map(collector->scratch),
    };
    struct gb_str kind = GB_STR("pam_service");
    struct gb_map seen = gb_map(collector->scratch);
    bool any = false;
    int code = find_modules(&probe);
    for (const char *const *directory = gb_pam_directories; *directory && !code; directory++)
        code = add_services(&probe, *directory, &seen, &any);
    if (!any)
        gb_collection_absent(collector->all, kind, GB_STR("/etc/pam.d does not exist"));
    else
        gb_collection_complete(collector->all, kind);
    if (!code)
        code = collect_su(&probe);
    return code ? gb_error_set(err, code, "no memory for the PAM services") : GB_OK;
}

static const char *const kinds[] = {"pam_service", "su", NULL};

const struct gb_source gb_source_pam_service = {
    .name = "host/pam_service",
    .title = "PAM services",
    .kinds = kinds,
    .order = 10,
    .collect = collect,
};
