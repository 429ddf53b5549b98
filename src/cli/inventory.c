// gabion inventory: what was collected, as it is judged.
#include "base/printable.h"
#include "cli/assessment.h"
#include "cli/options.h"
#include "model/value_json.h"
#include "model/value_text.h"

#include <stdio.h>

enum { LARGEST_OUTPUT = 256 << 20 };

static bool is_wanted(const struct gb_invocation *invocation, const struct gb_resource *resource)
{
    if (!invocation->operand_count)
        return true;
    for (size_t i = 0; i < invocation->operand_count; i++)
        if (gb_str_glob(invocation->operands[i], resource->kind, false) ||
            gb_str_glob(invocation->operands[i], resource->id, false))
            return true;
    return false;
}

static void write_provenance(struct gb_json_writer *w, const struct gb_collection *all,
                             const struct gb_resource *resource)
{
    gb_json_key(w, "provenance");
    gb_json_object_begin(w);
    for (size_t i = 0; i < resource->props->count; i++) {
        const struct gb_pair *pair = &resource->props->pairs[i];
        const struct gb_origin *origin = gb_collection_origin_of(all, pair->value.origin);
        if (!origin || pair->key.kind != GB_VALUE_STRING)
            continue;
        gb_json_key_str(w, pair->key.string);
        gb_json_string(w, gb_place_text(all->arena, origin->where, origin->line));
    }
    gb_json_object_end(w);
}

static void write_resource(struct gb_json_writer *w, const struct gb_collection *all,
                           const struct gb_resource *resource)
{
    gb_json_object_begin(w);
    gb_json_field_str(w, "id", resource->id);
    gb_json_field_str(w, "kind", resource->kind);
    gb_json_field_str(w, "name", resource->name);
    gb_json_key(w, "props");
    struct gb_value props = gb_map_of(resource->props);
    gb_value_write_json(w, &props);
    write_provenance(w, all, resource);
    gb_json_object_end(w);
}

static const char *presence_name(enum gb_presence presence)
{
    static const char *const names[] = {
        [GB_PRESENT] = "present",
        [GB_ABSENT] = "absent",
        [GB_NOT_KNOWN] = "unknown",
        [GB_NO_SUBJECT] = "not_applicable",
        [GB_NOT_COLLECTED] = "not_collected",
    };
    return names[presence];
}

static void write_states(struct gb_json_writer *w, const struct gb_collection *all)
{
    gb_json_key(w, "kinds");
    gb_json_object_begin(w);
    for (size_t i = 0; i < all->states.count; i++) {
        const struct gb_kind_state *state = all->states.entries[i].value;
        gb_json_key_str(w, state->kind);
        gb_json_object_begin(w);
        gb_json_field_text(w, "presence", presence_name(state->presence));
        gb_json_field_int(w, "count", (int64_t)state->count);
        if (state->reason.len)
            gb_json_field_str(w, "reason", state->reason);
        gb_json_object_end(w);
    }
    gb_json_object_end(w);
}

static int write_json(void *context, const struct gb_look *look, struct gb_buffer *out,
                      struct gb_error *err)
{
    (void)look;
    (void)err;
    const struct gb_assessment *assessment = context;
    const struct gb_collection *all = assessment->collection;
    struct gb_json_writer w = gb_json_writer(out, 2);
    gb_json_object_begin(&w);
    gb_json_field_int(&w, "schema_version", GB_REPORT_SCHEMA_VERSION);
    write_states(&w, all);
    gb_json_key(&w, "resources");
    gb_json_list_begin(&w);
    for (size_t i = 0; i < all->resource_count; i++)
        if (is_wanted(assessment->invocation, all->resources[i]))
            write_resource(&w, all, all->resources[i]);
    gb_json_list_end(&w);
    gb_json_key(&w, "relations");
    gb_json_list_begin(&w);
    for (size_t i = 0; i < all->relation_count; i++) {
        gb_json_object_begin(&w);
        gb_json_field_str(&w, "from", all->relations[i].from);
        gb_json_field_str(&w, "type", all->relations[i].type);
        gb_json_field_str(&w, "to", all->relations[i].to);
        gb_json_object_end(&w);
    }
    gb_json_list_end(&w);
    gb_json_object_end(&w);
    gb_buffer_char(out, '\n');
    return GB_OK;
}

static void write_summary(const struct gb_assessment *assessment, const struct gb_look *look,
                          struct gb_buffer *out)
{
    const struct gb_collection *all = assessment->collection;
    for (size_t i = 0; i < all->states.count; i++) {
        const struct gb_kind_state *state = all->states.entries[i].value;
        gb_buffer_print(out, "%-28.*s ", GB_ARG(state->kind));
        if (state->presence == GB_PRESENT)
            gb_buffer_print(out, "%6zu\n", state->count);
        else
            gb_buffer_print(out, "%6s  " GB_PRI "\n", presence_name(state->presence),
                            GB_ARG(state->reason));
    }
    gb_buffer_text(out, "\n");
    gb_look_add(out, look, GB_TINT_DIM,
                GB_STR("gabion inventory KIND shows one kind; -o json shows everything\n"));
}

static void write_resources(const struct gb_assessment *assessment, const struct gb_look *look,
                            struct gb_buffer *out)
{
    const struct gb_collection *all = assessment->collection;
    struct gb_arena *arena = assessment->scratch;
    for (size_t i = 0; i < all->resource_count; i++) {
        const struct gb_resource *resource = all->resources[i];
        if (!is_wanted(assessment->invocation, resource))
            continue;
        gb_look_add(out, look, GB_TINT_BOLD, gb_printable(arena, resource->id));
        gb_buffer_char(out, '\n');
        for (size_t f = 0; f < resource->props->count; f++) {
            const struct gb_pair *pair = &resource->props->pairs[f];
            struct gb_str key = gb_value_text(arena, &pair->key, 100);
            struct gb_str value = gb_value_text(arena, &pair->value, 2000);
            gb_buffer_print(out, "  %-28.*s " GB_PRI, GB_ARG(key), GB_ARG(value));
            const struct gb_origin *origin = gb_collection_origin_of(all, pair->value.origin);
            if (origin) {
                struct gb_str place = gb_place_text(arena, origin->where, origin->line);
                gb_buffer_text(out, "  ");
                gb_look_add(out, look, GB_TINT_DIM, gb_printable(arena, place));
            }
            gb_buffer_char(out, '\n');
        }
    }
}

static int write_terminal(void *context, const struct gb_look *look, struct gb_buffer *out,
                          struct gb_error *err)
{
    (void)err;
    const struct gb_assessment *assessment = context;
    if (assessment->invocation->operand_count)
        write_resources(assessment, look, out);
    else
        write_summary(assessment, look, out);
    return GB_OK;
}

static const struct gb_form forms[] = {
    {"terminal", write_terminal}, {"json", write_json}, {NULL, NULL}};

static int show(struct gb_assessment *assessment, int *exit_code, struct gb_error *err)
{
    int code = gb_assessment_collect(assessment, err);
    if (code)
        return code;
    // What could not be read of the target; its facts are shown all the same.
    for (size_t i = 0; i < assessment->problem_count; i++) {
        if (!assessment->problems[i].incomplete)
            continue;
        fprintf(stderr, "gabion: " GB_PRI "\n", GB_ARG(assessment->problems[i].message));
        *exit_code = GB_EXIT_INCOMPLETE;
    }
    return gb_output_write(assessment->invocation, forms, assessment, LARGEST_OUTPUT, err);
}

static int run_on(const struct gb_program *program, struct gb_invocation *invocation,
                  const struct gb_str *target, size_t words)
{
    struct gb_error err = {0};
    struct gb_assessment *assessment = NULL;
    int exit_code = GB_EXIT_OK;
    int code = gb_assessment_open_target(program, invocation, target, words, &assessment, &err);
    if (!code)
        code = show(assessment, &exit_code, &err);
    gb_assessment_close(&assessment);
    return code ? gb_say_error(&err) : exit_code;
}

// The operands are kinds, so the image is an option here.
static int run(const struct gb_program *program, struct gb_invocation *invocation)
{
    struct gb_str image[] = {GB_STR("image"), gb_option_value(invocation, "image")};
    return run_on(program, invocation, image, image[1].at ? 2 : 0);
}

static const struct gb_option options[] = {
    GB_OPTIONS_TARGET,
    {.name = "image", .argument = "REF", .help = "look at this container image instead"},
    {.name = "platform", .argument = "OS/ARCH", .help = "of an image: linux/arm64"},
    {.name = "offline", .help = "of an image: ask no registry"},
    {.name = "insecure", .help = "of an image: HTTP where HTTPS is not spoken"},
    {.name = NULL},
};

static const char *const examples[] = {
    "gabion inventory",
    "gabion inventory listener",
    "gabion inventory -o json",
    "gabion inventory --image debian:12 os_package",
    NULL,
};

const struct gb_command gb_command_inventory = {
    .name = "inventory",
    .summary = "show the facts that were collected, with where each one stands",
    .operands = "[KIND|ID...]",
    .examples = examples,
    .options = options,
    .run = run,
};
