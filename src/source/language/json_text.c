// Small steps over JSON; see json_text.h.
#include "source/language/json_text.h"

int gb_language_json(struct gb_language_reading *reading, struct gb_json_reader *ret)
{
    struct gb_str text;
    int code = gb_language_text(reading, &text);
    if (code || !text.len)
        return code;
    code = gb_json_open(ret, text, GB_JSON_LIMITS_DEFAULT, reading->scratch, reading->err);
    return code ? code : 1;
}

int gb_language_json_end(struct gb_language_reading *reading, int code)
{
    if (code == GB_E_MEMORY)
        return gb_error_set(reading->err, code, "no memory for packages of languages");
    return code < 0 ? gb_language_trouble(reading, GB_STR(""), "not valid JSON") : GB_OK;
}

// Goes on behind what began with `event`.
static int step_over(struct gb_json_reader *json, int event)
{
    if (event == GB_JSON_OBJECT_BEGIN || event == GB_JSON_LIST_BEGIN)
        for (uint32_t depth = json->depth; event >= 0 && json->depth >= depth;)
            event = gb_json_next(json, NULL);
    return event < 0 ? event : GB_OK;
}

int gb_language_json_string(struct gb_json_reader *json, struct gb_str *into)
{
    int event = gb_json_next(json, NULL);
    if (event == GB_JSON_STRING)
        *into = json->string;
    return step_over(json, event);
}

static int enter(struct gb_json_reader *json, int begin)
{
    int event = gb_json_next(json, NULL);
    return event == begin ? 1 : step_over(json, event);
}

int gb_language_json_object(struct gb_json_reader *json)
{
    return enter(json, GB_JSON_OBJECT_BEGIN);
}

int gb_language_json_list(struct gb_json_reader *json)
{
    return enter(json, GB_JSON_LIST_BEGIN);
}

int gb_language_json_key(struct gb_json_reader *json)
{
    int event = gb_json_next(json, NULL);
    return event < 0 ? event : event == GB_JSON_KEY;
}
