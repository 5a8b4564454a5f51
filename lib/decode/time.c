#include "decode/engine.h"

#define UPTIME_SLACK_MS 100000
#define DAY_MS          UINT64_C(86400000)

uint64_t
time_from_uptime(uint64_t export_ms, uint32_t uptime, uint32_t when)
{
	uint32_t ago = uptime - when;
	uint32_t ahead = when - uptime;
	if (ahead <= UPTIME_SLACK_MS)
		return export_ms + ahead;
	return ago <= export_ms ? export_ms - ago : 0;
}

/* Flows do not come from the future; a clock may be a day off. */
static bool
plausible(const struct decoding *d, uint64_t ms)
{
	uint64_t now = d->export_ms > d->received_ms ? d->export_ms :
	    d->received_ms;
	return ms != 0 && ms <= now + DAY_MS;
}

void
time_settle(const struct decoding *d, struct flow *f, uint64_t first,
    uint64_t last)
{
	bool has_first = plausible(d, first);
	if (!plausible(d, last)) {
		last = d->export_ms != 0 &&
		    d->export_ms <= d->received_ms + DAY_MS ?
		    d->export_ms : d->received_ms;
		if (has_first)
			last = first;
	}
	f->first = has_first ? first : last;
	f->last = last;
}
