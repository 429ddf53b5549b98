// Parts of a timestamp in time zones by name, which the system's rules decide.
#include "cel_case.h"

static int set_up(void **state)
{
    if (cel_set_up(state) < 0)
        return -1;
    gb_cel_env_zones(env, gb_cel_system_zones());
    return 0;
}

static bool is_installed(void)
{
    FILE *file = fopen("/usr/share/zoneinfo/Europe/Berlin", "rb");
    if (file)
        fclose(file);
    return file != NULL;
}

static void test_names(void **state)
{
    (void)state;
    if (!is_installed()) {
        print_message("no time zones are installed here\n");
        skip();
    }
    static const struct cel_case cases[] = {
        // an hour later in summer, and the hour that comes twice
        {"timestamp('2026-07-01T12:00:00Z').getHours('Europe/Berlin')", "14"},
        {"timestamp('2026-12-01T12:00:00Z').getHours('Europe/Berlin')", "13"},
        {"timestamp('2026-10-25T00:30:00Z').getHours('Europe/Berlin')", "2"},
        {"timestamp('2026-10-25T01:30:00Z').getHours('Europe/Berlin')", "2"},
        // half hours, other days, other years
        {"timestamp('2026-01-01T00:00:00Z').getMinutes('Asia/Kolkata')", "30"},
        {"timestamp('2026-01-01T00:00:00Z').getFullYear('America/New_York')", "2025"},
        {"timestamp('2026-01-01T00:00:00Z').getMonth('America/New_York')", "11"},
        {"timestamp('2026-01-01T00:00:00Z').getDate('America/New_York')", "31"},
        {"timestamp('2026-01-01T00:00:00Z').getDayOfMonth('America/New_York')", "30"},
        {"timestamp('2026-01-01T00:00:00Z').getDayOfYear('America/New_York')", "364"},
        {"timestamp('2026-01-01T00:00:00Z').getDayOfWeek('America/New_York')", "3"},
        {"timestamp('2026-01-01T00:00:00.25Z').getMilliseconds('America/New_York')", "250"},
        {"timestamp('2026-01-01T00:00:07Z').getSeconds('America/New_York')", "7"},
        // long before standard time, and far ahead of the tables
        {"timestamp('1850-01-01T12:00:00Z').getMinutes('Europe/Berlin')", "53"},
        {"timestamp('9999-07-01T12:00:00Z').getHours('Europe/Berlin')", "14"},
        {"timestamp('0001-01-01T00:00:00Z').getFullYear('Asia/Tokyo')", "1"},
    };
    CEL_CHECK(cases);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"timestamp(0).getHours('Mars/Olympus')", "error: no such time zone: \"Mars/Olympus\""},
        {"timestamp(0).getHours('../../../etc/passwd')",
         "error: no such time zone: \"../../../etc/passwd\""},
        {"timestamp(0).getHours('/etc/localtime')", "error: no such time zone: \"/etc/localtime\""},
        {"timestamp(0).getHours('Europe')", "error: no such time zone: \"Europe\""},
    };
    CEL_CHECK(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names, set_up, cel_tear_down),
        cmocka_unit_test_setup_teardown(test_refused, set_up, cel_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
