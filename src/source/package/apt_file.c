// Reading one of apt's files.
#include "source/package/apt_file.h"

int gb_apt_file_read(struct gb_collector *collector, struct gb_str path, struct gb_str *text,
                     struct gb_str *problem)
{
    struct gb_error why = {0};
    int code =
        gb_host_read(collector->host, path.at, GB_CONFIG_MAX_BYTES, collector->arena, text, &why);
    if (code == GB_OK)
        return 1;
    if (code != GB_E_NOT_FOUND)
        *problem = code == GB_E_DENIED
                       ? gb_str_format(collector->arena, "needs root: " GB_PRI, GB_ARG(path))
                       : gb_str_format(collector->arena, GB_PRI ": %s", GB_ARG(path), why.reason);
    return 0;
}
