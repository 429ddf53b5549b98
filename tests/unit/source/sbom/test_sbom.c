// Reading SBOMs: what Trivy, Syft and others write becomes packages with their source packages;
// what cannot be matched is said.
#include "source/sbom/sbom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct gb_arena *arena;
static struct gb_collection *all;
static struct gb_sbom sbom;
static struct gb_error err;

static int set_up(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 16 << 20);
    all = arena ? gb_collection_new(arena, 0) : NULL;
    err = (struct gb_error){0};
    return all ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static int collect(const char *text, const char *os)
{
    struct gb_sbom_options options = {.os = gb_str_of(os)};
    return gb_sbom_collect(gb_str_of(text), GB_STR("test.json"), &options, all, &sbom, &err);
}

static void accept(const char *text)
{
    if (collect(text, NULL) < 0)
        fail_msg("%s: %s\n%s", err.subject, err.reason, text);
}

static void expect(const char *id, const char *field, const char *wanted)
{
    const struct gb_resource *resource = gb_collection_find(all, gb_str_of(id));
    if (!resource)
        fail_msg("there is no %s", id);
    const struct gb_value *value = gb_map_find(resource->props, gb_str_of(field));
    struct gb_str got = gb_value_str_or(value, GB_STR("(none)"));
    if (value && value->kind == GB_VALUE_BOOL)
        got = value->boolean ? GB_STR("true") : GB_STR("false");
    if (!gb_str_is(got, wanted))
        fail_msg("%s.%s is \"" GB_PRI "\", not \"%s\"", id, field, GB_ARG(got), wanted);
}

#define CYCLONEDX(components)                                                                      \
    "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.5\", \"components\": [" components "]}"
#define DEBIAN "{\"type\": \"operating-system\", \"name\": \"debian\", \"version\": \"12.5\"},"
#define PURL(purl)                                                                                 \
    "{\"type\": \"library\", \"name\": \"x\", \"version\": \"1\", \"purl\": \"" purl "\"}"

static void reads_trivy(void **state)
{
    (void)state;
    accept("{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\", \"metadata\": {\"tools\": "
           "{\"components\": [{\"type\": \"application\", \"name\": \"trivy\"}]}}, "
           "\"components\": [" DEBIAN
           "{\"type\": \"library\", \"name\": \"libssl3\", \"version\": \"3.0.11-1~deb12u2\","
           "\"purl\": \"pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12.5\","
           "\"properties\": [{\"name\": \"aquasecurity:trivy:SrcName\", \"value\": \"openssl\"},"
           "{\"name\": \"aquasecurity:trivy:SrcVersion\", \"value\": \"3.0.11\"},"
           "{\"name\": \"aquasecurity:trivy:SrcRelease\", \"value\": \"1~deb12u2\"}]},"
           "{\"type\": \"library\", \"name\": \"bsdutils\", \"version\": \"1:2.38.1-5+b1\","
           "\"purl\": \"pkg:deb/debian/bsdutils@2.38.1-5%2Bb1?arch=amd64&epoch=1\","
           "\"properties\": [{\"name\": \"aquasecurity:trivy:SrcName\", \"value\": \"util-linux\"},"
           "{\"name\": \"aquasecurity:trivy:SrcVersion\", \"value\": \"2.38.1\"},"
           "{\"name\": \"aquasecurity:trivy:SrcRelease\", \"value\": \"5\"},"
           "{\"name\": \"aquasecurity:trivy:SrcEpoch\", \"value\": \"3\"}]},"
           "{\"type\": \"application\", \"name\": \"app/package-lock.json\"},"
           "{\"type\": \"library\", \"name\": \"lodash\", \"version\": \"4.17.20\","
           "\"purl\": \"pkg:npm/lodash@4.17.20\", \"properties\": ["
           "{\"name\": \"aquasecurity:trivy:FilePath\", \"value\": \"app/lodash/package.json\"}]}"
           "]}");
    expect("os", "id", "debian");
    expect("os", "version", "12.5");
    expect("os_package:libssl3", "manager", "dpkg");
    expect("os_package:libssl3", "version", "3.0.11-1~deb12u2");
    expect("os_package:libssl3", "architecture", "amd64");
    expect("os_package:libssl3", "source", "openssl");
    expect("os_package:libssl3", "source_version", "3.0.11-1~deb12u2");
    expect("os_package:bsdutils", "version", "1:2.38.1-5+b1");
    expect("os_package:bsdutils", "source", "util-linux");
    expect("os_package:bsdutils", "source_version", "3:2.38.1-5");
    expect("language_package:lodash", "ecosystem", "npm");
    expect("language_package:lodash", "path", "app/lodash/package.json");
    assert_true(gb_str_is(sbom.tool, "trivy"));
    assert_true(sbom.foreign);
    assert_int_equal(sbom.os_packages, 2);
    assert_int_equal(sbom.language_packages, 1);
    assert_int_equal(sbom.without_purl, 0);
    assert_int_equal(sbom.without_epoch, 1);
}

static void reads_syft(void **state)
{
    (void)state;
    accept(CYCLONEDX(
        "{\"type\": \"operating-system\", \"name\": \"Red Hat Enterprise Linux\", \"properties\": ["
        "{\"name\": \"syft:distro:id\", \"value\": \"rhel\"},"
        "{\"name\": \"syft:distro:versionID\", \"value\": \"9.4\"},"
        "{\"name\": \"syft:distro:prettyName\", \"value\": \"Red Hat Enterprise Linux 9.4\"}]},"
        "{\"type\": \"library\", \"name\": \"openssl-libs\", \"version\": \"1:3.0.7-27.el9\","
        "\"purl\": \"pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=x86_64&epoch=1&"
        "upstream=openssl-3.0.7-27.el9.src.rpm&distro=rhel-9.4\"},"
        "{\"type\": \"library\", \"name\": \"nodejs\", \"version\": \"1:18.19.0-1.module\","
        "\"purl\": \"pkg:rpm/redhat/nodejs@18.19.0-1.module?arch=x86_64&epoch=1\","
        "\"properties\": [{\"name\": \"syft:metadata:modularityLabel\", "
        "\"value\": \"nodejs:18:9030020240301:rhel9\"}]},"
        "{\"type\": \"library\", \"group\": \"org.apache.commons\", \"name\": \"Commons-Text\","
        "\"version\": \"1.9\", \"purl\": \"pkg:maven/org.apache.commons/commons-text@1.9\","
        "\"properties\": [{\"name\": \"syft:location:0:path\", \"value\": \"/app.jar\"}]},"
        "{\"type\": \"library\", \"name\": \"stdlib\", \"version\": \"go1.22.4\","
        "\"purl\": \"pkg:golang/stdlib@1.22.4\"}"));
    expect("os", "id", "rhel");
    expect("os", "version", "9.4");
    expect("os", "pretty_name", "Red Hat Enterprise Linux 9.4");
    expect("os_package:openssl-libs", "manager", "rpm");
    expect("os_package:openssl-libs", "version", "1:3.0.7-27.el9");
    expect("os_package:openssl-libs", "source", "openssl");
    expect("os_package:openssl-libs", "source_version", "3.0.7-27.el9");
    expect("os_package:nodejs", "module", "nodejs:18");
    expect("language_package:org.apache.commons:Commons-Text", "path", "/app.jar");
    expect("language_package:stdlib", "standard_library", "true");
    assert_int_equal(sbom.without_epoch, 0);
}

static void reads_upstream(void **state)
{
    (void)state;
    accept(CYCLONEDX(
        DEBIAN PURL("pkg:deb/debian/libssl3@3.0?arch=amd64&upstream=openssl%403.0.1") "," PURL(
            "pkg:deb/debian/curl@7.88.1-10%2Bb1?upstream=curl7") "," PURL("pkg:deb/debian/"
                                                                          "plain@1.0-1%2Bb3")));
    expect("os_package:libssl3", "source", "openssl");
    expect("os_package:libssl3", "source_version", "3.0.1");
    expect("os_package:curl", "source", "curl7");
    expect("os_package:curl", "source_version", "7.88.1-10");
    expect("os_package:plain", "source", "plain");
    expect("os_package:plain", "source_version", "1.0-1");
}

static void takes_the_system_from_purls(void **state)
{
    (void)state;
    accept(CYCLONEDX(PURL("pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=alpine-3.18.4")));
    expect("os", "id", "alpine");
    expect("os", "version", "3.18.4");
    expect("os_package:musl", "manager", "apk");
    assert_true(gb_str_is(sbom.os_said_by, "purl"));
}

static void refuses_packages_without_a_system(void **state)
{
    (void)state;
    assert_int_equal(collect(CYCLONEDX(PURL("pkg:deb/debian/curl@1")), NULL), GB_E_NOT_FOUND);
    assert_non_null(strstr(err.reason, "which one"));
    assert_int_equal(collect(CYCLONEDX(PURL("pkg:deb/debian/curl@1?distro=debian")), NULL),
                     GB_E_NOT_FOUND);
    assert_non_null(strstr(err.reason, "which release of debian"));
    assert_int_equal(collect(CYCLONEDX(PURL("pkg:deb/debian/curl@1?distro=debian-11") "," PURL(
                                 "pkg:deb/debian/tar@1?distro=debian-12")),
                             NULL),
                     GB_E_NOT_FOUND);
    assert_non_null(strstr(err.reason, "different"));
    assert_int_equal(collect(CYCLONEDX(PURL("pkg:deb/debian/curl@1")), "debian"), GB_E_USAGE);
}

static void takes_the_system_from_options(void **state)
{
    (void)state;
    assert_int_equal(collect(CYCLONEDX(PURL("pkg:deb/debian/curl@1")), "debian-12"), 0);
    expect("os", "id", "debian");
    expect("os", "version", "12");
}

static void language_packages_need_no_system(void **state)
{
    (void)state;
    accept(CYCLONEDX(PURL("pkg:pypi/Django@4.2")));
    expect("language_package:django", "version", "4.2");
    assert_int_equal(gb_collection_kind(all, GB_STR("os"))->presence, GB_ABSENT);
    assert_int_equal(gb_collection_kind(all, GB_STR("os_package"))->presence, GB_PRESENT);
}

static void counts_what_it_leaves_out(void **state)
{
    (void)state;
    accept(CYCLONEDX(PURL("pkg:conan/zlib@1.2") "," PURL(
        "pkg:npm/x@%zz") ","
                         "{\"type\": \"library\", \"name\": \"unnamed\"},"
                         "{\"type\": \"file\", \"name\": \"/etc/passwd\"},"
                         "{\"type\": \"application\", \"name\": \"go.mod\", \"components\": [" PURL(
                             "pkg:golang/a/b@v1") "]}"));
    assert_int_equal(sbom.other_types, 1);
    assert_int_equal(sbom.malformed, 1);
    assert_true(gb_str_is(sbom.example, "pkg:npm/x@%zz"));
    assert_int_equal(sbom.without_purl, 1);
    assert_int_equal(sbom.language_packages, 1);
    expect("language_package:a/b", "version", "v1");
    assert_int_equal(all->note_count, 2);
}

static void reads_spdx(void **state)
{
    (void)state;
    accept("{\"spdxVersion\": \"SPDX-2.3\", \"creationInfo\": {\"creators\": [\"Organization: x\","
           "\"Tool: trivy-0.50.0\"]}, \"packages\": ["
           "{\"name\": \"debian\", \"versionInfo\": \"12.5\", "
           "\"primaryPackagePurpose\": \"OPERATING-SYSTEM\"},"
           "{\"name\": \"image\", \"primaryPackagePurpose\": \"CONTAINER\"},"
           "{\"name\": \"libssl3\", \"versionInfo\": \"3.0.11-1\","
           "\"sourceInfo\": \"built package from: openssl 3.0.11-1\","
           "\"externalRefs\": [{\"referenceCategory\": \"PACKAGE-MANAGER\", \"referenceType\": "
           "\"purl\", \"referenceLocator\": \"pkg:deb/debian/libssl3@3.0.11-1?arch=amd64\"}]}]}");
    expect("os", "version", "12.5");
    expect("os_package:libssl3", "source", "openssl");
    assert_true(gb_str_is(sbom.tool, "trivy-0.50.0"));
    assert_true(sbom.foreign);
    assert_true(gb_str_is(sbom.version, "2.3"));
}

static void reads_spdx_graphs(void **state)
{
    (void)state;
    accept("{\"@context\": \"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\", \"@graph\": ["
           "{\"type\": \"software_Package\", \"name\": \"alpine\", \"software_packageVersion\": "
           "\"3.19.1\", \"software_primaryPurpose\": \"operatingSystem\"},"
           "{\"type\": \"Tool\", \"name\": \"maker\"},"
           "{\"type\": \"software_Package\", \"name\": \"musl\", \"software_packageUrl\": "
           "\"pkg:apk/alpine/musl@1.2.4-r2\"},"
           "{\"type\": \"Relationship\"}]}");
    expect("os", "version", "3.19.1");
    expect("os_package:musl", "version", "1.2.4-r2");
    assert_true(gb_str_is(sbom.tool, "maker"));
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int code;
    } rows[] = {
        {"", GB_E_SYNTAX},
        {"[]", GB_E_SYNTAX},
        {"{}", GB_E_SYNTAX},
        {"{\"bomFormat\": \"CycloneDX\"", GB_E_SYNTAX},
        {"{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"2.0\"}", GB_E_UNSUPPORTED},
        {"{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.1\"}", GB_E_UNSUPPORTED},
        {"{\"bomFormat\": \"CycloneDX\", \"bomFormat\": \"CycloneDX\"}", GB_E_SYNTAX},
        {"{\"spdxVersion\": \"SPDX-2.1\"}", GB_E_UNSUPPORTED},
        {"<?xml version=\"1.0\"?><bom/>", GB_E_UNSUPPORTED},
        {"{\"bomFormat\": \"CycloneDX\", \"x\": \"\xff\"}", GB_E_SYNTAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        err = (struct gb_error){0};
        int code = collect(rows[i].text, NULL);
        if (code != rows[i].code || !err.reason[0] || strcmp(err.subject, "test.json") != 0)
            fail_msg("%s: %d, %s: %s", rows[i].text, code, err.subject, err.reason);
    }
}

static void deep_components_end(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    char *text = malloc(DEPTH * 32 + 100);
    assert_non_null(text);
    size_t length = (size_t)snprintf(text, 100,
                                     "{\"bomFormat\":\"CycloneDX\",\"specVersion\":"
                                     "\"1.5\"");
    static const char level[] = ",\"components\":[{\"a\":1";
    for (int i = 0; i < DEPTH; i++) {
        memcpy(text + length, level, sizeof level - 1);
        length += sizeof level - 1;
    }
    int code =
        gb_sbom_collect((struct gb_str){text, length}, GB_STR("deep"), NULL, all, &sbom, &err);
    free(text);
    assert_int_equal(code, GB_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_trivy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_syft, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_upstream, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_the_system_from_purls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_packages_without_a_system, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_the_system_from_options, set_up, tear_down),
        cmocka_unit_test_setup_teardown(language_packages_need_no_system, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counts_what_it_leaves_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_spdx, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_spdx_graphs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(deep_components_end, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("source/sbom", tests, NULL, NULL);
}
