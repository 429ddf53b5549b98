// sshd_config: any text is read into directives whose lines are within the text, and evaluated for
// nobody and for a connection without losing a byte's bound.
#include "source/host/sshd_access.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned versions[] = {702, 806, 902, 1000};
    struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    if (!arena || size == 0) {
        gb_arena_free(&arena);
        return 0;
    }
    struct gb_str text = {(const char *)data + 1, size - 1}, line;
    struct gb_sshd_config *config = gb_sshd_config_new(arena, versions[data[0] % 4]);
    struct gb_sshd_setting *settings =
        gb_alloc_array(arena, gb_sshd_keyword_count, sizeof *settings);
    uint32_t number = 0;
    while (gb_str_next(&text, '\n', &line))
        if (gb_sshd_config_option(config, line, GB_STR("fuzz"), ++number))
            break;
    struct gb_str groups[] = {GB_STR_INIT("wheel")};
    struct gb_sshd_connection connection = {
        .user = GB_STR("root"), .address = GB_STR("10.0.0.1"), .groups = groups, .group_count = 1};
    struct gb_sshd_loosened *loosened;
    size_t count;
    if (gb_sshd_evaluate(config, &connection, arena, settings) == GB_OK) {
        (void)gb_sshd_password_suffices(settings);
        (void)gb_sshd_methods_possible(settings);
        (void)gb_sshd_user_allowed(settings, GB_STR("root"), groups, 1);
    }
    if (gb_sshd_evaluate(config, NULL, arena, settings) == GB_OK &&
        gb_sshd_find_loosened(config, settings, arena, &loosened, &count) == GB_OK)
        for (size_t i = 0; i < config->count; i++)
            if (config->directives[i].line == 0 || config->directives[i].line > number)
                abort();
    gb_arena_free(&arena);
    return 0;
}
