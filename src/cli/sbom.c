// gabion sbom: what is installed, in the formats that other tools read.
#include "sink/sbom/sbom.h"
#include "cli/assessment.h"
#include "cli/options.h"

enum { LARGEST_SBOM = 256 << 20 };

static struct gb_sbom_subject subject_of(const struct gb_assessment *assessment)
{
    static const char *const types[] = {
        [GB_TARGET_HOST] = "device",
        [GB_TARGET_ROOT] = "file",
        [GB_TARGET_IMAGE] = "container",
        [GB_TARGET_SBOM] = "file",
    };
    const struct gb_target *target = &assessment->target;
    struct gb_str name =
        target->reference ? gb_str_of(target->reference) : assessment->report.host_name;
    return (struct gb_sbom_subject){
        .type = types[target->kind],
        .name = name.len ? name : GB_STR("host"),
        .tool_version = gb_str_of(assessment->program->version),
        .made_at = assessment->report.started_at,
    };
}

static int write_cyclonedx(void *context, const struct gb_look *look, struct gb_buffer *out,
                           struct gb_error *err)
{
    (void)look;
    struct gb_assessment *assessment = context;
    struct gb_sbom_subject subject = subject_of(assessment);
    return gb_sbom_write_cyclonedx(assessment->collection, &subject, assessment->scratch, out, err);
}

static int write_spdx(void *context, const struct gb_look *look, struct gb_buffer *out,
                      struct gb_error *err)
{
    (void)look;
    struct gb_assessment *assessment = context;
    struct gb_sbom_subject subject = subject_of(assessment);
    return gb_sbom_write_spdx(assessment->collection, &subject, assessment->scratch, out, err);
}

static const struct gb_form forms[] = {
    {"cyclonedx", write_cyclonedx}, {"spdx", write_spdx}, {NULL, NULL}};

// What is missing from the list is said: a reader of the SBOM cannot see it.
static bool say_gaps(const struct gb_assessment *assessment)
{
    static const char *const kinds[] = {"os", "os_package", "language_package"};
    bool complete = true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct gb_kind_state *state =
            gb_collection_kind(assessment->collection, gb_str_of(kinds[i]));
        if (state->presence != GB_NOT_KNOWN && state->presence != GB_NOT_COLLECTED)
            continue;
        gb_say("not complete: %s: " GB_PRI, kinds[i], GB_ARG(state->reason));
        complete &= state->presence != GB_NOT_KNOWN;
    }
    for (size_t i = 0; i < assessment->problem_count; i++) {
        gb_say("not complete: " GB_PRI, GB_ARG(assessment->problems[i].message));
        complete = false;
    }
    return complete;
}

static int run(const struct gb_program *program, struct gb_invocation *invocation)
{
    struct gb_error err = {0};
    struct gb_assessment *assessment = NULL;
    int exit_code = GB_EXIT_OK;
    int code = gb_assessment_open_target(program, invocation, invocation->operands,
                                         invocation->operand_count, &assessment, &err);
    if (!code) {
        assessment->no_posture = assessment->no_vulnerabilities = true;
        code = gb_assessment_collect(assessment, &err);
    }
    if (!code)
        gb_progress_end(&assessment->progress);
    if (!code)
        code = gb_output_write(invocation, forms, assessment, LARGEST_SBOM, &err);
    if (!code && !say_gaps(assessment))
        exit_code = GB_EXIT_INCOMPLETE;
    gb_assessment_close(&assessment);
    return code ? gb_say_error(&err) : exit_code;
}

static const struct gb_option options[] = {
    GB_OPTIONS_TARGET,
    {.name = "platform", .argument = "OS/ARCH", .help = "of an image: linux/arm64"},
    {.name = "distro",
     .argument = "ID-RELEASE",
     .help = "of an SBOM: its operating system (debian-12)"},
    {.name = "offline", .help = "of an image: ask no registry"},
    {.name = "insecure", .help = "of an image: HTTP, or certificates that do not verify"},
    {.name = NULL},
};

static const char *const examples[] = {
    "gabion sbom",
    "gabion sbom -o cyclonedx=host.cdx.json -o spdx=host.spdx.json",
    "gabion sbom rootfs /mnt/image -o spdx",
    "gabion sbom image registry.example.org/app:1.2",
    "gabion sbom sbom app.cdx.json -o spdx",
    NULL,
};

const struct gb_command gb_command_sbom = {
    .name = "sbom",
    .summary = "list what is installed as CycloneDX or SPDX",
    .operands = "[host | image REF | rootfs DIR | sbom FILE]",
    .examples = examples,
    .options = options,
    .run = run,
    .help =
        "Packages of the operating system and of languages, with package URLs that name the\n"
        "distribution, the architecture, the epoch and the source package, so that other scanners\n"
        "find the same flaws. The same system gives the same bytes with --now; an SBOM as the\n"
        "target is written again in the other format. Exits with 4 where something could not be\n"
        "read. Read one with gabion scan sbom FILE.\n",
};
