// The walk: sees everything once, stays where it is, survives what users can build.
#include "source/walk/walk.h"

#include "temporary_root.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct temporary_root root;
static int root_fd;

struct seen { // by one thread
    char *paths[4096];
    size_t count;
    uint64_t entries, unreachable;
    bool keep;
    const char *prune;
};

static struct seen seen[GB_WALK_THREADS_MAX];

static int setup(void **state)
{
    (void)state;
    root = temporary_root_new();
    root_fd = open(root.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    chmod(root.path, 0755);
    return root_fd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    close(root_fd);
    temporary_root_free(&root, NULL);
    for (size_t i = 0; i < GB_WALK_THREADS_MAX; i++) {
        for (size_t k = 0; k < seen[i].count; k++)
            free(seen[i].paths[k]);
        seen[i] = (struct seen){0};
    }
    return 0;
}

static bool visit(void *context, const struct gb_walk_entry *entry)
{
    struct seen *mine = context;
    mine->entries++;
    mine->unreachable += !entry->reachable;
    if (mine->keep && mine->count < sizeof mine->paths / sizeof *mine->paths) {
        char path[8192];
        gb_walk_entry_path(entry, path, sizeof path);
        mine->paths[mine->count++] = strdup(path);
    }
    return !mine->prune || !gb_str_is(entry->name, mine->prune);
}

static struct gb_walk_counts walk(struct gb_walk_options options, bool keep, const char *prune)
{
    void *contexts[GB_WALK_THREADS_MAX];
    for (size_t i = 0; i < GB_WALK_THREADS_MAX; i++) {
        seen[i].keep = keep;
        seen[i].prune = prune;
        contexts[i] = &seen[i];
    }
    options.root_fd = root_fd;
    struct gb_walk_counts counts = {0};
    struct gb_error err = {0};
    if (gb_walk_run(&options, visit, contexts, &counts, &err))
        fail_msg("%s", err.reason);
    uint64_t entries = 0;
    for (size_t i = 0; i < GB_WALK_THREADS_MAX; i++)
        entries += seen[i].entries;
    assert_int_equal(entries, counts.entries);
    return counts;
}

static bool was_seen(const char *path)
{
    int times = 0;
    for (size_t i = 0; i < GB_WALK_THREADS_MAX; i++)
        for (size_t k = 0; k < seen[i].count; k++)
            times += strcmp(seen[i].paths[k], path) == 0;
    return times == 1;
}

static void sees_every_entry_once(void **state)
{
    (void)state;
    temporary_root_file(&root, "/etc/a", "x");
    temporary_root_file(&root, "/etc/deep/er/b", "x");
    temporary_root_file(&root, "/top", "x");
    temporary_root_dirs(&root, "/empty/");
    temporary_root_link(&root, "/etc/up", "..");
    temporary_root_link(&root, "/loop", "loop");
    char path[128];
    snprintf(path, sizeof path, "%s/fifo", root.path);
    assert_int_equal(mkfifo(path, 0600), 0);
    struct gb_walk_counts counts = walk((struct gb_walk_options){.threads = 3}, true, NULL);
    assert_int_equal(counts.entries, 11);
    assert_int_equal(counts.directories, 5);
    assert_int_equal(counts.files, 3);
    assert_int_equal(counts.links, 2);
    assert_int_equal(counts.others, 1);
    assert_int_equal(counts.unreadable + counts.vanished + counts.skipped + counts.mounts, 0);
    static const char *const paths[] = {
        "/",    "/etc",   "/etc/a",  "/etc/deep", "/etc/deep/er", "/etc/deep/er/b",
        "/top", "/empty", "/etc/up", "/loop",     "/fifo"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (!was_seen(paths[i]))
            fail_msg("%s was not seen once", paths[i]);
}

static void names_may_be_anything(void **state)
{
    (void)state;
    static const char *const names[] = {"\n", " ", "...", "\033[31m", "\xff\xfe", "-rf", "a\\b"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[64];
        snprintf(path, sizeof path, "/%s/%s", names[i], names[i]);
        temporary_root_file(&root, path, "");
    }
    walk((struct gb_walk_options){0}, true, NULL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[64];
        snprintf(path, sizeof path, "/%s/%s", names[i], names[i]);
        assert_true(was_seen(path));
    }
}

static void prunes(void **state)
{
    (void)state;
    temporary_root_file(&root, "/skip/inside", "");
    temporary_root_file(&root, "/keep/inside", "");
    struct gb_walk_counts counts = walk((struct gb_walk_options){0}, true, "skip");
    assert_true(was_seen("/skip") && was_seen("/keep/inside"));
    assert_false(was_seen("/skip/inside"));
    assert_int_equal(counts.pruned, 1);
}

static void tells_what_everybody_can_reach(void **state)
{
    (void)state;
    temporary_root_file(&root, "/closed/open/file", "");
    temporary_root_mode(&root, "/closed", 0750);
    walk((struct gb_walk_options){.threads = 1}, true, NULL);
    assert_int_equal(seen[0].unreachable, 2); // the directory inside and the file
}

static void what_cannot_be_read_is_counted(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        print_message("skipped: root can read everything\n");
        skip();
    }
    temporary_root_file(&root, "/closed/file", "");
    temporary_root_mode(&root, "/closed", 0);
    struct gb_walk_counts counts = walk((struct gb_walk_options){0}, true, NULL);
    temporary_root_mode(&root, "/closed", 0755);
    assert_int_equal(counts.unreadable, 1);
    assert_int_equal(counts.worst_errno, EACCES);
}

// Each level has a directory that goes on and `leaves` that end: when the walk comes back up it has
// to find directories again whose descriptors were given up long ago.
static void build_deep(int levels, int leaves)
{
    int at = dup(root_fd);
    for (int i = 0; i < levels; i++) {
        for (int k = 0; k < leaves; k++) {
            char name[16];
            snprintf(name, sizeof name, "leaf%d", k);
            assert_int_equal(mkdirat(at, name, 0755), 0);
        }
        assert_int_equal(mkdirat(at, "d", 0755), 0);
        int next = openat(at, "d", O_RDONLY | O_DIRECTORY);
        assert_true(next >= 0);
        close(at);
        at = next;
    }
    close(at);
}

// nftw cannot: the paths are longer than any call takes. Each level is moved up before its holder
// is removed.
static void remove_deep(int leaves)
{
    while (faccessat(root_fd, "d", F_OK, 0) == 0) {
        int level = openat(root_fd, "d", O_RDONLY | O_DIRECTORY);
        renameat(root_fd, "d", root_fd, "old");
        renameat(level, "d", root_fd, "d");
        for (int k = 0; k < leaves; k++) {
            char name[16];
            snprintf(name, sizeof name, "leaf%d", k);
            unlinkat(level, name, AT_REMOVEDIR);
        }
        close(level);
        assert_int_equal(unlinkat(root_fd, "old", AT_REMOVEDIR), 0);
    }
}

static void goes_as_deep_as_it_gets(void **state)
{
    (void)state;
    enum { LEVELS = 5000, LEAVES = 1 };
    build_deep(LEVELS, LEAVES);
    struct gb_walk_counts counts =
        walk((struct gb_walk_options){.fd_limit = 8, .threads = 2}, false, NULL);
    remove_deep(LEAVES);
    assert_int_equal(counts.directories, LEVELS * (LEAVES + 1) + 1);
    assert_int_equal(counts.unreadable + counts.vanished + counts.skipped, 0);
}

static void long_paths_are_cut_in_the_middle(void **state)
{
    (void)state;
    build_deep(3000, 0);
    struct gb_walk_counts counts = walk((struct gb_walk_options){.threads = 1}, true, NULL);
    remove_deep(0);
    assert_int_equal(counts.directories, 3001);
    size_t longest = 0;
    const char *cut = NULL;
    for (size_t i = 0; i < seen[0].count; i++) {
        size_t length = strlen(seen[0].paths[i]);
        longest = length > longest ? length : longest;
        if (strstr(seen[0].paths[i], "/.../"))
            cut = seen[0].paths[i];
    }
    assert_true(longest < 4096 && longest > 4000);
    assert_non_null(cut);
    assert_memory_equal(cut, "/d/d/d/", 7);
}

static void very_many_directories_in_one(void **state)
{
    (void)state;
    enum { MANY = 3000 };
    for (int i = 0; i < MANY; i++) {
        char path[64];
        snprintf(path, sizeof path, "/wide/%d/x", i);
        temporary_root_file(&root, path, "");
    }
    struct gb_walk_counts counts =
        walk((struct gb_walk_options){.fd_limit = 8, .threads = 4}, false, NULL);
    assert_int_equal(counts.directories, MANY + 2);
    assert_int_equal(counts.files, MANY);
    assert_int_equal(counts.vanished + counts.skipped, 0);
}

static void memory_is_bounded_and_what_is_left_out_is_counted(void **state)
{
    (void)state;
    for (int i = 0; i < 500; i++) {
        char path[64];
        snprintf(path, sizeof path, "/wide/%d/", i);
        temporary_root_dirs(&root, path);
    }
    struct gb_walk_counts counts =
        walk((struct gb_walk_options){.memory_limit = 10000}, false, NULL);
    assert_true(counts.skipped > 0);
    assert_int_equal(counts.skipped + counts.directories, 502);
}

static bool enough; // atomic

static void *make_trouble(void *argument)
{
    (void)argument;
    char from[128], to[128], link[128];
    snprintf(from, sizeof from, "%s/busy/a", root.path);
    snprintf(to, sizeof to, "%s/busy/b", root.path);
    snprintf(link, sizeof link, "%s/busy/link", root.path);
    while (!__atomic_load_n(&enough, __ATOMIC_RELAXED)) {
        (void)!rename(from, to);
        (void)!symlink("/", from);
        unlink(from);
        (void)!symlink("..", link);
        unlink(link);
        (void)!rename(to, from);
    }
    return NULL;
}

static void a_tree_that_changes_meanwhile(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        char path[64];
        snprintf(path, sizeof path, "/busy/a/%d/x", i);
        temporary_root_file(&root, path, "");
    }
    __atomic_store_n(&enough, false, __ATOMIC_RELAXED);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, make_trouble, NULL), 0);
    for (int i = 0; i < 60; i++) {
        struct gb_walk_counts counts =
            walk((struct gb_walk_options){.fd_limit = 8, .threads = 2}, false, NULL);
        assert_true(counts.entries < 2000); // never through the link to /
        for (size_t k = 0; k < GB_WALK_THREADS_MAX; k++)
            seen[k] = (struct seen){0};
    }
    __atomic_store_n(&enough, true, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sees_every_entry_once, setup, teardown),
        cmocka_unit_test_setup_teardown(names_may_be_anything, setup, teardown),
        cmocka_unit_test_setup_teardown(prunes, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_what_everybody_can_reach, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(goes_as_deep_as_it_gets, setup, teardown),
        cmocka_unit_test_setup_teardown(long_paths_are_cut_in_the_middle, setup, teardown),
        cmocka_unit_test_setup_teardown(very_many_directories_in_one, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_is_bounded_and_what_is_left_out_is_counted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_tree_that_changes_meanwhile, setup, teardown),
    };
    return cmocka_run_group_tests_name("source/walk/walk", tests, NULL, NULL);
}
