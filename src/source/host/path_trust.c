// Follows a path component by component and finds who could change it: see path_trust.h.
#include "source/host/path_trust.h"

#include <sys/stat.h>

enum { MOST_LINKS = 40, LONGEST_PATH = 4096 };

// What a look at one path gave.
struct seen {
    struct gb_file_info info;
    int code;
};

// A path that is walked: `done` is resolved, `rest` is still to come.
struct walk {
    struct gb_path_judge *judge;
    uint32_t trusted_uid;
    char done[LONGEST_PATH]; // "" is the root directory
    size_t done_len;
    struct gb_str rest;
    unsigned links;
    struct gb_path_trust *result;
};

static int look(struct gb_path_judge *judge, const char *path, struct seen **ret)
{
    *ret = gb_map_get(&judge->seen, gb_str_of(path));
    if (*ret)
        return GB_OK;
    struct seen *seen = gb_alloc(judge->arena, sizeof *seen);
    struct gb_str key = gb_str_copy(judge->arena, gb_str_of(path));
    if (!seen || !key.at)
        return GB_E_MEMORY;
    seen->code = gb_host_stat(judge->host, path, false, &seen->info, NULL);
    *ret = seen;
    return gb_map_set(&judge->seen, key, seen);
}

static bool trusted(const struct walk *walk, uint32_t uid)
{
    return uid == 0 || uid == walk->trusted_uid;
}

static void blame(struct walk *walk, const char *path, struct gb_str who)
{
    if (walk->result->weak.len)
        return; // the first one is told
    walk->result->weak = gb_str_copy(walk->judge->arena, gb_str_of(*path ? path : "/"));
    walk->result->who = who;
}

// Who may write to it by its owner and mode; "" = nobody but the trusted.
static struct gb_str writer(const struct walk *walk, const struct gb_file_info *info)
{
    struct gb_arena *arena = walk->judge->arena;
    const struct gb_accounts *accounts = walk->judge->accounts;
    if (info->mode & S_IWOTH)
        return GB_STR("everybody");
    if (!trusted(walk, info->uid)) {
        struct gb_str name = gb_accounts_owner(accounts, info->uid, arena);
        return gb_str_format(arena, "user " GB_PRI, GB_ARG(name));
    }
    if (info->mode & S_IWGRP &&
        gb_accounts_group_has_others(accounts, info->gid, walk->trusted_uid)) {
        struct gb_str name = gb_accounts_owner_group(accounts, info->gid, arena);
        return gb_str_format(arena, "group " GB_PRI, GB_ARG(name));
    }
    return (struct gb_str){0};
}

// Can others put something else in the place of `entry` (NULL: nothing is there yet) of this
// directory?
static void judge_place(struct walk *walk, const struct gb_file_info *directory,
                        const struct gb_file_info *entry)
{
    bool sticky = directory->mode & S_ISVTX;
    if (sticky && entry && trusted(walk, entry->uid) && trusted(walk, directory->uid))
        return;
    struct gb_str who = writer(walk, directory);
    if (who.len)
        blame(walk, walk->done, who);
}

// Puts the target of a link in front of what is still to come.
static int follow_link(struct walk *walk, const char *path)
{
    struct gb_path_judge *judge = walk->judge;
    struct gb_str target;
    int code = ++walk->links > MOST_LINKS
                   ? GB_E_LIMIT
                   : gb_host_readlink(judge->host, path, judge->arena, &target, NULL);
    if (code)
        return code;
    if (target.len && target.at[0] == '/')
        walk->done_len = 0;
    walk->done[walk->done_len] = '\0';
    walk->rest = gb_str_format(judge->arena, GB_PRI "/" GB_PRI, GB_ARG(target), GB_ARG(walk->rest));
    return walk->rest.at ? GB_OK : GB_E_MEMORY;
}

static void go_up(struct walk *walk)
{
    ptrdiff_t slash = gb_str_rfind_char((struct gb_str){walk->done, walk->done_len}, '/');
    walk->done_len = slash > 0 ? (size_t)slash : 0;
    walk->done[walk->done_len] = '\0';
}

// Takes one component. GB_OK to go on; GB_E_MEMORY; another code ends the walk.
static int step(struct walk *walk, struct gb_str name)
{
    struct gb_path_trust *result = walk->result;
    struct seen *directory, *entry;
    int code = look(walk->judge, walk->done_len ? walk->done : "/", &directory);
    if (code || directory->code)
        return code ? code : directory->code;
    size_t before = walk->done_len;
    if (name.len > sizeof walk->done - before - 2)
        return GB_E_LIMIT;
    char path[LONGEST_PATH];
    memcpy(path, walk->done, before);
    path[before] = '/';
    memcpy(path + before + 1, name.at, name.len);
    path[before + 1 + name.len] = '\0';

    code = look(walk->judge, path, &entry);
    if (code)
        return code;
    judge_place(walk, &directory->info, entry->code ? NULL : &entry->info);
    if (entry->code) {
        result->exists = false;
        return entry->code;
    }
    if (entry->info.type == GB_FILE_LINK)
        return follow_link(walk, path);
    walk->done_len = before + 1 + name.len;
    memcpy(walk->done, path, walk->done_len + 1);
    return GB_OK;
}

int gb_path_trust(struct gb_path_judge *judge, struct gb_str path, uint32_t trusted_uid,
                  struct gb_path_trust *ret)
{
    *ret = (struct gb_path_trust){.type = GB_FILE_UNKNOWN};
    if (path.len == 0 || path.at[0] != '/' || gb_str_find_char(path, '\0') >= 0) {
        ret->code = GB_E_USAGE;
        return GB_OK;
    }
    struct walk walk = {.judge = judge, .trusted_uid = trusted_uid, .rest = path, .result = ret};
    struct gb_str name;
    int code = GB_OK;
    while (!code && gb_str_next(&walk.rest, '/', &name)) {
        if (name.len == 0 || gb_str_is(name, "."))
            continue;
        if (gb_str_is(name, ".."))
            go_up(&walk);
        else
            code = step(&walk, name);
    }
    ret->target = gb_str_copy(judge->arena, gb_str_of(walk.done_len ? walk.done : "/"));
    if (!code) {
        struct seen *end;
        code = look(judge, walk.done_len ? walk.done : "/", &end);
        if (!code && !end->code) {
            ret->exists = true;
            ret->type = end->info.type;
            ret->mode = end->info.mode;
            struct gb_str who = writer(&walk, &end->info);
            if (who.len)
                blame(&walk, walk.done, who);
        } else if (!code) {
            code = end->code;
        }
    }
    if (code == GB_E_MEMORY || gb_arena_failed(judge->arena))
        return GB_E_MEMORY;
    ret->code = code == GB_E_NOT_FOUND ? GB_OK : code;
    return GB_OK;
}
