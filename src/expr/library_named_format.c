// Named formats of text in expressions, as in Kubernetes: format.dns1123Label().validate(name) and
// the like.
#include "expr/library.h"
#include "expr/url.h"

#include "base/encoding.h"
#include "base/time.h"

// What is wrong with a text, as a list of clauses.
struct complaints {
    struct gb_cel_run *run;
    struct gb_list *list;
};

typedef void validate_function(struct complaints *complaints, struct gb_str text);

struct format {
    const char *name;
    validate_function *validate;
};

static void complain(struct complaints *complaints, const char *text)
{
    struct gb_arena *arena = gb_cel_arena(complaints->run);
    if (!complaints->list)
        complaints->list = gb_list_new(arena);
    if (complaints->list)
        gb_list_add(arena, complaints->list, gb_string(gb_str_of(text)));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_letter_or_digit(char c)
{
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z');
}

// --- names of hosts and services

static bool is_label(struct gb_str s, bool letter_first)
{
    if (!s.len || s.at[0] == '-' || s.at[s.len - 1] == '-' || (letter_first && !is_lower(s.at[0])))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!is_lower(s.at[i]) && !is_digit(s.at[i]) && s.at[i] != '-')
            return false;
    return true;
}

static void dns1123_label(struct complaints *complaints, struct gb_str s)
{
    if (s.len > 63)
        complain(complaints, "must be no more than 63 characters");
    if (!is_label(s, false))
        complain(complaints, "must have lower-case letters, digits and - only, and begin and end "
                             "with a letter or digit");
}

static void dns1035_label(struct complaints *complaints, struct gb_str s)
{
    if (s.len > 63)
        complain(complaints, "must be no more than 63 characters");
    if (!is_label(s, true))
        complain(complaints, "must have lower-case letters, digits and - only, begin with a letter "
                             "and end with a letter or digit");
}

static void dns1123_subdomain(struct complaints *complaints, struct gb_str s)
{
    bool good = true;
    if (s.len > 253)
        complain(complaints, "must be no more than 253 characters");
    for (;;) {
        ptrdiff_t dot = gb_str_find_char(s, '.');
        good &= is_label(dot < 0 ? s : gb_str_sub(s, 0, (size_t)dot), false);
        if (dot < 0)
            break;
        s = gb_str_from(s, (size_t)dot + 1);
    }
    if (!good)
        complain(complaints, "must have lower-case letters, digits, - and . only, and each part "
                             "begin and end with a letter or digit");
}

// A prefix to which something is added: a - may be last. It is checked with a letter there.
static void as_prefix(struct complaints *complaints, struct gb_str s, validate_function *validate)
{
    bool dash = s.len > 1 && s.at[s.len - 1] == '-';
    if (dash && s.len <= 253) {
        char masked[253];
        memcpy(masked, s.at, s.len);
        masked[s.len - 1] = 'a';
        validate(complaints, (struct gb_str){masked, s.len});
        return;
    }
    validate(complaints, s);
}

static void dns1123_label_prefix(struct complaints *complaints, struct gb_str s)
{
    as_prefix(complaints, s, dns1123_label);
}

static void dns1123_subdomain_prefix(struct complaints *complaints, struct gb_str s)
{
    as_prefix(complaints, s, dns1123_subdomain);
}

static void dns1035_label_prefix(struct complaints *complaints, struct gb_str s)
{
    as_prefix(complaints, s, dns1035_label);
}

// --- labels and annotations

static bool is_name(struct gb_str s)
{
    if (!s.len || !is_letter_or_digit(s.at[0]) || !is_letter_or_digit(s.at[s.len - 1]))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!is_letter_or_digit(s.at[i]) && s.at[i] != '-' && s.at[i] != '_' && s.at[i] != '.')
            return false;
    return true;
}

static void name_part(struct complaints *complaints, struct gb_str s)
{
    if (s.len > 63)
        complain(complaints, "must be no more than 63 characters");
    if (s.len && !is_name(s))
        complain(complaints, "must have letters, digits, -, _ and . only, and begin and end with a "
                             "letter or digit");
}

static void label_value(struct complaints *complaints, struct gb_str s)
{
    name_part(complaints, s);
}

static void qualified_name(struct complaints *complaints, struct gb_str s)
{
    ptrdiff_t slash = gb_str_find_char(s, '/');
    if (slash >= 0) {
        struct gb_str prefix = gb_str_sub(s, 0, (size_t)slash);
        s = gb_str_from(s, (size_t)slash + 1);
        if (gb_str_find_char(s, '/') >= 0) {
            complain(complaints, "must be a name, or a DNS prefix, / and a name");
            return;
        }
        if (!prefix.len)
            complain(complaints, "the part before the / must not be empty");
        else
            dns1123_subdomain(complaints, prefix);
    }
    if (!s.len)
        complain(complaints, "the name must not be empty");
    name_part(complaints, s);
}

// --- the others

static void uri(struct complaints *complaints, struct gb_str s)
{
    struct gb_url ignored;
    if (gb_url_parse(s, gb_cel_arena(complaints->run), &ignored))
        complain(complaints, "must be an absolute URI or an absolute path");
}

static bool is_hex(char c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

// 8-4-4-4-12 hexadecimal digits; each hyphen may be left out.
static void uuid(struct complaints *complaints, struct gb_str s)
{
    static const unsigned parts[] = {8, 4, 4, 4, 12};
    size_t at = 0;
    bool good = true;
    for (size_t part = 0; part < sizeof parts / sizeof *parts; part++) {
        if (part && at < s.len && s.at[at] == '-')
            at++;
        for (unsigned i = 0; i < parts[part]; i++, at++)
            good &= at < s.len && is_hex(s.at[at]);
    }
    if (!good || at != s.len)
        complain(complaints, "must be a UUID: 8-4-4-4-12 hexadecimal digits");
}

static void byte(struct complaints *complaints, struct gb_str s)
{
    struct gb_str ignored;
    if (gb_base64_decode(gb_cel_arena(complaints->run), s, GB_BASE64, &ignored) < 0)
        complain(complaints, "must be base64");
}

static void date(struct complaints *complaints, struct gb_str s)
{
    int64_t ignored;
    if (gb_date_parse(s, &ignored) < 0)
        complain(complaints, "must be a date: 2026-11-01");
}

static void datetime(struct complaints *complaints, struct gb_str s)
{
    int64_t seconds;
    int32_t nanos;
    if (gb_time_parse(s, &seconds, &nanos) < 0)
        complain(complaints, "must be a time: 2026-11-01T12:00:00Z");
}

// --- functions

enum {
    DNS1123_LABEL,
    DNS1123_SUBDOMAIN,
    DNS1035_LABEL,
    DNS1123_LABEL_PREFIX,
    DNS1123_SUBDOMAIN_PREFIX,
    DNS1035_LABEL_PREFIX,
    QUALIFIED_NAME,
    LABEL_VALUE,
    URI,
    UUID,
    BYTE,
    DATE,
    DATETIME,
    FORMATS
};

static const struct format formats[FORMATS] = {
    [DNS1123_LABEL] = {"dns1123Label", dns1123_label},
    [DNS1123_SUBDOMAIN] = {"dns1123Subdomain", dns1123_subdomain},
    [DNS1035_LABEL] = {"dns1035Label", dns1035_label},
    [DNS1123_LABEL_PREFIX] = {"dns1123LabelPrefix", dns1123_label_prefix},
    [DNS1123_SUBDOMAIN_PREFIX] = {"dns1123SubdomainPrefix", dns1123_subdomain_prefix},
    [DNS1035_LABEL_PREFIX] = {"dns1035LabelPrefix", dns1035_label_prefix},
    [QUALIFIED_NAME] = {"qualifiedName", qualified_name},
    [LABEL_VALUE] = {"labelValue", label_value},
    [URI] = {"uri", uri},
    [UUID] = {"uuid", uuid},
    [BYTE] = {"byte", byte},
    [DATE] = {"date", date},
    [DATETIME] = {"datetime", datetime},
};

#define GIVE(function, index)                                                                      \
    static void function(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)   \
    {                                                                                              \
        (void)run;                                                                                 \
        (void)a;                                                                                   \
        *ret = gb_cel_opaque_value(GB_CEL_FORMAT, &formats[index]);                                \
    }
GIVE(give_dns1123_label, DNS1123_LABEL)
GIVE(give_dns1123_subdomain, DNS1123_SUBDOMAIN)
GIVE(give_dns1035_label, DNS1035_LABEL)
GIVE(give_dns1123_label_prefix, DNS1123_LABEL_PREFIX)
GIVE(give_dns1123_subdomain_prefix, DNS1123_SUBDOMAIN_PREFIX)
GIVE(give_dns1035_label_prefix, DNS1035_LABEL_PREFIX)
GIVE(give_qualified_name, QUALIFIED_NAME)
GIVE(give_label_value, LABEL_VALUE)
GIVE(give_uri, URI)
GIVE(give_uuid, UUID)
GIVE(give_byte, BYTE)
GIVE(give_date, DATE)
GIVE(give_datetime, DATETIME)

static void named(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    *ret = gb_cel_optional_none();
    for (size_t i = 0; i < FORMATS; i++) {
        if (!gb_str_is(a->string, formats[i].name))
            continue;
        struct gb_value format = gb_cel_opaque_value(GB_CEL_FORMAT, &formats[i]);
        gb_cel_optional_of(run, &format, ret);
    }
}

static void validate(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    const struct format *format = a[0].pointer;
    struct complaints complaints = {.run = run};
    gb_cel_charge(run, a[1].string.len / 4);
    format->validate(&complaints, a[1].string);
    *ret = gb_cel_optional_none();
    if (gb_arena_failed(gb_cel_arena(run))) {
        gb_cel_fail_memory(run, ret);
    } else if (complaints.list) {
        struct gb_value list = gb_list_of(complaints.list);
        gb_cel_optional_of(run, &list, ret);
    }
}

#define FORMAT(name, function, doc)                                                                \
    {                                                                                              \
        "format." name, "-> kubernetes.NamedFormat", function, 0, doc                              \
    }

static const struct gb_cel_overload overloads[] = {
    FORMAT("dns1123Label", give_dns1123_label, "A host name's part, at most 63 characters."),
    FORMAT("dns1123Subdomain", give_dns1123_subdomain, "A host name, at most 253 characters."),
    FORMAT("dns1035Label", give_dns1035_label, "As dns1123Label, beginning with a letter."),
    FORMAT("dns1123LabelPrefix", give_dns1123_label_prefix, "As dns1123Label; may end with -."),
    FORMAT("dns1123SubdomainPrefix", give_dns1123_subdomain_prefix,
           "As dns1123Subdomain; may end with -."),
    FORMAT("dns1035LabelPrefix", give_dns1035_label_prefix, "As dns1035Label; may end with -."),
    FORMAT("qualifiedName", give_qualified_name, "The name of a label: example.com/name."),
    FORMAT("labelValue", give_label_value, "The value of a label."),
    FORMAT("uri", give_uri, "An absolute URI or path."),
    FORMAT("uuid", give_uuid, "A UUID."),
    FORMAT("byte", give_byte, "Base64."),
    FORMAT("date", give_date, "A date: 2026-11-01."),
    FORMAT("datetime", give_datetime, "A time: 2026-11-01T12:00:00Z."),
    {"format.named", "string -> optional(kubernetes.NamedFormat)", named, 0,
     "The format of that name, if there is one."},
    {"validate", "kubernetes.NamedFormat, string -> optional(list(string))", validate,
     GB_CEL_METHOD, "None when the text has the format, else what is wrong with it."},
};

static bool equal(const void *a, const void *b)
{
    return a == b;
}

static const struct gb_cel_opaque opaque[] = {{GB_CEL_FORMAT, "kubernetes.NamedFormat", equal}};

const struct gb_cel_library gb_cel_library_named_format = {
    .name = "named formats",
    .doc = "Checks of text against formats that have a name",
    .overloads = overloads,
    .count = sizeof overloads / sizeof *overloads,
    .opaque = opaque,
    .opaque_count = sizeof opaque / sizeof *opaque,
};
