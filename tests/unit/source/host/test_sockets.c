// Listening sockets out of /proc/net, their owners, and what addresses can be reached from.
#include "source/host/sockets.h"

#include "../../sys/temporary_root.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct temporary_root root;
static struct gb_host *host;
static struct gb_arena *arena;

static int setup(void **state)
{
    (void)state;
    root = temporary_root_new();
    host = temporary_root_host(&root, GB_KERNEL_RECORDED);
    arena = gb_arena_new("test", 1 << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    temporary_root_free(&root, &host);
    gb_arena_free(&arena);
    return 0;
}

static const char titles[] = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
                             "retrnsmt   uid  timeout inode\n";

static void put(const char *path, const char *lines)
{
    char text[4096];
    snprintf(text, sizeof text, "%s%s", titles, lines);
    temporary_root_file(&root, path, text);
}

static struct gb_sockets list(void)
{
    struct gb_sockets sockets;
    struct gb_error err = {0};
    if (gb_sockets_list(host, arena, &sockets, &err) != GB_OK)
        fail_msg("%s", err.reason);
    assert_int_equal(gb_sockets_find_owners(host, arena, &sockets, NULL, 0), GB_OK);
    return sockets;
}

static void assert_address(const struct gb_socket *socket, const char *expected)
{
    char text[GB_ADDRESS_SIZE];
    gb_address_text(&socket->address, text);
    assert_string_equal(text, expected);
}

static void lists_what_listens_and_nothing_else(void **state)
{
    (void)state;
    put("/proc/net/tcp", "   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 "
                         "00000000   105        0 700 1 x 100 0 0 10 0\n"
                         "   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 "
                         "00000000     0        0 701 1 x 100 0 0 10 0\n"
                         "   2: 020200C0:B50A 507100CB:0050 01 00000000:00000000 03:00000889 "
                         "00000000     0        0 702 3 x\n");
    put("/proc/net/tcp6", "   0: 00000000000000000000000000000000:0050 "
                          "00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 "
                          "00000000     0        0 703 1 x 100 0 0 10 0\n"
                          "   1: 0000000000000000FFFF00000100007F:1F90 "
                          "00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 "
                          "00000000     0        0 704 1 x 100 0 0 10 0\n");
    put("/proc/net/udp", "  10: 00000000:00A1 00000000:0000 07 00000000:00000000 00:00000000 "
                         "00000000     0        0 705 2 x 0\n"
                         "  11: 020200C0:C000 08080808:0035 01 00000000:00000000 00:00000000 "
                         "00000000     0        0 706 2 x 0\n"
                         " rubbish\n  12: 00000000:ZZZZ 00000000:0000 07\n");
    struct gb_sockets sockets = list();
    assert_int_equal(sockets.count, 5);
    assert_int_equal(sockets.items[0].port, 22);
    assert_address(&sockets.items[0], "0.0.0.0");
    assert_int_equal(sockets.items[1].port, 80);
    assert_address(&sockets.items[1], "::");
    assert_int_equal(sockets.items[2].port, 5432);
    assert_address(&sockets.items[2], "127.0.0.1");
    assert_int_equal(sockets.items[2].uid, 105);
    assert_int_equal(sockets.items[3].port, 8080);
    assert_address(&sockets.items[3], "127.0.0.1"); // inside IPv6
    assert_true(sockets.items[4].udp);
    assert_int_equal(sockets.items[4].port, 161);
}

static void a_kernel_without_ipv6_is_fine(void **state)
{
    (void)state;
    put("/proc/net/tcp", "");
    assert_int_equal(list().count, 0);
    struct gb_sockets sockets;
    struct gb_host *none = temporary_root_host(&root, GB_KERNEL_NONE);
    assert_int_equal(gb_sockets_list(none, arena, &sockets, NULL), GB_E_UNSUPPORTED);
    gb_host_close(&none);
}

static void finds_the_process_behind_a_port(void **state)
{
    (void)state;
    put("/proc/net/tcp", "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 "
                         "00000000     0        0 701 1 x 100 0 0 10 0\n"
                         "   1: 00000000:0017 00000000:0000 0A 00000000:00000000 00:00000000 "
                         "00000000     0        0 800 1 x 100 0 0 10 0\n"
                         "   2: 00000000:0018 00000000:0000 0A 00000000:00000000 00:00000000 "
                         "00000000     0        0 900 1 x 100 0 0 10 0\n");
    temporary_root_link(&root, "/proc/1/fd/3", "socket:[701]");
    temporary_root_link(&root, "/proc/1/fd/4", "socket:[800]");
    temporary_root_link(&root, "/proc/50/fd/0", "/dev/null");
    temporary_root_link(&root, "/proc/50/fd/3", "socket:[701]");
    temporary_root_link(&root, "/proc/60/fd/3", "socket:[701]");
    struct gb_sockets sockets = list();
    assert_int_equal(sockets.items[0].pid, 50); // not init, and the first of two workers
    assert_int_equal(sockets.items[1].pid, 1);  // waiting to be activated
    assert_int_equal(sockets.items[2].pid, 0);
    assert_false(sockets.owners_hidden);
}

static void addresses_have_scopes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum gb_scope scope;
    } cases[] = {
        {"0.0.0.0", GB_SCOPE_ANY},
        {"::", GB_SCOPE_ANY},
        {"127.9.9.9", GB_SCOPE_LOOPBACK},
        {"::1", GB_SCOPE_LOOPBACK},
        {"::ffff:127.0.0.1", GB_SCOPE_LOOPBACK},
        {"169.254.1.1", GB_SCOPE_LINK},
        {"fe80::1", GB_SCOPE_LINK},
        {"10.1.1.1", GB_SCOPE_PRIVATE},
        {"172.31.0.1", GB_SCOPE_PRIVATE},
        {"172.32.0.1", GB_SCOPE_PUBLIC},
        {"100.64.0.1", GB_SCOPE_PRIVATE},
        {"192.0.2.2", GB_SCOPE_PRIVATE},
        {"8.8.8.8", GB_SCOPE_PUBLIC},
        {"fd00::1", GB_SCOPE_PRIVATE},
        {"2001:db8::1", GB_SCOPE_PRIVATE},
        {"2a00::1", GB_SCOPE_PUBLIC},
        {"224.0.0.251", GB_SCOPE_LINK},
        {"239.1.1.1", GB_SCOPE_PRIVATE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gb_address address;
        assert_int_equal(gb_address_parse(gb_str_of(cases[i].text), &address), GB_OK);
        if (gb_scope_of(&address) != cases[i].scope)
            fail_msg("%s: expected scope %d, got %d", cases[i].text, cases[i].scope,
                     gb_scope_of(&address));
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(lists_what_listens_and_nothing_else),
        T(a_kernel_without_ipv6_is_fine),
        T(finds_the_process_behind_a_port),
        T(addresses_have_scopes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
