// The state of the account files as a whole (kind "account_database"): duplicates, malformed lines,
// entries of the NIS compatibility mode, passwd against shadow, and where else accounts come from
// (nsswitch.conf).
#include "source/host/account_file.h"
#include "source/host/facts.h"

#include <stdlib.h>

static const char passwd_path[] = "/etc/passwd", group_path[] = "/etc/group",
                  shadow_path[] = "/etc/shadow", nsswitch_path[] = "/etc/nsswitch.conf";

enum { MOST_IN_SUMMARY = 8 };

struct probe {
    struct gb_facts facts;
    struct gb_accounts accounts;
};

// One entry of passwd or group, as far as duplicates go.
struct named {
    struct gb_str name;
    uint32_t id, line;
};

static int by_id(const void *a, const void *b)
{
    const struct named *left = a, *right = b;
    if (left->id != right->id)
        return left->id < right->id ? -1 : 1;
    return left->line < right->line ? -1 : left->line > right->line;
}

static int by_name(const void *a, const void *b)
{
    const struct named *left = a, *right = b;
    int order = gb_str_compare(left->name, right->name);
    return order ? order : left->line < right->line ? -1 : left->line > right->line;
}

// One run of entries with the same id or name.
static void add_duplicate(struct probe *probe, struct gb_list *list, const struct named *run,
                          size_t count, bool ids, const char *path)
{
    struct gb_arena *arena = probe->facts.collector->arena;
    struct gb_facts facts = gb_facts_record(probe->facts.collector);
    struct gb_list *names = gb_list_new(arena);
    struct gb_str file = gb_str_of(path);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer summary = gb_buffer(4096);
    if (ids)
        gb_buffer_print(&summary, "%u:", run[0].id);
    else
        gb_buffer_print(&summary, GB_PRI " in lines", GB_ARG(gb_str_sub(run[0].name, 0, 256)));
    for (size_t i = 0; i < count; i++) {
        gb_fact_add_text(&facts, names, run[i].name, file, run[i].line);
        if (i >= MOST_IN_SUMMARY)
            continue;
        gb_buffer_text(&summary, i ? ", " : " ");
        if (ids)
            gb_buffer_add(&summary, gb_str_sub(run[i].name, 0, 256));
        else
            gb_buffer_print(&summary, "%u", run[i].line);
    }
    if (count > MOST_IN_SUMMARY)
        gb_buffer_print(&summary, " and %zu more", count - MOST_IN_SUMMARY);
    if (ids)
        gb_fact(&facts, "id", gb_fact_at(&facts, gb_int(run[0].id), file, run[1].line));
    gb_fact(&facts, "names", gb_list_of(names));
    gb_fact(&facts, "summary",
            gb_fact_at(&facts, gb_fact_text(&facts, gb_buffer_str(&summary)), file, run[1].line));
    gb_list_add(arena, list, gb_map_of(facts.props));
}

static void put_duplicates(struct probe *probe, const char *field, struct named *entries,
                           size_t count, bool ids, const char *path)
{
    struct gb_list *list = gb_list_new(probe->facts.collector->arena);
    if (count)
        qsort(entries, count, sizeof *entries, ids ? by_id : by_name);
    for (size_t start = 0, end; start < count; start = end) {
        for (end = start + 1; end < count; end++)
            if (ids ? entries[end].id != entries[start].id
                    : !gb_str_eq(entries[end].name, entries[start].name))
                break;
        if (end - start > 1)
            add_duplicate(probe, list, entries + start, end - start, ids, path);
    }
    gb_fact(&probe->facts, field, gb_list_of(list));
}

// Puts `field`, or why it is not known when the file could not be read.
static bool readable(struct probe *probe, const char *field, const char *path, int code)
{
    if (!code)
        return true;
    gb_fact(&probe->facts, field, gb_unread(probe->facts.collector, path, code));
    return false;
}

static int put_users(struct probe *probe)
{
    const struct gb_accounts *accounts = &probe->accounts;
    struct gb_arena *scratch = probe->facts.collector->scratch;
    struct named *entries = gb_alloc_array(scratch, accounts->user_count, sizeof *entries);
    if (!entries)
        return GB_E_MEMORY;
    for (size_t i = 0; i < accounts->user_count; i++)
        entries[i] = (struct named){accounts->users[i].name, accounts->users[i].uid,
                                    accounts->users[i].line};
    put_duplicates(probe, "duplicate_uids", entries, accounts->user_count, true, passwd_path);
    put_duplicates(probe, "duplicate_user_names", entries, accounts->user_count, false,
                   passwd_path);
    return GB_OK;
}

static int put_groups(struct probe *probe)
{
    const struct gb_accounts *accounts = &probe->accounts;
    struct gb_arena *scratch = probe->facts.collector->scratch;
    bool known = readable(probe, "duplicate_gids", group_path, accounts->group_file.code);
    known &= readable(probe, "duplicate_group_names", group_path, accounts->group_file.code);
    if (!known)
        return GB_OK;
    struct named *entries = gb_alloc_array(scratch, accounts->group_count, sizeof *entries);
    if (!entries)
        return GB_E_MEMORY;
    for (size_t i = 0; i < accounts->group_count; i++)
        entries[i] = (struct named){accounts->groups[i].name, accounts->groups[i].gid,
                                    accounts->groups[i].line};
    put_duplicates(probe, "duplicate_gids", entries, accounts->group_count, true, group_path);
    put_duplicates(probe, "duplicate_group_names", entries, accounts->group_count, false,
                   group_path);
    return GB_OK;
}

// Accounts of one file that the other does not have.
static void put_shadow(struct probe *probe)
{
    const struct gb_accounts *accounts = &probe->accounts;
    struct gb_collector *collector = probe->facts.collector;
    int code = accounts->shadow_file.code == GB_E_NOT_FOUND ? GB_OK : accounts->shadow_file.code;
    bool known = readable(probe, "without_shadow", shadow_path, code);
    known &= readable(probe, "shadow_without_account", shadow_path, code);
    if (!known)
        return;
    struct gb_list *without = gb_list_new(collector->arena);
    struct gb_list *orphans = gb_list_new(collector->arena);
    for (size_t i = 0; i < accounts->user_count; i++) {
        const struct gb_passwd_entry *user = &accounts->users[i];
        if (gb_str_is(user->password, "x") && !gb_accounts_shadow(accounts, user->name))
            gb_fact_add_text(&probe->facts, without, user->name, gb_str_of(passwd_path),
                             user->line);
    }
    for (size_t i = 0; i < accounts->shadow_count; i++) {
        const struct gb_shadow_entry *entry = &accounts->shadow[i];
        if (!gb_accounts_user(accounts, entry->name))
            gb_fact_add_text(&probe->facts, orphans, entry->name, gb_str_of(shadow_path),
                             entry->line);
    }
    gb_fact(&probe->facts, "without_shadow", gb_list_of(without));
    gb_fact(&probe->facts, "shadow_without_account", gb_list_of(orphans));
}

// An empty list says "nothing is wrong" only when every file was read.
static void put_unless_unread(struct probe *probe, const char *field, const struct gb_list *list)
{
    const struct gb_accounts *accounts = &probe->accounts;
    const struct {
        const char *path;
        int code;
    } files[] = {
        {group_path, accounts->group_file.code},
        {shadow_path, accounts->shadow_file.code},
        {"/etc/gshadow", accounts->gshadow_file.code},
    };
    for (size_t i = 0; list && list->count == 0 && i < sizeof files / sizeof files[0]; i++)
        if (files[i].code && files[i].code != GB_E_NOT_FOUND) {
            gb_fact(&probe->facts, field,
                    gb_unread(probe->facts.collector, files[i].path, files[i].code));
            return;
        }
    gb_fact(&probe->facts, field, gb_list_of(list));
}

static void put_defects(struct probe *probe)
{
    struct gb_collector *collector = probe->facts.collector;
    struct gb_list *malformed = gb_list_new(collector->arena);
    struct gb_list *legacy = gb_list_new(collector->arena);
    for (size_t i = 0; i < probe->accounts.defect_count; i++) {
        const struct gb_account_defect *defect = &probe->accounts.defects[i];
        struct gb_facts facts = gb_facts_record(collector);
        struct gb_str file = gb_str_of(defect->file);
        struct gb_str summary =
            gb_str_format(collector->arena, "%s line %u %s", defect->file + sizeof "/etc/" - 1,
                          defect->line, defect->reason);
        gb_fact(&facts, "file", gb_fact_at(&facts, gb_string(file), file, defect->line));
        gb_fact(&facts, "line", gb_int(defect->line));
        gb_fact(&facts, "name",
                gb_fact_at(&facts, gb_fact_text(&facts, defect->name), file, defect->line));
        gb_fact(&facts, "summary", gb_fact_at(&facts, gb_string(summary), file, defect->line));
        gb_list_add(collector->arena, defect->legacy ? legacy : malformed, gb_map_of(facts.props));
    }
    put_unless_unread(probe, "malformed", malformed);
    put_unless_unread(probe, "legacy_entries", legacy);
}

static bool is_local_service(struct gb_str name)
{
    static const char *const local[] = {"files",      "compat",    "systemd", "db",
                                        "mymachines", "altfiles",  "cache",   "usrfiles",
                                        "extrausers", "myhostname"};
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++)
        if (gb_str_is(name, local[i]))
            return true;
    return false;
}

// The services of one line: "passwd: files [NOTFOUND=continue] sss".
static void put_services(struct probe *probe, const char *field, struct gb_str words, uint32_t line,
                         struct gb_list *remote)
{
    struct gb_arena *arena = probe->facts.collector->arena;
    struct gb_list *services = gb_list_new(arena);
    struct gb_str word, file = gb_str_of(nsswitch_path);
    bool inside = false;
    while (gb_str_next_word(&words, &word)) {
        if (word.at[0] == '#')
            break;
        inside |= word.at[0] == '[';
        if (!inside) {
            gb_fact_add_text(&probe->facts, services, word, file, line);
            if (!is_local_service(word))
                gb_fact_add_text(&probe->facts, remote, word, file, line);
        }
        if (word.at[word.len - 1] == ']')
            inside = false;
    }
    gb_fact(&probe->facts, field, gb_list_of(services));
}

static void put_sources(struct probe *probe)
{
    static const struct {
        const char *database, *field;
    } databases[] = {
        {"passwd", "passwd_services"}, {"group", "group_services"}, {"shadow", "shadow_services"}};
    struct gb_collector *collector = probe->facts.collector;
    struct gb_str text = {0}, line, name;
    int code = gb_host_read(collector->host, nsswitch_path, GB_CONFIG_MAX_BYTES, collector->scratch,
                            &text, NULL);
    struct gb_list *remote = gb_list_new(collector->arena);
    for (size_t i = 0; i < sizeof databases / sizeof databases[0]; i++) {
        if (code && code != GB_E_NOT_FOUND)
            gb_fact(&probe->facts, databases[i].field, gb_unread(collector, nsswitch_path, code));
        else
            put_services(probe, databases[i].field, GB_STR("files"), 0, remote);
    }
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        ptrdiff_t colon = gb_str_find_char(line, ':');
        if (colon < 0)
            continue;
        name = gb_str_trim(gb_str_sub(line, 0, (size_t)colon));
        for (size_t i = 0; i < sizeof databases / sizeof databases[0]; i++)
            if (gb_str_is(name, databases[i].database))
                put_services(probe, databases[i].field, gb_str_from(line, (size_t)colon + 1),
                             number, remote);
    }
    gb_fact(&probe->facts, "remote_services",
            code && code != GB_E_NOT_FOUND ? gb_unread(collector, nsswitch_path, code)
                                           : gb_list_of(remote));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct gb_str kind = GB_STR("account_database");
    struct probe probe = {.facts = {.collector = collector}};
    if (gb_accounts_load(collector->host, collector->scratch, true, &probe.accounts))
        return gb_error_set(err, GB_E_MEMORY, "no memory for the account files");
    int code = probe.accounts.passwd_file.code;
    if (code == GB_E_NOT_FOUND) {
        gb_collection_absent(collector->all, kind, GB_STR("/etc/passwd does not exist"));
        return GB_OK;
    }
    if (code) {
        gb_collection_gap(collector->all, kind, gb_unread_reason(collector, passwd_path, code));
        return GB_OK;
    }
    probe.facts.props = gb_collection_add(collector->all, kind, GB_STR(""));
    gb_fact(&probe.facts, "user_count", gb_int((int64_t)probe.accounts.user_count));
    gb_fact(&probe.facts, "group_count", gb_int((int64_t)probe.accounts.group_count));
    code = put_users(&probe);
    if (!code)
        code = put_groups(&probe);
    if (code)
        return gb_error_set(err, code, "no memory for the account files");
    put_shadow(&probe);
    put_defects(&probe);
    put_sources(&probe);
    gb_accounts_wipe(&probe.accounts);
    return GB_OK;
}

static const char *const kinds[] = {"account_database", NULL};

const struct gb_source gb_source_account_database = {
    .name = "host/account_database",
    .title = "account files",
    .kinds = kinds,
    .order = 10,
    .collect = collect,
};
