// HTTP GET over libcurl, which is loaded at first use; redirects are followed here, by our rules.
// Used by updates of feeds and by image registries.
#include "sys/http.h"

#include "base/str.h"

#define CURL_DISABLE_DEPRECATION
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

enum {
    MOST_HEADERS = 256,
    HEADER_BYTES = 8 << 10,
    MOST_DROPPED = 64 << 10, // of the body of an answer that nobody wants
    URL_BYTES = 4096,
};

// What is used of the library, by its own declarations.
static struct {
    __typeof__(curl_global_init) *global_init;
    __typeof__(curl_easy_init) *init;
    __typeof__(curl_easy_cleanup) *cleanup;
    __typeof__(curl_easy_reset) *reset;
    __typeof__(curl_easy_setopt) *set;
    __typeof__(curl_easy_getinfo) *info;
    __typeof__(curl_easy_perform) *perform;
    __typeof__(curl_easy_strerror) *text;
    __typeof__(curl_slist_append) *append;
    __typeof__(curl_slist_free_all) *free_all;
    bool ready;
} curl;

static void *symbol(void *library, const char *name, bool *missing)
{
    void *found = dlsym(library, name);
    *missing |= !found;
    return found;
}

static void load(void)
{
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        library = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return;
    bool missing = false;
    // POSIX lets a function's address stand in a void pointer; C alone does not.
    *(void **)&curl.global_init = symbol(library, "curl_global_init", &missing);
    *(void **)&curl.init = symbol(library, "curl_easy_init", &missing);
    *(void **)&curl.cleanup = symbol(library, "curl_easy_cleanup", &missing);
    *(void **)&curl.reset = symbol(library, "curl_easy_reset", &missing);
    *(void **)&curl.set = symbol(library, "curl_easy_setopt", &missing);
    *(void **)&curl.info = symbol(library, "curl_easy_getinfo", &missing);
    *(void **)&curl.perform = symbol(library, "curl_easy_perform", &missing);
    *(void **)&curl.text = symbol(library, "curl_easy_strerror", &missing);
    *(void **)&curl.append = symbol(library, "curl_slist_append", &missing);
    *(void **)&curl.free_all = symbol(library, "curl_slist_free_all", &missing);
    curl.ready = !missing && curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

struct gb_http {
    CURL *easy;
    char *ca_file, *proxy, *user_agent;
    unsigned connect_s, stall_s, transfer_s, max_redirects;
};

// One transfer: what the callbacks of the library work on.
struct transfer {
    const struct gb_http_request *request;
    struct gb_arena *arena;
    struct gb_error *err;
    CURL *easy;
    struct gb_http_header headers[MOST_HEADERS];
    size_t header_count;
    unsigned status;
    bool started, resumed, enough;
    uint64_t bytes, dropped, most;
    int code; // of a callback that ended the transfer
};

static char *copy_of(const char *text)
{
    return text ? strdup(text) : NULL;
}

int gb_http_open(const struct gb_http_options *options, struct gb_http **ret, struct gb_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    if (!curl.ready)
        return gb_error_set(err, GB_E_UNSUPPORTED,
                            "libcurl is not installed (Debian: apt-get install libcurl4)");
    struct gb_http *http = calloc(1, sizeof *http);
    if (!http)
        return gb_error_set(err, GB_E_MEMORY, "no memory for an HTTP client");
    *http = (struct gb_http){
        .easy = curl.init(),
        .ca_file = copy_of(options->ca_file),
        .proxy = copy_of(options->proxy),
        .user_agent = strdup(options->user_agent ? options->user_agent : "gabion"),
        .connect_s = options->connect_timeout_s ? options->connect_timeout_s : 15,
        .stall_s = options->stall_timeout_s ? options->stall_timeout_s : 30,
        .transfer_s = options->transfer_timeout_s ? options->transfer_timeout_s : 1800,
        .max_redirects = options->max_redirects ? options->max_redirects : 5,
    };
    if (!http->easy || !http->user_agent || (options->ca_file && !http->ca_file) ||
        (options->proxy && !http->proxy)) {
        gb_http_close(&http);
        return gb_error_set(err, GB_E_MEMORY, "no memory for an HTTP client");
    }
    *ret = http;
    return GB_OK;
}

void gb_http_close(struct gb_http **handle)
{
    struct gb_http *http = *handle;
    if (!http)
        return;
    if (http->easy)
        curl.cleanup(http->easy);
    free(http->ca_file);
    free(http->proxy);
    free(http->user_agent);
    free(http);
    *handle = NULL;
}

static struct gb_str find_header(const struct gb_http_header *headers, size_t count,
                                 const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (gb_str_is(headers[i].name, name))
            return headers[i].value;
    return GB_STR("");
}

struct gb_str gb_http_header_of(const struct gb_http_response *response, const char *name)
{
    return find_header(response->headers, response->header_count, name);
}

// --- URLs ---

enum scheme { SCHEME_OTHER, SCHEME_HTTP, SCHEME_HTTPS };

static enum scheme scheme_of(struct gb_str url)
{
    if (gb_str_eq_nocase(gb_str_sub(url, 0, 8), GB_STR("https://")))
        return SCHEME_HTTPS;
    return gb_str_eq_nocase(gb_str_sub(url, 0, 7), GB_STR("http://")) ? SCHEME_HTTP : SCHEME_OTHER;
}

static struct gb_str authority_of(struct gb_str url)
{
    struct gb_str rest = gb_str_from(url, scheme_of(url) == SCHEME_HTTPS ? 8 : 7);
    size_t len = 0;
    while (len < rest.len && !strchr("/?#\\", rest.at[len]))
        len++;
    return gb_str_sub(rest, 0, len);
}

// The authority without user and password.
static struct gb_str place_of(struct gb_str url)
{
    struct gb_str authority = authority_of(url);
    return gb_str_from(authority, (size_t)(gb_str_rfind_char(authority, '@') + 1));
}

// For messages: without user and password, and without the query, which may hold tokens.
static void shown_url(struct gb_str url, char *into, size_t size)
{
    struct gb_str place = place_of(url);
    struct gb_str path = gb_str_from(url, (size_t)(place.at + place.len - url.at));
    ptrdiff_t query = gb_str_find_char(path, '?');
    if (query >= 0)
        path.len = (size_t)query;
    snprintf(into, size, "%s://" GB_PRI GB_PRI, scheme_of(url) == SCHEME_HTTPS ? "https" : "http",
             GB_ARG(place), GB_ARG(path));
}

static int check_url(struct gb_str url, struct gb_error *err)
{
    if (scheme_of(url) == SCHEME_OTHER || authority_of(url).len == 0)
        return gb_error_set(err, GB_E_USAGE, "\"" GB_PRI "\" is no http:// or https:// URL",
                            GB_ARG(url));
    for (size_t i = 0; i < url.len; i++)
        if ((unsigned char)url.at[i] <= ' ' || url.at[i] == 0x7f)
            return gb_error_set(err, GB_E_USAGE, "a URL with spaces or control characters");
    return url.len < URL_BYTES ? GB_OK
                               : gb_error_set(err, GB_E_LIMIT, "a URL of %zu bytes", url.len);
}

// --- What the library calls ---

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    struct gb_str line = gb_str_trim((struct gb_str){data, size * count});
    if (gb_str_starts(line, GB_STR("HTTP/"))) { // 100 and the answers of proxies come before
        transfer->header_count = 0;
        return size * count;
    }
    ptrdiff_t colon = gb_str_find_char(line, ':');
    if (colon <= 0 || transfer->header_count == MOST_HEADERS || line.len > HEADER_BYTES)
        return size * count;
    struct gb_http_header *header = &transfer->headers[transfer->header_count];
    header->name = gb_str_lower(transfer->arena, gb_str_sub(line, 0, (size_t)colon));
    header->value = gb_str_copy(transfer->arena, gb_str_trim(gb_str_from(line, (size_t)colon + 1)));
    transfer->header_count++;
    return size * count;
}

// A 206 that goes on elsewhere than asked would tear the file.
static int check_range(const struct transfer *transfer)
{
    struct gb_str range = find_header(transfer->headers, transfer->header_count, "content-range");
    char expected[40];
    snprintf(expected, sizeof expected, "bytes %llu-",
             (unsigned long long)transfer->request->resume_from);
    if (transfer->request->resume_from == 0 || !gb_str_starts(range, gb_str_of(expected)))
        return gb_error_set(transfer->err, GB_E_IO,
                            "the server answered with a range that was not asked for");
    return GB_OK;
}

// Before the first piece of a body that is wanted.
static int start(struct transfer *transfer)
{
    long status = 0;
    curl.info(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    transfer->status = (unsigned)status;
    transfer->started = true;
    if (status < 200 || status > 299)
        return GB_OK;
    transfer->resumed = status == 206;
    int code = transfer->resumed ? check_range(transfer) : GB_OK;
    if (!code && transfer->request->start)
        code = transfer->request->start(transfer->request->context, transfer->headers,
                                        transfer->header_count, transfer->resumed, transfer->err);
    return code;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t len = size * count;
    if (!transfer->started)
        transfer->code = start(transfer);
    if (transfer->code)
        return 0;
    if (transfer->status < 200 || transfer->status > 299) {
        transfer->dropped += len;
        transfer->enough = transfer->dropped > MOST_DROPPED;
        return transfer->enough ? 0 : len;
    }
    if (len > transfer->most - transfer->bytes) {
        transfer->code = gb_error_set(transfer->err, GB_E_LIMIT,
                                      "the answer is larger than the %llu bytes that are allowed",
                                      (unsigned long long)transfer->most);
        return 0;
    }
    transfer->bytes += len;
    if (transfer->request->body)
        transfer->code = transfer->request->body(transfer->request->context,
                                                 (struct gb_str){data, len}, transfer->err);
    return transfer->code ? 0 : len;
}

// --- One request ---

static bool is_secret(struct gb_str name)
{
    return gb_str_eq_nocase(name, GB_STR("authorization")) ||
           gb_str_eq_nocase(name, GB_STR("cookie")) ||
           gb_str_eq_nocase(name, GB_STR("proxy-authorization"));
}

static bool add_header(struct curl_slist **list, struct gb_arena *arena, struct gb_str name,
                       struct gb_str value)
{
    struct gb_str line = gb_str_format(arena, GB_PRI ": " GB_PRI, GB_ARG(name), GB_ARG(value));
    if (!line.at || gb_str_find_char(line, '\n') >= 0 || gb_str_find_char(line, '\r') >= 0)
        return false;
    struct curl_slist *longer = curl.append(*list, line.at);
    if (longer)
        *list = longer;
    return longer != NULL;
}

static bool add_headers(struct curl_slist **list, const struct gb_http_request *request,
                        bool first_host, struct gb_arena *arena)
{
    bool added = true;
    for (size_t i = 0; i < request->header_count; i++)
        if (first_host || !is_secret(request->headers[i].name))
            added &= add_header(list, arena, request->headers[i].name, request->headers[i].value);
    if (request->resume_from) {
        added &= add_header(
            list, arena, GB_STR("Range"),
            gb_str_format(arena, "bytes=%llu-", (unsigned long long)request->resume_from));
        // A weak tag says nothing about bytes: the server would have to ignore it.
        if (request->etag.len && !gb_str_starts(request->etag, GB_STR("W/")))
            added &= add_header(list, arena, GB_STR("If-Range"), request->etag);
        return added;
    }
    if (request->etag.len)
        added &= add_header(list, arena, GB_STR("If-None-Match"), request->etag);
    if (request->last_modified.len)
        added &= add_header(list, arena, GB_STR("If-Modified-Since"), request->last_modified);
    return added;
}

static void set_up(const struct gb_http *http, struct transfer *transfer, const char *url,
                   struct curl_slist *headers, char *reason)
{
    CURL *easy = http->easy;
    curl.reset(easy);
    curl.set(easy, CURLOPT_URL, url);
    curl.set(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    curl.set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl.set(easy, CURLOPT_NOSIGNAL, 1L);
    curl.set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl.set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (http->ca_file)
        curl.set(easy, CURLOPT_CAINFO, http->ca_file);
    if (http->proxy)
        curl.set(easy, CURLOPT_PROXY, http->proxy);
    curl.set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl.set(easy, CURLOPT_USERAGENT, http->user_agent);
    curl.set(easy, CURLOPT_CONNECTTIMEOUT, (long)http->connect_s);
    curl.set(easy, CURLOPT_LOW_SPEED_LIMIT, 100L);
    curl.set(easy, CURLOPT_LOW_SPEED_TIME, (long)http->stall_s);
    curl.set(easy, CURLOPT_TIMEOUT, (long)http->transfer_s);
    if (transfer->request->compressed && !transfer->request->resume_from)
        curl.set(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl.set(easy, CURLOPT_HTTPHEADER, headers);
    curl.set(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl.set(easy, CURLOPT_HEADERDATA, transfer);
    curl.set(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl.set(easy, CURLOPT_WRITEDATA, transfer);
    curl.set(easy, CURLOPT_ERRORBUFFER, reason);
}

static int failure(CURLcode result, const char *reason, struct transfer *transfer)
{
    const char *why = *reason ? reason : curl.text(result);
    int code = result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CACERT_BADFILE
                   ? GB_E_DENIED
               : result == CURLE_URL_MALFORMAT || result == CURLE_UNSUPPORTED_PROTOCOL ? GB_E_USAGE
               : result == CURLE_OUT_OF_MEMORY                                         ? GB_E_MEMORY
                                                                                       : GB_E_IO;
    if (result == CURLE_PARTIAL_FILE)
        return gb_error_set(transfer->err, GB_E_IO,
                            "the transfer was cut short after %llu bytes: %s",
                            (unsigned long long)transfer->bytes, why);
    return gb_error_set(transfer->err, code, "%s", why);
}

// One request without redirects. `*next` is where the answer leads, "" = nowhere.
static int get_once(struct gb_http *http, struct transfer *transfer, struct gb_str url,
                    bool first_host, struct gb_str *next)
{
    struct curl_slist *headers = NULL;
    char reason[CURL_ERROR_SIZE] = "";
    char *text = gb_str_c(transfer->arena, url);
    int code = GB_OK;
    if (!text || !add_headers(&headers, transfer->request, first_host, transfer->arena))
        code = gb_error_set(transfer->err, GB_E_USAGE, "a header of the request is not valid");
    if (!code) {
        transfer->header_count = 0;
        transfer->started = transfer->enough = transfer->resumed = false;
        transfer->bytes = transfer->dropped = 0;
        set_up(http, transfer, text, headers, reason);
        CURLcode result = curl.perform(http->easy);
        if (!transfer->started && result == CURLE_OK)
            transfer->code = start(transfer);
        if (transfer->code)
            code = transfer->code;
        else if (result != CURLE_OK && !transfer->enough)
            code = failure(result, reason, transfer);
    }
    const char *location = NULL;
    unsigned status = transfer->status;
    if (!code &&
        (status == 301 || status == 302 || status == 303 || status == 307 || status == 308))
        curl.info(http->easy, CURLINFO_REDIRECT_URL, &location);
    *next = location ? gb_str_copy(transfer->arena, gb_str_of(location)) : GB_STR("");
    curl.free_all(headers);
    return code;
}

static int check_redirect(struct gb_str from, struct gb_str to, struct gb_error *err)
{
    if (scheme_of(to) == SCHEME_OTHER)
        return gb_error_set(err, GB_E_DENIED,
                            "a redirect to something else than http or https is not followed");
    if (scheme_of(from) == SCHEME_HTTPS && scheme_of(to) != SCHEME_HTTPS)
        return gb_error_set(err, GB_E_DENIED, "a redirect from https to http is not followed");
    return check_url(to, err);
}

static int give(struct transfer *transfer, struct gb_str url, struct gb_http_response *ret)
{
    struct gb_http_header *headers =
        gb_alloc_array(transfer->arena, transfer->header_count, sizeof *headers);
    struct gb_str last = gb_str_copy(transfer->arena, url);
    if (!headers || !last.at || gb_arena_failed(transfer->arena))
        return gb_error_set(transfer->err, GB_E_MEMORY, "no memory for an answer");
    memcpy(headers, transfer->headers, transfer->header_count * sizeof *headers);
    *ret = (struct gb_http_response){
        .status = transfer->status,
        .url = last,
        .headers = headers,
        .header_count = transfer->header_count,
        .resumed = transfer->resumed,
        .bytes = transfer->bytes,
    };
    return GB_OK;
}

int gb_http_get(struct gb_http *http, const struct gb_http_request *request, struct gb_arena *arena,
                struct gb_http_response *ret, struct gb_error *err)
{
    int code = check_url(request->url, err);
    if (code)
        return code;
    struct gb_error own = {0};
    struct transfer transfer = {
        .request = request,
        .arena = arena,
        .err = err ? err : &own,
        .easy = http->easy,
        .most = request->max_bytes ? request->max_bytes : 1u << 20,
    };
    struct gb_str url = request->url, next = {0};
    bool first_host = true;
    for (unsigned hops = 0;; hops++) {
        code = get_once(http, &transfer, url, first_host, &next);
        if (code || next.len == 0)
            break;
        if (hops == http->max_redirects)
            code = gb_error_set(transfer.err, GB_E_LIMIT, "more than %u redirects",
                                http->max_redirects);
        if (!code)
            code = check_redirect(url, next, transfer.err);
        if (code)
            break;
        // Once left, a host does not get the secrets back: it may be played by another.
        first_host = first_host && scheme_of(url) == scheme_of(next) &&
                     gb_str_eq_nocase(place_of(url), place_of(next));
        url = next;
    }
    if (!code)
        return give(&transfer, url, ret);
    char shown[256];
    shown_url(url, shown, sizeof shown);
    return gb_error_subject(transfer.err, shown);
}
