// The ini dialect of systemd, against systemd.syntax(7).
#include "source/host/ini.h"

#include "../../sys/temporary_root.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct gb_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 16u << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static struct gb_ini parse(const char *text)
{
    struct gb_ini ini = gb_ini(arena);
    assert_int_equal(gb_ini_parse(&ini, gb_str_of(text), GB_STR("/etc/x.conf")), GB_OK);
    return ini;
}

static void assert_entry(const struct gb_ini *ini, size_t i, const char *section, const char *key,
                         const char *value, uint32_t line)
{
    assert_true(i < ini->count);
    const struct gb_ini_entry *entry = &ini->entries[i];
    if (!gb_str_is(entry->section, section) || !gb_str_is(entry->key, key) ||
        !gb_str_is(entry->value, value) || entry->line != line)
        fail_msg("entry %zu is [" GB_PRI "] " GB_PRI "=" GB_PRI " in line %u, not [%s] %s=%s in %u",
                 i, GB_ARG(entry->section), GB_ARG(entry->key), GB_ARG(entry->value), entry->line,
                 section, key, value, line);
    assert_true(gb_str_is(entry->file, "/etc/x.conf"));
}

static void reads_sections_keys_and_lines(void **state)
{
    (void)state;
    struct gb_ini ini = parse("\xef\xbb\xbf# comment\n[Unit]\nDescription = A b  \r\n\n; more\n"
                              "[Service]\n\tExecStart=/bin/a -x=y\nUser=\n[Install]");
    assert_int_equal(ini.count, 3);
    assert_entry(&ini, 0, "Unit", "Description", "A b", 3);
    assert_entry(&ini, 1, "Service", "ExecStart", "/bin/a -x=y", 7);
    assert_entry(&ini, 2, "Service", "User", "", 8);
    assert_int_equal(ini.problem_count, 0);
}

static void joins_continued_lines(void **state)
{
    (void)state;
    struct gb_ini ini =
        parse("[S]\nA=one\\\n  two \\\n# not me\n; nor me\n  three\nB=b\\\\\nC=c\\\n\nD=d"
              "\nE=end\\");
    assert_int_equal(ini.count, 5);
    assert_entry(&ini, 0, "S", "A", "one two  three", 2);
    assert_entry(&ini, 1, "S", "B", "b\\\\", 7); // an escaped backslash joins nothing
    assert_entry(&ini, 2, "S", "C", "c", 8);     // an empty line ends the assignment
    assert_entry(&ini, 3, "S", "D", "d", 10);
    assert_entry(&ini, 4, "S", "E", "end", 11);
}

static void reports_lines_without_sense(void **state)
{
    (void)state;
    struct gb_ini ini = parse("Early=1\n[S\nnonsense\n=x\n[T]\nnonsense\nA=1\n");
    assert_int_equal(ini.count, 1);
    assert_entry(&ini, 0, "T", "A", "1", 7);
    const struct {
        uint32_t line;
        const char *reason;
    } expected[] = {
        {1, "assignment outside of a section"},
        {2, "section without ]"},
        {3, "no assignment"},
        {4, "no assignment"},
        {6, "no assignment"},
    };
    assert_int_equal(ini.problem_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(ini.problems[i].line, expected[i].line);
        assert_int_equal(ini.problems[i].code, GB_E_SYNTAX);
        assert_true(gb_str_is(ini.problems[i].reason, expected[i].reason));
    }
    assert_null(gb_ini_unread(&ini)); // all was read
}

static void gives_the_last_and_the_collected(void **state)
{
    (void)state;
    struct gb_ini ini = parse("[S]\nA=1\nL=a\nL=b\n[T]\nA=9\nL=other\n[S]\nA=2\nL=\nL=c\nL=d\n");
    assert_true(gb_str_is(gb_ini_get(&ini, "S", "A")->value, "2"));
    assert_true(gb_str_is(gb_ini_get(&ini, "T", "A")->value, "9"));
    assert_null(gb_ini_get(&ini, "S", "a")); // keys have case
    size_t at = 0;
    assert_true(gb_str_is(gb_ini_next(&ini, "S", "L", &at)->value, "c"));
    assert_true(gb_str_is(gb_ini_next(&ini, "S", "L", &at)->value, "d"));
    assert_null(gb_ini_next(&ini, "S", "L", &at));
    at = 0;
    assert_true(gb_str_is(gb_ini_next(&ini, "T", "L", &at)->value, "other"));
    assert_null(gb_ini_next(&ini, "T", "L", &at));
}

static void knows_the_words_of_truth(void **state)
{
    (void)state;
    static const char *const yes[] = {"1", "yes", "Y", "TRUE", "t", "On"};
    static const char *const no[] = {"0", "No", "n", "false", "F", "off"};
    static const char *const neither[] = {"", "2", "yess", "ja", "strict"};
    bool value;
    for (size_t i = 0; i < 6; i++) {
        assert_true(gb_ini_bool(gb_str_of(yes[i]), &value) && value);
        assert_true(gb_ini_bool(gb_str_of(no[i]), &value) && !value);
    }
    for (size_t i = 0; i < 5; i++)
        assert_false(gb_ini_bool(gb_str_of(neither[i]), &value));
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    static const char text[] = "x\n[S]\nA=1\\\n2\n\nB=2\n";
    for (size_t nth = 1; nth < 8; nth++) {
        struct gb_arena *small = gb_arena_new("small", 1u << 20);
        struct gb_ini ini = gb_ini(small);
        gb_arena_fail_at(nth);
        int code = gb_ini_parse(&ini, gb_str_of(text), GB_STR("f"));
        gb_arena_fail_at(0);
        assert_true(code == GB_E_MEMORY || (code == GB_OK && ini.count == 2));
        gb_arena_free(&small);
    }
}

static void assert_files(const struct gb_ini *ini, const char *const *paths)
{
    size_t i = 0;
    for (; paths[i]; i++) {
        if (i >= ini->file_count || !gb_str_is(ini->files[i].path, paths[i]))
            fail_msg("file %zu is " GB_PRI ", not %s", i,
                     GB_ARG(i < ini->file_count ? ini->files[i].path : GB_STR("missing")),
                     paths[i]);
    }
    assert_int_equal(ini->file_count, i);
}

static void merges_dropins_by_precedence(void **state)
{
    (void)state;
    struct temporary_root root = temporary_root_new();
    struct gb_host *host = temporary_root_host(&root, GB_KERNEL_NONE);
    temporary_root_file(&root, "/etc/systemd/j.conf", "[J]\nA=main\nB=main\nC=main\n");
    temporary_root_file(&root, "/usr/lib/systemd/j.conf", "[J]\nA=never read\n");
    temporary_root_file(&root, "/usr/lib/systemd/j.conf.d/10-a.conf", "[J]\nA=vendor\nB=vendor\n");
    temporary_root_file(&root, "/usr/lib/systemd/j.conf.d/50-m.conf", "[J]\nC=masked away\n");
    temporary_root_file(&root, "/usr/lib/systemd/j.conf.d/90-z.conf", "[J]\nB=late vendor\n");
    temporary_root_file(&root, "/run/systemd/j.conf.d/10-a.conf", "[J]\nA=run\n");
    temporary_root_file(&root, "/etc/systemd/j.conf.d/20-b.conf", "[J]\nA=etc\nB=etc\n");
    temporary_root_file(&root, "/etc/systemd/j.conf.d/notes.txt", "[J]\nA=no\n");
    temporary_root_file(&root, "/etc/systemd/j.conf.d/.hidden.conf", "[J]\nA=no\n");
    temporary_root_link(&root, "/etc/systemd/j.conf.d/50-m.conf", "/dev/null");

    struct gb_ini ini;
    assert_int_equal(gb_ini_load(host, "systemd/j.conf", arena, &ini), GB_OK);
    assert_files(&ini, (const char *const[]){
                           "/etc/systemd/j.conf", "/run/systemd/j.conf.d/10-a.conf",
                           "/etc/systemd/j.conf.d/20-b.conf", "/etc/systemd/j.conf.d/50-m.conf",
                           "/usr/lib/systemd/j.conf.d/90-z.conf", NULL});
    assert_true(ini.files[3].masked);
    assert_true(gb_str_is(gb_ini_get(&ini, "J", "A")->value, "etc"));
    assert_true(gb_str_is(gb_ini_get(&ini, "J", "B")->value, "late vendor"));
    assert_true(gb_str_is(gb_ini_get(&ini, "J", "C")->value, "main"));
    assert_null(gb_ini_unread(&ini));

    assert_int_equal(gb_ini_load(host, "systemd/absent.conf", arena, &ini), GB_OK);
    assert_int_equal(ini.file_count, 0);
    temporary_root_free(&root, &host);
}

static void reports_files_it_cannot_read(void **state)
{
    (void)state;
    struct temporary_root root = temporary_root_new();
    struct gb_host *host = temporary_root_host(&root, GB_KERNEL_NONE);
    temporary_root_dirs(&root, "/etc/x.conf/"); // a directory where a file should be
    temporary_root_file(&root, "/etc/x.conf.d/a.conf", "[S]\nA=1\n");
    temporary_root_link(&root, "/etc/x.conf.d/b.conf", "b.conf"); // a loop
    struct gb_ini ini;
    assert_int_equal(gb_ini_load(host, "x.conf", arena, &ini), GB_OK);
    assert_true(gb_str_is(gb_ini_get(&ini, "S", "A")->value, "1"));
    assert_int_equal(ini.problem_count, 2);
    assert_true(gb_str_is(gb_ini_unread(&ini)->file, "/etc/x.conf"));
    assert_true(gb_str_is(ini.problems[1].file, "/etc/x.conf.d/b.conf"));
    temporary_root_free(&root, &host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_sections_keys_and_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(joins_continued_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(reports_lines_without_sense, setup, teardown),
        cmocka_unit_test_setup_teardown(gives_the_last_and_the_collected, setup, teardown),
        cmocka_unit_test_setup_teardown(knows_the_words_of_truth, setup, teardown),
        cmocka_unit_test_setup_teardown(merges_dropins_by_precedence, setup, teardown),
        cmocka_unit_test_setup_teardown(reports_files_it_cannot_read, setup, teardown),
        cmocka_unit_test_setup_teardown(survives_lack_of_memory, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
