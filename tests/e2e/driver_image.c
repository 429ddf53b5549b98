// Opens an image and writes its facts as JSON, one line; for the end-to-end tests of images.
//
//     driver_image [--platform P] [--credentials FILE] [--insecure] [--offline] [--temporary DIR]
//                  [--docker DIR] [--containers DIR] [--entries N] [--peak FILE] REFERENCE
//
// --peak FILE: where the most memory that was ever resident is written to, in KiB.
#include "model/value_json.h"
#include "source/image/image.h"

#include <stdio.h>
#include <stdlib.h>

enum { MEMORY = 512 << 20 };

static void write_kind(struct gb_json_writer *w, const struct gb_collection *all, const char *kind)
{
    const struct gb_kind_state *state = gb_collection_kind(all, gb_str_of(kind));
    gb_json_key(w, kind);
    gb_json_list_begin(w);
    for (size_t i = 0; i < state->count; i++) {
        struct gb_value props = gb_map_of(state->resources[i]->props);
        gb_value_write_json(w, &props);
    }
    gb_json_list_end(w);
    if (state->presence != GB_PRESENT) {
        char name[64];
        snprintf(name, sizeof name, "%s_reason", kind);
        gb_json_key(w, name);
        gb_json_string(w, state->reason);
    }
}

static int write_image(struct gb_image *image, struct gb_error *err)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("facts", MEMORY);
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("scratch", MEMORY);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(MEMORY);
    struct gb_collector collector = {
        .host = gb_image_host(image),
        .arena = arena,
        .scratch = scratch,
        .all = gb_collection_new(arena, gb_host_now(gb_image_host(image))),
    };
    int code = gb_image_collect(image, &collector, err);
    if (code)
        return code;
    struct gb_json_writer w = gb_json_writer(&out, 0);
    gb_json_object_begin(&w);
    write_kind(&w, collector.all, "image");
    write_kind(&w, collector.all, "os");
    write_kind(&w, collector.all, "os_package");
    write_kind(&w, collector.all, "language_package");
    size_t count;
    const struct gb_str *problems = gb_image_problems(image, &count);
    gb_json_key(&w, "problems");
    gb_json_list_begin(&w);
    for (size_t i = 0; i < count; i++)
        gb_json_string(&w, problems[i]);
    gb_json_list_end(&w);
    gb_json_object_end(&w);
    gb_buffer_char(&out, '\n');
    fwrite(out.data, 1, out.len, stdout);
    return GB_OK;
}

// Of this program alone: what getrusage tells includes the process that started it.
static void write_peak(const char *path)
{
    char line[256];
    FILE *status = fopen("/proc/self/status", "re"), *out = fopen(path, "we");
    while (status && out && fgets(line, sizeof line, status))
        if (strncmp(line, "VmHWM:", 6) == 0)
            fprintf(out, "%lu\n", strtoul(line + 6, NULL, 10));
    if (status)
        fclose(status);
    if (out)
        fclose(out);
}

int main(int argc, char **argv)
{
    struct gb_image_options options = {0};
    struct gb_image *image = NULL;
    struct gb_error err = {0};
    const char *peak = NULL;
    int i = 1;
    for (; i < argc - 1; i++) {
        const char *next = argv[i + 1];
        if (strcmp(argv[i], "--insecure") == 0) {
            options.insecure = true;
            continue;
        }
        if (strcmp(argv[i], "--offline") == 0) {
            options.offline = true;
            continue;
        }
        if (strcmp(argv[i], "--platform") == 0)
            options.platform = next;
        else if (strcmp(argv[i], "--credentials") == 0)
            options.credentials = next;
        else if (strcmp(argv[i], "--temporary") == 0)
            options.temporary = next;
        else if (strcmp(argv[i], "--docker") == 0)
            options.docker_storage = next;
        else if (strcmp(argv[i], "--containers") == 0)
            options.containers_storage = next;
        else if (strcmp(argv[i], "--entries") == 0)
            options.limits.entries = (uint32_t)strtoul(next, NULL, 10);
        else if (strcmp(argv[i], "--peak") == 0)
            peak = next;
        else
            return 2;
        i++;
    }
    if (i != argc - 1)
        return 2;
    int code = gb_image_open(argv[i], &options, &image, &err);
    if (!code)
        code = write_image(image, &err);
    size_t problems = 0;
    if (image)
        gb_image_problems(image, &problems);
    gb_image_close(&image);
    if (peak)
        write_peak(peak);
    if (code) {
        char text[1024];
        gb_error_text(&err, text, sizeof text);
        fprintf(stderr, "%s\n", text);
        return 1;
    }
    return problems ? 4 : 0;
}
