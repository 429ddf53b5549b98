// mountinfo and fstab: escapes, what covers what, options.
#include "source/host/mount_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct gb_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 8 << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static struct gb_mount_table parse(const char *text)
{
    struct gb_mount_table table;
    assert_int_equal(gb_mount_table_parse(gb_str_of(text), arena, &table), GB_OK);
    return table;
}

static void reads_fields_and_escapes(void **state)
{
    (void)state;
    struct gb_mount_table table = parse(
        "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n"
        "30 27 0:27 /sub /mnt/a\\040b\\134c rw,nosuid shared:7 master:2 - nfs4 h:/x\\040y rw\n"
        "malformed\n"
        "31 27 0:28 / /x rw - tmpfs\n"
        "99 27 0:29 / /y rw tmpfs tmpfs rw\n");
    assert_int_equal(table.count, 2);
    assert_true(gb_str_is(table.items[1].path, "/mnt/a b\\c"));
    assert_true(gb_str_is(table.items[1].root, "/sub"));
    assert_true(gb_str_is(table.items[1].source, "h:/x y"));
    assert_true(gb_str_is(table.items[1].type, "nfs4"));
    assert_int_equal(table.items[1].line, 2);
    assert_true(gb_str_is(table.items[0].super_options, "rw,discard"));
}

static void the_mount_on_top_is_the_visible_one(void **state)
{
    (void)state;
    struct gb_mount_table table = parse("27 1 254:0 / / rw - ext4 /dev/vda rw\n"
                                        "25 27 0:23 / /dev/shm rw - tmpfs tmpfs rw\n"
                                        "26 25 0:30 / /dev/shm/below rw - tmpfs below rw\n"
                                        "30 25 0:27 / /dev/shm rw,noexec - tmpfs tmpfs rw\n");
    assert_true(table.items[0].visible);
    assert_false(table.items[1].visible);
    assert_false(table.items[2].visible);
    assert_true(table.items[3].visible);
    const struct gb_mount_line *found = gb_mount_table_of(&table, GB_STR("/dev/shm/x"));
    assert_non_null(found);
    assert_int_equal(found->id, 30);
}

static void a_mount_above_covers_what_was_below(void **state)
{
    (void)state;
    struct gb_mount_table table = parse("27 1 254:0 / / rw - ext4 /dev/vda rw\n"
                                        "40 27 0:40 / /srv/a/b rw - tmpfs old rw\n"
                                        "41 27 0:41 / /srv/a rw - tmpfs new rw\n"
                                        "42 41 0:42 / /srv/a/b rw - tmpfs seen rw\n"
                                        "43 27 0:43 / /srv/ab rw - tmpfs beside rw\n");
    assert_false(table.items[1].visible);
    assert_true(table.items[2].visible);
    assert_true(table.items[3].visible);
    assert_true(table.items[4].visible);
    assert_int_equal(gb_mount_table_of(&table, GB_STR("/srv/a/b/file"))->id, 42);
    assert_int_equal(gb_mount_table_of(&table, GB_STR("/srv/abc"))->id, 27);
}

static void a_new_root_covers_the_old_one(void **state)
{
    (void)state;
    struct gb_mount_table table = parse("1 1 0:2 / / rw - rootfs rootfs rw\n"
                                        "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
                                        "21 20 0:20 / /proc rw - proc proc rw\n");
    assert_false(table.items[0].visible);
    assert_true(table.items[1].visible);
    assert_true(table.items[2].visible);
}

static void thousands_of_mounts_are_read(void **state)
{
    (void)state;
    static char text[1 << 20];
    size_t len = 0;
    for (int i = 0; i < 8000; i++)
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "%d 1 0:%d / /run/containers/%d/merged rw - overlay overlay rw\n",
                                100 + i, i, i);
    struct gb_mount_table table = parse(text);
    assert_int_equal(table.count, 8000);
    assert_true(table.items[7999].visible);
    assert_false(table.truncated);
}

static void reads_fstab(void **state)
{
    (void)state;
    struct gb_fstab fstab;
    assert_int_equal(gb_fstab_parse(GB_STR("# UNCONFIGURED FSTAB\n"
                                           "UUID=abc / ext4 errors=remount-ro 0 1\n"
                                           "\t/dev/sdb1\t/srv/my\\040data/\text4\n"
                                           "tmpfs /tmp\n"
                                           "/swapfile none swap sw 0 0\n"),
                                    arena, &fstab),
                     GB_OK);
    assert_int_equal(fstab.count, 3);
    assert_true(gb_str_is(fstab.items[0].options, "errors=remount-ro"));
    assert_true(gb_str_is(fstab.items[1].path, "/srv/my data"));
    assert_true(gb_str_is(fstab.items[1].options, "defaults"));
    assert_int_equal(fstab.items[1].line, 3);
    assert_true(gb_str_is(fstab.items[2].type, "swap"));
}

static void options(void **state)
{
    (void)state;
    assert_true(gb_mount_option(GB_STR("rw,nosuid,nodev"), "nosuid"));
    assert_true(gb_mount_option(GB_STR("x-systemd.automount,noauto"), "noauto"));
    assert_true(gb_mount_option(GB_STR("size=2G"), "size"));
    assert_false(gb_mount_option(GB_STR("rw,nosuidx"), "nosuid"));
    assert_false(gb_mount_option(GB_STR(""), "nosuid"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_fields_and_escapes),
        cmocka_unit_test(the_mount_on_top_is_the_visible_one),
        cmocka_unit_test(a_mount_above_covers_what_was_below),
        cmocka_unit_test(a_new_root_covers_the_old_one),
        cmocka_unit_test(thousands_of_mounts_are_read),
        cmocka_unit_test(reads_fstab),
        cmocka_unit_test(options),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
