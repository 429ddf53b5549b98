// Gets a URL: for test_http.py, which is the server. driver-http URL [NAME=VALUE...], with the
// names etag, modified, resume, max, stall, redirects, ca, proxy, compressed and header
// (repeatable). Prints the answer's lines and the body, or the code and the error.
#include "base/buffer.h"
#include "sys/http.h"

#include <stdio.h>
#include <string.h>

static struct gb_http_options options;
static struct gb_http_header headers[8];
static struct gb_http_request request = {.headers = headers, .max_bytes = 1u << 20};

static int add(void *context, struct gb_str piece, struct gb_error *err)
{
    (void)err;
    gb_buffer_add(context, piece);
    return GB_OK;
}

static uint64_t number(struct gb_str s)
{
    uint64_t n = 0;
    return gb_str_to_uint(s, 10, &n) < 0 ? 0 : n;
}

static bool take(const char *argument)
{
    struct gb_str value = gb_str_of(argument), name;
    if (!gb_str_next(&value, '=', &name))
        return false;
    if (gb_str_is(name, "etag"))
        request.etag = value;
    else if (gb_str_is(name, "modified"))
        request.last_modified = value;
    else if (gb_str_is(name, "resume"))
        request.resume_from = number(value);
    else if (gb_str_is(name, "max"))
        request.max_bytes = number(value);
    else if (gb_str_is(name, "stall"))
        options.stall_timeout_s = (unsigned)number(value);
    else if (gb_str_is(name, "redirects"))
        options.max_redirects = (unsigned)number(value);
    else if (gb_str_is(name, "compressed"))
        request.compressed = true;
    else if (gb_str_is(name, "ca"))
        options.ca_file = value.at;
    else if (gb_str_is(name, "proxy"))
        options.proxy = value.at;
    else if (gb_str_is(name, "header") && request.header_count < 8 &&
             gb_str_next(&value, ':', &headers[request.header_count].name))
        headers[request.header_count++].value = gb_str_trim(value);
    else
        return false;
    return true;
}

static int show_error(int code, const struct gb_error *err)
{
    char text[1024];
    gb_error_text(err, text, sizeof text);
    printf("error %s: %s\n", gb_code_name(code), text);
    return 1;
}

int main(int argc, char **argv)
{
    for (int i = 2; i < argc; i++)
        if (!take(argv[i]))
            return 2;
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("http", 8u << 20);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer body = gb_buffer(8u << 20);
    GB_CLEANUP(gb_http_close) struct gb_http *http = NULL;
    struct gb_http_response answer = {0};
    struct gb_error err = {0};
    request.url = gb_str_of(argc > 1 ? argv[1] : "");
    request.body = add;
    request.context = &body;
    int code = gb_http_open(&options, &http, &err);
    if (!code)
        code = gb_http_get(http, &request, arena, &answer, &err);
    if (code)
        return show_error(code, &err);
    printf("status %u\nurl " GB_PRI "\nresumed %d\nbytes %llu\netag " GB_PRI "\n\n", answer.status,
           GB_ARG(answer.url), answer.resumed, (unsigned long long)answer.bytes,
           GB_ARG(gb_http_header_of(&answer, "etag")));
    fwrite(body.data, 1, body.len, stdout);
    return 0;
}
