// Audit rules out of files and out of the kernel, and what they cover.
#include "source/host/audit_rule.h"

#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include <cmocka.h>

static struct gb_arena *arena;
static const struct gb_str amd64 = GB_STR_INIT("x86_64");

static int setup(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 8 << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static struct gb_audit_rules parse(const char *text)
{
    struct gb_audit_rules rules = gb_audit_rules(arena);
    assert_int_equal(gb_audit_rules_parse(&rules, gb_str_of(text), GB_STR("/r")), GB_OK);
    return rules;
}

static void assert_text(const struct gb_audit_rule *rule, const char *wanted)
{
    struct gb_str text = gb_audit_rule_text(arena, rule);
    if (!gb_str_is(text, wanted))
        fail_msg("wanted \"%s\", got \"" GB_PRI "\"", wanted, GB_ARG(text));
}

static void reads_files(void **state)
{
    (void)state;
    struct gb_audit_rules rules =
        parse("## comment\n-a always,exit -S all -F path=/lost\n-D\n-b 8192\n-f 1\n"
              "--backlog_wait_time 60000\n\n"
              "-w /etc/passwd -p wa -k identity\n"
              "-w /etc/sudoers.d/\n"
              "-a always,exit -F arch=b64 -S chmod,fchmod -S open -F auid>=1000 -F auid!=unset "
              "-F key=perm_mod\n"
              "-a exit,always -F arch=b32 -S openat -F exit=-EPERM\n"
              "-a never,exclude -F msgtype=CWD\n"
              "-a always,exit -F path=/usr/bin/su -F perm=x -F uid=33\n"
              "-a always,exit -C uid!=euid -F euid=0 -S execve\n"
              "-w\n-a whatever\n-Z 1\n"
              "-e 2\n");
    assert_int_equal(rules.count, 7);
    assert_text(&rules.items[0], "-w /etc/passwd -p wa -k identity");
    assert_int_equal(rules.items[0].line, 8);
    assert_text(&rules.items[1], "-w /etc/sudoers.d -p rwxa");
    assert_text(&rules.items[2], "-a always,exit -F arch=b64 -S chmod,fchmod,open -k perm_mod");
    assert_false(rules.items[2].narrowed);
    assert_text(&rules.items[3], "-a always,exit -F arch=b32 -S openat -F exit=-EPERM");
    assert_true(rules.items[4].never);
    assert_true(rules.items[5].narrowed);
    assert_true(rules.items[6].other_user && rules.items[6].as_root && !rules.items[6].narrowed);
    assert_int_equal(rules.enabled, 2);
    assert_int_equal(rules.enabled_line, 18);
    assert_int_equal(rules.failure, 1);
    assert_int_equal(rules.backlog_limit, 8192);
    assert_int_equal(rules.malformed, 3);
    assert_int_equal(rules.first_malformed_line, 15);
}

// struct audit_rule_data with room for its texts.
struct kernel_rule {
    struct {
        uint32_t flags, action, field_count, mask[AUDIT_BITMASK_SIZE];
        uint32_t fields[AUDIT_MAX_FIELDS], values[AUDIT_MAX_FIELDS], fieldflags[AUDIT_MAX_FIELDS];
        uint32_t buflen;
    } data;
    char text[64];
    size_t text_length;
};
_Static_assert(offsetof(struct kernel_rule, text) == sizeof(struct audit_rule_data), "the same");

static void add_field(struct kernel_rule *rule, uint32_t field, uint32_t compare, uint32_t value,
                      const char *text)
{
    uint32_t i = rule->data.field_count++;
    rule->data.fields[i] = field;
    rule->data.fieldflags[i] = compare;
    rule->data.values[i] = text ? (uint32_t)strlen(text) : value;
    if (text) {
        memcpy(rule->text + rule->text_length, text, strlen(text));
        rule->text_length += strlen(text);
        rule->data.buflen = (uint32_t)rule->text_length;
    }
}

static int decode(struct gb_audit_rules *rules, const struct kernel_rule *rule, size_t cut)
{
    size_t size = sizeof rule->data + rule->text_length;
    char *bytes = malloc(size);
    assert_non_null(bytes);
    memcpy(bytes, &rule->data, sizeof rule->data);
    memcpy(bytes + sizeof rule->data, rule->text, rule->text_length);
    int code =
        gb_audit_rules_decode(rules, gb_str_copy(arena, (struct gb_str){bytes, size - cut}), amd64);
    free(bytes);
    return code;
}

static void reads_the_kernels_rules(void **state)
{
    (void)state;
    struct gb_audit_rules loaded = gb_audit_rules(arena);
    struct kernel_rule watch = {.data = {.flags = AUDIT_FILTER_EXIT, .action = AUDIT_ALWAYS}};
    memset(watch.data.mask, 0xff, sizeof watch.data.mask);
    add_field(&watch, AUDIT_WATCH, AUDIT_EQUAL, 0, "/etc/passwd");
    add_field(&watch, AUDIT_PERM, AUDIT_EQUAL, 10, NULL);
    add_field(&watch, AUDIT_FILTERKEY, AUDIT_EQUAL, 0, "identity");
    assert_int_equal(decode(&loaded, &watch, 0), GB_OK);
    struct kernel_rule call = {.data = {.flags = AUDIT_FILTER_EXIT, .action = AUDIT_ALWAYS}};
    call.data.mask[90 / 32] |= 1u << 90 % 32; // chmod
    call.data.mask[0] |= 1u << 2;             // open
    add_field(&call, AUDIT_ARCH, AUDIT_EQUAL, AUDIT_ARCH_X86_64, NULL);
    add_field(&call, AUDIT_LOGINUID, AUDIT_GREATER_THAN_OR_EQUAL, 1000, NULL);
    add_field(&call, AUDIT_EXIT, AUDIT_EQUAL, (uint32_t)-13, NULL);
    assert_int_equal(decode(&loaded, &call, 0), GB_OK);
    struct kernel_rule broken = watch;
    broken.data.values[0] = 4000; // longer than all texts together
    assert_int_equal(decode(&loaded, &broken, 0), GB_E_SYNTAX);
    broken = watch;
    broken.data.field_count = 65;
    assert_int_equal(decode(&loaded, &broken, 0), GB_E_SYNTAX);
    assert_int_equal(decode(&loaded, &watch, 1), GB_E_SYNTAX);
    assert_int_equal(loaded.count, 2);
    assert_text(&loaded.items[0], "-w /etc/passwd -p wa -k identity");
    assert_text(&loaded.items[1], "-a always,exit -F arch=b64 -S chmod,open -F exit=-EACCES");

    struct gb_audit_rules files =
        parse("-w /etc/passwd -p aw -k other\n-a always,exit -F arch=b64 -S open,chmod -F "
              "exit=-EACCES -F auid>=1000\n-w /etc/shadow -p wa\n-w /etc/passwd -p w\n");
    assert_true(gb_audit_rules_have(&loaded, &files.items[0]));
    assert_true(gb_audit_rules_have(&loaded, &files.items[1]));
    assert_false(gb_audit_rules_have(&loaded, &files.items[2]));
    assert_false(gb_audit_rules_have(&loaded, &files.items[3]));
}

static bool exists(const void *context, const char *path)
{
    const char *const *absent = context;
    return strcmp(path, *absent) != 0;
}

static struct gb_audit_gaps gaps_of(const struct gb_audit_rules *rules, const char *name,
                                    const char *absent)
{
    struct gb_audit_gaps gaps = {0};
    for (size_t i = 0; i < gb_audit_group_count; i++)
        if (strcmp(gb_audit_groups[i].name, name) == 0)
            assert_int_equal(gb_audit_coverage(rules, i, amd64, exists, &absent, arena, &gaps),
                             GB_OK);
    return gaps;
}

static void tells_what_is_covered(void **state)
{
    (void)state;
    struct gb_audit_rules rules = parse("-w /etc/passwd -p wa\n-w /etc/group -p wa\n"
                                        "-w /etc/shadow -p w\n-w /etc/gshadow\n"
                                        "-a always,exit -F arch=b64 -S mount\n"
                                        "-a always,exit -F arch=b64 -S init_module,finit_module,"
                                        "delete_module -F uid=5\n"
                                        "-w /etc/sudoers -p wa\n-w /etc/sudoers.d/ -p wa\n"
                                        "-a always,exit -C euid!=uid -F arch=b64 -S execve\n"
                                        "-a always,exit -C euid!=uid -F arch=b32 -S execve\n"
                                        "-w /usr/sbin -p x\n-w /bin/ -p x\n");
    struct gb_audit_gaps gaps = gaps_of(&rules, "identity", "/etc/security/opasswd");
    assert_int_equal(gaps.count, 1);
    assert_true(gb_str_is(gaps.items[0], "/etc/shadow"));
    gaps = gaps_of(&rules, "mounts", "");
    assert_int_equal(gaps.count, 1);
    assert_true(gb_str_is(gaps.items[0], "mount (b32)"));
    assert_int_equal(gaps_of(&rules, "modules", "/usr/bin/kmod").count, 6); // only of one user
    assert_int_equal(gaps_of(&rules, "sudoers", "").count, 0);
    assert_int_equal(gaps_of(&rules, "other_user", "").count, 0);
    assert_int_equal(gaps_of(&rules, "privileged_commands", "").count, 0); // /bin is /usr/bin
    assert_false(gaps_of(&rules, "audit", "/etc/audit").applicable);
    struct gb_audit_rules none = gb_audit_rules(arena);
    assert_int_equal(gaps_of(&none, "deletions", "").count, 8);
}

static void knows_numbers_of_this_machine(void **state)
{
    (void)state;
    // Against the table that this program was built with.
#ifdef __x86_64__
    static const struct {
        const char *name;
        int number;
    } rows[] = {
        {"chmod", __NR_chmod},
        {"openat", __NR_openat},
        {"mount", __NR_mount},
        {"unlinkat", __NR_unlinkat},
        {"adjtimex", __NR_adjtimex},
        {"execve", __NR_execve},
        {"renameat2", __NR_renameat2},
        {"finit_module", __NR_finit_module},
        {"fremovexattr", __NR_fremovexattr},
        {"clock_settime", __NR_clock_settime},
        {"setdomainname", __NR_setdomainname},
        {"bpf", __NR_bpf},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int index = gb_audit_syscall_find(gb_str_of(rows[i].name));
        assert_true(index >= 0);
        assert_int_equal(gb_audit_syscall_number(index, amd64, GB_AUDIT_B64), rows[i].number);
    }
#endif
    int chmod = gb_audit_syscall_find(GB_STR("chmod"));
    assert_int_equal(gb_audit_syscall_number(chmod, GB_STR("aarch64"), GB_AUDIT_B64), -1);
    assert_int_equal(gb_audit_syscall_number(chmod, GB_STR("riscv64"), GB_AUDIT_B64), -1);
    assert_int_equal(gb_audit_syscall_number(chmod, amd64, GB_AUDIT_B32), 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_files, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_the_kernels_rules, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_what_is_covered, setup, teardown),
        cmocka_unit_test(knows_numbers_of_this_machine),
    };
    return cmocka_run_group_tests_name("source/host/audit_rule", tests, NULL, NULL);
}
