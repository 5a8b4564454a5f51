/* fmt_pf: words for what a packet filter's log says (FE_PFINFO). */
#ifndef QUERY_FMT_PF_H
#define QUERY_FMT_PF_H

#include <stdint.h>

const char *fmt_pf_action(uint8_t action);
const char *fmt_pf_reason(uint8_t reason);
const char *fmt_pf_direction(uint8_t direction);

#endif
