// The kernel's build configuration: see kernel_config.h.
#include "source/host/kernel_config.h"

#include "source/host/facts.h"

#define ZLIB_CONST
#include <zlib.h>

enum {
    CONFIG_MAX_BYTES = 2 << 20, // unpacked; today's are about 300 KiB
    MAX_OPTIONS = 20000,
};

int gb_gunzip(struct gb_str packed, size_t max_bytes, struct gb_arena *arena, struct gb_str *ret)
{
    z_stream stream = {0};
    if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) // 16: a gzip header, nothing else
        return GB_E_MEMORY;
    size_t capacity = packed.len < max_bytes / 8 ? packed.len * 8 + 1024 : max_bytes;
    size_t len = 0;
    char *out = gb_alloc(arena, capacity + 1);
    stream.next_in = (const Bytef *)packed.at;
    stream.avail_in = packed.len > UINT32_MAX ? UINT32_MAX : (uInt)packed.len;
    int code = out ? GB_OK : GB_E_MEMORY;
    while (!code) {
        stream.next_out = (Bytef *)out + len;
        stream.avail_out = (uInt)(capacity - len);
        int step = inflate(&stream, Z_NO_FLUSH);
        len = capacity - stream.avail_out;
        if (step == Z_STREAM_END)
            break;
        if (step != Z_OK || stream.avail_out > 0) {
            code = GB_E_SYNTAX; // damaged, or its end is missing
        } else if (capacity >= max_bytes) {
            code = GB_E_LIMIT;
        } else {
            size_t wider = capacity * 2 < max_bytes ? capacity * 2 : max_bytes;
            char *grown = gb_grow_array(arena, out, capacity + 1, wider + 1, 1);
            if (!grown) {
                code = GB_E_MEMORY;
                break;
            }
            out = grown;
            capacity = wider;
        }
    }
    inflateEnd(&stream);
    if (!code)
        *ret = (struct gb_str){out, len};
    return code;
}

// "CONFIG_X=y" or "# CONFIG_X is not set"; false for other lines.
static bool read_line(struct gb_str line, struct gb_str *name, struct gb_str *value)
{
    static const struct gb_str prefix = GB_STR_INIT("CONFIG_");
    static const struct gb_str unset = GB_STR_INIT("# CONFIG_");
    static const struct gb_str unset_end = GB_STR_INIT(" is not set");
    line = gb_str_trim(line);
    if (gb_str_starts(line, unset) && gb_str_ends(line, unset_end) &&
        line.len > unset.len + unset_end.len) {
        *name = gb_str_sub(line, unset.len, line.len - unset.len - unset_end.len);
        *value = GB_STR("n");
        return true;
    }
    ptrdiff_t equals = gb_str_find_char(line, '=');
    if (!gb_str_starts(line, prefix) || equals <= (ptrdiff_t)prefix.len)
        return false;
    *name = gb_str_sub(line, prefix.len, (size_t)equals - prefix.len);
    *value = gb_str_from(line, (size_t)equals + 1);
    if (value->len >= 2 && value->at[0] == '"' && value->at[value->len - 1] == '"')
        *value = gb_str_sub(*value, 1, value->len - 2);
    return true;
}

int gb_kernel_config_parse(struct gb_kernel_config *config, struct gb_str text,
                           struct gb_arena *arena)
{
    struct gb_str line, name, value;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        if (!read_line(line, &name, &value) || config->options.count >= MAX_OPTIONS)
            continue;
        struct gb_kernel_option *option = gb_alloc(arena, sizeof *option);
        if (!option)
            return GB_E_MEMORY;
        *option = (struct gb_kernel_option){value, number};
        if (gb_map_set(&config->options, name, option))
            return GB_E_MEMORY;
    }
    return GB_OK;
}

static int read_text(struct gb_collector *collector, struct gb_kernel_config *config,
                     struct gb_str *ret)
{
    static const char built_in[] = "/proc/config.gz";
    struct gb_str packed;
    config->path = GB_STR(built_in);
    int code =
        gb_host_read(collector->host, built_in, CONFIG_MAX_BYTES, collector->arena, &packed, NULL);
    if (!code)
        return gb_gunzip(packed, CONFIG_MAX_BYTES, collector->arena, ret);
    struct gb_kernel_name name;
    if (gb_host_uname(collector->host, &name, NULL) || strchr(name.release, '/'))
        return code;
    struct gb_str path = gb_str_format(collector->arena, "/boot/config-%s", name.release);
    if (!path.at)
        return GB_E_MEMORY;
    config->path = path;
    return gb_host_read(collector->host, path.at, CONFIG_MAX_BYTES, collector->arena, ret, NULL);
}

int gb_kernel_config_load(struct gb_collector *collector, const struct gb_kernel_config **ret)
{
    static const struct gb_str shared = GB_STR_INIT("kernel_config");
    *ret = gb_collector_shared(collector, shared);
    if (*ret)
        return GB_OK;
    struct gb_kernel_config *config = gb_alloc(collector->arena, sizeof *config);
    if (!config)
        return GB_E_MEMORY;
    config->options = gb_map(collector->arena);
    struct gb_str text;
    int code = read_text(collector, config, &text);
    if (!code)
        code = gb_kernel_config_parse(config, text, collector->arena);
    if (code == GB_E_MEMORY)
        return code;
    config->known = code == GB_OK;
    if (code == GB_E_NOT_FOUND)
        config->reason = GB_STR("the kernel's configuration is not to be had "
                                "(no /proc/config.gz, no /boot/config-RELEASE)");
    else if (code)
        config->reason = gb_unread_reason(collector, config->path.at, code);
    *ret = config;
    return gb_collector_share(collector, shared, config);
}

const struct gb_kernel_option *gb_kernel_config_get(const struct gb_kernel_config *config,
                                                    struct gb_str name)
{
    return gb_map_get(&config->options, name);
}

bool gb_kernel_config_is(const struct gb_kernel_config *config, const char *name, char value)
{
    const struct gb_kernel_option *option = gb_kernel_config_get(config, gb_str_of(name));
    return option && option->value.len == 1 && option->value.at[0] == value;
}
