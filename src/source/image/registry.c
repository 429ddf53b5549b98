// Images in a registry.
#include "source/image/image_private.h"

int gb_image_from_registry(struct gb_image *image, struct gb_str name, struct gb_error *err)
{
    (void)image;
    return gb_error_set(err, GB_E_UNSUPPORTED, "registries are not read yet: " GB_PRI,
                        GB_ARG(name));
}
