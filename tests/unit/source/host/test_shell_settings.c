// Settings in start-up files of shells.
#include "source/host/shell_settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct gb_arena *arena;
static struct gb_shell_settings settings;

static int setup(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 1 << 20);
    settings = gb_shell_settings(arena);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static void read_text(const char *text)
{
    settings.count = 0;
    assert_int_equal(gb_shell_settings_read(gb_str_of(text), GB_STR("/etc/profile"), &settings),
                     GB_OK);
}

static void is_setting(size_t index, enum gb_shell_setting_kind kind, const char *value,
                       unsigned line)
{
    assert_true(index < settings.count);
    const struct gb_shell_setting *setting = &settings.items[index];
    if (setting->kind != kind || !gb_str_is(setting->value, value) || setting->line != line)
        fail_msg("setting %zu: kind %d \"%.*s\" line %u", index, setting->kind,
                 GB_ARG(setting->value), setting->line);
}

static void the_profile_of_debian(void **state)
{
    (void)state;
    read_text("# comment with PATH=/x\nif [ \"$(id -u)\" -eq 0 ]; then\n"
              "  PATH=\"/usr/sbin:/usr/bin\"\nelse\n  PATH=\"/usr/bin:/usr/games\"\nfi\n"
              "export PATH\nif [ -d /etc/profile.d ]; then\n  for i in /etc/profile.d/*.sh; do\n"
              "    if [ -r $i ]; then\n      . $i\n    fi\n  done\n  unset i\nfi\numask 027\n");
    assert_int_equal(settings.count, 3);
    is_setting(0, GB_SHELL_PATH, "/usr/sbin:/usr/bin", 3);
    assert_false(settings.items[0].not_for_root);
    is_setting(1, GB_SHELL_PATH, "/usr/bin:/usr/games", 5);
    assert_true(settings.items[1].not_for_root);
    is_setting(2, GB_SHELL_UMASK, "027", 16);
    assert_false(settings.items[2].not_for_root);
}

static void time_outs(void **state)
{
    (void)state;
    read_text("TMOUT=900\nreadonly TMOUT ; export TMOUT\ndeclare -xr TMOUT=600\n"
              "typeset -x TMOUT='300'\nexport FOO=bar TMOUT=60 # TMOUT=1\n"
              "[ -n \"$SSH\" ] && TMOUT=30\necho TMOUT=5\n");
    assert_int_equal(settings.count, 7);
    is_setting(0, GB_SHELL_TMOUT, "900", 1);
    is_setting(1, GB_SHELL_TMOUT, "", 2);
    assert_true(settings.items[1].locks && !settings.items[1].exports);
    is_setting(2, GB_SHELL_TMOUT, "", 2);
    assert_true(settings.items[2].exports);
    is_setting(3, GB_SHELL_TMOUT, "600", 3);
    assert_true(settings.items[3].locks && settings.items[3].exports);
    is_setting(4, GB_SHELL_TMOUT, "300", 4);
    is_setting(5, GB_SHELL_TMOUT, "60", 5);
    is_setting(6, GB_SHELL_TMOUT, "30", 6);
}

static void paths_and_masks(void **state)
{
    (void)state;
    read_text("export PATH=\"$HOME/bin:${PATH}:/opt/a b\"\nPATH=/x:$PATH umask 022\n"
              "if [ $UID -gt 199 ] && [ \"`id -gn`\" = \"`id -un`\" ]; then\n umask 002\nelse\n"
              " umask 022\nfi\numask -S u=rwx,g=rx,o=\numask\n'unterminated PATH=/y\n");
    is_setting(0, GB_SHELL_PATH, "$HOME/bin:${PATH}:/opt/a b", 1);
    is_setting(1, GB_SHELL_PATH, "/x:$PATH", 2);
    is_setting(2, GB_SHELL_UMASK, "022", 2);
    is_setting(3, GB_SHELL_UMASK, "002", 4);
    is_setting(4, GB_SHELL_UMASK, "022", 6);
    is_setting(5, GB_SHELL_UMASK, "u=rwx,g=rx,o=", 8);
    assert_int_equal(settings.count, 6);
}

static void umask_forms(void **state)
{
    (void)state;
    uint32_t mask;
    assert_true(gb_umask_parse(GB_STR("0077"), &mask));
    assert_int_equal(mask, 077);
    assert_true(gb_umask_parse(GB_STR("u=rwx,g=rx,o="), &mask));
    assert_int_equal(mask, 027);
    assert_true(gb_umask_parse(GB_STR("a=rx"), &mask));
    assert_int_equal(mask, 0222);
    assert_false(gb_umask_parse(GB_STR("$MASK"), &mask));
    assert_false(gb_umask_parse(GB_STR("8"), &mask));
    assert_false(gb_umask_parse(GB_STR("1777"), &mask));
    assert_false(gb_umask_parse(GB_STR(""), &mask));
    assert_false(gb_umask_parse(GB_STR("g-w"), &mask));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_profile_of_debian, setup, teardown),
        cmocka_unit_test_setup_teardown(time_outs, setup, teardown),
        cmocka_unit_test_setup_teardown(paths_and_masks, setup, teardown),
        cmocka_unit_test_setup_teardown(umask_forms, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
