// Changelogs as evidence: see changelog.h.
#include "source/package/changelog.h"

#include "model/version/version.h"
#include "source/facts.h"
#include "source/package/dpkg.h"
#include "source/package/os_packages.h"
#include "source/package/rpm_database.h"
#include "source/package/rpm_header.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
    PACKED_MAX_BYTES = 16 << 20,
    TEXT_MAX_BYTES = 64 << 20, // the longest of Debian has 10
    READ_BYTES = 256 << 10,
    BEFORE_BYTES = 60, // as far before an id a word can speak of it
    AFTER_BYTES = 40,
    ID_MAX_BYTES = 40,
};

// ---- ids in lines

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_at(struct gb_str s, size_t at)
{
    size_t end = at;
    while (end < s.len && is_digit(s.at[end]))
        end++;
    return end - at;
}

// CVE-2023-0286: four digits and four or more.
static size_t cve_length(struct gb_str s)
{
    if (!gb_str_starts(s, GB_STR("CVE-")) || digits_at(s, 4) != 4 || s.len < 9 || s.at[8] != '-')
        return 0;
    size_t number = digits_at(s, 9);
    return number >= 4 && 9 + number <= ID_MAX_BYTES ? 9 + number : 0;
}

// GHSA-xxxx-xxxx-xxxx
static size_t ghsa_length(struct gb_str s)
{
    enum { GHSA_BYTES = 19 };
    if (!gb_str_starts(s, GB_STR("GHSA-")) || s.len < GHSA_BYTES)
        return 0;
    for (size_t i = 5; i < GHSA_BYTES; i++) {
        char c = s.at[i];
        bool dash = i == 9 || i == 14;
        if (dash ? c != '-' : !is_digit(c) && !(c >= 'a' && c <= 'z'))
            return 0;
    }
    return GHSA_BYTES;
}

static bool has_word(struct gb_str text, const char *const *words)
{
    for (; *words; words++) {
        struct gb_str rest = text, word = gb_str_of(*words);
        for (size_t i = 0; i + word.len <= rest.len; i++)
            if (gb_str_eq_nocase(gb_str_sub(rest, i, word.len), word))
                return true;
    }
    return false;
}

// "Revert the fix for CVE-..." takes back; `Revert "some change" (CVE-...)` is itself a fix, so a
// quote or parenthesis between the word and the id ends what the word speaks of.
static bool is_undone(struct gb_str line, size_t at, size_t length)
{
    static const char *const before[] = {"revert",    "back out",     "backed out", "unfixed",
                                         "not fixed", "does not fix", "reopen",     NULL};
    static const char *const after[] = {"not fixed", "unfixed",          "still unfixed",
                                        "reverted",  "is not yet fixed", NULL};
    size_t start = at > BEFORE_BYTES ? at - BEFORE_BYTES : 0;
    for (size_t i = at; i > start; i--)
        if (strchr("\"'(:;", line.at[i - 1]) && line.at[i - 1])
            start = i;
    return has_word(gb_str_sub(line, start, at - start), before) ||
           has_word(gb_str_sub(line, at + length, AFTER_BYTES), after);
}

static int add_fix(struct gb_changelog *into, const struct gb_changelog_fix *fix)
{
    if ((into->wanted && !gb_map_get(into->wanted, fix->id)) ||
        gb_map_get(&into->by_id, fix->id)) // a newer entry has spoken
        return GB_OK;
    if (into->count == into->capacity) {
        size_t capacity = into->capacity ? into->capacity * 2 : 32;
        struct gb_changelog_fix *items =
            gb_grow_array(into->arena, into->items, into->capacity, capacity, sizeof *items);
        if (!items)
            return GB_E_MEMORY;
        into->items = items;
        into->capacity = capacity;
    }
    into->items[into->count++] = *fix;
    return gb_map_set(&into->by_id, fix->id, into);
}

int gb_changelog_add_line(struct gb_changelog *into, struct gb_str line, struct gb_str version,
                          uint32_t number)
{
    if (!into->by_id.arena)
        into->by_id = gb_map(into->arena);
    for (size_t at = 0; at < line.len;) {
        ptrdiff_t dash = gb_str_find_char(gb_str_from(line, at), '-');
        if (dash < 0)
            return GB_OK;
        size_t hit = at + (size_t)dash;
        at = hit + 1;
        size_t prefix = hit >= 4 && memcmp(line.at + hit - 4, "GHSA", 4) == 0  ? 4
                        : hit >= 3 && memcmp(line.at + hit - 3, "CVE", 3) == 0 ? 3
                                                                               : 0;
        if (!prefix)
            continue;
        struct gb_str rest = gb_str_from(line, hit - prefix);
        size_t length = prefix == 4 ? ghsa_length(rest) : cve_length(rest);
        if (!length)
            continue;
        struct gb_changelog_fix fix = {
            .id = gb_str_sub(rest, 0, length),
            .version = version,
            .line = number,
            .undone = is_undone(line, hit - prefix, length),
        };
        int code = add_fix(into, &fix);
        if (code)
            return code;
        at = hit - prefix + length;
    }
    return GB_OK;
}

// ---- Debian's changelogs

// "openssl (3.0.11-1~deb12u2) bookworm-security; urgency=medium"
static bool entry_head(struct gb_str line, struct gb_str *name, struct gb_str *version)
{
    if (!line.len || line.at[0] == ' ' || line.at[0] == '\t' || !gb_str_next_word(&line, name))
        return false;
    line = gb_str_trim(line);
    ptrdiff_t end = gb_str_find_char(line, ')');
    if (end < 2 || line.at[0] != '(')
        return false;
    *version = gb_str_sub(line, 1, (size_t)end - 1);
    return true;
}

int gb_changelog_parse(struct gb_changelog *into, struct gb_str text, struct gb_str source,
                       struct gb_str package, struct gb_str version, bool *ret)
{
    struct gb_str line, name, entry = {0};
    bool counts = false, first = true;
    *ret = false;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        if (entry_head(line, &name, &entry)) {
            if (first && !gb_str_eq(name, source) && !gb_str_eq(name, package))
                return GB_OK;
            first = false;
            *ret = true;
            // What stands below the installed version went into it, whatever its number: a stable
            // update may be 1-2~deb12u1 on top of 1-2.
            counts = counts || gb_version_compare(GB_VERSION_DPKG, entry, version) <= 0;
        } else if (counts) {
            int code = gb_changelog_add_line(into, line, entry, number);
            if (code)
                return code;
        } else if (first && gb_str_trim(line).len) {
            return GB_OK; // no changelog of Debian
        }
    }
    return GB_OK;
}

// ---- reading

static int inflate_all(gzFile file, struct gb_arena *arena, struct gb_str *ret)
{
    char *text = NULL;
    size_t have = 0, size = 0;
    for (;;) {
        if (have == size) {
            size_t larger = size ? size * 2 : READ_BYTES;
            if (larger > TEXT_MAX_BYTES)
                return GB_E_LIMIT;
            char *grown = gb_grow_array(arena, text, size, larger, 1);
            if (!grown)
                return GB_E_MEMORY;
            text = grown;
            size = larger;
        }
        int got = gzread(file, text + have, (unsigned)(size - have));
        if (got < 0)
            return GB_E_SYNTAX;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    *ret = (struct gb_str){text, have};
    return GB_OK;
}

// Plain text goes through as it is.
static int read_packed(const struct gb_host *host, const char *path, struct gb_arena *arena,
                       struct gb_str *ret)
{
    int fd = gb_host_open_fd(host, path, O_RDONLY, NULL);
    if (fd < 0)
        return fd;
    struct stat st;
    gzFile file = NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= PACKED_MAX_BYTES)
        file = gzdopen(fd, "rb");
    if (!file) {
        close(fd);
        return GB_E_TYPE;
    }
    gzbuffer(file, READ_BYTES / 2);
    int code = inflate_all(file, arena, ret);
    gzclose_r(file);
    return code;
}

static void put(struct gb_collector *collector, struct gb_str package, struct gb_str path,
                const struct gb_changelog *log)
{
    struct gb_str kind = GB_STR("package_changelog");
    struct gb_str name = gb_string_clean(collector->arena, package).string;
    struct gb_facts facts = gb_facts(collector, gb_collection_add(collector->all, kind, name));
    struct gb_list *list = gb_list_new(collector->arena);
    for (size_t i = 0; list && i < log->count; i++) {
        const struct gb_changelog_fix *fix = &log->items[i];
        if (fix->undone)
            continue;
        struct gb_facts record = gb_facts_record(collector);
        gb_fact(&record, "id",
                gb_fact_at(&record, gb_fact_text(&record, fix->id), path, fix->line));
        gb_fact(&record, "version", gb_fact_text(&record, fix->version));
        gb_list_add(collector->arena, list,
                    gb_fact_at(&record, gb_map_of(record.props), path, fix->line));
    }
    gb_fact(&facts, "package", gb_string(name));
    gb_fact(&facts, "path", gb_fact_at(&facts, gb_fact_text(&facts, path), path, 0));
    gb_fact(&facts, "fixed", gb_list_of(list));
}

// Packages of one source and version have one changelog: it is read once.
struct known {
    struct gb_str path;
    struct gb_changelog log;
};

struct search {
    struct gb_collector *collector;
    struct gb_str *packages; // those that were not asked for before
    size_t count;
    struct gb_map known;  // "source version" -> struct known
    struct gb_map wanted; // ids
};

static struct gb_changelog empty_log(const struct search *search)
{
    return (struct gb_changelog){
        .arena = search->collector->scratch,
        .wanted = search->wanted.count ? &search->wanted : NULL,
    };
}

static int read_debian(struct search *search, const struct gb_dpkg_package *package,
                       struct known *ret, bool *found)
{
    static const char *const names[] = {"changelog.Debian.gz", "changelog.Debian", "changelog.gz",
                                        "changelog"};
    struct gb_collector *collector = search->collector;
    *found = false;
    if (gb_str_find_char(package->name, '/') >= 0)
        return GB_OK;
    for (size_t i = 0; i < sizeof names / sizeof *names && !*found; i++) {
        struct gb_str text, path = gb_str_format(collector->arena, "/usr/share/doc/" GB_PRI "/%s",
                                                 GB_ARG(package->name), names[i]);
        if (!path.at)
            return GB_E_MEMORY;
        int code = read_packed(collector->host, path.at, collector->scratch, &text);
        if (code)
            continue;
        *ret = (struct known){.path = path, .log = empty_log(search)};
        code = gb_changelog_parse(&ret->log, text, package->source, package->name,
                                  package->source_version, found);
        if (code)
            return code;
    }
    return gb_arena_failed(collector->scratch) ? GB_E_MEMORY : GB_OK;
}

static int collect_debian(struct search *search, struct gb_str name)
{
    struct gb_collector *collector = search->collector;
    const struct gb_dpkg *dpkg = NULL;
    if (gb_dpkg_load(collector, &dpkg, NULL) < 0)
        return GB_E_MEMORY;
    const struct gb_dpkg_package *package = gb_map_get(&dpkg->by_name, name);
    while (package && !gb_dpkg_in_place(package))
        package = package->next;
    if (!package)
        return GB_OK;
    struct gb_str key = gb_str_format(collector->scratch, GB_PRI " " GB_PRI,
                                      GB_ARG(package->source), GB_ARG(package->source_version));
    if (!key.at)
        return GB_E_MEMORY;
    struct known *one = gb_map_get(&search->known, key);
    if (!one) {
        bool found = false;
        one = gb_alloc(collector->scratch, sizeof *one);
        int code = one ? read_debian(search, package, one, &found) : GB_E_MEMORY;
        if (code || !found)
            return code;
        if (gb_map_set(&search->known, key, one) < 0)
            return GB_E_MEMORY;
    }
    put(collector, name, one->path, &one->log);
    return GB_OK;
}

// ---- rpm

struct rpm_reading {
    const struct search *search;
    const struct gb_map *names;
    struct gb_map done;
    struct gb_str path;
};

// "A Packager <a@example.org> - 1:3.0.7-24"
static struct gb_str version_of(struct gb_str who)
{
    ptrdiff_t blank = gb_str_rfind_char(who, ' ');
    struct gb_str last = gb_str_from(who, (size_t)(blank + 1));
    return last.len && last.at[0] != '<' && gb_str_find_char(last, '@') < 0 ? last : GB_STR("");
}

static int visit_header(void *context, struct gb_str blob, uint32_t number)
{
    (void)number;
    struct rpm_reading *reading = context;
    struct gb_collector *collector = reading->search->collector;
    struct gb_rpm_header header;
    if (gb_rpm_header_parse(blob, &header, NULL) < 0)
        return GB_OK;
    struct gb_str name = gb_rpm_header_string(&header, GB_RPM_NAME);
    struct gb_str *kept = gb_map_get(reading->names, name), who, text;
    if (!kept || gb_map_get(&reading->done, *kept))
        return GB_OK;
    if (gb_map_set(&reading->done, *kept, reading) < 0)
        return GB_E_MEMORY;
    struct gb_changelog log = empty_log(reading->search);
    struct gb_rpm_strings names = gb_rpm_header_strings(&header, GB_RPM_CHANGELOG_NAME),
                          texts = gb_rpm_header_strings(&header, GB_RPM_CHANGELOG_TEXT);
    bool any = false;
    int code = GB_OK;
    while (!code && gb_rpm_strings_next(&names, &who) && gb_rpm_strings_next(&texts, &text)) {
        any = true;
        for (struct gb_str line; !code && gb_str_next(&text, '\n', &line);)
            code = gb_changelog_add_line(&log, line, version_of(who), 0);
    }
    if (!code && any)
        put(collector, *kept, reading->path, &log);
    return code;
}

static int collect_rpm(const struct search *search)
{
    struct gb_collector *collector = search->collector;
    const struct gb_os_packages *others = NULL;
    if (gb_os_packages_load(collector, &others, NULL) < 0)
        return GB_E_MEMORY;
    const struct gb_rpm_place *place = gb_rpm_places;
    while (place->path && !gb_str_is(others->path, place->path))
        place++;
    if (!place->path || others->manager != GB_MANAGER_RPM)
        return GB_OK;
    struct gb_map names = gb_map(collector->scratch);
    for (size_t i = 0; i < search->count; i++) {
        const struct gb_os_package *package = gb_map_get(&others->by_name, search->packages[i]);
        // Of several versions side by side (kernels) nobody could tell whose changelog it is.
        if (package && !package->next &&
            gb_map_set(&names, search->packages[i], &search->packages[i]) < 0)
            return GB_E_MEMORY;
    }
    struct rpm_reading reading = {search, &names, gb_map(collector->scratch), others->path};
    struct gb_rpm_visitor visitor = {visit_header, &reading};
    struct gb_rpm_reading result;
    int code =
        names.count ? gb_rpm_database_read(collector->host, place, &visitor, &result, NULL) : GB_OK;
    return code == GB_E_MEMORY ? code : GB_OK;
}

// ---- what is asked

static int add_package(struct search *search, struct gb_map *asked, struct gb_str name)
{
    struct gb_collector *collector = search->collector;
    struct gb_str id = gb_str_format(collector->scratch, "package_changelog:" GB_PRI, GB_ARG(name));
    if (!id.at)
        return GB_E_MEMORY;
    if (!name.len || gb_map_get(asked, name) || gb_collection_find(collector->all, id))
        return GB_OK;
    search->packages[search->count] = name;
    return gb_map_set(asked, name, &search->packages[search->count++]);
}

int gb_package_changelogs_collect(struct gb_collector *collector,
                                  const struct gb_evidence_request *request)
{
    struct gb_arena *scratch = collector->scratch;
    struct search search = {collector, NULL, 0, gb_map(scratch), gb_map(scratch)};
    struct gb_map asked = gb_map(scratch);
    int code = GB_OK;
    search.packages = gb_alloc_array(scratch, request->package_count, sizeof *search.packages);
    if (!search.packages)
        return GB_E_MEMORY;
    for (size_t i = 0; !code && i < request->id_count; i++)
        code = gb_map_set(&search.wanted, request->ids[i], collector);
    for (size_t i = 0; !code && i < request->package_count; i++)
        code = add_package(&search, &asked, request->packages[i]);
    gb_collection_complete(collector->all, GB_STR("package_changelog"));
    for (size_t i = 0; !code && i < search.count; i++)
        code = collect_debian(&search, search.packages[i]);
    return code ? code : collect_rpm(&search);
}
