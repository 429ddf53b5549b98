// What boot loader configurations say of passwords and kernel parameters: grub.cfg, loader.conf of
// systemd-boot, extlinux.conf, and the variables of /etc/default/grub. Used by the boot probe and
// the fuzz target. Password hashes are looked at and never kept.
#ifndef GABION_SOURCE_HOST_BOOT_CONFIG_H
#define GABION_SOURCE_HOST_BOOT_CONFIG_H

#include "base/arena.h"
#include "base/str.h"

struct gb_boot_parameter {
    struct gb_str text;
    struct gb_str file; // as it was given to the parser
    uint32_t line;
};

struct gb_boot_config {
    uint32_t superusers_line; // of GRUB: who may edit entries; 0 = nobody is named
    uint32_t password_line;   // a hashed password, or extlinux' master password; 0 = none
    uint32_t plain_line;      // a password in clear text; 0 = none
    uint32_t editor_line;     // of systemd-boot: "editor no" or "editor yes"; 0 = the default (yes)
    bool editor_off;
    bool has_entry; // a kernel is started by it
    // Parameters of the first entry that starts a kernel.
    struct gb_boot_parameter *parameters;
    size_t parameter_count, parameter_capacity;
};

// Each adds to *config. `text` and `file` must live as long as it. GB_E_MEMORY is the only error.
GB_MUST_USE int gb_grub_cfg_parse(struct gb_boot_config *config, struct gb_str text,
                                  struct gb_str file, struct gb_arena *arena);
// For loader.conf and for entries.
GB_MUST_USE int gb_systemd_boot_parse(struct gb_boot_config *config, struct gb_str text,
                                      struct gb_str file, struct gb_arena *arena);
GB_MUST_USE int gb_extlinux_parse(struct gb_boot_config *config, struct gb_str text,
                                  struct gb_str file, struct gb_arena *arena);
// GRUB_CMDLINE_LINUX and GRUB_CMDLINE_LINUX_DEFAULT of /etc/default/grub and its drop-ins: a later
// assignment replaces an earlier one, "$NAME more" adds to it. Keep one config for all files.
GB_MUST_USE int gb_grub_default_parse(struct gb_boot_config *config, struct gb_str text,
                                      struct gb_str file, struct gb_arena *arena);

#endif
