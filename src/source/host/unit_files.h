// The unit files of systemd's system manager, read from disk: no systemd needs to run. Finds units,
// drop-ins, aliases, masks, instances and init scripts in all directories that systemd.unit(5)
// names, with systemd's precedence, and merges each unit's settings. Used by the unit probe.
//
// Ownership: everything lives in the arena that was given. Errors: exhausted memory only; what
// could not be read is in `problems` of a unit's settings, or in gb_units.gap.
#ifndef GABION_SOURCE_HOST_UNIT_FILES_H
#define GABION_SOURCE_HOST_UNIT_FILES_H

#include "base/map.h"
#include "source/host/ini.h"
#include "source/source.h"

enum gb_unit_type {
    GB_UNIT_SERVICE,
    GB_UNIT_SOCKET,
    GB_UNIT_TIMER,
    GB_UNIT_MOUNT,
    GB_UNIT_AUTOMOUNT,
    GB_UNIT_PATH,
    GB_UNIT_SWAP,
    GB_UNIT_TARGET,
    GB_UNIT_OTHER, // slice, scope, device
};

// One directory that units are looked for in; highest precedence first.
struct gb_unit_dir {
    const char *path;
    bool persistent; // /etc/systemd/system: where `systemctl enable` puts its links
    bool runtime;    // below /run
    bool generated, transient;
};

// A file or link in a unit directory, or a link in a .wants, .requires or .upholds directory.
struct gb_unit_entry {
    struct gb_str name;   // "ssh.service"
    struct gb_str target; // of a link, as it is written; empty = not a link
    struct gb_str holder; // "multi-user.target" of multi-user.target.wants; empty = the directory
    uint32_t dir;         // index into dirs
};

struct gb_unit {
    struct gb_str name;
    enum gb_unit_type type;
    struct gb_str fragment; // path; empty when there is none (a mask)
    uint32_t dir;           // where its entry is
    bool masked;
    bool linked;            // fragment is outside of the unit directories
    bool is_template;       // name@.service
    bool sysv;              // an init script without a unit file
    struct gb_unit *of;     // the template that an instance is made from, else NULL
    struct gb_str *aliases; // other names that lead to it
    size_t alias_count, alias_capacity;
    struct gb_ini settings;
    const char *state;      // as `systemctl is-enabled` says: set by gb_units_states
    const char *started_by; // "boot", "socket", "timer", "path"; "" = nothing that is enabled
    bool reached;           // by gb_units_boot
};

struct gb_units {
    struct gb_arena *arena;
    struct gb_collector *collector;
    struct gb_unit_dir dirs[16];
    size_t dir_count;
    struct gb_unit_entry *entries, *wants;
    size_t entry_count, entry_capacity, want_count, want_capacity;
    struct gb_unit **items; // by name
    size_t count, capacity;
    struct gb_map by_name; // every name and alias -> struct gb_unit
    struct gb_map dropins; // unit name, prefix or type -> struct gb_unit_dropins
    struct gb_str gap;     // why something could not be read; empty = all was
};

// Reads all units. Names, fragments and settings; not yet states.
GB_MUST_USE int gb_units_load(struct gb_collector *collector, struct gb_arena *arena,
                              struct gb_units *ret);

// What `systemctl is-enabled` says of each unit, from the links on disk: enabled, enabled-runtime,
// linked, linked-runtime, masked, masked-runtime, static, indirect, disabled, generated, transient.
void gb_units_states(struct gb_units *units);

// Marks what is started at boot: everything that default.target pulls in, and what sockets, timers
// and paths among it start later. False when there is no default target.
GB_MUST_USE bool gb_units_boot(struct gb_units *units);

// The unit that a socket, timer or path unit starts: what it names, else the service of its own
// name (with Accept=yes the template of that name). An empty slice for other units.
struct gb_str gb_unit_triggers(const struct gb_unit *unit, struct gb_arena *arena);

// By name or alias; NULL when there is none.
struct gb_unit *gb_units_find(const struct gb_units *units, struct gb_str name);

// The settings of one unit without reading all: fragment and drop-ins merged. GB_E_NOT_FOUND when
// there is no such unit.
GB_MUST_USE int gb_unit_settings(const struct gb_host *host, const char *name,
                                 struct gb_arena *arena, struct gb_ini *ret);

const char *gb_unit_type_name(enum gb_unit_type type);
// From the suffix; GB_UNIT_OTHER for what is no unit name too: see gb_unit_name_valid.
enum gb_unit_type gb_unit_type_of(struct gb_str name);
bool gb_unit_name_valid(struct gb_str name);
// "getty@.service" of "getty@tty1.service"; an empty slice when it is no instance.
struct gb_str gb_unit_template_name(struct gb_arena *arena, struct gb_str name);

#endif
