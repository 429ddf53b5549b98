// CVE records (CVE 5) as CISA enriches them: the SSVC decision points and the CVSS vector of its
// container "CISA ADP Vulnrichment", else the vector of the one who assigned the CVE.
#include "base/json_fields.h"
#include "source/feed/draft.h"
#include "source/feed/ssvc.h"

#include <stddef.h>

#define FIELDS(table) (table), sizeof(table) / sizeof *(table)

static bool recognise(const struct gb_feed_head *head)
{
    return head->json == '{' && gb_feed_head_has(head, "dataType") &&
           (gb_feed_head_has(head, "cveMetadata") || gb_feed_head_has(head, "containers")) &&
           gb_str_contains(head->bytes, GB_STR("CVE_RECORD"));
}

struct points {
    struct gb_str exploitation, automatable, impact;
    bool seen;
};

// One container (of the assigner, or one of adp[]).
struct container {
    struct gb_feed_draft vectors; // the best vector
    struct points points;
    struct gb_str title;
};

struct record {
    struct gb_str id, state;
    struct container assigner, cisa;
};

static int read_option(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("Exploitation"), NULL, offsetof(struct points, exploitation)},
        {GB_STR_INIT("Automatable"), NULL, offsetof(struct points, automatable)},
        {GB_STR_INIT("Technical Impact"), NULL, offsetof(struct points, impact)},
    };
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

static int read_options(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct points *points = into;
    points->seen = true;
    return gb_json_items(r, event, read_option, into, err);
}

static int read_content(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {{GB_STR_INIT("options"), read_options, 0}};
    // Other metrics (KEV) keep what they like there.
    if (event != GB_JSON_OBJECT_BEGIN)
        return gb_json_skip_rest(r, event, err);
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

static int read_other(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {{GB_STR_INIT("content"), read_content, 0}};
    struct container *container = into;
    return gb_json_fields(r, event, FIELDS(fields), &container->points, err);
}

struct vector {
    struct gb_str text;
};

static int read_vector(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("vectorString"), NULL, offsetof(struct vector, text)},
    };
    struct container *container = into;
    struct vector vector = {0};
    int code = gb_json_fields(r, event, FIELDS(fields), &vector, err);
    if (code == GB_OK)
        gb_feed_draft_cvss(&container->vectors, vector.text);
    return code;
}

static int read_metric(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("other"), read_other, 0},     {GB_STR_INIT("cvssV4_0"), read_vector, 0},
        {GB_STR_INIT("cvssV3_1"), read_vector, 0}, {GB_STR_INIT("cvssV3_0"), read_vector, 0},
        {GB_STR_INIT("cvssV2_0"), read_vector, 0},
    };
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

static int read_metrics(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_metric, into, err);
}

static int read_container(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("title"), NULL, offsetof(struct container, title)},
        {GB_STR_INIT("metrics"), read_metrics, 0},
    };
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

static int read_assigner(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct record *record = into;
    return read_container(r, event, &record->assigner, err);
}

static int read_other_party(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct record *record = into;
    struct container container = {0};
    int code = read_container(r, event, &container, err);
    if (code == GB_OK && gb_str_starts(container.title, GB_STR("CISA ADP")))
        record->cisa = container;
    return code;
}

static int read_other_parties(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_other_party, into, err);
}

static int read_containers(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("cna"), read_assigner, 0},
        {GB_STR_INIT("adp"), read_other_parties, 0},
    };
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

static int read_metadata(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("cveId"), NULL, offsetof(struct record, id)},
        {GB_STR_INIT("state"), NULL, offsetof(struct record, state)},
    };
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

static int give(struct gb_feed_member *m, const struct record *record, struct gb_error *err)
{
    const struct points *points = &record->cisa.points;
    const struct gb_str *cisa = &record->cisa.vectors.advisory.cvss;
    struct gb_exploit_facts facts = {
        .cve = record->id, .cvss = cisa->len ? *cisa : record->assigner.vectors.advisory.cvss};
    if (!gb_feed_is_cve(record->id))
        return gb_error_set(err, GB_E_TYPE, "a record without a CVE id");
    if (gb_str_is(record->state, "REJECTED"))
        return GB_OK;
    facts.has_ssvc = points->seen && gb_ssvc_exploitation(points->exploitation, &facts) &&
                     gb_ssvc_automatable(points->automatable, &facts) &&
                     gb_ssvc_impact(points->impact, &facts);
    if (points->seen && !facts.has_ssvc)
        gb_feed_leave_out(m, 0, "decision points that are not understood");
    return facts.has_ssvc || facts.cvss.len ? gb_feed_give_exploit(m, &facts, err) : GB_OK;
}

static int import(struct gb_feed_member *m, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("cveMetadata"), read_metadata, 0},
        {GB_STR_INIT("containers"), read_containers, 0},
    };
    struct gb_str text;
    struct gb_json_reader r;
    struct gb_json_limits limits = {.max_bytes = SIZE_MAX, .max_depth = 64};
    struct record record = {0};
    int code = gb_feed_text(m, &text, err);
    if (code < 0 || gb_feed_repeated(m, text))
        return code;
    code = gb_json_open(&r, text, limits, m->arena, err);
    if (code == GB_OK)
        code = gb_json_fields(&r, gb_json_next(&r, err), FIELDS(fields), &record, err);
    if (code == GB_OK)
        code = gb_json_next(&r, err);
    return code < 0 ? code : give(m, &record, err);
}

const struct gb_feed_format gb_feed_format_vulnrichment = {
    .name = "vulnrichment",
    .title = "CVE records with CISA's SSVC decision points (JSON)",
    .recognise = recognise,
    .import = import,
};
