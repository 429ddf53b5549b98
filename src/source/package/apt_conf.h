// apt's configuration: /etc/apt/apt.conf.d/* (names of letters, digits, - _ . with no ending or
// ".conf"), then /etc/apt/apt.conf; what comes later wins. Format: apt.conf(5): nested scopes in
// braces, `Scope::Name "value";`, lists, the comments // /* */ and #, and #clear.
//
//     const struct gb_apt_conf_item *item =
//         gb_apt_conf_find(conf, "APT::Periodic::Unattended-Upgrade");
//     if (gb_apt_conf_bool(item, false)) ...
#ifndef GABION_SOURCE_PACKAGE_APT_CONF_H
#define GABION_SOURCE_PACKAGE_APT_CONF_H

#include "source/source.h"

struct gb_apt_conf_item {
    struct gb_str name;  // "APT::Periodic::Enable"; of an element of a list: "Dir::Ignore::"
    struct gb_str value; // without quotes
    struct gb_str where;
    uint32_t line;
    bool cleared;
};

struct gb_apt_conf {
    struct gb_arena *arena;
    struct gb_apt_conf_item *items; // in the order read
    size_t count, capacity;
    uint32_t malformed;    // places that could not be understood
    struct gb_str problem; // "" or why a file could not be read: then nothing here is certain
};

// The configuration of this scan, read once.
GB_MUST_USE int gb_apt_conf_load(struct gb_collector *collector, const struct gb_apt_conf **ret,
                                 struct gb_error *err);

// Parses one text behind what is there already.
GB_MUST_USE int gb_apt_conf_parse(struct gb_apt_conf *conf, struct gb_str text,
                                  struct gb_str where);

// The item that counts (the last one), NULL when it was never set. Names know no case.
const struct gb_apt_conf_item *gb_apt_conf_find(const struct gb_apt_conf *conf, const char *name);

// The elements of a list, one after the other: pass the last one given, or NULL to begin.
const struct gb_apt_conf_item *gb_apt_conf_next(const struct gb_apt_conf *conf, const char *list,
                                                const struct gb_apt_conf_item *last);

// apt's idea of true and false: yes/true/with/on/enable and no/false/without/off/disable, or a
// number. `otherwise` for NULL and for anything else.
bool gb_apt_conf_bool(const struct gb_apt_conf_item *item, bool otherwise);

#endif
