// Text for XML and HTML.
#ifndef GABION_SINK_FILE_XML_H
#define GABION_SINK_FILE_XML_H

#include "base/buffer.h"

// Adds `text` escaped for element content and double-quoted attributes. Characters that XML 1.0
// does not allow become U+FFFD.
void gb_xml_add(struct gb_buffer *out, struct gb_str text);

#endif
