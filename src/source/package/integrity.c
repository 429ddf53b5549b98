// Kind "package_integrity": the files of all packages against their checksums, in two threads or
// more; what `dpkg --verify` does. Only when asked for.
#include "base/digest.h"
#include "source/facts.h"
#include "source/package/checksums.h"
#include "source/package/dpkg.h"
#include "source/package/os_packages.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { THREADS_MAX = 8, LISTED_MOST = 1000, PIECE_BYTES = 64 << 10, SUM_DIGITS = 32 };

enum outcome { SAME, CHANGED, MISSING, UNREADABLE, REPLACED };
static const char *const outcome_names[] = {"same", "changed", "missing", "unreadable", "replaced"};

struct job {
    struct gb_str path; // without the first slash, as the list has it
    struct gb_str sum;
    uint32_t package;
    bool conffile, executable;
    unsigned char outcome;
};

struct work {
    const struct gb_host *host;
    struct job *jobs;
    size_t count, next; // atomic
};

struct probe {
    struct gb_collector *collector;
    const struct gb_dpkg *dpkg;
    struct work work;
    size_t capacity;
    struct gb_map diverted; // canonical path without the first slash
    struct gb_list *without;
};

// ---- one file

static enum outcome from_error(int code)
{
    return code == GB_E_NOT_FOUND ? MISSING : UNREADABLE;
}

static enum outcome compare(const struct gb_host *host, struct gb_digest_stream *stream,
                            struct job *job)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "/" GB_PRI, GB_ARG(job->path));
    if (length < 0 || (size_t)length >= sizeof path)
        return UNREADABLE;
    int fd = gb_host_open_fd(host, path, O_RDONLY, NULL);
    if (fd < 0)
        return from_error(fd);
    struct stat st;
    enum outcome outcome = UNREADABLE;
    bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    job->executable = regular && st.st_mode & 0111;
    int code = regular ? gb_digest_stream_start(stream, GB_MD5, NULL) : GB_E_UNSUPPORTED;
    for (ssize_t got = 1; !code && got > 0;) {
        char piece[PIECE_BYTES];
        got = read(fd, piece, sizeof piece);
        if (got < 0)
            code = GB_E_IO;
        else if (got > 0)
            code = gb_digest_stream_add(stream, (struct gb_str){piece, (size_t)got}, NULL);
    }
    close(fd);
    unsigned char sum[GB_DIGEST_LARGEST];
    if (!code && gb_digest_stream_end(stream, sum, NULL) == GB_OK) {
        static const char hex[] = "0123456789abcdef";
        outcome = SAME;
        for (size_t i = 0; i < SUM_DIGITS; i++)
            if (job->sum.at[i] != hex[i % 2 ? sum[i / 2] & 15 : sum[i / 2] >> 4])
                outcome = CHANGED;
    }
    return regular ? outcome : REPLACED;
}

static void *run(void *argument)
{
    struct work *work = argument;
    GB_CLEANUP(gb_digest_stream_free) struct gb_digest_stream *stream = NULL;
    bool ready = gb_digest_stream_new(&stream, NULL) == GB_OK;
    for (;;) {
        size_t i = __atomic_fetch_add(&work->next, 1, __ATOMIC_RELAXED);
        if (i >= work->count)
            return NULL;
        struct job *job = &work->jobs[i];
        job->outcome = (unsigned char)(ready ? compare(work->host, stream, job) : UNREADABLE);
    }
}

// ---- all files

static int add_job(struct probe *probe, const struct job *job)
{
    if (probe->work.count == probe->capacity) {
        size_t capacity = probe->capacity ? probe->capacity * 2 : 1u << 14;
        struct job *jobs = realloc(probe->work.jobs, capacity * sizeof *jobs);
        if (!jobs)
            return GB_E_MEMORY;
        probe->work.jobs = jobs;
        probe->capacity = capacity;
    }
    probe->work.jobs[probe->work.count++] = *job;
    return GB_OK;
}

// Paths that a diversion moved: the sums are of the original, which is elsewhere now.
static int read_diversions(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    struct gb_str text, from, to, by;
    probe->diverted = gb_map(collector->scratch);
    if (gb_host_read(collector->host, "/var/lib/dpkg/diversions", GB_CONFIG_MAX_BYTES,
                     collector->scratch, &text, NULL) < 0)
        return GB_OK;
    while (gb_str_next(&text, '\n', &from) && gb_str_next(&text, '\n', &to) &&
           gb_str_next(&text, '\n', &by)) {
        struct gb_str *target = gb_alloc(collector->scratch, 2 * sizeof *target);
        if (!target)
            return GB_E_MEMORY;
        target[0] = gb_str_from(to, 1);
        target[1] = by;
        if (gb_map_set(&probe->diverted, gb_str_from(from, 1), target) < 0)
            return GB_E_MEMORY;
    }
    return GB_OK;
}

static bool is_conffile(struct gb_str conffiles, struct gb_str path)
{
    for (struct gb_str line; gb_str_next(&conffiles, '\n', &line);)
        if (gb_str_eq(gb_str_from(line, 1), path))
            return true;
    return false;
}

static int add_package(struct probe *probe, const struct gb_dpkg_package *package)
{
    struct gb_collector *collector = probe->collector;
    struct gb_str list, conffiles = {0};
    if (gb_package_checksum_list(collector, package, &list) < 0) {
        if (probe->without)
            gb_list_add(collector->arena, probe->without,
                        gb_string_clean(collector->arena, package->name));
        return GB_OK;
    }
    struct gb_str path = gb_str_format(
        collector->scratch, "/var/lib/dpkg/info/" GB_PRI ".conffiles", GB_ARG(package->name));
    if (!path.at)
        return GB_E_MEMORY;
    if (gb_host_read(collector->host, path.at, GB_CONFIG_MAX_BYTES, collector->scratch, &conffiles,
                     NULL) < 0)
        conffiles = GB_STR("");
    struct job job = {.package = (uint32_t)package->position};
    while (gb_package_checksum_next(&list, &job.path, &job.sum)) {
        const struct gb_str *diversion = gb_map_get(&probe->diverted, job.path);
        if (diversion && !gb_str_eq(diversion[1], package->name))
            job.path = diversion[0];
        job.conffile = conffiles.len && is_conffile(conffiles, job.path);
        int code = add_job(probe, &job);
        if (code)
            return code;
    }
    return GB_OK;
}

static void run_all(struct probe *probe)
{
    cpu_set_t set;
    size_t threads = sched_getaffinity(0, sizeof set, &set) == 0 ? (size_t)CPU_COUNT(&set) : 2;
    if (threads > THREADS_MAX)
        threads = THREADS_MAX;
    pthread_t others[THREADS_MAX];
    size_t started = 0;
    while (started + 1 < threads && pthread_create(&others[started], NULL, run, &probe->work) == 0)
        started++;
    run(&probe->work);
    for (size_t i = 0; i < started; i++)
        pthread_join(others[i], NULL);
}

// ---- the resource

static bool is_program(const struct job *job)
{
    static const char *const places[] = {"usr/bin/", "usr/sbin/", "usr/libexec/",
                                         "bin/",     "sbin/",     "usr/games/"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (gb_str_starts(job->path, gb_str_of(places[i])))
            return true;
    return job->executable || gb_str_ends(job->path, GB_STR(".so")) ||
           gb_str_contains(job->path, GB_STR(".so."));
}

static int by_path(const void *a, const void *b)
{
    return gb_str_compare(((const struct job *)a)->path, ((const struct job *)b)->path);
}

static void put(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    struct gb_facts facts = gb_facts(
        collector, gb_collection_add(collector->all, GB_STR("package_integrity"), GB_STR("")));
    struct gb_list *changed = gb_list_new(collector->arena),
                   *programs = gb_list_new(collector->arena);
    int64_t conffiles = 0, changes = 0, program_changes = 0;
    if (probe->work.count)
        qsort(probe->work.jobs, probe->work.count, sizeof *probe->work.jobs, by_path);
    for (size_t i = 0; changed && programs && i < probe->work.count; i++) {
        const struct job *job = &probe->work.jobs[i];
        conffiles += job->conffile && job->outcome == CHANGED;
        if (job->outcome == SAME || job->conffile)
            continue;
        changes++;
        program_changes += is_program(job);
        bool listed = changed->count < LISTED_MOST;
        if (!listed && !(is_program(job) && programs->count < LISTED_MOST))
            continue;
        struct gb_facts record = gb_facts_record(collector);
        struct gb_str path = gb_str_format(collector->arena, "/" GB_PRI, GB_ARG(job->path));
        path = gb_string_clean(collector->arena, path).string;
        gb_fact(&record, "path", gb_fact_at(&record, gb_string(path), path, 0));
        gb_fact(&record, "package",
                gb_fact_text(&record, probe->dpkg->packages[job->package]->name));
        gb_fact(&record, "problem", gb_string(gb_str_of(outcome_names[job->outcome])));
        if (listed)
            gb_list_add(collector->arena, changed, gb_map_of(record.props));
        if (is_program(job) && programs->count < LISTED_MOST)
            gb_list_add(collector->arena, programs, gb_map_of(record.props));
    }
    gb_fact(&facts, "checked", gb_int((int64_t)probe->work.count));
    if (changed && programs && probe->without) {
        gb_fact(&facts, "changed", gb_list_of(changed));
        gb_fact(&facts, "changed_programs", gb_list_of(programs));
        gb_fact(&facts, "without_checksums", gb_list_of(probe->without));
    }
    gb_fact(&facts, "changed_count", gb_int(changes));
    gb_fact(&facts, "changed_program_count", gb_int(program_changes));
    gb_fact(&facts, "changed_conffiles", gb_int(conffiles));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct gb_str kind = GB_STR("package_integrity");
    if (!collector->verify) {
        gb_collection_no_subject(collector->all, kind,
                                 GB_STR("files are held against checksums with --verify only"));
        return GB_OK;
    }
    struct probe probe = {.collector = collector, .work = {.host = collector->host}};
    int code = gb_dpkg_load(collector, &probe.dpkg, err);
    if (code)
        return code;
    const struct gb_os_packages *others = NULL;
    code = gb_os_packages_load(collector, &others, err);
    if (code)
        return code;
    if (probe.dpkg->presence == GB_DPKG_ABSENT && others->presence != GB_PACKAGES_ABSENT)
        gb_collection_gap(collector->all, kind,
                          GB_STR("checksums are read of dpkg's packages only"));
    else if (probe.dpkg->presence == GB_DPKG_ABSENT)
        gb_collection_absent(collector->all, kind, probe.dpkg->reason);
    else if (probe.dpkg->presence == GB_DPKG_UNREADABLE)
        gb_collection_gap(collector->all, kind, probe.dpkg->reason);
    if (probe.dpkg->presence != GB_DPKG_READ)
        return GB_OK;
    probe.without = gb_list_new(collector->arena);
    code = read_diversions(&probe);
    for (size_t i = 0; !code && i < probe.dpkg->count; i++)
        if (gb_dpkg_in_place(probe.dpkg->packages[i]))
            code = add_package(&probe, probe.dpkg->packages[i]);
    if (!code) {
        run_all(&probe);
        put(&probe);
    }
    free(probe.work.jobs);
    return code ? gb_error_set(err, code, "no memory to verify packages") : GB_OK;
}

static const char *const kinds[] = {"package_integrity", NULL};

const struct gb_source gb_source_package_integrity = {
    .name = "package/integrity",
    .title = "files against their packages",
    .kinds = kinds,
    .order = 70,
    .collect = collect,
};
