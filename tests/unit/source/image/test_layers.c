// Layers read out of tar archives that the test writes, put on top of each other, and laid out.
#include "base/buffer.h"
#include "source/image/merge.h"
#include "source/image/wanted.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { MEMORY = 64 << 20, BLOCK = 512 };

// One entry of an archive: type '0' file, '1' hard link, '2' symbolic link, '5' directory.
struct item {
    char type;
    const char *name, *content; // or target
};

struct fixture {
    struct gb_arena *arena;
    struct gb_workspace workspace;
    struct gb_image_view view;
    uint32_t entries, layers;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct gb_error err = {0};
    f->arena = gb_arena_new("test", MEMORY);
    f->view = gb_image_view(f->arena);
    f->entries = 1000;
    *state = f;
    return gb_workspace_open(&f->workspace, "/tmp", 1 << 20, 100, &err);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    char path[64];
    struct stat st;
    snprintf(path, sizeof path, "%s", f->workspace.path);
    gb_workspace_close(&f->workspace);
    assert_int_equal(stat(path, &st), -1); // nothing is left behind
    gb_arena_free(&f->arena);
    free(f);
    return 0;
}

// An archive of the items; a NULL name ends them.
static struct gb_str archive_of(struct gb_arena *arena, const struct item *items)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(1 << 20);
    for (; items->name; items++) {
        char header[BLOCK] = {0};
        size_t size = items->type == '0' ? strlen(items->content) : 0;
        memcpy(header, items->name, strlen(items->name));
        snprintf(header + 100, 8, "%07o", items->type == '5' ? 0755u : 0644u);
        snprintf(header + 124, 12, "%011o", (unsigned)size);
        snprintf(header + 136, 12, "%011o", 0u);
        memset(header + 148, ' ', 8);
        header[156] = items->type;
        if (items->type == '1' || items->type == '2')
            memcpy(header + 157, items->content, strlen(items->content));
        memcpy(header + 257, "ustar\00000", 8);
        unsigned sum = 0;
        for (size_t i = 0; i < BLOCK; i++)
            sum += (unsigned char)header[i];
        snprintf(header + 148, 8, "%06o", sum & 0777777u);
        gb_buffer_add(&out, (struct gb_str){header, BLOCK});
        if (size) {
            char padding[BLOCK] = {0};
            gb_buffer_add(&out, gb_str_of(items->content));
            gb_buffer_add(&out, (struct gb_str){padding, (BLOCK - size % BLOCK) % BLOCK});
        }
    }
    static const char end[2 * BLOCK];
    gb_buffer_add(&out, (struct gb_str){end, sizeof end});
    assert_false(out.failed);
    return gb_str_copy(arena, gb_buffer_str(&out));
}

static int64_t next_piece(void *context, const void **ret, struct gb_error *err)
{
    struct gb_str *left = context;
    size_t len = left->len < 700 ? left->len : 700;
    (void)err;
    *ret = left->at;
    *left = gb_str_from(*left, len);
    return (int64_t)len;
}

static struct gb_layer *read_bytes(struct fixture *f, struct gb_str bytes)
{
    struct gb_error err = {0};
    struct gb_image_stream stream = {&bytes, next_piece};
    struct gb_layer *layer = gb_layer_new(f->arena, &f->workspace, &f->entries);
    assert_non_null(layer);
    if (gb_layer_read_tar(layer, &stream, &err))
        fail_msg("%s", err.reason);
    gb_layer_finish(layer);
    return layer;
}

// Adds a layer of these items; gives whether it changed a data base of packages.
static bool add(struct fixture *f, const struct item *items)
{
    struct gb_error err = {0};
    bool databases;
    struct gb_layer *layer = read_bytes(f, archive_of(f->arena, items));
    for (size_t i = 0; i < layer->problem_count; i++)
        fail_msg(GB_PRI, GB_ARG(layer->problems[i]));
    assert_int_equal(gb_image_view_add(&f->view, layer, f->layers++, &databases, &err), GB_OK);
    gb_layer_free(layer);
    return databases;
}

static const struct gb_view_item *item_at(const struct fixture *f, const char *path)
{
    for (size_t i = 0; i < f->view.count; i++)
        if (f->view.items[i].alive && gb_str_is(f->view.items[i].path, path))
            return &f->view.items[i];
    return NULL;
}

static void assert_content(struct fixture *f, const char *path, const char *expected)
{
    char name[32], content[256];
    const struct gb_view_item *item = item_at(f, path);
    if (!item || item->file == GB_NOT_KEPT)
        fail_msg("%s is not there", path);
    snprintf(name, sizeof name, "f%u", item->file);
    int fd = openat(f->workspace.fd, name, O_RDONLY);
    ssize_t len = read(fd, content, sizeof content);
    close(fd);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(content, expected, strlen(expected));
}

#define STATUS "/var/lib/dpkg/status"
#define MODULE "a/node_modules/m/package.json"
#define END                                                                                        \
    {                                                                                              \
        0, NULL, NULL                                                                              \
    }

static void test_upper_layers_replace(void **state)
{
    struct fixture *f = *state;
    assert_true(add(
        f,
        (struct item[]){{'0', "./var/lib/dpkg/status", "one"}, {'0', "etc/passwd", "root"}, END}));
    assert_false(add(f, (struct item[]){{'0', "etc/group", "root"}, END}));
    assert_content(f, STATUS, "one");
    assert_true(add(f, (struct item[]){{'0', "var/lib/dpkg/status", "two"}, END}));
    assert_content(f, STATUS, "two");
    assert_content(f, "/etc/passwd", "root");
}

static void test_whiteouts(void **state)
{
    struct fixture *f = *state;
    add(f, (struct item[]){{'0', "var/lib/dpkg/status", "x"},
                           {'0', "var/lib/dpkg/status.d/a", "a"},
                           {'0', "etc/passwd", "x"},
                           {'0', "etc/group", "x"},
                           END});
    assert_true(add(f, (struct item[]){{'0', "var/lib/dpkg/.wh.status", ""}, END}));
    assert_null(item_at(f, STATUS));
    assert_non_null(item_at(f, "/var/lib/dpkg/status.d/a"));
    // A whole folder, and in the same layer a file that stands in it again.
    add(f, (struct item[]){{'0', "etc/group", "again"}, {'0', "etc/.wh..wh..opq", ""}, END});
    assert_null(item_at(f, "/etc/passwd"));
    assert_content(f, "/etc/group", "again");
    assert_true(add(f, (struct item[]){{'0', "var/.wh.lib", ""}, END}));
    assert_null(item_at(f, "/var/lib/dpkg/status.d/a"));
    assert_non_null(item_at(f, "/etc/group"));
}

static void test_a_file_or_link_in_place_of_a_folder_hides_it(void **state)
{
    struct fixture *f = *state;
    add(f, (struct item[]){{'0', "etc/passwd", "x"}, {'0', "var/lib/dpkg/status", "x"}, END});
    add(f, (struct item[]){{'0', "etc", "now a file"}, END});
    assert_null(item_at(f, "/etc/passwd"));
    add(f, (struct item[]){{'2', "var", "other"}, END});
    assert_null(item_at(f, STATUS));
    // A directory that is there already hides nothing.
    add(f, (struct item[]){{'0', "lib/apk/db/installed", "x"}, END});
    add(f, (struct item[]){{'5', "lib/", ""}, {'5', "lib/apk", ""}, END});
    assert_non_null(item_at(f, "/lib/apk/db/installed"));
}

static void test_links_on_the_way_are_followed(void **state)
{
    struct fixture *f = *state;
    add(f, (struct item[]){{'2', "var/lib/rpm", "../../usr/lib/sysimage/rpm"},
                           {'0', "usr/lib/sysimage/rpm/Packages", "old"},
                           END});
    add(f, (struct item[]){{'0', "var/lib/rpm/Packages", "new"}, END});
    assert_content(f, "/usr/lib/sysimage/rpm/Packages", "new");
    assert_null(item_at(f, "/var/lib/rpm/Packages"));
    // A layer that makes a folder of the link's name puts it in its place.
    add(f, (struct item[]){{'5', "var/lib/rpm", ""}, {'0', "var/lib/rpm/Packages", "own"}, END});
    assert_content(f, "/var/lib/rpm/Packages", "own");
    assert_content(f, "/usr/lib/sysimage/rpm/Packages", "new");
}

static void test_hard_links(void **state)
{
    struct fixture *f = *state;
    add(f, (struct item[]){{'0', "usr/lib/os-release", "ID=x"},
                           {'1', "etc/os-release", "usr/lib/os-release"},
                           END});
    assert_content(f, "/etc/os-release", "ID=x");
    // To a file of a lower layer.
    add(f, (struct item[]){{'1', "etc/x-release", "./usr/lib/os-release"}, END});
    assert_content(f, "/etc/x-release", "ID=x");
    assert_int_equal(f->view.problem_count, 0);
    add(f, (struct item[]){{'1', "etc/y-release", "usr/lib/nosuch"}, END});
    assert_int_equal(f->view.problem_count, 1);
    assert_true(gb_str_contains(f->view.problems[0], GB_STR("/usr/lib/nosuch")));
}

static void test_language_packages_and_their_layers(void **state)
{
    struct fixture *f = *state;
    const char *one = "{\"name\":\"m\",\"version\":\"1.0.0\"}";
    const char *two = "{\"name\":\"m\",\"version\":\"2.0.0\"}";
    add(f, (struct item[]){{'0', MODULE, one}, END});
    assert_int_equal(item_at(f, "/" MODULE)->packages[0].layer, 0);
    add(f, (struct item[]){{'0', MODULE, one}, END}); // the same, written again
    assert_int_equal(item_at(f, "/" MODULE)->packages[0].layer, 0);
    add(f, (struct item[]){{'0', MODULE, two}, END});
    assert_int_equal(item_at(f, "/" MODULE)->packages[0].layer, 2);
    add(f, (struct item[]){{'0', "a/node_modules/.wh.m", ""}, END});
    assert_null(item_at(f, "/" MODULE));
    add(f, (struct item[]){{'0', MODULE, two}, END}); // gone in between: brought again
    assert_int_equal(item_at(f, "/" MODULE)->packages[0].layer, 4);
}

static void test_a_later_entry_of_a_layer_counts(void **state)
{
    struct fixture *f = *state;
    add(f, (struct item[]){{'0', "etc/passwd", "first"}, {'0', "etc/passwd", "second"}, END});
    assert_content(f, "/etc/passwd", "second");
    add(f, (struct item[]){{'0', "etc/group", "x"}, {'5', "etc/group", ""}, END});
    assert_null(item_at(f, "/etc/group"));
}

static void test_a_tree_is_laid_out_and_holds_nothing_else(void **state)
{
    struct fixture *f = *state;
    struct gb_error err = {0};
    int tree;
    struct stat st;
    add(f, (struct item[]){{'2', "etc/os-release", "../usr/lib/os-release"},
                           {'0', "usr/lib/os-release", "ID=x"},
                           {'0', "home/user/secret", "not kept"},
                           {'2', "lib", "/usr/lib"},
                           {'2', "var", "/tmp"},
                           END});
    assert_int_equal(gb_workspace_tree(&f->workspace, "root", &tree, &err), GB_OK);
    assert_int_equal(gb_image_view_place(&f->view, &f->workspace, tree, false, &err), GB_OK);
    assert_int_equal(fstatat(tree, "usr/lib/os-release", &st, AT_SYMLINK_NOFOLLOW), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(fstatat(tree, "etc/os-release", &st, 0), 0);
    assert_int_equal(fstatat(tree, "home", &st, 0), -1);
    // What stands behind a link is never written to.
    assert_int_equal(gb_workspace_place(&f->workspace, tree, "/var/x", 0, &err) != GB_OK, 1);
    assert_int_equal(stat("/tmp/x", &st) == 0 && st.st_nlink > 1, 0);
    close(tree);
}

static void test_limits(void **state)
{
    struct fixture *f = *state;
    char large[2000];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    f->workspace.most_bytes = 1000;
    struct gb_str bytes = archive_of(
        f->arena, (struct item[]){{'0', "etc/passwd", large}, {'0', "etc/group", "small"}, END});
    struct gb_layer *layer = read_bytes(f, bytes);
    assert_int_equal(layer->problem_count, 1);
    assert_true(gb_str_starts(layer->problems[0], GB_STR("/etc/passwd: ")));
    assert_int_equal(layer->count, 1);
    gb_layer_free(layer);
    f->workspace.most_files = f->workspace.files;
    layer = read_bytes(f, bytes);
    assert_int_equal(layer->problem_count, 2);
    gb_layer_free(layer);
    f->entries = 1;
    layer = read_bytes(f, bytes);
    assert_true(
        gb_str_contains(layer->problems[layer->problem_count - 1], GB_STR("more entries than")));
    gb_layer_free(layer);
}

static void test_breaking_off_names_the_entry(void **state)
{
    struct fixture *f = *state;
    struct gb_str bytes = archive_of(
        f->arena, (struct item[]){{'0', "etc/passwd", "x"}, {'0', "etc/group", "y"}, END});
    struct gb_layer *layer = read_bytes(f, gb_str_sub(bytes, 0, 3 * BLOCK + 100));
    assert_int_equal(layer->problem_count, 1);
    assert_true(gb_str_contains(layer->problems[0], GB_STR("etc/group")));
    assert_int_equal(layer->digest.len, 0);
    gb_layer_free(layer);
    layer = read_bytes(f, bytes);
    assert_int_equal(layer->digest.len, 71);
    assert_true(gb_str_eq(layer->digest, layer->diff_digest));
    gb_layer_free(layer);
    layer = read_bytes(f, GB_STR("this is no archive"));
    assert_int_equal(layer->problem_count, 1);
    gb_layer_free(layer);
}

static void test_paths(void **state)
{
    static const struct {
        const char *raw, *clean;
    } rows[] = {
        {"a/b", "/a/b"},    {"./a//b/", "/a/b"}, {"/a/./b", "/a/b"}, {"a/../b", "/b"},
        {"a/b/../..", "/"}, {"", "/"},           {"..", NULL},       {"a/../../b", NULL},
        {"/..", NULL},      {"...", "/..."},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char buffer[64];
        struct gb_str clean = {0};
        int code = gb_image_clean_path(gb_str_of(rows[i].raw), buffer, sizeof buffer, &clean);
        if (rows[i].clean ? code || !gb_str_is(clean, rows[i].clean) : code != GB_E_RANGE)
            fail_msg("\"%s\": %d \"" GB_PRI "\"", rows[i].raw, code, GB_ARG(clean));
    }
    char small[8];
    struct gb_str clean;
    assert_int_equal(gb_image_clean_path(GB_STR("abcdefgh"), small, sizeof small, &clean),
                     GB_E_LIMIT);
    assert_int_equal(gb_image_clean_path(GB_STR("abcdef"), small, sizeof small, &clean), GB_OK);
}

static void test_memory_that_runs_out_is_an_error(void **state)
{
    struct fixture *f = *state;
    struct gb_str bytes =
        archive_of(f->arena, (struct item[]){{'0', "etc/passwd", "x"},
                                             {'0', MODULE, "{\"name\":\"m\",\"version\":\"1\"}"},
                                             {'2', "lib", "usr/lib"},
                                             END});
    size_t failures = 0;
    for (size_t nth = 1; nth < 60; nth++) {
        struct gb_arena *arena = gb_arena_new("torture", MEMORY);
        struct gb_error err = {0};
        struct gb_str left = bytes;
        struct gb_image_stream stream = {&left, next_piece};
        struct gb_image_view view = gb_image_view(arena);
        bool databases;
        gb_arena_fail_at(nth);
        struct gb_layer *layer = gb_layer_new(arena, &f->workspace, &f->entries);
        int code = layer ? gb_layer_read_tar(layer, &stream, &err) : GB_E_MEMORY;
        if (!code) {
            gb_layer_finish(layer);
            code = gb_image_view_add(&view, layer, 0, &databases, &err);
        }
        gb_arena_fail_at(0);
        failures += gb_arena_failed(arena);
        gb_layer_free(layer);
        gb_arena_free(&arena);
        f->workspace.files = 0;
        for (int i = 0; i < 8; i++) {
            char name[8];
            snprintf(name, sizeof name, "f%d", i);
            unlinkat(f->workspace.fd, name, 0);
        }
    }
    assert_true(failures > 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_upper_layers_replace),
        TEST(test_whiteouts),
        TEST(test_a_file_or_link_in_place_of_a_folder_hides_it),
        TEST(test_links_on_the_way_are_followed),
        TEST(test_hard_links),
        TEST(test_language_packages_and_their_layers),
        TEST(test_a_later_entry_of_a_layer_counts),
        TEST(test_a_tree_is_laid_out_and_holds_nothing_else),
        TEST(test_limits),
        TEST(test_breaking_off_names_the_entry),
        TEST(test_paths),
        TEST(test_memory_that_runs_out_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
