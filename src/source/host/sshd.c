// The OpenSSH server of this host (kind "sshd"): effective configuration with the place of each
// value, what Match blocks loosen, who can change the files, whether it runs and who reaches it.
// Runs after the ports and the units, whose facts it joins.
#include "source/facts.h"
#include "source/host/path_trust.h"
#include "source/host/sshd_access.h"
#include "source/host/sshd_server.h"

#include <stdio.h>

static const char *const kinds[] = {"sshd", NULL};

struct probe {
    struct gb_collector *collector;
    struct gb_sshd_server server;
    struct gb_sshd_config *config;
    struct gb_sshd_setting *settings;
    struct gb_accounts accounts;
    struct gb_path_judge judge;
    struct gb_facts facts;
    struct gb_str default_origin; // "default of OpenSSH 9.2"
};

// ---- settings ---------------------------------------------------------------------------------

static struct gb_value at_place(const struct probe *probe, struct gb_value value,
                                const struct gb_sshd_one *one)
{
    return one->file.len ? gb_fact_at(&probe->facts, value, one->file, one->line)
                         : gb_fact_at(&probe->facts, value, probe->default_origin, 0);
}

static struct gb_value number_or_text(const struct probe *probe, struct gb_str text)
{
    int64_t number;
    return gb_str_to_int(text, &number) == GB_OK ? gb_int(number)
                                                 : gb_fact_text(&probe->facts, text);
}

// A comma separated list of one line.
static struct gb_value names_value(const struct probe *probe, const struct gb_sshd_one *one)
{
    struct gb_list *list = gb_list_new(probe->collector->arena);
    struct gb_str rest = one->text, name;
    while (list && gb_str_next(&rest, ',', &name))
        gb_list_add(probe->collector->arena, list,
                    at_place(probe, gb_fact_text(&probe->facts, name), one));
    return at_place(probe, gb_list_of(list), one);
}

static struct gb_value list_value(const struct probe *probe, const struct gb_sshd_setting *setting,
                                  bool numbers)
{
    struct gb_list *list = gb_list_new(probe->collector->arena);
    struct gb_sshd_one nothing = {0};
    for (size_t i = 0; list && i < setting->count; i++) {
        const struct gb_sshd_one *one = &setting->values[i];
        struct gb_value value =
            numbers ? number_or_text(probe, one->text) : gb_fact_text(&probe->facts, one->text);
        gb_list_add(probe->collector->arena, list, at_place(probe, value, one));
    }
    return at_place(probe, gb_list_of(list), setting->count ? &setting->values[0] : &nothing);
}

static struct gb_value setting_value(const struct probe *probe,
                                     const struct gb_sshd_keyword *keyword,
                                     const struct gb_sshd_setting *setting)
{
    struct gb_sshd_one nothing = {.text = GB_STR("none")};
    const struct gb_sshd_one *one = setting->count ? &setting->values[0] : &nothing;
    switch ((enum gb_sshd_type)keyword->type) {
    case GB_SSHD_ALGORITHMS:
        return names_value(probe, one);
    case GB_SSHD_LIST:
        return list_value(probe, setting, false);
    case GB_SSHD_PORT:
        return list_value(probe, setting, true);
    case GB_SSHD_INT:
    case GB_SSHD_TIME:
        return at_place(probe, number_or_text(probe, one->text), one);
    case GB_SSHD_OTHER:
        if (keyword->merge == GB_SSHD_APPEND)
            return list_value(probe, setting, false);
        break;
    case GB_SSHD_WORD:
    case GB_SSHD_STRING:
    case GB_SSHD_REST:
    case GB_SSHD_LISTEN:
    case GB_SSHD_STARTUPS:
    case GB_SSHD_DEPRECATED:
        break;
    }
    return at_place(probe, gb_fact_text(&probe->facts, one->text), one);
}

static bool exists_in(const struct gb_sshd_keyword *keyword, unsigned version)
{
    return version >= keyword->since && (!keyword->until || version < keyword->until);
}

static void put_settings(struct probe *probe)
{
    for (size_t k = 0; k < gb_sshd_keyword_count; k++) {
        const struct gb_sshd_keyword *keyword = &gb_sshd_keywords[k];
        const struct gb_sshd_setting *setting = &probe->settings[k];
        if (!keyword->field || keyword->type == GB_SSHD_LISTEN ||
            !exists_in(keyword, probe->server.number))
            continue;
        gb_fact(&probe->facts, keyword->field,
                setting->unknown.len ? gb_unknown(setting->unknown)
                                     : setting_value(probe, keyword, setting));
    }
}

// ---- where it listens -------------------------------------------------------------------------

// "host", "host:port", "[v6]:port" or a bare IPv6 address, perhaps with "rdomain X" behind.
static void add_listen(struct probe *probe, struct gb_list *list, const struct gb_sshd_one *one,
                       struct gb_str address, struct gb_str port)
{
    bool v6 = gb_str_find_char(address, ':') >= 0;
    struct gb_str text = gb_str_format(probe->collector->arena, v6 ? "[%.*s]:%.*s" : "%.*s:%.*s",
                                       GB_ARG(address), GB_ARG(port));
    gb_list_add(probe->collector->arena, list,
                at_place(probe, gb_fact_text(&probe->facts, text), one));
}

static void split_listen(struct gb_str text, struct gb_str *address, struct gb_str *port)
{
    struct gb_str word = text;
    gb_str_next_word(&text, &word);
    ptrdiff_t first = gb_str_find_char(word, ':'), last = gb_str_rfind_char(word, ':');
    *address = word;
    *port = GB_STR("");
    if (word.len && word.at[0] == '[') {
        ptrdiff_t end = gb_str_find_char(word, ']');
        if (end < 0)
            return;
        *address = gb_str_sub(word, 1, (size_t)end - 1);
        if ((size_t)end + 2 < word.len)
            *port = gb_str_from(word, (size_t)end + 2);
    } else if (first >= 0 && first == last) {
        *address = gb_str_sub(word, 0, (size_t)first);
        *port = gb_str_from(word, (size_t)first + 1);
    }
}

static void put_listens(struct probe *probe)
{
    const struct gb_sshd_setting *ports = gb_sshd_setting_of(probe->settings, "port");
    const struct gb_sshd_setting *listens = gb_sshd_setting_of(probe->settings, "listen_addresses");
    struct gb_str family = gb_sshd_value_of(probe->settings, "address_family");
    if (ports->unknown.len || listens->unknown.len) {
        gb_fact(&probe->facts, "listen_addresses",
                gb_unknown(ports->unknown.len ? ports->unknown : listens->unknown));
        return;
    }
    struct gb_list *list = gb_list_new(probe->collector->arena);
    for (size_t i = 0; list && i < listens->count; i++) {
        struct gb_str address, port;
        split_listen(listens->values[i].text, &address, &port);
        for (size_t p = 0; p < (port.len ? 1 : ports->count); p++)
            add_listen(probe, list, &listens->values[i], address,
                       port.len ? port : ports->values[p].text);
    }
    for (size_t p = 0; list && !listens->count && p < ports->count; p++) {
        if (!gb_str_is(family, "inet6"))
            add_listen(probe, list, &ports->values[p], GB_STR("0.0.0.0"), ports->values[p].text);
        if (!gb_str_is(family, "inet"))
            add_listen(probe, list, &ports->values[p], GB_STR("::"), ports->values[p].text);
    }
    gb_fact(&probe->facts, "listen_addresses", gb_list_of(list));
}

static struct gb_str text_fact(const struct gb_resource *resource, const char *name)
{
    return gb_value_str_or(gb_map_find(resource->props, gb_str_of(name)), GB_STR(""));
}

static bool is_unit_of_sshd(struct gb_str name)
{
    static const char *const names[] = {"ssh.service", "sshd.service", "ssh.socket", "sshd.socket"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (gb_str_is(name, names[i]))
            return true;
    return false;
}

static bool is_configured_port(const struct probe *probe, int64_t port)
{
    const struct gb_sshd_setting *ports = gb_sshd_setting_of(probe->settings, "port");
    for (size_t i = 0; i < ports->count; i++) {
        int64_t number;
        if (gb_str_to_int(ports->values[i].text, &number) == GB_OK && number == port)
            return true;
    }
    return false;
}

static bool some_sshd_runs(const struct gb_collection *all)
{
    const struct gb_kind_state *processes = gb_collection_kind(all, GB_STR("process"));
    for (size_t i = 0; i < processes->count; i++)
        if (gb_str_is(text_fact(processes->resources[i], "name"), "sshd"))
            return true;
    return false;
}

// Its ports among the listening ones: by process, by unit, or where owners cannot be seen by number
// while an sshd runs. The widest reach; an empty slice when there is none.
static struct gb_str find_reach(const struct probe *probe)
{
    static const char *const order[] = {"loopback", "link", "network", "internet"};
    const struct gb_kind_state *listeners =
        gb_collection_kind(probe->collector->all, GB_STR("listener"));
    bool runs = some_sshd_runs(probe->collector->all);
    int widest = -1;
    for (size_t i = 0; i < listeners->count; i++) {
        const struct gb_resource *one = listeners->resources[i];
        const struct gb_value *process = gb_map_find(one->props, GB_STR("process"));
        const struct gb_value *port = gb_map_find(one->props, GB_STR("port"));
        const struct gb_value *owner = gb_map_find(one->props, GB_STR("owner_visible"));
        bool hidden = owner && owner->kind == GB_VALUE_UNKNOWN;
        bool ours = gb_str_is(gb_value_str_or(process, GB_STR("")), "sshd") ||
                    is_unit_of_sshd(text_fact(one, "unit")) ||
                    (hidden && runs && port && is_configured_port(probe, port->integer));
        if (!ours || !gb_str_is(text_fact(one, "protocol"), "tcp"))
            continue;
        for (int k = 0; k < 4; k++)
            if (gb_str_is(text_fact(one, "reach"), order[k]) && k > widest)
                widest = k;
    }
    return widest < 0 ? GB_STR("") : gb_str_of(order[widest]);
}

static struct gb_value find_enabled(const struct probe *probe)
{
    const struct gb_kind_state *units = gb_collection_kind(probe->collector->all, GB_STR("unit"));
    struct gb_value answer = gb_bool(false);
    for (size_t i = 0; i < units->count; i++) {
        const struct gb_resource *unit = units->resources[i];
        const struct gb_value *state = gb_map_find(unit->props, GB_STR("state"));
        struct gb_str text = gb_value_str_or(state, GB_STR(""));
        if (is_unit_of_sshd(unit->name) &&
            (gb_str_starts(text, GB_STR("enabled")) || gb_str_is(text, "generated")))
            answer = gb_at(gb_bool(true), state->origin);
    }
    if (!answer.boolean && gb_host_exists(probe->collector->host, "/etc/runlevels/default/sshd"))
        answer = gb_bool(true);
    if (!answer.boolean && units->presence == GB_NOT_KNOWN)
        answer = gb_unknown(units->reason);
    return answer;
}

// By its configuration alone, for a root directory without a kernel.
static const char *configured_exposure(const struct probe *probe)
{
    const struct gb_sshd_setting *listens = gb_sshd_setting_of(probe->settings, "listen_addresses");
    for (size_t i = 0; i < listens->count; i++) {
        struct gb_str address, port;
        split_listen(listens->values[i].text, &address, &port);
        if (!gb_str_starts(address, GB_STR("127.")) && !gb_str_is(address, "::1") &&
            !gb_str_is(address, "localhost"))
            return "network";
    }
    return listens->count ? "loopback" : "network";
}

static void put_state(struct probe *probe)
{
    struct gb_facts *facts = &probe->facts;
    struct gb_value enabled = find_enabled(probe);
    gb_fact(facts, "enabled", enabled);
    const struct gb_kind_state *listeners =
        gb_collection_kind(probe->collector->all, GB_STR("listener"));
    struct gb_str reach = find_reach(probe);
    if (!gb_host_has_kernel(probe->collector->host)) {
        bool starts = enabled.kind == GB_VALUE_BOOL && enabled.boolean;
        gb_fact(facts, "running", gb_not_applicable(GB_STR("needs a live kernel")));
        gb_fact(facts, "exposure",
                gb_string(gb_str_of(starts ? configured_exposure(probe) : "none")));
    } else if (listeners->presence == GB_NOT_KNOWN) {
        gb_fact(facts, "running", gb_unknown(listeners->reason));
        gb_fact(facts, "exposure", gb_unknown(listeners->reason));
    } else {
        gb_fact(facts, "running", gb_bool(reach.len != 0));
        gb_fact(facts, "exposure", gb_string(reach.len ? reach : GB_STR("none")));
    }
    struct gb_list *others = gb_list_new(probe->collector->arena);
    for (size_t i = 0; i < probe->server.other_count; i++)
        gb_fact_add_text(facts, others, probe->server.others[i], GB_STR(""), 0);
    gb_fact(facts, "other_servers", gb_list_of(others));
}

// ---- what the settings mean together ----------------------------------------------------------

static struct gb_str unknown_among(const struct gb_sshd_setting *settings)
{
    static const char *const fields[] = {"permit_root_login",
                                         "password_authentication",
                                         "kbd_interactive_authentication",
                                         "use_pam",
                                         "authentication_methods",
                                         "allow_users",
                                         "deny_users",
                                         "allow_groups",
                                         "deny_groups"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const struct gb_sshd_setting *setting = gb_sshd_setting_of(settings, fields[i]);
        if (setting->unknown.len)
            return setting->unknown;
    }
    return GB_STR("");
}

static int evaluate_for_root(struct probe *probe, struct gb_sshd_setting *settings,
                             struct gb_str *groups, size_t *group_count)
{
    const struct gb_passwd_entry *root = gb_accounts_user(&probe->accounts, GB_STR("root"));
    enum { MAX_GROUPS = 64 };
    for (size_t i = 0; i < probe->accounts.group_count && *group_count < MAX_GROUPS; i++) {
        const struct gb_group_entry *group = &probe->accounts.groups[i];
        bool in = group->gid == (root ? root->gid : 0);
        for (size_t m = 0; m < group->member_count; m++)
            in = in || gb_str_is(group->members[m], "root");
        if (in)
            groups[(*group_count)++] = group->name;
    }
    if (*group_count == 0)
        groups[(*group_count)++] = GB_STR("root");
    struct gb_sshd_connection connection = {
        .user = GB_STR("root"), .groups = groups, .group_count = *group_count};
    return gb_sshd_evaluate(probe->config, &connection, probe->collector->scratch, settings);
}

// A password that cannot match lets nobody in. Not known counts as one that can.
static bool root_has_no_password(const struct gb_collection *all)
{
    const struct gb_resource *root = gb_collection_find(all, GB_STR("user:root"));
    struct gb_str password = root ? text_fact(root, "password") : GB_STR("");
    return gb_str_is(password, "locked") || gb_str_is(password, "unusable");
}

static int put_access(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    struct gb_facts *facts = &probe->facts;
    struct gb_sshd_setting *for_root =
        gb_alloc_array(collector->scratch, gb_sshd_keyword_count, sizeof *for_root);
    struct gb_str *groups = gb_alloc_array(collector->scratch, 64, sizeof *groups);
    size_t group_count = 0;
    if (!for_root || !groups || evaluate_for_root(probe, for_root, groups, &group_count))
        return GB_E_MEMORY;
    struct gb_str unknown = unknown_among(probe->settings);
    if (unknown.len) {
        static const char *const names[] = {"password_login", "root_login", "root_password_login",
                                            "access_limited"};
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            gb_fact(facts, names[i], gb_unknown(unknown));
        return GB_OK;
    }
    const struct gb_sshd_setting *password =
        gb_sshd_setting_of(probe->settings, "password_authentication");
    gb_fact(
        facts, "password_login",
        at_place(probe, gb_bool(gb_sshd_password_suffices(probe->settings)), &password->values[0]));
    const struct gb_sshd_setting *root = gb_sshd_setting_of(for_root, "permit_root_login");
    struct gb_str login = gb_sshd_value_of(for_root, "permit_root_login");
    if (!gb_sshd_user_allowed(for_root, GB_STR("root"), groups, group_count))
        login = GB_STR("no");
    bool by_password = gb_str_is(login, "yes") && gb_sshd_password_suffices(for_root) &&
                       !root_has_no_password(collector->all);
    if (gb_str_is(login, "yes") && !by_password)
        login = GB_STR("prohibit-password");
    gb_fact(facts, "root_login", at_place(probe, gb_fact_text(facts, login), &root->values[0]));
    gb_fact(facts, "root_password_login", at_place(probe, gb_bool(by_password), &root->values[0]));
    static const char *const lists[] = {"allow_users", "allow_groups"};
    const struct gb_sshd_one nothing = {0}, *limit = NULL;
    for (size_t i = 0; i < 2 && !limit; i++) {
        const struct gb_sshd_setting *list = gb_sshd_setting_of(probe->settings, lists[i]);
        limit = list->count ? &list->values[0] : NULL;
    }
    gb_fact(facts, "access_limited",
            at_place(probe, gb_bool(limit != NULL), limit ? limit : &nothing));
    return GB_OK;
}

// ---- Match blocks -----------------------------------------------------------------------------

static void put_matches(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    const struct gb_sshd_config *config = probe->config;
    struct gb_list *blocks = gb_list_new(collector->arena);
    for (size_t m = 0; blocks && m < config->match_count; m++) {
        const struct gb_sshd_match *match = config->matches[m];
        struct gb_facts record = gb_facts_record(collector);
        struct gb_list *settings = gb_list_new(collector->arena);
        gb_fact(&record, "conditions",
                gb_fact_at(&record, gb_fact_text(&record, match->text), match->file, match->line));
        for (size_t i = 0; i < config->count; i++) {
            const struct gb_sshd_directive *directive = &config->directives[i];
            if (directive->match != match || !directive->count)
                continue;
            struct gb_str text = gb_str_format(collector->scratch, "%s " GB_PRI,
                                               gb_sshd_keywords[directive->keyword].name,
                                               GB_ARG(directive->values[0]));
            for (size_t v = 1; v < directive->count; v++)
                text = gb_str_format(collector->scratch, GB_PRI " " GB_PRI, GB_ARG(text),
                                     GB_ARG(directive->values[v]));
            gb_fact_add_text(&record, settings, text, directive->file, directive->line);
        }
        gb_fact(&record, "settings", gb_list_of(settings));
        gb_list_add(collector->arena, blocks, gb_map_of(record.props));
    }
    gb_fact(&probe->facts, "match_blocks",
            config->unread_count ? gb_unknown(config->unread[0].reason) : gb_list_of(blocks));
}

static int put_loosened(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    struct gb_sshd_loosened *found;
    size_t count;
    if (gb_sshd_find_loosened(probe->config, probe->settings, collector->scratch, &found, &count))
        return GB_E_MEMORY;
    struct gb_list *list = gb_list_new(collector->arena);
    for (size_t i = 0; list && i < count; i++) {
        const struct gb_sshd_directive *directive = found[i].directive;
        struct gb_facts record = gb_facts_record(collector);
        struct gb_value value = gb_fact_text(&record, found[i].value);
        gb_fact(&record, "keyword",
                gb_string(gb_str_of(gb_sshd_keywords[directive->keyword].name)));
        gb_fact(&record, "value", gb_fact_at(&record, value, directive->file, directive->line));
        gb_fact(&record, "base", gb_fact_text(&record, found[i].base));
        gb_fact(&record, "conditions", gb_fact_text(&record, found[i].conditions));
        gb_list_add(collector->arena, list,
                    gb_fact_at(&record, gb_map_of(record.props), directive->file, directive->line));
    }
    gb_fact(&probe->facts, "loosened",
            probe->config->unread_count ? gb_unknown(probe->config->unread[0].reason)
                                        : gb_list_of(list));
    return GB_OK;
}

// ---- files ------------------------------------------------------------------------------------

static void add_config_file(struct probe *probe, struct gb_list *list, struct gb_str path)
{
    struct gb_collector *collector = probe->collector;
    struct gb_path_trust trust;
    struct gb_file_info info;
    const char *name = gb_str_c(collector->scratch, path);
    if (!name || gb_host_stat(collector->host, name, true, &info, NULL) < 0 ||
        gb_path_trust(&probe->judge, path, 0, &trust) < 0)
        return;
    struct gb_facts record = gb_facts_record(collector);
    gb_fact(&record, "path", gb_fact_at(&record, gb_fact_text(&record, path), path, 0));
    gb_fact(
        &record, "owner",
        gb_fact_text(&record, gb_accounts_owner(&probe->accounts, info.uid, collector->scratch)));
    gb_fact(&record, "group",
            gb_fact_text(&record,
                         gb_accounts_owner_group(&probe->accounts, info.gid, collector->scratch)));
    gb_fact(&record, "mode",
            gb_fact_text(&record, gb_str_format(collector->scratch, "%04o", info.mode)));
    gb_fact(&record, "changeable_by", gb_fact_text(&record, trust.who));
    gb_fact(&record, "readable_by_all", gb_bool(info.mode & 04));
    gb_list_add(collector->arena, list, gb_fact_at(&record, gb_map_of(record.props), path, 0));
}

static void put_files(struct probe *probe)
{
    struct gb_list *list = gb_list_new(probe->collector->arena);
    struct gb_str last = {0};
    for (size_t i = 0; list && i < probe->config->file_count; i++)
        add_config_file(probe, list, probe->config->files[i]);
    for (size_t i = 0; list && i < probe->config->file_count; i++) {
        struct gb_str path = probe->config->files[i];
        struct gb_str directory = gb_str_sub(path, 0, (size_t)gb_str_rfind_char(path, '/'));
        if (directory.len && !gb_str_eq(directory, last))
            add_config_file(probe, list, directory);
        last = directory;
    }
    gb_fact(&probe->facts, "config_files", gb_list_of(list));
}

// The path of a setting as far as it is fixed: "/etc/keys" of "/etc/keys/%u". Commands end at the
// first blank.
static struct gb_str fixed_path(struct gb_str text)
{
    struct gb_str word = {0};
    if (!text.len || text.at[0] != '/')
        return GB_STR("");
    gb_str_next_word(&text, &word);
    ptrdiff_t percent = gb_str_find_char(word, '%');
    if (percent < 0)
        return word;
    word = gb_str_sub(word, 0, (size_t)percent);
    ptrdiff_t slash = gb_str_rfind_char(word, '/');
    return gb_str_sub(word, 0, slash > 0 ? (size_t)slash : 1);
}

static void judge_path(struct probe *probe, struct gb_list *list,
                       const struct gb_sshd_directive *directive, struct gb_str text)
{
    struct gb_path_trust trust;
    struct gb_str path = fixed_path(text);
    if (!path.len || gb_path_trust(&probe->judge, path, 0, &trust) < 0 || !trust.who.len)
        return;
    struct gb_facts record = gb_facts_record(probe->collector);
    gb_fact(&record, "path", gb_fact_text(&record, path));
    gb_fact(&record, "setting", gb_string(gb_str_of(gb_sshd_keywords[directive->keyword].name)));
    gb_fact(&record, "weak", gb_fact_text(&record, trust.weak));
    gb_fact(&record, "changeable_by", gb_fact_text(&record, trust.who));
    gb_list_add(probe->collector->arena, list,
                gb_fact_at(&record, gb_map_of(record.props), directive->file, directive->line));
}

// What was found in the configuration; finding nothing in what could not be read says nothing.
static struct gb_value found_in_config(const struct probe *probe, const struct gb_list *list)
{
    if (probe->config->unread_count && list && !list->count)
        return gb_unknown(probe->config->unread[0].reason);
    return gb_list_of(list);
}

static void put_weak_paths(struct probe *probe)
{
    static const char *const trusted[] = {"HostKey",
                                          "HostCertificate",
                                          "AuthorizedKeysFile",
                                          "TrustedUserCAKeys",
                                          "RevokedKeys",
                                          "AuthorizedKeysCommand",
                                          "ChrootDirectory",
                                          "AuthorizedPrincipalsFile",
                                          "AuthorizedPrincipalsCommand",
                                          "ForceCommand",
                                          "Subsystem",
                                          "SecurityKeyProvider"};
    struct gb_list *list = gb_list_new(probe->collector->arena);
    for (size_t i = 0; list && i < probe->config->count; i++) {
        const struct gb_sshd_directive *directive = &probe->config->directives[i];
        const char *name = gb_sshd_keywords[directive->keyword].name;
        bool wanted = false;
        for (size_t t = 0; t < sizeof trusted / sizeof trusted[0]; t++)
            wanted = wanted || strcmp(name, trusted[t]) == 0;
        for (size_t v = 0; wanted && v < directive->count; v++) {
            struct gb_str text = directive->values[v], subsystem;
            if (strcmp(name, "Subsystem") == 0)
                gb_str_next_word(&text, &subsystem);
            judge_path(probe, list, directive, gb_str_trim(text));
        }
    }
    gb_fact(&probe->facts, "weak_paths", found_in_config(probe, list));
}

// ---- all of it --------------------------------------------------------------------------------

static void put_problems(struct probe *probe)
{
    struct gb_list *errors = gb_list_new(probe->collector->arena);
    struct gb_list *notes = gb_list_new(probe->collector->arena);
    const struct gb_sshd_config *config = probe->config;
    for (size_t i = 0; i < config->problem_count; i++)
        gb_fact_add_text(&probe->facts, config->problems[i].fatal ? errors : notes,
                         config->problems[i].text, config->problems[i].file,
                         config->problems[i].line);
    const struct gb_sshd_setting *methods =
        gb_sshd_setting_of(probe->settings, "authentication_methods");
    if (!methods->unknown.len && !gb_sshd_methods_possible(probe->settings))
        gb_fact_add_text(&probe->facts, errors,
                         GB_STR("AuthenticationMethods asks for methods that are switched off"),
                         methods->values[0].file, methods->values[0].line);
    bool valid = errors && errors->count == 0;
    struct gb_value found = found_in_config(probe, errors);
    gb_fact(&probe->facts, "valid", found.kind == GB_VALUE_UNKNOWN ? found : gb_bool(valid));
    gb_fact(&probe->facts, "errors", found);
    gb_fact(&probe->facts, "notes", found_in_config(probe, notes));
}

static int read_config(struct probe *probe)
{
    struct gb_arena *arena = probe->collector->arena;
    probe->config = gb_sshd_config_new(arena, probe->server.number);
    probe->settings = gb_alloc_array(arena, gb_sshd_keyword_count, sizeof *probe->settings);
    const char *path = gb_str_c(arena, probe->server.config_file);
    if (!probe->config || !probe->settings || !path)
        return GB_E_MEMORY;
    int code = gb_sshd_server_options(&probe->server, probe->config);
    size_t options = probe->config->count;
    if (!code)
        code = gb_sshd_config_file(probe->config, probe->collector->host, path);
    // Ports of the command line stand in place of those of the file.
    int port = gb_sshd_keyword_find(GB_STR("Port"), probe->server.number);
    size_t kept = options;
    for (size_t i = options; probe->server.ports_given && i < probe->config->count; i++)
        if (probe->config->directives[i].keyword != port)
            probe->config->directives[kept++] = probe->config->directives[i];
    if (probe->server.ports_given)
        probe->config->count = kept;
    return code ? code : gb_sshd_evaluate(probe->config, NULL, arena, probe->settings);
}

static int put_all(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    const struct gb_sshd_server *server = &probe->server;
    probe->facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("sshd"), GB_STR("")));
    probe->default_origin = gb_str_format(collector->arena, "default of OpenSSH %u.%u",
                                          server->number / 100, server->number % 100);
    gb_fact(&probe->facts, "version", gb_fact_text(&probe->facts, server->version));
    gb_fact(&probe->facts, "version_number",
            gb_double((double)(server->number / 100) + (double)(server->number % 100) / 10.0));
    if (server->program.len)
        gb_fact(&probe->facts, "program", gb_string(server->program));
    gb_fact(&probe->facts, "config_file", gb_fact_text(&probe->facts, server->config_file));
    put_problems(probe);
    put_settings(probe);
    put_listens(probe);
    put_state(probe);
    put_matches(probe);
    put_files(probe);
    put_weak_paths(probe);
    int code = put_access(probe);
    return code ? code : put_loosened(probe);
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct probe probe = {.collector = collector};
    bool found = false;
    int code = gb_sshd_server_find(collector, &found, &probe.server);
    if (!code && !found) {
        gb_collection_absent(collector->all, GB_STR("sshd"),
                             GB_STR("no OpenSSH server is installed"));
        return GB_OK;
    }
    if (!code && !probe.server.number) {
        gb_collection_gap(collector->all, GB_STR("sshd"),
                          gb_str_format(collector->arena, GB_PRI ": its version cannot be told",
                                        GB_ARG(probe.server.program)));
        return GB_OK;
    }
    struct gb_file_info info;
    if (!code && gb_host_stat(collector->host, probe.server.config_file.at, true, &info, NULL) ==
                     GB_E_NOT_FOUND) {
        gb_collection_absent(collector->all, GB_STR("sshd"),
                             gb_str_format(collector->arena,
                                           GB_PRI " does not exist: the server cannot start",
                                           GB_ARG(probe.server.config_file)));
        return GB_OK;
    }
    if (!code)
        code = gb_accounts_load(collector->host, collector->scratch, false, &probe.accounts);
    probe.judge = gb_path_judge(collector->host, &probe.accounts, collector->scratch);
    if (!code)
        code = read_config(&probe);
    if (!code)
        code = put_all(&probe);
    if (code || gb_arena_failed(collector->arena) || gb_arena_failed(collector->scratch))
        return gb_error_set(err, GB_E_MEMORY, "no memory for the configuration of sshd");
    return GB_OK;
}

const struct gb_source gb_source_sshd = {
    .name = "host/sshd",
    .title = "SSH server",
    .kinds = kinds,
    .order = 50,
    .collect = collect,
};
