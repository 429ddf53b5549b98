// Parses passwd, group, shadow and gshadow: see account_file.h.
#include "source/host/account_file.h"

static const char passwd_path[] = "/etc/passwd", group_path[] = "/etc/group",
                  shadow_path[] = "/etc/shadow", gshadow_path[] = "/etc/gshadow";

enum { PASSWD_FIELDS = 7, SHADOW_FIELDS = 9, GROUP_FIELDS = 4, MOST_FIELDS = 10 };

// Room for one more element; the (possibly moved) array, or NULL.
static void *widen(struct gb_arena *arena, void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    size_t wider = *capacity ? *capacity * 2 : 32;
    void *grown = gb_grow_array(arena, array, *capacity, wider, size);
    if (grown)
        *capacity = wider;
    return grown;
}

// One line of a file on its way to an entry.
struct line {
    const char *file;
    uint32_t number;
    struct gb_str text;
    struct gb_str fields[MOST_FIELDS];
    size_t field_count; // at most MOST_FIELDS; the last one then holds the rest
};

static int add_defect(struct gb_accounts *accounts, const struct line *line, bool legacy,
                      const char *reason)
{
    struct gb_account_defect *defects =
        widen(accounts->arena, accounts->defects, accounts->defect_count,
              &accounts->defect_capacity, sizeof *defects);
    if (!defects || !reason)
        return GB_E_MEMORY;
    accounts->defects = defects;
    defects[accounts->defect_count++] = (struct gb_account_defect){
        .file = line->file,
        .line = line->number,
        .legacy = legacy,
        .name = line->fields[0],
        .reason = reason,
    };
    return GB_OK;
}

static void split(struct line *line)
{
    struct gb_str rest = line->text;
    line->field_count = 0;
    for (;;) {
        ptrdiff_t colon = gb_str_find_char(rest, ':');
        if (colon < 0 || line->field_count == MOST_FIELDS - 1) {
            line->fields[line->field_count++] = rest;
            break;
        }
        line->fields[line->field_count++] = gb_str_sub(rest, 0, (size_t)colon);
        rest = gb_str_from(rest, (size_t)colon + 1);
    }
    for (size_t i = line->field_count; i < MOST_FIELDS; i++)
        line->fields[i] = (struct gb_str){0};
}

static bool has_control_character(struct gb_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (((unsigned char)s.at[i] < 0x20 && s.at[i] != '\t') || s.at[i] == 0x7f)
            return true;
    return false;
}

// The next line with an entry: comments and blank lines are none, "+" and "-" entries are noted as
// defects here. False at the end of the text; *code tells of exhausted memory.
static bool next_entry(struct gb_accounts *accounts, struct gb_str *rest, struct line *line,
                       int *code)
{
    struct gb_str text;
    while (!*code && gb_str_next(rest, '\n', &text)) {
        line->number++;
        ptrdiff_t nul = gb_str_find_char(text, '\0');
        line->text = nul < 0 ? text : gb_str_sub(text, 0, (size_t)nul);
        while (line->text.len && (line->text.at[0] == ' ' || line->text.at[0] == '\t'))
            line->text = gb_str_from(line->text, 1);
        if (line->text.len == 0 || line->text.at[0] == '#')
            continue;
        split(line);
        if (line->text.at[0] == '+' || line->text.at[0] == '-') {
            *code = add_defect(accounts, line, true, "is an entry of the NIS compatibility mode");
            continue;
        }
        if (nul >= 0 || has_control_character(line->text))
            *code = add_defect(accounts, line, false, "holds control characters");
        else if (line->fields[0].len == 0)
            *code = add_defect(accounts, line, false, "has an empty name");
        return !*code;
    }
    return false;
}

// As the C library reads an id: blanks and a sign in front are taken ("-0" is root), and what does
// not fit 32 bits is refused. `odd` tells that it was not plain digits.
static bool parse_id(struct gb_str field, uint32_t *ret, bool *odd)
{
    struct gb_str digits = gb_str_trim(field);
    bool negative = digits.len && digits.at[0] == '-';
    if (digits.len && (digits.at[0] == '-' || digits.at[0] == '+'))
        digits = gb_str_from(digits, 1);
    uint64_t value;
    if (gb_str_to_uint(digits, 10, &value) || value > UINT32_MAX || (negative && value))
        return false;
    *odd = digits.len != field.len;
    *ret = (uint32_t)value;
    return true;
}

static int check_field_count(struct gb_accounts *accounts, const struct line *line, size_t expected)
{
    if (line->field_count == expected)
        return GB_OK;
    struct gb_str reason = gb_str_format(accounts->arena, "has %s%zu fields instead of %zu",
                                         line->field_count == MOST_FIELDS ? "at least " : "",
                                         line->field_count, expected);
    return add_defect(accounts, line, false, reason.at);
}

static const char unreadable_id[] = "has no usable number where the id should be, and is ignored";
static const char odd_id[] = "has an id that is not written as a plain number";

int gb_accounts_parse_passwd(struct gb_accounts *accounts, struct gb_str text)
{
    struct line line = {.file = passwd_path};
    int code = GB_OK;
    while (next_entry(accounts, &text, &line, &code)) {
        bool odd_uid = false, odd_gid = false;
        struct gb_passwd_entry entry = {
            .name = line.fields[0],
            .password = line.fields[1],
            .home = line.fields[5],
            .shell = line.fields[6],
            .line = line.number,
        };
        if (!parse_id(line.fields[2], &entry.uid, &odd_uid) ||
            !parse_id(line.fields[3], &entry.gid, &odd_gid)) {
            code = add_defect(accounts, &line, false, unreadable_id);
            continue;
        }
        code = check_field_count(accounts, &line, PASSWD_FIELDS);
        if (!code && (odd_uid || odd_gid))
            code = add_defect(accounts, &line, false, odd_id);
        struct gb_passwd_entry *users =
            widen(accounts->arena, accounts->users, accounts->user_count, &accounts->user_capacity,
                  sizeof *users);
        if (!users || code)
            return GB_E_MEMORY;
        accounts->users = users;
        users[accounts->user_count++] = entry;
    }
    return code;
}

// "alice, bob,,carol": names between commas, blanks in front cut off, empty ones left out.
static int parse_members(struct gb_arena *arena, struct gb_str list, struct gb_group_entry *entry)
{
    size_t count = 1;
    for (size_t i = 0; i < list.len; i++)
        count += list.at[i] == ',';
    if (list.len == 0)
        return GB_OK;
    entry->members = gb_alloc_array(arena, count, sizeof *entry->members);
    if (!entry->members)
        return GB_E_MEMORY;
    struct gb_str name;
    while (gb_str_next(&list, ',', &name)) {
        name = gb_str_trim(name);
        if (name.len)
            entry->members[entry->member_count++] = name;
    }
    return GB_OK;
}

int gb_accounts_parse_group(struct gb_accounts *accounts, struct gb_str text)
{
    struct line line = {.file = group_path};
    int code = GB_OK;
    while (next_entry(accounts, &text, &line, &code)) {
        bool odd = false;
        struct gb_group_entry entry = {
            .name = line.fields[0], .password = line.fields[1], .line = line.number};
        if (!parse_id(line.fields[2], &entry.gid, &odd)) {
            code = add_defect(accounts, &line, false, unreadable_id);
            continue;
        }
        code = check_field_count(accounts, &line, GROUP_FIELDS);
        if (!code && odd)
            code = add_defect(accounts, &line, false, odd_id);
        if (!code)
            code = parse_members(accounts->arena, line.fields[3], &entry);
        struct gb_group_entry *groups =
            widen(accounts->arena, accounts->groups, accounts->group_count,
                  &accounts->group_capacity, sizeof *groups);
        if (!groups || code)
            return GB_E_MEMORY;
        accounts->groups = groups;
        groups[accounts->group_count++] = entry;
    }
    return code;
}

// Days of shadow(5): -1 when empty; false when it is no number.
static bool parse_days(struct gb_str field, int64_t *ret)
{
    *ret = -1;
    return field.len == 0 || gb_str_to_int(field, ret) == GB_OK;
}

int gb_accounts_parse_shadow(struct gb_accounts *accounts, struct gb_str text)
{
    struct line line = {.file = shadow_path};
    int code = GB_OK;
    while (next_entry(accounts, &text, &line, &code)) {
        struct gb_shadow_entry entry = {
            .name = line.fields[0], .password = line.fields[1], .line = line.number};
        bool numbers = parse_days(line.fields[2], &entry.changed);
        numbers &= parse_days(line.fields[3], &entry.minimum);
        numbers &= parse_days(line.fields[4], &entry.maximum);
        numbers &= parse_days(line.fields[5], &entry.warn);
        numbers &= parse_days(line.fields[6], &entry.inactive);
        numbers &= parse_days(line.fields[7], &entry.expires);
        code = check_field_count(accounts, &line, SHADOW_FIELDS);
        if (!code && !numbers)
            code = add_defect(accounts, &line, false, "has text where a number of days should be");
        struct gb_shadow_entry *shadow =
            widen(accounts->arena, accounts->shadow, accounts->shadow_count,
                  &accounts->shadow_capacity, sizeof *shadow);
        if (!shadow || code)
            return GB_E_MEMORY;
        accounts->shadow = shadow;
        shadow[accounts->shadow_count++] = entry;
    }
    return code;
}

int gb_accounts_parse_gshadow(struct gb_accounts *accounts, struct gb_str text)
{
    struct line line = {.file = gshadow_path};
    int code = GB_OK;
    while (next_entry(accounts, &text, &line, &code)) {
        code = check_field_count(accounts, &line, GROUP_FIELDS);
        struct gb_gshadow_entry *gshadow =
            widen(accounts->arena, accounts->gshadow, accounts->gshadow_count,
                  &accounts->gshadow_capacity, sizeof *gshadow);
        if (!gshadow || code)
            return GB_E_MEMORY;
        accounts->gshadow = gshadow;
        gshadow[accounts->gshadow_count++] = (struct gb_gshadow_entry){
            .name = line.fields[0], .password = line.fields[1], .line = line.number};
    }
    return code;
}

static struct gb_str id_key(const uint32_t *id)
{
    return (struct gb_str){(const char *)id, sizeof *id};
}

// The first entry with a key stays: later ones are duplicates that a look-up never reaches.
static int index_first(struct gb_map *map, struct gb_str key, void *entry)
{
    return gb_map_get(map, key) ? GB_OK : gb_map_set(map, key, entry);
}

int gb_accounts_index(struct gb_accounts *accounts)
{
    accounts->user_by_name = gb_map(accounts->arena);
    accounts->user_by_uid = gb_map(accounts->arena);
    accounts->group_by_name = gb_map(accounts->arena);
    accounts->group_by_gid = gb_map(accounts->arena);
    accounts->shadow_by_name = gb_map(accounts->arena);
    int code = GB_OK;
    for (size_t i = 0; i < accounts->user_count && !code; i++) {
        struct gb_passwd_entry *entry = &accounts->users[i];
        code = index_first(&accounts->user_by_name, entry->name, entry);
        if (!code)
            code = index_first(&accounts->user_by_uid, id_key(&entry->uid), entry);
    }
    for (size_t i = 0; i < accounts->group_count && !code; i++) {
        struct gb_group_entry *entry = &accounts->groups[i];
        code = index_first(&accounts->group_by_name, entry->name, entry);
        if (!code)
            code = index_first(&accounts->group_by_gid, id_key(&entry->gid), entry);
    }
    for (size_t i = 0; i < accounts->shadow_count && !code; i++)
        code =
            index_first(&accounts->shadow_by_name, accounts->shadow[i].name, &accounts->shadow[i]);
    return code;
}

static void read_file(struct gb_accounts *accounts, const struct gb_host *host, const char *path,
                      struct gb_account_text *file)
{
    file->code =
        gb_host_read(host, path, GB_ACCOUNTS_MAX_BYTES, accounts->arena, &file->text, NULL);
}

int gb_accounts_load(const struct gb_host *host, struct gb_arena *arena, bool secrets,
                     struct gb_accounts *ret)
{
    *ret = gb_accounts(arena);
    read_file(ret, host, passwd_path, &ret->passwd_file);
    read_file(ret, host, group_path, &ret->group_file);
    int code = gb_accounts_parse_passwd(ret, ret->passwd_file.text);
    if (!code)
        code = gb_accounts_parse_group(ret, ret->group_file.text);
    if (secrets && !code) {
        read_file(ret, host, shadow_path, &ret->shadow_file);
        read_file(ret, host, gshadow_path, &ret->gshadow_file);
        code = gb_accounts_parse_shadow(ret, ret->shadow_file.text);
        if (!code)
            code = gb_accounts_parse_gshadow(ret, ret->gshadow_file.text);
    }
    return code ? code : gb_accounts_index(ret);
}

static void wipe(struct gb_str text)
{
    if (text.len)
        explicit_bzero((void *)(uintptr_t)text.at, text.len); // this module read it: not const
}

void gb_accounts_wipe(struct gb_accounts *accounts)
{
    wipe(accounts->shadow_file.text);
    wipe(accounts->gshadow_file.text);
    accounts->shadow_count = accounts->gshadow_count = 0;
    accounts->shadow_by_name = gb_map(accounts->arena);
}

const struct gb_passwd_entry *gb_accounts_user(const struct gb_accounts *accounts,
                                               struct gb_str name)
{
    return gb_map_get(&accounts->user_by_name, name);
}

const struct gb_passwd_entry *gb_accounts_uid(const struct gb_accounts *accounts, uint32_t uid)
{
    return gb_map_get(&accounts->user_by_uid, id_key(&uid));
}

const struct gb_group_entry *gb_accounts_group(const struct gb_accounts *accounts,
                                               struct gb_str name)
{
    return gb_map_get(&accounts->group_by_name, name);
}

const struct gb_group_entry *gb_accounts_gid(const struct gb_accounts *accounts, uint32_t gid)
{
    return gb_map_get(&accounts->group_by_gid, id_key(&gid));
}

const struct gb_shadow_entry *gb_accounts_shadow(const struct gb_accounts *accounts,
                                                 struct gb_str name)
{
    return gb_map_get(&accounts->shadow_by_name, name);
}

bool gb_accounts_group_has_others(const struct gb_accounts *accounts, uint32_t gid,
                                  uint32_t trusted_uid)
{
    if (accounts->user_count == 0 || accounts->group_count == 0)
        return true;
    for (size_t i = 0; i < accounts->user_count; i++) {
        const struct gb_passwd_entry *user = &accounts->users[i];
        if (user->gid == gid && user->uid != 0 && user->uid != trusted_uid)
            return true;
    }
    const struct gb_group_entry *group = gb_accounts_gid(accounts, gid);
    for (size_t i = 0; group && i < group->member_count; i++) {
        const struct gb_passwd_entry *user = gb_accounts_user(accounts, group->members[i]);
        if (user && user->uid != 0 && user->uid != trusted_uid)
            return true;
    }
    return false;
}

struct gb_str gb_accounts_owner(const struct gb_accounts *accounts, uint32_t uid,
                                struct gb_arena *arena)
{
    const struct gb_passwd_entry *user = gb_accounts_uid(accounts, uid);
    return user ? gb_str_copy(arena, user->name) : gb_str_format(arena, "%u", uid);
}

struct gb_str gb_accounts_owner_group(const struct gb_accounts *accounts, uint32_t gid,
                                      struct gb_arena *arena)
{
    const struct gb_group_entry *group = gb_accounts_gid(accounts, gid);
    return group ? gb_str_copy(arena, group->name) : gb_str_format(arena, "%u", gid);
}
