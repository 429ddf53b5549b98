// What one sudoers rule means on this host: whom it is for, whether it makes root, and how. Used by
// the sudo source.
#ifndef GABION_SOURCE_HOST_SUDO_RULE_H
#define GABION_SOURCE_HOST_SUDO_RULE_H

#include "source/host/facts.h"
#include "source/host/path_trust.h"
#include "source/host/sudoers.h"

// What the rules are held against.
struct gb_sudo_judge {
    struct gb_collector *collector;
    struct gb_sudoers *sudoers;
    const struct gb_accounts *accounts;
    struct gb_path_judge *paths;
    struct gb_str hostname;
    bool remote_accounts;     // users and groups may exist elsewhere (LDAP ...)
    bool authenticate;        // Defaults authenticate
    int64_t uid_min, uid_max; // accounts of people; others but root are services
    struct gb_str runas_default;
};

// Adds one resource of kind "sudo_rule" for each rule. GB_E_MEMORY is the only error.
GB_MUST_USE int gb_sudo_rules_collect(struct gb_sudo_judge *judge);

#endif
