// Targets of assessments: parsing, opening, collecting.
#include "cli/target.h"

#include "base/time.h"
#include "source/image/image.h"
#include "source/sbom/sbom.h"

#include <limits.h>
#include <stdlib.h>

static int parse_now(struct gb_str now, int64_t *ret, struct gb_error *err)
{
    int32_t nanos;
    if (!now.at || gb_time_parse(now, ret, &nanos) == GB_OK)
        return GB_OK;
    return gb_error_set(err, GB_E_USAGE,
                        "--now: \"" GB_PRI "\" is no time like 2026-11-01T00:00:00Z", GB_ARG(now));
}

static const struct {
    const char *word, *operand;
    enum gb_target_kind kind;
} forms[] = {
    {"host", NULL, GB_TARGET_HOST},
    {"rootfs", "DIR", GB_TARGET_ROOT},
    {"image", "REF", GB_TARGET_IMAGE},
    {"sbom", "FILE", GB_TARGET_SBOM},
};

static int unknown_form(struct gb_str word, struct gb_error *err)
{
    struct gb_str names[sizeof forms / sizeof *forms];
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        names[i] = gb_str_of(forms[i].word);
    struct gb_str near = gb_str_nearest(word, names, sizeof names / sizeof *names);
    if (near.len)
        return gb_error_set(err, GB_E_USAGE,
                            "\"" GB_PRI "\" is no kind of target (did you mean " GB_PRI "?)",
                            GB_ARG(word), GB_ARG(near));
    return gb_error_set(err, GB_E_USAGE,
                        "\"" GB_PRI "\" is no kind of target: host, image REF, rootfs DIR or "
                        "sbom FILE",
                        GB_ARG(word));
}

static int parse_operands(struct gb_arena *arena, const struct gb_str *operands, size_t count,
                          struct gb_target *ret, struct gb_error *err)
{
    size_t i = 0;
    while (i < sizeof forms / sizeof *forms && !gb_str_is(operands[0], forms[i].word))
        i++;
    if (i == sizeof forms / sizeof *forms)
        return unknown_form(operands[0], err);
    size_t wanted = forms[i].operand ? 2 : 1;
    if (count < wanted)
        return gb_error_set(err, GB_E_USAGE, "%s needs one more word: %s", forms[i].word,
                            forms[i].operand);
    if (count > wanted)
        return gb_error_set(err, GB_E_USAGE, "one target at a time: \"" GB_PRI "\" is too much",
                            GB_ARG(operands[wanted]));
    ret->kind = forms[i].kind;
    ret->reference = wanted == 2 ? gb_str_c(arena, operands[1]) : NULL;
    return GB_OK;
}

int gb_target_parse(const struct gb_invocation *invocation, const struct gb_str *operands,
                    size_t count, struct gb_target *ret, struct gb_error *err)
{
    struct gb_str root = gb_option_value(invocation, "root");
    bool recorded = gb_option_is_set(invocation, "recorded-kernel");
    *ret = (struct gb_target){.options = {.kernel = GB_KERNEL_LIVE}};
    int code = count ? parse_operands(invocation->arena, operands, count, ret, err) : GB_OK;
    if (!code && root.at && count)
        code = gb_error_set(err, GB_E_USAGE, "--root DIR and a target are one too many");
    if (!code)
        code = parse_now(gb_option_value(invocation, "now"), &ret->options.now_seconds, err);
    if (code)
        return code;
    if (root.at) {
        ret->kind = GB_TARGET_ROOT;
        ret->reference = gb_str_c(invocation->arena, root);
    }
    if (ret->kind == GB_TARGET_ROOT) {
        ret->options.root = ret->reference;
        ret->options.kernel = recorded ? GB_KERNEL_RECORDED : GB_KERNEL_NONE;
    } else if (recorded) {
        return gb_error_set(err, GB_E_USAGE, "--recorded-kernel goes with --root DIR");
    }
    return GB_OK;
}

static const char *text_option(const struct gb_invocation *invocation, const char *name)
{
    struct gb_str value = gb_option_value(invocation, name);
    return value.at ? gb_str_c(invocation->arena, value) : NULL;
}

int gb_target_open(struct gb_target *target, const struct gb_invocation *invocation,
                   void (*progress)(void *context, const char *phase, uint64_t done,
                                    uint64_t total),
                   void *progress_context, struct gb_error *err)
{
    if (target->kind == GB_TARGET_IMAGE) {
        struct gb_image_options options = {
            .platform = text_option(invocation, "platform"),
            .offline = gb_option_is_set(invocation, "offline"),
            .insecure = gb_option_is_set(invocation, "insecure"),
            .now_seconds = target->options.now_seconds,
            .progress = progress,
            .progress_context = progress_context,
        };
        int code = gb_image_open(target->reference, &options, &target->image, err);
        if (!code)
            target->host = gb_image_host(target->image);
        return code;
    }
    target->distro = text_option(invocation, "distro");
    if (!target->distro)
        target->distro = text_option(invocation, "scope");
    // An SBOM is a file of this machine; nothing else of the machine is looked at.
    if (target->kind == GB_TARGET_SBOM)
        target->options.kernel = GB_KERNEL_NONE;
    int code = gb_host_open(&target->options, &target->own_host, err);
    target->host = target->own_host;
    return code;
}

void gb_target_close(struct gb_target *target)
{
    gb_host_close(&target->own_host);
    gb_image_close(&target->image);
    target->host = NULL;
}

static int collect_sbom(struct gb_target *target, struct gb_collector *collector,
                        struct gb_error *err)
{
    struct gb_sbom_options options = {.os = gb_str_of(target->distro)};
    struct gb_str text, name = gb_str_of(target->reference);
    struct gb_sbom sbom;
    char path[PATH_MAX];
    if (!realpath(target->reference, path))
        return gb_error_at(err, GB_E_NOT_FOUND, target->reference, 0, 0, "no such file");
    int code = gb_host_read(target->host, path, GB_SBOM_MAX_BYTES, collector->scratch, &text, err);
    if (!code)
        code = gb_sbom_collect(text, name, &options, collector->all, &sbom, err);
    if (code)
        return code;
    target->foreign_sbom = sbom.foreign;
    if (!sbom.malformed)
        return GB_OK;
    struct gb_str *problem = gb_alloc(collector->arena, sizeof *problem);
    if (!problem)
        return gb_error_set(err, GB_E_MEMORY, "no memory for an SBOM");
    *problem = gb_str_format(collector->arena,
                             "%zu packages of the SBOM have a broken package URL or no version, "
                             "the first of them \"" GB_PRI "\": they were left out",
                             sbom.malformed, GB_ARG(sbom.example));
    target->problems = problem;
    target->problem_count = 1;
    return GB_OK;
}

int gb_target_collect(struct gb_target *target, struct gb_collector *collector,
                      struct gb_error *err)
{
    if (target->kind == GB_TARGET_IMAGE) {
        int code = gb_image_collect(target->image, collector, err);
        target->problems = gb_image_problems(target->image, &target->problem_count);
        return code;
    }
    if (target->kind == GB_TARGET_SBOM)
        return collect_sbom(target, collector, err);
    int ran = gb_sources_collect(collector, err);
    return ran < 0 ? ran : GB_OK;
}

struct gb_str gb_target_name(const struct gb_target *target, struct gb_str host_name,
                             struct gb_arena *arena)
{
    return target->reference
               ? gb_str_format(arena, "%s %s",
                               target->kind == GB_TARGET_ROOT ? "root" : forms[target->kind].word,
                               target->reference)
               : gb_str_format(arena, "host " GB_PRI, GB_ARG(host_name));
}
