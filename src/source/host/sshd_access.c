// What the settings of sshd mean together; see the header.
#include "source/host/sshd_access.h"

#include <assert.h>

const struct gb_sshd_setting *gb_sshd_setting_of(const struct gb_sshd_setting *settings,
                                                 const char *field)
{
    int keyword = gb_sshd_keyword_field(field);
    assert(keyword != GB_SSHD_NO_KEYWORD);
    return &settings[keyword];
}

struct gb_str gb_sshd_value_of(const struct gb_sshd_setting *settings, const char *field)
{
    const struct gb_sshd_setting *setting = gb_sshd_setting_of(settings, field);
    return setting->count && !setting->unknown.len ? setting->values[0].text : GB_STR("");
}

static bool is_on(const struct gb_sshd_setting *settings, const char *field)
{
    return gb_str_is(gb_sshd_value_of(settings, field), "yes");
}

static bool method_is_on(const struct gb_sshd_setting *settings, struct gb_str method)
{
    static const struct {
        const char *method, *field;
    } switches[] = {
        {"publickey", "pubkey_authentication"},
        {"password", "password_authentication"},
        {"keyboard-interactive", "kbd_interactive_authentication"},
        {"hostbased", "hostbased_authentication"},
        {"gssapi-with-mic", "gssapi_authentication"},
        {"gssapi-keyex", "gssapi_key_exchange"},
    };
    ptrdiff_t device = gb_str_find_char(method, ':');
    if (device >= 0)
        method = gb_str_sub(method, 0, (size_t)device);
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
        if (gb_str_is(method, switches[i].method))
            return is_on(settings, switches[i].field);
    return true; // "none"
}

static bool list_is_possible(const struct gb_sshd_setting *settings, struct gb_str list)
{
    struct gb_str method;
    while (gb_str_next(&list, ',', &method))
        if (!method_is_on(settings, method))
            return false;
    return true;
}

static bool any_method(const struct gb_sshd_setting *methods)
{
    return methods->count == 0 || gb_str_is(methods->values[0].text, "any");
}

bool gb_sshd_methods_possible(const struct gb_sshd_setting *settings)
{
    const struct gb_sshd_setting *methods = gb_sshd_setting_of(settings, "authentication_methods");
    if (any_method(methods))
        return true;
    for (size_t i = 0; i < methods->count; i++)
        if (list_is_possible(settings, methods->values[i].text))
            return true;
    return false;
}

bool gb_sshd_password_suffices(const struct gb_sshd_setting *settings)
{
    const struct gb_sshd_setting *methods = gb_sshd_setting_of(settings, "authentication_methods");
    bool password = is_on(settings, "password_authentication");
    bool interactive =
        is_on(settings, "kbd_interactive_authentication") && is_on(settings, "use_pam");
    if (any_method(methods))
        return password || interactive;
    for (size_t i = 0; i < methods->count; i++) {
        struct gb_str list = methods->values[i].text;
        if (gb_str_is(list, "password") && password)
            return true;
        if (gb_str_starts(list, GB_STR("keyboard-interactive")) &&
            gb_str_find_char(list, ',') < 0 && interactive)
            return true;
    }
    return false;
}

// "user" or "user@hosts".
static bool names_user(const struct gb_sshd_setting *list, struct gb_str user)
{
    for (size_t i = 0; i < list->count; i++) {
        struct gb_str pattern = list->values[i].text;
        ptrdiff_t at = gb_str_find_char(pattern, '@');
        if (at >= 0)
            pattern = gb_str_sub(pattern, 0, (size_t)at);
        if (gb_ssh_pattern_list(user, pattern, false) == 1)
            return true;
    }
    return false;
}

static bool names_group(const struct gb_sshd_setting *list, const struct gb_str *groups,
                        size_t group_count)
{
    for (size_t g = 0; g < group_count; g++)
        for (size_t i = 0; i < list->count; i++)
            if (gb_ssh_pattern_list(groups[g], list->values[i].text, false) == 1)
                return true;
    return false;
}

// A denial that holds for some addresses only does not keep the user out.
static bool denies_user(const struct gb_sshd_setting *list, struct gb_str user)
{
    for (size_t i = 0; i < list->count; i++)
        if (gb_str_find_char(list->values[i].text, '@') < 0 &&
            gb_ssh_pattern_list(user, list->values[i].text, false) == 1)
            return true;
    return false;
}

bool gb_sshd_user_allowed(const struct gb_sshd_setting *settings, struct gb_str user,
                          const struct gb_str *groups, size_t group_count)
{
    const struct gb_sshd_setting *allow_users = gb_sshd_setting_of(settings, "allow_users");
    const struct gb_sshd_setting *allow_groups = gb_sshd_setting_of(settings, "allow_groups");
    if (denies_user(gb_sshd_setting_of(settings, "deny_users"), user) ||
        names_group(gb_sshd_setting_of(settings, "deny_groups"), groups, group_count))
        return false;
    if (allow_users->count && !names_user(allow_users, user))
        return false;
    return !allow_groups->count || names_group(allow_groups, groups, group_count);
}
