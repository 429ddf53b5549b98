// PAM stacks: the files of /etc/pam.d and /usr/lib/pam.d (where packages put theirs) with @include,
// include and substack resolved, and what a stack answers when its modules answer this or that,
// jumps of [success=1 default=ignore] included. Used by the sources of PAM services, password
// rules, su and umask.
//
//     struct gb_pam_files files = gb_pam_files(host, scratch);
//     struct gb_pam_stack stack;
//     if (gb_pam_load(&files, GB_STR("login"), scratch, &stack) < 0) return GB_E_MEMORY;
//     bool in = gb_pam_run(&stack, GB_PAM_AUTH, answer, NULL, NULL);
//
// Ownership: everything lives in the arenas that were given. Errors: exhausted memory is the only
// one. Format: pam.conf(5) of Linux-PAM, with Debian's @include.
#ifndef GABION_SOURCE_HOST_PAM_H
#define GABION_SOURCE_HOST_PAM_H

#include "base/map.h"
#include "sys/host.h"

enum gb_pam_type { GB_PAM_AUTH, GB_PAM_ACCOUNT, GB_PAM_PASSWORD, GB_PAM_SESSION, GB_PAM_TYPES };

const char *gb_pam_type_name(enum gb_pam_type type); // "auth" ...

struct gb_pam_rule {
    enum gb_pam_type type;
    bool silent;           // "-auth": a missing module is not logged
    struct gb_str control; // "required", "[success=1 default=ignore]"
    struct gb_str module;  // as written
    struct gb_str *arguments;
    size_t argument_count;
    unsigned level;    // 0, and 1 more in each substack
    unsigned substack; // number of the innermost substack, from 1; 0 = none
    struct gb_str file;
    uint32_t line;
};

struct gb_pam_problem {
    struct gb_str file, reason;
    uint32_t line;
};

struct gb_pam_stack {
    struct gb_arena *arena;
    struct gb_pam_rule *rules; // of all types, in order
    size_t count, capacity;
    struct gb_pam_problem *problems; // malformed lines, includes that do not work
    size_t problem_count, problem_capacity;
    unsigned *parents; // of each substack, by its number: the one around it
    size_t substack_count, parent_capacity;
    struct gb_str path; // of the service's own file
    int code;           // 0, or why that file could not be read
};

// Remembers the texts of files, which include each other many times.
struct gb_pam_files {
    const struct gb_host *host;
    struct gb_arena *arena;
    struct gb_map texts;
};

static inline struct gb_pam_files gb_pam_files(const struct gb_host *host, struct gb_arena *arena)
{
    return (struct gb_pam_files){host, arena, gb_map(arena)};
}

// Where services are looked for; the first that has one counts. NULL-terminated.
extern const char *const gb_pam_directories[];

// The stack of a service, by the name of its file in these directories.
GB_MUST_USE int gb_pam_load(struct gb_pam_files *files, struct gb_str service,
                            struct gb_arena *arena, struct gb_pam_stack *ret);
// Of one text; includes are problems here.
GB_MUST_USE int gb_pam_parse(struct gb_str text, struct gb_str file, struct gb_arena *arena,
                             struct gb_pam_stack *ret);

// The file name of the module without ".so": "pam_unix".
struct gb_str gb_pam_module(const struct gb_pam_rule *rule);
// "nullok" among the arguments; of "minlen=14" only with its value.
bool gb_pam_has(const struct gb_pam_rule *rule, const char *argument);
// What stands behind "minlen=", the last time; false when it is not there.
bool gb_pam_value(const struct gb_pam_rule *rule, const char *name, struct gb_str *ret);

// What a module answers.
enum gb_pam_answer { GB_PAM_SUCCESS, GB_PAM_FAILURE, GB_PAM_IGNORE };

// What a stack answers when each module answers as `answer` says. `asked` (may be NULL; one for
// each rule) tells which modules were asked.
bool gb_pam_run(const struct gb_pam_stack *stack, enum gb_pam_type type,
                enum gb_pam_answer (*answer)(const struct gb_pam_rule *rule, void *context),
                void *context, bool *asked);

#endif
