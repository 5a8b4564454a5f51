#include "query/footer.h"

#include <sys/resource.h>

#include "query/text.h"

static double
seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static struct rates
averages(const struct totals *t)
{
	struct sums s = { .packets = t->packets,
		.bytes = t->bytes,
		.out_packets = t->out_packets,
		.out_bytes = t->out_bytes,
		.first = t->first,
		.last = t->last };
	return sums_rates(&s, DIR_BOTH);
}

static void
put_summary(const struct options *o, const struct totals *t, struct buf *out)
{
	struct rates a = averages(t);
	bool plain = o->format.plain;
	char s[5][TEXT_SCALED_LEN];
	buf_printf(out,
	    "Summary: total flows: %llu, total bytes: %s, "
	    "total packets: %s, avg bps: %s, avg pps: %s, avg bpp: %s\n",
	    (unsigned long long)t->flows, text_scaled(a.bytes, plain, s[0]),
	    text_scaled(a.packets, plain, s[1]),
	    text_scaled(a.bps, plain, s[2]), text_scaled(a.pps, plain, s[3]),
	    text_scaled(a.bpp, plain, s[4]));
}

/* What the files cover, within the window asked for. */
static void
put_window(const struct options *o, const struct scan *s, struct buf *out)
{
	uint64_t first = s->first, last = s->last;
	bool ms = o->footer == FOOTER_178;
	void (*put)(struct buf *, uint64_t, char) =
	    ms ? text_time : text_seconds;
	if (last == 0) {
		buf_adds(out, "Time window: <unknown>\n");
		return;
	}
	if (first == 0) {
		buf_adds(out, "Time Window unknown\n");
		return;
	}
	if (s->from_ms > first)
		first = s->from_ms;
	if (s->to_ms != 0 && s->to_ms < last)
		last = s->to_ms;
	buf_adds(out, "Time window: ");
	put(out, first, ' ');
	buf_adds(out, " - ");
	put(out, last, ' ');
	if (ms) {
		buf_adds(out, ", Duration:");
		text_duration(out, last > first ? last - first : 0);
	}
	buf_addc(out, '\n');
}

static void
put_processed(const struct options *o, const struct scan *s, struct buf *out)
{
	buf_printf(out, "Total %s processed: %llu, ",
	    o->footer == FOOTER_178 ? "records" : "flows",
	    (unsigned long long)s->processed);
	if (o->footer != FOOTER_16)
		buf_printf(out, "passed: %llu, ",
		    (unsigned long long)s->passed);
	buf_printf(out, "Blocks skipped: %llu, Bytes read: %llu\n",
	    (unsigned long long)s->skipped.blocks,
	    (unsigned long long)s->bytes_read);
}

static double
per_second(const struct scan *s, double time)
{
	return time > 0 ? (double)s->processed / time : 0;
}

static void
put_effort(const struct options *o, const struct scan *s, double start,
    struct buf *out)
{
	struct rusage u;
	double wall = progress_now() - start;
	(void)getrusage(RUSAGE_SELF, &u);
	double sys = seconds(&u.ru_stime), user = seconds(&u.ru_utime);
	put_processed(o, s, out);
	if (o->footer == FOOTER_16)
		buf_printf(out,
		    "Sys: %.3fs flows/second: %-10.1f Wall: %.3fs "
		    "flows/second: %-10.1f\n",
		    sys + user, per_second(s, sys + user), wall,
		    per_second(s, wall));
	else
		buf_printf(out,
		    "Sys: %.4fs User: %.4fs Wall: %.4fs flows/second: "
		    "%.1f Runtime: %.4fs\n",
		    sys, user, wall, per_second(s, wall), wall);
}

static void
put_csv_summary(const struct totals *t, struct buf *out)
{
	struct rates a = averages(t);
	buf_printf(out,
	    "Summary\n"
	    "flows,bytes,packets,avg_bps,avg_pps,avg_bpp\n"
	    "%llu,%llu,%llu,%llu,%llu,%llu\n",
	    (unsigned long long)t->flows, (unsigned long long)a.bytes,
	    (unsigned long long)a.packets, (unsigned long long)a.bps,
	    (unsigned long long)a.pps, (unsigned long long)a.bpp);
}

void
footer_partial(const struct options *o, const struct progress *p, bool any,
    struct buf *out)
{
	size_t done = atomic_load(&p->files_done);
	switch (o->format.mode) {
	case MODE_FMT:
	case MODE_RAW:
	case MODE_NULL:
		buf_printf(out, "Partial: interrupted, %zu of %zu files read\n",
		    done, p->files);
		break;
	case MODE_CSV:
		buf_printf(out, "Partial\nfiles,of_files\n%zu,%zu\n", done,
		    p->files);
		break;
	case MODE_JSON:
		buf_printf(out,
		    "%s{\n\t\"type\" : \"PARTIAL\",\n\t\"files\" : %zu,\n"
		    "\t\"of_files\" : %zu\n}",
		    any ? ",\n" : "", done, p->files);
		break;
	case MODE_NDJSON:
		buf_printf(out,
		    "{\"type\":\"PARTIAL\",\"files\":%zu,"
		    "\"of_files\":%zu}\n",
		    done, p->files);
		break;
	case MODE_CSV_FMT:
	case MODE_CSV_FAST:
	case MODE_PIPE:
		break;
	}
}

void
footer_put(const struct options *o, const struct scan *s, double start,
    struct buf *out)
{
	switch (o->format.mode) {
	case MODE_FMT:
	case MODE_RAW:
	case MODE_NULL:
		put_summary(o, &s->total, out);
		put_window(o, s, out);
		put_effort(o, s, start, out);
		break;
	case MODE_CSV:
		put_csv_summary(&s->total, out);
		break;
	case MODE_CSV_FMT:
	case MODE_CSV_FAST:
	case MODE_JSON:
	case MODE_NDJSON:
	case MODE_PIPE:
		break;
	}
}
