// VEX documents: read, and found by package.
#include "csaf_documents.h"
#include "source/feed/vex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int set_up(void **state)
{
    *state = gb_arena_new("vex", 16u << 20);
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    struct gb_arena *arena = *state;
    gb_arena_free(&arena);
    return 0;
}

static const struct gb_vex_statement *find(const struct gb_vex *vex, const char *id,
                                           const char *package, const char *scope,
                                           const char *target)
{
    struct gb_purl purl, of;
    struct gb_str ids[] = {GB_STR("GHSA-x"), gb_str_of(id)};
    assert_int_equal(gb_purl_parse(gb_str_of(package), vex->arena, &purl, NULL), 0);
    if (target)
        assert_int_equal(gb_purl_parse(gb_str_of(target), vex->arena, &of, NULL), 0);
    return gb_vex_find(vex, ids, 2, &purl, gb_str_of(scope), target ? &of : NULL);
}

static void status(const struct gb_vex_statement *s, const char *expected)
{
    assert_string_equal(s ? gb_vex_status_name(s->status) : "none", expected);
}

static const char openvex[] =
    "{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"@id\": \"https://example/vex-1\", "
    "\"author\": \"A\", \"timestamp\": \"2024-01-01T00:00:00Z\", \"version\": 1, \"statements\": "
    "[\n"
    "{\"vulnerability\": {\"@id\": \"https://nvd/CVE-2024-1\", \"name\": \"CVE-2024-1\", "
    "\"aliases\": [\"GHSA-a\"]}, \"products\": [{\"@id\": \"pkg:npm/left-pad@1.3.0\"}, {\"@id\": "
    "\"https://example/product\", \"identifiers\": {\"purl\": "
    "\"pkg:deb/debian/zlib@1.2?arch=source\"}}], "
    "\"status\": \"not_affected\", \"justification\": \"vulnerable_code_not_in_execute_path\", "
    "\"impact_statement\": \"never called\"},\n"
    "{\"vulnerability\": {\"name\": \"CVE-2024-1\"}, \"timestamp\": \"2024-03-01T00:00:00Z\", "
    "\"products\": [{\"@id\": \"pkg:npm/left-pad\"}], \"status\": \"affected\", "
    "\"action_statement\": \"update\"},\n"
    "{\"vulnerability\": {\"name\": \"CVE-2024-1\"}, \"timestamp\": \"2024-02-01T00:00:00Z\", "
    "\"products\": [{\"@id\": \"pkg:npm/left-pad\"}], \"status\": \"fixed\"},\n"
    "{\"vulnerability\": {\"name\": \"CVE-2024-2\"}, \"products\": [{\"@id\": "
    "\"pkg:oci/app@sha256:1\", \"subcomponents\": [{\"@id\": \"pkg:npm/left-pad@1.3.0\"}]}], "
    "\"status\": \"under_investigation\"},\n"
    "{\"vulnerability\": {\"name\": \"CVE-2024-3\"}, \"products\": [{\"@id\": \"my product\"}], "
    "\"status\": \"fixed\"}\n]}";

static void open_vex(void **state)
{
    struct gb_vex vex = {.arena = *state};
    struct gb_error err = {0};
    size_t left_out;
    assert_int_equal(gb_vex_read(gb_str_of(openvex), "x.json", &vex, &left_out, &err), 0);
    assert_int_equal(vex.count, 4);
    assert_int_equal(left_out, 1);
    // The latest counts, in whatever order they are written.
    status(find(&vex, "CVE-2024-1", "pkg:npm/left-pad@1.3.0", "", NULL), "affected");
    status(find(&vex, "GHSA-a", "pkg:npm/left-pad@1.3.0", "", NULL), "not_affected");
    status(find(&vex, "GHSA-a", "pkg:npm/left-pad@1.3.1", "", NULL), "none");
    status(find(&vex, "CVE-2024-1", "pkg:npm/right-pad@1.3.0", "", NULL), "none");
    // About a source package: what is built from it.
    const struct gb_vex_statement *s = find(
        &vex, "CVE-2024-1",
        "pkg:deb/debian/zlib1g@1.2%2Bb1?arch=amd64&distro=debian-12&upstream=zlib%401.2", "", NULL);
    status(s, "not_affected");
    assert_true(gb_str_is(s->justification, "vulnerable_code_not_in_execute_path"));
    assert_true(gb_str_is(s->text, "never called"));
    assert_true(gb_str_is(s->document, "https://example/vex-1"));
    assert_int_equal(s->at, 1704067200);
    // About a package inside of one product only.
    status(find(&vex, "CVE-2024-2", "pkg:npm/left-pad@1.3.0", "", NULL), "none");
    status(find(&vex, "CVE-2024-2", "pkg:npm/left-pad@1.3.0", "", "pkg:oci/app@sha256:1"),
           "under_investigation");
    status(find(&vex, "CVE-2024-2", "pkg:npm/left-pad@1.3.0", "", "pkg:oci/app@sha256:2"), "none");
    status(find(&vex, "CVE-2024-3", "pkg:npm/left-pad@1.3.0", "", NULL), "none");
}

static void csaf(void **state)
{
    struct gb_vex vex = {.arena = *state};
    struct gb_error err = {0};
    size_t left_out;
    assert_int_equal(
        gb_vex_read(gb_str_of(csaf_document("csaf_red_hat.json")), "x.json", &vex, &left_out, &err),
        0);
    assert_int_equal(left_out, 1);
    const char *fixed = "pkg:rpm/redhat/openssl@3.0.7-2.el9?arch=x86_64&epoch=1";
    status(find(&vex, "CVE-2024-1", fixed, "rhel-9", NULL), "fixed");
    status(find(&vex, "CVE-2024-1", fixed, "rhel-8", NULL), "none");
    const char *source = "pkg:rpm/redhat/edk2-ovmf@2024-1?arch=noarch&upstream=edk2%402024-1";
    status(find(&vex, "CVE-2024-1", source, "rhel-8", NULL), "not_affected");
    status(find(&vex, "CVE-2024-1", source, "rhel-9", NULL), "affected");
    assert_true(gb_str_is(find(&vex, "CVE-2024-1", source, "rhel-8", NULL)->justification,
                          "vulnerable_code_not_present"));
}

static void refused(void **state)
{
    static const struct {
        const char *text;
        int code;
        const char *reason;
    } cases[] = {
        {"{\"@context\": \"https://example\", \"statements\": []}", GB_E_UNSUPPORTED, "neither"},
        {"[]", GB_E_TYPE, "expected an object"},
        {"{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"statements\": [{\"status\": "
         "\"fine\"}]}",
         GB_E_TYPE, "\"fine\" is no status"},
        {"{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"statements\": [{\"status\": "
         "\"fixed\"}]}",
         GB_E_TYPE, "names no vulnerability"},
        {"{\"@context\": \"https://openvex.dev/ns\", \"statements\": [", GB_E_SYNTAX, "expected"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gb_vex vex = {.arena = *state};
        struct gb_error err = {0};
        size_t left_out;
        int code = gb_vex_read(gb_str_of(cases[i].text), "x.json", &vex, &left_out, &err);
        if (code != cases[i].code || !strstr(err.reason, cases[i].reason))
            print_error("%zu: %d %s\n", i, code, err.reason);
        assert_int_equal(code, cases[i].code);
        assert_non_null(strstr(err.reason, cases[i].reason));
        assert_string_equal(err.subject, "x.json");
        assert_int_equal(vex.count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(open_vex, set_up, tear_down),
        cmocka_unit_test_setup_teardown(csaf, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
