// Manual pages; `gabion help --man [COMMAND]` prints them, the build installs them.
#include "base/buffer.h"

#include "cli/manual.h"

// Text for roff: backslashes, leading dots and apostrophes, dashes that are no hyphens.
static void add_text(struct gb_buffer *out, const char *text)
{
    bool line_start = true;
    for (; *text; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            gb_buffer_text(out, "\\&");
        if (*text == '\\')
            gb_buffer_text(out, "\\e");
        else if (*text == '-')
            gb_buffer_text(out, "\\-");
        else
            gb_buffer_char(out, *text);
        line_start = *text == '\n';
    }
}

static void add_options(struct gb_buffer *out, const struct gb_option *option)
{
    for (; option && option->name; option++) {
        gb_buffer_text(out, ".TP\n\\fB");
        if (option->letter)
            gb_buffer_print(out, "\\-%c\\fR, \\fB", option->letter);
        gb_buffer_text(out, "\\-\\-");
        add_text(out, option->name);
        gb_buffer_text(out, "\\fR");
        if (option->argument) {
            gb_buffer_text(out, " \\fI");
            add_text(out, option->argument);
            gb_buffer_text(out, "\\fR");
        }
        gb_buffer_char(out, '\n');
        add_text(out, option->help);
        gb_buffer_text(out, ".\n");
    }
}

static void add_heading(struct gb_buffer *out, const char *name, const char *summary,
                        const char *version)
{
    gb_buffer_text(out, ".TH \"GABION");
    for (const char *c = name; *c; c++)
        gb_buffer_char(out, *c == ' ' ? '-' : *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c);
    gb_buffer_print(out, "\" 1 \"\" \"gabion %s\" \"Gabion\"\n.SH NAME\ngabion", version);
    for (const char *c = name; *c; c++)
        gb_buffer_text(out, (char[]){*c == ' ' ? '-' : *c, '\0'});
    gb_buffer_text(out, " \\- ");
    add_text(out, summary);
    gb_buffer_char(out, '\n');
}

static void add_preformatted(struct gb_buffer *out, const char *text)
{
    gb_buffer_text(out, ".nf\n");
    add_text(out, text);
    gb_buffer_text(out, ".fi\n");
}

static void command_page(const struct gb_command *command, const char *version,
                         struct gb_buffer *out)
{
    char name[64];
    snprintf(name, sizeof name, " %s", command->name);
    add_heading(out, name, command->summary, version);
    gb_buffer_print(out, ".SH SYNOPSIS\n\\fBgabion %s\\fR ", command->name);
    add_text(out, command->operands);
    gb_buffer_text(out, " [\\fIOPTION\\fR...]\n");
    if (command->help) {
        gb_buffer_text(out, ".SH DESCRIPTION\n");
        add_text(out, command->help);
    }
    if (command->options && command->options->name) {
        gb_buffer_text(out, ".SH OPTIONS\n");
        add_options(out, command->options);
    }
    gb_buffer_text(out, ".SH OPTIONS OF ALL COMMANDS\n");
    add_options(out, gb_global_options);
    gb_buffer_text(out, ".SH EXAMPLES\n.nf\n");
    for (const char *const *example = command->examples; example && *example; example++) {
        add_text(out, *example);
        gb_buffer_char(out, '\n');
    }
    gb_buffer_text(out, ".fi\n.SH EXIT STATUS\n");
    add_preformatted(out, gb_topics[0].text);
    gb_buffer_text(out, ".SH SEE ALSO\n\\fBgabion\\fR(1)\n");
}

static void overview_page(const char *version, struct gb_buffer *out)
{
    add_heading(out, "", "the security posture of this machine", version);
    gb_buffer_text(out, ".SH SYNOPSIS\n\\fBgabion\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...]\n"
                        ".SH COMMANDS\n");
    for (size_t i = 0; i < gb_command_count; i++) {
        gb_buffer_print(out, ".TP\n\\fBgabion %s\\fR ", gb_commands[i]->name);
        add_text(out, gb_commands[i]->operands);
        gb_buffer_char(out, '\n');
        add_text(out, gb_commands[i]->summary);
        gb_buffer_text(out, ".\n");
    }
    gb_buffer_text(out, ".SH OPTIONS OF ALL COMMANDS\n");
    add_options(out, gb_global_options);
    for (const struct gb_topic *topic = gb_topics; topic->name; topic++) {
        gb_buffer_text(out, ".SH ");
        for (const char *c = topic->name; *c; c++)
            gb_buffer_char(out, *c == '-' ? ' ' : *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c);
        gb_buffer_char(out, '\n');
        add_text(out, topic->title);
        gb_buffer_text(out, ".\n.PP\n");
        add_preformatted(out, topic->text);
    }
}

void gb_manual_page(const struct gb_command *command, const char *version, struct gb_buffer *out)
{
    if (command)
        command_page(command, version, out);
    else
        overview_page(version, out);
}
