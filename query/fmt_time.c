/* Tokens of times. */
#include <stdio.h>
#include <time.h>

#include "query/fmt.h"
#include "query/text.h"

static uint64_t
length(const struct flow *f)
{
	return f->last > f->first ? f->last - f->first : 0;
}

static uint64_t
event_time(const struct flow *f)
{
	return fmt_is_nsel(f) ? f->event_time : f->nat_event_time;
}

static void
tk_ts(const struct row *r)
{
	text_time(r->b, r->flow->first, ' ');
}

static void
tk_te(const struct row *r)
{
	text_time(r->b, r->flow->last, ' ');
}

static void
tk_tr(const struct row *r)
{
	text_time(r->b, r->flow->received, ' ');
}

static void
tk_tsr(const struct row *r)
{
	text_millis(r->b, r->flow->first, 14);
}

static void
tk_ter(const struct row *r)
{
	text_millis(r->b, r->flow->last, 14);
}

static void
tk_trr(const struct row *r)
{
	text_millis(r->b, r->flow->received, 0);
}

static void
tk_tds(const struct row *r)
{
	text_millis(r->b, length(r->flow), 16);
}

static void
tk_td(const struct row *r)
{
	if (r->f->plain)
		tk_tds(r);
	else
		text_duration(r->b, length(r->flow));
}

static void
tk_tevt(const struct row *r)
{
	text_time(r->b, event_time(r->flow), ' ');
}

static void
tk_msec(const struct row *r)
{
	text_number(r->b, event_time(r->flow), 13);
}

/* The same without regard to the time zone. */
static void
put_gmt(struct buf *b, uint64_t ms)
{
	char text[32];
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) == 0)
		(void)snprintf(text, sizeof(text), "<unknown>");
	buf_printf(b, "%19s.%03u", text, (unsigned)(ms % 1000));
}

static void
tk_tsg(const struct row *r)
{
	put_gmt(r->b, r->flow->first);
}

static void
tk_teg(const struct row *r)
{
	put_gmt(r->b, r->flow->last);
}

static void
tk_trg(const struct row *r)
{
	put_gmt(r->b, r->flow->received);
}

const struct token fmt_times[] = {
	{ "tfs", "Date first seen        ", false, tk_ts, 0 },
	{ "ts", "Date first seen        ", false, tk_ts, 0 },
	{ "tsr", "Date first seen (raw)    ", false, tk_tsr, 0 },
	{ "te", "Date last seen         ", false, tk_te, 0 },
	{ "ter", "Date last seen (raw)     ", false, tk_ter, 0 },
	{ "tr", "Date flow received     ", false, tk_tr, 0 },
	{ "trr", "Date flow received (raw)  ", false, tk_trr, 0 },
	{ "td", "    Duration    ", false, tk_td, 0 },
	{ "tds", "    Duration    ", false, tk_tds, 0 },
	{ "tevt", "Event time             ", false, tk_tevt, 0 },
	{ "tsg", "First seen GMT         ", false, tk_tsg, 0 },
	{ "teg", "Last seen GMT          ", false, tk_teg, 0 },
	{ "trg", "Date flow received GMT ", false, tk_trg, 0 },
	{ "msec", "   Event Time", false, tk_msec, 0 },
	{ .name = NULL },
};
