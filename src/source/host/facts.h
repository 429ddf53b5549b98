// The probes of this folder write facts with the helpers that all sources share.
#ifndef GABION_SOURCE_HOST_FACTS_H
#define GABION_SOURCE_HOST_FACTS_H

#include "source/facts.h"

#endif
