// Streams apt's package lists; used by candidates.c.
#include "source/package/package_list.h"

#include "source/package/lz4.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    INPUT_BYTES = 128 << 10,
    PIECE_BYTES = 256 << 10, // small enough to stay in the processor's cache
    STANZA_MAX_BYTES = 1 << 20,
};

struct gb_package_list {
    int fd;
    bool packed, ended;
    struct gb_lz4 frame;
    char *input; // packed bytes
    size_t input_at, input_end, input_size;
    unsigned char *text; // history, the rest of the last piece, what is new
    size_t start, end, size;
};

void gb_package_list_close(struct gb_package_list **handle)
{
    struct gb_package_list *list = *handle;
    if (!list)
        return;
    close(list->fd);
    free(list->input);
    free(list->text);
    free(list);
    *handle = NULL;
}

// Up to `room` more bytes of the file at `into`; 0 at its end.
static int read_some(struct gb_package_list *list, void *into, size_t room, size_t *got,
                     struct gb_error *err)
{
    ssize_t n;
    do
        n = read(list->fd, into, room);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return gb_error_errno(err, errno, "cannot read");
    *got = (size_t)n;
    return GB_OK;
}

static int fill_input(struct gb_package_list *list, size_t *got, struct gb_error *err)
{
    if (list->input_at) {
        memmove(list->input, list->input + list->input_at, list->input_end - list->input_at);
        list->input_end -= list->input_at;
        list->input_at = 0;
    }
    int code = read_some(list, list->input + list->input_end, list->input_size - list->input_end,
                         got, err);
    if (!code)
        list->input_end += *got;
    return code;
}

static bool grow(void **memory, size_t *size, size_t wanted)
{
    if (wanted <= *size)
        return true;
    void *larger = realloc(*memory, wanted);
    if (!larger)
        return false;
    *memory = larger;
    *size = wanted;
    return true;
}

static int open_packed(struct gb_package_list *list, struct gb_error *err)
{
    size_t got = 0, used = 0;
    void *input = NULL;
    if (!grow(&input, &list->input_size, INPUT_BYTES))
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    list->input = input;
    do {
        int code = fill_input(list, &got, err);
        if (code)
            return code;
    } while (got && list->input_end < GB_LZ4_HEADER_MAX);
    int code = gb_lz4_open(&list->frame, (struct gb_str){list->input, list->input_end}, &used, err);
    if (code)
        return code;
    list->input_at = used;
    if (!grow(&input, &list->input_size, list->frame.block_max + 16))
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    list->input = input;
    return GB_OK;
}

static const char *unsupported_packing(struct gb_str path)
{
    static const char *const ends[] = {".gz", ".xz", ".zst", ".bz2", ".lzma"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (gb_str_ends(path, gb_str_of(ends[i])))
            return ends[i] + 1;
    return NULL;
}

int gb_package_list_open(const struct gb_host *host, const char *path, struct gb_package_list **ret,
                         struct gb_error *err)
{
    const char *packing = unsupported_packing(gb_str_of(path));
    if (packing)
        return gb_error_at(err, GB_E_UNSUPPORTED, path, 0, 0, "compressed with %s", packing);
    int fd = gb_host_open_fd(host, path, O_RDONLY, err);
    if (fd < 0)
        return fd;
    struct stat st;
    struct gb_package_list *list = NULL;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return gb_error_at(err, GB_E_UNSUPPORTED, path, 0, 0, "no regular file");
    }
    list = calloc(1, sizeof *list);
    if (!list) {
        close(fd);
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    }
    list->fd = fd;
    list->packed = gb_str_ends(gb_str_of(path), GB_STR(".lz4"));
    int code = list->packed ? open_packed(list, err) : GB_OK;
    if (code) {
        gb_package_list_close(&list);
        return gb_error_subject(err, path);
    }
    *ret = list;
    return GB_OK;
}

// Makes room for `room` bytes behind the text that was not given out yet, keeping the history that
// the next block may refer to.
static int make_room(struct gb_package_list *list, size_t room, struct gb_error *err)
{
    size_t keep_from = list->start;
    if (list->packed && list->end - keep_from < GB_LZ4_HISTORY)
        keep_from = list->end < GB_LZ4_HISTORY ? 0 : list->end - GB_LZ4_HISTORY;
    if (list->end + room > list->size && keep_from) {
        memmove(list->text, list->text + keep_from, list->end - keep_from);
        list->start -= keep_from;
        list->end -= keep_from;
    }
    if (list->end - list->start > STANZA_MAX_BYTES)
        return gb_error_set(err, GB_E_LIMIT, "a stanza of more than a megabyte");
    size_t wanted = list->end + room;
    size_t least = GB_LZ4_HISTORY + PIECE_BYTES + room;
    void *text = list->text;
    if (!grow(&text, &list->size, wanted > list->size && wanted < least ? least : wanted))
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    list->text = text;
    return GB_OK;
}

static int add_block(struct gb_package_list *list, struct gb_error *err)
{
    int code = make_room(list, list->frame.block_max, err);
    while (!code) {
        size_t used = 0, made = 0, got = 0;
        struct gb_str input = {list->input + list->input_at, list->input_end - list->input_at};
        int result =
            gb_lz4_block(&list->frame, input, &used, list->text + list->end, list->end, &made, err);
        if (result < 0)
            return result;
        if (result != GB_LZ4_MORE) {
            list->input_at += used;
            list->end += made;
            list->ended = result == GB_LZ4_END;
            return GB_OK;
        }
        code = fill_input(list, &got, err);
        if (!code && !got)
            return gb_error_set(err, GB_E_SYNTAX, "cut short");
    }
    return code;
}

static int add_plain(struct gb_package_list *list, struct gb_error *err)
{
    int code = make_room(list, PIECE_BYTES, err);
    if (code)
        return code;
    size_t got = 0;
    code = read_some(list, list->text + list->end, PIECE_BYTES, &got, err);
    list->end += got;
    list->ended = got == 0;
    return code;
}

int gb_package_list_next(struct gb_package_list *list, struct gb_str *piece, struct gb_error *err)
{
    for (;;) {
        // Enough for a piece, and it ends with an empty line?
        if (list->ended || list->end - list->start >= PIECE_BYTES) {
            size_t end = list->end;
            if (!list->ended) {
                while (end > list->start + 1 &&
                       !(list->text[end - 1] == '\n' && list->text[end - 2] == '\n'))
                    end--;
                if (end <= list->start + 1)
                    end = list->start;
            }
            if (end > list->start || list->ended) {
                *piece = (struct gb_str){(char *)list->text + list->start, end - list->start};
                list->start = end;
                return piece->len > 0;
            }
        }
        int code = list->packed ? add_block(list, err) : add_plain(list, err);
        if (code)
            return code;
    }
}
