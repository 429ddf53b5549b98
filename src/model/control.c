// Controls: reading their documents; used by loaders of content.
#include "model/control.h"

struct reading {
    const char *file;
    struct gb_arena *arena;
    struct gb_control *control;
    struct gb_error *err;
};

static int fail_at(const struct reading *r, const struct gb_node *node, const char *reason)
{
    return gb_error_at(r->err, GB_E_TYPE, r->file, node->line, node->column, "%s", reason);
}

static int no_memory(const struct reading *r)
{
    return gb_error_at(r->err, GB_E_MEMORY, r->file, 0, 0, "out of memory reading a control");
}

// An expression keeps its spaces: its places are counted from the text's start.
static int read_expression(const struct reading *r, const struct gb_node *map, const char *key,
                           bool mandatory, struct gb_str *text, uint32_t *line,
                           const struct gb_node **ret)
{
    int code = gb_node_text(map, key, mandatory, text, r->file, r->err);
    const struct gb_node *node = gb_node_get(map, key);
    if (code || !node)
        return code;
    *text = node->string;
    *line = node->text_line ? node->text_line : node->line;
    *ret = node;
    return GB_OK;
}

// GBN-SSH-001: capital letters and digits in at least two parts.
static bool is_id(struct gb_str s)
{
    enum { LONGEST = 64 };
    size_t parts = 0;
    if (s.len > LONGEST || gb_str_ends(s, GB_STR("-")))
        return false;
    for (struct gb_str part; gb_str_next(&s, '-', &part); parts++) {
        if (!part.len)
            return false;
        for (size_t i = 0; i < part.len; i++)
            if (!(part.at[i] >= 'A' && part.at[i] <= 'Z') &&
                !(part.at[i] >= '0' && part.at[i] <= '9'))
                return false;
    }
    return parts >= 2;
}

// "ssh", "nist_800_53", "attack.t1110": what may stand in a list without quotes.
static bool is_label(struct gb_str s)
{
    enum { LONGEST = 64 };
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter && (i == 0 || !strchr("_.-", c)))
            return false;
    }
    return s.len > 0 && s.len <= LONGEST;
}

static int read_id(const struct reading *r, const struct gb_node *document)
{
    int code = gb_node_text(document, "id", true, &r->control->id, r->file, r->err);
    if (code)
        return code;
    if (!is_id(r->control->id))
        return fail_at(r, gb_node_get(document, "id"),
                       "\"id\": expected capital letters and digits in parts, as in GBN-SSH-001");
    return GB_OK;
}

static int wrong_word(const struct reading *r, const struct gb_node *map, const char *key,
                      struct gb_str word, const char *words)
{
    const struct gb_node *node = gb_node_get(map, key);
    return gb_error_at(r->err, GB_E_TYPE, r->file, node->line, node->column,
                       "\"%s\": expected %s, found \"" GB_PRI "\"", key, words, GB_ARG(word));
}

static int read_words(const struct reading *r, const struct gb_node *document)
{
    struct gb_str severity, effort;
    int code = gb_node_text(document, "severity", true, &severity, r->file, r->err);
    if (!code)
        code = gb_node_text(document, "effort", true, &effort, r->file, r->err);
    if (code)
        return code;
    if (gb_severity_parse(severity, &r->control->severity) < 0)
        return wrong_word(r, document, "severity", severity, "critical, high, medium or low");
    if (gb_effort_parse(effort, &r->control->effort) < 0)
        return wrong_word(r, document, "effort", effort, "one_line, small, hours or project");
    return GB_OK;
}

static int read_expressions(const struct reading *r, const struct gb_node *document)
{
    struct gb_control *c = r->control;
    int code = read_expression(r, document, "when", false, &c->when, &c->when_line, &c->when_node);
    if (!code)
        code = gb_node_text(document, "when_not", c->when.len > 0, &c->when_not, r->file, r->err);
    if (code)
        return code;
    if (c->when_not.len && !c->when.len)
        return fail_at(r, gb_node_get(document, "when_not"),
                       "\"when_not\" is the reason of \"when\", which is missing");
    code =
        read_expression(r, document, "expect", true, &c->expect, &c->expect_line, &c->expect_node);
    if (!code)
        code = read_expression(r, document, "exposure", false, &c->exposure, &c->exposure_line,
                               &c->exposure_node);
    return code;
}

static int read_texts(const struct reading *r, const struct gb_node *document)
{
    struct gb_control *c = r->control;
    const struct {
        const char *key;
        bool mandatory;
        struct gb_str *text;
    } texts[] = {
        {"title", true, &c->title},
        {"finding", true, &c->finding},
        {"kind", true, &c->kind},
        {"why", true, &c->why},
        {"fix", true, &c->fix},
        {"risk", false, &c->fix_risk},
        {"expected", false, &c->expected},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int code = gb_node_text(document, texts[i].key, texts[i].mandatory, texts[i].text, r->file,
                                r->err);
        if (code)
            return code;
    }
    return GB_OK;
}

static int read_tags(const struct reading *r, const struct gb_node *document)
{
    struct gb_control *c = r->control;
    int code = gb_node_strings(document, "tags", false, r->arena, &c->tags, &c->tag_count, r->file,
                               r->err);
    for (size_t i = 0; !code && i < c->tag_count; i++)
        if (!is_label(c->tags[i]))
            code = wrong_word(r, document, "tags", c->tags[i],
                              "lower-case letters, digits, _ . and -");
    return code;
}

static int read_maps(const struct reading *r, const struct gb_node *document)
{
    const struct gb_node *maps = NULL;
    int code = gb_node_field(document, "maps", false, GB_NODE_MAP, &maps, r->file, r->err);
    if (code || !maps)
        return code;
    r->control->maps = gb_alloc_array(r->arena, maps->map.count, sizeof *r->control->maps);
    if (!r->control->maps)
        return no_memory(r);
    for (size_t i = 0; i < maps->map.count; i++) {
        const struct gb_node_pair *pair = &maps->map.pairs[i];
        struct gb_mapping *mapping = &r->control->maps[r->control->map_count++];
        char framework[80];
        mapping->framework = pair->key;
        if (!is_label(pair->key))
            return gb_error_at(r->err, GB_E_TYPE, r->file, pair->line, pair->column,
                               "\"" GB_PRI "\" is no framework name: lower-case letters, digits, "
                               "_ . and -",
                               GB_ARG(pair->key));
        memcpy(framework, pair->key.at, pair->key.len);
        framework[pair->key.len] = 0;
        code = gb_node_strings(maps, framework, true, r->arena, &mapping->ids, &mapping->id_count,
                               r->file, r->err);
        if (code)
            return code;
        for (size_t k = 0; k < mapping->id_count; k++)
            if (!mapping->ids[k].len)
                return fail_at(r, &pair->value, "an empty reference");
    }
    return GB_OK;
}

static int read_example(const struct reading *r, const struct gb_node *node,
                        struct gb_example *example)
{
    static const char *const known[] = {"name", "verdict", "given", "offenders"};
    struct gb_str verdict;
    int code = gb_node_expect_map(node, "an example", r->file, r->err);
    if (!code)
        code = gb_node_known_keys(node, known, sizeof known / sizeof *known, r->file, r->err);
    if (!code)
        code = gb_node_text(node, "name", true, &example->name, r->file, r->err);
    if (!code)
        code = gb_node_text(node, "verdict", true, &verdict, r->file, r->err);
    if (code)
        return code;
    if (gb_verdict_parse(verdict, &example->verdict) < 0 || example->verdict == GB_EXEMPT)
        return wrong_word(r, node, "verdict", verdict,
                          "pass, fail, not_applicable, unknown or error");
    code = gb_node_field(node, "given", true, GB_NODE_MAP, &example->given, r->file, r->err);
    if (!code)
        code = gb_node_field(node, "offenders", false, GB_NODE_LIST, &example->offenders, r->file,
                             r->err);
    example->line = node->line;
    return code;
}

static int read_examples(const struct reading *r, const struct gb_node *document)
{
    struct gb_control *c = r->control;
    const struct gb_node *list = NULL;
    int code = gb_node_field(document, "examples", true, GB_NODE_LIST, &list, r->file, r->err);
    if (code)
        return code;
    c->examples = gb_alloc_array(r->arena, list->list.count, sizeof *c->examples);
    if (!c->examples)
        return no_memory(r);
    bool pass = false, fail = false;
    for (size_t i = 0; i < list->list.count; i++) {
        struct gb_example *example = &c->examples[c->example_count++];
        code = read_example(r, &list->list.items[i], example);
        if (code)
            return code;
        pass |= example->verdict == GB_PASS;
        fail |= example->verdict == GB_FAIL;
    }
    if (!pass || !fail)
        return fail_at(r, list, "\"examples\": at least one that passes and one that fails");
    return GB_OK;
}

int gb_control_read(const struct gb_node *document, struct gb_str file, struct gb_arena *arena,
                    struct gb_control **ret, struct gb_error *err)
{
    static const char *const known[] = {
        "id",       "title",  "finding",  "kind", "severity", "when",
        "when_not", "expect", "expected", "why",  "fix",      "effort",
        "exposure", "risk",   "maps",     "tags", "default",  "examples",
    };
    struct reading r = {.file = gb_str_c(arena, file),
                        .arena = arena,
                        .control = gb_alloc(arena, sizeof *r.control),
                        .err = err};
    if (!r.file || !r.control)
        return no_memory(&r);
    r.control->file = file;
    r.control->line = document->line;
    r.control->by_default = true;
    int code = gb_node_expect_map(document, "a control", r.file, err);
    if (!code)
        code = gb_node_known_keys(document, known, sizeof known / sizeof *known, r.file, err);
    if (!code)
        code = read_id(&r, document);
    if (!code)
        code = read_texts(&r, document);
    if (!code)
        code = read_words(&r, document);
    if (!code)
        code = read_expressions(&r, document);
    if (!code)
        code = read_maps(&r, document);
    if (!code)
        code = read_tags(&r, document);
    if (!code)
        code = gb_node_bool(document, "default", false, &r.control->by_default, r.file, err);
    if (!code)
        code = read_examples(&r, document);
    if (code)
        return code;
    *ret = r.control;
    return GB_OK;
}
