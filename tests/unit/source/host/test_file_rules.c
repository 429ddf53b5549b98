// What names and paths of files tell; bounded sets of findings.
#include "source/host/file_finding.h"
#include "source/host/file_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysmacros.h>

#include <cmocka.h>

static void knows_privileged_programs(void **state)
{
    (void)state;
    assert_true(gb_file_ships_privileged(GB_STR("/usr/bin/passwd")));
    assert_true(gb_file_ships_privileged(GB_STR("/usr/lib/x86_64-linux-gnu/utempter/utempter")));
    assert_true(gb_file_ships_privileged(GB_STR("/usr/libexec/sssd/ldap_child")));
    assert_false(gb_file_ships_privileged(GB_STR("/usr/bin/vim")));
    assert_false(gb_file_ships_privileged(GB_STR("/tmp/usr/bin/passwd")));
    assert_false(gb_file_ships_privileged(GB_STR("/usr/bin/passwd2")));
    assert_true(gb_file_ships_capabilities(GB_STR("/usr/bin/ping")));
    assert_false(gb_file_ships_capabilities(GB_STR("/usr/bin/python3.11")));
}

static void knows_what_gives_a_shell(void **state)
{
    (void)state;
    static const char *const shells[] = {"bash", "python3.11", "vim.basic", "find", "cp", "env"};
    static const char *const others[] = {"passwd", "su", "bashful", "mount", "ping", "", "mybash"};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (!gb_file_gives_shell(gb_str_of(shells[i])))
            fail_msg("%s gives a shell", shells[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (gb_file_gives_shell(gb_str_of(others[i])))
            fail_msg("%s gives no shell", others[i]);
}

static void knows_places(void **state)
{
    (void)state;
    assert_int_equal(gb_file_place_of(GB_STR("/usr/bin")), GB_PLACE_COMMANDS);
    assert_int_equal(gb_file_place_of(GB_STR("/usr/bin/sub")), GB_PLACE_SYSTEM);
    assert_int_equal(gb_file_place_of(GB_STR("/etc")), GB_PLACE_SYSTEM);
    assert_int_equal(gb_file_place_of(GB_STR("/etcetera")), GB_PLACE_OTHER);
    assert_int_equal(gb_file_place_of(GB_STR("/tmp/a/b")), GB_PLACE_TEMPORARY);
    assert_int_equal(gb_file_place_of(GB_STR("/dev/shm/x")), GB_PLACE_TEMPORARY);
    assert_int_equal(gb_file_place_of(GB_STR("/dev/input")), GB_PLACE_DEVICES);
    assert_int_equal(gb_file_place_of(GB_STR("")), GB_PLACE_OTHER);
    assert_true(gb_file_is_container_store(GB_STR("/var/lib/docker")));
    assert_true(gb_file_is_container_store(GB_STR("/home/a/.local/share/containers/storage")));
    assert_false(gb_file_is_container_store(GB_STR("/home/a/b/.local/share/containers/storage")));
    assert_false(gb_file_is_container_store(GB_STR("/srv/var/lib/docker")));
}

static void names_of_secrets(void **state)
{
    (void)state;
    static const struct {
        const char *name, *what;
    } rows[] = {
        {"id_rsa", "private key"},
        {"id_rsa.pub", ""},
        {"server.key", "private key"},
        {"ca.pem", "private key"},
        {".env", "environment file"},
        {".env.production", "environment file"},
        {".env.example", ""},
        {".envrc", ""},
        {"shadow.bak", "copy of the shadow file"},
        {"shadow", ""},
        {"wallet.kdbx", "key store"},
        {"terraform.tfstate", "infrastructure state"},
        {".pgpass", "password file"},
        {"monkey", ""},
        {".key", ""},
        {"x.keyring", ""},
        {"a", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *what = gb_file_secret_of_name(gb_str_of(rows[i].name));
        if (strcmp(what, rows[i].what) != 0)
            fail_msg("%s: wanted \"%s\", got \"%s\"", rows[i].name, rows[i].what, what);
    }
}

static bool is_secret(const char *name, const char *content)
{
    return gb_file_secret_in_content(gb_file_secret_of_name(gb_str_of(name)), gb_str_of(content));
}

static void contents_of_secrets(void **state)
{
    (void)state;
    assert_true(is_secret("a.key", "-----BEGIN PRIVATE KEY-----\nMII"));
    assert_true(is_secret("a.pem", "x\n-----BEGIN RSA PRIVATE KEY-----\nMII"));
    assert_false(is_secret("a.pem", "-----BEGIN CERTIFICATE-----\nMII"));
    assert_false(is_secret("a.pem", "-----BEGIN PUBLIC KEY-----\nMII"));
    assert_false(is_secret("a.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII"));
    assert_false(is_secret("a.key", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"));
    assert_true(is_secret("id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----\n"
                                    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAA"));
    assert_false(is_secret("id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----\n"
                                     "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0"));
    assert_false(is_secret("slides.key", "PK\003\004"));
    assert_true(is_secret(".env", "# x\nDEBUG=1\nexport DB_PASSWORD=\"hunter22\"\n"));
    assert_false(is_secret(".env", "DB_PASSWORD=\nAPI_TOKEN=$TOKEN\nPORT=8080\n"));
    assert_true(is_secret("wp-config.php", "define( 'DB_PASSWORD', 'hunter22' );"));
    assert_false(is_secret("wp-config.php", "define( 'DB_NAME', 'wordpress' );"));
    assert_true(is_secret(".htpasswd", "admin:$apr1$x$y\n"));
    assert_false(is_secret(".htpasswd", "\n"));
    assert_true(is_secret(".pgpass", "db:5432:*:app:secret\n"));
}

static void samples_and_odd_names(void **state)
{
    (void)state;
    assert_true(gb_file_is_sample_path(GB_STR("/opt/x/tests/a.key")));
    assert_true(gb_file_is_sample_path(GB_STR("/home/a/node_modules/x/a.key")));
    assert_false(gb_file_is_sample_path(GB_STR("/srv/app/latest/a.key")));
    assert_string_equal(gb_file_odd_name(GB_STR("...")), "a name of dots only");
    assert_string_equal(gb_file_odd_name(GB_STR(" ")), "a name of blanks only");
    assert_string_equal(gb_file_odd_name(GB_STR(".. ")), "a name of dots and blanks only");
    assert_string_equal(gb_file_odd_name(GB_STR("a\033[2Jb")), "a control character in the name");
    assert_string_equal(gb_file_odd_name(GB_STR("a b")), "");
    assert_string_equal(gb_file_odd_name(GB_STR(".bashrc")), "");
    assert_true(gb_file_is_harmless_device(makedev(1, 3)));
    assert_false(gb_file_is_harmless_device(makedev(8, 0)));
    assert_false(gb_file_is_harmless_device(makedev(1, 1)));
}

static void keeps_the_smallest_whatever_the_order(void **state)
{
    (void)state;
    enum { ALL = 1000, LIMIT = 10 };
    struct gb_file_findings a = {.limit = LIMIT}, b = {.limit = LIMIT};
    for (int i = 0; i < ALL; i++) {
        char path[16];
        int number = (i * 7919) % ALL; // every number once, in an order of no meaning
        int length = snprintf(path, sizeof path, "/%04d", number);
        struct gb_file_finding finding = {.uid = (uint32_t)number};
        gb_file_findings_add(i % 3 ? &a : &b, (struct gb_str){path, (size_t)length}, &finding);
    }
    gb_file_findings_merge(&a, &b);
    gb_file_findings_sort(&a);
    assert_int_equal(a.total, ALL);
    assert_int_equal(a.count, LIMIT);
    for (int i = 0; i < LIMIT; i++) {
        assert_int_equal(a.items[i].uid, i);
        assert_int_equal(strtol(a.items[i].path + 1, NULL, 10), i);
    }
    gb_file_findings_free(&a);
    gb_file_findings_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_privileged_programs),
        cmocka_unit_test(knows_what_gives_a_shell),
        cmocka_unit_test(knows_places),
        cmocka_unit_test(names_of_secrets),
        cmocka_unit_test(contents_of_secrets),
        cmocka_unit_test(samples_and_odd_names),
        cmocka_unit_test(keeps_the_smallest_whatever_the_order),
    };
    return cmocka_run_group_tests_name("source/host/file_rules", tests, NULL, NULL);
}
