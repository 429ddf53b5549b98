// A list of packages as apt keeps it (…_Packages, plain or .lz4), read in pieces of whole stanzas:
// a list of 50 MB takes less than half a megabyte of memory.
//
//     struct gb_package_list *list;
//     gb_package_list_open(host, path, &list, err);
//     while ((code = gb_package_list_next(list, &piece, err)) > 0) ... stanzas in `piece` ...
//     gb_package_list_close(&list);
#ifndef GABION_SOURCE_PACKAGE_PACKAGE_LIST_H
#define GABION_SOURCE_PACKAGE_PACKAGE_LIST_H

#include "sys/host.h"

struct gb_package_list;

// The end of `path` says how it is packed. GB_E_UNSUPPORTED for what cannot be unpacked (.gz, .xz
// ...), with a reason that names it.
GB_MUST_USE int gb_package_list_open(const struct gb_host *host, const char *path,
                                     struct gb_package_list **ret, struct gb_error *err);
void gb_package_list_close(struct gb_package_list **list); // NULL allowed

// 1 and the next piece, which is valid until the next call; 0 at the end; negative on error (a
// damaged file, a stanza of more than a megabyte).
GB_MUST_USE int gb_package_list_next(struct gb_package_list *list, struct gb_str *piece,
                                     struct gb_error *err);

#endif
