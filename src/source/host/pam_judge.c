// Questions to PAM stacks: see pam_judge.h.
#include "source/host/pam_judge.h"

static bool is_one_of(struct gb_str name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (gb_str_is(name, names[i]))
            return true;
    return false;
}

bool gb_pam_checks_password(const struct gb_pam_rule *rule)
{
    static const char *const modules[] = {"pam_unix",    "pam_sss",     "pam_ldap",
                                          "pam_krb5",    "pam_winbind", "pam_systemd_home",
                                          "pam_userdb",  "pam_pwdfile", "pam_radius_auth",
                                          "pam_tacplus", "pam_mysql",   "pam_pgsql"};
    return is_one_of(gb_pam_module(rule), modules, sizeof modules / sizeof modules[0]);
}

const struct gb_pam_rule *gb_pam_last(const struct gb_pam_stack *stack, enum gb_pam_type type,
                                      const char *module)
{
    for (size_t i = stack->count; i-- > 0;)
        if (stack->rules[i].type == type && gb_str_is(gb_pam_module(&stack->rules[i]), module))
            return &stack->rules[i];
    return NULL;
}

// Modules that have no opinion on who somebody is.
static bool has_no_opinion(struct gb_str module)
{
    static const char *const modules[] = {
        "pam_env",     "pam_group",    "pam_nologin", "pam_echo",     "pam_cap",
        "pam_mount",   "pam_issue",    "pam_motd",    "pam_keyinit",  "pam_gnome_keyring",
        "pam_kwallet", "pam_kwallet5", "pam_selinux", "pam_sepermit", "pam_warn",
        "pam_debug",   "pam_limits",   "pam_umask",
    };
    return is_one_of(module, modules, sizeof modules / sizeof modules[0]);
}

static bool is_lockout(struct gb_str module)
{
    static const char *const modules[] = {"pam_faillock", "pam_tally2", "pam_tally"};
    return is_one_of(module, modules, sizeof modules / sizeof modules[0]);
}

// Nobody proved anything. What is not known says no: then what lets somebody in is certain.
static enum gb_pam_answer nothing_proved(const struct gb_pam_rule *rule, void *context)
{
    (void)context;
    struct gb_str module = gb_pam_module(rule);
    if (gb_str_is(module, "pam_permit") || gb_str_is(module, "pam_faildelay"))
        return GB_PAM_SUCCESS;
    if (is_lockout(module)) // with authfail it counts, and has no opinion
        return gb_pam_has(rule, "authfail") ? GB_PAM_IGNORE : GB_PAM_SUCCESS;
    return has_no_opinion(module) ? GB_PAM_IGNORE : GB_PAM_FAILURE;
}

bool gb_pam_lets_anybody_in(const struct gb_pam_stack *stack)
{
    return gb_pam_run(stack, GB_PAM_AUTH, nothing_proved, NULL, NULL);
}

// The right password of an ordinary user, with the module named by the context saying no.
static enum gb_pam_answer right_password_but(const struct gb_pam_rule *rule, void *context)
{
    const char *refusing = context;
    struct gb_str module = gb_pam_module(rule);
    if (refusing && gb_str_is(module, refusing) && !gb_pam_has(rule, "authfail"))
        return GB_PAM_FAILURE;
    if (gb_str_is(module, "pam_deny") || gb_str_is(module, "pam_rootok") ||
        gb_pam_has(rule, "authfail"))
        return GB_PAM_FAILURE;
    // A short cut for somebody special (sufficient) is not for an ordinary user.
    if (gb_str_is(module, "pam_succeed_if") || gb_str_is(module, "pam_listfile") ||
        gb_str_is(module, "pam_access"))
        return gb_str_eq_nocase(rule->control, GB_STR("sufficient")) ||
                       gb_str_contains(rule->control, GB_STR("success=done"))
                   ? GB_PAM_FAILURE
                   : GB_PAM_SUCCESS;
    if (rule->type == GB_PAM_AUTH && has_no_opinion(module))
        return GB_PAM_IGNORE;
    return GB_PAM_SUCCESS;
}

// The callback takes no const pointer; a copy keeps the literal out of it.
static bool succeeds_although(const struct gb_pam_stack *stack, enum gb_pam_type type,
                              const char *refusing)
{
    char name[64];
    size_t len = strlen(refusing);
    if (len >= sizeof name)
        return false;
    memcpy(name, refusing, len + 1);
    return gb_pam_run(stack, type, right_password_but, name, NULL);
}

bool gb_pam_enforces(const struct gb_pam_stack *stack, enum gb_pam_type type, const char *module)
{
    return gb_pam_last(stack, type, module) && !succeeds_although(stack, type, module);
}

static const struct gb_pam_rule *lockout_rule(const struct gb_pam_stack *stack)
{
    for (size_t i = 0; i < stack->count; i++)
        if (stack->rules[i].type == GB_PAM_AUTH && is_lockout(gb_pam_module(&stack->rules[i])))
            return &stack->rules[i];
    return NULL;
}

int gb_pam_judge_lockout(const struct gb_pam_stack *stack, struct gb_arena *scratch,
                         struct gb_pam_lockout *ret)
{
    *ret = (struct gb_pam_lockout){.rule = lockout_rule(stack)};
    if (!ret->rule)
        return GB_OK;
    bool *asked = gb_alloc_array(scratch, stack->count, sizeof *asked);
    if (!asked)
        return GB_E_MEMORY;
    gb_pam_run(stack, GB_PAM_AUTH, nothing_proved, NULL, asked);
    bool faillock = gb_str_is(gb_pam_module(ret->rule), "pam_faillock"), counted = false;
    for (size_t i = 0; i < stack->count; i++) {
        const struct gb_pam_rule *rule = &stack->rules[i];
        if (asked[i] && is_lockout(gb_pam_module(rule)))
            counted |= !faillock || gb_pam_has(rule, "authfail");
    }
    struct gb_str module = gb_pam_module(ret->rule);
    const char *refusing = gb_str_is(module, "pam_faillock") ? "pam_faillock"
                           : gb_str_is(module, "pam_tally2") ? "pam_tally2"
                                                             : "pam_tally";
    if (!counted)
        ret->why = "a wrong password is not counted: no line with authfail is reached";
    else if (succeeds_although(stack, GB_PAM_AUTH, refusing))
        ret->why = "a locked account is not turned away: no line with preauth refuses it";
    else
        ret->effective = true;
    return GB_OK;
}

bool gb_pam_lets_outsiders_in(const struct gb_pam_stack *stack)
{
    return succeeds_although(stack, GB_PAM_AUTH, "pam_wheel");
}
