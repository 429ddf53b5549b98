// The libraries that Kubernetes users know: semver, quantity, url, named formats.
#include "cel_case.h"

static void test_versions(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"semver('1.2.3').major() * 100 + semver('1.2.3').minor() * 10 + semver('1.2.3').patch()",
         "123"},
        {"isSemver('1.0.0-alpha.1+build.5')", "true"},
        {"['', '1', '1.0', 'v1.0.0', '1.0.0.0', '01.0.0', '1.0.0-', '1.0.0-a..b', '1.0.0-01', "
         "'1.0.0+', '-1.0.0', '1.0.x', '1.0.0-é', '18446744073709551616.0.0'].exists(v, "
         "isSemver(v))",
         "false"},
        {"['1.0.0-0a', '1.0.0--', '1.0.0+01', '0.0.0'].all(v, isSemver(v))", "true"},
        {"semver('1')", "error: not a semantic version (1.2.3-rc.1): \"1\""},
        {"semver('9999999999999999999.0.0').major()",
         "error: a version number that is out of range"},
        // the order of semver.org's own example
        {"['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', "
         "'1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', '1.0.1', '1.1.0', '2.0.0'].map(v, "
         "semver(v).compareTo(semver('1.0.0-beta.2')))",
         "[-1, -1, -1, -1, 0, 1, 1, 1, 1, 1, 1]"},
        {"semver('1.0.0-alpha.beta').isGreaterThan(semver('1.0.0-alpha.1'))", "true"},
        {"semver('1.0.0-alpha').isLessThan(semver('1.0.0-alpha.1'))", "true"},
        {"semver('1.2.3').isLessThan(semver('1.10.0'))", "true"},
        {"semver('1.2.3').isGreaterThan(semver('1.10.0'))", "false"},
        {"semver('1.2.3+a') == semver('1.2.3+b')", "true"},
        {"semver('1.2.3-a') == semver('1.2.3-b')", "false"},
        {"isSemver('v1.2', true) && isSemver('01', true) && isSemver('1.02.003-rc', true)", "true"},
        {"isSemver('v1.2', false)", "false"},
        {"semver('v01.2', true) == semver('1.2.0')", "true"},
        {"semver('0.0.00', true) == semver('0.0.0')", "true"},
        {"isSemver('1.2-rc', true) || isSemver('1+b', true) || isSemver('', true) || "
         "isSemver('vv1', true)",
         "false"},
        {"type(semver('1.2.3'))", "type kubernetes.Semver"},
    };
    CEL_CHECK(cases);
}

static void test_quantities(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"quantity('1.5Gi').asInteger()", "1610612736"},
        {"['1', '+1', '-1', '.5', '5.', '1e3', '1E3', '1E', '1e+3', '1e-3', '100n', '100u', "
         "'100m', "
         "'1k', '1M', '1G', '1T', '1P', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'].all(q, "
         "isQuantity(q))",
         "true"},
        {"['', ' 1', '1 ', '1K', '1ki', '1mi', '1e', '1e1.5', '1.2.3', '.', '-', 'Gi', '1GiB', "
         "'0x10', '1Eii', '--1', '1e99999999999'].exists(q, isQuantity(q))",
         "false"},
        {"quantity('1K')", "error: not a quantity (1.5Gi, 200m): \"1K\""},
        {"['1E', '1e3', '2k', '1500m', '1Ki', '-3'].map(q, quantity(q).asApproximateFloat())",
         "[1e+18, 1000.0, 2000.0, 1.5, 1024.0, -3.0]"},
        {"quantity('1500m').isInteger()", "false"},
        {"quantity('2000m').isInteger()", "true"},
        {"quantity('1500m').asInteger()", "error: the quantity is not a whole number"},
        {"['-5', '0', '5m'].map(q, quantity(q).sign())", "[-1, 0, 1]"},
        {"quantity('1Gi') == quantity('1024Mi')", "true"},
        {"quantity('1G') == quantity('1Gi')", "false"},
        {"quantity('0.1') == quantity('100m')", "true"},
        {"quantity('1G').isLessThan(quantity('1Gi'))", "true"},
        {"quantity('1G').isGreaterThan(quantity('1Gi'))", "false"},
        {"['1', '2', '3'].map(q, quantity(q).compareTo(quantity('2000m')))", "[-1, 0, 1]"},
        {"quantity('1').add(quantity('500m')).asApproximateFloat()", "1.5"},
        {"quantity('1k').add(5).asInteger()", "1005"},
        {"quantity('1k').sub(quantity('1')).sub(1).asInteger()", "998"},
        // finer than billionths: away from zero
        {"quantity('0.1n') == quantity('1n') && quantity('-1.5n') == quantity('-2n')", "true"},
        {"quantity('1.0000000000000000000000000000000000000000000001') == quantity('1000000001n')",
         "true"},
        {"quantity('1e-1000') == quantity('1n') && quantity('0e-1000') == quantity('0')", "true"},
        // larger than an int: cut
        {"quantity('9223372036854775807').asInteger()", "9223372036854775807"},
        {"quantity('9223372036854775808').asInteger()", "9223372036854775807"},
        {"quantity('-1e1000').asInteger()", "-9223372036854775807"},
        {"quantity('8Ei').asInteger()", "9223372036854775807"},
        {"quantity('7.5Ei').asInteger()", "8646911284551352320"},
        {"quantity('99999999999999999999999999999999999999999e-30').asInteger()", "100000000000"},
        {"quantity('0.000000000000000000000000000000000000000000000001Ei') == quantity('1n')",
         "true"},
        {"quantity('9223372036854775807').add(9223372036854775807).isInteger()", "false"},
    };
    CEL_CHECK(cases);
}

static void test_urls(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"url('HTTPS://user:pw@Example.com:8080/a%20b/c?x=1&y=2#top').getScheme()", "\"https\""},
        {"url('https://user@example.com:8080/a').getHost()", "\"example.com:8080\""},
        {"url('https://example.com:8080/a').getHostname()", "\"example.com\""},
        {"url('https://example.com:8080/a').getPort()", "\"8080\""},
        {"url('https://example.com/a').getPort()", "\"\""},
        {"url('https://[2001:db8::1]:80/').getHost()", "\"[2001:db8::1]:80\""},
        {"url('https://[2001:db8::1]:80/').getHostname()", "\"2001:db8::1\""},
        {"url('https://[2001:db8::1]').getPort()", "\"\""},
        {"url('https://[fe80::1%25eth0]/').getHostname()", "\"fe80::1%eth0\""},
        {"url('https://example.com/a%20b/\u00e9?q').getEscapedPath()", "\"/a%20b/%C3%A9\""},
        {"url('https://example.com').getEscapedPath()", "\"\""},
        {"url('/a/b?x#y').getEscapedPath()", "\"/a/b\""},
        {"url('/a').getScheme() + url('/a').getHost()", "\"\""},
        {"url('//host/p').getHost()", "\"host\""},
        {"url('mailto:a@b').getEscapedPath() + url('mailto:a@b').getHost()", "\"\""},
        {"url('/?a=1&b=%20x+y&a=2&c&=z&d%3D=e').getQuery()",
         "{\"a\": [\"1\", \"2\"], \"b\": [\" x y\"], \"c\": [\"\"], \"\": [\"z\"], \"d=\": "
         "[\"e\"]}"},
        {"url('/?a=%zz&b;c=1&&d=1').getQuery()", "{\"d\": [\"1\"]}"},
        {"url('/').getQuery()", "{}"},
        {"['/', 'a:b', 'http://h', 'file:///etc/passwd', 'http://h:', 'http://1.2.3.4', "
         "'http://h/a#b', 'https://\u00e9.example'].all(u, isURL(u))",
         "true"},
        {"['', 'a', 'a/b', '../a', ':a', '#a', '?a', 'http://h:x', 'http://[::1', 'http://[::1]x', "
         "'http://[1.2.3.4]', 'http://a b', 'http://h/%zz', 'http://h/%2', 'http://h#%', "
         "'http://h%41/', 'http://h/\\n', 'http://u^@h', 'http://u%@h', 'http://h/\\x7f', "
         "'1a://h'].filter(u, isURL(u))",
         "[]"},
        {"url('a b')", "error: not a URL: neither an absolute URI nor an absolute path: \"a b\""},
        {"url('http://h:80:x/')", "error: not a URL: the port is not a number: \"http://h:80:x/\""},
        {"url('HTTP://h/') == url('http://h/')", "true"},
        {"url('http://h/') == url('http://h/?a')", "false"},
    };
    CEL_CHECK(cases);
}

static void test_named_formats(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"!format.dns1123Label().validate('my-app-1').hasValue()", "true"},
        {"format.dns1123Label().validate('My-App')",
         "some [\"must have lower-case letters, digits and - only, and begin and end with a letter "
         "or digit\"]"},
        {"['', '-a', 'a-', 'a.b', 'a_b', 'é'].all(s, "
         "format.dns1123Label().validate(s).hasValue())",
         "true"},
        {"format.dns1123Label().validate("
         "'a123456789a123456789a123456789a123456789a123456789a123456789abcd').value()",
         "[\"must be no more than 63 characters\"]"},
        {"['a.b', 'a', '1.2-3.x'].exists(s, format.dns1123Subdomain().validate(s).hasValue())",
         "false"},
        {"['', '.', 'a..b', 'a.', 'a.-b', 'A.b'].all(s, "
         "format.dns1123Subdomain().validate(s).hasValue())",
         "true"},
        {"format.dns1035Label().validate('a1').hasValue()", "false"},
        {"format.dns1035Label().validate('1a').hasValue()", "true"},
        {"format.dns1123LabelPrefix().validate('a-').hasValue()", "false"},
        {"format.dns1123LabelPrefix().validate('-').hasValue()", "true"},
        {"format.dns1035LabelPrefix().validate('a1-').hasValue()", "false"},
        {"format.dns1123SubdomainPrefix().validate('a.b-').hasValue()", "false"},
        {"['name', 'example.com/Na_me.x', 'a/b'].exists(s, "
         "format.qualifiedName().validate(s).hasValue())",
         "false"},
        {"['', '/a', 'a/', 'a/b/c', 'A.com/x', '-x', 'x.'].all(s, "
         "format.qualifiedName().validate(s).hasValue())",
         "true"},
        {"['', 'A', 'a.b_c-d'].exists(s, format.labelValue().validate(s).hasValue())", "false"},
        {"['-', 'a b', '.a'].all(s, format.labelValue().validate(s).hasValue())", "true"},
        {"format.uri().validate('http://x').hasValue()", "false"},
        {"format.uri().validate('x').hasValue()", "true"},
        {"['123E4567-e89b-12d3-a456-426614174000', '123e4567e89b12d3a456426614174000'].exists(s, "
         "format.uuid().validate(s).hasValue())",
         "false"},
        {"['', '123e4567-e89b-12d3-a456-42661417400', '123e4567-e89b-12d3-a456-4266141740000', "
         "'g23e4567-e89b-12d3-a456-426614174000'].all(s, format.uuid().validate(s).hasValue())",
         "true"},
        {"format.byte().validate('aGk=').hasValue()", "false"},
        {"format.byte().validate('aGk').hasValue()", "true"},
        {"format.date().validate('2024-02-29').hasValue()", "false"},
        {"format.date().validate('2023-02-29').hasValue()", "true"},
        {"format.datetime().validate('2024-02-29T12:00:00+01:00').hasValue()", "false"},
        {"format.datetime().validate('2024-02-29').hasValue()", "true"},
        {"format.named('uuid').value() == format.uuid()", "true"},
        {"format.named('uuid').value() == format.date()", "false"},
        {"format.named('nothing').hasValue()", "false"},
    };
    CEL_CHECK(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_versions, cel_set_up, cel_tear_down),
        cmocka_unit_test_setup_teardown(test_quantities, cel_set_up, cel_tear_down),
        cmocka_unit_test_setup_teardown(test_urls, cel_set_up, cel_tear_down),
        cmocka_unit_test_setup_teardown(test_named_formats, cel_set_up, cel_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
