// Fetches files for updates into the feed folder, conditionally, and goes on with what an earlier
// run began.
#ifndef GABION_CLI_FEED_FETCH_H
#define GABION_CLI_FEED_FETCH_H

#include "cli/output.h"
#include "store/feed/state.h"
#include "sys/http.h"

struct gb_feed_fetch {
    struct gb_http *http;
    const char *folder; // where files go: exists
    struct gb_arena *arena;
    struct gb_progress *progress;
    uint64_t max_bytes;
};

struct gb_feed_fetched {
    bool unchanged; // what `known` says still holds; nothing was fetched
    char *path;     // the file, to be removed by the caller
    struct gb_str etag, last_modified;
    int64_t modified_at; // of last_modified; 0 = not said
};

// `known`: what the URL answered last (NULL: fetch whatever it was). http:// and https:// URLs,
// file:///PATH and absolute paths (of which `path` is the file itself and not to be removed:
// `local`). Errors of sys/http.h; GB_E_NOT_FOUND for 404 and 410, GB_E_IO for other statuses.
GB_MUST_USE int gb_feed_fetch_file(const struct gb_feed_fetch *fetch, struct gb_str url,
                                   const struct gb_feed_url *known, bool compressed,
                                   struct gb_feed_fetched *ret, struct gb_error *err);
// A small one, into memory.
GB_MUST_USE int gb_feed_fetch_text(const struct gb_feed_fetch *fetch, struct gb_str url,
                                   size_t max_bytes, struct gb_buffer *ret, struct gb_error *err);
// "Wed, 01 Jul 2026 00:00:00 GMT"; 0 for other texts.
int64_t gb_http_date(struct gb_str text);
bool gb_feed_is_local(struct gb_str url);

#endif
