// rpm's headers and data bases (SQLite, NDB, Berkeley DB), made here byte by byte.
#include "source/package/installed.h"
#include "source/package/os_packages.h"
#include "source/package/owner.h"
#include "source/package/rpm_database.h"
#include "source/package/rpm_header.h"

#include "collected_root.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int setup(void **state)
{
    (void)state;
    return collected_root_begin(GB_KERNEL_NONE);
}

// ---- a header is written

struct writer {
    unsigned char index[64 * 16], store[4096];
    uint32_t entries, used;
};

static void put_big(unsigned char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> (24 - 8 * i));
}

static void put_little(unsigned char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

static void add_entry(struct writer *writer, uint32_t tag, uint32_t type, uint32_t count)
{
    unsigned char *entry = writer->index + (size_t)16 * writer->entries++;
    put_big(entry, tag);
    put_big(entry + 4, type);
    put_big(entry + 8, writer->used);
    put_big(entry + 12, count);
}

// Strings are separated by '|'.
static void add_text(struct writer *writer, uint32_t tag, uint32_t type, const char *text)
{
    uint32_t count = 1;
    size_t length = strlen(text) + 1;
    for (const char *at = text; *at; at++)
        count += *at == '|';
    add_entry(writer, tag, type, count);
    for (size_t i = 0; i < length; i++)
        writer->store[writer->used + i] = (unsigned char)(text[i] == '|' ? 0 : text[i]);
    writer->used += (uint32_t)length;
}

static void add_number(struct writer *writer, uint32_t tag, const uint32_t *numbers, uint32_t count)
{
    while (writer->used % 4)
        writer->used++;
    add_entry(writer, tag, 4, count);
    for (uint32_t i = 0; i < count; i++, writer->used += 4)
        put_big(writer->store + writer->used, numbers[i]);
}

static struct gb_str finish(const struct writer *writer)
{
    size_t index = (size_t)16 * writer->entries, size = 8 + index + writer->used;
    unsigned char *bytes = gb_alloc(arena, size);
    assert_non_null(bytes);
    put_big(bytes, writer->entries);
    put_big(bytes + 4, writer->used);
    memcpy(bytes + 8, writer->index, index);
    memcpy(bytes + 8 + index, writer->store, writer->used);
    return (struct gb_str){(const char *)bytes, size};
}

static struct gb_str plain_header(const char *name, const char *version, const char *file)
{
    struct writer writer = {.entries = 0};
    uint32_t zero = 0, size = 4096;
    add_text(&writer, 1000, 6, name);
    add_text(&writer, 1001, 6, version);
    add_text(&writer, 1002, 6, "6.el9");
    add_number(&writer, 1009, &size, 1);
    add_text(&writer, 1011, 6, "AlmaLinux");
    add_text(&writer, 1022, 6, "x86_64");
    if (file) {
        add_number(&writer, 1116, &zero, 1);
        add_text(&writer, 1117, 8, file);
        add_text(&writer, 1118, 8, "/usr/bin/");
    }
    return finish(&writer);
}

static struct gb_str rich_header(void)
{
    struct writer writer = {.entries = 0};
    uint32_t epoch = 1, size = 1 << 20, indexes[] = {0, 1, 9}, flags[] = {0, 1, 17};
    add_text(&writer, 1000, 6, "nodejs-libs");
    add_text(&writer, 1001, 6, "18.14.2");
    add_text(&writer, 1002, 6, "2.module_el9.1.0+31+abc");
    add_number(&writer, 1003, &epoch, 1);
    add_number(&writer, 1009, &size, 1);
    add_text(&writer, 1011, 6, "AlmaLinux");
    add_text(&writer, 1015, 6, "Packager");
    add_text(&writer, 1016, 9, "System/Libraries|Andere");
    add_text(&writer, 1022, 6, "aarch64");
    add_number(&writer, 1037, flags, 3);
    add_text(&writer, 1044, 6, "nodejs-18.14.2-2.module_el9.1.0+31+abc.src.rpm");
    add_number(&writer, 1116, indexes, 3);
    add_text(&writer, 1117, 8, "libnode.so|npmrc|lost");
    add_text(&writer, 1118, 8, "/usr/lib64/|/etc/");
    add_text(&writer, 5096, 6, "nodejs:18:9010020230301:rhel9");
    add_text(&writer, 1022, 6, "x86_64"); // behind the region: replaces
    return finish(&writer);
}

static void reads_headers(void **state)
{
    (void)state;
    struct gb_rpm_header header;
    struct gb_error err = {0};
    assert_int_equal(gb_rpm_header_parse(rich_header(), &header, &err), GB_OK);
    assert_true(gb_str_is(gb_rpm_header_string(&header, GB_RPM_NAME), "nodejs-libs"));
    assert_true(gb_str_is(gb_rpm_header_string(&header, GB_RPM_GROUP), "System/Libraries"));
    assert_int_equal(gb_rpm_header_string(&header, GB_RPM_EPOCH).len, 0); // a number
    assert_int_equal(gb_rpm_header_string(&header, GB_RPM_CHANGELOG_TEXT).len, 0);
    uint64_t number;
    assert_true(gb_rpm_header_number(&header, GB_RPM_DIR_INDEXES, 2, &number));
    assert_int_equal(number, 9);
    assert_false(gb_rpm_header_number(&header, GB_RPM_DIR_INDEXES, 3, &number));
    assert_false(gb_rpm_header_number(&header, GB_RPM_NAME, 0, &number));
    struct gb_rpm_strings names = gb_rpm_header_strings(&header, GB_RPM_BASE_NAMES);
    struct gb_str name;
    assert_true(gb_rpm_strings_next(&names, &name) && gb_str_is(name, "libnode.so"));
    assert_true(gb_rpm_strings_next(&names, &name) && gb_str_is(name, "npmrc"));
    assert_true(gb_rpm_strings_next(&names, &name) && gb_str_is(name, "lost"));
    assert_false(gb_rpm_strings_next(&names, &name));
}

static void refuses_what_is_no_header(void **state)
{
    (void)state;
    struct gb_rpm_header header;
    struct gb_error err = {0};
    struct gb_str good = rich_header();
    for (size_t len = 0; len < good.len; len++) // cut anywhere
        assert_int_equal(gb_rpm_header_parse(gb_str_sub(good, 0, len), &header, &err), GB_E_SYNTAX);
    char lying[32] = {0, 1, 0, 0}; // 65536 entries
    assert_int_equal(gb_rpm_header_parse((struct gb_str){lying, sizeof lying}, &header, &err),
                     GB_E_SYNTAX);
    // An offset outside of the store, and a string without its end.
    struct writer writer = {.entries = 0};
    add_text(&writer, 1000, 6, "name");
    put_big(writer.index + 8, 5);
    assert_int_equal(gb_rpm_header_parse(finish(&writer), &header, &err), GB_OK);
    assert_int_equal(gb_rpm_header_string(&header, GB_RPM_NAME).len, 0);
    put_big(writer.index + 8, 0);
    writer.used = 4;
    assert_int_equal(gb_rpm_header_parse(finish(&writer), &header, &err), GB_OK);
    assert_int_equal(gb_rpm_header_string(&header, GB_RPM_NAME).len, 0);
}

static void reads_packages(void **state)
{
    (void)state;
    struct gb_os_package package;
    struct gb_error err = {0};
    assert_int_equal(gb_rpm_package_read(rich_header(), arena, &package, &err), GB_OK);
    assert_true(gb_str_is(package.name, "nodejs-libs"));
    assert_true(gb_str_is(package.version, "1:18.14.2-2.module_el9.1.0+31+abc"));
    assert_true(gb_str_is(package.architecture, "x86_64"));
    assert_true(gb_str_is(package.source, "nodejs"));
    assert_true(gb_str_is(package.source_version, "1:18.14.2-2.module_el9.1.0+31+abc"));
    assert_true(gb_str_is(package.module, "nodejs:18"));
    assert_true(gb_str_is(package.vendor, "AlmaLinux"));
    assert_int_equal(package.installed_kib, 1024);
    assert_int_equal(package.conffiles, 2);
    assert_int_equal(
        gb_rpm_package_read(plain_header("bash", "5.1.8", NULL), arena, &package, &err), GB_OK);
    assert_true(gb_str_is(package.version, "5.1.8-6.el9")); // no epoch: none is written
    assert_true(gb_str_is(package.source, "bash"));
    assert_int_equal(package.module.len, 0);
    assert_int_equal(
        gb_rpm_package_read(plain_header("gpg-pubkey", "1", NULL), arena, &package, &err),
        GB_E_NOT_FOUND);
}

// ---- data bases

static void write_sqlite(const char *path, const struct gb_str *headers, size_t count)
{
    char full[512];
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    temporary_root_dirs(&root, path);
    snprintf(full, sizeof full, "%s%s", root.path, path);
    assert_int_equal(sqlite3_open(full, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY "
                                  "AUTOINCREMENT, blob BLOB NOT NULL)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "INSERT INTO Packages(blob) VALUES (?)", -1, &statement, NULL),
        SQLITE_OK);
    for (size_t i = 0; i < count; i++) {
        sqlite3_bind_blob(statement, 1, headers[i].at, (int)headers[i].len, SQLITE_STATIC);
        assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

static void write_ndb(const char *path, const struct gb_str *headers, uint32_t count)
{
    static unsigned char file[4096 * 8];
    uint32_t block = 4096 / 16;
    memset(file, 0, sizeof file);
    memcpy(file, "RpmP", 4);
    put_little(file + 12, 1);
    put_little(file + 16, count + 1);
    for (uint32_t i = 2; i < 256; i++)
        memcpy(file + (size_t)16 * i, "Slot", 4);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t length = (uint32_t)headers[i].len, blocks = (16 + length + 12 + 15) / 16;
        unsigned char *slot = file + (size_t)16 * (i + 2), *record = file + (size_t)16 * block;
        put_little(slot + 4, i + 1);
        put_little(slot + 8, block);
        put_little(slot + 12, blocks);
        memcpy(record, "BlbS", 4);
        put_little(record + 4, i + 1);
        put_little(record + 12, length);
        memcpy(record + 16, headers[i].at, length);
        unsigned char *tail = record + (size_t)16 * blocks - 12;
        put_little(tail + 4, length);
        memcpy(tail + 8, "BlbE", 4);
        block += blocks;
        assert_true((size_t)16 * block <= sizeof file);
    }
    temporary_root_bytes(&root, path, (struct gb_str){(char *)file, (size_t)16 * block});
}

enum { BDB_PAGE = 512 };

static void put_number(unsigned char *at, uint32_t value, bool swapped)
{
    if (swapped)
        put_big(at, value);
    else
        put_little(at, value);
}

static void put_number16(unsigned char *at, uint32_t value, bool swapped)
{
    at[swapped] = (unsigned char)value;
    at[!swapped] = (unsigned char)(value >> 8);
}

// One hash page with a pair for each header; every header on a chain of overflow pages.
static void write_bdb(const char *path, const struct gb_str *headers, uint32_t count, bool swapped)
{
    static unsigned char file[BDB_PAGE * 64];
    memset(file, 0, sizeof file);
    unsigned char *page = file + BDB_PAGE;
    uint32_t next = 2, end = BDB_PAGE;
    page[25] = 13;
    put_number16(page + 20, 2 * (count + 1), swapped);
    for (uint32_t i = 0; i <= count; i++) {
        end -= 5;
        put_number16(page + 26 + (size_t)4 * i, end, swapped);
        page[end] = 1;
        put_number(page + end + 1, i, swapped);
        end -= i ? 12 : 5;
        put_number16(page + 26 + (size_t)4 * i + 2, end, swapped);
        page[end] = i ? 3 : 1; // key 0: the next number
        if (!i)
            continue;
        put_number(page + end + 4, next, swapped);
        put_number(page + end + 8, (uint32_t)headers[i - 1].len, swapped);
        for (size_t done = 0; done < headers[i - 1].len; next++) {
            size_t left = headers[i - 1].len - done, room = BDB_PAGE - 26;
            size_t take = left < room ? left : room;
            unsigned char *overflow = file + (size_t)BDB_PAGE * next;
            assert_true(next < 64);
            overflow[25] = 7;
            put_number16(overflow + 22, (uint32_t)take, swapped);
            put_number(overflow + 16, left > room ? next + 1 : 0, swapped);
            memcpy(overflow + 26, headers[i - 1].at + done, take);
            done += take;
        }
    }
    put_number(file + 12, 0x061561, swapped);
    put_number(file + 16, 9, swapped);
    put_number(file + 20, BDB_PAGE, swapped);
    file[25] = 8;
    put_number(file + 32, next - 1, swapped);
    temporary_root_bytes(&root, path, (struct gb_str){(char *)file, (size_t)BDB_PAGE * next});
}

static void check_three(void)
{
    const struct gb_os_packages *all = NULL;
    assert_int_equal(gb_os_packages_load(&collector, &all, NULL), GB_OK);
    if (all->presence != GB_PACKAGES_READ)
        fail_msg(GB_PRI, GB_ARG(all->reason));
    assert_int_equal(all->problem.len, 0);
    assert_int_equal(all->count, 4);
    assert_int_equal(all->manager, GB_MANAGER_RPM);
    assert_true(gb_str_is(all->items[0]->name, "bash"));
    assert_true(gb_str_is(all->items[1]->version, "5.14.0-6.el9")); // two kernels
    assert_true(gb_str_is(all->items[2]->version, "5.15.0-6.el9"));
    assert_true(gb_str_is(all->items[3]->module, "nodejs:18"));
    assert_int_equal(gb_package_installed(&collector, "bash"), GB_INSTALLED_YES);
    assert_int_equal(gb_package_installed(&collector, "auditd"), GB_INSTALLED_NO);
    assert_int_equal(gb_package_installed(&collector, "apt"), GB_INSTALLED_NO);
    assert_int_equal(gb_package_installed(&collector, "libfoo0"), GB_INSTALLED_UNKNOWN);
    assert_true(gb_str_is(gb_package_owner(&collector, GB_STR("/usr/bin/bash")), "bash"));
    assert_true(
        gb_str_is(gb_package_owner(&collector, GB_STR("/usr/lib64/libnode.so")), "nodejs-libs"));
    assert_true(gb_str_is(gb_package_owner(&collector, GB_STR("/etc/npmrc")), "nodejs-libs"));
    assert_int_equal(gb_package_owner(&collector, GB_STR("/usr/bin/other")).len, 0);
}

static struct gb_str *five_headers(void)
{
    static struct gb_str headers[5];
    headers[0] = plain_header("kernel", "5.15.0", NULL);
    headers[1] = plain_header("gpg-pubkey", "1", NULL);
    headers[2] = rich_header();
    headers[3] = plain_header("bash", "5.1.8", "bash");
    headers[4] = plain_header("kernel", "5.14.0", NULL);
    return headers;
}

static void reads_sqlite(void **state)
{
    (void)state;
    write_sqlite("/var/lib/rpm/rpmdb.sqlite", five_headers(), 5);
    check_three();
}

static void reads_ndb(void **state)
{
    (void)state;
    write_ndb("/usr/lib/sysimage/rpm/Packages.db", five_headers(), 5);
    check_three();
}

static void reads_berkeley_db(void **state)
{
    (void)state;
    write_bdb("/var/lib/rpm/Packages", five_headers(), 5, false);
    check_three();
}

static void reads_berkeley_db_of_the_other_order(void **state)
{
    (void)state;
    write_bdb("/var/lib/rpm/Packages", five_headers(), 5, true);
    check_three();
}

static void an_empty_data_base_does_not_hide_a_full_one(void **state)
{
    (void)state;
    write_sqlite("/usr/lib/sysimage/rpm/rpmdb.sqlite", NULL, 0);
    write_bdb("/var/lib/rpm/Packages", five_headers(), 5, false);
    check_three();
}

static void damage_is_told(void **state)
{
    (void)state;
    struct gb_str *headers = five_headers();
    headers[3] = GB_STR("no header, but long enough to be one");
    write_ndb("/var/lib/rpm/Packages.db", headers, 5);
    const struct gb_os_packages *all = NULL;
    assert_int_equal(gb_os_packages_load(&collector, &all, NULL), GB_OK);
    assert_int_equal(all->presence, GB_PACKAGES_READ);
    assert_int_equal(all->count, 3);
    assert_true(gb_str_contains(all->problem, GB_STR("1 records could not be read")));
    assert_false(gb_package_owners_known(&collector, NULL));
    assert_int_equal(gb_package_installed(&collector, "auditd"), GB_INSTALLED_UNKNOWN);
}

static void a_schema_that_lies_is_refused(void **state)
{
    (void)state;
    char full[512];
    sqlite3 *db = NULL;
    temporary_root_dirs(&root, "/var/lib/rpm/");
    snprintf(full, sizeof full, "%s/var/lib/rpm/rpmdb.sqlite", root.path);
    assert_int_equal(sqlite3_open(full, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "CREATE TABLE t(a); CREATE VIEW Packages AS WITH RECURSIVE "
                                  "c(hnum) AS (SELECT 1 UNION ALL SELECT hnum + 1 FROM c) "
                                  "SELECT hnum, zeroblob(1000) AS blob FROM c",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    const struct gb_os_packages *all = NULL;
    assert_int_equal(gb_os_packages_load(&collector, &all, NULL), GB_OK);
    assert_int_equal(all->presence, GB_PACKAGES_UNREADABLE);
    assert_int_equal(gb_package_installed(&collector, "bash"), GB_INSTALLED_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_headers, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_header, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(reads_packages, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(reads_sqlite, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(reads_ndb, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(reads_berkeley_db, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(reads_berkeley_db_of_the_other_order, setup,
                                        collected_root_end),
        cmocka_unit_test_setup_teardown(an_empty_data_base_does_not_hide_a_full_one, setup,
                                        collected_root_end),
        cmocka_unit_test_setup_teardown(damage_is_told, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(a_schema_that_lies_is_refused, setup, collected_root_end),
    };
    return cmocka_run_group_tests_name("source/package/rpm", tests, NULL, NULL);
}
