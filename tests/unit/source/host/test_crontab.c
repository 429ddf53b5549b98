// Crontabs: the three forms, variables, what cron does not take.
#include "source/host/crontab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct gb_arena *arena;
static struct gb_crontab tab;

static int setup(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 1 << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static void parse(const char *text, enum gb_crontab_form form)
{
    assert_int_equal(gb_crontab_parse(gb_str_of(text), form, arena, &tab), GB_OK);
}

static void is_job(size_t index, const char *schedule, const char *user, const char *command,
                   const char *path, unsigned line)
{
    assert_true(index < tab.job_count);
    const struct gb_crontab_job *job = &tab.jobs[index];
    if (!gb_str_is(job->schedule, schedule) || !gb_str_is(job->user, user) ||
        !gb_str_is(job->command, command) || !gb_str_is(job->path, path) || job->line != line)
        fail_msg("job %zu: \"%.*s\" \"%.*s\" \"%.*s\" \"%.*s\" line %u", index,
                 GB_ARG(job->schedule), GB_ARG(job->user), GB_ARG(job->command), GB_ARG(job->path),
                 job->line);
}

static void system_form(void **state)
{
    (void)state;
    parse("SHELL=/bin/sh\n1 2 3 4 5 early /bin/a\n"
          "PATH = \"/usr/sbin:/usr/bin\"\n# m h dom mon dow user command\n"
          "17 *\t* * *\troot    cd / && run-parts --report /etc/cron.hourly\n"
          "*/5 0-23/2 1,15 jan-mar sun www-data\t/opt/x a\\%b%input\n"
          "@reboot root /bin/b x=y\n",
          GB_CRONTAB_SYSTEM);
    assert_int_equal(tab.problem_count, 0);
    assert_int_equal(tab.job_count, 4);
    is_job(0, "1 2 3 4 5", "early", "/bin/a", "", 2);
    is_job(1, "17 *\t* * *", "root", "cd / && run-parts --report /etc/cron.hourly",
           "/usr/sbin:/usr/bin", 5);
    is_job(2, "*/5 0-23/2 1,15 jan-mar sun", "www-data", "/opt/x a%b", "/usr/sbin:/usr/bin", 6);
    is_job(3, "@reboot", "root", "/bin/b x=y", "/usr/sbin:/usr/bin", 7);
}

static void user_form_and_anacron(void **state)
{
    (void)state;
    parse("MAILTO=\"\"\n0 4 * * 7 /home/alice/job.sh\n", GB_CRONTAB_USER);
    is_job(0, "0 4 * * 7", "", "/home/alice/job.sh", "", 2);
    parse("PATH=/bin\n1\t5\tcron.daily\trun-parts /etc/cron.daily\n@monthly 15 m /bin/x\n1 5 x\n",
          GB_CRONTAB_ANACRON);
    is_job(0, "1\t5", "", "run-parts /etc/cron.daily", "/bin", 2);
    is_job(1, "@monthly", "", "/bin/x", "/bin", 3);
    assert_int_equal(tab.problem_count, 1);
}

static void refuses_what_cron_refuses(void **state)
{
    (void)state;
    parse("60 * * * * root /bin/a\n* 24 * * * root /bin/a\n* * * 13 * root /bin/a\n"
          "* * * * 8 root /bin/a\n* * * * root\n* * * * * root\n@sometimes root /bin/a\n"
          "every day\n$ * * * * root /bin/a\n-\n* * * * * root /bin/good\n",
          GB_CRONTAB_SYSTEM);
    assert_int_equal(tab.problem_count, 10);
    assert_int_equal(tab.problems[9].line, 10);
    assert_int_equal(tab.job_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(system_form, setup, teardown),
        cmocka_unit_test_setup_teardown(user_form_and_anacron, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_cron_refuses, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
