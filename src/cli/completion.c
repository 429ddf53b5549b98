// gabion completion bash|zsh|fish: scripts made from the tables of commands.
#include "cli/arguments.h"
#include "cli/output.h"

enum { LARGEST_TEXT = 1 << 20 };

// Words behind the command: its options, and the second words of command families.
static void add_words(struct gb_buffer *out, const struct gb_command *command)
{
    const struct gb_option *tables[] = {command->options, gb_global_options};
    for (size_t t = 0; t < 2; t++)
        for (const struct gb_option *o = tables[t]; o && o->name; o++)
            gb_buffer_print(out, " --%s", o->name);
    size_t len = strlen(command->name);
    for (size_t i = 0; i < gb_command_count; i++)
        if (strncmp(gb_commands[i]->name, command->name, len) == 0 &&
            gb_commands[i]->name[len] == ' ')
            gb_buffer_print(out, " %s", gb_commands[i]->name + len + 1);
}

static bool takes_controls(const struct gb_command *command)
{
    return strstr(command->operands, "ID") || strstr(command->operands, "GLOB") ||
           strstr(command->operands, "CONTROL");
}

// The case arms "scan) words=...". Commands of two words have their own arm.
static void add_cases(struct gb_buffer *out, const char *indent)
{
    for (size_t i = 0; i < gb_command_count; i++) {
        const struct gb_command *command = gb_commands[i];
        gb_buffer_print(out, "%s\"%s\") words=\"", indent, command->name);
        add_words(out, command);
        gb_buffer_text(out, "\"");
        if (takes_controls(command))
            gb_buffer_text(out, "; ids=1");
        gb_buffer_text(out, " ;;\n");
    }
}

static void add_first_words(struct gb_buffer *out)
{
    for (size_t i = 0; i < gb_command_count; i++)
        if (!strchr(gb_commands[i]->name, ' '))
            gb_buffer_print(out, " %s", gb_commands[i]->name);
}

static void add_bash(struct gb_buffer *out)
{
    gb_buffer_text(
        out, "# bash completion for gabion\n"
             "_gabion() {\n"
             "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
             "    local command=${COMP_WORDS[1]:-} words='' ids=''\n"
             "    COMPREPLY=()\n"
             "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
             "        mapfile -t COMPREPLY < <(compgen -W '");
    add_first_words(out);
    gb_buffer_text(
        out,
        "' -- \"$current\")\n"
        "        return\n"
        "    fi\n"
        "    case \"$previous\" in\n"
        "    --severity|--fail-on) words='critical high medium low' ;;\n"
        "    -o|--output) words='terminal json sarif junit html csv ocsf' ;;\n"
        "    --color) words='auto always never' ;;\n"
        "    --check|--skip) ids=1 ;;\n"
        "    --root|--rules|--exemptions|--store|--config|--baseline)\n"
        "        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
        "        return ;;\n"
        "    *)\n"
        "        case \"$command ${COMP_WORDS[2]:-}\" in\n"
        "        'rules list'|'rules show'|'rules kinds'|'rules test'|'rules lint'|'exempt add'|"
        "'exempt list'|'exempt remove'|'config show'|'config check')\n"
        "            [ \"$COMP_CWORD\" -gt 2 ] && command=\"$command ${COMP_WORDS[2]}\" ;;\n"
        "        esac\n"
        "        case \"$command\" in\n");
    add_cases(out, "        ");
    gb_buffer_text(out, "        esac ;;\n"
                        "    esac\n"
                        "    [ -n \"$ids\" ] && words=\"$words $(gabion rules list 2>/dev/null | "
                        "awk '/^[A-Z]+-/ { print $1 }')\"\n"
                        "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
                        "}\n"
                        "complete -F _gabion gabion\n");
}

static void add_zsh(struct gb_buffer *out)
{
    gb_buffer_text(out, "#compdef gabion\n"
                        "# zsh completion for gabion\n"
                        "_gabion() {\n"
                        "    local words_list='' ids='' command=${words[2]:-}\n"
                        "    if (( CURRENT == 2 )); then\n"
                        "        compadd --");
    add_first_words(out);
    gb_buffer_text(out, "\n        return\n"
                        "    fi\n"
                        "    case \"$command ${words[3]:-}\" in\n"
                        "    (rules\\ *|exempt\\ *|config\\ *)\n"
                        "        (( CURRENT > 3 )) && command=\"$command ${words[3]}\" ;;\n"
                        "    esac\n"
                        "    local words\n"
                        "    case \"$command\" in\n");
    add_cases(out, "    ");
    gb_buffer_text(out, "    esac\n"
                        "    [[ -n $ids ]] && words=\"$words $(gabion rules list 2>/dev/null | "
                        "awk '/^[A-Z]+-/ { print $1 }')\"\n"
                        "    compadd -- ${=words}\n"
                        "}\n"
                        "compdef _gabion gabion\n");
}

static void add_fish(struct gb_buffer *out)
{
    gb_buffer_text(out, "# fish completion for gabion\ncomplete -c gabion -f\n");
    for (size_t i = 0; i < gb_command_count; i++) {
        const struct gb_command *command = gb_commands[i];
        if (strchr(command->name, ' '))
            continue;
        gb_buffer_print(out, "complete -c gabion -n __fish_use_subcommand -a %s -d \"%s\"\n",
                        command->name, command->summary);
        for (const struct gb_option *o = command->options; o && o->name; o++)
            gb_buffer_print(out,
                            "complete -c gabion -n '__fish_seen_subcommand_from %s' -l %s%s -d "
                            "\"%s\"\n",
                            command->name, o->name, o->argument ? " -r" : "", o->help);
        if (takes_controls(command))
            gb_buffer_print(
                out,
                "complete -c gabion -n '__fish_seen_subcommand_from %s' -a "
                "'(gabion rules list 2>/dev/null | string match -r \"^[A-Z]+-\\S+\")'\n",
                command->name);
    }
    for (size_t i = 0; i < gb_command_count; i++) {
        const char *space = strchr(gb_commands[i]->name, ' ');
        if (space)
            gb_buffer_print(out,
                            "complete -c gabion -n '__fish_seen_subcommand_from %.*s' -a %s -d "
                            "\"%s\"\n",
                            (int)(space - gb_commands[i]->name), gb_commands[i]->name, space + 1,
                            gb_commands[i]->summary);
    }
    for (const struct gb_option *o = gb_global_options; o->name; o++)
        gb_buffer_print(out, "complete -c gabion -l %s%s -d \"%s\"\n", o->name,
                        o->argument ? " -r" : "", o->help);
}

static int run(const struct gb_program *program, struct gb_invocation *invocation)
{
    (void)program;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(LARGEST_TEXT);
    struct gb_error err = {0};
    struct gb_str shell =
        invocation->operand_count == 1 ? invocation->operands[0] : (struct gb_str){0};
    if (gb_str_is(shell, "bash")) {
        add_bash(&out);
    } else if (gb_str_is(shell, "zsh")) {
        add_zsh(&out);
    } else if (gb_str_is(shell, "fish")) {
        add_fish(&out);
    } else {
        gb_say("completion needs a shell: bash, zsh or fish");
        return GB_EXIT_USAGE;
    }
    return gb_output_stdout(gb_buffer_str(&out), &err) ? gb_say_error(&err) : GB_EXIT_OK;
}

static const char *const examples[] = {
    "gabion completion bash > /etc/bash_completion.d/gabion",
    "gabion completion zsh > ~/.zfunc/_gabion",
    NULL,
};

const struct gb_command gb_command_completion = {
    .name = "completion",
    .summary = "print a completion script for a shell",
    .operands = "bash|zsh|fish",
    .examples = examples,
    .run = run,
};
