// Names that feeds use for releases and ecosystems, as scopes of model/advisory/advisory.h. Inside
// source/feed.
//
// Distributions get the names that an operating system calls itself by (ID-VERSION_ID of
// os-release, as far as advisories tell releases apart): "debian-12", "ubuntu-22.04",
// "almalinux-8", "alpine-3.18", "alpine-edge", "rhel-9", "sles-15.5", "opensuse-leap-15.6",
// "opensuse-tumbleweed", "amazon-2023", "oracle-8", "wolfi". What needs a subscription or another
// repository is a scope of its own: "ubuntu-pro-16.04", "ubuntu-pro-fips-22.04", "sles-ltss-15.3",
// "rhel-eus-9.4".
#ifndef GABION_SOURCE_FEED_SCOPE_H
#define GABION_SOURCE_FEED_SCOPE_H

#include "base/arena.h"
#include "base/str.h"

// Of an OSV ecosystem: "Debian:12", "Ubuntu:Pro:16.04:LTS", "crates.io". What is not known is given
// in lower case with '-' for what is no letter, digit or point. An empty slice when memory is out.
struct gb_str gb_feed_scope_of_ecosystem(struct gb_str ecosystem, struct gb_arena *arena);
// Of a Debian codename or suite: "bookworm" -> "debian-12", "sid" -> "debian-sid", "GENERIC" ->
// "debian-generic". Empty for other words.
struct gb_str gb_feed_scope_of_debian(struct gb_str codename);
// Of a CPE 2.2 or 2.3 name of Red Hat's products without "cpe:/o:redhat:" or "cpe:/a:redhat:":
// "enterprise_linux:9::baseos" -> "rhel-9", "rhel_eus:9.4::appstream" -> "rhel-eus-9.4".
struct gb_str gb_feed_scope_of_redhat(struct gb_str product, struct gb_arena *arena);
// Of a SUSE product's name: "SUSE Linux Enterprise Server 15 SP5" -> "sles-15.5", "openSUSE Leap
// 15.6" -> "opensuse-leap-15.6".
struct gb_str gb_feed_scope_of_suse(struct gb_str product, struct gb_arena *arena);

#endif
