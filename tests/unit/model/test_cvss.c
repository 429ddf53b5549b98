// CVSS vectors: scores worked out by hand from the specifications, what priority reads off them,
// and what is refused. The corpus has thousands more.
#include "model/cvss.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void near(const char *vector, const char *what, double got, double wanted)
{
    if (fabs(got - wanted) > 0.01)
        fail_msg("%s: %s is %.2f, not %.2f", vector, what, got, wanted);
}

static void scores(void **state)
{
    (void)state;
    static const struct {
        const char *vector;
        double base, temporal, environmental;
    } rows[] = {
        {"AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0, -1, -1},
        {"(AV:N/AC:L/Au:N/C:P/I:P/A:P)", 7.5, -1, -1},
        {"AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C", 7.8, 6.4, -1},
        {"AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H", 7.8, 6.4, 9.2},
        {"AV:L/AC:H/Au:M/C:N/I:N/A:N", 0.0, -1, -1},
        {"CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, 9.8, 9.8},
        {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, 9.8, 9.8},
        {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0, 10.0, 10.0},
        {"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1, 6.1, 6.1},
        {"CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8, 7.8, 7.8},
        {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0, 0, 0},
        {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:U", 9.8, 7.8, 7.8},
        {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/MAV:L/MPR:L", 9.8, 9.8, 7.8},
        {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10.0, -1, -1},
        {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3, -1, -1},
        {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0.0, -1, -1},
        {"CVSS:4.0/AV:L/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 8.5, -1, -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_cvss cvss;
        struct gb_error err = {0};
        if (gb_cvss_parse(gb_str_of(rows[i].vector), &cvss, &err) < 0)
            fail_msg("%s: %s", rows[i].vector, err.reason);
        near(rows[i].vector, "base", cvss.base, rows[i].base);
        near(rows[i].vector, "temporal", cvss.temporal, rows[i].temporal);
        near(rows[i].vector, "environmental", cvss.environmental, rows[i].environmental);
        near(rows[i].vector, "the score alone", gb_cvss_score(gb_str_of(rows[i].vector)),
             rows[i].base);
    }
}

static struct gb_cvss parse(const char *vector)
{
    struct gb_cvss cvss;
    struct gb_error err = {0};
    if (gb_cvss_parse(gb_str_of(vector), &cvss, &err) < 0)
        fail_msg("%s: %s", vector, err.reason);
    return cvss;
}

static void says_what_priority_needs(void **state)
{
    (void)state;
    struct gb_cvss old = parse("AV:A/AC:M/Au:S/C:C/I:P/A:N");
    assert_int_equal(old.version, GB_CVSS_2);
    assert_int_equal(old.attack_vector, 'A');
    assert_int_equal(old.complexity, 'M');
    assert_int_equal(old.privileges, 'L');
    assert_int_equal(old.interaction, 'X');
    assert_int_equal(old.confidentiality, 'H');
    assert_int_equal(old.integrity, 'L');
    assert_int_equal(old.availability, 'N');
    struct gb_cvss three = parse("CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:C/C:L/I:N/A:H/E:P");
    assert_int_equal(three.attack_vector, 'L');
    assert_int_equal(three.complexity, 'H');
    assert_int_equal(three.privileges, 'H');
    assert_int_equal(three.interaction, 'R');
    assert_true(three.scope_changed);
    assert_int_equal(three.maturity, 'P');
    assert_int_equal(three.automatable, 'X');
    struct gb_cvss four =
        parse("CVSS:4.0/AV:P/AC:L/AT:P/PR:N/UI:A/VC:N/VI:H/VA:L/SC:N/SI:N/SA:L/E:A/AU:Y");
    assert_int_equal(four.attack_vector, 'P');
    assert_true(four.requirements);
    assert_int_equal(four.interaction, 'A');
    assert_int_equal(four.integrity, 'H');
    assert_int_equal(four.automatable, 'Y');
    assert_int_equal(four.maturity, 'A');
    assert_true(four.scope_changed);
}

static void refuses(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "/",
        "CVSS:3.1/",
        "CVSS:3.1",
        "CVSS:9.9/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/A:H",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:Q",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/QQ:H",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A",
        "CVSS:3.1/AV:N//AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "AV:N/AC:L/Au:N/C:C/I:C",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:S/SA:H",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_cvss cvss;
        struct gb_error err = {0};
        if (gb_cvss_parse(gb_str_of(rows[i]), &cvss, &err) != GB_E_SYNTAX || !err.reason[0])
            fail_msg("%s: not refused", rows[i]);
        assert_true(gb_cvss_score(gb_str_of(rows[i])) < 0);
    }
}

static void names_severities(void **state)
{
    (void)state;
    assert_string_equal(gb_cvss_severity(0), "none");
    assert_string_equal(gb_cvss_severity(0.1), "low");
    assert_string_equal(gb_cvss_severity(3.9), "low");
    assert_string_equal(gb_cvss_severity(4.0), "medium");
    assert_string_equal(gb_cvss_severity(7.0), "high");
    assert_string_equal(gb_cvss_severity(9.0), "critical");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores),
        cmocka_unit_test(says_what_priority_needs),
        cmocka_unit_test(refuses),
        cmocka_unit_test(names_severities),
    };
    return cmocka_run_group_tests_name("model/cvss", tests, NULL, NULL);
}
