// What a Java archive is called and which version it is, by what it says of itself. Private to
// source/language.
//
// Formats: java.util.Properties (pom.properties as the Maven archiver writes it), JAR File
// Specification (the manifest's main section), OSGi and maven-bundle-plugin (Bundle-SymbolicName).
#ifndef GABION_SOURCE_LANGUAGE_JAVA_IDENTITY_H
#define GABION_SOURCE_LANGUAGE_JAVA_IDENTITY_H

#include "base/str.h"

struct gb_java_identity {
    struct gb_str group, artifact, version; // "" = not known
};

// Fields that the text has and `identity` does not are filled in. Strings are in the arena or in
// `text`.
void gb_java_properties(struct gb_str text, struct gb_arena *arena,
                        struct gb_java_identity *identity);

struct gb_java_manifest {
    struct gb_str title, version, vendor_id; // Implementation-*
    struct gb_str symbolic_name, bundle_version;
};
struct gb_java_manifest gb_java_manifest_read(struct gb_str text, struct gb_arena *arena);

// "commons-text-1.9.jar": artifact and version; a classifier behind the version is left out.
struct gb_java_identity gb_java_file_name(struct gb_str name);

// Does a file of this name hold the artifact? "a-1.0.jar" and "a.jar" hold "a".
bool gb_java_is_named_after(struct gb_str file, struct gb_str artifact);

// Groups of artifacts that do not state theirs, by their names; `top_level` is a directory of
// classes that must be in the archive. NULL when there is none for the artifact.
struct gb_java_known {
    struct gb_str prefix; // of the artifact
    struct gb_str group;
    struct gb_str directory;
};
const struct gb_java_known *gb_java_known_group(struct gb_str artifact);

// The identity of an archive without pom.properties. `has_directory` tells whether the directory of
// gb_java_known_group is in it.
struct gb_java_identity gb_java_identify(struct gb_str file,
                                         const struct gb_java_manifest *manifest,
                                         bool has_directory, struct gb_arena *arena);

#endif
