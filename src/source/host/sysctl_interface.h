// Kernel settings of network interfaces, with what they add up to: the kernel combines the value of
// an interface with the one of "all", differently for each setting. Used by the sysctl probe.
#ifndef GABION_SOURCE_HOST_SYSCTL_INTERFACE_H
#define GABION_SOURCE_HOST_SYSCTL_INTERFACE_H

#include "source/host/facts.h"

// Puts the field "interface_settings": one record for each interface (and for "default": interfaces
// to come) and setting. The loopback interface is left out. Also puts "ipv4" and "ipv6": does the
// kernel have the protocol?
void gb_sysctl_put_interfaces(struct gb_facts *facts);

#endif
