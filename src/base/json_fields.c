// Objects and lists of known shape from the JSON pull reader (json_fields.h).
#include "base/json_fields.h"

static const char *event_name(int event)
{
    static const char *const names[] = {
        [GB_JSON_END] = "the end of the text", [GB_JSON_NULL] = "null",
        [GB_JSON_BOOL] = "true or false",      [GB_JSON_INT] = "a number",
        [GB_JSON_UINT] = "a number",           [GB_JSON_DOUBLE] = "a number",
        [GB_JSON_STRING] = "a string",         [GB_JSON_KEY] = "a key",
        [GB_JSON_OBJECT_BEGIN] = "an object",  [GB_JSON_OBJECT_END] = "the end of an object",
        [GB_JSON_LIST_BEGIN] = "a list",       [GB_JSON_LIST_END] = "the end of a list",
    };
    return names[event];
}

int gb_json_wrong_type(const struct gb_json_reader *r, int event, const char *expected,
                       struct gb_error *err)
{
    uint32_t line, column;
    gb_json_place(r, r->start, &line, &column);
    return gb_error_at(err, GB_E_TYPE, NULL, line, column, "expected %s, found %s", expected,
                       event_name(event));
}

int gb_json_skip_rest(struct gb_json_reader *r, int event, struct gb_error *err)
{
    if (event != GB_JSON_OBJECT_BEGIN && event != GB_JSON_LIST_BEGIN)
        return event < 0 ? event : GB_OK;
    uint32_t outside = r->depth - 1;
    r->skipping = true;
    while (event >= 0 && r->depth > outside)
        event = gb_json_next(r, err);
    r->skipping = false;
    return event < 0 ? event : GB_OK;
}

int gb_json_take_string(struct gb_json_reader *r, int event, struct gb_str *ret,
                        struct gb_error *err)
{
    if (event == GB_JSON_STRING)
        *ret = r->string;
    else if (event == GB_JSON_NULL)
        *ret = (struct gb_str){0};
    else
        return event < 0 ? event : gb_json_wrong_type(r, event, "a string", err);
    return GB_OK;
}

int gb_json_take_bool(struct gb_json_reader *r, int event, bool *ret, struct gb_error *err)
{
    if (event != GB_JSON_BOOL && event != GB_JSON_NULL)
        return event < 0 ? event : gb_json_wrong_type(r, event, "true or false", err);
    *ret = event == GB_JSON_BOOL && r->boolean;
    return GB_OK;
}

int gb_json_items(struct gb_json_reader *r, int event, gb_json_read *read, void *into,
                  struct gb_error *err)
{
    if (event == GB_JSON_NULL)
        return GB_OK;
    if (event != GB_JSON_LIST_BEGIN)
        return event < 0 ? event : gb_json_wrong_type(r, event, "a list", err);
    while ((event = gb_json_next(r, err)) != GB_JSON_LIST_END) {
        int code = event < 0 ? event : read(r, event, into, err);
        if (code < 0)
            return code;
    }
    return GB_OK;
}

static int twice(const struct gb_json_reader *r, struct gb_error *err)
{
    uint32_t line, column;
    gb_json_place(r, r->start, &line, &column);
    return gb_error_at(err, GB_E_SYNTAX, NULL, line, column, "the key \"" GB_PRI "\" comes twice",
                       GB_ARG(gb_str_sub(r->string, 0, 64)));
}

static int take_field(struct gb_json_reader *r, const struct gb_json_field *field, void *into,
                      struct gb_error *err)
{
    int event = gb_json_next(r, err);
    if (event < 0)
        return event;
    if (field->read)
        return field->read(r, event, into, err);
    // The table's offset is that of a gb_str, which is aligned.
    void *text = (char *)into + field->text;
    return gb_json_take_string(r, event, text, err);
}

int gb_json_fields(struct gb_json_reader *r, int event, const struct gb_json_field *fields,
                   size_t count, void *into, struct gb_error *err)
{
    if (event == GB_JSON_NULL)
        return GB_OK;
    if (event != GB_JSON_OBJECT_BEGIN)
        return event < 0 ? event : gb_json_wrong_type(r, event, "an object", err);
    uint64_t seen = 0;
    while ((event = gb_json_next(r, err)) == GB_JSON_KEY) {
        size_t i = 0;
        while (i < count && !gb_str_eq(fields[i].name, r->string))
            i++;
        int code = GB_OK;
        if (i == count)
            code = gb_json_skip(r, err);
        else if (seen & UINT64_C(1) << i)
            code = twice(r, err);
        else
            code = take_field(r, &fields[i], into, err);
        if (code < 0)
            return code;
        if (i < count)
            seen |= UINT64_C(1) << i;
    }
    return event < 0 ? event : GB_OK;
}
