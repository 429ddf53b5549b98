// What a PAM stack means: does it let somebody in who proved nothing, does it stop guessing, does a
// module's "no" count. Decided by running the stack in thought (source/host/pam.h), so that a jump
// that is off by one shows. Used by the sources of PAM services and password rules.
#ifndef GABION_SOURCE_HOST_PAM_JUDGE_H
#define GABION_SOURCE_HOST_PAM_JUDGE_H

#include "source/host/pam.h"

// Does the module hold a password (or the like) against something: pam_unix, pam_sss ...
bool gb_pam_checks_password(const struct gb_pam_rule *rule);

// The last rule of the type with this module; NULL when there is none.
const struct gb_pam_rule *gb_pam_last(const struct gb_pam_stack *stack, enum gb_pam_type type,
                                      const char *module);

// With nothing proved (no password, no key, not root) authentication still succeeds.
bool gb_pam_lets_anybody_in(const struct gb_pam_stack *stack);

// Everything else says yes, this module says no: does the stack say no?
bool gb_pam_enforces(const struct gb_pam_stack *stack, enum gb_pam_type type, const char *module);

// Failed logins are counted, and a locked account is turned away. `why` (a clause) tells what is
// missing where a module for it is there and does not do it. GB_E_MEMORY is the only error.
struct gb_pam_lockout {
    const struct gb_pam_rule *rule; // the module that counts; NULL = there is none
    bool effective;
    const char *why;
};
GB_MUST_USE int gb_pam_judge_lockout(const struct gb_pam_stack *stack, struct gb_arena *scratch,
                                     struct gb_pam_lockout *ret);

// Somebody who knows the password and is not in the group of pam_wheel gets in.
bool gb_pam_lets_outsiders_in(const struct gb_pam_stack *stack);

#endif
