// Torture: the Nth malloc of the whole process fails, for each N. Readers and writers must report
// it, free all that they took, and not crash. The C library's allocator is wrapped here for that;
// with sanitizers, which bring their own, the test is skipped.
#include "base/json.h"
#include "base/yaml.h"
#include "model/content.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OTHER_ALLOCATOR
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || !defined(__GLIBC__)
#define OTHER_ALLOCATOR
#endif

#ifndef OTHER_ALLOCATOR
static size_t fail_countdown, live;

#define EXPORTED __attribute__((visibility("default")))

// The C library's own names of them.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *piece);

static bool must_fail(void)
{
    return fail_countdown && --fail_countdown == 0;
}

EXPORTED void *malloc(size_t size)
{
    void *piece = must_fail() ? NULL : __libc_malloc(size);
    live += piece != NULL;
    return piece;
}

EXPORTED void *calloc(size_t count, size_t size)
{
    void *piece = must_fail() ? NULL : __libc_calloc(count, size);
    live += piece != NULL;
    return piece;
}

EXPORTED void *realloc(void *old, size_t size)
{
    if (must_fail())
        return NULL;
    void *piece = __libc_realloc(old, size);
    live += piece && !old;
    return piece;
}

EXPORTED void *reallocarray(void *old, size_t count, size_t size)
{
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? NULL : realloc(old, bytes);
}

EXPORTED void free(void *piece)
{
    live -= piece != NULL;
    __libc_free(piece);
}
#endif

// Each gives a code and must leave nothing behind.
static int read_json(struct gb_error *err)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("json", 1 << 20);
    struct gb_node node;
    if (!arena)
        return gb_error_set(err, GB_E_MEMORY, "no arena");
    return gb_json_node(
        GB_STR("{\"a\":[1,2,\"\\u0041\"],\"b\":{\"c\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]},"
               "\"k1\":0,\"k2\":0,\"k3\":0,\"k4\":0,\"k5\":0,\"k6\":0,\"k7\":0,\"k8\":0,"
               "\"k9\":0,\"l1\":0,\"l2\":0,\"l3\":0,\"l4\":0,\"l5\":0,\"l6\":0,\"l7\":0}"),
        "t", GB_JSON_LIMITS_DEFAULT, arena, &node, err);
}

static int pack_yaml(struct gb_error *err)
{
    static const char text[] =
        "id: X\nexpect: |\n  some text\nlist: [a, {b: \"c\"}, 'd']\n---\nb: 2\n";
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("yaml", 1 << 20);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer packed = gb_buffer(1 << 16);
    struct gb_content_document *documents;
    size_t count;
    if (!arena)
        return gb_error_set(err, GB_E_MEMORY, "no arena");
    int code = gb_content_load_yaml(gb_str_of(text), "t.yaml", arena, &documents, &count, err);
    if (!code)
        code = gb_content_pack(documents, count, &packed, err);
    if (code == GB_E_LIMIT) // what a buffer that failed looks like
        code = err->code = GB_E_MEMORY;
    if (!code)
        code = gb_content_load(gb_buffer_str(&packed), arena, &documents, &count, err);
    return code;
}

static void torture(int (*run)(struct gb_error *err), size_t least)
{
#ifdef OTHER_ALLOCATOR
    (void)run;
    (void)least;
    print_message("# the allocator of this build cannot be wrapped\n");
    skip();
#else
    for (size_t n = 1;; n++) {
        struct gb_error err = {0};
        size_t before = live;
        fail_countdown = n;
        int code = run(&err);
        size_t left = fail_countdown;
        fail_countdown = 0;
        if (live != before)
            fail_msg("allocation %zu failed: %zu pieces are lost", n, live - before);
        if (left) { // it was never reached
            assert_int_equal(code, GB_OK);
            assert_true(n > least);
            return;
        }
        // A realloc that shrinks or grows ahead may fail without harm.
        if (code != GB_OK && (code != GB_E_MEMORY || err.code != code || !err.reason[0]))
            fail_msg("allocation %zu failed: code %d, %s", n, code, err.reason);
    }
#endif
}

static void test_json(void **state)
{
    (void)state;
    torture(read_json, 6);
}

static void test_content(void **state)
{
    (void)state;
    torture(pack_yaml, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
