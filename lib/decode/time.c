#include "decode/engine.h"

#define UPTIME_SLACK_MS 100000
#define YEAR_MS         (UINT64_C(86400000) * 366)

uint64_t
time_from_uptime(uint64_t export_ms, uint32_t uptime, uint32_t when)
{
	uint32_t ago = uptime - when;
	uint32_t ahead = when - uptime;
	if (ahead <= UPTIME_SLACK_MS)
		return export_ms + ahead;
	return ago <= export_ms ? export_ms - ago : 0;
}

uint64_t
time_from_boot(uint64_t export_ms, uint64_t boot_ms, uint32_t when)
{
	uint64_t ms = boot_ms + when;
	if (export_ms > ms)
		ms += (export_ms - ms + UPTIME_SLACK_MS) >> 32 << 32;
	return ms;
}

/* Clocks are off by hours or weeks; a year ahead is nonsense. */
static bool
plausible(const struct decoding *d, uint64_t ms)
{
	uint64_t now =
	    d->export_ms > d->received_ms ? d->export_ms : d->received_ms;
	return ms != 0 && ms <= now + YEAR_MS;
}

void
time_settle(const struct decoding *d, struct flow *f, uint64_t first,
    uint64_t last)
{
	bool has_first = plausible(d, first);
	if (!plausible(d, last)) {
		last = d->export_ms != 0 &&
			       d->export_ms <= d->received_ms + YEAR_MS
			   ? d->export_ms
			   : d->received_ms;
		if (has_first)
			last = first;
	}
	f->first = has_first ? first : last;
	f->last = last;
}
