// The folder of feeds: what is signed by a trusted key and whole is used, all else is named and
// left out; replacing is one step; one writer at a time.
#include "store/feed/feed_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char root[64], folder[80], other[80];
static struct gb_arena *arena;
static struct gb_error err;

static void must(int code)
{
    if (code)
        fail_msg("%s: %s", err.subject, err.reason);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/gabion-feeds-XXXXXX");
    if (!mkdtemp(root))
        return -1;
    snprintf(folder, sizeof folder, "%s/feeds", root);
    snprintf(other, sizeof other, "%s/other", root);
    arena = gb_arena_new("test", 16u << 20);
    err = (struct gb_error){0};
    return arena ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct gb_feed_store *open_at(const char *path, const char *trust)
{
    struct gb_feed_store *store = NULL;
    const char *files[] = {trust};
    struct gb_feed_store_options options = {
        .path = path, .trust = files, .trust_count = trust != NULL, .key_folder = "/nonexistent"};
    must(gb_feed_store_open(&options, &store, &err));
    return store;
}

static void put(struct gb_feed_store *store, const char *scope, const char *fixed)
{
    struct gb_shard_description description = {.feed = GB_STR("osv"),
                                               .scope = gb_str_of(scope),
                                               .scheme = GB_VERSION_DPKG,
                                               .data_at = 1700000000,
                                               .built_at = 1700000001,
                                               .origin = GB_STR("all.zip")};
    struct gb_affected_range range = {.fixed = gb_str_of(fixed)};
    struct gb_affected affected = {.scope = gb_str_of(scope),
                                   .package = GB_STR("openssl"),
                                   .ranges = &range,
                                   .range_count = 1};
    struct gb_advisory advisory = {.id = GB_STR("CVE-2024-0001"),
                                   .title = GB_STR("A flaw"),
                                   .affected = &affected,
                                   .affected_count = 1};
    struct gb_shard_writer *writer;
    must(gb_shard_writer_new(&description, 1u << 20, &writer, &err));
    must(gb_shard_writer_advisory(writer, &advisory, &err));
    must(gb_feed_store_put(store, writer, &description, &err));
    gb_shard_writer_free(&writer);
}

static void fill(const char *path)
{
    struct gb_feed_store *store = open_at(path, NULL);
    must(gb_feed_store_lock(store, &err));
    put(store, "debian-12", "1.0-1");
    put(store, "go", "v1.2.3");
    gb_feed_store_close(&store);
}

static struct gb_str fixed_in(struct gb_feed_store *store, const char *scope)
{
    const struct gb_shard *const *shards;
    size_t count;
    struct gb_str scopes[] = {gb_str_of(scope)};
    must(gb_feed_store_shards(store, scopes, 1, &shards, &count, &err));
    if (!count)
        return GB_STR("");
    struct gb_shard_rows rows = gb_shard_find(shards[0], GB_STR("openssl"));
    struct gb_shard_row row;
    assert_true(gb_shard_next(&rows, arena, &row));
    return gb_str_copy(arena, row.affected.ranges[0].fixed);
}

// The problem of the entry of a scope.
static struct gb_str problem_of(struct gb_feed_store *store, const char *scope)
{
    size_t count;
    const struct gb_feed_entry *entries = gb_feed_store_entries(store, &count);
    for (size_t i = 0; i < count; i++)
        if (gb_str_is(entries[i].scope, scope))
            return gb_str_copy(arena, entries[i].problem);
    return GB_STR("absent");
}

static const char *path_of(const char *base, struct gb_str file)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/" GB_PRI, base, GB_ARG(file));
    return path;
}

static const char *shard_path(const char *scope)
{
    struct gb_feed_store *store = open_at(folder, NULL);
    size_t count;
    const struct gb_feed_entry *entries = gb_feed_store_entries(store, &count);
    const char *path = NULL;
    for (size_t i = 0; i < count; i++)
        if (gb_str_is(entries[i].scope, scope))
            path = path_of(folder,
                           gb_str_format(arena, "data/" GB_PRI, GB_ARG(entries[i].shard.file)));
    gb_feed_store_close(&store);
    assert_non_null(path);
    return path;
}

static void change_byte(const char *path, off_t at)
{
    int fd = open(path, O_RDWR);
    char c = 0;
    assert_true(fd >= 0 && pread(fd, &c, 1, at) == 1);
    c = (char)(c ^ 1);
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    close(fd);
}

static void an_absent_folder_is_empty(void **state)
{
    (void)state;
    struct gb_feed_store *store = open_at(folder, NULL);
    size_t count;
    gb_feed_store_entries(store, &count);
    assert_int_equal(count, 0);
    gb_feed_store_close(&store);
    assert_null(store);
    assert_int_equal(faccessat(AT_FDCWD, folder, F_OK, 0), -1); // reading makes nothing
}

static void what_is_put_is_found(void **state)
{
    (void)state;
    fill(folder);
    struct gb_feed_store *store = open_at(folder, NULL);
    size_t count;
    const struct gb_feed_entry *entries = gb_feed_store_entries(store, &count);
    assert_int_equal(count, 2);
    assert_true(gb_str_is(entries[0].name, "osv_debian-12"));
    assert_true(gb_str_is(entries[0].feed, "osv") && gb_str_is(entries[0].scope, "debian-12"));
    assert_true(gb_str_is(entries[0].origin, "all.zip"));
    assert_int_equal(entries[0].data_at, 1700000000);
    assert_int_equal(entries[0].built_at, 1700000001);
    assert_int_equal(entries[0].rows, 1);
    assert_true(gb_str_ends(entries[0].signer, GB_STR(" (own)")));
    assert_int_equal(entries[0].problem.len, 0);
    assert_true(gb_str_is(fixed_in(store, "debian-12"), "1.0-1"));
    assert_true(gb_str_is(fixed_in(store, "go"), "v1.2.3"));
    assert_true(gb_str_is(fixed_in(store, "npm"), ""));
    struct gb_advisory_text text;
    must(gb_feed_store_text(store, GB_STR("osv"), GB_STR("go"), GB_STR("CVE-2024-0001"), arena,
                            &text, &err));
    assert_true(gb_str_is(text.title, "A flaw"));
    must(gb_feed_store_text(store, GB_STR("osv"), GB_STR("npm"), GB_STR("CVE-2024-0001"), arena,
                            &text, &err));
    assert_int_equal(text.title.len, 0);
    gb_feed_store_close(&store);
    struct stat st;
    assert_int_equal(stat(path_of(folder, GB_STR("own.key")), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(stat(path_of(folder, GB_STR("own.pub")), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
}

static size_t files_in_data(void)
{
    char command_path[128];
    snprintf(command_path, sizeof command_path, "%s/data", folder);
    struct gb_feed_store *store = open_at(folder, NULL);
    gb_feed_store_close(&store);
    size_t count = 0;
    DIR *dir = opendir(command_path);
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void replacing_and_sweeping(void **state)
{
    (void)state;
    fill(folder);
    struct gb_feed_store *old = open_at(folder, NULL);
    assert_true(gb_str_is(fixed_in(old, "go"), "v1.2.3"));
    struct gb_feed_store *store = open_at(folder, NULL);
    must(gb_feed_store_lock(store, &err));
    put(store, "go", "v1.2.4");
    assert_true(gb_str_is(fixed_in(store, "go"), "v1.2.4"));
    assert_int_equal(files_in_data(), 4); // three shards; their texts are the same
    must(gb_feed_store_sweep(store, &err));
    assert_int_equal(files_in_data(), 3);
    assert_true(gb_str_is(fixed_in(old, "go"), "v1.2.3")); // who reads goes on
    gb_feed_store_close(&store);
    gb_feed_store_close(&old);
}

static void a_changed_shard_is_refused(void **state)
{
    (void)state;
    fill(folder);
    change_byte(shard_path("go"), 200);
    struct gb_feed_store *store = open_at(folder, NULL);
    assert_true(gb_str_is(fixed_in(store, "go"), ""));
    assert_true(gb_str_contains(problem_of(store, "go"), GB_STR("not the one that was signed")));
    assert_true(gb_str_is(fixed_in(store, "debian-12"), "1.0-1"));
    gb_feed_store_close(&store);
}

static void a_cut_shard_is_refused(void **state)
{
    (void)state;
    fill(folder);
    assert_int_equal(truncate(shard_path("go"), 100), 0);
    struct gb_feed_store *store = open_at(folder, NULL);
    assert_true(gb_str_is(fixed_in(store, "go"), ""));
    assert_true(gb_str_contains(problem_of(store, "go"), GB_STR("has 100")));
    assert_int_equal(problem_of(store, "debian-12").len, 0);
    gb_feed_store_close(&store);
    assert_int_equal(unlink(shard_path("go")), 0);
    store = open_at(folder, NULL);
    assert_true(gb_str_is(fixed_in(store, "go"), ""));
    assert_true(problem_of(store, "go").len > 0);
    gb_feed_store_close(&store);
}

static void a_changed_manifest_is_refused(void **state)
{
    (void)state;
    fill(folder);
    const char *manifest = path_of(folder, GB_STR("osv_go.manifest"));
    FILE *file = fopen(manifest, "r+");
    assert_non_null(file);
    char text[2048];
    size_t len = fread(text, 1, sizeof text - 1, file);
    text[len] = 0;
    char *rows = strstr(text, "\"rows\":1");
    assert_non_null(rows);
    assert_int_equal(fseek(file, rows - text + 7, SEEK_SET), 0);
    fputc('7', file);
    fclose(file);
    struct gb_feed_store *store = open_at(folder, NULL);
    assert_true(gb_str_contains(problem_of(store, "go"), GB_STR("signature")));
    assert_true(gb_str_is(fixed_in(store, "go"), ""));
    gb_feed_store_close(&store);

    char *end = strchr(text, '\n');
    assert_int_equal(truncate(manifest, end - text + 1), 0); // the statement alone
    store = open_at(folder, NULL);
    assert_true(gb_str_contains(problem_of(store, "go"), GB_STR("not signed")));
    gb_feed_store_close(&store);
    assert_int_equal(truncate(manifest, 0), 0);
    store = open_at(folder, NULL);
    size_t count;
    const struct gb_feed_entry *entries = gb_feed_store_entries(store, &count);
    assert_int_equal(count, 2);
    assert_true(gb_str_is(entries[1].name, "osv_go") && entries[1].problem.len > 0);
    gb_feed_store_close(&store);
}

static void only_trusted_signers(void **state)
{
    (void)state;
    fill(folder);
    // Another machine's shards, copied: refused, until its key is trusted.
    fill(other);
    struct gb_feed_store *from = open_at(other, NULL);
    struct gb_feed_store *store = open_at(folder, NULL);
    must(gb_feed_store_lock(store, &err));
    size_t count;
    const struct gb_feed_entry *entries = gb_feed_store_entries(from, &count);
    assert_int_equal(gb_feed_store_adopt(store, from, &entries[0], &err), GB_E_DENIED);
    assert_non_null(strstr(err.reason, "not trusted"));
    gb_feed_store_close(&store);
    gb_feed_store_close(&from);

    char key[128];
    snprintf(key, sizeof key, "%s/own.pub", other);
    from = open_at(other, NULL);
    store = open_at(folder, key);
    must(gb_feed_store_lock(store, &err));
    entries = gb_feed_store_entries(from, &count);
    must(gb_feed_store_adopt(store, from, &entries[0], &err));
    must(gb_feed_store_sweep(store, &err));
    assert_true(gb_str_is(fixed_in(store, "debian-12"), "1.0-1"));
    gb_feed_store_close(&store);
    gb_feed_store_close(&from);
    // Without the key it is refused again, by name.
    store = open_at(folder, NULL);
    assert_true(gb_str_contains(problem_of(store, "debian-12"), GB_STR("not trusted")));
    assert_true(gb_str_is(fixed_in(store, "debian-12"), ""));
    assert_true(gb_str_is(fixed_in(store, "go"), "v1.2.3"));
    gb_feed_store_close(&store);
}

static void exporting_and_taking(void **state)
{
    (void)state;
    fill(folder);
    struct gb_feed_store *store = open_at(folder, NULL);
    size_t count;
    must(gb_feed_store_export(store, other, &count, &err));
    assert_int_equal(count, 2);
    gb_feed_store_close(&store);
    struct stat st;
    assert_int_equal(stat(path_of(other, GB_STR("signer.pub")), &st), 0);
    assert_int_equal(stat(path_of(other, GB_STR("MANIFESTS")), &st), 0);
    assert_int_equal(stat(path_of(other, GB_STR("own.key")), &st), -1);
    char key[128], third[128];
    snprintf(key, sizeof key, "%s/signer.pub", other);
    snprintf(third, sizeof third, "%s/third", root);
    struct gb_feed_store *from = open_at(other, key);
    store = open_at(third, key);
    must(gb_feed_store_lock(store, &err));
    const struct gb_feed_entry *entries = gb_feed_store_entries(from, &count);
    for (size_t i = 0; i < count; i++)
        must(gb_feed_store_adopt(store, from, &entries[i], &err));
    assert_true(gb_str_is(fixed_in(store, "go"), "v1.2.3"));
    must(gb_feed_store_verify(store, &err));
    assert_int_equal(problem_of(store, "go").len, 0);
    gb_feed_store_close(&store);
    gb_feed_store_close(&from);
}

static void one_writer_at_a_time(void **state)
{
    (void)state;
    struct gb_feed_store *store = open_at(folder, NULL);
    must(gb_feed_store_lock(store, &err));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct gb_feed_store *second = NULL;
        struct gb_feed_store_options options = {.path = folder, .key_folder = "/nonexistent"};
        int code = gb_feed_store_open(&options, &second, &err);
        _exit(!code && gb_feed_store_lock(second, &err) == GB_E_CONFLICT ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    gb_feed_store_close(&store);
    store = open_at(folder, NULL);
    must(gb_feed_store_lock(store, &err));
    gb_feed_store_close(&store);
}

static void a_folder_of_all_is_refused(void **state)
{
    (void)state;
    fill(folder);
    assert_int_equal(chmod(folder, 0777), 0);
    struct gb_feed_store *store = NULL;
    struct gb_feed_store_options options = {.path = folder, .key_folder = "/nonexistent"};
    assert_int_equal(gb_feed_store_open(&options, &store, &err), GB_E_DENIED);
    assert_null(store);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_absent_folder_is_empty), TEST(what_is_put_is_found),
        TEST(replacing_and_sweeping),    TEST(a_changed_shard_is_refused),
        TEST(a_cut_shard_is_refused),    TEST(a_changed_manifest_is_refused),
        TEST(only_trusted_signers),      TEST(exporting_and_taking),
        TEST(one_writer_at_a_time),      TEST(a_folder_of_all_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
