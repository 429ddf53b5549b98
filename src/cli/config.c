// Configuration files: found, checked against the commands' options, merged.
#include "cli/config.h"

#include "base/yaml.h"
#include "cli/arguments.h"
#include "sys/host.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_FILES = 64 };

static struct gb_config_entry *find_entry(const struct gb_config *config, struct gb_str command,
                                          struct gb_str option)
{
    for (size_t i = 0; i < config->count; i++)
        if (gb_str_eq(config->entries[i].command, command) &&
            gb_str_eq(config->entries[i].option, option))
            return &config->entries[i];
    return NULL;
}

size_t gb_config_values(const struct gb_config *config, const char *command, const char *option,
                        struct gb_str **ret)
{
    const char *const sections[] = {command, "all"};
    for (size_t i = 0; config && i < 2; i++) {
        const struct gb_config_entry *entry =
            find_entry(config, gb_str_of(sections[i]), gb_str_of(option));
        if (entry) {
            *ret = entry->values;
            return entry->value_count;
        }
    }
    return 0;
}

static struct gb_str key_of(struct gb_arena *arena, const char *option)
{
    struct gb_str key = gb_str_copy(arena, gb_str_of(option));
    char *text = gb_str_c(arena, key);
    for (char *c = text; c && *c; c++)
        if (*c == '-')
            *c = '_';
    return gb_str_of(text);
}

static const struct gb_option *option_of_key(const struct gb_option *table, struct gb_str key,
                                             struct gb_arena *arena)
{
    for (; table && table->name; table++)
        if (gb_str_eq(key_of(arena, table->name), key))
            return table;
    return NULL;
}

// The tables that a section may configure: the command's own and the global one.
static bool tables_of(struct gb_str section, const struct gb_option *tables[2])
{
    tables[0] = NULL;
    tables[1] = gb_global_options;
    if (gb_str_is(section, "all"))
        return true;
    for (size_t i = 0; i < gb_command_count; i++)
        if (gb_str_is(section, gb_commands[i]->name)) {
            tables[0] = gb_commands[i]->options;
            return true;
        }
    return false;
}

static struct gb_str nearest_key(const struct gb_option *const tables[2], struct gb_str key,
                                 struct gb_arena *arena)
{
    struct gb_str names[128];
    size_t count = 0;
    for (size_t t = 0; t < 2; t++)
        for (const struct gb_option *o = tables[t]; o && o->name && count < 128; o++)
            names[count++] = key_of(arena, o->name);
    struct gb_str near = gb_str_nearest(key, names, count);
    return near.len ? gb_str_format(arena, " (did you mean \"" GB_PRI "\"?)", GB_ARG(near))
                    : GB_STR("");
}

static int scalar_text(const struct gb_node *node, struct gb_arena *arena, const char *file,
                       struct gb_str *ret, struct gb_error *err)
{
    switch ((enum gb_node_kind)node->kind) {
    case GB_NODE_STRING:
        *ret = node->string;
        return GB_OK;
    case GB_NODE_BOOL:
        *ret = node->boolean ? GB_STR("true") : GB_STR("false");
        return GB_OK;
    case GB_NODE_INT:
        *ret = gb_str_format(arena, "%lld", (long long)node->integer);
        return GB_OK;
    case GB_NODE_UINT:
        *ret = gb_str_format(arena, "%llu", (unsigned long long)node->uinteger);
        return GB_OK;
    case GB_NODE_DOUBLE:
        *ret = gb_str_format(arena, "%g", node->real);
        return GB_OK;
    case GB_NODE_NULL:
    case GB_NODE_LIST:
    case GB_NODE_MAP:
        break;
    }
    return gb_error_at(err, GB_E_TYPE, file, node->line, node->column,
                       "expected a text, a number, true or false, got %s",
                       gb_node_kind_name(node->kind));
}

static int set_entry(struct gb_config *config, struct gb_str section, const char *option,
                     const struct gb_node_pair *pair, const char *file, struct gb_error *err)
{
    struct gb_arena *arena = config->arena;
    struct gb_config_entry *entry = find_entry(config, section, gb_str_of(option));
    if (!entry) {
        if (config->count == config->capacity) {
            size_t wider = config->capacity ? config->capacity * 2 : 16;
            struct gb_config_entry *entries =
                gb_grow_array(arena, config->entries, config->capacity, wider, sizeof *entries);
            if (!entries)
                return gb_error_set(err, GB_E_MEMORY, "no memory for the configuration");
            config->entries = entries;
            config->capacity = wider;
        }
        entry = &config->entries[config->count++];
    }
    const struct gb_node *value = &pair->value;
    bool list = value->kind == GB_NODE_LIST;
    size_t count = list ? value->list.count : 1;
    *entry = (struct gb_config_entry){
        .command = section,
        .option = gb_str_of(option),
        .values = gb_alloc_array(arena, count, sizeof(struct gb_str)),
        .file = gb_str_copy(arena, gb_str_of(file)),
        .line = pair->line,
    };
    if (!entry->values)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the configuration");
    for (size_t i = 0; i < count; i++) {
        int code =
            scalar_text(list ? &value->list.items[i] : value, arena, file, &entry->values[i], err);
        if (code)
            return code;
        entry->value_count++;
    }
    return GB_OK;
}

static int take_section(struct gb_config *config, const struct gb_node_pair *section,
                        const char *file, struct gb_error *err)
{
    const struct gb_option *tables[2];
    if (!tables_of(section->key, tables))
        return gb_error_at(err, GB_E_TYPE, file, section->line, section->column,
                           "unknown section \"" GB_PRI "\": expected \"all\" or a command's name",
                           GB_ARG(section->key));
    if (section->value.kind != GB_NODE_MAP)
        return gb_error_at(err, GB_E_TYPE, file, section->value.line, section->value.column,
                           "\"" GB_PRI "\": expected keys and values, got %s", GB_ARG(section->key),
                           gb_node_kind_name(section->value.kind));
    for (size_t i = 0; i < section->value.map.count; i++) {
        const struct gb_node_pair *pair = &section->value.map.pairs[i];
        const struct gb_option *option = option_of_key(tables[0], pair->key, config->arena);
        if (!option)
            option = option_of_key(tables[1], pair->key, config->arena);
        if (!option)
            return gb_error_at(err, GB_E_TYPE, file, pair->line, pair->column,
                               "unknown key \"" GB_PRI "\"" GB_PRI, GB_ARG(pair->key),
                               GB_ARG(nearest_key(tables, pair->key, config->arena)));
        int code = set_entry(config, section->key, option->name, pair, file, err);
        if (code)
            return code;
    }
    return GB_OK;
}

// A file in a place where others can write could switch checks off: it must be ours or root's.
static int check_owner(const struct gb_host *host, const char *path, struct gb_error *err)
{
    struct gb_file_info info;
    int code = gb_host_stat(host, path, true, &info, err);
    if (code)
        return code;
    if ((info.uid != 0 && info.uid != geteuid()) || (info.mode & 0002))
        return gb_error_at(err, GB_E_DENIED, path, 0, 0,
                           "is not read: it must belong to you or root, and not be writable by "
                           "all (owner %u, mode %04o)",
                           info.uid, info.mode);
    return GB_OK;
}

static int read_file(struct gb_config *config, const struct gb_host *host, const char *path,
                     bool must_exist, struct gb_error *err)
{
    if (!must_exist && !gb_host_exists(host, path))
        return GB_OK;
    int code = check_owner(host, path, err);
    struct gb_str text;
    if (!code)
        code = gb_host_read(host, path, GB_CONFIG_MAX_BYTES, config->arena, &text, err);
    struct gb_node node;
    if (!code)
        code = gb_yaml_node(text, path, GB_YAML_LIMITS_DEFAULT, config->arena, &node, err);
    if (code)
        return code;
    if (config->file_count < MOST_FILES)
        config->files[config->file_count++] = gb_str_copy(config->arena, gb_str_of(path));
    if (node.kind == GB_NODE_NULL)
        return GB_OK;
    if (node.kind != GB_NODE_MAP)
        return gb_error_at(err, GB_E_TYPE, path, node.line, node.column,
                           "expected sections with keys and values, got %s",
                           gb_node_kind_name(node.kind));
    for (size_t i = 0; i < node.map.count && !code; i++)
        code = take_section(config, &node.map.pairs[i], path, err);
    return code;
}

static int read_folder(struct gb_config *config, const struct gb_host *host, const char *folder,
                       struct gb_error *err)
{
    struct gb_dir_entry *entries;
    size_t count;
    if (gb_host_list(host, folder, MOST_FILES, config->arena, &entries, &count, NULL))
        return GB_OK;
    int code = GB_OK;
    for (size_t i = 0; i < count && !code; i++) {
        if (!gb_str_ends(entries[i].name, GB_STR(".yaml")))
            continue;
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i].name.at);
        code = read_file(config, host, path, true, err);
    }
    return code;
}

static int read_usual_files(struct gb_config *config, const struct gb_host *host,
                            struct gb_error *err)
{
    int code = read_file(config, host, "/etc/gabion/gabion.yaml", false, err);
    if (!code)
        code = read_folder(config, host, "/etc/gabion/conf.d", err);
    char path[PATH_MAX];
    const char *home = getenv("HOME"), *xdg = getenv("XDG_CONFIG_HOME");
    if (!code && xdg && xdg[0] == '/') {
        snprintf(path, sizeof path, "%s/gabion/config.yaml", xdg);
        code = read_file(config, host, path, false, err);
    } else if (!code && home && home[0] == '/') {
        snprintf(path, sizeof path, "%s/.config/gabion/config.yaml", home);
        code = read_file(config, host, path, false, err);
    }
    char here[PATH_MAX - 16];
    if (!code && getcwd(here, sizeof here)) {
        snprintf(path, sizeof path, "%s/.gabion.yaml", strcmp(here, "/") ? here : "");
        code = read_file(config, host, path, false, err);
    }
    return code;
}

int gb_config_load(const struct gb_host *host, const char *only, struct gb_arena *arena,
                   struct gb_config **ret, struct gb_error *err)
{
    struct gb_config *config = gb_alloc(arena, sizeof *config);
    if (!config)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the configuration");
    config->arena = arena;
    config->files = gb_alloc_array(arena, MOST_FILES, sizeof *config->files);
    if (!config->files)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the configuration");
    char absolute[PATH_MAX];
    int code;
    if (only && !realpath(only, absolute))
        code = gb_error_at(err, GB_E_USAGE, only, 0, 0, "cannot find the configuration file");
    else
        code = only ? read_file(config, host, absolute, true, err)
                    : read_usual_files(config, host, err);
    if (!code)
        *ret = config;
    return code;
}
