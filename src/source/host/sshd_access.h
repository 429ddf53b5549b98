// Who gets in and how: what the effective settings of sshd mean together. Used by the sshd source.
#ifndef GABION_SOURCE_HOST_SSHD_ACCESS_H
#define GABION_SOURCE_HOST_SSHD_ACCESS_H

#include "source/host/sshd_effective.h"

// False when AuthenticationMethods asks for methods that are switched off: sshd does not start.
bool gb_sshd_methods_possible(const struct gb_sshd_setting *settings);

// Is there a way in with nothing but a password (or what PAM asks for)? What stands in an
// AuthenticationMethods list beside other methods does not count.
bool gb_sshd_password_suffices(const struct gb_sshd_setting *settings);

// Do AllowUsers, DenyUsers, AllowGroups and DenyGroups let this user through? Conditions on the
// address are taken as fulfilled.
bool gb_sshd_user_allowed(const struct gb_sshd_setting *settings, struct gb_str user,
                          const struct gb_str *groups, size_t group_count);

// The setting of a field of the kind. The field must exist.
const struct gb_sshd_setting *gb_sshd_setting_of(const struct gb_sshd_setting *settings,
                                                 const char *field);

// Its first value; empty when there is none or it is not known.
struct gb_str gb_sshd_value_of(const struct gb_sshd_setting *settings, const char *field);

#endif
