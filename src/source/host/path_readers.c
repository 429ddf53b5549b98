// Who can read a file: see path_readers.h.
#include "source/host/path_readers.h"

#include <sys/stat.h>

static bool is_person(const struct gb_passwd_entry *user, uint32_t owner)
{
    return user && user->uid >= 1000 && user->uid < 65534 && user->uid != owner;
}

static bool group_has_people(const struct gb_accounts *accounts, uint32_t gid, uint32_t owner)
{
    const struct gb_group_entry *group = gb_accounts_gid(accounts, gid);
    for (size_t i = 0; group && i < group->member_count; i++) {
        if (is_person(gb_accounts_user(accounts, group->members[i]), owner))
            return true;
    }
    for (size_t i = 0; i < accounts->user_count; i++) {
        if (accounts->users[i].gid == gid && is_person(&accounts->users[i], owner))
            return true;
    }
    return false;
}

struct gb_readers gb_path_readers(const struct gb_host *host, const struct gb_accounts *accounts,
                                  struct gb_str path, const struct gb_file_info *info,
                                  struct gb_arena *arena)
{
    bool others = info->mode & S_IROTH, group = info->mode & S_IRGRP;
    group = group && gb_accounts_group_has_others(accounts, info->gid, info->uid);
    for (size_t at = 1; (others || group) && at < path.len; at++) {
        struct gb_file_info directory;
        if (path.at[at] != '/')
            continue;
        char *above = gb_str_c(arena, gb_str_sub(path, 0, at));
        if (!above || gb_host_stat(host, above, true, &directory, NULL) < 0)
            continue;
        others = others && (directory.mode & S_IXOTH);
        // The group gets through where everybody does, or where the directory has the same group.
        group = group && ((directory.mode & S_IXOTH) ||
                          ((directory.mode & S_IXGRP) && directory.gid == info->gid));
    }
    if (others)
        return (struct gb_readers){.who = GB_STR("everybody"), .people = true};
    if (!group)
        return (struct gb_readers){.people = false};
    struct gb_str name = gb_accounts_owner_group(accounts, info->gid, arena);
    return (struct gb_readers){.who = gb_str_format(arena, "group " GB_PRI, GB_ARG(name)),
                               .people = group_has_people(accounts, info->gid, info->uid)};
}
