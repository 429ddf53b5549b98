// systemd's units and what starts services (kinds "unit" and "init"). Runs after the processes, to
// tell which units have one.
#include "source/facts.h"
#include "source/host/account_file.h"
#include "source/host/path_trust.h"
#include "source/host/secret_name.h"
#include "source/host/unit_files.h"
#include "source/host/unit_sandbox.h"
#include "source/host/unit_text.h"
#include "source/package/owner.h"

static const char *const kinds[] = {"unit", "init", NULL};

// What is shared by all units of one scan.
struct scan {
    struct gb_collector *collector;
    struct gb_units units;
    struct gb_accounts accounts;
    struct gb_path_judge judge;
    bool owners_known;
    struct gb_value boot_gap; // why nothing can be said about the next boot; null = it can
    bool systemd_running;
    struct gb_map unit_processes, programs; // of processes: unit names, program paths
    struct gb_value running_gap;            // why a missing process proves nothing; null = it does
    struct gb_value all_capabilities;       // shared by all units that are not restricted
};

static const char *section_of(enum gb_unit_type type)
{
    static const char *const sections[] = {"Service", "Socket", "Timer", "Mount", "Automount",
                                           "Path",    "Swap",   "Unit",  "Unit"};
    return sections[type];
}

static struct gb_value at_entry(const struct gb_facts *facts, struct gb_value value,
                                const struct gb_ini_entry *entry)
{
    return entry ? gb_fact_at(facts, value, entry->file, entry->line) : value;
}

// A weak place of a file of the unit, for one list of offenders over all units.
static void add_weak_file(struct scan *scan, struct gb_list *list, const struct gb_unit *unit,
                          struct gb_str path, const char *role, bool as_root,
                          const struct gb_path_trust *trust, const struct gb_ini_entry *entry)
{
    struct gb_facts record = gb_facts_record(scan->collector);
    gb_fact(&record, "path", at_entry(&record, gb_fact_text(&record, path), entry));
    gb_fact(&record, "role", gb_string(gb_str_of(role)));
    gb_fact(&record, "weak", gb_fact_text(&record, trust->weak));
    gb_fact(&record, "who", gb_fact_text(&record, trust->who));
    gb_fact(&record, "unit", gb_fact_text(&record, unit->name));
    gb_fact(&record, "as_root", gb_bool(as_root));
    struct gb_str summary = gb_str_format(
        scan->collector->scratch, GB_PRI " (" GB_PRI "): " GB_PRI " can change " GB_PRI,
        GB_ARG(path), GB_ARG(unit->name), GB_ARG(trust->who), GB_ARG(trust->weak));
    struct gb_value text = gb_fact_text(&record, summary);
    gb_fact(&record, "summary",
            entry ? at_entry(&record, text, entry) : gb_fact_at(&record, text, path, 0));
    gb_list_add(scan->collector->arena, list, gb_map_of(record.props));
}

static void judge_unit_files(struct scan *scan, struct gb_list *weak, const struct gb_unit *unit)
{
    // A unit made from a template has the template's file: told there.
    if (unit->masked || unit->of)
        return;
    for (size_t i = 0; i < unit->settings.file_count; i++) {
        struct gb_str path = unit->settings.files[i].path;
        struct gb_path_trust trust;
        if (gb_path_trust(&scan->judge, path, 0, &trust) == GB_OK && trust.who.len)
            add_weak_file(scan, weak, unit, path, i == 0 ? "unit" : "drop-in", true, &trust, NULL);
    }
    struct gb_path_trust trust;
    if (unit->sysv && gb_path_trust(&scan->judge, unit->fragment, 0, &trust) == GB_OK &&
        trust.who.len)
        add_weak_file(scan, weak, unit, unit->fragment, "unit", true, &trust, NULL);
}

// The absolute path of a program; systemd looks names up in these directories.
static struct gb_str find_program(struct scan *scan, struct gb_str name)
{
    static const char *const places[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                         "/usr/bin",        "/sbin",          "/bin"};
    if (name.at[0] == '/')
        return name;
    struct gb_str path = {0};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        path = gb_str_format(scan->collector->scratch, "%s/" GB_PRI, places[i], GB_ARG(name));
        if (!path.at || gb_host_exists(scan->collector->host, path.at))
            break;
    }
    return path.at ? path : name;
}

struct program_lists {
    struct gb_list *programs, *weak;
    struct gb_str first; // what ExecStart leads to, links resolved
    bool interpreted;    // ... and that is an interpreter
};

static void add_program(struct scan *scan, struct program_lists *lists, const struct gb_unit *unit,
                        struct gb_str name, bool as_root, uint32_t uid,
                        const struct gb_ini_entry *entry)
{
    struct gb_str path = find_program(scan, name);
    struct gb_path_trust trust;
    // Specifiers (%i) are not expanded here; a path that holds one leads nowhere.
    if (gb_str_find_char(path, '%') >= 0 ||
        gb_path_trust(&scan->judge, path, as_root ? 0 : uid, &trust) < 0)
        return;
    struct gb_facts record = gb_facts_record(scan->collector);
    struct gb_value gap = trust.code ? gb_unread(scan->collector, path.at, trust.code) : gb_null();
    gb_fact(&record, "setting", gb_fact_text(&record, entry->key));
    gb_fact(&record, "path", at_entry(&record, gb_fact_text(&record, path), entry));
    gb_fact(&record, "exists", trust.code ? gap : gb_bool(trust.exists));
    gb_fact(&record, "changeable_by", trust.code ? gap : gb_fact_text(&record, trust.who));
    gb_list_add(scan->collector->arena, lists->programs, gb_map_of(record.props));
    if (trust.who.len)
        add_weak_file(scan, lists->weak, unit, path, "program", as_root, &trust, entry);
    if (gb_str_is(entry->key, "ExecStart"))
        lists->first = trust.target;
}

static bool is_exec_setting(struct gb_str key)
{
    static const char *const keys[] = {"ExecStart",   "ExecStartPre", "ExecStartPost",
                                       "ExecReload",  "ExecStop",     "ExecStopPost",
                                       "ExecStopPre", "ExecCondition"};
    if (!gb_str_starts(key, GB_STR("Exec")))
        return false;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (gb_str_is(key, keys[i]))
            return true;
    }
    return false;
}

// Programs that are in force: an empty assignment takes back those of the same setting before it.
static void put_programs(struct scan *scan, struct gb_facts *facts, const struct gb_unit *unit,
                         const struct gb_sandbox *sandbox, struct program_lists *lists)
{
    const struct gb_ini *settings = &unit->settings;
    const char *section = section_of(unit->type);
    const struct gb_passwd_entry *user = gb_accounts_user(&scan->accounts, sandbox->user);
    uint32_t uid = user && !sandbox->dynamic_user ? user->uid : 0;
    for (size_t i = 0; i < settings->count; i++) {
        const struct gb_ini_entry *entry = &settings->entries[i];
        if (!is_exec_setting(entry->key) || !gb_str_is(entry->section, section) ||
            !entry->value.len)
            continue;
        bool taken_back = false;
        for (size_t k = i + 1; k < settings->count && !taken_back; k++)
            taken_back = !settings->entries[k].value.len &&
                         gb_str_eq(settings->entries[k].key, entry->key) &&
                         gb_str_is(settings->entries[k].section, section);
        struct gb_unit_command command;
        if (taken_back || !gb_unit_command(scan->collector->scratch, entry->value, &command))
            continue;
        bool as_root = sandbox->root_user || command.full_privileges;
        add_program(scan, lists, unit, command.program, as_root, uid, entry);
        if (command.script.len)
            add_program(scan, lists, unit, command.script, as_root, uid, entry);
        lists->interpreted =
            lists->interpreted || (command.interpreter && gb_str_is(entry->key, "ExecStart"));
        if (command.autologin.len)
            gb_fact(facts, "autologin",
                    at_entry(facts, gb_fact_text(facts, command.autologin), entry));
    }
}

static void put_environment(struct scan *scan, struct gb_facts *facts, const struct gb_unit *unit)
{
    struct gb_arena *arena = scan->collector->arena;
    struct gb_list *secrets = gb_list_new(arena), *files = gb_list_new(arena);
    const char *section = section_of(unit->type);
    const struct gb_ini_entry *entry;
    size_t at = 0;
    while ((entry = gb_ini_next(&unit->settings, section, "Environment", &at))) {
        struct gb_str rest = entry->value, word;
        while (gb_unit_next_word(scan->collector->scratch, &rest, &word)) {
            ptrdiff_t equals = gb_str_find_char(word, '=');
            if (equals > 0 && gb_secret_name(gb_str_sub(word, 0, (size_t)equals)) &&
                gb_secret_literal(gb_str_from(word, (size_t)equals + 1)))
                gb_fact_add_text(facts, secrets, gb_str_sub(word, 0, (size_t)equals), entry->file,
                                 entry->line);
        }
    }
    at = 0;
    while ((entry = gb_ini_next(&unit->settings, section, "EnvironmentFile", &at))) {
        bool optional = entry->value.len && entry->value.at[0] == '-';
        if (entry->value.len)
            gb_fact_add_text(facts, files, gb_str_from(entry->value, optional ? 1 : 0), entry->file,
                             entry->line);
    }
    gb_fact(facts, "secret_variables", gb_list_of(secrets));
    gb_fact(facts, "environment_files", gb_list_of(files));
}

static void put_sandbox(struct scan *scan, struct gb_facts *facts, const struct gb_sandbox *sandbox)
{
    static const char *const forms[] = {"none", "deny_list", "allow_list"};
    struct gb_arena *arena = scan->collector->arena;
    struct gb_facts record = gb_facts_record(scan->collector);
    for (enum gb_sandbox_switch i = 0; i < GB_SANDBOX_SWITCHES; i++)
        gb_fact(&record, gb_sandbox_field(i),
                at_entry(&record, gb_bool(sandbox->switches[i].on), sandbox->switches[i].from));
    const struct {
        const char *field;
        const struct gb_sandbox_word *word;
    } words[] = {{"protect_system", &sandbox->protect_system},
                 {"protect_home", &sandbox->protect_home},
                 {"protect_proc", &sandbox->protect_proc}};
    for (size_t i = 0; i < 3; i++)
        gb_fact(&record, words[i].field,
                at_entry(&record, gb_string(gb_str_of(words[i].word->word)), words[i].word->from));
    gb_fact(&record, "system_call_filter",
            at_entry(&record, gb_string(gb_str_of(forms[sandbox->system_calls])),
                     sandbox->system_calls_from));
    gb_fact(&record, "native_system_calls", gb_bool(sandbox->native_calls_only));
    gb_fact(&record, "namespaces", gb_int(sandbox->namespaces));
    gb_fact(&record, "any_address_family", gb_bool(sandbox->any_family));
    gb_fact(&record, "denies_addresses", gb_bool(sandbox->denies_addresses));
    gb_fact(&record, "capabilities",
            at_entry(&record,
                     sandbox->capabilities == GB_CAPABILITIES_ALL
                         ? scan->all_capabilities
                         : gb_capability_list(arena, sandbox->capabilities),
                     sandbox->capabilities_from));
    gb_fact(&record, "ambient_capabilities",
            at_entry(&record, gb_capability_list(arena, sandbox->ambient), sandbox->ambient_from));
    gb_fact(&record, "umask", gb_int(sandbox->umask));
    gb_fact(facts, "sandbox", gb_map_of(record.props));
    gb_fact(facts, "exposure", gb_double(sandbox->exposure));
}

// A process in the unit's control group; without systemd, one that runs its program.
static struct gb_value running(struct scan *scan, const struct gb_unit *unit,
                               const struct program_lists *lists)
{
    if (scan->running_gap.kind == GB_VALUE_NOT_APPLICABLE)
        return scan->running_gap;
    if (scan->systemd_running)
        return gb_bool(gb_map_get(&scan->unit_processes, unit->name) != NULL);
    if (unit->is_template || unit->type != GB_UNIT_SERVICE || !lists->first.len)
        return unit->sysv || unit->type != GB_UNIT_SERVICE
                   ? gb_unknown(GB_STR("PID 1 is not systemd: nothing says what runs"))
                   : gb_bool(false);
    if (lists->interpreted)
        return gb_unknown(GB_STR("PID 1 is not systemd: a script's process cannot be told apart"));
    if (gb_map_get(&scan->programs, lists->first))
        return gb_bool(true);
    return scan->running_gap.kind == GB_VALUE_NULL ? gb_bool(false) : scan->running_gap;
}

static void put_service(struct scan *scan, struct gb_facts *facts, const struct gb_unit *unit,
                        const struct gb_sandbox *sandbox)
{
    const struct gb_ini_entry *type = gb_ini_get(&unit->settings, "Service", "Type");
    struct gb_str user = sandbox->user.len ? sandbox->user : GB_STR("root");
    if (unit->sysv)
        return;
    if (!sandbox->dynamic_user || sandbox->user.len)
        gb_fact(facts, "user", at_entry(facts, gb_fact_text(facts, user), sandbox->user_from));
    gb_fact(facts, "runs_as_root",
            at_entry(facts, gb_bool(sandbox->root_user), sandbox->user_from));
    gb_fact(facts, "dynamic_user", gb_bool(sandbox->dynamic_user));
    if (type && type->value.len)
        gb_fact(facts, "service_type", at_entry(facts, gb_fact_text(facts, type->value), type));
    else
        gb_fact(facts, "service_type", gb_string(GB_STR("simple")));
    put_sandbox(scan, facts, sandbox);
}

static void put_listens(struct scan *scan, struct gb_facts *facts, const struct gb_unit *unit)
{
    static const struct {
        const char *key, *type;
    } rows[] = {{"ListenStream", "stream"},
                {"ListenDatagram", "datagram"},
                {"ListenSequentialPacket", "sequential"},
                {"ListenFIFO", "fifo"},
                {"ListenNetlink", "netlink"},
                {"ListenSpecial", "special"},
                {"ListenMessageQueue", "queue"},
                {"ListenUSBFunction", "usb"}};
    struct gb_list *listens = gb_list_new(scan->collector->arena);
    for (size_t i = 0; unit->type == GB_UNIT_SOCKET && i < sizeof rows / sizeof *rows; i++) {
        size_t at = 0;
        const struct gb_ini_entry *entry;
        while ((entry = gb_ini_next(&unit->settings, "Socket", rows[i].key, &at))) {
            if (!entry->value.len)
                continue;
            struct gb_unit_address address = gb_unit_address(entry->value);
            struct gb_facts record = gb_facts_record(scan->collector);
            gb_fact(&record, "type", gb_string(gb_str_of(rows[i].type)));
            gb_fact(&record, "address",
                    at_entry(&record, gb_fact_text(&record, address.text), entry));
            gb_fact(&record, "exposed", gb_bool(address.exposed && i < 3));
            gb_list_add(scan->collector->arena, listens, gb_map_of(record.props));
        }
    }
    gb_fact(facts, "listens", gb_list_of(listens));
}

static void put_schedule(struct scan *scan, struct gb_facts *facts, const struct gb_unit *unit)
{
    static const char *const keys[] = {"OnCalendar",      "OnBootSec",       "OnStartupSec",
                                       "OnUnitActiveSec", "OnActiveSec",     "OnUnitInactiveSec",
                                       "OnClockChange",   "OnTimezoneChange"};
    struct gb_list *schedule = gb_list_new(scan->collector->arena);
    for (size_t i = 0; unit->type == GB_UNIT_TIMER && i < sizeof keys / sizeof *keys; i++) {
        size_t at = 0;
        const struct gb_ini_entry *entry;
        while ((entry = gb_ini_next(&unit->settings, "Timer", keys[i], &at))) {
            struct gb_str text = gb_str_format(scan->collector->scratch, "%s=" GB_PRI, keys[i],
                                               GB_ARG(entry->value));
            if (entry->value.len)
                gb_fact_add_text(facts, schedule, text, entry->file, entry->line);
        }
    }
    gb_fact(facts, "schedule", gb_list_of(schedule));
}

static void put_triggers(struct scan *scan, struct gb_facts *facts, const struct gb_unit *unit)
{
    struct gb_str name = gb_unit_triggers(unit, scan->collector->scratch);
    if (name.len)
        gb_fact(facts, "triggers", gb_fact_text(facts, name));
}

static void put_files(struct scan *scan, struct gb_facts *facts, const struct gb_unit *unit)
{
    struct gb_arena *arena = scan->collector->arena;
    struct gb_list *dropins = gb_list_new(arena), *aliases = gb_list_new(arena);
    struct gb_str package = {0};
    if (unit->fragment.len) {
        gb_fact(facts, "fragment",
                gb_fact_at(facts, gb_fact_text(facts, unit->fragment), unit->fragment, 0));
        if (scan->owners_known)
            package = gb_package_owner(scan->collector, unit->fragment);
    }
    // Where the unit file is masked the drop-ins follow from the first place on.
    for (size_t i = unit->masked ? 0 : 1; i < unit->settings.file_count; i++)
        gb_fact_add_text(facts, dropins, unit->settings.files[i].path, unit->settings.files[i].path,
                         0);
    for (size_t i = 0; i < unit->alias_count; i++)
        gb_fact_add_text(facts, aliases, unit->aliases[i], (struct gb_str){0}, 0);
    gb_fact(facts, "dropins", gb_list_of(dropins));
    gb_fact(facts, "aliases", gb_list_of(aliases));
    bool here = unit->linked || gb_str_starts(unit->fragment, GB_STR("/etc/")) ||
                gb_str_starts(unit->fragment, GB_STR("/usr/local/"));
    gb_fact(facts, "local", gb_bool(here && !package.len && !unit->masked));
    if (package.len)
        gb_fact(facts, "package", gb_fact_text(facts, package));
}

static void put_state(struct scan *scan, struct gb_facts *facts, const struct gb_unit *unit)
{
    gb_fact(facts, "state", gb_string(gb_str_of(unit->state)));
    bool known = scan->boot_gap.kind == GB_VALUE_NULL;
    gb_fact(facts, "at_boot", known ? gb_bool(unit->started_by[0] != '\0') : scan->boot_gap);
    gb_fact(facts, "started_by", known ? gb_string(gb_str_of(unit->started_by)) : scan->boot_gap);
    struct gb_str unmet = unit->is_template
                              ? (struct gb_str){0}
                              : gb_unit_unmet_condition(scan->collector->host, &unit->settings,
                                                        scan->collector->scratch);
    if (unmet.len)
        gb_fact(facts, "unmet_condition", gb_fact_text(facts, unmet));
}

static int collect_unit(struct scan *scan, const struct gb_unit *unit)
{
    struct gb_collector *collector = scan->collector;
    struct gb_facts facts = gb_facts(
        collector, gb_collection_add(collector->all, GB_STR("unit"),
                                     gb_string_clean(collector->arena, unit->name).string));
    const struct gb_ini_entry *description = gb_ini_get(&unit->settings, "Unit", "Description");
    struct gb_sandbox sandbox;
    struct program_lists lists = {.programs = gb_list_new(collector->arena),
                                  .weak = gb_list_new(collector->arena)};
    gb_sandbox_read(&unit->settings, section_of(unit->type), &sandbox);
    gb_fact(&facts, "name",
            gb_fact_at(&facts, gb_fact_text(&facts, unit->name), unit->fragment, 0));
    gb_fact(&facts, "type", gb_string(gb_str_of(gb_unit_type_name(unit->type))));
    if (description && description->value.len)
        gb_fact(&facts, "description", gb_fact_text(&facts, description->value));
    put_files(scan, &facts, unit);
    gb_fact(&facts, "template", gb_bool(unit->is_template));
    if (unit->of)
        gb_fact(&facts, "instance_of", gb_fact_text(&facts, unit->of->name));
    gb_fact(&facts, "init_script", gb_bool(unit->sysv));
    put_state(scan, &facts, unit);
    judge_unit_files(scan, lists.weak, unit);
    if (!unit->masked)
        put_programs(scan, &facts, unit, &sandbox, &lists);
    gb_fact(&facts, "programs", gb_list_of(lists.programs));
    gb_fact(&facts, "weak_files", gb_list_of(lists.weak));
    gb_fact(&facts, "running", running(scan, unit, &lists));
    if (unit->type == GB_UNIT_SERVICE && !unit->masked)
        put_service(scan, &facts, unit, &sandbox);
    put_environment(scan, &facts, unit);
    put_listens(scan, &facts, unit);
    put_schedule(scan, &facts, unit);
    put_triggers(scan, &facts, unit);
    return gb_arena_failed(collector->arena) ? GB_E_MEMORY : GB_OK;
}

static struct gb_str text_of(const struct gb_resource *resource, const char *field)
{
    const struct gb_value *value = resource ? gb_map_find(resource->props, gb_str_of(field)) : NULL;
    return gb_value_str_or(value, (struct gb_str){0});
}

// Which units and programs have processes, from what the process probe found.
static int index_processes(struct scan *scan)
{
    struct gb_arena *scratch = scan->collector->scratch;
    const struct gb_kind_state *state = gb_collection_kind(scan->collector->all, GB_STR("process"));
    scan->unit_processes = gb_map(scratch);
    scan->programs = gb_map(scratch);
    scan->running_gap = gb_null();
    if (state->presence == GB_NO_SUBJECT)
        scan->running_gap = gb_not_applicable(state->reason);
    else if (state->presence != GB_PRESENT)
        scan->running_gap = gb_unknown(state->reason);
    for (size_t i = 0; i < state->count; i++) {
        struct gb_resource *process = state->resources[i];
        struct gb_str unit = text_of(process, "unit"), path = text_of(process, "executable");
        const struct gb_value *executable = gb_map_find(process->props, GB_STR("executable"));
        if ((unit.len && gb_map_set(&scan->unit_processes, unit, process) < 0) ||
            (path.len && gb_map_set(&scan->programs, path, process) < 0))
            return GB_E_MEMORY;
        // PID 1 is no unit's program; any other that cannot be seen could be.
        if (executable && executable->kind == GB_VALUE_UNKNOWN && !gb_str_is(process->name, "1") &&
            scan->running_gap.kind == GB_VALUE_NULL)
            scan->running_gap = *executable;
    }
    return GB_OK;
}

// What is known about the next boot, and the resource "init".
static void collect_init(struct scan *scan)
{
    struct gb_collector *collector = scan->collector;
    const struct gb_host *host = collector->host;
    const struct gb_resource *machine = gb_collection_find(collector->all, GB_STR("host"));
    bool installed = gb_host_exists(host, "/usr/lib/systemd/systemd") ||
                     gb_host_exists(host, "/lib/systemd/systemd");
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("init"), (struct gb_str){0}));
    const struct gb_value *system =
        machine ? gb_map_find(machine->props, GB_STR("init_system")) : NULL;
    gb_fact(&facts, "system",
            system ? *system : gb_unknown(GB_STR("the machine was not looked at")));
    scan->systemd_running = gb_host_has_kernel(host) && gb_host_exists(host, "/run/systemd/system");
    gb_fact(&facts, "systemd_running",
            gb_host_has_kernel(host) ? gb_fact_at(&facts, gb_bool(scan->systemd_running),
                                                  GB_STR("/run/systemd/system"), 0)
                                     : gb_not_applicable(GB_STR("needs a live kernel")));
    gb_fact(&facts, "systemd_installed", gb_bool(installed));
    gb_fact(&facts, "boots_with_systemd",
            gb_bool(gb_host_has_kernel(host) ? scan->systemd_running : installed));
    bool target = gb_units_boot(&scan->units);
    const struct gb_unit *goal = gb_units_find(&scan->units, GB_STR("default.target"));
    if (goal)
        gb_fact(&facts, "default_target", gb_fact_text(&facts, goal->name));
    scan->boot_gap = gb_null();
    if (gb_host_has_kernel(host) && !scan->systemd_running)
        scan->boot_gap = gb_unknown(GB_STR("PID 1 is not systemd: nothing says what it starts"));
    else if (!installed)
        scan->boot_gap = gb_not_applicable(GB_STR("systemd is not installed"));
    else if (!target)
        scan->boot_gap = gb_unknown(GB_STR("there is no default.target"));
    struct gb_list *local = gb_list_new(collector->arena);
    int64_t count = 0;
    for (size_t i = 0; i < scan->units.count; i++) {
        const struct gb_unit *unit = scan->units.items[i];
        count += unit->fragment.len && !unit->of;
        bool here = gb_str_starts(unit->fragment, GB_STR("/etc/systemd/")) || unit->linked;
        if (here && !unit->of && !unit->masked &&
            !(scan->owners_known && gb_package_owner(collector, unit->fragment).len))
            gb_fact_add_text(&facts, local, unit->name, unit->fragment, 0);
    }
    gb_fact(&facts, "unit_count", gb_int(count));
    gb_fact(&facts, "local_units", gb_list_of(local));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct gb_collection *all = collector->all;
    struct gb_str kind = GB_STR("unit");
    struct scan *scan = gb_alloc(collector->scratch, sizeof *scan);
    if (!scan || gb_units_load(collector, collector->scratch, &scan->units) < 0 ||
        gb_accounts_load(collector->host, collector->scratch, false, &scan->accounts) < 0)
        return gb_error_set(err, GB_E_MEMORY, "no memory for units");
    scan->collector = collector;
    scan->judge = gb_path_judge(collector->host, &scan->accounts, collector->scratch);
    scan->owners_known = gb_package_owners_known(collector, NULL);
    scan->all_capabilities = gb_capability_list(collector->arena, GB_CAPABILITIES_ALL);
    if (index_processes(scan) < 0)
        return gb_error_set(err, GB_E_MEMORY, "no memory for units");
    gb_units_states(&scan->units);
    collect_init(scan);
    for (size_t i = 0; i < scan->units.count; i++) {
        const struct gb_unit *unit = scan->units.items[i];
        bool ours = unit->type != GB_UNIT_TARGET && unit->type != GB_UNIT_OTHER;
        if (ours && collect_unit(scan, unit) < 0)
            return gb_error_set(err, GB_E_MEMORY, "no memory for units");
    }
    if (scan->units.gap.len)
        gb_collection_gap(all, kind, gb_str_copy(collector->arena, scan->units.gap));
    else if (scan->units.count)
        gb_collection_complete(all, kind);
    else
        gb_collection_absent(all, kind, GB_STR("there are no unit files"));
    return GB_OK;
}

const struct gb_source gb_source_unit = {
    .name = "host/unit",
    .title = "services",
    .kinds = kinds,
    .order = 3,
    .collect = collect,
};
