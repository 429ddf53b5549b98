// Is a part of the kernel there, so that asking it something loads nothing? On kernels with modules
// some questions load the module that answers them, and a scan changes nothing. Used by the readers
// of kernel answers.
#ifndef GABION_SOURCE_HOST_KERNEL_PARTS_H
#define GABION_SOURCE_HOST_KERNEL_PARTS_H

#include "sys/host.h"

// `module` as modprobe writes it, with underscores: "nf_tables". True when it is loaded or built
// in, when this kernel has no modules at all, and for recordings; also when nothing can be said
// (the lists of modules cannot be read) and no module could be loaded either, for want of its
// files.
bool gb_kernel_part_is_there(const struct gb_host *host, struct gb_arena *scratch,
                             const char *module);

#endif
