// modprobe.d(5): see modprobe.h.
#include "source/host/modprobe.h"

enum { MAX_RULES = 100000 };

static int add(struct gb_modprobe_rules *rules, struct gb_modprobe_rule rule,
               struct gb_arena *arena)
{
    if (rules->count == MAX_RULES)
        return GB_OK;
    if (rules->count == rules->capacity) {
        size_t wider = rules->capacity ? rules->capacity * 2 : 16;
        void *grown =
            gb_grow_array(arena, rules->items, rules->capacity, wider, sizeof *rules->items);
        if (!grown)
            return GB_E_MEMORY;
        rules->items = grown;
        rules->capacity = wider;
    }
    rules->items[rules->count++] = rule;
    return GB_OK;
}

static bool continues(struct gb_str line)
{
    return line.len && line.at[line.len - 1] == '\\';
}

// The logical line that begins with `line`: pieces joined without their backslashes.
static struct gb_str join(struct gb_arena *arena, struct gb_str line, struct gb_str *rest,
                          uint32_t *number)
{
    struct gb_str ahead = *rest, piece = line;
    size_t len = line.len;
    while (continues(piece) && gb_str_next(&ahead, '\n', &piece))
        len += piece.len;
    char *out = gb_alloc(arena, len + 1);
    size_t at = 0;
    piece = line;
    while (out) {
        size_t keep = piece.len - (continues(piece) ? 1 : 0);
        memcpy(out + at, piece.at, keep);
        at += keep;
        if (!continues(piece) || !gb_str_next(rest, '\n', &piece))
            break;
        ++*number;
    }
    return (struct gb_str){out, at};
}

int gb_modprobe_parse(struct gb_modprobe_rules *rules, struct gb_str text, struct gb_str file,
                      struct gb_arena *arena)
{
    struct gb_str line, word, module;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        uint32_t first = number;
        if (continues(line)) {
            line = join(arena, line, &text, &number);
            if (!line.at)
                return GB_E_MEMORY;
        }
        line = gb_str_trim(line);
        if (!line.len || line.at[0] == '#' || !gb_str_next_word(&line, &word) ||
            !gb_str_next_word(&line, &module))
            continue;
        enum gb_modprobe_command command = gb_str_is(word, "blacklist") ? GB_MODPROBE_BLACKLIST
                                           : gb_str_is(word, "install") ? GB_MODPROBE_INSTALL
                                                                        : GB_MODPROBE_OTHER;
        struct gb_modprobe_rule rule = {command, module, gb_str_trim(line), file, first};
        if (add(rules, rule, arena))
            return GB_E_MEMORY;
    }
    return GB_OK;
}

bool gb_modprobe_refuses(struct gb_str command)
{
    struct gb_str program;
    if (!gb_str_next_word(&command, &program))
        return false;
    struct gb_str base = gb_str_from(program, (size_t)(gb_str_rfind_char(program, '/') + 1));
    if (gb_str_is(base, "false") || gb_str_is(base, "true") || gb_str_is(base, "nologin"))
        // "/bin/true; modprobe x" goes on to load it.
        return gb_str_find_char(command, ';') < 0 && gb_str_find_char(command, '|') < 0 &&
               gb_str_find_char(command, '&') < 0 && !gb_str_ends(program, GB_STR(";"));
    return gb_str_is(program, ":") || gb_str_is(program, "exit");
}

bool gb_module_name_equal(struct gb_str a, struct gb_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        char left = a.at[i] == '-' ? '_' : a.at[i], right = b.at[i] == '-' ? '_' : b.at[i];
        if (left != right)
            return false;
    }
    return true;
}
