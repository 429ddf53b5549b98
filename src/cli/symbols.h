// Are the vulnerable functions in the Go programs that were matched? Asks the programs of a host or
// root directory; used by vulnerabilities.c.
#ifndef GABION_CLI_SYMBOLS_H
#define GABION_CLI_SYMBOLS_H

#include "model/vulnerability.h"
#include "sys/host.h"

// Suppresses, with the reason, open flaws of which no vulnerable function was linked. A program
// that cannot be read, or whose table cannot, stays as it is.
GB_MUST_USE int gb_symbols_check(const struct gb_host *host, struct gb_vulnerability *items,
                                 size_t count, struct gb_arena *arena, struct gb_error *err);

#endif
