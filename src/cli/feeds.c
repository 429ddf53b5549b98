// Opening the advisory data of a run.
#include "cli/feeds.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_SHARD = 512 << 20, MOST_SHARDS = 10000 };

struct gb_str gb_feeds_folder(const struct gb_invocation *invocation)
{
    struct gb_str given = gb_option_value(invocation, "feeds");
    if (given.at)
        return given;
    if (geteuid() == 0)
        return GB_STR("/var/lib/gabion/feeds");
    const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (xdg && xdg[0] == '/')
        return gb_str_format(invocation->arena, "%s/gabion/feeds", xdg);
    if (home && home[0] == '/')
        return gb_str_format(invocation->arena, "%s/.local/state/gabion/feeds", home);
    return (struct gb_str){0};
}

static void add_problem(struct gb_feeds *feeds, const char *file, const char *reason)
{
    if (feeds->problem_count == feeds->problem_capacity) {
        size_t wider = feeds->problem_capacity ? feeds->problem_capacity * 2 : 8;
        struct gb_str *problems = gb_grow_array(feeds->arena, feeds->problems,
                                                feeds->problem_capacity, wider, sizeof *problems);
        if (!problems)
            return;
        feeds->problems = problems;
        feeds->problem_capacity = wider;
    }
    feeds->problems[feeds->problem_count++] =
        gb_str_format(feeds->arena, "%s: %s: it is left out", file, reason);
}

static struct gb_str map_file(int folder, const char *name)
{
    struct gb_str bytes = {0};
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;
    if (fd < 0)
        return bytes;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
        st.st_size <= LARGEST_SHARD) {
        void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (at != MAP_FAILED)
            bytes = (struct gb_str){at, (size_t)st.st_size};
    }
    close(fd);
    return bytes;
}

static void add_shard(struct gb_feeds *feeds, int folder, const char *name)
{
    struct gb_error err = {0};
    struct gb_shard *shard;
    struct gb_str bytes = map_file(folder, name);
    char texts[300];
    if (feeds->count == MOST_SHARDS)
        return;
    if (gb_shard_open(bytes, feeds->arena, &shard, &err)) {
        char reason[600];
        gb_error_text(&err, reason, sizeof reason);
        add_problem(feeds, name, reason);
        return;
    }
    snprintf(texts, sizeof texts, "%.*s.texts", (int)(strlen(name) - strlen(".shard")), name);
    feeds->texts[feeds->count] = map_file(folder, texts);
    feeds->shards[feeds->count++] = shard;
}

int gb_feeds_open(struct gb_str folder, struct gb_arena *arena, struct gb_feeds *ret,
                  struct gb_error *err)
{
    *ret = (struct gb_feeds){.folder = folder, .arena = arena};
    ret->shards = gb_alloc_array(arena, MOST_SHARDS, sizeof(struct gb_shard *));
    ret->texts = gb_alloc_array(arena, MOST_SHARDS, sizeof *ret->texts);
    if (!ret->shards || !ret->texts)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the advisory data");
    DIR *entries = folder.at ? opendir(gb_str_c(arena, folder)) : NULL;
    struct dirent *entry;
    while (entries && (entry = readdir(entries)))
        if (gb_str_ends(gb_str_of(entry->d_name), GB_STR(".shard")))
            add_shard(ret, dirfd(entries), entry->d_name);
    if (entries)
        closedir(entries);
    return GB_OK;
}

void gb_feeds_close(struct gb_feeds *feeds)
{
    feeds->count = 0;
}
