// The configuration that the kernel was built with: /proc/config.gz, or /boot/config-RELEASE. Read
// once a scan and shared by the probes of the kernel, its modules and its settings.
//
//     const struct gb_kernel_config *config;
//     if (gb_kernel_config_load(collector, &config)) return GB_E_MEMORY;
//     if (config->known && gb_kernel_config_is(config, "KEXEC", 'y')) ...
#ifndef GABION_SOURCE_HOST_KERNEL_CONFIG_H
#define GABION_SOURCE_HOST_KERNEL_CONFIG_H

#include "base/map.h"
#include "source/source.h"

struct gb_kernel_option {
    struct gb_str value; // "y", "m", a number, or a text without its quotes; "n" when unset
    uint32_t line;
};

struct gb_kernel_config {
    bool known;
    struct gb_str reason; // why not known
    struct gb_str path;
    struct gb_map options; // "KEXEC" (without CONFIG_) -> struct gb_kernel_option
};

// Never NULL on success; a configuration that cannot be found is `known` false. GB_E_MEMORY is the
// only error.
GB_MUST_USE int gb_kernel_config_load(struct gb_collector *collector,
                                      const struct gb_kernel_config **ret);

// Adds the options of a text to `config`. At most 20,000 of them count.
GB_MUST_USE int gb_kernel_config_parse(struct gb_kernel_config *config, struct gb_str text,
                                       struct gb_arena *arena);

// NULL when the configuration does not speak of it: the kernel has no such option, or another
// option hides it.
const struct gb_kernel_option *gb_kernel_config_get(const struct gb_kernel_config *config,
                                                    struct gb_str name);
// Is it set to exactly this letter? False when the configuration is not known.
bool gb_kernel_config_is(const struct gb_kernel_config *config, const char *name, char value);

// Unpacks a gzip text of at most `max_bytes`. GB_E_SYNTAX when it is damaged, GB_E_LIMIT.
GB_MUST_USE int gb_gunzip(struct gb_str packed, size_t max_bytes, struct gb_arena *arena,
                          struct gb_str *ret);

#endif
