// Help: of one command, of all, and of topics. Everything comes from the tables of commands.
#ifndef GABION_CLI_HELP_H
#define GABION_CLI_HELP_H

#include "base/buffer.h"
#include "cli/arguments.h"

int gb_help_command(const struct gb_command *command, const struct gb_invocation *invocation);

// Texts that stand by themselves: exit codes, scoring ...
struct gb_topic {
    const char *name, *title, *text;
    void (*more)(struct gb_buffer *out); // adds what is generated from tables; NULL = nothing
};
extern const struct gb_topic gb_topics[]; // .name NULL ends it

#endif
