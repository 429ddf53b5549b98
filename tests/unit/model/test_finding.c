// model/finding.h: words, points, identity.
#include "model/finding.h"

#include "documents.h"

static void test_words(void **state)
{
    (void)state;
    static const unsigned points[] = {1, 3, 6, 10};
    for (int i = 0; i < GB_SEVERITY_COUNT; i++) {
        enum gb_severity back;
        assert_int_equal(gb_severity_parse(gb_str_of(gb_severity_name((enum gb_severity)i)), &back),
                         GB_OK);
        assert_int_equal(back, i);
        assert_int_equal(gb_severity_points(back), points[i]);
    }
    enum gb_severity severity = GB_HIGH;
    assert_int_equal(gb_severity_parse(GB_STR("none"), &severity), GB_E_TYPE);
    assert_int_equal(gb_severity_parse(GB_STR("High"), &severity), GB_E_TYPE);
    assert_int_equal(severity, GB_HIGH);
    for (int i = 0; i < GB_VERDICT_COUNT; i++) {
        enum gb_verdict_state back;
        const char *name = gb_verdict_name((enum gb_verdict_state)i);
        assert_int_equal(gb_verdict_parse(gb_str_of(name), &back), GB_OK);
        assert_int_equal(back, i);
    }
    assert_string_equal(gb_verdict_name(GB_NA), "not_applicable");
    enum gb_verdict_state state_read;
    assert_int_equal(gb_verdict_parse(GB_STR("na"), &state_read), GB_E_TYPE);
    enum gb_effort effort;
    assert_int_equal(gb_effort_parse(GB_STR("small"), &effort), GB_OK);
    assert_string_equal(gb_effort_name(effort), "some steps");
    assert_int_equal(gb_effort_parse(GB_STR("some steps"), &effort), GB_E_TYPE);
}

static void test_identity(void **state)
{
    (void)state;
    struct gb_str one = gb_finding_identity(arena, GB_STR("GBN-SSH-002"), GB_STR("sshd"));
    // printf 'GBN-SSH-002\0sshd' | sha256sum | cut -c1-32
    assert_true(gb_str_is(one, "226a3ee638bc140e778d2c9e7b0fca8e"));
    assert_true(gb_str_eq(one, gb_finding_identity(arena, GB_STR("GBN-SSH-002"), GB_STR("sshd"))));
    assert_false(gb_str_eq(one, gb_finding_identity(arena, GB_STR("GBN-SSH-00"), GB_STR("2sshd"))));
    assert_int_equal(gb_finding_identity(arena, GB_STR("X-1"), (struct gb_str){0}).len, 32);
    GB_CLEANUP(gb_arena_free) struct gb_arena *small = gb_arena_new("small", 1 << 12);
    gb_arena_fail_at(1);
    assert_null(gb_finding_identity(small, GB_STR("a"), GB_STR("b")).at);
    gb_arena_fail_at(2);
    assert_null(gb_finding_identity(small, GB_STR("a"), GB_STR("b")).at);
    gb_arena_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_identity),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
