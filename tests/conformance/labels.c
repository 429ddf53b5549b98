// Runs human judgements of matches: conformance-labels FILE, a table (plain or gzip) of image,
// digest, label (TP, FP, ??), id, CVE, package, version. Each image's packages are matched as one
// collection against the feeds beside the file. The file tells neither the operating system nor
// the source packages: the images' releases stand in a table here, sources of Debian's packages
// come from the last block of the tracker's export.
//
// Judged are labels whose flaw has a row for the package in the feed: what a feed does not speak of
// nobody can find. A match that is shown as suppressed is neither right nor wrong, but counted; so
// is a label that another image's label contradicts for the same package, version and flaw.
// Prints recall by family, every label that is missed and every false positive with the row of the
// feed, read by a plain comparison here: where that row says what was matched, label and feed
// contradict each other, which is no failure of matching. Last, "N passed, N failed": labels that
// the matches agree with; those that they disagree with though the row does not say so, and bars
// that are not held.
#include "feeds.h"
#include "table.h"

#include <archive.h>
#include <archive_entry.h>

enum family { DEBIAN, EL8, EL8_MODULE, EL9, EL9_MODULE, ALPINE, GO, FAMILIES };

static const struct {
    const char *name;
    double recall;       // that it must reach; 0 = no bar
    bool no_false_match; // no false positive is allowed
    int last_year;       // of the flaw's id; 0 = all
} families[FAMILIES] = {
    [DEBIAN] = {"Debian, up to 2021", 0.98, false, 2021},
    [EL8] = {"EL8 without modules", 0.99, true, 0},
    [EL8_MODULE] = {"EL8 modules, no labels", 0, false, 0},
    [EL9] = {"EL9 without modules", 0, false, 0},
    [EL9_MODULE] = {"EL9 modules, no labels", 0, false, 0},
    [ALPINE] = {"Alpine", 0, false, 0},
    [GO] = {"Go", 0, false, 0},
};

// What the images are; "*" stands for the rest of the tag.
static const struct {
    const char *tag, *scope;
} images[] = {
    {"docker.io/debian:7", "debian-generic"},
    {"docker.io/node:4.2.1-slim", "debian-generic"},
    {"docker.io/node", "debian-9"},
    {"docker.io/python:3.8.0-slim", "debian-10"},
    {"docker.io/postgres:13.2", "debian-10"},
    {"docker.io/cloudbees/cloudbees-core-oc:*", "debian-10"},
    {"docker.io/ghost:5.2.4", "debian-11"},
    {"docker.io/bitnami/spark:*", "debian-11"},
    {"docker.io/jenkins/jenkins:*", "debian-11"},
    {"docker.io/neo4j:*", "debian-11"},
    {"gcr.io/distroless/python3-debian11:", "debian-11"},
    {"docker.io/almalinux:8", "almalinux-8"},
    {"docker.io/rockylinux:8", "almalinux-8"},
    {"registry.access.redhat.com/ubi8:", "almalinux-8"},
    {"docker.io/anchore/test_images:appstreams-centos-stream-8-*", "almalinux-8"},
    {"docker.io/anchore/test_images:appstreams-rhel-8-*", "almalinux-8"},
    {"docker.io/cloudbees/cloudbees-core-mm:*", "almalinux-8"},
    {"docker.io/cloudbees/cloudbees-core-agent:*", "almalinux-8"},
    {"docker.io/sonatype/nexus3:*", "almalinux-8"},
    {"docker.io/anchore/test_images:appstreams-nodejs-*-rhel-9-*", "almalinux-9"},
    {"docker.io/keycloak/keycloak:*", "almalinux-9"},
    {"docker.io/anchore/test_images:vulnerabilities-alpine-3.6-*", "alpine-3.6"},
    {"docker.io/anchore/test_images:vulnerabilities-alpine-3.8-*", "alpine-3.8"},
    {"docker.io/anchore/test_images:vulnerabilities-alpine-3.11-*", "alpine-3.11"},
};

struct label {
    struct gb_str image, verdict, id, cve, package, version;
    struct gb_str scope, name, source_version; // name: to look up in the feed
    enum family family;
};

struct count {
    size_t hit, missed, avoided, reported, no_row, no_source, suppressed, undecided, contradicted;
    size_t failed; // missed or reported, and the feed's row does not say so
};

struct run {
    struct feeds feeds;
    struct gb_arena *arena;
    struct gb_map sources;  // scope, binary -> source, of Debian
    struct gb_map verdicts; // package, version, flaw -> the first verdict, or `contradicted`
    struct count counts[FAMILIES];
    size_t other;
};

static struct gb_str contradicted = GB_STR_INIT("both");

static struct gb_str key_of(struct gb_arena *arena, struct gb_str a, struct gb_str b,
                            struct gb_str c)
{
    return gb_str_format(arena, GB_PRI "\x1f" GB_PRI "\x1f" GB_PRI, GB_ARG(a), GB_ARG(b),
                         GB_ARG(c));
}

// The last block of an export: "source,binary binary" a line; no binary: one of the same name.
static void read_sources(struct run *run, struct gb_str suite, struct gb_str text)
{
    struct gb_arena *arena = run->feeds.arena;
    struct gb_str line, word;
    int block = 0;
    while (gb_str_next(&text, '\n', &line)) {
        ptrdiff_t comma = gb_str_find_char(line, ',');
        block += !line.len;
        if (block < 2 || comma <= 0)
            continue;
        struct gb_str source = gb_str_copy(arena, gb_str_sub(line, 0, (size_t)comma));
        struct gb_str rest = gb_str_from(line, (size_t)comma + 1);
        if (!rest.len)
            rest = source;
        struct gb_str *value = gb_alloc(arena, sizeof *value);
        if (!value)
            return;
        *value = source;
        while (gb_str_next_word(&rest, &word)) {
            struct gb_str key = key_of(arena, suite, word, GB_STR(""));
            if (!gb_map_get(&run->sources, key) && gb_map_set(&run->sources, key, value))
                return;
        }
    }
}

static void read_export(struct run *run, const char *path)
{
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    archive_read_support_filter_zstd(archive);
    archive_read_support_format_tar(archive);
    if (archive_read_open_filename(archive, path, 1 << 16) != ARCHIVE_OK) {
        fprintf(stderr, "%s: %s\n", path, archive_error_string(archive));
        exit(2);
    }
    enum { TEXT_BYTES = 64 << 20 };
    unsigned char *packed = malloc(TEXT_BYTES);
    char *text = malloc(TEXT_BYTES);
    while (packed && text && archive_read_next_header(archive, &entry) == ARCHIVE_OK) {
        const char *name = archive_entry_pathname(entry);
        const char *slash = name ? strrchr(name, '/') : NULL;
        la_ssize_t size = archive_read_data(archive, packed, TEXT_BYTES);
        uLongf length = TEXT_BYTES;
        if (size > 0 && uncompress((Bytef *)text, &length, packed, (uLong)size) == Z_OK)
            read_sources(run, gb_str_copy(run->feeds.arena, gb_str_of(slash ? slash + 1 : name)),
                         (struct gb_str){text, length});
    }
    free(packed);
    free(text);
    archive_read_free(archive);
}

// Of the image's own suite, else of any: old releases have no block of their own.
static struct gb_str source_of(const struct run *run, struct gb_str scope, struct gb_str binary)
{
    static const struct {
        const char *scope, *suite;
    } suites[] = {{"debian-9", "stretch"},
                  {"debian-10", "buster"},
                  {"debian-11", "bullseye"},
                  {"debian-sid", "sid"}};
    for (int own = 1; own >= 0; own--)
        for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
            if (own && !gb_str_is(scope, suites[i].scope))
                continue;
            const struct gb_str *source = gb_map_get(
                &run->sources, key_of(run->arena, gb_str_of(suites[i].suite), binary, GB_STR("")));
            if (source)
                return *source;
        }
    return (struct gb_str){0};
}

static const struct gb_shard *shard_of(const struct run *run, struct gb_str scope)
{
    for (size_t i = 0; i < run->feeds.count; i++)
        if (gb_str_eq(gb_shard_describe(run->feeds.shards[i])->scope, scope))
            return run->feeds.shards[i];
    return NULL;
}

static bool has_epoch(struct gb_str version)
{
    return gb_str_find_char(version, ':') > 0;
}

// Some binaries of Debian have an epoch that their source has not ("bsdutils 1:2.20.1" is
// util-linux 2.20.1). A database of packages tells; here only the feed's versions of the source do.
static bool source_has_epochs(struct run *run, const struct gb_shard *shard, struct gb_str source)
{
    struct gb_shard_rows rows = gb_shard_find(shard, source);
    struct gb_shard_row row;
    while (gb_shard_next(&rows, run->arena, &row)) {
        for (size_t i = 0; i < row.affected.range_count; i++)
            if (has_epoch(row.affected.ranges[i].fixed))
                return true;
        for (size_t i = 0; i < row.affected.unaffected_count; i++)
            if (has_epoch(row.affected.unaffected[i]))
                return true;
    }
    return false;
}

static bool is_modular(struct gb_str version)
{
    return gb_str_contains(version, GB_STR(".module"));
}

// What the feed's rows say of a flaw and a version, by plain comparison.
struct word {
    bool any, vulnerable;
    struct gb_str fixed; // of the last row
};

static bool row_says(const struct gb_affected *row, struct gb_str version)
{
    for (size_t i = 0; i < row->unaffected_count; i++)
        if (gb_version_compare(row->scheme, version, row->unaffected[i]) == 0)
            return false;
    for (size_t i = 0; i < row->range_count; i++) {
        const struct gb_affected_range *range = &row->ranges[i];
        bool begun = !range->introduced.len || gb_str_is(range->introduced, "0") ||
                     gb_version_compare(row->scheme, version, range->introduced) >= 0;
        bool ended = range->fixed.len
                         ? gb_version_compare(row->scheme, version, range->fixed) >= 0
                         : range->last_affected.len &&
                               gb_version_compare(row->scheme, version, range->last_affected) > 0;
        if (begun && !ended)
            return true;
    }
    return false;
}

static bool is_about(const struct gb_advisory *advisory, const struct label *label)
{
    if (gb_str_eq(advisory->id, label->cve) || gb_str_eq(advisory->id, label->id))
        return true;
    for (size_t i = 0; i < advisory->cve_count; i++)
        if (gb_str_eq(advisory->cves[i], label->cve))
            return true;
    for (size_t i = 0; i < advisory->alias_count; i++)
        if (gb_str_eq(advisory->aliases[i], label->id))
            return true;
    return false;
}

// Rows of modules speak of modules only.
static struct word word_of_feed(struct run *run, const struct label *label)
{
    struct word word = {0};
    const struct gb_shard *shard = shard_of(run, label->scope);
    if (!shard)
        return word;
    struct gb_shard_rows rows = gb_shard_find(shard, label->name);
    struct gb_shard_row row;
    while (gb_shard_next(&rows, run->arena, &row)) {
        struct gb_advisory advisory;
        struct gb_error err = {0};
        bool modular = row.affected.module.len ||
                       (row.affected.range_count && is_modular(row.affected.ranges[0].fixed));
        if (modular != is_modular(label->version))
            continue;
        if (gb_shard_advisory(shard, row.advisory, run->arena, &advisory, &err))
            feeds_fail(&err, "shard");
        if (!is_about(&advisory, label))
            continue;
        word.any = true;
        word.vulnerable |= row_says(&row.affected, label->source_version);
        word.fixed = row.affected.range_count ? row.affected.ranges[0].fixed : (struct gb_str){0};
    }
    return word;
}

static bool is_go(struct gb_str package)
{
    ptrdiff_t slash = gb_str_find_char(package, '/');
    return gb_str_is(package, "stdlib") ||
           (slash > 0 && gb_str_find_char(gb_str_sub(package, 0, (size_t)slash), '.') > 0);
}

static int year_of(struct gb_str id)
{
    uint64_t year;
    return gb_str_starts(id, GB_STR("CVE-")) && !gb_str_to_uint(gb_str_sub(id, 4, 4), 10, &year)
               ? (int)year
               : 0;
}

// False for labels of no family.
static bool classify(struct run *run, struct label *label)
{
    label->name = label->package;
    label->source_version = label->version;
    if (is_go(label->package)) {
        label->family = GO;
        label->scope = GB_STR("go");
        return true;
    }
    for (size_t i = 0; i < sizeof images / sizeof *images && !label->scope.len; i++)
        if (gb_str_glob(gb_str_of(images[i].tag), label->image, false))
            label->scope = gb_str_of(images[i].scope);
    if (gb_str_starts(label->scope, GB_STR("almalinux-"))) {
        bool is_9 = gb_str_is(label->scope, "almalinux-9");
        if (!gb_str_contains(label->version, is_9 ? GB_STR("el9") : GB_STR("el8")))
            return false; // of a language
        bool modular = is_modular(label->version);
        label->family = is_9 ? modular ? EL9_MODULE : EL9 : modular ? EL8_MODULE : EL8;
        return true;
    }
    if (gb_str_starts(label->scope, GB_STR("alpine-"))) {
        label->family = ALPINE;
        return gb_str_contains(label->version, GB_STR("-r"));
    }
    label->family = DEBIAN;
    if (!label->scope.len)
        return false;
    label->name = source_of(run, label->scope, label->package);
    label->source_version = gb_version_without_rebuild(label->version);
    const struct gb_shard *shard = shard_of(run, label->scope);
    if (label->name.len && has_epoch(label->version) && !source_has_epochs(run, shard, label->name))
        label->source_version = gb_version_without_epoch(GB_VERSION_DPKG, label->source_version);
    return year_of(label->cve) != 0;
}

static void put(struct gb_arena *arena, struct gb_map_value *props, const char *key,
                struct gb_str value)
{
    gb_map_put(arena, props, gb_str_of(key), gb_string(value));
}

static void collect(struct gb_arena *arena, struct gb_collection *all, const struct label *label)
{
    if (label->family == GO) {
        struct gb_map_value *package =
            gb_collection_add(all, GB_STR("language_package"), label->package);
        put(arena, package, "ecosystem", GB_STR("Go"));
        put(arena, package, "name", label->package);
        put(arena, package, "version", label->version);
        return;
    }
    struct gb_map_value *package = gb_collection_add(all, GB_STR("os_package"), label->package);
    put(arena, package, "name", label->package);
    put(arena, package, "version", label->version);
    put(arena, package, "manager",
        label->family == DEBIAN   ? GB_STR("dpkg")
        : label->family == ALPINE ? GB_STR("apk")
                                  : GB_STR("rpm"));
    put(arena, package, "source", label->name);
    put(arena, package, "source_version", label->source_version);
}

static void tell(const char *what, const struct label *label, const struct word *word,
                 bool explained)
{
    printf("%s: " GB_PRI " " GB_PRI " " GB_PRI " " GB_PRI " (%s): the row of " GB_PRI " says %s"
           " (source or module version " GB_PRI ", fixed in " GB_PRI ")%s\n",
           what, GB_ARG(label->image), GB_ARG(label->cve), GB_ARG(label->package),
           GB_ARG(label->version), families[label->family].name, GB_ARG(label->name),
           word->vulnerable ? "vulnerable" : "not vulnerable", GB_ARG(label->source_version),
           GB_ARG(word->fixed.len ? word->fixed : GB_STR("no version")),
           explained ? "" : ": FAILED");
}

static void judge(struct run *run, const struct label *label, const struct gb_vulnerability *v)
{
    struct count *count = &run->counts[label->family];
    bool is_true = gb_str_is(label->verdict, "TP");
    if (!is_true && !gb_str_is(label->verdict, "FP")) {
        count->undecided++;
        return;
    }
    if (gb_map_get(&run->verdicts, key_of(run->arena, label->package, label->version,
                                          label->cve)) == &contradicted) {
        count->contradicted++;
        return;
    }
    if (!label->name.len) {
        count->no_source++;
        return;
    }
    struct word word = word_of_feed(run, label);
    bool explained = word.vulnerable == (v != NULL);
    if (v && v->suppression) {
        count->suppressed++;
    } else if (!v && !word.any) {
        count->no_row++;
    } else if (is_true) {
        count->hit += v != NULL;
        count->missed += !v;
        count->failed += !v && !explained;
        if (!v)
            tell("missed", label, &word, explained);
    } else {
        count->reported += v != NULL;
        count->avoided += !v;
        count->failed += v && !explained;
        if (v)
            tell("false positive", label, &word, explained);
    }
}

static const struct gb_vulnerability *find(struct gb_arena *arena, const struct gb_map *found,
                                           const struct label *label)
{
    struct gb_str version = label->family == DEBIAN ? label->source_version : label->version;
    const struct gb_vulnerability *v =
        gb_map_get(found, key_of(arena, label->package, version, label->cve));
    return v ? v : gb_map_get(found, key_of(arena, label->package, version, label->id));
}

// Labels of one image, which are side by side in the table.
static void run_image(struct run *run, struct label *labels, size_t count)
{
    struct gb_mark mark = gb_arena_mark(run->arena);
    struct gb_collection *all = gb_collection_new(run->arena, 0);
    struct gb_map seen = gb_map(run->arena), found = gb_map(run->arena);
    struct gb_str scope = {0};
    struct gb_error err = {0};
    for (size_t i = 0; i < count; i++) {
        struct gb_str key = key_of(run->arena, labels[i].package, labels[i].version, GB_STR(""));
        if (gb_map_get(&seen, key))
            continue;
        if (labels[i].family != GO)
            scope = labels[i].scope;
        collect(run->arena, all, &labels[i]);
        if (gb_map_set(&seen, key, run))
            feeds_fail(&err, "out of memory");
    }
    struct gb_match_options options = {
        .shards = run->feeds.shards, .shard_count = run->feeds.count, .scope = scope};
    struct gb_matches matches;
    if (gb_match(all, &options, run->arena, &matches, &err))
        feeds_fail(&err, "matching");
    for (size_t i = 0; i < matches.count; i++) {
        struct gb_vulnerability *v = &matches.items[i];
        struct gb_str id = v->id;
        for (size_t k = 0; k <= v->alias_count; k++) {
            if (gb_map_set(&found, key_of(run->arena, v->installed, v->version, id), v))
                feeds_fail(&err, "out of memory");
            id = k < v->alias_count ? v->aliases[k] : id;
        }
    }
    for (size_t i = 0; i < count; i++)
        judge(run, &labels[i], find(run->arena, &found, &labels[i]));
    gb_arena_reset(run->arena, mark);
}

static struct label read_label(struct gb_str line)
{
    struct gb_str columns[8] = {0};
    for (size_t i = 0; i < 8 && line.at; i++) {
        ptrdiff_t tab = gb_str_find_char(line, '\t');
        columns[i] = tab < 0 ? line : gb_str_sub(line, 0, (size_t)tab);
        line = tab < 0 ? (struct gb_str){0} : gb_str_from(line, (size_t)tab + 1);
    }
    return (struct label){.image = columns[0],
                          .verdict = columns[2],
                          .id = columns[3],
                          .cve = columns[4].len ? columns[4] : columns[3],
                          .package = columns[5],
                          .version = columns[6]};
}

// Two opinions on one thing make it undecided.
static void hear_all(struct run *run, struct gb_str text)
{
    struct gb_str line;
    gb_str_next(&text, '\n', &line);
    while (gb_str_next(&text, '\n', &line)) {
        struct label label = read_label(line);
        if (gb_str_is(label.verdict, "??"))
            continue;
        struct gb_str key = key_of(run->feeds.arena, label.package, label.version, label.cve);
        struct gb_str *known = gb_map_get(&run->verdicts, key);
        struct gb_str *verdict = known ? &contradicted : gb_alloc(run->feeds.arena, sizeof *known);
        if (known && gb_str_eq(*known, label.verdict))
            continue;
        if (verdict && !known)
            *verdict = label.verdict;
        if (!verdict || gb_map_set(&run->verdicts, key, verdict))
            exit(2);
    }
}

static void run_table(struct run *run, struct gb_str text)
{
    struct gb_str line;
    struct label *labels = NULL;
    size_t count = 0, capacity = 0;
    gb_str_next(&text, '\n', &line);
    while (gb_str_next(&text, '\n', &line)) {
        struct label label = read_label(line);
        int last_year = 0;
        if (!label.package.len || !classify(run, &label) ||
            ((last_year = families[label.family].last_year) && year_of(label.cve) > last_year)) {
            run->other++;
            continue;
        }
        if (count && !gb_str_eq(labels[0].image, label.image)) {
            run_image(run, labels, count);
            count = 0;
        }
        if (count == capacity)
            labels = realloc(labels, (capacity = capacity * 2 + 64) * sizeof *labels);
        if (!labels)
            exit(2);
        labels[count++] = label;
    }
    if (count)
        run_image(run, labels, count);
    free(labels);
}

static int report(const struct run *run)
{
    size_t passed = 0, failed = 0;
    for (size_t i = 0; i < FAMILIES; i++) {
        const struct count *c = &run->counts[i];
        size_t known = c->hit + c->missed;
        double recall = known ? (double)c->hit / (double)known : 1;
        printf("%s: recall %.4f (%zu of %zu); false positives %zu of %zu; suppressed %zu; without "
               "a row %zu, without a source %zu; undecided labels %zu, contradicted %zu\n",
               families[i].name, recall, c->hit, known, c->reported, c->reported + c->avoided,
               c->suppressed, c->no_row, c->no_source, c->undecided, c->contradicted);
        bool held = recall >= families[i].recall && !(families[i].no_false_match && c->reported);
        if (families[i].recall > 0 && (!held || !known))
            printf("%s: the bar is NOT held\n", families[i].name);
        passed += c->hit + c->avoided;
        failed += c->failed + (families[i].recall > 0 && (!held || !known));
    }
    printf("labels of other feeds: %zu\n", run->other);
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed || !passed;
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: conformance-labels FILE\n");
        return 2;
    }
    size_t length = 0;
    char *text = table_read(arguments[1], &length);
    if (!text)
        return 2;
    struct run run = {.feeds = feeds_beside(arguments[1]),
                      .arena = gb_arena_new("labels", 1u << 30)};
    run.sources = gb_map(run.feeds.arena);
    run.verdicts = gb_map(run.feeds.arena);
    static const char export[] = "distro/debsecan-2021-11-17.tar.zst";
    feeds_import(&run.feeds, export, "debsecan", true);
    feeds_import(&run.feeds, "distro/alpine-secdb-2020-06-08.tar.zst", "secdb", false);
    feeds_import(&run.feeds, "osv/AlmaLinux/all.zip", "osv", false);
    feeds_import(&run.feeds, "osv/Go/all.zip", "osv", true);
    char path[PATH_MAX + 256];
    feeds_path(&run.feeds, export, path, sizeof path);
    read_export(&run, path);
    hear_all(&run, (struct gb_str){text, length});
    run_table(&run, (struct gb_str){text, length});
    int code = report(&run);
    free(text);
    gb_arena_free(&run.arena);
    feeds_free(&run.feeds);
    return code;
}
