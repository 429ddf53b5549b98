// Boot loader configurations: see boot_config.h.
#include "source/host/boot_config.h"

enum { MAX_PARAMETERS = 1024 };

static int add_parameter(struct gb_boot_config *config, struct gb_boot_parameter parameter,
                         struct gb_arena *arena)
{
    if (config->parameter_count == MAX_PARAMETERS)
        return GB_OK;
    if (config->parameter_count == config->parameter_capacity) {
        size_t wider = config->parameter_capacity ? config->parameter_capacity * 2 : 16;
        void *grown = gb_grow_array(arena, config->parameters, config->parameter_capacity, wider,
                                    sizeof *config->parameters);
        if (!grown)
            return GB_E_MEMORY;
        config->parameters = grown;
        config->parameter_capacity = wider;
    }
    config->parameters[config->parameter_count++] = parameter;
    return GB_OK;
}

static int add_words(struct gb_boot_config *config, struct gb_str words, struct gb_str file,
                     uint32_t line, struct gb_arena *arena)
{
    struct gb_str word;
    while (gb_str_next_word(&words, &word))
        // Variables of the boot loader's shell are not known here.
        if (gb_str_find_char(word, '$') < 0 &&
            add_parameter(config, (struct gb_boot_parameter){word, file, line}, arena))
            return GB_E_MEMORY;
    return GB_OK;
}

static bool is_kernel_command(struct gb_str word)
{
    return gb_str_is(word, "linux") || gb_str_is(word, "linux16") || gb_str_is(word, "linuxefi");
}

int gb_grub_cfg_parse(struct gb_boot_config *config, struct gb_str text, struct gb_str file,
                      struct gb_arena *arena)
{
    struct gb_str line, word, value;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        if (!gb_str_next_word(&line, &word) || word.at[0] == '#')
            continue;
        if (gb_str_is(word, "set") && gb_str_next_word(&line, &value) &&
            gb_str_starts(value, GB_STR("superusers="))) {
            value = gb_str_from(value, strlen("superusers="));
            bool nobody = !value.len || gb_str_is(value, "\"\"") || gb_str_is(value, "''");
            config->superusers_line = nobody ? 0 : number;
        } else if (gb_str_is(word, "password_pbkdf2")) {
            config->password_line = number;
        } else if (gb_str_is(word, "password")) {
            config->plain_line = number;
        } else if (is_kernel_command(word) && !config->has_entry) {
            config->has_entry = true;
            if (gb_str_next_word(&line, &value) && add_words(config, line, file, number, arena))
                return GB_E_MEMORY;
        }
    }
    return GB_OK;
}

int gb_systemd_boot_parse(struct gb_boot_config *config, struct gb_str text, struct gb_str file,
                          struct gb_arena *arena)
{
    struct gb_str line, word, value;
    bool options = !config->has_entry;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        if (!gb_str_next_word(&line, &word) || word.at[0] == '#')
            continue;
        if (gb_str_is(word, "editor") && gb_str_next_word(&line, &value)) {
            config->editor_line = number;
            config->editor_off = gb_str_is(value, "no") || gb_str_is(value, "0") ||
                                 gb_str_is(value, "false") || gb_str_is(value, "off");
        } else if (gb_str_is(word, "options") && options) {
            config->has_entry = true;
            if (add_words(config, line, file, number, arena))
                return GB_E_MEMORY;
        }
    }
    return GB_OK;
}

int gb_extlinux_parse(struct gb_boot_config *config, struct gb_str text, struct gb_str file,
                      struct gb_arena *arena)
{
    struct gb_str line, word, second, third;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        if (!gb_str_next_word(&line, &word) || word.at[0] == '#')
            continue;
        if (gb_str_eq_nocase(word, GB_STR("append")) && !config->has_entry) {
            config->has_entry = true;
            if (add_words(config, line, file, number, arena))
                return GB_E_MEMORY;
        } else if (gb_str_eq_nocase(word, GB_STR("menu")) && gb_str_next_word(&line, &second) &&
                   gb_str_next_word(&line, &third) && gb_str_eq_nocase(second, GB_STR("master")) &&
                   gb_str_eq_nocase(third, GB_STR("passwd"))) {
            // Hashes begin with $; anything else is the password itself.
            line = gb_str_trim(line);
            if (line.len && line.at[0] == '$')
                config->password_line = number;
            else if (line.len)
                config->plain_line = number;
        }
    }
    return GB_OK;
}

// Takes back what a line assigned, of the parameters from `first` on.
static void forget_line(struct gb_boot_config *config, size_t first, uint32_t mark)
{
    size_t kept = first;
    for (size_t i = first; i < config->parameter_count; i++)
        if (config->parameters[i].line != mark)
            config->parameters[kept++] = config->parameters[i];
    config->parameter_count = kept;
}

int gb_grub_default_parse(struct gb_boot_config *config, struct gb_str text, struct gb_str file,
                          struct gb_arena *arena)
{
    // The line of the latest assignment of each variable; 0 = none in this text.
    static const char *const names[] = {"GRUB_CMDLINE_LINUX=", "GRUB_CMDLINE_LINUX_DEFAULT="};
    uint32_t lines[2] = {0, 0};
    size_t first = config->parameter_count;
    struct gb_str line;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        line = gb_str_trim(line);
        for (size_t i = 0; i < 2; i++) {
            if (!gb_str_starts(line, gb_str_of(names[i])))
                continue;
            struct gb_str value = gb_str_from(line, strlen(names[i]));
            if (value.len && (value.at[0] == '"' || value.at[0] == '\'')) {
                ptrdiff_t end = gb_str_find_char(gb_str_from(value, 1), value.at[0]);
                value = end < 0 ? gb_str_from(value, 1) : gb_str_sub(value, 1, (size_t)end);
            }
            // A value that refers to the variable itself adds to it.
            if (lines[i] && !gb_str_contains(value, GB_STR("$GRUB_CMDLINE")) &&
                !gb_str_contains(value, GB_STR("${GRUB_CMDLINE")))
                forget_line(config, first, lines[i]);
            lines[i] = number;
            if (add_words(config, value, file, number, arena))
                return GB_E_MEMORY;
        }
    }
    return GB_OK;
}
