// Digests of a layer beside its reading: right whatever the sizes of the pieces and their order,
// with a thread, on one core and without a thread, and given up at any time.
#include "source/image/layer_digest.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

// The sanitizers' own threads count, and they want memory for each new one.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { LARGE = 5 << 20, SMALL = 1000 };

static const unsigned char of_nothing[] = {
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static char *random_bytes(size_t len, uint32_t seed)
{
    char *bytes = malloc(len);
    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)next_random(&seed);
    return bytes;
}

static int thread_count(void)
{
    int count = -2; // "." and ".."
    DIR *tasks = opendir("/proc/self/task");
    assert_non_null(tasks);
    while (readdir(tasks))
        count++;
    closedir(tasks);
    return count;
}

// Both sides, in pieces of up to `most` bytes, in turns; then held against the digests of the
// whole. Gives the number of threads that there were towards the end.
static int check(size_t len, size_t most)
{
    struct gb_error err = {0};
    struct gb_layer_digests *digests = NULL;
    char *bytes[GB_LAYER_SIDES] = {random_bytes(len, 1), random_bytes(len, 2)};
    size_t done[GB_LAYER_SIDES] = {0};
    uint32_t random = 7;
    assert_int_equal(gb_layer_digests_new(&digests, &err), GB_OK);
    while (done[GB_LAYER_STORED] < len || done[GB_LAYER_UNPACKED] < len) {
        size_t side = next_random(&random) % GB_LAYER_SIDES, left = len - done[side];
        size_t piece = next_random(&random) % (most + 1);
        piece = piece < left ? piece : left;
        char *copy = malloc(piece + 1); // as of a reader that reuses its buffer
        memcpy(copy, bytes[side] + done[side], piece);
        assert_int_equal(gb_layer_digests_add(digests, (enum gb_layer_side)side,
                                              (struct gb_str){copy, piece}, &err),
                         GB_OK);
        memset(copy, 0, piece);
        free(copy);
        done[side] += piece;
    }
    int threads = thread_count();
    unsigned char sums[GB_LAYER_SIDES][GB_LAYER_DIGEST_BYTES], expected[GB_DIGEST_LARGEST];
    assert_int_equal(gb_layer_digests_end(digests, sums, &err), GB_OK);
    for (size_t i = 0; i < GB_LAYER_SIDES; i++) {
        assert_int_equal(gb_digest(GB_SHA256, (struct gb_str){bytes[i], len}, expected, &err),
                         GB_OK);
        assert_memory_equal(sums[i], expected, GB_LAYER_DIGEST_BYTES);
        free(bytes[i]);
    }
    gb_layer_digests_free(&digests);
    assert_null(digests);
    return threads;
}

// First of all: a thread's stack that is left over would do for the next.
static void test_without_a_thread(void **state)
{
    (void)state;
    struct rlimit before, none;
    if (SANITIZED) {
        print_message("sanitizers need memory of their own\n");
        skip();
    }
    struct gb_error err = {0};
    struct gb_layer_digests *digests = NULL;
    char *bytes = random_bytes(LARGE, 3);
    assert_int_equal(gb_layer_digests_new(&digests, &err), GB_OK);
    getrlimit(RLIMIT_AS, &before);
    none = before;
    none.rlim_cur = 1;
    setrlimit(RLIMIT_AS, &none);
    int code =
        gb_layer_digests_add(digests, GB_LAYER_UNPACKED, (struct gb_str){bytes, LARGE}, &err);
    setrlimit(RLIMIT_AS, &before);
    assert_int_equal(code, GB_OK);
    assert_int_equal(thread_count(), 1);
    unsigned char sums[GB_LAYER_SIDES][GB_LAYER_DIGEST_BYTES], expected[GB_DIGEST_LARGEST];
    assert_int_equal(gb_layer_digests_end(digests, sums, &err), GB_OK);
    assert_int_equal(gb_digest(GB_SHA256, (struct gb_str){bytes, LARGE}, expected, &err), GB_OK);
    assert_memory_equal(sums[GB_LAYER_UNPACKED], expected, GB_LAYER_DIGEST_BYTES);
    assert_memory_equal(sums[GB_LAYER_STORED], of_nothing, GB_LAYER_DIGEST_BYTES);
    gb_layer_digests_free(&digests);
    free(bytes);
}

static void test_order(void **state)
{
    (void)state;
    int threads = check(LARGE, 100000);
    if (!SANITIZED)
        assert_int_equal(threads, 2);
    check(LARGE, 700000); // above a slot
    check(300000, 300);
}

static void test_one_core(void **state)
{
    (void)state;
    cpu_set_t before, one;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    CPU_ZERO(&one);
    for (size_t i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++)
        if (CPU_ISSET(i, &before))
            CPU_SET(i, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    check(LARGE, 100000);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

static void test_small(void **state)
{
    (void)state;
    int before = thread_count();
    assert_int_equal(check(SMALL, SMALL), before); // no thread for so little
    check(1, 1);
}

static void test_nothing(void **state)
{
    (void)state;
    struct gb_error err = {0};
    struct gb_layer_digests *digests = NULL;
    unsigned char sums[GB_LAYER_SIDES][GB_LAYER_DIGEST_BYTES];
    assert_int_equal(gb_layer_digests_new(&digests, &err), GB_OK);
    assert_int_equal(gb_layer_digests_add(digests, GB_LAYER_STORED, GB_STR(""), &err), GB_OK);
    assert_int_equal(gb_layer_digests_end(digests, sums, &err), GB_OK);
    for (size_t i = 0; i < GB_LAYER_SIDES; i++)
        assert_memory_equal(sums[i], of_nothing, GB_LAYER_DIGEST_BYTES);
    gb_layer_digests_free(&digests);
}

static void test_given_up(void **state)
{
    (void)state;
    struct gb_error err = {0};
    int before = thread_count();
    char *bytes = random_bytes(LARGE, 4);
    for (size_t len = 0; len <= LARGE; len += LARGE / 16) {
        struct gb_layer_digests *digests = NULL;
        assert_int_equal(gb_layer_digests_new(&digests, &err), GB_OK);
        assert_int_equal(
            gb_layer_digests_add(digests, GB_LAYER_STORED, (struct gb_str){bytes, len}, &err),
            GB_OK);
        gb_layer_digests_free(&digests);
        assert_null(digests);
        if (!SANITIZED)
            assert_int_equal(thread_count(), before);
    }
    gb_layer_digests_free(&(struct gb_layer_digests *){NULL});
    free(bytes);
}

static volatile pthread_t signalled;

static void note_thread(int number)
{
    (void)number;
    signalled = pthread_self();
}

// A handler that removes an image's files must not run beside the thread that writes them.
static void test_signals(void **state)
{
    (void)state;
    struct gb_error err = {0};
    struct gb_layer_digests *digests = NULL;
    struct sigaction before, action = {.sa_handler = note_thread};
    char *bytes = random_bytes(LARGE, 5);
    sigset_t set, old;
    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    assert_int_equal(gb_layer_digests_new(&digests, &err), GB_OK);
    assert_int_equal(
        gb_layer_digests_add(digests, GB_LAYER_STORED, (struct gb_str){bytes, LARGE}, &err), GB_OK);
    // Blocked here, the signal to the process would go to any other thread that takes it.
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, &old);
    signalled = 0;
    kill(getpid(), SIGUSR1);
    sched_yield();
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    assert_true(pthread_equal(signalled, pthread_self()));
    gb_layer_digests_free(&digests);
    sigaction(SIGUSR1, &before, NULL);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_thread), cmocka_unit_test(test_order),
        cmocka_unit_test(test_one_core),         cmocka_unit_test(test_small),
        cmocka_unit_test(test_nothing),          cmocka_unit_test(test_given_up),
        cmocka_unit_test(test_signals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
