// Kinds: reading their documents; used by loaders of content. Checking values is in kind_check.c.
#include "model/kind.h"

enum { LONGEST_NAME = 64, DEEPEST_TYPE = 8 };

// One kind document while it is read.
struct reading {
    struct gb_kinds *kinds;
    struct gb_arena *arena;
    const char *file;
    struct gb_kind *kind;
    struct gb_map records; // name -> struct gb_record, of this kind
    struct gb_error *err;
};

const struct gb_kind *gb_kinds_find(const struct gb_kinds *kinds, struct gb_str name)
{
    return gb_map_get(&kinds->by_name, name);
}

static int no_memory(const struct reading *r)
{
    return gb_error_at(r->err, GB_E_MEMORY, r->file, 0, 0, "out of memory reading a kind");
}

static bool is_name(struct gb_str s)
{
    if (!s.len || s.len > LONGEST_NAME || s.at[0] < 'a' || s.at[0] > 'z')
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_')
            return false;
    }
    return true;
}

static bool is_one_of(struct gb_str s, const char *const *words)
{
    for (; *words; words++)
        if (gb_str_is(s, *words))
            return true;
    return false;
}

// Words that CEL keeps for itself: they cannot be variables. Of fields only the first four, which
// are keywords.
static const char *const keywords[] = {"true", "false", "null", "in", NULL};
static const char *const reserved[] = {
    "as",     "break",     "const",  "continue",  "else",     "for",    "function", "if",
    "import", "let",       "loop",   "namespace", "package",  "return", "var",      "void",
    "while",  "bool",      "bytes",  "double",    "duration", "dyn",    "int",      "list",
    "map",    "null_type", "string", "timestamp", "type",     "uint",   "now",      NULL,
};

// The name of a field or record.
static int check_name(const struct reading *r, struct gb_str name, uint32_t line, uint32_t column)
{
    if (!is_name(name))
        return gb_error_at(r->err, GB_E_TYPE, r->file, line, column,
                           "\"" GB_PRI "\" is no name: lower-case letters, digits and _, a letter "
                           "first, at most %d",
                           GB_ARG(name), LONGEST_NAME);
    if (is_one_of(name, keywords))
        return gb_error_at(r->err, GB_E_TYPE, r->file, line, column,
                           "\"" GB_PRI "\" is a keyword of expressions", GB_ARG(name));
    return GB_OK;
}

// The name of a kind or its plural, which become variables.
static int check_variable(const struct reading *r, const struct gb_node *node)
{
    int code = check_name(r, node->string, node->line, node->column);
    if (code)
        return code;
    if (is_one_of(node->string, reserved))
        return gb_error_at(r->err, GB_E_TYPE, r->file, node->line, node->column,
                           "\"" GB_PRI "\" means something else in expressions: choose another "
                           "name",
                           GB_ARG(node->string));
    const struct gb_kind *other = gb_map_get(&r->kinds->by_name, node->string);
    if (!other)
        other = gb_map_get(&r->kinds->by_plural, node->string);
    if (other)
        return gb_error_at(r->err, GB_E_CONFLICT, r->file, node->line, node->column,
                           "\"" GB_PRI "\" is taken by the kind " GB_PRI " (" GB_PRI ":%u)",
                           GB_ARG(node->string), GB_ARG(other->name), GB_ARG(other->file),
                           other->line);
    return GB_OK;
}

// Types

struct type_text {
    const struct reading *reading;
    const struct gb_node *node;
    struct gb_str rest;
};

static const struct {
    struct gb_str name;
    const struct gb_type *type;
} simple_types[] = {
    {GB_STR_INIT("any"), &gb_type_dyn},           {GB_STR_INIT("bool"), &gb_type_bool},
    {GB_STR_INIT("int"), &gb_type_int},           {GB_STR_INIT("uint"), &gb_type_uint},
    {GB_STR_INIT("double"), &gb_type_double},     {GB_STR_INIT("string"), &gb_type_string},
    {GB_STR_INIT("bytes"), &gb_type_bytes},       {GB_STR_INIT("timestamp"), &gb_type_timestamp},
    {GB_STR_INIT("duration"), &gb_type_duration},
};
enum { SIMPLE_TYPES = sizeof simple_types / sizeof *simple_types };

static int type_error(const struct type_text *t, const char *expected)
{
    uint32_t line, column;
    gb_node_place(t->node, 1, (uint32_t)(t->rest.at - t->node->string.at) + 1, &line, &column);
    return gb_error_at(t->reading->err, GB_E_TYPE, t->reading->file, line, column,
                       "in the type \"" GB_PRI "\": expected %s", GB_ARG(t->node->string),
                       expected);
}

static struct gb_str take_word(struct type_text *t)
{
    t->rest = gb_str_trim(t->rest);
    size_t len = 0;
    while (len < t->rest.len && !strchr("(), \t", t->rest.at[len]))
        len++;
    struct gb_str word = gb_str_sub(t->rest, 0, len);
    t->rest = gb_str_from(t->rest, len);
    return word;
}

static bool take_char(struct type_text *t, char c)
{
    while (t->rest.len && (t->rest.at[0] == ' ' || t->rest.at[0] == '\t'))
        t->rest = gb_str_from(t->rest, 1);
    if (!t->rest.len || t->rest.at[0] != c)
        return false;
    t->rest = gb_str_from(t->rest, 1);
    return true;
}

static int unknown_type(const struct type_text *t, struct gb_str word)
{
    const struct reading *r = t->reading;
    enum { MOST = 64 };
    struct gb_str names[MOST] = {GB_STR("list"), GB_STR("map")};
    size_t count = 2;
    for (size_t i = 0; i < SIMPLE_TYPES; i++)
        names[count++] = simple_types[i].name;
    for (size_t i = 0; i < r->records.count && count < MOST; i++)
        names[count++] = r->records.entries[i].key;
    struct gb_str near = gb_str_nearest(word, names, count);
    uint32_t line, column;
    gb_node_place(t->node, 1, (uint32_t)(word.at - t->node->string.at) + 1, &line, &column);
    if (near.len)
        return gb_error_at(r->err, GB_E_TYPE, r->file, line, column,
                           "unknown type \"" GB_PRI "\" (did you mean \"" GB_PRI "\"?)",
                           GB_ARG(word), GB_ARG(near));
    return gb_error_at(r->err, GB_E_TYPE, r->file, line, column,
                       "unknown type \"" GB_PRI "\": neither a simple type, list(T) or map(K, T), "
                       "nor a record of this kind",
                       GB_ARG(word));
}

static int parse_type(struct type_text *t, unsigned depth, const struct gb_type **ret);

// list(T) or map(K, T) behind its word.
static int parse_container(struct type_text *t, bool is_map, unsigned depth,
                           const struct gb_type **ret)
{
    struct gb_arena *arena = t->reading->arena;
    const struct gb_type *key = NULL, *element;
    if (!take_char(t, '('))
        return type_error(t, "( and the type of the elements");
    if (is_map) {
        int code = parse_type(t, depth + 1, &key);
        if (code)
            return code;
        if (key->kind != GB_TYPE_STRING && key->kind != GB_TYPE_INT && key->kind != GB_TYPE_UINT &&
            key->kind != GB_TYPE_BOOL)
            return type_error(t, "string, int, uint or bool as the type of keys");
        if (!take_char(t, ','))
            return type_error(t, "a comma and the type of the values");
    }
    int code = parse_type(t, depth + 1, &element);
    if (code)
        return code;
    if (!take_char(t, ')'))
        return type_error(t, ")");
    *ret = is_map ? gb_type_map(arena, key, element) : gb_type_list(arena, element);
    return *ret ? GB_OK : no_memory(t->reading);
}

static int parse_type(struct type_text *t, unsigned depth, const struct gb_type **ret)
{
    if (depth > DEEPEST_TYPE)
        return type_error(t, "fewer levels");
    struct gb_str word = take_word(t);
    if (!word.len)
        return type_error(t, "a type");
    for (size_t i = 0; i < SIMPLE_TYPES; i++) {
        if (gb_str_eq(word, simple_types[i].name)) {
            *ret = simple_types[i].type;
            return GB_OK;
        }
    }
    if (gb_str_is(word, "list") || gb_str_is(word, "map"))
        return parse_container(t, gb_str_is(word, "map"), depth, ret);
    const struct gb_record *record = gb_map_get(&t->reading->records, word);
    if (!record)
        return unknown_type(t, word);
    *ret = gb_type_record(t->reading->arena, record);
    return *ret ? GB_OK : no_memory(t->reading);
}

static int read_type(const struct reading *r, const struct gb_node *field,
                     const struct gb_type **ret)
{
    const struct gb_node *node = NULL;
    int code = gb_node_field(field, "type", true, GB_NODE_STRING, &node, r->file, r->err);
    if (code)
        return code;
    struct type_text t = {.reading = r, .node = node, .rest = node->string};
    code = parse_type(&t, 0, ret);
    if (!code && gb_str_trim(t.rest).len)
        code = type_error(&t, "nothing more");
    return code;
}

// Fields and records

static int read_sensitivity(const struct reading *r, const struct gb_node *node, uint8_t *ret)
{
    static const struct gb_str words[] = {
        [GB_PUBLIC] = GB_STR_INIT("public"),
        [GB_INTERNAL] = GB_STR_INIT("internal"),
        [GB_PERSONAL] = GB_STR_INIT("personal"),
        [GB_SECRET] = GB_STR_INIT("secret"),
    };
    *ret = GB_INTERNAL;
    struct gb_str word = words[GB_INTERNAL];
    int code = gb_node_string(node, "sensitivity", false, &word, r->file, r->err);
    if (code)
        return code;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (gb_str_eq(word, words[i])) {
            *ret = (uint8_t)i;
            return GB_OK;
        }
    }
    const struct gb_node *found = gb_node_get(node, "sensitivity");
    return gb_error_at(r->err, GB_E_TYPE, r->file, found->line, found->column,
                       "\"sensitivity\": expected public, internal, personal or secret, found "
                       "\"" GB_PRI "\"",
                       GB_ARG(word));
}

// A closed set belongs to strings, to lists of them, and to maps of them.
static bool holds_strings(const struct gb_type *type)
{
    return type->kind == GB_TYPE_STRING ||
           ((type->kind == GB_TYPE_LIST || type->kind == GB_TYPE_MAP) &&
            holds_strings(type->element));
}

static int read_values(const struct reading *r, const struct gb_node *node, struct gb_field *field)
{
    const struct gb_node *list = gb_node_get(node, "values");
    if (!list)
        return GB_OK;
    struct gb_str *values = NULL;
    int code = gb_node_strings(node, "values", false, r->arena, &values, &field->value_count,
                               r->file, r->err);
    if (code)
        return code;
    if (!field->value_count)
        return gb_error_at(r->err, GB_E_TYPE, r->file, list->line, list->column,
                           "\"values\" is empty");
    if (!holds_strings(field->type))
        return gb_error_at(r->err, GB_E_TYPE, r->file, list->line, list->column,
                           "\"values\" is for strings, and the type is " GB_PRI,
                           GB_ARG(gb_type_text(r->arena, field->type)));
    field->values = values;
    return GB_OK;
}

static int read_field(const struct reading *r, const struct gb_node_pair *pair,
                      struct gb_field *field)
{
    static const char *const known[] = {"type", "values", "optional", "sensitivity", "doc"};
    const struct gb_node *node = &pair->value;
    int code = check_name(r, pair->key, pair->line, pair->column);
    if (!code)
        code = gb_node_expect_map(node, "a field", r->file, r->err);
    if (!code)
        code = gb_node_known_keys(node, known, sizeof known / sizeof *known, r->file, r->err);
    field->name = pair->key;
    if (!code)
        code = read_type(r, node, &field->type);
    if (!code)
        code = read_values(r, node, field);
    if (!code)
        code = gb_node_bool(node, "optional", false, &field->optional, r->file, r->err);
    if (!code)
        code = read_sensitivity(r, node, &field->sensitivity);
    if (!code)
        code = gb_node_text(node, "doc", true, &field->doc, r->file, r->err);
    return code;
}

static int read_fields(const struct reading *r, const struct gb_node *owner,
                       struct gb_record *record)
{
    const struct gb_node *fields = NULL;
    int code = gb_node_field(owner, "fields", true, GB_NODE_MAP, &fields, r->file, r->err);
    if (code)
        return code;
    if (!fields->map.count)
        return gb_error_at(r->err, GB_E_TYPE, r->file, fields->line, fields->column,
                           "\"fields\" is empty");
    record->by_name = gb_map(r->arena);
    record->fields = gb_alloc_array(r->arena, fields->map.count, sizeof *record->fields);
    if (!record->fields)
        return no_memory(r);
    for (size_t i = 0; i < fields->map.count; i++) {
        struct gb_field *field = &record->fields[record->field_count++];
        code = read_field(r, &fields->map.pairs[i], field);
        if (code)
            return code;
        if (gb_map_set(&record->by_name, field->name, field) < 0)
            return no_memory(r);
    }
    return GB_OK;
}

// All names first, so that records may use each other in any order.
static int name_records(struct reading *r, const struct gb_node *records)
{
    for (size_t i = 0; i < records->map.count; i++) {
        const struct gb_node_pair *pair = &records->map.pairs[i];
        int code = check_name(r, pair->key, pair->line, pair->column);
        if (code)
            return code;
        bool taken = gb_str_is(pair->key, "list") || gb_str_is(pair->key, "map");
        for (size_t k = 0; k < SIMPLE_TYPES; k++)
            taken |= gb_str_eq(pair->key, simple_types[k].name);
        if (taken)
            return gb_error_at(r->err, GB_E_CONFLICT, r->file, pair->line, pair->column,
                               "\"" GB_PRI "\" is a type already", GB_ARG(pair->key));
        struct gb_record *record = gb_alloc(r->arena, sizeof *record);
        if (!record)
            return no_memory(r);
        record->name =
            gb_str_format(r->arena, GB_PRI "." GB_PRI, GB_ARG(r->kind->name), GB_ARG(pair->key));
        if (!record->name.at || gb_map_set(&r->records, pair->key, record) < 0)
            return no_memory(r);
    }
    return GB_OK;
}

static int read_records(struct reading *r, const struct gb_node *document)
{
    const struct gb_node *records = NULL;
    int code = gb_node_field(document, "records", false, GB_NODE_MAP, &records, r->file, r->err);
    if (code || !records)
        return code;
    code = name_records(r, records);
    for (size_t i = 0; !code && i < records->map.count; i++) {
        static const char *const known[] = {"fields"};
        const struct gb_node *node = &records->map.pairs[i].value;
        code = gb_node_expect_map(node, "a record", r->file, r->err);
        if (!code)
            code = gb_node_known_keys(node, known, sizeof known / sizeof *known, r->file, r->err);
        if (!code)
            code = read_fields(r, node, gb_map_get(&r->records, records->map.pairs[i].key));
    }
    return code;
}

static int read_head(struct reading *r, const struct gb_node *document)
{
    struct gb_kind *kind = r->kind;
    const struct gb_node *name = NULL, *plural = NULL;
    int code = gb_node_field(document, "kind", true, GB_NODE_STRING, &name, r->file, r->err);
    if (!code)
        code = check_variable(r, name);
    if (!code)
        code = gb_node_text(document, "title", true, &kind->title, r->file, r->err);
    if (!code)
        code = gb_node_text(document, "provider", true, &kind->provider, r->file, r->err);
    if (!code)
        code = gb_node_text(document, "doc", true, &kind->doc, r->file, r->err);
    if (!code)
        code = gb_node_bool(document, "many", false, &kind->many, r->file, r->err);
    if (!code)
        code =
            gb_node_field(document, "plural", kind->many, GB_NODE_STRING, &plural, r->file, r->err);
    if (!code && plural)
        code = check_variable(r, plural);
    if (code)
        return code;
    kind->name = name->string;
    kind->plural = plural ? plural->string : (struct gb_str){0};
    if (plural && gb_str_eq(kind->plural, kind->name))
        return gb_error_at(r->err, GB_E_CONFLICT, r->file, plural->line, plural->column,
                           "\"plural\" must differ from \"kind\": both are names in expressions");
    return GB_OK;
}

static int keep(struct reading *r)
{
    struct gb_kinds *kinds = r->kinds;
    if (kinds->count == kinds->capacity) {
        size_t capacity = kinds->capacity ? kinds->capacity * 2 : 16;
        struct gb_kind **items =
            gb_grow_array(kinds->arena, kinds->items, kinds->capacity, capacity, sizeof *items);
        if (!items)
            return no_memory(r);
        kinds->items = items;
        kinds->capacity = capacity;
    }
    if (gb_map_set(&kinds->by_name, r->kind->name, r->kind) < 0 ||
        (r->kind->plural.len && gb_map_set(&kinds->by_plural, r->kind->plural, r->kind) < 0))
        return no_memory(r);
    kinds->items[kinds->count++] = r->kind;
    return GB_OK;
}

int gb_kinds_add(struct gb_kinds *kinds, const struct gb_node *document, struct gb_str file,
                 struct gb_error *err)
{
    static const char *const known[] = {"kind",   "title", "provider", "many",
                                        "plural", "doc",   "fields",   "records"};
    struct reading r = {.kinds = kinds,
                        .arena = kinds->arena,
                        .file = gb_str_c(kinds->arena, file),
                        .kind = gb_alloc(kinds->arena, sizeof *r.kind),
                        .records = gb_map(kinds->arena),
                        .err = err};
    struct gb_record *record = gb_alloc(kinds->arena, sizeof *record);
    if (!r.file || !r.kind || !record)
        return no_memory(&r);
    int code = gb_node_expect_map(document, "a kind", r.file, err);
    if (!code)
        code = gb_node_known_keys(document, known, sizeof known / sizeof *known, r.file, err);
    if (!code)
        code = read_head(&r, document);
    if (!code)
        code = read_records(&r, document);
    if (!code)
        code = read_fields(&r, document, record);
    if (code)
        return code;
    record->name = r.kind->name;
    r.kind->record = record;
    r.kind->type = gb_type_record(kinds->arena, record);
    r.kind->file = file;
    r.kind->line = document->line;
    return r.kind->type ? keep(&r) : no_memory(&r);
}
