// gabion rules kinds: what rules can speak about: kinds, their fields, types and sense.
#include "base/json.h"
#include "cli/assessment.h"
#include "cli/report_terminal.h"

enum { LARGEST_TEXT = 16 << 20 };

static bool is_wanted(const struct gb_invocation *invocation, const struct gb_kind *kind)
{
    bool wanted = invocation->operand_count == 0;
    for (size_t i = 0; i < invocation->operand_count; i++)
        wanted |= gb_str_glob(invocation->operands[i], kind->name, false) ||
                  gb_str_glob(invocation->operands[i], kind->plural, false);
    return wanted;
}

static void write_record(struct gb_json_writer *w, const struct gb_record *record,
                         struct gb_arena *scratch)
{
    static const char *const sensitivities[] = {"public", "internal", "personal", "secret"};
    gb_json_key(w, "fields");
    gb_json_list_begin(w);
    for (size_t i = 0; i < record->field_count; i++) {
        const struct gb_field *field = &record->fields[i];
        gb_json_object_begin(w);
        gb_json_field_str(w, "name", field->name);
        gb_json_field_str(w, "type", gb_type_text(scratch, field->type));
        gb_json_field_bool(w, "optional", field->optional);
        gb_json_field_text(w, "sensitivity", sensitivities[field->sensitivity]);
        if (field->value_count) {
            gb_json_key(w, "values");
            gb_json_list_begin(w);
            for (size_t v = 0; v < field->value_count; v++)
                gb_json_string(w, field->values[v]);
            gb_json_list_end(w);
        }
        gb_json_field_str(w, "doc", gb_str_trim(field->doc));
        gb_json_object_end(w);
    }
    gb_json_list_end(w);
}

static int write_json(void *context, const struct gb_look *look, struct gb_buffer *out,
                      struct gb_error *err)
{
    (void)look;
    (void)err;
    const struct gb_assessment *assessment = context;
    struct gb_json_writer w = gb_json_writer(out, 2);
    gb_json_list_begin(&w);
    for (size_t i = 0; i < assessment->kinds.count; i++) {
        const struct gb_kind *kind = assessment->kinds.items[i];
        if (!is_wanted(assessment->invocation, kind))
            continue;
        gb_json_object_begin(&w);
        gb_json_field_str(&w, "kind", kind->name);
        gb_json_field_str(&w, "title", kind->title);
        if (kind->many)
            gb_json_field_str(&w, "plural", kind->plural);
        gb_json_field_str(&w, "doc", gb_str_trim(kind->doc));
        write_record(&w, kind->record, assessment->scratch);
        gb_json_object_end(&w);
    }
    gb_json_list_end(&w);
    gb_buffer_char(out, '\n');
    return GB_OK;
}

// A field, and below it those of the record that it holds.
static void add_fields(struct gb_buffer *out, const struct gb_record *record, unsigned depth,
                       const struct gb_look *look, struct gb_arena *scratch)
{
    enum { DEEPEST = 4 };
    for (size_t i = 0; i < record->field_count; i++) {
        const struct gb_field *field = &record->fields[i];
        struct gb_str type = gb_type_text(scratch, field->type);
        gb_buffer_print(out, "%*s", (int)(2 + depth * 2), "");
        gb_look_add(out, look, GB_TINT_BOLD, field->name);
        gb_buffer_print(out, "  " GB_PRI "%s\n%*s", GB_ARG(type),
                        field->optional ? ", may be absent" : "", (int)(6 + depth * 2), "");
        struct gb_str values = {0};
        for (size_t v = 0; v < field->value_count; v++)
            values = gb_str_format(scratch, GB_PRI "%s" GB_PRI, GB_ARG(values),
                                   v ? ", " : " One of: ", GB_ARG(field->values[v]));
        struct gb_str doc = gb_str_trim(field->doc);
        gb_wrap(out, gb_str_format(scratch, GB_PRI GB_PRI, GB_ARG(doc), GB_ARG(values)),
                6 + depth * 2, 6 + depth * 2, look->width);
        gb_buffer_char(out, '\n');
        const struct gb_type *inner = field->type;
        while (inner && (inner->kind == GB_TYPE_LIST || inner->kind == GB_TYPE_MAP))
            inner = inner->element;
        if (inner && inner->kind == GB_TYPE_RECORD && depth < DEEPEST)
            add_fields(out, inner->record, depth + 2, look, scratch);
    }
}

static int write_terminal(void *context, const struct gb_look *look, struct gb_buffer *out,
                          struct gb_error *err)
{
    const struct gb_assessment *assessment = context;
    const struct gb_invocation *invocation = assessment->invocation;
    size_t shown = 0;
    for (size_t i = 0; i < assessment->kinds.count; i++) {
        const struct gb_kind *kind = assessment->kinds.items[i];
        if (!is_wanted(invocation, kind))
            continue;
        shown++;
        struct gb_str names = kind->many ? gb_str_format(assessment->scratch, GB_PRI ", " GB_PRI,
                                                         GB_ARG(kind->name), GB_ARG(kind->plural))
                                         : kind->name;
        gb_look_add(out, look, GB_TINT_BOLD, names);
        gb_buffer_print(out, "  " GB_PRI "\n", GB_ARG(kind->title));
        if (!invocation->operand_count)
            continue;
        gb_buffer_text(out, "  ");
        gb_wrap(out, gb_str_trim(kind->doc), 2, 2, look->width);
        gb_buffer_text(out, "\n\n");
        add_fields(out, kind->record, 0, look, assessment->scratch);
    }
    if (!shown)
        return gb_error_set(err, GB_E_USAGE, "there is no kind \"" GB_PRI "\"",
                            GB_ARG(invocation->operands[0]));
    return GB_OK;
}

static const struct gb_form forms[] = {
    {"terminal", write_terminal}, {"json", write_json}, {NULL, NULL}};

static int show(struct gb_assessment *assessment, int *exit_code, struct gb_error *err)
{
    (void)exit_code;
    int code = gb_assessment_load(assessment, err);
    return code ? code
                : gb_output_write(assessment->invocation, forms, assessment, LARGEST_TEXT, err);
}

static int run(const struct gb_program *program, struct gb_invocation *invocation)
{
    return gb_assessment_run(program, invocation, show);
}

static const char *const examples[] = {
    "gabion rules kinds",
    "gabion rules kinds sshd",
    NULL,
};

const struct gb_command gb_command_rules_kinds = {
    .name = "rules kinds",
    .summary = "what rules can speak about: kinds, fields, types, sense",
    .operands = "[KIND...]",
    .examples = examples,
    .run = run,
};
