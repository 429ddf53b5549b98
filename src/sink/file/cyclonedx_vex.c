// cyclonedx-vex: CycloneDX 1.6 VEX. Every vulnerability with its analysis (open, suppressed with
// the justification, exempt) and the components that it affects, so that other tools need not judge
// again. Format: CycloneDX specification, bom-1.6.schema.json.
#include "base/digest.h"
#include "base/encoding.h"
#include "base/time.h"
#include "model/package_purl.h"
#include "sink/file/vulnerability.h"
#include "sink/sink.h"

struct vex {
    const struct gb_report *report;
    struct gb_json_writer *w;
    struct gb_arena *scratch;
    struct gb_str distribution, release; // "debian", "12"
};

// The same report has the same number: a UUID of version 8 from a digest of what was found.
static void write_serial(const struct vex *vex)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer all = gb_buffer(64u << 20);
    unsigned char sum[GB_DIGEST_LARGEST];
    gb_buffer_print(&all, GB_PRI "\n%lld\n", GB_ARG(vex->report->target),
                    (long long)vex->report->started_at);
    for (size_t i = 0; i < vex->report->finding_count; i++)
        if (vex->report->findings[i]->vulnerability)
            gb_buffer_add(&all, vex->report->findings[i]->identity);
    if (all.failed || gb_digest(GB_SHA256, gb_buffer_str(&all), sum, NULL))
        return;
    sum[6] = (unsigned char)((sum[6] & 0x0f) | 0x80);
    sum[8] = (unsigned char)((sum[8] & 0x3f) | 0x80);
    struct gb_str hex = gb_hex_encode(vex->scratch, (struct gb_str){(const char *)sum, 16});
    if (hex.len == 32)
        gb_json_field_str(vex->w, "serialNumber",
                          gb_str_format(vex->scratch, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", hex.at,
                                        hex.at + 8, hex.at + 12, hex.at + 16, hex.at + 20));
}

static struct gb_str purl_of(const struct vex *vex, const struct gb_resource *package,
                             struct gb_buffer *into)
{
    struct gb_purl purl;
    gb_buffer_clear(into);
    if (gb_package_purl(package, vex->distribution, vex->release, vex->scratch, &purl))
        gb_purl_write(&purl, into);
    return gb_buffer_str(into);
}

static void write_metadata(const struct vex *vex)
{
    struct gb_json_writer *w = vex->w;
    gb_json_key(w, "metadata");
    gb_json_object_begin(w);
    gb_json_field_time(w, "timestamp", vex->report->started_at);
    gb_json_key(w, "tools");
    gb_json_object_begin(w);
    gb_json_key(w, "components");
    gb_json_list_begin(w);
    gb_json_object_begin(w);
    gb_json_field_text(w, "type", "application");
    gb_json_field_text(w, "name", "gabion");
    gb_json_field_str(w, "version", vex->report->tool_version);
    gb_json_object_end(w);
    gb_json_list_end(w);
    gb_json_object_end(w);
    gb_json_key(w, "component");
    gb_json_object_begin(w);
    bool image = gb_str_starts(vex->report->target, GB_STR("image "));
    gb_json_field_text(w, "type", image ? "container" : "operating-system");
    gb_json_field_text(w, "bom-ref", "target");
    gb_json_field_str(w, "name", vex->report->target);
    gb_json_object_end(w);
    gb_json_object_end(w);
}

// Every package that a vulnerability speaks of, once.
static void write_components(const struct vex *vex)
{
    struct gb_json_writer *w = vex->w;
    struct gb_map seen = gb_map(vex->scratch);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer purl = gb_buffer(256u << 10);
    gb_json_key(w, "components");
    gb_json_list_begin(w);
    for (size_t i = 0; i < vex->report->finding_count; i++) {
        const struct gb_vulnerability *v = vex->report->findings[i]->vulnerability;
        for (size_t p = 0; v && p < v->package_count; p++) {
            const struct gb_resource *package = v->packages[p];
            if (gb_map_get(&seen, package->id) || gb_map_set(&seen, package->id, &seen))
                continue;
            gb_json_object_begin(w);
            gb_json_field_text(w, "type", "library");
            gb_json_field_str(w, "bom-ref", package->id);
            gb_json_field_str(w, "name", gb_package_text(package, "name"));
            gb_json_field_given(w, "version", gb_package_text(package, "version"));
            gb_json_field_given(w, "purl", purl_of(vex, package, &purl));
            gb_json_object_end(w);
        }
    }
    gb_json_list_end(w);
}

static void write_ratings(const struct vex *vex, const struct gb_vulnerability *v)
{
    static const char *const words[] = {"unknown", "low", "low", "medium", "high", "critical"};
    struct gb_json_writer *w = vex->w;
    gb_json_key(w, "ratings");
    gb_json_list_begin(w);
    gb_json_object_begin(w);
    gb_json_key(w, "source");
    gb_json_object_begin(w);
    gb_json_field_str(w, "name", v->feed);
    gb_json_object_end(w);
    if (v->cvss_score >= 0) {
        gb_json_key(w, "score");
        gb_json_double(w, v->cvss_score);
    }
    gb_json_field_text(w, "severity", words[v->severity]);
    bool four = gb_str_starts(v->cvss, GB_STR("CVSS:4."));
    bool three = gb_str_starts(v->cvss, GB_STR("CVSS:3.0"));
    bool newer = gb_str_starts(v->cvss, GB_STR("CVSS:3.1"));
    if (v->cvss.len) {
        gb_json_field_text(w, "method",
                           four    ? "CVSSv4"
                           : newer ? "CVSSv31"
                           : three ? "CVSSv3"
                                   : "CVSSv2");
        gb_json_field_str(w, "vector", v->cvss);
    }
    gb_json_object_end(w);
    gb_json_object_begin(w);
    gb_json_key(w, "source");
    gb_json_object_begin(w);
    gb_json_field_text(w, "name", "gabion");
    gb_json_object_end(w);
    gb_json_key(w, "score");
    gb_json_double(w, v->risk);
    gb_json_field_text(w, "method", "other");
    gb_json_field_str(w, "justification", v->risk_terms);
    gb_json_object_end(w);
    gb_json_list_end(w);
}

static const char *state_of(const struct gb_finding *finding)
{
    const struct gb_vulnerability *v = finding->vulnerability;
    switch (v->suppression) {
    case GB_SUPPRESSED_NOT:
        return v->status == GB_STATUS_UNDER_INVESTIGATION ? "in_triage" : "exploitable";
    case GB_SUPPRESSED_CHANGELOG:
        return "resolved";
    case GB_SUPPRESSED_OS_OWNED:
        return "false_positive";
    case GB_SUPPRESSED_STALE:
        return "in_triage";
    case GB_SUPPRESSED_HEADERS:
    case GB_SUPPRESSED_DORMANT:
    case GB_SUPPRESSED_NEGLIGIBLE:
    case GB_SUPPRESSED_SYMBOL_ABSENT:
    case GB_SUPPRESSED_VEX:
    case GB_SUPPRESSED_PLATFORM:
    case GB_SUPPRESSION_COUNT:
        break;
    }
    return "not_affected";
}

// Only "not affected" has one; NULL otherwise.
static const char *justification_of(const struct gb_vulnerability *v)
{
    switch (v->suppression) {
    case GB_SUPPRESSED_HEADERS:
    case GB_SUPPRESSED_SYMBOL_ABSENT:
        return "code_not_present";
    case GB_SUPPRESSED_DORMANT:
        return "code_not_reachable";
    case GB_SUPPRESSED_PLATFORM:
        return "requires_environment";
    case GB_SUPPRESSED_NOT:
    case GB_SUPPRESSED_NEGLIGIBLE:
    case GB_SUPPRESSED_OS_OWNED:
    case GB_SUPPRESSED_CHANGELOG:
    case GB_SUPPRESSED_VEX:
    case GB_SUPPRESSED_STALE:
    case GB_SUPPRESSION_COUNT:
        break;
    }
    return NULL;
}

static void write_response(const struct vex *vex, const struct gb_finding *finding)
{
    const struct gb_vulnerability *v = finding->vulnerability;
    if (v->suppression != GB_SUPPRESSED_NOT)
        return;
    gb_json_key(vex->w, "response");
    gb_json_list_begin(vex->w);
    gb_json_text(vex->w, finding->exemption      ? "will_not_fix"
                         : v->fixed_version.len  ? "update"
                         : v->fix == GB_FIX_WONT ? "will_not_fix"
                                                 : "can_not_fix");
    gb_json_list_end(vex->w);
}

static void write_analysis(const struct vex *vex, const struct gb_finding *finding)
{
    const struct gb_vulnerability *v = finding->vulnerability;
    struct gb_json_writer *w = vex->w;
    const char *justification = justification_of(v);
    gb_json_key(w, "analysis");
    gb_json_object_begin(w);
    gb_json_field_text(w, "state", state_of(finding));
    if (justification)
        gb_json_field_text(w, "justification", justification);
    write_response(vex, finding);
    char last_day[GB_TIME_SIZE];
    if (finding->exemption) {
        gb_date_text(finding->exemption->expires_at - 1, last_day);
        gb_json_field_str(w, "detail",
                          gb_str_format(vex->scratch, "accepted until %s by " GB_PRI ": " GB_PRI,
                                        last_day, GB_ARG(finding->exemption->owner),
                                        GB_ARG(finding->exemption->reason)));
    } else {
        gb_json_field_given(w, "detail", finding->reason.len ? finding->reason : v->use_text);
    }
    if (finding->first_seen)
        gb_json_field_time(w, "firstIssued", finding->first_seen);
    gb_json_object_end(w);
}

static void write_references(const struct vex *vex, const struct gb_vulnerability *v)
{
    struct gb_json_writer *w = vex->w;
    if (!v->alias_count)
        return;
    gb_json_key(w, "references");
    gb_json_list_begin(w);
    for (size_t i = 0; i < v->alias_count; i++) {
        gb_json_object_begin(w);
        gb_json_field_str(w, "id", v->aliases[i]);
        gb_json_key(w, "source");
        gb_json_object_begin(w);
        gb_json_field_str(w, "name", v->feed);
        gb_json_object_end(w);
        gb_json_object_end(w);
    }
    gb_json_list_end(w);
}

static void write_affects(const struct vex *vex, const struct gb_vulnerability *v)
{
    struct gb_json_writer *w = vex->w;
    bool clean = v->suppression == GB_SUPPRESSED_VEX || v->suppression == GB_SUPPRESSED_CHANGELOG ||
                 v->suppression == GB_SUPPRESSED_SYMBOL_ABSENT ||
                 v->suppression == GB_SUPPRESSED_PLATFORM;
    gb_json_key(w, "affects");
    gb_json_list_begin(w);
    for (size_t i = 0; i < v->package_count; i++) {
        struct gb_str version = gb_package_text(v->packages[i], "version");
        gb_json_object_begin(w);
        gb_json_field_str(w, "ref", v->packages[i]->id);
        gb_json_key(w, "versions");
        gb_json_list_begin(w);
        gb_json_object_begin(w);
        gb_json_field_str(w, "version", version.len ? version : v->version);
        gb_json_field_text(w, "status", clean ? "unaffected" : "affected");
        gb_json_object_end(w);
        gb_json_list_end(w);
        gb_json_object_end(w);
    }
    gb_json_list_end(w);
}

static void write_vulnerability(const struct vex *vex, const struct gb_finding *finding)
{
    const struct gb_vulnerability *v = finding->vulnerability;
    struct gb_json_writer *w = vex->w;
    gb_json_object_begin(w);
    gb_json_field_str(w, "bom-ref", finding->identity);
    gb_json_field_str(w, "id", v->id);
    gb_json_key(w, "source");
    gb_json_object_begin(w);
    gb_json_field_str(w, "name", v->feed);
    gb_json_field_given(w, "url", v->url);
    gb_json_object_end(w);
    write_references(vex, v);
    write_ratings(vex, v);
    gb_json_field_str(w, "description", finding->control->finding);
    gb_json_field_given(w, "detail", v->details);
    gb_json_field_str(w, "recommendation", finding->control->fix);
    write_analysis(vex, finding);
    write_affects(vex, v);
    gb_json_object_end(w);
}

static int write(const struct gb_report *report, struct gb_buffer *out, struct gb_arena *scratch,
                 struct gb_error *err)
{
    (void)err;
    struct gb_json_writer w = gb_json_writer(out, 2);
    const struct gb_resource *os = gb_collection_find(report->collection, GB_STR("os"));
    struct vex vex = {
        .report = report,
        .w = &w,
        .scratch = scratch,
        .distribution = gb_package_text(os, "id"),
        .release = gb_package_text(os, "version"),
    };
    gb_json_object_begin(&w);
    gb_json_field_text(&w, "$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
    gb_json_field_text(&w, "bomFormat", "CycloneDX");
    gb_json_field_text(&w, "specVersion", "1.6");
    write_serial(&vex);
    gb_json_field_int(&w, "version", 1);
    write_metadata(&vex);
    write_components(&vex);
    gb_json_key(&w, "vulnerabilities");
    gb_json_list_begin(&w);
    for (size_t i = 0; i < report->finding_count; i++)
        if (report->findings[i]->vulnerability)
            write_vulnerability(&vex, report->findings[i]);
    gb_json_list_end(&w);
    gb_json_object_end(&w);
    gb_buffer_char(out, '\n');
    return GB_OK;
}

const struct gb_sink gb_sink_cyclonedx_vex = {
    .name = "cyclonedx-vex",
    .title = "CycloneDX 1.6 VEX: vulnerabilities with their analysis",
    .media_type = "application/vnd.cyclonedx+json",
    .write = write,
};
