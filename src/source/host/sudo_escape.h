// How a command that sudo lets somebody run as root becomes root's shell: editors, pagers and
// interpreters start programs, some tools write any file, and so on. Used by the sudo source.
//
//     struct gb_str why = gb_sudo_escape(GB_STR("/usr/bin/vim /etc/hosts"), false);
//     ... "writes any file and starts shells"
//
// What is told is certain; that nothing is told does not mean that a command is harmless.
#ifndef GABION_SOURCE_HOST_SUDO_ESCAPE_H
#define GABION_SOURCE_HOST_SUDO_ESCAPE_H

#include "base/str.h"

// What a sudoers command allows behind its path.
enum gb_sudo_arguments {
    GB_SUDO_ANY_ARGUMENTS,  // nothing stands there: any, none included
    GB_SUDO_NO_ARGUMENTS,   // ""
    GB_SUDO_WILD_ARGUMENTS, // with * or the like, which match blanks and slashes too
    GB_SUDO_FIXED_ARGUMENTS,
};

// Splits a command at the first blank without a backslash before it. Slices of `command`.
struct gb_str gb_sudo_command_path(struct gb_str command);
struct gb_str gb_sudo_command_arguments(struct gb_str command);
enum gb_sudo_arguments gb_sudo_argument_freedom(struct gb_str command);

// Has the text *, ? or [ without a backslash before it, or is it a regular expression?
bool gb_sudo_has_wildcard(struct gb_str text);

// Why the command gives root's shell, a clause; empty when no way is known. `noexec`: the command
// cannot start others.
struct gb_str gb_sudo_escape(struct gb_str command, bool noexec);

// Is it a shell or interpreter, so that a file among its arguments is code?
bool gb_sudo_runs_its_argument(struct gb_str path);

#endif
