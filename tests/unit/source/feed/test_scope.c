// Names that feeds use for releases, as scopes.
#include "source/feed/scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct gb_str scope_of(struct gb_str name, struct gb_arena *arena);

struct example {
    const char *name, *scope;
};

static void check(scope_of *of, const struct example *examples, size_t count)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("scope", 1u << 20);
    assert_non_null(arena);
    for (size_t i = 0; i < count; i++) {
        struct gb_str scope = of(gb_str_of(examples[i].name), arena);
        if (!gb_str_is(scope, examples[i].scope))
            print_error("%s: " GB_PRI ", not %s\n", examples[i].name, GB_ARG(scope),
                        examples[i].scope);
        assert_true(gb_str_is(scope, examples[i].scope));
    }
}

#define CHECK(of, examples) check(of, examples, sizeof(examples) / sizeof *(examples))

static void ecosystems(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"Debian:12", "debian-12"},
        {"Debian:sid", "debian-sid"},
        {"Debian", "debian"},
        {"Ubuntu:22.04:LTS", "ubuntu-22.04"},
        {"Ubuntu:23.10", "ubuntu-23.10"},
        {"Ubuntu:Pro:16.04:LTS", "ubuntu-pro-16.04"},
        {"Ubuntu:Pro:FIPS-updates:20.04:LTS", "ubuntu-pro-fips-updates-20.04"},
        {"Ubuntu:Nvidia-BlueField:22.04:LTS", "ubuntu-nvidia-bluefield-22.04"},
        {"AlmaLinux:8", "almalinux-8"},
        {"Rocky Linux:9", "rocky-9"},
        {"Alpine:v3.18", "alpine-3.18"},
        {"Alpine:edge", "alpine-edge"},
        {"Wolfi", "wolfi"},
        {"Chainguard", "chainguard"},
        {"Red Hat:enterprise_linux:9::baseos", "rhel-9"},
        {"Red Hat:enterprise_linux:8.4::appstream", "rhel-8"},
        {"Red Hat:rhel_eus:9.4::appstream", "rhel-eus-9.4"},
        {"Red Hat:openshift:4.12::el8", "openshift-4.12"},
        {"openSUSE:Leap 15.5", "opensuse-leap-15.5"},
        {"openSUSE:Tumbleweed", "opensuse-tumbleweed"},
        {"SUSE:Linux Enterprise Server 15 SP5", "sles-15.5"},
        {"SUSE:Linux Enterprise Module for Basesystem 15 SP5", "sles-15.5"},
        {"SUSE:Linux Enterprise Server 15 SP3-LTSS", "sles-ltss-15.3"},
        {"SUSE:Linux Enterprise Micro 5.5", "linux-enterprise-micro-5.5"},
        {"Azure Linux:3", "azurelinux-3.0"},
        {"openEuler:22.03-LTS", "openeuler-22.03-lts"},
        {"PyPI", "pypi"},
        {"crates.io", "crates.io"},
        {"Maven:https://maven.google.com", "maven"},
        {"GitHub Actions", "github-actions"},
        {"", ""},
        {":::", ""},
    };
    CHECK(gb_feed_scope_of_ecosystem, examples);
}

static void products(void **state)
{
    (void)state;
    static const struct example suse[] = {
        {"SUSE Linux Enterprise Server 15 SP5", "sles-15.5"},
        {"SUSE Linux Enterprise Server 12 SP5-LTSS", "sles-ltss-12.5"},
        {"SUSE Linux Enterprise Server for SAP Applications 15 SP4", "sles-15.4"},
        {"SUSE Linux Enterprise Server 15", "sles-15"},
        {"openSUSE Leap 15.6", "opensuse-leap-15.6"},
        {"openSUSE Leap Micro 5.5", "opensuse-leap-micro-5.5"},
        {"SUSE Manager Server 4.3", "suse-manager-server-4.3"},
    };
    CHECK(gb_feed_scope_of_suse, suse);
    static const struct example redhat[] = {
        {"enterprise_linux:7::server", "rhel-7"},
        {"enterprise_linux:10.0", "rhel-10"},
        {"rhel_aus:8.2::baseos", "rhel-aus-8.2"},
        {"openssl", "openssl"},
    };
    CHECK(gb_feed_scope_of_redhat, redhat);
}

static void codenames(void **state)
{
    (void)state;
    assert_true(gb_str_is(gb_feed_scope_of_debian(GB_STR("bookworm")), "debian-12"));
    assert_true(gb_str_is(gb_feed_scope_of_debian(GB_STR("GENERIC")), "debian-generic"));
    assert_true(gb_str_is(gb_feed_scope_of_debian(GB_STR("sid")), "debian-sid"));
    assert_int_equal(gb_feed_scope_of_debian(GB_STR("jammy")).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ecosystems),
        cmocka_unit_test(products),
        cmocka_unit_test(codenames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
