// Boot loader configurations: passwords and kernel parameters.
#include "source/host/boot_config.h"

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
    arena = gb_arena_new("test", 1 << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static void assert_parameters(const struct gb_boot_config *config, const char *wanted)
{
    char text[512] = "";
    size_t len = 0;
    for (size_t i = 0; i < config->parameter_count; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s" GB_PRI, i ? " " : "",
                                GB_ARG(config->parameters[i].text));
    assert_string_equal(text, wanted);
}

static void grub_with_a_password(void **state)
{
    (void)state;
    struct gb_boot_config config = {0};
    struct gb_str text = GB_STR("# set superusers=\"nobody\"\n"
                                "set superusers=\"root\"\n"
                                "password_pbkdf2 root grub.pbkdf2.sha512.10000.AB.CD\n"
                                "menuentry 'Debian' --unrestricted {\n"
                                "\tlinux /vmlinuz-6.1 root=/dev/sda1 ro  quiet $vt_handoff\n"
                                "}\n"
                                "menuentry 'recovery' {\n"
                                "\tlinux /vmlinuz-6.1 root=/dev/sda1 ro single\n"
                                "}\n");
    assert_int_equal(gb_grub_cfg_parse(&config, text, GB_STR("grub.cfg"), arena), GB_OK);
    assert_int_equal(config.superusers_line, 2);
    assert_int_equal(config.password_line, 3);
    assert_int_equal(config.plain_line, 0);
    assert_parameters(&config, "root=/dev/sda1 ro quiet"); // of the first entry only
    assert_int_equal(config.parameters[0].line, 5);
}

static void grub_with_a_password_in_clear(void **state)
{
    (void)state;
    struct gb_boot_config config = {0};
    assert_int_equal(gb_grub_cfg_parse(&config,
                                       GB_STR("set superusers=\"root\"\npassword root secret\n"
                                              "set superusers=\"\"\n"),
                                       GB_STR("f"), arena),
                     GB_OK);
    assert_int_equal(config.plain_line, 2);
    assert_int_equal(config.superusers_line, 0); // taken back
    assert_false(config.has_entry);
}

static void systemd_boot(void **state)
{
    (void)state;
    struct gb_boot_config config = {0};
    assert_int_equal(gb_systemd_boot_parse(&config, GB_STR("timeout 3\n#editor yes\neditor no\n"),
                                           GB_STR("l"), arena),
                     GB_OK);
    assert_true(config.editor_off);
    assert_int_equal(config.editor_line, 3);
    assert_int_equal(gb_systemd_boot_parse(&config,
                                           GB_STR("title A\noptions root=x ro\noptions quiet\n"),
                                           GB_STR("a.conf"), arena),
                     GB_OK);
    assert_int_equal(gb_systemd_boot_parse(&config, GB_STR("title B\noptions single\n"),
                                           GB_STR("b.conf"), arena),
                     GB_OK);
    assert_parameters(&config, "root=x ro quiet");
}

static void extlinux(void **state)
{
    (void)state;
    struct gb_boot_config config = {0};
    assert_int_equal(gb_extlinux_parse(&config,
                                       GB_STR("DEFAULT linux\nMENU MASTER PASSWD $4$salt$hash\n"
                                              "  APPEND root=/dev/sda1 ro\n  append single\n"),
                                       GB_STR("f"), arena),
                     GB_OK);
    assert_int_equal(config.password_line, 2);
    assert_parameters(&config, "root=/dev/sda1 ro");
    struct gb_boot_config plain = {0};
    assert_int_equal(
        gb_extlinux_parse(&plain, GB_STR("menu master passwd secret\n"), GB_STR("f"), arena),
        GB_OK);
    assert_int_equal(plain.plain_line, 1);
    assert_int_equal(plain.password_line, 0);
}

static void later_defaults_replace_earlier_ones(void **state)
{
    (void)state;
    struct gb_boot_config config = {0};
    assert_int_equal(gb_grub_default_parse(&config,
                                           GB_STR("GRUB_TIMEOUT=5\n"
                                                  "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet splash\"\n"
                                                  "GRUB_CMDLINE_LINUX=''\n"
                                                  "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n"
                                                  "GRUB_CMDLINE_LINUX=audit=1\n"),
                                           GB_STR("grub"), arena),
                     GB_OK);
    assert_parameters(&config, "quiet audit=1");
    // A drop-in that adds: nothing of the main file is lost, whatever its line numbers.
    assert_int_equal(
        gb_grub_default_parse(
            &config,
            GB_STR("\n\n\nGRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX lockdown=integrity\"\n"),
            GB_STR("a.cfg"), arena),
        GB_OK);
    assert_parameters(&config, "quiet audit=1 lockdown=integrity");
    assert_true(gb_str_is(config.parameters[2].file, "a.cfg"));
    assert_int_equal(config.parameters[2].line, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grub_with_a_password),
        cmocka_unit_test(grub_with_a_password_in_clear),
        cmocka_unit_test(systemd_boot),
        cmocka_unit_test(extlinux),
        cmocka_unit_test(later_defaults_replace_earlier_ones),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
