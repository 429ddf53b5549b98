// The system's time zones for expressions: one set for the process, read as zones are asked for.
#include "expr/cel.h"
#include "expr/library.h"
#include "sys/zone.h"

#include <pthread.h>

static const char directory[] = "/usr/share/zoneinfo";
enum { LIMIT = 16 << 20 };

// Programs are shared by threads, so this is too.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct gb_zones *zones;

static int offset(void *context, struct gb_str zone, int64_t moment, int32_t *ret)
{
    (void)context;
    pthread_mutex_lock(&lock);
    if (!zones) {
        static struct gb_arena *process;
        if (!process)
            process = gb_arena_new("time zones", LIMIT);
        zones = process ? gb_zones_new(directory, process) : NULL;
    }
    int code = zones ? gb_zones_offset(zones, zone, moment, ret) : GB_E_MEMORY;
    pthread_mutex_unlock(&lock);
    return code;
}

const struct gb_cel_zones *gb_cel_system_zones(void)
{
    static const struct gb_cel_zones system_zones = {.offset = offset};
    return &system_zones;
}
