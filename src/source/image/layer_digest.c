// Digests of a layer in a thread of their own, fed through a ring of slots; see layer_digest.h.
#include "source/image/layer_digest.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

enum { SLOTS = 8, SLOT_BYTES = 128 << 10, STACK_BYTES = 256 << 10 };

struct slot {
    enum gb_layer_side side;
    size_t len;
    unsigned char *bytes; // SLOT_BYTES of the ring
};

struct gb_layer_digests {
    struct gb_digest_stream *streams[GB_LAYER_SIDES]; // of the thread while there is one
    unsigned char *ring;                              // malloc
    struct slot slots[SLOTS];
    size_t open; // the slot being filled; nobody else looks at it until it is handed over
    bool threaded;
    pthread_t thread;
    pthread_mutex_t lock; // of what follows
    pthread_cond_t handed_over, emptied;
    size_t first, waiting; // slots to be digested, in order
    bool ending, given_up;
    int code; // of the first digest that failed
    struct gb_error failure;
};

int gb_layer_digests_new(struct gb_layer_digests **ret, struct gb_error *err)
{
    struct gb_layer_digests *digests = calloc(1, sizeof *digests);
    unsigned char *ring = malloc((size_t)SLOTS * SLOT_BYTES);
    if (!digests || !ring) {
        free(digests);
        free(ring);
        return gb_error_set(err, GB_E_MEMORY, "no memory for a layer's digests");
    }
    digests->ring = ring;
    for (size_t i = 0; i < SLOTS; i++)
        digests->slots[i].bytes = ring + i * SLOT_BYTES;
    pthread_mutex_init(&digests->lock, NULL);
    pthread_cond_init(&digests->handed_over, NULL);
    pthread_cond_init(&digests->emptied, NULL);
    int code = GB_OK;
    for (size_t i = 0; !code && i < GB_LAYER_SIDES; i++) {
        code = gb_digest_stream_new(&digests->streams[i], err);
        if (!code)
            code = gb_digest_stream_start(digests->streams[i], GB_SHA256, err);
    }
    if (code)
        gb_layer_digests_free(&digests);
    else
        *ret = digests;
    return code;
}

// With the lock held, which is let go of meanwhile.
static void digest_first(struct gb_layer_digests *digests)
{
    struct slot *slot = &digests->slots[digests->first];
    struct gb_error failure = {0};
    int code = digests->code;
    pthread_mutex_unlock(&digests->lock);
    if (!code)
        code =
            gb_digest_stream_add(digests->streams[slot->side],
                                 (struct gb_str){(const char *)slot->bytes, slot->len}, &failure);
    slot->len = 0;
    pthread_mutex_lock(&digests->lock);
    if (code && !digests->code) {
        digests->code = code;
        digests->failure = failure;
    }
    digests->first = (digests->first + 1) % SLOTS;
    digests->waiting--;
    pthread_cond_signal(&digests->emptied);
}

static void *work(void *context)
{
    struct gb_layer_digests *digests = context;
    pthread_mutex_lock(&digests->lock);
    for (;;) {
        while (!digests->waiting && !digests->ending)
            pthread_cond_wait(&digests->handed_over, &digests->lock);
        if (!digests->waiting || digests->given_up)
            break;
        digest_first(digests);
    }
    pthread_mutex_unlock(&digests->lock);
    return NULL;
}

static bool start_thread(struct gb_layer_digests *digests)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    // Signals are for the thread that writes the files which a handler may have to remove.
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    digests->threaded = pthread_create(&digests->thread, &attributes, work, digests) == 0;
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return digests->threaded;
}

// Hands over the open slot and opens the next as soon as it is empty.
static void next_slot(struct gb_layer_digests *digests)
{
    pthread_mutex_lock(&digests->lock);
    digests->open = (digests->open + 1) % SLOTS;
    digests->waiting++;
    pthread_cond_signal(&digests->handed_over);
    if (digests->waiting == SLOTS && !digests->threaded && !start_thread(digests))
        while (digests->waiting)
            digest_first(digests);
    while (digests->waiting == SLOTS)
        pthread_cond_wait(&digests->emptied, &digests->lock);
    pthread_mutex_unlock(&digests->lock);
}

static int failure_of(struct gb_layer_digests *digests, struct gb_error *err)
{
    pthread_mutex_lock(&digests->lock);
    int code = digests->code;
    if (code)
        *err = digests->failure;
    pthread_mutex_unlock(&digests->lock);
    return code;
}

int gb_layer_digests_add(struct gb_layer_digests *digests, enum gb_layer_side side,
                         struct gb_str data, struct gb_error *err)
{
    while (data.len) {
        struct slot *slot = &digests->slots[digests->open];
        if (slot->len == SLOT_BYTES || (slot->len && slot->side != side)) {
            next_slot(digests);
            slot = &digests->slots[digests->open];
        }
        size_t room = SLOT_BYTES - slot->len, take = data.len < room ? data.len : room;
        slot->side = side;
        memcpy(slot->bytes + slot->len, data.at, take);
        slot->len += take;
        data = gb_str_from(data, take);
    }
    return failure_of(digests, err);
}

static void end_thread(struct gb_layer_digests *digests, bool give_up)
{
    if (!digests->threaded)
        return;
    pthread_mutex_lock(&digests->lock);
    digests->ending = true;
    digests->given_up = give_up;
    pthread_cond_signal(&digests->handed_over);
    pthread_mutex_unlock(&digests->lock);
    pthread_join(digests->thread, NULL);
    digests->threaded = false;
}

int gb_layer_digests_end(struct gb_layer_digests *digests,
                         unsigned char into[GB_LAYER_SIDES][GB_LAYER_DIGEST_BYTES],
                         struct gb_error *err)
{
    if (digests->slots[digests->open].len)
        next_slot(digests);
    end_thread(digests, false);
    pthread_mutex_lock(&digests->lock);
    while (digests->waiting) // there was no thread
        digest_first(digests);
    pthread_mutex_unlock(&digests->lock);
    int code = failure_of(digests, err);
    for (size_t i = 0; !code && i < GB_LAYER_SIDES; i++) {
        unsigned char sum[GB_DIGEST_LARGEST];
        code = gb_digest_stream_end(digests->streams[i], sum, err);
        if (!code)
            memcpy(into[i], sum, GB_LAYER_DIGEST_BYTES);
    }
    return code;
}

void gb_layer_digests_free(struct gb_layer_digests **digests)
{
    struct gb_layer_digests *gone = *digests;
    if (!gone)
        return;
    end_thread(gone, true);
    for (size_t i = 0; i < GB_LAYER_SIDES; i++)
        gb_digest_stream_free(&gone->streams[i]);
    pthread_cond_destroy(&gone->emptied);
    pthread_cond_destroy(&gone->handed_over);
    pthread_mutex_destroy(&gone->lock);
    free(gone->ring);
    free(gone);
    *digests = NULL;
}
