// Readers of what is shared over the network: see share_config.h.
#include "source/host/share_config.h"

enum { MAX_SHARES = 4096, MAX_COMMUNITIES = 256, MAX_WORD = 4096 };

static struct gb_share *add_share(struct gb_share_config *config)
{
    if (config->count == config->capacity) {
        size_t larger = config->capacity ? config->capacity * 2 : 8;
        void *grown = gb_grow_array(config->arena, config->shares, config->capacity, larger,
                                    sizeof *config->shares);
        if (!grown)
            return NULL;
        config->shares = grown;
        config->capacity = larger;
    }
    struct gb_share *share = &config->shares[config->count++];
    *share = (struct gb_share){.everybody = true};
    return share;
}

// The next line, with lines joined that end in a backslash; comments (from # or ; at its start)
// give an empty one. `*number` is that of its first line.
static bool next_line(struct gb_arena *arena, struct gb_str *rest, uint32_t *count,
                      struct gb_str *line, uint32_t *number)
{
    if (!gb_str_next(rest, '\n', line))
        return false;
    *number = ++*count;
    *line = gb_str_trim(*line);
    if (line->len && (line->at[0] == '#' || line->at[0] == ';'))
        *line = (struct gb_str){0};
    struct gb_str more;
    while (line->len && line->len < MAX_WORD && line->at[line->len - 1] == '\\' &&
           gb_str_next(rest, '\n', &more)) {
        ++*count;
        *line = gb_str_format(arena, GB_PRI " " GB_PRI, GB_ARG(gb_str_sub(*line, 0, line->len - 1)),
                              GB_ARG(gb_str_trim(more)));
    }
    return true;
}

// --- NFS ---

struct export_options {
    bool writable, root_squash, kerberos;
};

static void read_export_options(struct gb_str text, struct export_options *options)
{
    struct gb_str option;
    while (gb_str_next(&text, ',', &option)) {
        option = gb_str_trim(option);
        if (gb_str_is(option, "rw"))
            options->writable = true;
        else if (gb_str_is(option, "ro"))
            options->writable = false;
        else if (gb_str_is(option, "no_root_squash"))
            options->root_squash = false;
        else if (gb_str_is(option, "root_squash") || gb_str_is(option, "all_squash"))
            options->root_squash = true;
        else if (gb_str_starts(option, GB_STR("sec=")))
            options->kerberos = gb_str_starts(option, GB_STR("sec=krb5")) &&
                                !gb_str_contains(option, GB_STR("sys"));
    }
}

static int add_export(struct gb_share_config *config, struct gb_str path, struct gb_str client,
                      const struct export_options *options, uint32_t line)
{
    if (config->count >= MAX_SHARES)
        return GB_OK;
    struct gb_share *share = add_share(config);
    if (!share)
        return GB_E_MEMORY;
    bool everybody = !client.len || gb_str_is(client, "*") || gb_str_is(client, "0.0.0.0/0") ||
                     gb_str_is(client, "::/0");
    share->program = "nfs";
    share->path = path;
    share->clients = client;
    share->everybody = everybody;
    share->writable = options->writable;
    share->authenticated = options->kerberos;
    share->root_squash = options->root_squash;
    share->has_root_squash = true;
    share->line = line;
    share->name = gb_str_format(config->arena, GB_PRI " " GB_PRI, GB_ARG(path),
                                GB_ARG(everybody ? GB_STR("*") : client));
    return share->name.at ? GB_OK : GB_E_MEMORY;
}

// The path in front: in quotes where it has blanks.
static struct gb_str take_path(struct gb_str *line)
{
    struct gb_str path = {0};
    if (line->len && line->at[0] == '"') {
        ptrdiff_t end = gb_str_find_char(gb_str_from(*line, 1), '"');
        path = gb_str_sub(*line, 1, end < 0 ? line->len : (size_t)end);
        *line = gb_str_from(*line, end < 0 ? line->len : (size_t)end + 2);
    } else if (!gb_str_next_word(line, &path)) {
        return (struct gb_str){0};
    }
    return path;
}

int gb_share_read_exports(struct gb_share_config *config, struct gb_str text)
{
    struct gb_str line, word;
    uint32_t count = 0, number;
    while (next_line(config->arena, &text, &count, &line, &number)) {
        struct gb_str path = take_path(&line);
        struct export_options defaults = {.root_squash = true};
        bool any = false;
        if (!path.len || path.at[0] != '/')
            continue;
        while (gb_str_next_word(&line, &word)) {
            struct export_options options = defaults;
            if (word.at[0] == '#')
                break;
            if (word.at[0] == '-') {
                read_export_options(gb_str_from(word, 1), &defaults);
                continue;
            }
            ptrdiff_t open = gb_str_find_char(word, '(');
            struct gb_str client = open < 0 ? word : gb_str_sub(word, 0, (size_t)open);
            if (open >= 0) {
                struct gb_str inner = gb_str_from(word, (size_t)open + 1);
                ptrdiff_t close = gb_str_find_char(inner, ')');
                read_export_options(gb_str_sub(inner, 0, close < 0 ? inner.len : (size_t)close),
                                    &options);
            }
            any = true;
            if (add_export(config, path, client, &options, number) < 0)
                return GB_E_MEMORY;
        }
        if (!any && add_export(config, path, (struct gb_str){0}, &defaults, number) < 0)
            return GB_E_MEMORY;
    }
    return GB_OK;
}

// --- Samba, rsync: sections with "name = value", names without regard to case and blanks ---

static bool same_name(struct gb_str a, const char *name)
{
    size_t at = 0;
    for (size_t i = 0; i < a.len; i++) {
        char c = a.at[i];
        if (c == ' ' || c == '\t' || c == '_')
            continue;
        c = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        if (!name[at] || c != name[at])
            return false;
        at++;
    }
    return name[at] == '\0';
}

static bool is_true(struct gb_str value)
{
    return gb_str_eq_nocase(value, GB_STR("yes")) || gb_str_eq_nocase(value, GB_STR("true")) ||
           gb_str_is(value, "1") || gb_str_eq_nocase(value, GB_STR("on"));
}

// What a section says; the global one gives the defaults of all.
struct section {
    struct gb_str name, path, allow, users;
    bool guest, writable, printable;
    uint32_t line;
};

static void set_in_section(struct section *section, struct gb_str key, struct gb_str value)
{
    if (same_name(key, "path") || same_name(key, "directory"))
        section->path = value;
    else if (same_name(key, "guestok") || same_name(key, "public") || same_name(key, "guestonly"))
        section->guest = is_true(value);
    else if (same_name(key, "readonly"))
        section->writable = !is_true(value);
    else if (same_name(key, "writeable") || same_name(key, "writable") || same_name(key, "writeok"))
        section->writable = is_true(value);
    else if (same_name(key, "printable") || same_name(key, "printok"))
        section->printable = is_true(value);
    else if (same_name(key, "hostsallow") || same_name(key, "allowhosts"))
        section->allow = value;
    else if (same_name(key, "authusers"))
        section->users = value;
}

static bool split_setting(struct gb_str line, struct gb_str *key, struct gb_str *value)
{
    ptrdiff_t equals = gb_str_find_char(line, '=');
    if (equals <= 0)
        return false;
    *key = gb_str_trim(gb_str_sub(line, 0, (size_t)equals));
    *value = gb_str_trim(gb_str_from(line, (size_t)equals + 1));
    return true;
}

static bool section_name(struct gb_str line, struct gb_str *name)
{
    if (line.len < 3 || line.at[0] != '[' || line.at[line.len - 1] != ']')
        return false;
    *name = gb_str_trim(gb_str_sub(line, 1, line.len - 2));
    return true;
}

static int finish_section(struct gb_share_config *config, const struct section *section,
                          const char *program)
{
    bool samba = strcmp(program, "samba") == 0;
    if (!section->line || section->printable || config->count >= MAX_SHARES)
        return GB_OK;
    struct gb_share *share = add_share(config);
    if (!share)
        return GB_E_MEMORY;
    share->program = program;
    share->name = section->name;
    share->path = section->path;
    share->clients = section->allow;
    share->everybody = !section->allow.len;
    share->writable = section->writable;
    share->authenticated = samba ? !section->guest : section->users.len != 0;
    share->line = section->line;
    return GB_OK;
}

static void set_smb(struct gb_smb_settings *smb, struct gb_str key, struct gb_str value,
                    uint32_t line)
{
    if (same_name(key, "serverminprotocol") || same_name(key, "minprotocol")) {
        smb->minimum_protocol = value;
        smb->minimum_protocol_line = line;
    } else if (same_name(key, "serversigning")) {
        smb->signing = value;
        smb->signing_line = line;
    }
}

static int read_sections(struct gb_share_config *config, struct gb_str text, const char *program)
{
    bool samba = strcmp(program, "samba") == 0;
    struct section defaults = {.writable = false}, section = defaults;
    struct gb_str line, name, key, value;
    uint32_t count = 0, number;
    bool global = !samba; // rsync's settings in front of the first module are for all
    while (next_line(config->arena, &text, &count, &line, &number)) {
        if (section_name(line, &name)) {
            if (finish_section(config, &section, program) < 0)
                return GB_E_MEMORY;
            global = gb_str_eq_nocase(name, GB_STR("global"));
            section = defaults;
            section.name = name;
            section.line = global ? 0 : number;
            continue;
        }
        if (!split_setting(line, &key, &value))
            continue;
        if (same_name(key, "include") && config->smb.include_count < 16)
            config->smb.includes[config->smb.include_count++] = value;
        if (samba && global)
            set_smb(&config->smb, key, value, number);
        set_in_section(global ? &defaults : &section, key, value);
    }
    return finish_section(config, &section, program);
}

int gb_share_read_samba(struct gb_share_config *config, struct gb_str text)
{
    return read_sections(config, text, "samba");
}

int gb_share_read_rsync(struct gb_share_config *config, struct gb_str text)
{
    return read_sections(config, text, "rsync");
}

// --- SNMP ---

static bool is_well_known(struct gb_str community)
{
    static const char *const names[] = {"public", "private", "community", "default", "snmp",
                                        "admin",  "manager", "secret",    "cisco",   "test"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (gb_str_eq_nocase(community, gb_str_of(names[i])))
            return true;
    }
    return false;
}

static int add_community(struct gb_share_config *config, struct gb_community community)
{
    if (config->community_count >= MAX_COMMUNITIES)
        return GB_OK;
    if (config->community_count == config->community_capacity) {
        size_t larger = config->community_capacity ? config->community_capacity * 2 : 8;
        void *grown = gb_grow_array(config->arena, config->communities, config->community_capacity,
                                    larger, sizeof *config->communities);
        if (!grown)
            return GB_E_MEMORY;
        config->communities = grown;
        config->community_capacity = larger;
    }
    config->communities[config->community_count++] = community;
    return GB_OK;
}

int gb_share_read_snmp(struct gb_share_config *config, struct gb_str text)
{
    struct gb_str line, word, keyword;
    uint32_t count = 0, number;
    while (next_line(config->arena, &text, &count, &line, &number)) {
        struct gb_str words[4] = {{0}};
        size_t n = 0;
        while (n < 4 && gb_str_next_word(&line, &word) && word.at[0] != '#' && word.at[0] != '-')
            words[n++] = word;
        keyword = words[0];
        bool reads = gb_str_is(keyword, "rocommunity") || gb_str_is(keyword, "rocommunity6");
        bool writes = gb_str_is(keyword, "rwcommunity") || gb_str_is(keyword, "rwcommunity6");
        // com2sec NAME SOURCE COMMUNITY: what it may do stands elsewhere; reading at least.
        bool mapped = gb_str_is(keyword, "com2sec") || gb_str_is(keyword, "com2sec6");
        if ((!reads && !writes && !mapped) || n < 2 || (mapped && n < 4))
            continue;
        struct gb_str source = words[2];
        if (gb_str_is(source, "default") || gb_str_is(source, "0.0.0.0/0"))
            source = (struct gb_str){0};
        struct gb_community community = {.writes = writes,
                                         .well_known = is_well_known(mapped ? words[3] : words[1]),
                                         .source = source,
                                         .keyword = keyword,
                                         .line = number};
        if (add_community(config, community) < 0)
            return GB_E_MEMORY;
    }
    return GB_OK;
}
