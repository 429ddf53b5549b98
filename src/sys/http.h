// HTTP(S) GET, by libcurl: for feeds and image registries. A client keeps connections and settings;
// one thread at a time. libcurl is loaded when the first client is opened, so that what needs no
// network does not pay for it; where it is not installed, that is GB_E_UNSUPPORTED.
//
// What it holds to: only http: and https: URLs, redirects included; never from https to http; the
// peer's certificate is always verified; Authorization and Cookie headers of a request stay with
// its first host; every transfer is bounded in bytes and time; a body that is shorter than the
// server announced is an error. Proxies come from the options, else from the environment
// (https_proxy, http_proxy, all_proxy, no_proxy). ~/.netrc and the like are not read.
//
//     struct gb_http *http;
//     gb_http_open(&(struct gb_http_options){0}, &http, &err)
//     struct gb_http_request get = {.url = url, .max_bytes = 64 << 20, .body = add, .context = &b};
//     struct gb_http_response answer;
//     gb_http_get(http, &get, arena, &answer, &err)     // GB_OK also for 404: see answer.status
#ifndef GABION_SYS_HTTP_H
#define GABION_SYS_HTTP_H

#include "base/str.h"

struct gb_http;

struct gb_http_options {
    const char *ca_file;         // PEM file of authorities instead of the system's; NULL
    const char *proxy;           // URL; "" = none whatever the environment says; NULL
    const char *user_agent;      // NULL: "gabion"
    unsigned connect_timeout_s;  // 0: 15
    unsigned stall_timeout_s;    // less than 100 bytes a second for this long; 0: 30
    unsigned transfer_timeout_s; // the whole of one request; 0: 1800
    unsigned max_redirects;      // 0: 5
};

GB_MUST_USE int gb_http_open(const struct gb_http_options *options, struct gb_http **ret,
                             struct gb_error *err);
void gb_http_close(struct gb_http **http); // NULL allowed; sets it to NULL

struct gb_http_header {
    struct gb_str name, value;
};

struct gb_http_request {
    struct gb_str url;
    const struct gb_http_header *headers; // of the request: Accept, Authorization, ...
    size_t header_count;
    // Conditional: what the answer of an earlier request said; "" = none. Answered by 304.
    struct gb_str etag, last_modified;
    // Goes on behind so many bytes that are there already. The answer is 206 where the server does
    // that (response.resumed), else the whole from the start. With `etag`, only if it is the same.
    uint64_t resume_from;
    uint64_t max_bytes; // of the body as it is given; 0: 1 MiB
    // Asks the server to compress; the body is given unpacked. Not together with resume_from.
    bool compressed;
    // Called with each piece of the body of a 2xx answer, after `start` (may be NULL). A negative
    // code ends the transfer and is returned.
    int (*start)(void *context, const struct gb_http_header *headers, size_t count, bool resumed,
                 struct gb_error *err);
    int (*body)(void *context, struct gb_str piece, struct gb_error *err);
    void *context;
};

struct gb_http_response {
    unsigned status;                // of the last answer: 200, 206, 304, 401, 404 ...
    struct gb_str url;              // the last one, after redirects
    struct gb_http_header *headers; // of the last answer; names in lower case
    size_t header_count;
    bool resumed;   // 206: the body goes on behind resume_from
    uint64_t bytes; // of the body that were given
};

// GB_OK for every answer of the server, whatever its status. Errors, with the URL (without user and
// password) as subject: GB_E_USAGE (no http or https URL), GB_E_IO (network, timeout, cut short),
// GB_E_DENIED (certificate, a redirect that is not followed), GB_E_LIMIT (max_bytes, redirects),
// and the codes of the callbacks.
GB_MUST_USE int gb_http_get(struct gb_http *http, const struct gb_http_request *request,
                            struct gb_arena *arena, struct gb_http_response *ret,
                            struct gb_error *err);

// The first header of that name (lower case); empty where there is none.
struct gb_str gb_http_header_of(const struct gb_http_response *response, const char *name);

#endif
