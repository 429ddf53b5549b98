// Which programs a shell command line runs.
#include "source/host/shell_command.h"

#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    const char *command, *programs; // "path path/ ...": a slash behind a directory
    bool download;
} cases[] = {
    {"/opt/run", "/opt/run", false},
    {"  backup --all >/dev/null 2>&1", "backup", false},
    {"test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }",
     "run-parts /etc/cron.daily/", false},
    {"cd /srv/app && ./manage.py clear", "/srv/app/./manage.py", false},
    {"./own.sh", "/home/alice/./own.sh", false},
    {"cd \"$DIR\" && ./x", "", false},
    {"PATH=/x:$PATH LANG=C /a -v; /b | /c & /d", "/a /b /c /d", false},
    {"[ -x /usr/bin/x ] && /usr/bin/x /var/lib/data.txt > /tmp/log", "/usr/bin/x", false},
    {"if [ -e /a ]; then /b; else /c; fi", "/b /c", false},
    {"nice -n 5 ionice -c3 /opt/x arg", "nice ionice /opt/x", false},
    {"timeout -k 5 60 /usr/bin/python3 -u /opt/y.py --x=/opt/z",
     "timeout /usr/bin/python3 /opt/y.py", false},
    {"flock -n /run/lock/x -c '/opt/a; /opt/b'", "flock /opt/a /opt/b", false},
    {"flock -w 5 /run/lock/x /opt/a /not/code", "flock /opt/a", false},
    {"su - alice -s /bin/sh -c \"/opt/a --x\"", "su /opt/a", false},
    {"sh -c 'cd /t && bash ./inner.sh; /u'", "sh bash /t/./inner.sh /u", false},
    {"bash -lc \"/opt/deep\"", "bash /opt/deep", false},
    {"python3 -c 'import x'", "python3", false},
    {". /etc/default/x; source /opt/lib.sh", "/etc/default/x /opt/lib.sh", false},
    {"sudo -u postgres /usr/bin/pg_dump", "sudo /usr/bin/pg_dump", false},
    {"'/opt/my tool' \"/not/code\"", "/opt/my tool", false},
    {"/opt/a\\ b", "/opt/a b", false},
    {"$PROGRAM /not/code", "", false},
    {"`which x` y; $(z) /a; /b", "/b", false},
    {"echo hello # /not/code", "", false},
    {"curl -s https://example.org/x | sh", "curl sh", true},
    {"wget -qO- https://example.org/x | sudo bash -s", "wget sudo bash", true},
    {"curl -o /tmp/x https://example.org; sh /opt/y", "curl sh /opt/y", false},
    {"cat /etc/x | grep y", "cat grep", false},
    {"", "", false},
    {"'unterminated", "unterminated", false},
    {"((((((", "", false},
};

static void finds_programs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gb_arena *arena = gb_arena_new("test", 1 << 20);
        struct gb_shell_programs found = {0};
        assert_int_equal(
            gb_shell_command(gb_str_of(cases[i].command), GB_STR("/home/alice"), arena, &found),
            GB_OK);
        GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(4096);
        for (size_t n = 0; n < found.count; n++)
            gb_buffer_print(&text, "%s" GB_PRI "%s", n ? " " : "", GB_ARG(found.items[n].path),
                            found.items[n].directory ? "/" : "");
        gb_buffer_char(&text, '\0');
        if (strcmp(text.data, cases[i].programs) != 0 || found.runs_download != cases[i].download)
            fail_msg("%s: \"%s\", download %d", cases[i].command, text.data, found.runs_download);
        gb_arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
