#include "query/fmt_pf.h"

#include <stddef.h>

const char *
fmt_pf_action(uint8_t action)
{
	return action == 0 ? "pass" : "block";
}

const char *
fmt_pf_reason(uint8_t reason)
{
	/* nfdump writes the bracket. */
	static const char *const names[] = { "match", "bad-offset", "fragment",
		"short", "normalize", "memory)", "bad-timestamp", "congestion",
		"ip-option", "proto-cksum", "state-mismatch", "state-insert",
		"state-limit", "src-limit", "synproxy" };
	return reason < sizeof(names) / sizeof(names[0]) ? names[reason]
							 : "<unknown>";
}

const char *
fmt_pf_direction(uint8_t direction)
{
	return direction == 0 ? "out" : "in";
}
