// base/address.h: reading, writing and judging IP addresses and networks.
#include "base/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct gb_address parsed(const char *text)
{
    struct gb_address address;
    if (gb_address_parse(gb_str_of(text), &address) < 0)
        fail_msg("%s was not read", text);
    return address;
}

static struct gb_network network(const char *text)
{
    struct gb_network result;
    if (gb_network_parse(gb_str_of(text), &result) < 0)
        fail_msg("%s was not read", text);
    return result;
}

static void test_text(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"0.0.0.0", "0.0.0.0"},
        {"192.168.0.1", "192.168.0.1"},
        {"255.255.255.255", "255.255.255.255"},
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"2001:DB8::68", "2001:db8::68"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"2001:0db8:0000:0001:0001:0001:0001:0001", "2001:db8:0:1:1:1:1:1"},
        {"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
        {"0:0:0:1::", "0:0:0:1::"},
        {"::ffff:192.168.0.1", "::ffff:192.168.0.1"},
        {"::ffff:c0a8:1", "::ffff:192.168.0.1"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[GB_ADDRESS_SIZE];
        struct gb_address address = parsed(rows[i][0]);
        assert_int_equal(gb_address_text(&address, text), strlen(rows[i][1]));
        assert_string_equal(text, rows[i][1]);
    }
    char text[GB_NETWORK_SIZE];
    struct gb_network widest = network("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128");
    assert_int_equal(gb_network_text(&widest, text), 43);
    assert_string_equal(text, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128");
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {"",
                                       "1",
                                       "1.2.3",
                                       "1.2.3.4.5",
                                       "256.1.1.1",
                                       "01.2.3.4",
                                       "1.2.3.4 ",
                                       " 1.2.3.4",
                                       "1..2.3",
                                       "a.b.c.d",
                                       ":::",
                                       "1:2:3",
                                       "2001:db8:::68",
                                       "1::2::3",
                                       "12345::",
                                       "g::",
                                       "::1.2.3",
                                       "[::1]",
                                       "::%",
                                       "1.2.3.4%eth0",
                                       "0x7f.0.0.1",
                                       "1:2:3:4:5:6:7:8:9"};
    struct gb_address address;
    struct gb_network other;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (gb_address_parse(gb_str_of(rows[i]), &address) != GB_E_SYNTAX)
            fail_msg("%s was read", rows[i]);
    assert_int_equal(gb_address_parse(GB_STR("1.2.3.4\0"), &address), GB_E_SYNTAX);
    assert_int_equal(gb_address_parse(GB_STR("fe80::1%eth0"), &address), GB_E_UNSUPPORTED);
    assert_int_equal(gb_network_parse(GB_STR("fe80::1%eth0/64"), &other), GB_E_UNSUPPORTED);
    static const char *const networks[] = {"1.2.3.4",     "1.2.3.4/",   "1.2.3.4/33", "1.2.3.4/-1",
                                           "1.2.3.4/08",  "1.2.3.4/+8", "::/129",     "/8",
                                           "1.2.3.4/8/8", "::/0000"};
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
        if (gb_network_parse(gb_str_of(networks[i]), &other) != GB_E_SYNTAX)
            fail_msg("%s was read", networks[i]);
}

// Properties: u unspecified, l loopback, p private, k link-local unicast, m multicast, n link-local
// multicast, g global unicast.
static void test_properties(void **state)
{
    (void)state;
    static const struct {
        const char *text, *properties;
    } rows[] = {
        {"0.0.0.0", "u"},
        {"::", "u"},
        {"127.0.0.1", "l"},
        {"127.255.255.254", "l"},
        {"128.0.0.1", "g"},
        {"::1", "l"},
        {"::2", "g"},
        {"10.1.2.3", "pg"},
        {"172.15.0.1", "g"},
        {"172.16.0.1", "pg"},
        {"172.31.255.1", "pg"},
        {"172.32.0.1", "g"},
        {"192.168.1.1", "pg"},
        {"192.169.1.1", "g"},
        {"fc00::1", "pg"},
        {"fdff::1", "pg"},
        {"fe00::1", "g"},
        {"169.254.169.254", "k"},
        {"169.253.1.1", "g"},
        {"fe80::1", "k"},
        {"febf::1", "k"},
        {"fec0::1", "g"},
        {"224.0.0.1", "mn"},
        {"224.0.1.1", "m"},
        {"239.1.2.3", "m"},
        {"240.0.0.1", "g"},
        {"ff02::1", "mn"},
        {"ff05::1", "m"},
        {"255.255.255.255", ""},
        {"8.8.8.8", "g"},
        {"2001:db8::abcd", "g"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_address a = parsed(rows[i].text);
        char seen[8];
        size_t len = 0;
        static bool (*const tests[])(const struct gb_address *) = {
            gb_address_is_unspecified,    gb_address_is_loopback,
            gb_address_is_private,        gb_address_is_link_local_unicast,
            gb_address_is_multicast,      gb_address_is_link_local_multicast,
            gb_address_is_global_unicast,
        };
        for (size_t t = 0; t < sizeof tests / sizeof *tests; t++)
            if (tests[t](&a))
                seen[len++] = "ulpkmng"[t];
        seen[len] = 0;
        if (strcmp(seen, rows[i].properties) != 0)
            fail_msg("%s: \"%s\", expected \"%s\"", rows[i].text, seen, rows[i].properties);
    }
}

static void test_networks(void **state)
{
    (void)state;
    static const struct {
        const char *outer, *inner;
        bool contains;
    } rows[] = {
        {"192.168.0.0/24", "192.168.0.1/32", true},
        {"192.168.0.0/24", "192.168.1.1/32", false},
        {"192.168.0.0/24", "192.168.0.0/23", false},
        {"192.168.0.0/24", "192.168.0.0/24", true},
        {"0.0.0.0/0", "8.8.8.8/32", true},
        {"0.0.0.0/0", "::/0", false},
        {"::/0", "10.0.0.0/8", false},
        {"2001:db8::/33", "2001:db8:8000::/33", false},
        {"2001:db8::/32", "2001:db8:8000::/33", true},
        {"10.0.0.129/25", "10.0.0.200/32", true},
        {"10.0.0.129/25", "10.0.0.1/32", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_network outer = network(rows[i].outer), inner = network(rows[i].inner);
        if (gb_network_contains_network(&outer, &inner) != rows[i].contains)
            fail_msg("%s in %s", rows[i].inner, rows[i].outer);
        struct gb_network masked = gb_network_masked(outer);
        assert_true(gb_network_contains(&masked, &outer.address));
    }
    struct gb_network host = network("10.1.2.3/20"), expected = network("10.1.0.0/20");
    struct gb_network masked = gb_network_masked(host);
    assert_true(gb_network_equal(&masked, &expected));
    assert_false(gb_network_equal(&masked, &host));
    struct gb_address mapped = parsed("::ffff:c0a8:1"), plain = parsed("192.168.0.1");
    assert_false(gb_address_equal(&mapped, &plain));
    mapped = gb_address_unmapped(mapped);
    assert_true(gb_address_equal(&mapped, &plain));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_properties),
        cmocka_unit_test(test_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
