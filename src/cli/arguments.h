// Parsing of the command line against the table of commands. Options may stand anywhere behind the
// command; "--" ends them; --name=value and --name value are the same; -o VALUE, -oVALUE.
#ifndef GABION_CLI_ARGUMENTS_H
#define GABION_CLI_ARGUMENTS_H

#include "cli/command.h"

struct gb_config;

struct gb_argument {
    const struct gb_option *option;
    struct gb_str value; // "" for a switch
};

struct gb_invocation {
    const struct gb_command *command;
    struct gb_argument *arguments;
    size_t argument_count;
    struct gb_str *operands;
    size_t operand_count;
    struct gb_arena *arena; // lives as long as the process
    const struct gb_config *config;
};

// Options that every command takes; .name NULL ends the table.
extern const struct gb_option gb_global_options[];

// Fills `ret`. GB_E_USAGE with a sentence that names the nearest known command or option.
GB_MUST_USE int gb_arguments_parse(int argc, char **argv, struct gb_arena *arena,
                                   struct gb_invocation *ret, struct gb_error *err);

// The command whose name the words begin with (longest first), NULL when there is none. `used`:
// how many words.
const struct gb_command *gb_command_find(const struct gb_str *words, size_t count, size_t *used);

// What was given on the command line, else by GABION_COMMAND_OPTION or GABION_OPTION in the
// environment, else by configuration. The last one wins; empty slice .at NULL when not given.
struct gb_str gb_option_value(const struct gb_invocation *invocation, const char *name);
bool gb_option_is_set(const struct gb_invocation *invocation, const char *name);
// All values of a repeatable option, in order.
size_t gb_option_values(const struct gb_invocation *invocation, const char *name,
                        struct gb_str **ret);

#endif
