// The local history: where it is kept, how reports get their first sights from it.
#ifndef GABION_CLI_HISTORY_H
#define GABION_CLI_HISTORY_H

#include "cli/assessment.h"
#include "store/store.h"

// --store, else /var/lib/gabion/gabion.db for root, $XDG_STATE_HOME/gabion/gabion.db or
// ~/.local/state/gabion/gabion.db for others. .at NULL with --no-store.
struct gb_str gb_history_path(const struct gb_invocation *invocation);

// Opens it for reading; GB_E_NOT_FOUND with what to do when there is none.
GB_MUST_USE int gb_history_open(const struct gb_invocation *invocation, struct gb_store **ret,
                                struct gb_error *err);

// Fills the findings' history and records this scan. A history that cannot be written is a problem
// of the run that does not make it incomplete. Foreign roots (--root) are recorded only when a
// --store is named.
void gb_history_update(struct gb_assessment *assessment);

// "7d", "24h", "2026-11-01" or RFC 3339 as seconds since 1970 UTC.
GB_MUST_USE int gb_history_parse_since(struct gb_str text, int64_t now, int64_t *ret,
                                       struct gb_error *err);

#endif
