// Unit files and everything that is read out of them: assignments, command lines, environment,
// conditions, hardening settings.
#include "source/host/secret_name.h"
#include "source/host/unit_files.h"
#include "source/host/unit_sandbox.h"
#include "source/host/unit_text.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_values(struct gb_arena *arena, const struct gb_ini_entry *entry)
{
    struct gb_str rest = entry->value, word;
    struct gb_unit_command command;
    // Values stand inside of the text, without blanks at their ends.
    assert(!entry->value.len || (entry->value.at[0] != ' ' && entry->value.at[0] != '\t'));
    assert(entry->line > 0 && entry->key.len + entry->value.len <= (4u << 20));
    while (gb_unit_next_word(arena, &rest, &word)) {
        (void)gb_secret_name(word);
        (void)gb_secret_literal(word);
    }
    (void)gb_unit_command(arena, entry->value, &command);
    (void)gb_unit_address(entry->value);
    (void)gb_unit_template_name(arena, entry->value);
    (void)gb_unit_name_valid(entry->value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    struct gb_ini ini = gb_ini(arena);
    int code = gb_ini_parse(&ini, (struct gb_str){(const char *)data, size}, GB_STR("x.service"));
    assert(code == GB_OK || code == GB_E_MEMORY);
    for (size_t i = 0; i < ini.count; i++)
        read_values(arena, &ini.entries[i]);
    struct gb_sandbox sandbox;
    gb_sandbox_read(&ini, "Service", &sandbox);
    assert(sandbox.exposure >= 0.0 && sandbox.exposure <= 10.0);
    gb_arena_free(&arena);
    return 0;
}
