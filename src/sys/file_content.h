// An open file as a content (base/content_reader.h).
//
//     struct gb_file_content file;
//     struct gb_content_reader content = gb_content_of_file(&file, fd, size);
#ifndef GABION_SYS_FILE_CONTENT_H
#define GABION_SYS_FILE_CONTENT_H

#include "base/content_reader.h"

struct gb_file_content {
    int fd; // the caller's
};

// `file` and the descriptor must outlive the reader. What is behind `size` is not read.
struct gb_content_reader gb_content_of_file(struct gb_file_content *file, int fd, uint64_t size);

#endif
