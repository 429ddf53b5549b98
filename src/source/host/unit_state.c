// What of the units is enabled, by the links on disk, and what is started at boot. The first
// follows what `systemctl is-enabled` documents (systemctl(1)) and is held against it by a test.
#include "source/host/unit_files.h"

// What [Install] says, as far as states depend on it.
struct install {
    bool rules; // there is a WantedBy, RequiredBy, UpheldBy or Alias
    bool also;
    struct gb_str default_instance;
};

static struct install install_of(const struct gb_unit *unit)
{
    static const char *const rules[] = {"WantedBy", "RequiredBy", "UpheldBy", "Alias"};
    struct install install = {0};
    for (size_t i = 0; i < unit->settings.count; i++) {
        const struct gb_ini_entry *entry = &unit->settings.entries[i];
        if (!gb_str_is(entry->section, "Install") || !entry->value.len)
            continue;
        for (size_t k = 0; k < 4; k++)
            install.rules = install.rules || gb_str_is(entry->key, rules[k]);
        install.also = install.also || gb_str_is(entry->key, "Also");
        if (gb_str_is(entry->key, "DefaultInstance"))
            install.default_instance = entry->value;
    }
    return install;
}

static bool is_instance(const struct gb_unit *unit, struct gb_str name)
{
    if (!unit->is_template || name.len <= unit->name.len)
        return false;
    size_t sign = (size_t)gb_str_find_char(unit->name, '@');
    return gb_str_starts(name, gb_str_sub(unit->name, 0, sign + 1)) &&
           gb_str_ends(name, gb_str_from(unit->name, sign + 1));
}

// Is `name` one that `systemctl enable` would make a link of: the unit's own, an Alias= of it, or
// its default instance?
static bool is_own_name(const struct gb_unit *unit, const struct install *install,
                        struct gb_str name)
{
    if (gb_str_eq(name, unit->name))
        return true;
    size_t at = 0;
    const struct gb_ini_entry *alias;
    while ((alias = gb_ini_next(&unit->settings, "Install", "Alias", &at))) {
        struct gb_str words = alias->value, word;
        while (gb_str_next_word(&words, &word)) {
            if (gb_str_eq(word, name))
                return true;
        }
    }
    if (!install->default_instance.len || !is_instance(unit, name))
        return false;
    size_t prefix = (size_t)gb_str_find_char(unit->name, '@') + 1;
    return gb_str_eq(gb_str_sub(name, prefix, name.len - unit->name.len),
                     install->default_instance);
}

static struct gb_str base_name(struct gb_str path)
{
    return gb_str_from(path, (size_t)(gb_str_rfind_char(path, '/') + 1));
}

// Does one entry of directory `dir` enable the unit? `below` is set for directories of lower
// precedence than the unit's own, where its name does not count. `*same_name` is set for a link
// that only brings in a file from elsewhere.
static bool entry_enables(const struct gb_unit *unit, const struct install *install,
                          const struct gb_unit_entry *entry, bool own_names_only, bool below,
                          bool *same_name)
{
    if (!entry->target.len)
        return false;
    if (entry->holder.len) {
        // In a .wants directory names count, not targets; any instance speaks for its template.
        bool ours = gb_str_eq(entry->name, unit->name) || is_instance(unit, entry->name);
        return ours && (!own_names_only || is_own_name(unit, install, entry->name));
    }
    bool by_name = !below && gb_str_eq(entry->name, unit->name);
    bool by_target = gb_str_eq(base_name(entry->target), unit->name);
    if (by_name && by_target) {
        *same_name = true;
        return false;
    }
    if (!by_name && !by_target)
        return false;
    return !own_names_only || is_own_name(unit, install, entry->name);
}

static bool directory_enables(const struct gb_units *units, const struct gb_unit *unit,
                              const struct install *install, uint32_t dir, bool own_names_only,
                              bool *same_name)
{
    bool below = !unit->linked && dir > unit->dir;
    for (size_t i = 0; i < units->want_count; i++) {
        if (units->wants[i].dir == dir &&
            entry_enables(unit, install, &units->wants[i], own_names_only, below, same_name))
            return true;
    }
    for (size_t i = 0; i < units->entry_count; i++) {
        if (units->entries[i].dir == dir &&
            entry_enables(unit, install, &units->entries[i], own_names_only, below, same_name))
            return true;
    }
    return false;
}

// NULL when no link speaks for the unit.
static const char *state_by_links(const struct gb_units *units, const struct gb_unit *unit,
                                  const struct install *install, bool own_names_only)
{
    bool in_runtime = false, elsewhere = false, linked = false, linked_in_runtime = false;
    for (uint32_t dir = 0; dir < units->dir_count; dir++) {
        bool same_name = false, runtime = units->dirs[dir].runtime;
        bool persistent = units->dirs[dir].persistent;
        if (directory_enables(units, unit, install, dir, own_names_only, &same_name)) {
            if (persistent)
                return "enabled";
            in_runtime = in_runtime || runtime;
            elsewhere = elsewhere || !runtime;
        } else if (same_name) {
            linked = linked || persistent;
            linked_in_runtime = linked_in_runtime || runtime;
        }
    }
    if (in_runtime)
        return "enabled-runtime";
    // An instance that a package links in is meant to run; a plain name there is only an alias.
    if (elsewhere && unit->of)
        return "static";
    if (linked)
        return "linked";
    return linked_in_runtime ? "linked-runtime" : NULL;
}

// Names of the init scripts that one of the run levels for normal operation starts.
static struct gb_map started_scripts(struct gb_units *units)
{
    static const char *const levels[] = {"/etc/rc2.d", "/etc/rc3.d", "/etc/rc4.d", "/etc/rc5.d",
                                         "/etc/rcS.d"};
    struct gb_map started = gb_map(units->arena);
    bool any = false;
    for (size_t i = 0; i < units->count && !any; i++)
        any = units->items[i]->sysv;
    for (size_t i = 0; any && i < sizeof levels / sizeof *levels; i++) {
        struct gb_dir_entry *entries;
        size_t count;
        if (gb_host_list(units->collector->host, levels[i], 4096, units->arena, &entries, &count,
                         NULL) < 0)
            continue;
        for (size_t k = 0; k < count; k++) {
            struct gb_str name = entries[k].name; // S01name
            if (name.len > 3 && name.at[0] == 'S' &&
                gb_map_set(&started, gb_str_from(name, 3), &entries[k]) < 0)
                return started;
        }
    }
    return started;
}

void gb_units_states(struct gb_units *units)
{
    struct gb_map scripts = started_scripts(units);
    for (size_t i = 0; i < units->count; i++) {
        struct gb_unit *unit = units->items[i];
        const struct gb_unit_dir *dir = &units->dirs[unit->dir];
        struct install install = install_of(unit);
        if (unit->sysv) {
            unit->state = gb_map_get(&scripts, base_name(unit->fragment)) ? "enabled" : "disabled";
        } else if (unit->masked) {
            unit->state = dir->runtime ? "masked-runtime" : "masked";
        } else if (dir->generated) {
            unit->state = "generated";
        } else if (dir->transient) {
            unit->state = "transient";
        } else {
            const char *state = state_by_links(units, unit, &install, true);
            if (!state && state_by_links(units, unit, &install, false))
                state = "indirect";
            if (!state)
                state = install.rules ? "disabled" : install.also ? "indirect" : "static";
            unit->state = state;
        }
    }
}

// Units that were reached and whose own dependencies are still to be followed.
struct queue {
    struct gb_unit **items;
    size_t count;
};

static void reach(struct queue *queue, struct gb_unit *unit, const char *started_by)
{
    if (!unit || unit->masked || unit->reached)
        return;
    unit->reached = true;
    unit->started_by = started_by;
    queue->items[queue->count++] = unit;
}

static void reach_words(const struct gb_units *units, struct queue *queue, struct gb_str words,
                        const char *started_by)
{
    struct gb_str word;
    while (gb_str_next_word(&words, &word))
        reach(queue, gb_units_find(units, word), started_by);
}

static bool has_name(const struct gb_unit *unit, struct gb_str name)
{
    bool found = gb_str_eq(unit->name, name);
    for (size_t i = 0; i < unit->alias_count && !found; i++)
        found = gb_str_eq(unit->aliases[i], name);
    return found;
}

static const struct {
    enum gb_unit_type type;
    const char *section, *key, *word;
} triggers[] = {{GB_UNIT_SOCKET, "Socket", "Service", "socket"},
                {GB_UNIT_TIMER, "Timer", "Unit", "timer"},
                {GB_UNIT_PATH, "Path", "Unit", "path"}};
enum { TRIGGERS = sizeof triggers / sizeof *triggers };

struct gb_str gb_unit_triggers(const struct gb_unit *unit, struct gb_arena *arena)
{
    for (size_t i = 0; i < TRIGGERS; i++) {
        if (unit->type != triggers[i].type || unit->masked)
            continue;
        const struct gb_ini_entry *entry =
            gb_ini_get(&unit->settings, triggers[i].section, triggers[i].key);
        if (entry && entry->value.len)
            return entry->value;
        // Accept=yes makes an instance of name@.service for each connection.
        const struct gb_ini_entry *accept = gb_ini_get(&unit->settings, "Socket", "Accept");
        bool instances = false;
        if (accept && !gb_ini_bool(accept->value, &instances))
            instances = false;
        ptrdiff_t dot = gb_str_rfind_char(unit->name, '.');
        return gb_str_format(arena, GB_PRI "%s.service",
                             GB_ARG(gb_str_sub(unit->name, 0, (size_t)dot)), instances ? "@" : "");
    }
    return (struct gb_str){0};
}

static void reach_triggered(const struct gb_units *units, struct queue *queue, struct gb_unit *unit)
{
    struct gb_str name = gb_unit_triggers(unit, units->arena);
    for (size_t i = 0; name.len && i < TRIGGERS; i++) {
        if (unit->type == triggers[i].type)
            reach(queue, gb_units_find(units, name), triggers[i].word);
    }
}

static void follow(const struct gb_units *units, struct queue *queue, struct gb_unit *unit)
{
    static const char *const keys[] = {"Wants", "Requires", "Requisite", "BindsTo", "Upholds"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        size_t at = 0;
        const struct gb_ini_entry *entry;
        while ((entry = gb_ini_next(&unit->settings, "Unit", keys[k], &at)))
            reach_words(units, queue, entry->value, unit->started_by);
    }
    for (size_t i = 0; i < units->want_count; i++) {
        if (has_name(unit, units->wants[i].holder))
            reach(queue, gb_units_find(units, units->wants[i].name), unit->started_by);
    }
    reach_triggered(units, queue, unit);
}

bool gb_units_boot(struct gb_units *units)
{
    struct queue queue = {
        .items = gb_alloc_array(units->arena, units->count + 1, sizeof(struct gb_unit *))};
    struct gb_unit *start = gb_units_find(units, GB_STR("default.target"));
    if (!start || !queue.items)
        return false;
    reach(&queue, start, "boot");
    // Every unit requires these unless it says otherwise.
    reach(&queue, gb_units_find(units, GB_STR("sysinit.target")), "boot");
    for (size_t i = 0; i < queue.count; i++)
        follow(units, &queue, queue.items[i]);
    // systemd takes up init scripts that are enabled for the run levels it stands in for.
    for (size_t i = 0; i < units->count; i++) {
        struct gb_unit *unit = units->items[i];
        if (unit->sysv && strcmp(unit->state, "enabled") == 0)
            reach(&queue, unit, "boot");
    }
    return true;
}
