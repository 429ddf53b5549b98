// gabion query: ask the collected facts (CEL) or the history (read-only SQL).
#include "base/json.h"
#include "base/printable.h"
#include "cli/history.h"
#include "cli/options.h"
#include "expr/cel.h"
#include "model/value_json.h"
#include "model/value_text.h"

enum { LARGEST_TEXT = 64 << 20, MOST_ROWS = 100000, WIDEST_CELL = 60 };

static bool is_sql(struct gb_str text)
{
    struct gb_str rest = gb_str_trim(text), word;
    return gb_str_next_word(&rest, &word) &&
           (gb_str_eq_nocase(word, GB_STR("select")) || gb_str_eq_nocase(word, GB_STR("with")));
}

static void table_json(const struct gb_store_table *table, struct gb_buffer *out)
{
    struct gb_json_writer w = gb_json_writer(out, 2);
    gb_json_list_begin(&w);
    for (size_t row = 0; row < table->rows; row++) {
        gb_json_object_begin(&w);
        for (size_t column = 0; column < table->columns; column++) {
            struct gb_str cell = table->cells[row * table->columns + column];
            gb_json_key_str(&w, table->names[column]);
            if (cell.at)
                gb_json_string(&w, cell);
            else
                gb_json_null(&w);
        }
        gb_json_object_end(&w);
    }
    gb_json_list_end(&w);
    gb_buffer_char(out, '\n');
}

static void table_row(struct gb_buffer *out, const struct gb_str *cells, const size_t *widths,
                      size_t columns, struct gb_arena *scratch)
{
    for (size_t i = 0; i < columns; i++) {
        struct gb_str cell =
            gb_cut_to_columns(scratch, gb_printable(scratch, cells[i]), WIDEST_CELL);
        gb_buffer_add(out, cell);
        if (i + 1 < columns)
            gb_buffer_print(out, "%*s", (int)(widths[i] - gb_columns(cell) + 2), "");
    }
    gb_buffer_char(out, '\n');
}

static void table_terminal(const struct gb_store_table *table, struct gb_buffer *out,
                           struct gb_arena *scratch)
{
    size_t *widths = gb_alloc_array(scratch, table->columns, sizeof *widths);
    for (size_t row = 0; widths && row <= table->rows; row++)
        for (size_t i = 0; i < table->columns; i++) {
            struct gb_str cell =
                row ? table->cells[(row - 1) * table->columns + i] : table->names[i];
            size_t columns = gb_columns(gb_printable(scratch, cell));
            columns = columns > WIDEST_CELL ? WIDEST_CELL : columns;
            widths[i] = columns > widths[i] ? columns : widths[i];
        }
    if (!widths)
        return;
    table_row(out, table->names, widths, table->columns, scratch);
    for (size_t row = 0; row < table->rows; row++)
        table_row(out, table->cells + row * table->columns, widths, table->columns, scratch);
    gb_buffer_print(out, "(%zu rows%s)\n", table->rows, table->cut ? ", cut" : "");
}

static int query_sql(struct gb_assessment *assessment, struct gb_str text, bool json,
                     struct gb_buffer *out, struct gb_error *err)
{
    struct gb_store *store = NULL;
    struct gb_store_table table;
    int code = gb_history_open(assessment->invocation, &store, err);
    if (!code)
        code = gb_store_query(store, text, MOST_ROWS, assessment->scratch, &table, err);
    gb_store_close(&store);
    if (code)
        return code;
    if (json)
        table_json(&table, out);
    else
        table_terminal(&table, out, assessment->scratch);
    return GB_OK;
}

static void add_value(struct gb_buffer *out, const struct gb_value *value, bool json,
                      struct gb_arena *scratch)
{
    if (json) {
        struct gb_json_writer w = gb_json_writer(out, 2);
        gb_value_write_json(&w, value);
        gb_buffer_char(out, '\n');
        return;
    }
    bool list = value->kind == GB_VALUE_LIST;
    for (size_t i = 0; i < (list ? value->list->count : 1); i++) {
        const struct gb_value *item = list ? &value->list->items[i] : value;
        gb_buffer_add(out, gb_value_text(scratch, item, 4000));
        gb_buffer_char(out, '\n');
    }
}

static int query_cel(struct gb_assessment *assessment, struct gb_str text, bool json,
                     struct gb_buffer *out, struct gb_error *err)
{
    // Collected once, however many outputs there are.
    int code = assessment->rules ? GB_OK : gb_assessment_load(assessment, err);
    if (!code && !assessment->collection)
        code = gb_assessment_collect(assessment, err);
    struct gb_value value;
    if (!code)
        code = gb_ruleset_query(assessment->rules, assessment->collection, text,
                                assessment->scan_arena, &value, err);
    if (code)
        return code;
    if (value.kind == GB_VALUE_ERROR)
        return gb_error_set(err, GB_E_TYPE, GB_PRI, GB_ARG(value.string));
    add_value(out, &value, json, assessment->scratch);
    return GB_OK;
}

static int answer(struct gb_assessment *assessment, bool json, struct gb_buffer *out,
                  struct gb_error *err)
{
    struct gb_str text = assessment->invocation->operands[0];
    return is_sql(text) ? query_sql(assessment, text, json, out, err)
                        : query_cel(assessment, text, json, out, err);
}

static int write_terminal(void *context, const struct gb_look *look, struct gb_buffer *out,
                          struct gb_error *err)
{
    (void)look;
    return answer(context, false, out, err);
}

static int write_json(void *context, const struct gb_look *look, struct gb_buffer *out,
                      struct gb_error *err)
{
    (void)look;
    return answer(context, true, out, err);
}

static const struct gb_form forms[] = {
    {"terminal", write_terminal}, {"json", write_json}, {NULL, NULL}};

static int query(struct gb_assessment *assessment, int *exit_code, struct gb_error *err)
{
    (void)exit_code;
    if (assessment->invocation->operand_count != 1)
        return gb_error_set(err, GB_E_USAGE, "query takes one expression or SELECT, quoted");
    return gb_output_write(assessment->invocation, forms, assessment, LARGEST_TEXT, err);
}

static int run(const struct gb_program *program, struct gb_invocation *invocation)
{
    return gb_assessment_run(program, invocation, query);
}

static const struct gb_option options[] = {
    GB_OPTIONS_TARGET,
    GB_OPTIONS_STORE,
    {.name = NULL},
};

static const char *const examples[] = {
    "gabion query 'users.filter(u, u.uid == 0).map(u, u.name)'",
    "gabion query 'SELECT severity, count(*) FROM finding WHERE state = \"fail\" GROUP BY 1'",
    NULL,
};

const struct gb_command gb_command_query = {
    .name = "query",
    .summary = "ask the facts (CEL) or the history (read-only SQL)",
    .operands = "EXPRESSION|SELECT",
    .examples = examples,
    .options = options,
    .run = run,
    .help = "An expression sees each kind by its name (sshd.port) and kinds of which there may be\n"
            "many by their plural (users). gabion inventory lists the kinds. A text that begins\n"
            "with SELECT or WITH is SQL over the history: tables scan, finding, change.\n",
};
