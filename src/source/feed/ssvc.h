// Decision points of SSVC in CISA's words, which come in mixed case. Inside source/feed.
#ifndef GABION_SOURCE_FEED_SSVC_H
#define GABION_SOURCE_FEED_SSVC_H

#include "source/feed/format.h"

// False for words that are none.
bool gb_ssvc_exploitation(struct gb_str word, struct gb_exploit_facts *facts); // none poc active
bool gb_ssvc_automatable(struct gb_str word, struct gb_exploit_facts *facts);  // yes no
bool gb_ssvc_impact(struct gb_str word, struct gb_exploit_facts *facts);       // partial total

#endif
