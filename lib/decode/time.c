#include "decode/engine.h"

#define UPTIME_SLACK_MS 100000
#define YEAR_MS         (UINT64_C(86400000) * 366)
#define NTP_1970        UINT64_C(2208988800) /* epoch in NTP seconds */

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

/* ---- of records by template ----------------------------------------------- */

/*
 * RFC 7011 section 6.1.9: NTP format.  What would lie before 1970 is a plain
 * count since the epoch, as some exporters send it.
 */
static uint64_t
from_ntp(uint64_t v, uint64_t units_per_ms)
{
	uint64_t secs = v >> 32;
	if (secs < NTP_1970)
		return v / units_per_ms;
	return (secs - NTP_1970) * 1000 + ((v & UINT32_MAX) * 1000 >> 32);
}

/* The record's own, else what options said. */
static uint64_t
boot_of(const struct decoding *d)
{
	return d->r.x.boot_ms != 0 ? d->r.x.boot_ms : d->e->boot_ms;
}

static uint64_t
convert_time(const struct decoding *d, enum field_time kind, int end)
{
	const struct field_extra *x = &d->r.x;
	uint64_t v = x->time[kind][end];
	switch (kind) {
	case TIME_UPTIME:
		/* A start of 0 is the boot, an end of 0 is nothing. */
		if (x->time[kind][1] == 0)
			return 0;
		if (d->proto == FIELD_V9 && x->boot_ms == 0)
			return time_from_uptime(d->export_ms, d->uptime,
			    (uint32_t)v);
		return boot_of(d) != 0 ? time_from_boot(d->export_ms,
					     boot_of(d), (uint32_t)v)
				       : 0;
	case TIME_NTP_NS:
		return v != 0 ? from_ntp(v, 1000000) : 0;
	case TIME_NTP_US:
		return v != 0 ? from_ntp(v, 1000) : 0;
	case TIME_DELTA:
		return v / 1000 < d->export_ms ? d->export_ms - v / 1000 : 0;
	case TIME_S:
		return v <= UINT32_MAX ? v * 1000 : 0;
	case TIME_MS:
	case TIME_MAX:
		break;
	}
	return v;
}

/* The finest of those that are there. */
static uint64_t
find_time(const struct decoding *d, uint32_t times, int end)
{
	uint32_t left = times & UINT32_C(0x55555555) << end;
	uint64_t ms = 0;
	for (; left != 0 && ms == 0; left &= left - 1)
		ms = convert_time(d, (enum field_time)(__builtin_ctz(left) / 2),
		    end);
	return ms;
}

/* When an event happened or a packet was seen, 0: not said. */
static uint64_t
observed(const struct record *r)
{
	const struct field_extra *x = &r->x;
	if (r->f.event_time != 0)
		return r->f.event_time;
	if (x->observed_ntp_ns != 0)
		return from_ntp(x->observed_ntp_ns, 1000000);
	if (x->observed_ntp_us != 0)
		return from_ntp(x->observed_ntp_us, 1000);
	if (x->observed_s != 0)
		return x->observed_s * UINT64_C(1000);
	return x->collected_ms;
}

#define EVENTS (FLOW_BIT(FE_NSEL) | FLOW_BIT(FE_NATEVENT))

/* What is missing, from the other and the duration, or when it was seen. */
static void
complete(const struct record *r, bool event, uint64_t *first, uint64_t *last)
{
	const struct field_extra *x = &r->x;
	uint64_t took =
	    x->duration_ms != 0 ? x->duration_ms : x->duration_us / 1000;
	if (*last == 0 && *first != 0 && took != 0 && took < UINT32_MAX)
		*last = *first + took;
	else if (*first == 0 && took != 0 && took < *last)
		*first = *last - took;
	if (!event && (*first != 0 || *last != 0))
		return;
	uint64_t seen = observed(r);
	if (*first == 0)
		*first = seen;
	if (*last == 0)
		*last = seen;
}

void
time_set(struct decoding *d, uint32_t times)
{
	struct flow *f = &d->r.f;
	uint64_t first = find_time(d, times, 0);
	uint64_t last = find_time(d, times, 1);
	bool event = (f->have & EVENTS) != 0;
	if (first == 0 || last == 0)
		complete(&d->r, event, &first, &last);
	time_settle(d, f, first, last);
	if (!event)
		return;
	uint64_t seen = observed(&d->r);
	f->event_time = f->nat_event_time = seen != 0 ? seen : f->first;
}
