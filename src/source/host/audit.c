// Kind "audit": the kernel's audit system as it runs, auditd's configuration, the rules in files
// and in the kernel, and what they cover.
#include "source/facts.h"
#include "source/host/audit_rule.h"
#include "source/package/installed.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <stdlib.h>

enum { ANSWER_MAX_BYTES = 8 << 20, RULE_FILES_MAX = 2000, LOG_FILES_MAX = 1000 };

struct probe {
    struct gb_facts facts;
    struct gb_audit_rules persisted, loaded;
    struct gb_str rules_unread; // why files of rules could not be read; "" = all were
    struct gb_str machine;      // as uname(2) says it
    struct gb_value no_kernel;  // why the kernel was not asked, or could not answer
    bool kernel_known, rules_known;
    bool installed;
};

// ---- the kernel

static int ask(struct probe *probe, const char *recording, uint16_t type, struct gb_str *ret,
               struct gb_error *why)
{
    struct nlmsghdr request = {
        .nlmsg_len = sizeof request,
        .nlmsg_type = type,
        .nlmsg_flags = NLM_F_REQUEST,
        .nlmsg_seq = 1,
    };
    return gb_host_netlink(probe->facts.collector->host, recording, NETLINK_AUDIT, &request,
                           sizeof request, ANSWER_MAX_BYTES, probe->facts.collector->arena, ret,
                           why);
}

// The next message of a type in an answer; its payload.
static bool next_message(struct gb_str *answer, uint16_t type, struct gb_str *payload)
{
    while (answer->len >= sizeof(struct nlmsghdr)) {
        struct nlmsghdr header;
        memcpy(&header, answer->at, sizeof header);
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > answer->len)
            return false;
        struct gb_str body = gb_str_sub(*answer, sizeof header, header.nlmsg_len - sizeof header);
        *answer = gb_str_from(*answer, NLMSG_ALIGN(header.nlmsg_len));
        if (header.nlmsg_type == type) {
            *payload = body;
            return true;
        }
    }
    return false;
}

static struct gb_value why_not(struct probe *probe, int code, const struct gb_error *why)
{
    struct gb_collector *collector = probe->facts.collector;
    if (!gb_host_has_kernel(collector->host))
        return gb_not_applicable(GB_STR("needs a live kernel"));
    if (code == GB_E_DENIED)
        return gb_unknown(gb_host_is_root(collector->host)
                              ? GB_STR("the kernel refuses audit questions here")
                              : GB_STR("needs root"));
    return gb_unknown(gb_str_format(collector->arena, "the kernel's audit state: %s", why->reason));
}

static struct gb_value from_kernel(struct gb_value value, uint32_t origin)
{
    return gb_at(value, origin);
}

static void put_status(struct probe *probe, const struct audit_status *status)
{
    static const char *const failures[] = {"silent", "log", "panic"};
    struct gb_facts *facts = &probe->facts;
    uint32_t origin =
        gb_collection_origin(facts->collector->all, GB_STR("netlink:audit status"), 0);
    const char *failure = status->failure < 3 ? failures[status->failure] : "log";
    gb_fact(facts, "enabled", from_kernel(gb_bool(status->enabled != 0), origin));
    gb_fact(facts, "immutable", from_kernel(gb_bool(status->enabled == 2), origin));
    gb_fact(facts, "daemon_pid", from_kernel(gb_int(status->pid), origin));
    gb_fact(facts, "running", from_kernel(gb_bool(status->pid != 0), origin));
    gb_fact(facts, "failure", from_kernel(gb_string(gb_str_of(failure)), origin));
    gb_fact(facts, "backlog_limit", from_kernel(gb_int(status->backlog_limit), origin));
    gb_fact(facts, "lost", from_kernel(gb_int(status->lost), origin));
}

static void put_no_status(struct probe *probe)
{
    static const char *const fields[] = {"enabled", "immutable",     "daemon_pid", "running",
                                         "failure", "backlog_limit", "lost"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        gb_fact(&probe->facts, fields[i], probe->no_kernel);
}

static void ask_status(struct probe *probe)
{
    struct gb_error why = {0};
    struct gb_str answer = {0}, payload;
    struct gb_collector *collector = probe->facts.collector;
    const struct gb_resource *host = gb_collection_find(collector->all, GB_STR("host"));
    const struct gb_value *form = host ? gb_map_find(host->props, GB_STR("form")) : NULL;
    if (gb_str_is(gb_value_str_or(form, GB_STR("")), "container")) {
        probe->no_kernel = gb_not_applicable(GB_STR("the kernel belongs to the container's host"));
        put_no_status(probe);
        return;
    }
    int code = ask(probe, "audit-status", AUDIT_GET, &answer, &why);
    struct audit_status status = {0};
    if (!code && next_message(&answer, AUDIT_GET, &payload) &&
        payload.len >= 7 * sizeof(uint32_t)) {
        memcpy(&status, payload.at, payload.len < sizeof status ? payload.len : sizeof status);
        probe->kernel_known = true;
        put_status(probe, &status);
        return;
    }
    if (!code) {
        why = (struct gb_error){0};
        code = gb_error_set(&why, GB_E_SYNTAX, "an answer that makes no sense");
    }
    probe->no_kernel = why_not(probe, code, &why);
    put_no_status(probe);
}

static int ask_rules(struct probe *probe)
{
    struct gb_error why = {0};
    struct gb_str answer = {0}, payload;
    if (!probe->kernel_known)
        return GB_OK;
    int code = ask(probe, "audit-rules", AUDIT_LIST_RULES, &answer, &why);
    if (code) {
        probe->no_kernel = why_not(probe, code, &why);
        return GB_OK;
    }
    probe->rules_known = true;
    while (next_message(&answer, AUDIT_LIST_RULES, &payload)) {
        code = gb_audit_rules_decode(&probe->loaded, payload, probe->machine);
        if (code == GB_E_MEMORY)
            return code;
        probe->loaded.malformed += code != GB_OK;
    }
    return GB_OK;
}

// ---- rules in files

static int read_rules(struct probe *probe, struct gb_str path)
{
    struct gb_collector *collector = probe->facts.collector;
    struct gb_str text;
    int code =
        gb_host_read(collector->host, path.at, GB_CONFIG_MAX_BYTES, collector->arena, &text, NULL);
    if (code == GB_E_NOT_FOUND)
        return GB_OK;
    if (code) {
        probe->rules_unread = gb_unread_reason(collector, path.at, code);
        return GB_OK;
    }
    return gb_audit_rules_parse(&probe->persisted, text, path);
}

// augenrules puts rules.d together and writes audit.rules of it; without rules.d the file counts.
static int read_rule_files(struct probe *probe)
{
    struct gb_collector *collector = probe->facts.collector;
    struct gb_dir_entry *entries = NULL;
    size_t count = 0, used = 0;
    int code = gb_host_list(collector->host, "/etc/audit/rules.d", RULE_FILES_MAX,
                            collector->scratch, &entries, &count, NULL);
    if (code && code != GB_E_NOT_FOUND)
        probe->rules_unread = gb_unread_reason(collector, "/etc/audit/rules.d", code);
    for (size_t i = 0; !code && i < count; i++) {
        if (entries[i].name.at[0] == '.' || !gb_str_ends(entries[i].name, GB_STR(".rules")))
            continue;
        struct gb_str path =
            gb_str_format(collector->arena, "/etc/audit/rules.d/" GB_PRI, GB_ARG(entries[i].name));
        used++;
        int failed = path.at ? read_rules(probe, path) : GB_E_MEMORY;
        if (failed)
            return failed;
    }
    return used ? GB_OK : read_rules(probe, GB_STR("/etc/audit/audit.rules"));
}

static struct gb_value rule_list(struct probe *probe, const struct gb_audit_rules *rules)
{
    struct gb_collector *collector = probe->facts.collector;
    struct gb_list *list = gb_list_new(collector->arena);
    for (size_t i = 0; list && i < rules->count; i++) {
        const struct gb_audit_rule *rule = &rules->items[i];
        struct gb_facts record = gb_facts_record(collector);
        uint32_t origin = gb_collection_origin(collector->all, rule->where, rule->line);
        gb_fact(&record, "text",
                gb_at(gb_fact_text(&record, gb_audit_rule_text(collector->arena, rule)), origin));
        gb_fact(&record, "key", gb_at(gb_fact_text(&record, rule->key), origin));
        gb_fact(&record, "suppresses", gb_at(gb_bool(rule->never), origin));
        gb_list_add(collector->arena, list, gb_at(gb_map_of(record.props), origin));
    }
    return list ? gb_list_of(list) : gb_null();
}

static bool exists(const void *context, const char *path)
{
    return gb_host_exists(context, path);
}

// A kernel that knows no modules has nothing to record about them.
static bool is_group_possible(struct probe *probe, size_t group)
{
    const struct gb_resource *kernel =
        gb_collection_find(probe->facts.collector->all, GB_STR("kernel"));
    const struct gb_value *modules =
        kernel ? gb_map_find(kernel->props, GB_STR("modules_supported")) : NULL;
    return strcmp(gb_audit_groups[group].name, "modules") != 0 || !modules ||
           modules->kind != GB_VALUE_BOOL || modules->boolean;
}

static struct gb_value group_list(struct probe *probe, const struct gb_audit_rules *rules)
{
    struct gb_collector *collector = probe->facts.collector;
    struct gb_list *list = gb_list_new(collector->arena);
    for (size_t i = 0; list && i < gb_audit_group_count; i++) {
        struct gb_audit_gaps gaps;
        if (!is_group_possible(probe, i) ||
            gb_audit_coverage(rules, i, probe->machine, exists, collector->host, collector->arena,
                              &gaps) < 0 ||
            !gaps.applicable)
            continue;
        struct gb_facts record = gb_facts_record(collector);
        struct gb_list *missing = gb_list_new(collector->arena);
        for (size_t k = 0; missing && k < gaps.count; k++)
            gb_list_add(collector->arena, missing, gb_string(gaps.items[k]));
        gb_fact(&record, "name", gb_string(gb_str_of(gb_audit_groups[i].name)));
        gb_fact(&record, "title", gb_string(gb_str_of(gb_audit_groups[i].title)));
        gb_fact(&record, "covered", gb_bool(gaps.count == 0));
        if (missing)
            gb_fact(&record, "missing", gb_list_of(missing));
        gb_list_add(collector->arena, list, gb_map_of(record.props));
    }
    return list ? gb_list_of(list) : gb_null();
}

static void put_rules(struct probe *probe)
{
    struct gb_facts *facts = &probe->facts;
    struct gb_collector *collector = facts->collector;
    const struct gb_audit_rules *persisted = &probe->persisted;
    bool unread = probe->rules_unread.len > 0;
    gb_fact(facts, "rules", unread ? gb_unknown(probe->rules_unread) : rule_list(probe, persisted));
    gb_fact(facts, "groups",
            unread ? gb_unknown(probe->rules_unread) : group_list(probe, persisted));
    struct gb_value locked = gb_bool(persisted->enabled == 2);
    if (persisted->enabled >= 0)
        locked = gb_fact_at(facts, locked, persisted->enabled_where, persisted->enabled_line);
    gb_fact(facts, "locked_at_boot", unread ? gb_unknown(probe->rules_unread) : locked);
    gb_fact(facts, "malformed_rules", gb_int(persisted->malformed));
    if (persisted->malformed)
        gb_collection_note(
            collector->all,
            gb_str_format(collector->arena,
                          "%u audit rules could not be understood, the first in " GB_PRI ":%u",
                          persisted->malformed, GB_ARG(persisted->first_malformed_where),
                          persisted->first_malformed_line));
    gb_fact(facts, "loaded_rules",
            probe->rules_known ? rule_list(probe, &probe->loaded) : probe->no_kernel);
    gb_fact(facts, "loaded_groups",
            probe->rules_known ? group_list(probe, &probe->loaded) : probe->no_kernel);
    if (unread || !probe->rules_known) {
        gb_fact(facts, "not_loaded", unread ? gb_unknown(probe->rules_unread) : probe->no_kernel);
        return;
    }
    struct gb_list *not_loaded = gb_list_new(collector->arena);
    for (size_t i = 0; i < persisted->count; i++) {
        const struct gb_audit_rule *rule = &persisted->items[i];
        if (!gb_audit_rules_have(&probe->loaded, rule))
            gb_fact_add_text(facts, not_loaded, gb_audit_rule_text(collector->arena, rule),
                             rule->where, rule->line);
    }
    if (not_loaded)
        gb_fact(facts, "not_loaded", gb_list_of(not_loaded));
}

// ---- auditd.conf

static void put_setting(struct gb_facts *facts, struct gb_str key, struct gb_str value,
                        uint32_t line)
{
    static const char *const words[] = {"max_log_file_action", "space_left_action",
                                        "admin_space_left_action", "disk_full_action",
                                        "disk_error_action"};
    struct gb_str path = GB_STR("/etc/audit/auditd.conf");
    int64_t number;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct gb_str low = gb_str_lower(facts->collector->arena, value), first;
        if (gb_str_eq_nocase(key, gb_str_of(words[i])) && gb_str_next_word(&low, &first))
            gb_fact(facts, words[i], gb_fact_at(facts, gb_fact_text(facts, first), path, line));
    }
    if (gb_str_eq_nocase(key, GB_STR("log_file")))
        gb_fact(facts, "log_file", gb_fact_at(facts, gb_fact_text(facts, value), path, line));
    else if (gb_str_eq_nocase(key, GB_STR("log_group")))
        gb_fact(facts, "log_group", gb_fact_at(facts, gb_fact_text(facts, value), path, line));
    else if (gb_str_eq_nocase(key, GB_STR("max_log_file")) &&
             gb_str_to_int(value, &number) == GB_OK)
        gb_fact(facts, "max_log_file_mib", gb_fact_at(facts, gb_int(number), path, line));
    else if (gb_str_eq_nocase(key, GB_STR("num_logs")) && gb_str_to_int(value, &number) == GB_OK)
        gb_fact(facts, "num_logs", gb_fact_at(facts, gb_int(number), path, line));
    else if (gb_str_eq_nocase(key, GB_STR("write_logs")))
        gb_fact(facts, "write_logs",
                gb_fact_at(facts, gb_bool(!gb_str_eq_nocase(value, GB_STR("no"))), path, line));
}

// "name = value" lines.
static void put_config(struct probe *probe)
{
    struct gb_facts *facts = &probe->facts;
    struct gb_collector *collector = facts->collector;
    struct gb_str text;
    int code = gb_host_read(collector->host, "/etc/audit/auditd.conf", GB_CONFIG_MAX_BYTES,
                            collector->arena, &text, NULL);
    if (code) {
        if (code != GB_E_NOT_FOUND) {
            static const char *const fields[] = {
                "max_log_file_action", "space_left_action", "admin_space_left_action",
                "disk_full_action",    "disk_error_action", "log_file",
                "log_group",           "max_log_file_mib",  "num_logs",
                "write_logs"};
            for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
                gb_fact(facts, fields[i], gb_unread(collector, "/etc/audit/auditd.conf", code));
        }
        return;
    }
    uint32_t number = 0;
    for (struct gb_str line; gb_str_next(&text, '\n', &line);) {
        number++;
        line = gb_str_trim(line);
        ptrdiff_t equals = gb_str_find_char(line, '=');
        if (equals > 0 && line.at[0] != '#')
            put_setting(facts, gb_str_trim(gb_str_sub(line, 0, (size_t)equals)),
                        gb_str_trim(gb_str_from(line, (size_t)equals + 1)), number);
    }
}

// ---- files

// "/var/log/audit/audit.log: mode 0644, wanted at most 0640"
static void check_file(struct gb_facts *facts, struct gb_list *problems, struct gb_str path,
                       uint32_t allowed)
{
    struct gb_collector *collector = facts->collector;
    struct gb_file_info info;
    if (gb_host_stat(collector->host, path.at, false, &info, NULL) < 0 || info.type == GB_FILE_LINK)
        return;
    struct gb_str text = {0};
    if (info.uid != 0)
        text = gb_str_format(collector->arena, GB_PRI ": owned by user %u", GB_ARG(path), info.uid);
    else if (info.mode & ~allowed)
        text = gb_str_format(collector->arena, GB_PRI ": mode %04o, wanted %04o or less",
                             GB_ARG(path), info.mode, allowed);
    if (text.at)
        gb_fact_add_text(facts, problems, text, path, 0);
}

static void check_folder(struct gb_facts *facts, struct gb_list *problems, const char *folder,
                         uint32_t dir_allowed, uint32_t file_allowed, struct gb_value *unread)
{
    struct gb_collector *collector = facts->collector;
    struct gb_dir_entry *entries = NULL;
    size_t count = 0;
    int code = gb_host_list(collector->host, folder, LOG_FILES_MAX, collector->scratch, &entries,
                            &count, NULL);
    if (code && code != GB_E_NOT_FOUND)
        *unread = gb_unread(collector, folder, code);
    if (code == GB_E_NOT_FOUND)
        return;
    check_file(facts, problems, gb_str_of(folder), dir_allowed);
    for (size_t i = 0; !code && i < count; i++) {
        struct gb_str path =
            gb_str_format(collector->arena, "%s/" GB_PRI, folder, GB_ARG(entries[i].name));
        if (path.at && entries[i].type != GB_FILE_DIRECTORY)
            check_file(facts, problems, path, file_allowed);
    }
}

static void put_problems(struct gb_facts *facts, const char *field, struct gb_list *problems,
                         struct gb_value unread)
{
    bool unknown = problems && !problems->count && unread.kind == GB_VALUE_UNKNOWN;
    if (problems)
        gb_fact(facts, field, unknown ? unread : gb_list_of(problems));
}

static void put_files(struct probe *probe)
{
    struct gb_facts *facts = &probe->facts;
    struct gb_arena *arena = facts->collector->arena;
    struct gb_str log = gb_value_str_or(gb_map_find(facts->props, GB_STR("log_file")),
                                        GB_STR("/var/log/audit/audit.log"));
    ptrdiff_t slash = gb_str_rfind_char(log, '/');
    char *folder = gb_str_c(arena, gb_str_sub(log, 0, slash < 1 ? 0 : (size_t)slash));
    struct gb_list *logs = gb_list_new(arena), *config = gb_list_new(arena);
    struct gb_value unread = gb_null();
    if (folder && folder[0])
        check_folder(facts, logs, folder, 0750, 0640, &unread);
    put_problems(facts, "log_problems", logs, unread);
    unread = gb_null();
    check_folder(facts, config, "/etc/audit", 0750, 0640, &unread);
    check_folder(facts, config, "/etc/audit/rules.d", 0750, 0640, &unread);
    put_problems(facts, "config_problems", config, unread);
}

// ---- boot

static void put_boot(struct probe *probe)
{
    struct gb_facts *facts = &probe->facts;
    struct gb_collector *collector = facts->collector;
    const struct gb_resource *unit =
        gb_collection_find(collector->all, GB_STR("unit:auditd.service"));
    const struct gb_value *at_boot = unit ? gb_map_find(unit->props, GB_STR("at_boot")) : NULL;
    if (probe->installed)
        gb_fact(facts, "at_boot", at_boot ? *at_boot : gb_bool(false));
    const struct gb_resource *kernel = gb_collection_find(collector->all, GB_STR("kernel"));
    const struct gb_value *line =
        kernel ? gb_map_find(kernel->props, GB_STR("command_line")) : NULL;
    if (!line || line->kind != GB_VALUE_STRING) {
        const struct gb_kind_state *state = gb_collection_kind(collector->all, GB_STR("kernel"));
        struct gb_value none = state->presence == GB_NO_SUBJECT
                                   ? gb_not_applicable(state->reason)
                                   : gb_unknown(GB_STR("the kernel's command line was not read"));
        gb_fact(facts, "from_boot", none);
        return;
    }
    bool from_boot = false;
    struct gb_str rest = line->string;
    for (struct gb_str word; gb_str_next_word(&rest, &word);)
        if (gb_str_starts(word, GB_STR("audit=")))
            from_boot = gb_str_is(word, "audit=1") || gb_str_is(word, "audit=on");
    gb_fact(facts, "from_boot", gb_at(gb_bool(from_boot), line->origin));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct probe probe = {
        .persisted = gb_audit_rules(collector->arena),
        .loaded = gb_audit_rules(collector->arena),
    };
    struct gb_kernel_name name = {{0}, {0}, {0}, {0}};
    if (gb_host_uname(collector->host, &name, NULL) < 0 || !name.machine[0]) {
        const struct gb_dpkg_package *dpkg = gb_package_find(collector, "dpkg");
        bool arm = dpkg && gb_str_is(dpkg->architecture, "arm64");
        probe.machine = arm ? GB_STR("aarch64") : GB_STR("x86_64");
    } else {
        probe.machine = gb_str_copy(collector->arena, gb_str_of(name.machine));
    }
    enum gb_installed installed = gb_package_installed(collector, "auditd");
    probe.installed = installed == GB_INSTALLED_YES ||
                      gb_host_exists(collector->host, "/usr/sbin/auditd") ||
                      gb_host_exists(collector->host, "/sbin/auditd");
    probe.facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("audit"), GB_STR("")));
    if (!probe.facts.props)
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    gb_fact(&probe.facts, "installed", gb_bool(probe.installed));
    ask_status(&probe);
    if (ask_rules(&probe) < 0 || read_rule_files(&probe) < 0)
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    put_rules(&probe);
    if (probe.installed)
        put_config(&probe);
    put_files(&probe);
    put_boot(&probe);
    return GB_OK;
}

static const char *const kinds[] = {"audit", NULL};

const struct gb_source gb_source_audit = {
    .name = "host/audit",
    .title = "auditing",
    .kinds = kinds,
    .order = 25, // after the kernel and the units
    .collect = collect,
};
