// Reading contents; see content_reader.h.
#include "base/content_reader.h"

int64_t gb_content_read(const struct gb_content_reader *content, uint64_t offset, void *into,
                        size_t size)
{
    size_t done = 0;
    while (done < size && offset < content->size) {
        size_t wanted = size - done;
        if (wanted > content->size - offset)
            wanted = (size_t)(content->size - offset);
        int64_t got = content->read_at(content->context, offset, (char *)into + done, wanted);
        if (got < 0)
            return got;
        if (!got)
            break;
        done += (size_t)got;
        offset += (uint64_t)got;
    }
    return (int64_t)done;
}

bool gb_content_exactly(const struct gb_content_reader *content, uint64_t offset, void *into,
                        size_t size)
{
    return gb_content_read(content, offset, into, size) == (int64_t)size;
}

int gb_content_front(const struct gb_content_reader *content, size_t max_bytes,
                     struct gb_arena *arena, struct gb_str *ret, struct gb_error *err)
{
    size_t size = content->size < max_bytes ? (size_t)content->size : max_bytes;
    char *bytes = gb_alloc(arena, size + 1);
    if (!bytes)
        return gb_error_set(err, GB_E_MEMORY, "no memory for a file of %zu bytes", size);
    int64_t got = gb_content_read(content, 0, bytes, size);
    if (got < 0)
        return gb_error_set(err, (int)got, "cannot be read");
    bytes[got] = '\0';
    *ret = (struct gb_str){bytes, (size_t)got};
    return GB_OK;
}

// ---- memory

static int64_t read_memory(void *context, uint64_t offset, void *into, size_t size)
{
    const struct gb_memory_content *memory = context;
    if (offset >= memory->bytes.len)
        return 0;
    struct gb_str rest = gb_str_sub(memory->bytes, (size_t)offset, size);
    memcpy(into, rest.at, rest.len);
    return (int64_t)rest.len;
}

struct gb_content_reader gb_content_of_memory(struct gb_memory_content *memory, struct gb_str bytes)
{
    memory->bytes = bytes;
    return (struct gb_content_reader){.context = memory, .size = bytes.len, .read_at = read_memory};
}

// ---- parts

static int64_t read_part(void *context, uint64_t offset, void *into, size_t size)
{
    const struct gb_part_content *part = context;
    if (offset >= part->size)
        return 0;
    if (size > part->size - offset)
        size = (size_t)(part->size - offset);
    return part->whole->read_at(part->whole->context, part->start + offset, into, size);
}

struct gb_content_reader gb_content_of_part(struct gb_part_content *part,
                                            const struct gb_content_reader *whole, uint64_t start,
                                            uint64_t size)
{
    start = start < whole->size ? start : whole->size;
    size = size < whole->size - start ? size : whole->size - start;
    *part = (struct gb_part_content){.whole = whole, .start = start, .size = size};
    return (struct gb_content_reader){.context = part, .size = size, .read_at = read_part};
}
