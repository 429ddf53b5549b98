// model/exemption.h: exemption documents, and which finding they cover.
#include "model/exemption.h"

#include "base/time.h"
#include "documents.h"

static int64_t now_of(const char *text)
{
    int64_t seconds;
    int32_t nanos;
    assert_int_equal(gb_time_parse(gb_str_of(text), &seconds, &nanos), GB_OK);
    return seconds;
}

static const char good[] = "exemptions:\n"
                           "  - id: EX-1\n"
                           "    control: GBN-SSH-002\n"
                           "    match: {subject: sshd, host: \"web-*\"}\n"
                           "    reason: the bastion needs it\n"
                           "    owner: anna@example.org\n"
                           "    expires: 2027-01-31\n"
                           "    approved_by: li@example.org\n"
                           "    ticket: OPS-12\n";

static struct gb_exemptions read_at(const char *text, const char *now, struct gb_str **problems,
                                    size_t *count)
{
    struct gb_exemptions all;
    struct gb_error err = {0};
    int code = gb_exemptions_read(document_of(text), GB_STR("t.yaml"), now_of(now), arena, &all,
                                  problems, count, &err);
    if (code)
        fail_msg("%s: %s", text, err.reason);
    return all;
}

static void test_reads(void **state)
{
    (void)state;
    struct gb_str *problems;
    size_t count;
    struct gb_exemptions all = read_at(good, "2026-11-01T00:00:00Z", &problems, &count);
    assert_int_equal(count, 0);
    assert_int_equal(all.count, 1);
    assert_true(gb_str_is(all.items[0].id, "EX-1"));
    assert_true(gb_str_is(all.items[0].reason, "the bastion needs it"));
    assert_true(gb_str_is(all.items[0].owner, "anna@example.org"));
    assert_true(gb_str_is(all.items[0].approved_by, "li@example.org"));
    assert_true(gb_str_is(all.items[0].ticket, "OPS-12"));
    assert_int_equal(all.items[0].line, 2);
    assert_false(all.items[0].expired);
    // To the end of its day, UTC.
    assert_true(all.items[0].expires_at == now_of("2027-02-01T00:00:00Z"));
    assert_false(read_at(good, "2027-01-31T23:59:59Z", &problems, &count).items[0].expired);
    assert_true(read_at(good, "2027-02-01T00:00:00Z", &problems, &count).items[0].expired);
    const char *at = with(good, "2027-01-31", "2027-01-31T12:00:00+02:00");
    all = read_at(at, "2026-11-01T00:00:00Z", &problems, &count);
    assert_true(all.items[0].expires_at == now_of("2027-01-31T10:00:00Z"));
    assert_int_equal(read_at("", "2026-11-01T00:00:00Z", &problems, &count).count, 0);
    assert_int_equal(read_at("exemptions: []\n", "2026-11-01T00:00:00Z", &problems, &count).count,
                     0);
}

static bool covers(const char *text, const char *now, const char *control, const char *subject,
                   const char *host)
{
    struct gb_str *problems;
    size_t count;
    struct gb_exemptions all = read_at(text, now, &problems, &count);
    struct gb_exemption *hit =
        gb_exemptions_match(&all, gb_str_of(control), gb_str_of(subject), gb_str_of(host));
    if (hit)
        assert_int_equal(hit->used, 1);
    return hit;
}

static void test_matches(void **state)
{
    (void)state;
    const char *now = "2026-11-01T00:00:00Z";
    assert_true(covers(good, now, "GBN-SSH-002", "sshd", "web-01"));
    assert_false(covers(good, now, "GBN-SSH-0021", "sshd", "web-01"));
    assert_false(covers(good, now, "GBN-SSH-003", "sshd", "web-01"));
    assert_false(covers(good, now, "GBN-SSH-002", "sshd#2", "web-01"));
    assert_false(covers(good, now, "GBN-SSH-002", "sshd", "db-01"));
    assert_false(covers(good, "2027-02-01T00:00:00Z", "GBN-SSH-002", "sshd", "web-01"));
    const char *wide = with(good, "    match: {subject: sshd, host: \"web-*\"}\n", "");
    wide = with(wide, "GBN-SSH-002", "GBN-SSH-*");
    assert_true(covers(wide, now, "GBN-SSH-077", "anything", "anywhere"));
    assert_false(covers(wide, now, "GBN-KRN-001", "anything", "anywhere"));
}

static void test_malformed_entries_hide_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *problem;
    } cases[] = {
        {"    reason: the bastion needs it\n", "", "t.yaml:2:5: \"reason\" is missing"},
        {"reason: the bastion needs it", "reason: '  '", "t.yaml:5:13: \"reason\" is empty"},
        {"    owner: anna@example.org\n", "", "t.yaml:2:5: \"owner\" is missing"},
        {"    expires: 2027-01-31\n", "", "t.yaml:2:5: \"expires\" is missing"},
        {"2027-01-31", "never", "t.yaml:7:14: \"expires\": expected a date"},
        {"2027-01-31", "2027-02-31", "t.yaml:7:14: \"expires\": expected a date"},
        {"2027-01-31", "2028-01-31",
         "t.yaml:7:14: \"expires\": 2028-01-31 is more than a year away"},
        {"GBN-SSH-002", "\"*\"", "t.yaml:3:14: \"control\": \"*\" covers every control"},
        {"ticket: OPS-12", "tickt: OPS-12", "t.yaml:9:5: unknown key \"tickt\" (did you mean"},
        {"host: \"web-*\"", "hots: web",
         "t.yaml:4:28: unknown key \"hots\" (did you mean \"host\"?)"},
        {"match: {subject: sshd, host: \"web-*\"}", "match: sshd",
         "t.yaml:4:12: \"match\": expected a map, found a string"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gb_str *problems;
        size_t count;
        const char *text = with(good, cases[i].from, cases[i].to);
        text = gb_str_c(arena, gb_str_format(arena,
                                             "%s  - {control: GBN-X-1, reason: r, owner: o, "
                                             "expires: 2026-12-01}\n",
                                             text));
        struct gb_exemptions all = read_at(text, "2026-11-01T00:00:00Z", &problems, &count);
        // The other entry counts.
        assert_int_equal(all.count, 1);
        assert_true(gb_str_is(all.items[0].control, "GBN-X-1"));
        assert_int_equal(count, 1);
        if (!gb_str_starts(problems[0], gb_str_of(cases[i].problem)))
            fail_msg(GB_PRI, GB_ARG(problems[0]));
    }
    struct gb_str *problems;
    size_t count;
    const char *twice = gb_str_c(arena, gb_str_format(arena, "%s%s", good, strchr(good, '\n') + 1));
    struct gb_exemptions all = read_at(twice, "2026-11-01T00:00:00Z", &problems, &count);
    assert_int_equal(all.count, 1);
    assert_int_equal(count, 1);
    assert_true(
        gb_str_contains(problems[0], GB_STR("\"EX-1\" is taken by the exemption on line 2")));
}

static void test_refuses_documents(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"- 1\n", "expected exemptions (a map), found a list"},
        {"exemption: []\n", "did you mean \"exemptions\"?"},
        {"exemptions: {}\n", "\"exemptions\": expected a list, found a map"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gb_exemptions all = {.count = 77};
        struct gb_str *problems;
        size_t count;
        struct gb_error err = {0};
        assert_int_equal(gb_exemptions_read(document_of(cases[i][0]), GB_STR("t.yaml"), 0, arena,
                                            &all, &problems, &count, &err),
                         GB_E_TYPE);
        assert_int_equal(all.count, 77);
        if (!strstr(err.reason, cases[i][1]))
            fail_msg("%s", err.reason);
    }
    const struct gb_node *document = document_of(with(good, "control", "contro"));
    for (size_t n = 1;; n++) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *small = gb_arena_new("small", 1 << 20);
        struct gb_exemptions all;
        struct gb_str *problems;
        size_t count;
        struct gb_error err = {0};
        gb_arena_fail_at(n);
        int code =
            gb_exemptions_read(document, GB_STR("t.yaml"), 0, small, &all, &problems, &count, &err);
        gb_arena_fail_at(0);
        if (code == GB_OK) {
            assert_true(n > 3);
            break;
        }
        assert_int_equal(code, GB_E_MEMORY);
        assert_int_equal(err.code, GB_E_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_malformed_entries_hide_nothing),
        cmocka_unit_test(test_refuses_documents),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
