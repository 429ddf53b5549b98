// The operating system (kind "os"): os-release(5), how long it is supported, and installed packages
// whose support ended early. Dates come from tables of the distribution itself: distro-info-data
// and debian-security-support. Without the former those of Debian and Ubuntu are built in, told
// with their age; others are unknown.
#include "base/time.h"
#include "source/host/facts.h"
#include "source/host/os_inferred.h"
#include "source/host/os_release.h"
#include "source/host/release_dates.h"
#include "source/package/installed.h"

#include <stdio.h>

static const char *const kinds[] = {"os", NULL};

enum { DAY_SECONDS = 86400 };

static const char ended_reason[] = "no table of support dates is installed (distro-info-data)";

struct os {
    struct gb_facts facts;
    struct gb_os_release release;
    struct gb_str path; // of os-release
    struct gb_str id, version, codename;
};

static struct gb_str variable(const struct os *os, const char *name)
{
    const struct gb_os_variable *found = gb_os_release_find(&os->release, name);
    return found ? found->value : GB_STR("");
}

static void put_variable(struct os *os, const char *field, const char *name, const char *otherwise)
{
    const struct gb_os_variable *found = gb_os_release_find(&os->release, name);
    if (found && found->value.len)
        gb_fact(
            &os->facts, field,
            gb_fact_at(&os->facts, gb_fact_text(&os->facts, found->value), os->path, found->line));
    else if (otherwise)
        gb_fact(&os->facts, field, gb_string(gb_str_of(otherwise)));
}

static int read_release(struct gb_collector *collector, struct os *os)
{
    static const char *const paths[] = {"/etc/os-release", "/usr/lib/os-release"};
    struct gb_str text;
    int code = GB_E_NOT_FOUND;
    for (size_t i = 0; i < 2 && code == GB_E_NOT_FOUND; i++) {
        os->path = gb_str_of(paths[i]);
        code = gb_host_read(collector->host, paths[i], 64 << 10, collector->scratch, &text, NULL);
    }
    if (code)
        return code;
    code = gb_os_release_parse(text, collector->scratch, &os->release);
    if (code)
        return code;
    os->id = variable(os, "ID");
    if (!os->id.len)
        os->id = GB_STR("linux"); // the standard's default
    os->version = variable(os, "VERSION_ID");
    os->codename = variable(os, "VERSION_CODENAME");
    return GB_OK;
}

static void put_date(struct gb_facts *facts, const char *field, int64_t when, struct gb_str path,
                     uint32_t line)
{
    if (when)
        gb_fact(facts, field, gb_fact_at(facts, gb_timestamp(when, 0), path, line));
}

static const char *phase_of(const struct gb_release_row *row, int64_t now)
{
    if (!row->released_at || now < row->released_at)
        return "development";
    if (!row->free_ends || now < row->standard_ends)
        return "standard";
    return now < row->free_ends ? "extended" : "ended";
}

static void put_row(struct os *os, const struct gb_release_row *row, struct gb_str path)
{
    struct gb_facts *facts = &os->facts;
    int64_t now = gb_host_now(facts->collector->host);
    gb_fact(facts, "phase",
            gb_fact_at(facts, gb_string(gb_str_of(phase_of(row, now))), path, row->line));
    put_date(facts, "released_at", row->released_at, path, row->line);
    put_date(facts, "standard_support_ends", row->standard_ends, path, row->line);
    put_date(facts, "support_ends", row->free_ends, path, row->line);
    put_date(facts, "paid_support_ends", row->paid_ends, path, row->line);
    gb_fact(facts, "dates_from", gb_fact_text(facts, path));
}

static void put_no_dates(struct os *os, struct gb_str reason)
{
    gb_fact(&os->facts, "phase", gb_unknown(reason));
    gb_fact(&os->facts, "support_ends", gb_unknown(reason));
}

// Without the distribution's own table: the dates that are built in, told with their age.
static void put_built_in(struct gb_collector *collector, struct os *os)
{
    struct gb_str table = gb_release_dates(os->id);
    struct gb_release_row row;
    if (!table.len) {
        put_no_dates(os, gb_str_of(ended_reason));
        return;
    }
    // A release that was still to come then may be out by now.
    if (gb_release_table_find(table, os->version, os->codename, &row) < 0 || !row.released_at) {
        put_no_dates(os, gb_str_format(collector->arena,
                                       "the built-in dates of %s do not know this release, and "
                                       "distro-info-data is not installed",
                                       gb_release_dates_as_of));
        return;
    }
    row.line = 0;
    put_row(
        os, &row,
        gb_str_format(collector->arena, "built-in release dates of %s", gb_release_dates_as_of));
}

// The table is named after the distribution: /usr/share/distro-info/debian.csv.
static void put_support(struct gb_collector *collector, struct os *os)
{
    const struct gb_os_variable *end = gb_os_release_find(&os->release, "SUPPORT_END");
    int64_t day;
    if (end && !gb_date_parse(end->value, &day)) {
        bool over = gb_host_now(collector->host) >= day + DAY_SECONDS;
        gb_fact(&os->facts, "phase",
                gb_fact_at(&os->facts, gb_string(over ? GB_STR("ended") : GB_STR("standard")),
                           os->path, end->line));
        put_date(&os->facts, "standard_support_ends", day + DAY_SECONDS, os->path, end->line);
        put_date(&os->facts, "support_ends", day + DAY_SECONDS, os->path, end->line);
        return;
    }
    for (size_t i = 0; i < os->id.len; i++)
        if (os->id.at[i] == '/') {
            put_no_dates(os, GB_STR("the distribution's id is malformed"));
            return;
        }
    char path[128];
    snprintf(path, sizeof path, "/usr/share/distro-info/" GB_PRI ".csv",
             GB_ARG(gb_str_sub(os->id, 0, 64)));
    struct gb_str text;
    struct gb_release_row row;
    int code = gb_host_read(collector->host, path, 1 << 20, collector->scratch, &text, NULL);
    if (code == GB_E_NOT_FOUND) {
        put_built_in(collector, os);
        return;
    }
    if (code) {
        put_no_dates(os, gb_unread_reason(collector, path, code));
        return;
    }
    code = gb_release_table_find(text, os->version, os->codename, &row);
    if (code == GB_OK)
        put_row(os, &row, gb_str_of(path));
    else
        put_no_dates(os, gb_str_format(collector->arena, "%s does not know this release", path));
}

// "php-horde.*" and plain names: the patterns in use, as a shell pattern.
static struct gb_str as_glob(struct gb_arena *arena, struct gb_str expression)
{
    char *out = gb_alloc(arena, expression.len * 2 + 1);
    size_t len = 0;
    for (size_t i = 0; out && i < expression.len; i++) {
        char c = expression.at[i];
        if (c == '.' && i + 1 < expression.len && expression.at[i + 1] == '*') {
            out[len++] = '*';
            i++;
        } else if (c == '\\' && i + 1 < expression.len) {
            out[len++] = '\\';
            out[len++] = expression.at[++i];
        } else if (c == '.') {
            out[len++] = '?';
        } else if (c == '[' || c == '?' || c == '*') {
            out[len++] = '\\';
            out[len++] = c;
        } else {
            out[len++] = c;
        }
    }
    return (struct gb_str){out, out ? len : 0};
}

static void add_ended(struct os *os, struct gb_list *list, const struct gb_dpkg *dpkg,
                      struct gb_str pattern, int64_t ended, struct gb_str why, struct gb_str path,
                      uint32_t line)
{
    struct gb_collector *collector = os->facts.collector;
    struct gb_str last = {0};
    for (size_t i = 0; i < dpkg->count; i++) {
        const struct gb_dpkg_package *package = dpkg->packages[i];
        if (!gb_dpkg_in_place(package) || gb_str_eq(package->name, last) ||
            !gb_str_glob(pattern, package->source, false))
            continue;
        last = package->name;
        struct gb_facts record = gb_facts_record(collector);
        gb_fact(&record, "name",
                gb_fact_at(&record, gb_fact_text(&record, package->name), path, line));
        gb_fact(&record, "source", gb_fact_text(&record, package->source));
        gb_fact(&record, "ended_at", gb_fact_at(&record, gb_timestamp(ended, 0), path, line));
        gb_fact(&record, "details", gb_fact_at(&record, gb_fact_text(&record, why), path, line));
        if (record.props)
            gb_list_add(collector->arena, list, gb_map_of(record.props));
    }
}

// Packages whose support ended before the release's. Columns: source package (an expression), last
// supported version, date, text.
static void put_ended_packages(struct gb_collector *collector, struct os *os)
{
    if (!gb_str_is(os->id, "debian") || !os->version.len)
        return;
    char path[128];
    snprintf(path, sizeof path,
             "/usr/share/debian-security-support/security-support-ended.deb" GB_PRI,
             GB_ARG(gb_str_sub(os->version, 0, 16)));
    struct gb_str text, line, pattern, version, date;
    int code = gb_host_read(collector->host, path, 1 << 20, collector->scratch, &text, NULL);
    const struct gb_dpkg *dpkg = NULL;
    struct gb_list *list = gb_list_new(collector->arena);
    if (code || gb_dpkg_load(collector, &dpkg, NULL) || dpkg->presence != GB_DPKG_READ || !list) {
        gb_fact(&os->facts, "unsupported_packages",
                gb_unknown(code == GB_E_NOT_FOUND
                               ? GB_STR("debian-security-support is not installed")
                           : code ? gb_unread_reason(collector, path, code)
                           : dpkg ? dpkg->reason
                                  : GB_STR("out of memory")));
        return;
    }
    int64_t day, now = gb_host_now(collector->host);
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        if (line.len && line.at[0] == '#')
            continue;
        if (!gb_str_next_word(&line, &pattern) || !gb_str_next_word(&line, &version) ||
            !gb_str_next_word(&line, &date) || gb_date_parse(date, &day) || day > now)
            continue;
        add_ended(os, list, dpkg, as_glob(collector->scratch, pattern), day, gb_str_trim(line),
                  gb_str_of(path), number);
    }
    gb_fact(&os->facts, "unsupported_packages", gb_list_of(list));
}

static void put_point_release(struct gb_collector *collector, struct os *os)
{
    struct gb_str text;
    if (gb_str_is(os->id, "debian") && !gb_small_file(collector, "/etc/debian_version", &text))
        gb_fact(&os->facts, "point_release",
                gb_fact_at(&os->facts, gb_fact_text(&os->facts, text),
                           GB_STR("/etc/debian_version"), 1));
}

static void put_lists(struct gb_collector *collector, struct os *os, struct gb_str like)
{
    struct gb_list *list = gb_list_new(collector->arena);
    struct gb_str word;
    while (list && gb_str_next_word(&like, &word))
        gb_list_add(collector->arena, list, gb_fact_text(&os->facts, word));
    if (list)
        gb_fact(&os->facts, "like", gb_list_of(list));
    put_point_release(collector, os);
    put_support(collector, os);
    put_ended_packages(collector, os);
}

// Without os-release: what older files or packages say, told as such.
static void put_inferred(struct gb_collector *collector, struct os *os,
                         const struct gb_os_identity *identity)
{
    struct gb_facts *facts = &os->facts;
    struct gb_str pretty =
        gb_str_format(collector->arena, GB_PRI "%s" GB_PRI, GB_ARG(identity->name),
                      identity->version.len ? " " : "", GB_ARG(identity->version));
    os->id = identity->id;
    os->version = identity->version;
    os->codename = identity->codename;
    os->path = identity->where;
    gb_fact(facts, "id",
            gb_fact_at(facts, gb_string(identity->id), identity->where, identity->line));
    gb_fact(facts, "name", gb_string(identity->name));
    gb_fact(facts, "pretty_name", gb_fact_text(facts, pretty));
    if (identity->version.len)
        gb_fact(facts, "version",
                gb_fact_at(facts, gb_fact_text(facts, identity->version), identity->where,
                           identity->line));
    if (identity->codename.len)
        gb_fact(facts, "codename", gb_string(identity->codename));
    gb_fact(
        facts, "inferred_from",
        gb_fact_at(facts, gb_fact_text(facts, identity->from), identity->where, identity->line));
    gb_collection_note(collector->all,
                       gb_str_format(collector->arena,
                                     "there is no os-release file: that this is " GB_PRI
                                     " was inferred from " GB_PRI,
                                     GB_ARG(pretty), GB_ARG(identity->from)));
    put_lists(collector, os, GB_STR(""));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct os os = {0};
    struct gb_os_identity identity;
    struct gb_str kind = GB_STR("os");
    int code = read_release(collector, &os);
    bool inferred = code == GB_E_NOT_FOUND && gb_os_infer(collector, &identity);
    if (code && !inferred) {
        gb_collection_gap(collector->all, kind,
                          code == GB_E_NOT_FOUND ? GB_STR("there is no os-release file")
                                                 : gb_unread_reason(collector, os.path.at, code));
        return GB_OK;
    }
    os.facts = gb_facts(collector, gb_collection_add(collector->all, kind, GB_STR("")));
    if (!os.facts.props)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the operating system's facts");
    if (inferred) {
        put_inferred(collector, &os, &identity);
        return GB_OK;
    }
    put_variable(&os, "id", "ID", "linux");
    put_variable(&os, "name", "NAME", "Linux");
    put_variable(&os, "pretty_name", "PRETTY_NAME", "Linux");
    put_variable(&os, "version", "VERSION_ID", NULL);
    put_variable(&os, "codename", "VERSION_CODENAME", NULL);
    put_lists(collector, &os, variable(&os, "ID_LIKE"));
    return GB_OK;
}

const struct gb_source gb_source_os = {
    .name = "host/os",
    .title = "operating system and its support",
    .kinds = kinds,
    .order = 0,
    .collect = collect,
};
