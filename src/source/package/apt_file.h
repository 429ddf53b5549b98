// Reading one of apt's files; for the readers of apt's configuration, sources and preferences.
#ifndef GABION_SOURCE_PACKAGE_APT_FILE_H
#define GABION_SOURCE_PACKAGE_APT_FILE_H

#include "source/source.h"

// 1 and the text; 0 when there is no such file, or it cannot be read: then *problem says why.
int gb_apt_file_read(struct gb_collector *collector, struct gb_str path, struct gb_str *text,
                     struct gb_str *problem);

#endif
