// apt's configuration, sources, Release heads, pins, and what it would upgrade.
#include "source/package/apt_conf.h"
#include "source/package/apt_preferences.h"
#include "source/package/apt_sources.h"
#include "source/package/candidates.h"

#include "collected_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int setup(void **state)
{
    (void)state;
    return collected_root_begin(GB_KERNEL_NONE);
}

static void assert_item(const struct gb_apt_conf *conf, const char *name, const char *value,
                        uint32_t line)
{
    const struct gb_apt_conf_item *item = gb_apt_conf_find(conf, name);
    if (!item || !gb_str_is(item->value, value) || item->line != line)
        fail_msg("%s: wanted \"%s\" of line %u, got \"" GB_PRI "\" of line %u", name, value, line,
                 GB_ARG(item ? item->value : GB_STR("nothing")), item ? item->line : 0);
}

static void reads_configuration(void **state)
{
    (void)state;
    struct gb_apt_conf conf = {.arena = arena};
    struct gb_str text =
        GB_STR("// comment \"x\n"
               "APT::Periodic::Update-Package-Lists \"1\";\n"
               "# APT::Periodic::Enable \"0\";\n"
               "APT { Periodic {\n  Unattended-Upgrade \"1\"; /* \"2\"; */\n};\n};\n"
               "Unattended-Upgrade::Origins-Pattern {\n"
               "  \"origin=Debian,codename=${distro_codename},label=Debian-Security\";\n"
               "//  \"origin=Debian,label=Debian\";\n};\n"
               "Dir::Cache::pkgcache \"\";\n"
               "Acquire::Languages { \"none\" };\n"
               "DPkg::Post-Invoke:: \"rm {};\";\n"
               "Apt::Get::Unquoted yes;\n"
               "Removed::Item \"1\"; Removed::Other \"2\";\n"
               "#clear Removed;\n"
               "apt::periodic::unattended-upgrade \"7\";");
    assert_int_equal(gb_apt_conf_parse(&conf, text, GB_STR("x")), GB_OK);
    assert_item(&conf, "APT::Periodic::Update-Package-Lists", "1", 2);
    assert_item(&conf, "APT::Periodic::Unattended-Upgrade", "7", 18);
    assert_item(&conf, "Dir::Cache::pkgcache", "", 12);
    assert_item(&conf, "APT::Get::Unquoted", "yes", 15);
    assert_null(gb_apt_conf_find(&conf, "APT::Periodic::Enable"));
    assert_null(gb_apt_conf_find(&conf, "Removed::Item"));
    const struct gb_apt_conf_item *item =
        gb_apt_conf_next(&conf, "Unattended-Upgrade::Origins-Pattern", NULL);
    assert_non_null(item);
    assert_true(gb_str_contains(item->value, GB_STR("label=Debian-Security")));
    assert_int_equal(item->line, 9);
    assert_null(gb_apt_conf_next(&conf, "Unattended-Upgrade::Origins-Pattern", item));
    item = gb_apt_conf_next(&conf, "DPkg::Post-Invoke", NULL);
    assert_true(item && gb_str_is(item->value, "rm {};"));
    item = gb_apt_conf_next(&conf, "Acquire::Languages", NULL);
    assert_true(item && gb_str_is(item->value, "none"));
    assert_int_equal(conf.malformed, 0);
    assert_true(gb_apt_conf_bool(gb_apt_conf_find(&conf, "apt::get::unquoted"), false));
    assert_false(gb_apt_conf_bool(NULL, false));
}

static void survives_broken_configuration(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "}",        "{",
        "A {",      "A \"",
        "\"",       "/*",
        "A /",      "#clear",
        "#clear {", "#include \"x\"",
        ";;;",      "A B C D",
        "A::",      "A {{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct gb_apt_conf conf = {.arena = arena};
        assert_int_equal(gb_apt_conf_parse(&conf, gb_str_of(texts[i]), GB_STR("x")), GB_OK);
    }
    struct gb_apt_conf conf = {.arena = arena};
    assert_int_equal(gb_apt_conf_parse(&conf, GB_STR("A \0 \"x\";\0;"), GB_STR("x")), GB_OK);
    assert_true(conf.count <= 4);
}

static void reads_one_line_sources(void **state)
{
    (void)state;
    struct gb_apt_sources sources = {.arena = arena};
    struct gb_str text =
        GB_STR("# deb http://no.example/ x main\n"
               "deb http://deb.debian.org/debian bookworm main contrib # trailing\n"
               "deb-src [ trusted=yes arch=amd64,arm64 signed-by=/k.gpg ] "
               "https://user:pw@h.example:8080/x_y/ ./\n"
               "rpm http://x y\n"
               "deb [arch=amd64 http://x y\n"
               "deb cdrom:[Debian 12 _X_ - amd64]/ bookworm main\n");
    assert_int_equal(gb_apt_sources_parse_list(&sources, text, GB_STR("/f")), GB_OK);
    assert_int_equal(sources.count, 3);
    const struct gb_apt_source *s = &sources.items[0];
    assert_true(gb_str_is(s->uri, "http://deb.debian.org/debian") && s->line == 2);
    assert_true(s->enabled && s->trusted == -1 && s->component_count == 2 && !s->is_source);
    assert_true(gb_str_is(s->list_prefix, "deb.debian.org_debian_dists_bookworm_"));
    s = &sources.items[1];
    assert_true(s->is_source && s->trusted == 1 && s->architecture_count == 2);
    assert_true(gb_str_is(s->signed_by, "/k.gpg"));
    assert_true(gb_str_is(s->uri, "https://h.example:8080/x_y/"));
    assert_true(gb_str_is(s->list_prefix, "h.example:8080_x%5fy_._"));
    assert_true(gb_str_is(gb_apt_uri_host(s->uri), "h.example"));
    assert_true(gb_str_is(gb_apt_uri_scheme(s->uri), "https"));
    assert_true(gb_str_is(sources.items[2].uri, "cdrom:[Debian 12 _X_ - amd64]/"));
    assert_true(gb_str_is(sources.items[2].suite, "bookworm"));
    assert_int_equal(sources.malformed, 2);
    assert_int_equal(sources.first_malformed_line, 4);
}

static void reads_deb822_sources(void **state)
{
    (void)state;
    struct gb_apt_sources sources = {.arena = arena};
    struct gb_str text =
        GB_STR("Types: deb deb-src\n# why\nURIs: http://a/d http://b/d/\n"
               "Suites: s1 s2\nComponents: main\n other\nSigned-By: /k.gpg\n\n"
               "Enabled: no\nTypes: deb\nURIs: https://c\nSuites: s\nTrusted: yes\n"
               "\nTypes: deb\nURIs: http://d\n");
    assert_int_equal(gb_apt_sources_parse_deb822(&sources, text, GB_STR("/f")), GB_OK);
    assert_int_equal(sources.count, 9);
    assert_int_equal(sources.items[0].component_count, 2);
    assert_true(gb_str_is(sources.items[3].uri, "http://b/d/"));
    assert_true(gb_str_is(sources.items[3].list_prefix, "b_d_dists_s2_"));
    assert_true(sources.items[4].is_source);
    assert_false(sources.items[8].enabled);
    assert_int_equal(sources.items[8].trusted, 1);
    assert_int_equal(sources.items[8].line, 9);
    assert_int_equal(sources.malformed, 1);
}

static void reads_release_heads(void **state)
{
    (void)state;
    struct gb_apt_release release = {0};
    gb_apt_release_parse(&release,
                         GB_STR("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
                                "Origin: Debian\nLabel: Debian-Security\nSuite: stable-security\n"
                                "Date: Fri, 20 Nov 2026 00:12:41 UTC\n"
                                "Valid-Until: Fri, 27 Nov 2026 00:12:41 UTC\nSHA256:\n x 1 y\n"));
    assert_int_equal(release.date, 1795133561);
    assert_int_equal(release.valid_until, 1795133561 + 7 * 86400);
    assert_true(gb_apt_release_is_security(&release));
    int64_t time = 0;
    assert_int_equal(gb_apt_date_parse(GB_STR("Thu, 01 Jan 1970 00:00:00 UTC"), &time), GB_OK);
    assert_int_equal(time, 0);
    assert_int_equal(gb_apt_date_parse(GB_STR("Thu, 29 Feb 2024 12:00:01 +0000"), &time), GB_OK);
    assert_int_equal(time, 1709208001);
    assert_int_equal(gb_apt_date_parse(GB_STR("Thu, 01 Foo 1970 00:00:00 UTC"), &time),
                     GB_E_SYNTAX);
    assert_int_equal(gb_apt_date_parse(GB_STR("Thu, 01 Jan 1970 00:00:00 CET"), &time),
                     GB_E_SYNTAX);
    assert_int_equal(gb_apt_date_parse(GB_STR("1 Jan"), &time), GB_E_SYNTAX);
}

static void write_archive(const char *suite, const char *head, const char *packages)
{
    char path[256];
    snprintf(path, sizeof path, "/var/lib/apt/lists/h_d_dists_%s_InRelease", suite);
    temporary_root_file(&root, path, head);
    snprintf(path, sizeof path, "/var/lib/apt/lists/h_d_dists_%s_main_binary-amd64_Packages",
             suite);
    temporary_root_file(&root, path, packages);
}

static void write_host(const char *preferences)
{
    temporary_root_file(
        &root, "/var/lib/dpkg/status",
        "Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\n"
        "Version: 1.21\n\n"
        "Package: curl\nStatus: install ok installed\nArchitecture: amd64\n"
        "Version: 1:7.88-1\n\n"
        "Package: tool\nStatus: hold ok installed\nArchitecture: all\nVersion: 2\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nArchitecture: all\n"
        "Version: 1\n\n"
        "Package: local\nStatus: install ok installed\nArchitecture: amd64\n"
        "Version: 9\n");
    temporary_root_file(&root, "/etc/apt/sources.list",
                        "deb http://h/d stable main\ndeb http://h/d stable-security main\n"
                        "deb http://h/d backports main\ndeb-src http://h/d stable main\n"
                        "deb http://h/d stable main\n");
    temporary_root_file(&root, "/etc/apt/preferences.d/pin", preferences);
    write_archive("stable", "Origin: Debian\nSuite: stable\nCodename: bookworm\n",
                  "Package: curl\nArchitecture: amd64\nVersion: 1:7.88-1+u2\n\n"
                  "Package: dpkg\nArchitecture: amd64\nVersion: 1.21\n\n"
                  "Package: gone\nArchitecture: all\nVersion: 2\n\n"
                  "Architecture: amd64\nVersion: 3\nPackage: tool\n\n"
                  "Package: curl\nArchitecture: arm64\nVersion: 99\n\n");
    write_archive("stable-security", "Suite: stable-security\nLabel: Debian-Security\n",
                  "Package: curl\nArchitecture: amd64\nVersion: 1:7.88-1+u1\n");
    write_archive("backports", "Suite: backports\nNotAutomatic: yes\nButAutomaticUpgrades: yes\n",
                  "Package: curl\nArchitecture: amd64\nVersion: 1:8.0\n\n"
                  "Package: dpkg\nArchitecture: amd64\nVersion: 1.22\n\n");
}

static const struct gb_apt_candidates *candidates(void)
{
    const struct gb_apt_candidates *result = NULL;
    assert_int_equal(gb_apt_candidates_load(&collector, &result, NULL), GB_OK);
    return result;
}

static void finds_updates(void **state)
{
    (void)state;
    write_host("");
    const struct gb_apt_candidates *found = candidates();
    assert_int_equal(found->problem.len, 0);
    assert_int_equal(found->archive_count, 4);
    assert_int_equal(found->offered, 8); // the source that is named twice is read once
    assert_int_equal(found->update_count, 2);
    const struct gb_apt_update *curl = &found->updates[0], *tool = &found->updates[1];
    assert_true(gb_str_is(curl->package->name, "curl"));
    assert_true(gb_str_is(curl->candidate, "1:7.88-1+u2"));
    assert_true(gb_str_is(curl->archive, "stable"));
    assert_true(gb_str_is(curl->security_version, "1:7.88-1+u1"));
    assert_true(gb_str_is(tool->package->name, "tool") && tool->package->held);
    assert_true(gb_str_is(tool->candidate, "3") && !tool->security_version.len);
    assert_int_equal(found->standings[curl->package->position], GB_APT_SUPERSEDED);
    const struct gb_dpkg *dpkg = NULL;
    assert_int_equal(gb_dpkg_load(&collector, &dpkg, NULL), GB_OK);
    const struct gb_dpkg_package *local = gb_map_get(&dpkg->by_name, GB_STR("local"));
    assert_int_equal(found->standings[local->position], GB_APT_FOREIGN);
    const struct gb_dpkg_package *same = gb_map_get(&dpkg->by_name, GB_STR("dpkg"));
    assert_int_equal(found->standings[same->position], GB_APT_OFFERED);
}

static void pins_decide(void **state)
{
    (void)state;
    write_host("Package: cu*\nPin: release a=backports\nPin-Priority: 600\n\n"
               "Package: tool\nPin: version *\nPin-Priority: -1\n\n"
               "Package: /re/\nPin: release a=x\nPin-Priority: 1\n");
    const struct gb_apt_candidates *found = candidates();
    assert_int_equal(found->pins_not_understood, 1);
    assert_int_equal(found->update_count, 1);
    assert_true(gb_str_is(found->updates[0].candidate, "1:8.0"));
    assert_true(gb_str_is(found->updates[0].archive, "backports"));
}

static void a_pin_above_1000_downgrades(void **state)
{
    (void)state;
    write_host("Package: *\nPin: origin \"h\"\nPin-Priority: 1001\n");
    temporary_root_file(&root, "/var/lib/apt/lists/h_d_dists_stable_main_binary-amd64_Packages",
                        "Package: dpkg\nArchitecture: amd64\nVersion: 1.20\n");
    temporary_root_file(&root, "/etc/apt/sources.list", "deb http://h/d stable main\n");
    const struct gb_apt_candidates *found = candidates();
    assert_int_equal(found->update_count, 1);
    assert_true(gb_str_is(found->updates[0].candidate, "1.20"));
}

static void missing_lists_are_told(void **state)
{
    (void)state;
    write_host("");
    temporary_root_file(&root, "/etc/apt/sources.list",
                        "deb http://h/d stable main\ndeb https://other.example/x y z\n");
    const struct gb_apt_candidates *found = candidates();
    assert_true(gb_str_contains(found->problem, GB_STR("https://other.example/x y")));
    assert_int_equal(found->update_count, 2);
}

static void no_lists_at_all(void **state)
{
    (void)state;
    write_host("");
    temporary_root_file(&root, "/etc/apt/sources.list", "deb https://other.example/x y z\n");
    const struct gb_apt_candidates *found = candidates();
    assert_true(gb_str_contains(found->problem, GB_STR("apt-get update")));
    assert_int_equal(found->update_count, 0);
    assert_int_equal(found->standings[0], GB_APT_NOT_LOOKED_FOR);
}

static void packed_beyond_reading(void **state)
{
    (void)state;
    write_host("");
    temporary_root_file(&root, "/etc/apt/sources.list", "deb http://h/d zipped main\n");
    temporary_root_file(&root, "/var/lib/apt/lists/h_d_dists_zipped_InRelease", "Suite: zipped\n");
    temporary_root_file(&root, "/var/lib/apt/lists/h_d_dists_zipped_main_binary-amd64_Packages.gz",
                        "x");
    assert_true(gb_str_contains(candidates()->problem, GB_STR("compressed with gz")));
}

static void a_promised_list_that_is_not_there(void **state)
{
    (void)state;
    write_host("");
    temporary_root_file(&root, "/etc/apt/sources.list", "deb http://h/d part main contrib\n");
    write_archive("part",
                  "Suite: part\nSHA256:\n abc 77 main/binary-amd64/Packages\n"
                  " abc 0 contrib/binary-amd64/Packages\n",
                  "Package: dpkg\nArchitecture: amd64\nVersion: 1.21\n");
    assert_int_equal(candidates()->problem.len, 0);
    collector.shared = (struct gb_map){0};
    write_archive("part",
                  "Suite: part\nSHA256:\n abc 77 main/binary-amd64/Packages\n"
                  " abc 9 contrib/binary-amd64/Packages\n",
                  "Package: dpkg\nArchitecture: amd64\nVersion: 1.21\n");
    assert_true(gb_str_contains(candidates()->problem, GB_STR("not fetched")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_configuration, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(survives_broken_configuration, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(reads_one_line_sources, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(reads_deb822_sources, setup, collected_root_end),
        cmocka_unit_test(reads_release_heads),
        cmocka_unit_test_setup_teardown(finds_updates, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(pins_decide, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(a_pin_above_1000_downgrades, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(missing_lists_are_told, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(no_lists_at_all, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(packed_beyond_reading, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(a_promised_list_that_is_not_there, setup,
                                        collected_root_end),
    };
    return cmocka_run_group_tests_name("source/package/apt", tests, NULL, NULL);
}
