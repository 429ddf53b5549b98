// ip(), cidr() and their methods.
#include "cel_case.h"

static void test_addresses(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"ip('192.168.0.1')", "net.IP"},
        {"string(ip('2001:DB8::68'))", "\"2001:db8::68\""},
        {"type(ip('::1')) == net.IP", "true"},
        {"ip('1.2.3.4.5')", "error: not an IP address: \"1.2.3.4.5\""},
        {"ip('fe80::1%eth0')", "error: an IP address with a zone is not allowed: \"fe80::1%eth0\""},
        {"ip('::ffff:192.168.0.1')",
         "error: an IPv4-mapped IPv6 address is not allowed: \"::ffff:192.168.0.1\""},
        {"isIP('10.0.0.1') && isIP('::1')", "true"},
        {"isIP('') || isIP('10.0.0.1/8') || isIP('010.0.0.1') || isIP('fe80::1%1')", "false"},
        {"ip.isCanonical('2001:db8::68')", "true"},
        {"ip.isCanonical('2001:DB8::68') || ip.isCanonical('2001:db8:0::68')", "false"},
        {"ip.isCanonical('x')", "error: not an IP address: \"x\""},
        {"ip('10.0.0.1').family() == 4 && ip('::1').family() == 6", "true"},
        {"ip('10.0.0.1') == ip('10.0.0.1')", "true"},
        {"ip('10.0.0.1') == ip('10.0.0.2')", "false"},
        // IPv4 in the clothes of IPv6 is IPv4: what holds for one holds for the other
        {"ip('::ffff:c0a8:1') == ip('192.168.0.1')", "true"},
        {"cidr('192.168.0.0/16').containsIP('::ffff:c0a8:1')", "true"},
        {"ip('::ffff:7f00:1').isLoopback()", "true"},
        {"ip.isCanonical('::ffff:c0a8:1')", "false"},
        {"ip('::').isUnspecified() && ip('0.0.0.0').isUnspecified()", "true"},
        {"ip('127.0.0.1').isLoopback() && !ip('128.0.0.1').isLoopback()", "true"},
        {"ip('10.0.0.1').isPrivate() && ip('fd00::1').isPrivate()", "true"},
        {"ip('8.8.8.8').isPrivate()", "false"},
        {"ip('8.8.8.8').isGlobalUnicast()", "true"},
        {"ip('255.255.255.255').isGlobalUnicast()", "false"},
        {"ip('fe80::1').isLinkLocalUnicast()", "true"},
        {"ip('ff02::1').isLinkLocalMulticast() && ip('ff05::1').isMulticast()", "true"},
        {"ip('224.0.1.1').isLinkLocalMulticast()", "false"},
        {"['10.0.0.1', '8.8.8.8'].filter(a, !ip(a).isPrivate())", "[\"8.8.8.8\"]"},
    };
    CEL_CHECK(cases);
}

static void test_networks(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"string(cidr('192.168.0.1/24'))", "\"192.168.0.1/24\""},
        {"string(cidr('192.168.0.1/24').masked())", "\"192.168.0.0/24\""},
        {"string(cidr('192.168.0.1/24').ip())", "\"192.168.0.1\""},
        {"cidr('2001:db8::/32').prefixLength()", "32"},
        {"type(cidr('10.0.0.0/8')) == net.CIDR", "true"},
        {"cidr('10.0.0.0')", "error: not a network (192.0.2.0/24): \"10.0.0.0\""},
        {"cidr('10.0.0.0/33')", "error: not a network (192.0.2.0/24): \"10.0.0.0/33\""},
        {"cidr('fe80::%a/64')", "error: a network with a zone is not allowed: \"fe80::%a/64\""},
        {"cidr('::ffff:10.0.0.0/104')",
         "error: an IPv4-mapped IPv6 address is not allowed: \"::ffff:10.0.0.0/104\""},
        {"cidr('::ffff:0:0/90')",
         "error: an IPv4-mapped IPv6 address is not allowed: \"::ffff:0:0/90\""},
        {"string(cidr('::ffff:a00:0/104'))", "\"10.0.0.0/8\""},
        {"isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.1') && !isCIDR('10.0.0.0/08')", "true"},
        {"cidr('10.0.0.0/8').containsIP(ip('10.1.2.3'))", "true"},
        {"cidr('10.0.0.0/8').containsIP('11.1.2.3')", "false"},
        {"cidr('10.0.0.0/8').containsIP('x')", "error: not an IP address: \"x\""},
        {"cidr('::/0').containsIP('10.0.0.1')", "false"},
        {"cidr('10.0.0.0/8').containsCIDR('10.2.0.0/16')", "true"},
        {"cidr('10.2.0.0/16').containsCIDR(cidr('10.0.0.0/8'))", "false"},
        {"cidr('10.2.0.0/16').containsCIDR('y')", "error: not a network (192.0.2.0/24): \"y\""},
        {"cidr('10.0.0.0/8') == cidr('10.0.0.0/8')", "true"},
        {"cidr('10.0.0.1/8') == cidr('10.0.0.0/8')", "false"},
    };
    CEL_CHECK(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_addresses, cel_set_up, cel_tear_down),
        cmocka_unit_test_setup_teardown(test_networks, cel_set_up, cel_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
