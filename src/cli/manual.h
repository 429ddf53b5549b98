// Manual pages in roff (man(7)), from the tables of commands and the topics.
#ifndef GABION_CLI_MANUAL_H
#define GABION_CLI_MANUAL_H

#include "cli/help.h"

// gabion-COMMAND(1); NULL: gabion(1) with all commands and topics.
void gb_manual_page(const struct gb_command *command, const char *version, struct gb_buffer *out);

#endif
