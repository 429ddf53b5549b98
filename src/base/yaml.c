// Strict YAML over libyaml's events; used by loaders of content, configuration and exemptions.
#include "base/yaml.h"

#include "base/node_builder.h"
#include "base/number.h"
#include "base/utf8.h"

#include <math.h>
#include <yaml.h>

struct reader {
    yaml_parser_t parser;
    struct gb_node_builder builder;
    struct gb_str text;
    const char *file;
    struct gb_arena *arena;
    size_t max_documents;
    struct gb_node *documents;
    size_t count, capacity;
    // The newest line whose offset was asked for; lines are asked for in order.
    size_t line_offset;
    uint32_t line;
};

static uint32_t line_of(yaml_mark_t mark)
{
    return mark.line < UINT32_MAX ? (uint32_t)mark.line + 1 : UINT32_MAX;
}

static uint32_t column_of(yaml_mark_t mark)
{
    return mark.column < UINT32_MAX ? (uint32_t)mark.column + 1 : UINT32_MAX;
}

// The text from a line's start on (lines counted by "\n", as editors do).
static struct gb_str text_at_line(struct reader *r, uint32_t line)
{
    if (line < r->line) {
        r->line = 1;
        r->line_offset = 0;
    }
    while (r->line < line) {
        struct gb_str rest = gb_str_from(r->text, r->line_offset);
        ptrdiff_t end = gb_str_find_char(rest, '\n');
        if (end < 0)
            return (struct gb_str){0};
        r->line_offset += (size_t)end + 1;
        r->line++;
    }
    return gb_str_from(r->text, r->line_offset);
}

static int fail_at(const struct reader *r, yaml_mark_t mark, struct gb_error *err, int code,
                   const char *reason)
{
    return gb_error_at(err, code, r->file, line_of(mark), column_of(mark), "%s", reason);
}

static int fail_at_offset(const struct reader *r, size_t offset, struct gb_error *err,
                          const char *reason)
{
    uint32_t line = 1, column;
    struct gb_str rest = gb_str_sub(r->text, 0, offset);
    for (ptrdiff_t end; (end = gb_str_find_char(rest, '\n')) >= 0; line++)
        rest = gb_str_from(rest, (size_t)end + 1);
    column = (uint32_t)gb_utf8_count(rest) + 1;
    return gb_error_at(err, GB_E_SYNTAX, r->file, line, column, "%s", reason);
}

// What people usually did when libyaml stops at this character.
static const char *hint_for(struct reader *r)
{
    // libyaml's complaint about a second ": " names the colon itself.
    if (gb_str_starts(gb_str_of(r->parser.problem), GB_STR("mapping values")))
        return " (quote a text with \": \" in it)";
    struct gb_str rest = text_at_line(r, line_of(r->parser.problem_mark));
    for (size_t i = 0; i < r->parser.problem_mark.column && rest.len; i++) {
        uint32_t code;
        size_t len = gb_utf8_decode(rest, &code);
        rest = gb_str_from(rest, len ? len : 1);
    }
    if (!rest.len)
        return "";
    switch (rest.at[0]) {
    case '\t':
        return " (indent with spaces, not with tabs)";
    case '@':
    case '`':
        return " (quote a text that starts with it)";
    default:
        return "";
    }
}

static int fail_parser(struct reader *r, struct gb_error *err)
{
    const yaml_parser_t *p = &r->parser;
    const char *problem = p->problem ? p->problem : "malformed";
    if (p->error == YAML_MEMORY_ERROR)
        return gb_error_at(err, GB_E_MEMORY, r->file, 0, 0, "out of memory reading YAML");
    if (p->error == YAML_READER_ERROR)
        return fail_at_offset(r, p->problem_offset, err, problem);
    if (!p->context || p->context_mark.line == p->problem_mark.line)
        return gb_error_at(err, GB_E_SYNTAX, r->file, line_of(p->problem_mark),
                           column_of(p->problem_mark), "%s%s", problem, hint_for(r));
    return gb_error_at(err, GB_E_SYNTAX, r->file, line_of(p->problem_mark),
                       column_of(p->problem_mark), "%s%s, %s that starts on line %u", problem,
                       hint_for(r), p->context, line_of(p->context_mark));
}

// A '%' that starts a line is a directive (or could be taken for one): tags are not accepted, the
// version is known, and libyaml takes quadratic time on many of them.
static int refuse_directives(const struct reader *r, struct gb_error *err)
{
    static const struct gb_str breaks[] = {
        GB_STR_INIT("\n"),           GB_STR_INIT("\r"),           GB_STR_INIT("\xc2\x85"),
        GB_STR_INIT("\xe2\x80\xa8"), GB_STR_INIT("\xe2\x80\xa9"), GB_STR_INIT("\xef\xbb\xbf"),
    };
    size_t at = 0;
    for (;;) {
        ptrdiff_t hit = gb_str_find_char(gb_str_from(r->text, at), '%');
        if (hit < 0)
            return GB_OK;
        at += (size_t)hit;
        bool starts_line = at == 0;
        for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++)
            if (gb_str_ends(gb_str_sub(r->text, 0, at), breaks[i]))
                starts_line = true;
        if (starts_line)
            return fail_at_offset(r, at, err, "directives (% at the start of a line) are refused");
        at++;
    }
}

static bool all_digits(struct gb_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
    return s.len > 0;
}

static bool is_one_of(struct gb_str s, const char *const *words)
{
    for (; *words; words++)
        if (gb_str_is(s, *words))
            return true;
    return false;
}

// The digits of a whole number, in `base`; the sign is apart.
static int resolve_integer(struct gb_str digits, unsigned base, bool negative, struct gb_node *node)
{
    uint64_t value;
    int code = gb_str_to_uint(digits, base, &value);
    if (code)
        return code;
    if (negative && value > (uint64_t)INT64_MAX + 1)
        return GB_E_RANGE;
    if (negative || value <= INT64_MAX) {
        node->kind = GB_NODE_INT;
        node->integer = negative ? (int64_t)(0 - value) : (int64_t)value;
    } else {
        node->kind = GB_NODE_UINT;
        node->uinteger = value;
    }
    return GB_OK;
}

// A plain scalar by the core schema. Negative codes for numbers that cannot be held; GB_E_CONFLICT
// for those that readers of YAML disagree on.
static int resolve_plain(struct gb_str s, struct gb_node *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    static const char *const infinities[] = {".inf", ".Inf", ".INF", NULL};
    static const char *const nans[] = {".nan", ".NaN", ".NAN", NULL};
    node->kind = GB_NODE_STRING;
    node->string = s;
    if (is_one_of(s, nulls)) {
        node->kind = GB_NODE_NULL;
        return GB_OK;
    }
    if (is_one_of(s, trues) || is_one_of(s, falses)) {
        node->kind = GB_NODE_BOOL;
        node->boolean = is_one_of(s, trues);
        return GB_OK;
    }
    if (is_one_of(s, nans)) {
        node->kind = GB_NODE_DOUBLE;
        node->real = NAN;
        return GB_OK;
    }
    bool sign = s.at[0] == '-' || s.at[0] == '+';
    struct gb_str number = gb_str_from(s, sign ? 1 : 0);
    if (is_one_of(number, infinities)) {
        node->kind = GB_NODE_DOUBLE;
        node->real = s.at[0] == '-' ? -INFINITY : INFINITY;
        return GB_OK;
    }
    if (all_digits(number)) {
        if (number.len > 1 && number.at[0] == '0')
            return GB_E_CONFLICT;
        return resolve_integer(number, 10, s.at[0] == '-', node);
    }
    bool hex = gb_str_starts(s, GB_STR("0x")), octal = gb_str_starts(s, GB_STR("0o"));
    if (hex || octal) {
        int code = resolve_integer(gb_str_from(s, 2), hex ? 16 : 8, false, node);
        return code == GB_E_SYNTAX ? GB_OK : code;
    }
    double real;
    int code = gb_number_double(s, &real);
    if (code == GB_OK) {
        node->kind = GB_NODE_DOUBLE;
        node->real = real;
    }
    return code == GB_E_SYNTAX || code == GB_E_LIMIT ? GB_OK : code;
}

static size_t leading_spaces(struct gb_str s)
{
    size_t i = 0;
    while (i < s.len && s.at[i] == ' ')
        i++;
    return i;
}

// The column that all lines of a block scalar start in: what its first line with text has in front
// in the file, less what of that belongs to the text.
static uint16_t block_column(struct reader *r, uint32_t first_line, struct gb_str value)
{
    struct gb_str piece;
    for (uint32_t line = first_line; gb_str_next(&value, '\n', &piece); line++) {
        size_t inside = leading_spaces(piece);
        if (inside == piece.len)
            continue;
        size_t outside = leading_spaces(text_at_line(r, line));
        return outside >= inside && outside - inside < UINT16_MAX - 1
                   ? (uint16_t)(outside - inside + 1)
                   : 1;
    }
    return 1;
}

static void set_text_place(struct reader *r, const yaml_event_t *event, struct gb_node *node)
{
    yaml_scalar_style_t style = event->data.scalar.style;
    if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE) {
        node->text_line = node->line + 1;
        node->text_column = block_column(r, node->text_line, node->string);
    } else if (node->column < UINT16_MAX) {
        bool quoted = style != YAML_PLAIN_SCALAR_STYLE;
        node->text_column = (uint16_t)(node->column + (quoted ? 1 : 0));
    }
}

static int refuse_number(const struct reader *r, const yaml_event_t *event, int code,
                         struct gb_str text, struct gb_error *err)
{
    yaml_mark_t mark = event->start_mark;
    if (code == GB_E_CONFLICT)
        return gb_error_at(err, GB_E_SYNTAX, r->file, line_of(mark), column_of(mark),
                           "a number with leading zeros is octal to some readers and decimal to "
                           "others: write 0o" GB_PRI " for octal, or quote it",
                           GB_ARG(text));
    return fail_at(r, mark, err, GB_E_RANGE, "number out of range (quote it if it is a text)");
}

static int add_key(struct reader *r, const yaml_event_t *event, const struct gb_node *node,
                   struct gb_str text, struct gb_error *err)
{
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (plain && gb_str_is(text, "<<"))
        return fail_at(r, event->start_mark, err, GB_E_SYNTAX, "merge keys (<<) are refused");
    if (node->kind != GB_NODE_STRING)
        return gb_error_at(err, GB_E_SYNTAX, r->file, node->line, node->column,
                           "keys are strings: quote \"" GB_PRI "\", which reads as %s",
                           GB_ARG(text), gb_node_kind_name(node->kind));
    return gb_node_builder_key(&r->builder, text, node->line, node->column, err);
}

static int add_scalar(struct reader *r, const yaml_event_t *event, struct gb_error *err)
{
    struct gb_str raw = {(const char *)event->data.scalar.value, event->data.scalar.length};
    struct gb_str text = gb_str_copy(r->arena, raw);
    if (!text.at)
        return gb_error_at(err, GB_E_MEMORY, r->file, 0, 0, "out of memory reading YAML");
    struct gb_node node = {.kind = GB_NODE_STRING,
                           .line = line_of(event->start_mark),
                           .column = column_of(event->start_mark),
                           .string = text};
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        int code = resolve_plain(text, &node);
        if (code)
            return refuse_number(r, event, code, text, err);
    }
    if (gb_node_builder_wants_key(&r->builder))
        return add_key(r, event, &node, text, err);
    if (node.kind == GB_NODE_STRING)
        set_text_place(r, event, &node);
    return gb_node_builder_value(&r->builder, &node, err);
}

static int add_container(struct reader *r, const yaml_event_t *event, struct gb_error *err)
{
    if (gb_node_builder_wants_key(&r->builder))
        return fail_at(
            r, event->start_mark, err, GB_E_SYNTAX,
            "keys are strings, not lists or maps (quote a text that starts with [ or {)");
    struct gb_node node = {.kind =
                               event->type == YAML_MAPPING_START_EVENT ? GB_NODE_MAP : GB_NODE_LIST,
                           .line = line_of(event->start_mark),
                           .column = column_of(event->start_mark)};
    return gb_node_builder_begin(&r->builder, &node, err);
}

static int end_document(struct reader *r, struct gb_error *err)
{
    if (r->count == r->capacity) {
        size_t capacity = r->capacity ? r->capacity * 2 : 4;
        struct gb_node *documents =
            gb_grow_array(r->arena, r->documents, r->capacity, capacity, sizeof *documents);
        if (!documents)
            return gb_error_at(err, GB_E_MEMORY, r->file, 0, 0, "out of memory reading YAML");
        r->documents = documents;
        r->capacity = capacity;
    }
    gb_node_builder_finish(&r->builder, &r->documents[r->count++]);
    return GB_OK;
}

static int refuse_properties(const struct reader *r, const yaml_event_t *event,
                             struct gb_error *err)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    } else if (event->type == YAML_ALIAS_EVENT) {
        return fail_at(r, event->start_mark, err, GB_E_SYNTAX,
                       "aliases (*name) are refused (quote a text that starts with *)");
    }
    if (anchor)
        return fail_at(r, event->start_mark, err, GB_E_SYNTAX,
                       "anchors (&name) are refused (quote a text that starts with &)");
    if (tag)
        return fail_at(r, event->start_mark, err, GB_E_SYNTAX,
                       "tags (!name) are refused (quote a text that starts with !)");
    return GB_OK;
}

// One event; sets *end behind the last.
static int take_event(struct reader *r, const yaml_event_t *event, bool *end, struct gb_error *err)
{
    int code = refuse_properties(r, event, err);
    if (code)
        return code;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (r->count == r->max_documents)
            return fail_at(r, event->start_mark, err, GB_E_SYNTAX,
                           "a second document (---), where one is expected");
        return GB_OK;
    case YAML_SCALAR_EVENT:
        return add_scalar(r, event, err);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return add_container(r, event, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return gb_node_builder_end(&r->builder, err);
    case YAML_DOCUMENT_END_EVENT:
        return end_document(r, err);
    case YAML_STREAM_END_EVENT:
        *end = true;
        return GB_OK;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_ALIAS_EVENT:
        break;
    }
    return GB_OK;
}

static int read_events(struct reader *r, struct gb_error *err)
{
    yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r->parser, (const unsigned char *)r->text.at, r->text.len);
    bool end = false;
    int code = GB_OK;
    while (!end && !code) {
        yaml_event_t event;
        if (!yaml_parser_parse(&r->parser, &event))
            return fail_parser(r, err);
        code = take_event(r, &event, &end, err);
        yaml_event_delete(&event);
    }
    return code;
}

static int read_documents(struct reader *r, struct gb_yaml_limits limits, struct gb_error *err)
{
    if (r->text.len > limits.max_bytes)
        return gb_error_at(err, GB_E_LIMIT, r->file, 0, 0, "%zu bytes: at most %zu are read",
                           r->text.len, limits.max_bytes);
    size_t valid = gb_utf8_valid_len(r->text);
    if (valid < r->text.len)
        return fail_at_offset(r, valid, err, "not UTF-8");
    int code = refuse_directives(r, err);
    if (code)
        return code;
    if (!yaml_parser_initialize(&r->parser))
        return gb_error_at(err, GB_E_MEMORY, r->file, 0, 0, "out of memory reading YAML");
    r->line = 1;
    r->builder = (struct gb_node_builder){.arena = r->arena,
                                          .file = r->file,
                                          .max_depth = limits.max_depth,
                                          .max_nodes = limits.max_nodes};
    // The nesting cap also bounds libyaml's work: it reads at most 1 KiB ahead of its events.
    code = read_events(r, err);
    gb_node_builder_free(&r->builder);
    yaml_parser_delete(&r->parser);
    return code;
}

int gb_yaml_node(struct gb_str text, const char *file, struct gb_yaml_limits limits,
                 struct gb_arena *arena, struct gb_node *ret, struct gb_error *err)
{
    struct reader reader = {.text = text, .file = file, .arena = arena, .max_documents = 1};
    int code = read_documents(&reader, limits, err);
    if (code)
        return code;
    *ret = reader.count ? reader.documents[0]
                        : (struct gb_node){.kind = GB_NODE_NULL, .line = 1, .column = 1};
    return GB_OK;
}

int gb_yaml_nodes(struct gb_str text, const char *file, struct gb_yaml_limits limits,
                  struct gb_arena *arena, struct gb_node **ret, size_t *ret_count,
                  struct gb_error *err)
{
    struct reader reader = {
        .text = text, .file = file, .arena = arena, .max_documents = limits.max_nodes};
    int code = read_documents(&reader, limits, err);
    if (code)
        return code;
    *ret = reader.documents;
    *ret_count = reader.count;
    return GB_OK;
}
