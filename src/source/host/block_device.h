// Block devices as /sys shows them: is there encryption below one? Used by the probes of mounts,
// swap and block devices.
#ifndef GABION_SOURCE_HOST_BLOCK_DEVICE_H
#define GABION_SOURCE_HOST_BLOCK_DEVICE_H

#include "source/source.h"

enum gb_block_encryption {
    GB_BLOCK_PLAIN,
    GB_BLOCK_ENCRYPTED, // dm-crypt somewhere between it and the disk
    GB_BLOCK_UNKNOWN,   // no such device, or too deep a stack
};

// By kernel name ("sda2", "dm-1").
enum gb_block_encryption gb_block_encryption(struct gb_collector *collector, struct gb_str name);

// Kernel name of a device number "254:0"; empty when there is none (file systems without a block
// device).
struct gb_str gb_block_name_of(struct gb_collector *collector, struct gb_str device);

// Can the medium be taken out or unplugged (USB, card reader)? Partitions ask their disk.
bool gb_block_removable(struct gb_collector *collector, struct gb_str name);

#endif
