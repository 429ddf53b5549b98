// base/error.h: what an error says.
#include "base/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_text(const struct gb_error *err, const char *expected)
{
    char text[1024];
    gb_error_text(err, text, sizeof text);
    assert_string_equal(text, expected);
}

static void test_texts(void **state)
{
    (void)state;
    struct gb_error err = {0};
    assert_int_equal(gb_error_set(&err, GB_E_IO, "cannot %s", "read"), GB_E_IO);
    assert_text(&err, "cannot read");
    assert_int_equal(gb_error_subject(&err, "/etc/passwd"), GB_E_IO);
    assert_text(&err, "/etc/passwd: cannot read");
    // The first subject stays.
    gb_error_subject(&err, "other");
    assert_text(&err, "/etc/passwd: cannot read");
    assert_int_equal(gb_error_wrap(&err, "loading %s", "users"), GB_E_IO);
    assert_text(&err, "/etc/passwd: loading users: cannot read");
    assert_int_equal(gb_error_at(&err, GB_E_SYNTAX, "a.yaml", 3, 0, "bad"), GB_E_SYNTAX);
    assert_text(&err, "a.yaml:3: bad");
    gb_error_at(&err, GB_E_SYNTAX, "a.yaml", 3, 14, "bad");
    assert_text(&err, "a.yaml:3:14: bad");
    gb_error_at(&err, GB_E_SYNTAX, NULL, 3, 14, "bad");
    assert_text(&err, "bad");
    struct gb_error bare = {.code = GB_E_DENIED};
    assert_text(&bare, "permission denied");
    // Without an error to fill, the code still comes back.
    assert_int_equal(gb_error_set(NULL, GB_E_LIMIT, "x"), GB_E_LIMIT);
    assert_int_equal(gb_error_at(NULL, GB_E_LIMIT, "x", 1, 1, "x"), GB_E_LIMIT);
    assert_int_equal(gb_error_errno(NULL, ENOENT, "x"), GB_E_NOT_FOUND);
}

static void test_cleans_and_cuts(void **state)
{
    (void)state;
    struct gb_error err = {0};
    gb_error_at(&err, GB_E_IO, "a\n\x1b[31mb", 0, 0, "key \"%s\"",
                "\xc2\x9b\xe2\x80\xae\xff x \xc3\xa9");
    assert_string_equal(err.subject, "a??[31mb");
    assert_string_equal(err.reason, "key \"??? x \xc3\xa9\"");
    // A character that does not fit leaves no half of it.
    char name[600];
    memset(name, 'a', sizeof name);
    for (size_t i = 0; i + 2 < sizeof name; i += 2)
        memcpy(name + i, "\xc3\xa9", 2);
    name[sizeof name - 1] = 0;
    gb_error_set(&err, GB_E_IO, "x%s", name);
    assert_int_equal(strlen(err.reason), sizeof err.reason - 1);
    gb_error_set(&err, GB_E_IO, "%s", name);
    assert_int_equal(err.reason[sizeof err.reason - 2], '?');
    gb_error_wrap(&err, "%s", name);
    assert_true(strlen(err.reason) < sizeof err.reason);
    char small[8];
    gb_error_text(&err, small, sizeof small);
    assert_int_equal(strlen(small), 7);
}

static void test_codes(void **state)
{
    (void)state;
    static const struct {
        int value, code;
    } cases[] = {
        {ENOENT, GB_E_NOT_FOUND}, {ENOTDIR, GB_E_NOT_FOUND},  {EACCES, GB_E_DENIED},
        {EPERM, GB_E_DENIED},     {ELOOP, GB_E_LIMIT},        {ENOMEM, GB_E_MEMORY},
        {EEXIST, GB_E_CONFLICT},  {ENOSYS, GB_E_UNSUPPORTED}, {EIO, GB_E_IO},
        {9999, GB_E_IO},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gb_error err = {0};
        assert_int_equal(gb_error_errno(&err, cases[i].value, "opening it"), cases[i].code);
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(strncmp(err.reason, "opening it: ", 12), 0);
    }
    for (int code = GB_E_INTERNAL; code <= GB_OK; code++)
        assert_string_not_equal(gb_code_name(code), "unknown error");
    assert_string_equal(gb_code_name(1), "unknown error");
    assert_string_equal(gb_code_name(GB_E_INTERNAL - 1), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_cleans_and_cuts),
        cmocka_unit_test(test_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
