// Functions that read text (addresses, versions, quantities, URLs, formats, times): any text. What
// a function says of a text must agree with what reading it does; a canonical form reads back.
#include "base/utf8.h"
#include "expr/cel.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Each is true for every text, or an error that comes from reading the text.
static const char *const laws[] = {
    "isIP(text) ? ip(string(ip(text))) == ip(text) && ip.isCanonical(string(ip(text))) : true",
    "isIP(text) ? ip(text).family() in [4, 6] : !isCIDR(text + '/0')",
    "isIP(text) ? cidr(text + '/8').containsIP(ip(text)) : true",
    "isCIDR(text) ? cidr(string(cidr(text))) == cidr(text) : true",
    "isCIDR(text) ? cidr(text).containsCIDR(cidr(text).masked()) : true",
    "isCIDR(text) ? cidr(text).masked().containsIP(cidr(text).ip()) : true",
    "isSemver(text) ? semver(text) == semver(text, true) : true",
    "isSemver(text, true) ? semver(text, true).compareTo(semver(text, true)) == 0 : true",
    "true",
    "isQuantity(text) ? quantity(text).sub(quantity(text)).sign() == 0 : true",
    "isQuantity(text) ? quantity(text).compareTo(quantity('0')) == quantity(text).sign() : true",
    "isQuantity(text) && quantity(text).isInteger() ? quantity('0').add(quantity(text).asInteger())"
    " == quantity(text) : true",
    "isURL(text) ? url(text) == url(text) && url(text).getHost().contains(url(text).getPort()) "
    ": true",
    "isURL(text) ? isURL('http://host' + (url(text).getEscapedPath().startsWith('/') ? "
    "url(text).getEscapedPath() : '/')) && url(text).getQuery().size() >= 0 : true",
    "isURL(text) == !format.uri().validate(text).hasValue()",
    "['dns1123Label', 'dns1123Subdomain', 'dns1035Label', 'dns1123LabelPrefix', "
    "'dns1123SubdomainPrefix', 'dns1035LabelPrefix', 'qualifiedName', 'labelValue', 'uuid', "
    "'byte', 'date', 'datetime'].all(f, format.named(f).value().validate(text).orValue(['']).size()"
    " > 0)",
    "format.dns1123Label().validate(text).hasValue() || "
    "!format.dns1123Subdomain().validate(text).hasValue()",
    "text.format([1, 'a', 2.5, [3]]).size() >= 0",
    "timestamp(timestamp('2026-11-21T12:00:00Z').getHours(text) >= 0 ? 0 : 1) == timestamp(0)",
};
enum { LAWS = sizeof laws / sizeof *laws };

static struct gb_cel_program *programs[LAWS];

static void compile_laws(void)
{
    struct gb_arena *process = gb_arena_new("process", 64u << 20);
    struct gb_cel_env *env = process ? gb_cel_env_new(process) : NULL;
    struct gb_error err = {0};
    if (!env || gb_cel_env_variable(env, GB_STR("text"), &gb_type_string) < 0)
        abort();
    gb_cel_env_zones(env, gb_cel_system_zones());
    for (size_t i = 0; i < LAWS; i++) {
        if (gb_cel_compile(env, gb_str_of(laws[i]), NULL, process, &programs[i], &err) == 0)
            continue;
        fprintf(stderr, "%s\n%u: %s\n", laws[i], err.column, err.reason);
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!programs[0])
        compile_laws();
    if (size > 4096)
        return 0;
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    struct gb_value slots[] = {gb_string_clean(arena, (struct gb_str){(const char *)data, size})};
    for (size_t i = 0; i < LAWS; i++) {
        struct gb_value result;
        gb_cel_eval(programs[i], slots, arena, &result);
        if (result.kind == GB_VALUE_ERROR || (result.kind == GB_VALUE_BOOL && result.boolean))
            continue;
        fprintf(stderr, "\"" GB_PRI "\" breaks: %s\n", GB_ARG(slots[0].string), laws[i]);
        abort();
    }
    return 0;
}
