// Reading a layer out of a file; for the openers.
#ifndef GABION_SOURCE_IMAGE_FOLDER_H
#define GABION_SOURCE_IMAGE_FOLDER_H

#include "source/image/image_private.h"

// From where the descriptor stands to its end. The descriptor stays the caller's.
GB_MUST_USE int gb_image_layer_of_file(struct gb_image *image, int fd, struct gb_layer **ret,
                                       struct gb_error *err);

#endif
