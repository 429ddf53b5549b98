// Rows of options that several commands share, so that they mean the same everywhere.
#ifndef GABION_CLI_OPTIONS_H
#define GABION_CLI_OPTIONS_H

#include "cli/command.h"

// clang-format off
// What is looked at.
#define GB_OPTIONS_TARGET                                                                          \
    {.name = "root", .argument = "DIR", .help = "look at this mounted root file system instead"},  \
    {.name = "recorded-kernel", .help = "the root holds its own /proc, /sys and /.gabion answers"},\
    {.name = "now", .argument = "TIME", .help = "judge as of this time (RFC 3339)"},               \
    {.name = "no-walk", .help = "leave out the walk of the file system"},                          \
    {.name = "verify", .help = "hold package files against their checksums (slow)"},               \
    {.name = "feeds", .argument = "DIR", .help = "the advisory data (see gabion feed)"},           \
    {.name = "scope", .argument = "RELEASE", .help = "match as this release: debian-12"},          \
    {.name = "no-vulnerabilities", .help = "leave out the search for known flaws"}

// Which controls judge it.
#define GB_OPTIONS_RULES                                                                           \
    {.name = "check", .argument = "GLOB", .help = "only controls with this id or tag; repeatable", \
     .repeatable = true},                                                                          \
    {.name = "skip", .argument = "GLOB", .help = "leave out controls with this id or tag",         \
     .repeatable = true},                                                                          \
    {.name = "rules", .argument = "PATH", .help = "add controls of this file or folder",           \
     .repeatable = true},                                                                          \
    {.name = "exemptions", .argument = "FILE", .help = "the exemptions file", .repeatable = true}

// Where history is kept.
#define GB_OPTIONS_STORE                                                                           \
    {.name = "store", .argument = "FILE", .help = "the data base of earlier scans"},               \
    {.name = "no-store", .help = "neither read nor write history"}
// clang-format on

#endif
