// Finding a sink by name.
#include "sink/sink.h"

const struct gb_sink *gb_sink_find(struct gb_str name)
{
    for (size_t i = 0; i < gb_sink_count; i++)
        if (gb_str_is(name, gb_sinks[i]->name))
            return gb_sinks[i];
    return NULL;
}
