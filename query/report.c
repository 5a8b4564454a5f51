#include "query/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "nffile/nffile.h"
#include "query/records.h"
#include "query/skipped.h"
#include "query/text.h"

#define FLUSH_AT 65536

/* Everything one query holds. */
struct report {
	struct options *o;
	struct scan scan;
	struct buf out;
	struct records kept; /* flows to be sorted */
	bool labels;         /* the filter has some */
	const char **label;  /* of kept flows */
	size_t label_cap;
	double start; /* seconds */
};

/* ---- output --------------------------------------------------------------------- */

static void
complain(const char *text)
{
	(void)fprintf(stderr, "nfsen-query: %s\n", text);
}

static void
flush(struct report *r)
{
	if (r->out.len != 0 &&
	    file_write_full(STDOUT_FILENO, r->out.data, r->out.len) == -1)
		exit(EXIT_ARGS); /* the reader has gone */
	buf_clear(&r->out);
}

static void
print_flow(struct report *r, const struct flow *f)
{
	format_flow(&r->o->format, f, &r->out);
	if (r->out.len >= FLUSH_AT)
		flush(r);
}

/* ---- sinks ---------------------------------------------------------------------- */

/* The label that the filter gives the flow takes the place of its own. */
static const char *
label_of(const struct report *r, const struct flow *f, const char *ident)
{
	return r->labels ? filter_label(r->o->filter, f, ident) : NULL;
}

static void
set_label(struct flow *f, const char *label)
{
	if (label == NULL)
		return;
	f->have |= FLOW_BIT(FE_LABEL);
	f->label.p = (const uint8_t *)label;
	f->label.len = (uint16_t)(strlen(label) + 1);
}

/* Plain listing: each flow as it comes. */
static void
list_take(void *ctx, const struct picked *p)
{
	struct report *r = ctx;
	for (size_t i = 0; i < p->n; i++) {
		struct flow f;
		(void)nffile_record_flow(p->b->rec[p->rows[i]], &f);
		set_label(&f, label_of(r, &f, p->b->ident));
		print_flow(r, &f);
	}
}

/* The label of the record that will be kept next. */
static void
keep_label(struct report *r, const uint8_t *rec, const char *ident)
{
	struct flow f;
	if (r->kept.n == r->label_cap) {
		r->label_cap = r->label_cap != 0 ? r->label_cap * 2 : 1024;
		r->label =
		    mem_realloc(r->label, r->label_cap, sizeof(r->label[0]));
	}
	(void)nffile_record_flow(rec, &f);
	r->label[r->kept.n] = label_of(r, &f, ident);
}

/* -O: kept until all are there. */
static void
keep_take(void *ctx, const struct picked *p)
{
	struct report *r = ctx;
	for (size_t i = 0; i < p->n; i++) {
		const uint8_t *rec = p->b->rec[p->rows[i]];
		if (r->labels)
			keep_label(r, rec, p->b->ident);
		(void)records_add(&r->kept, rec);
	}
}

/* ---- flows in order --------------------------------------------------------------- */

static void
print_kept(struct report *r)
{
	struct ranked *top = mem_calloc(r->kept.n, sizeof(*top));
	for (uint32_t i = 0; i < r->kept.n; i++) {
		struct flow f;
		(void)nffile_record_flow(r->kept.rec[i], &f);
		struct sums s = sums_of_flow(&f);
		top[i] =
		    (struct ranked){ order_value((enum order)r->o->order, &s),
			    i };
	}
	size_t n = order_top(top, r->kept.n, r->o->top);
	for (size_t i = 0; i < n; i++) {
		struct flow f;
		(void)nffile_record_flow(r->kept.rec[top[i].index], &f);
		if (r->labels)
			set_label(&f, r->label[top[i].index]);
		print_flow(r, &f);
	}
	free(top);
}

/* order -1: as they came. */
static void
print_groups(struct report *r, int order)
{
	const struct agg *a = &r->o->agg;
	uint32_t groups = a->groups.n;
	struct ranked *top = mem_calloc(groups, sizeof(*top));
	for (uint32_t i = 0; i < groups; i++)
		top[i] = (struct ranked){ order == -1
					      ? 0
					      : order_value((enum order)order,
						    agg_sums(a, i)),
			i };
	size_t n = order_top(top, groups, r->o->top);
	for (size_t i = 0; i < n; i++) {
		struct flow f;
		agg_flow(a, top[i].index, &f);
		print_flow(r, &f);
	}
	free(top);
}

static void
print_record_stat(struct report *r, enum order order)
{
	const struct options *o = r->o;
	if (!o->quiet && o->format.mode == MODE_FMT) {
		buf_adds(&r->out, "Top ");
		if (o->top != 0)
			buf_printf(&r->out, "%zu ", o->top);
		buf_printf(&r->out, "flows ordered by %s:\n",
		    order_name(order));
	}
	r->o->format.count = 0;
	if (!o->quiet)
		format_head(&o->format, &r->out);
	print_groups(r, (int)order);
	if (!o->quiet)
		format_foot(&o->format, &r->out);
}

static void
print_stats(struct report *r)
{
	const struct options *o = r->o;
	struct stat_style style = { .mode = o->format.mode,
		.plain = o->format.plain,
		.wide6 = o->format.wide6,
		.quiet = o->quiet,
		.top = o->top };
	for (int i = 0; i < ORDER_STAT_MAX; i++)
		if ((o->record_orders >> i & 1) != 0 && r->scan.passed != 0)
			print_record_stat(r, (enum order)i);
	for (size_t i = 0; i < o->n_stats; i++)
		stat_print(&o->stats[i], &r->scan.total, &style, &r->out);
}

/* ---- footer ----------------------------------------------------------------------- */

static double
now(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

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
put_summary(struct report *r)
{
	const struct totals *t = &r->scan.total;
	struct rates a = averages(t);
	bool plain = r->o->format.plain;
	char s[5][TEXT_SCALED_LEN];
	buf_printf(&r->out,
	    "Summary: total flows: %llu, total bytes: %s, "
	    "total packets: %s, avg bps: %s, avg pps: %s, avg bpp: %s\n",
	    (unsigned long long)t->flows, text_scaled(a.bytes, plain, s[0]),
	    text_scaled(a.packets, plain, s[1]),
	    text_scaled(a.bps, plain, s[2]), text_scaled(a.pps, plain, s[3]),
	    text_scaled(a.bpp, plain, s[4]));
}

/* What the files cover, within the window asked for. */
static void
put_window(struct report *r)
{
	const struct scan *s = &r->scan;
	uint64_t first = s->first, last = s->last;
	if (last == 0) {
		buf_adds(&r->out, "Time window: <unknown>\n");
		return;
	}
	if (first == 0) {
		buf_adds(&r->out, "Time Window unknown\n");
		return;
	}
	if (s->from_ms > first)
		first = s->from_ms;
	if (s->to_ms != 0 && s->to_ms < last)
		last = s->to_ms;
	buf_adds(&r->out, "Time window: ");
	text_seconds(&r->out, first, ' ');
	buf_adds(&r->out, " - ");
	text_seconds(&r->out, last, ' ');
	buf_addc(&r->out, '\n');
}

static void
put_effort(struct report *r)
{
	struct rusage u;
	double wall = now() - r->start;
	(void)getrusage(RUSAGE_SELF, &u);
	buf_printf(&r->out,
	    "Total flows processed: %llu, passed: %llu, Blocks "
	    "skipped: 0, Bytes read: %llu\n",
	    (unsigned long long)r->scan.processed,
	    (unsigned long long)r->scan.passed,
	    (unsigned long long)r->scan.bytes_read);
	buf_printf(&r->out,
	    "Sys: %.4fs User: %.4fs Wall: %.4fs flows/second: "
	    "%.1f Runtime: %.4fs\n",
	    seconds(&u.ru_stime), seconds(&u.ru_utime), wall,
	    wall > 0 ? (double)r->scan.processed / wall : 0, wall);
}

static void
put_csv_summary(struct report *r)
{
	struct rates a = averages(&r->scan.total);
	buf_printf(&r->out,
	    "Summary\n"
	    "flows,bytes,packets,avg_bps,avg_pps,avg_bpp\n"
	    "%llu,%llu,%llu,%llu,%llu,%llu\n",
	    (unsigned long long)r->scan.total.flows,
	    (unsigned long long)a.bytes, (unsigned long long)a.packets,
	    (unsigned long long)a.bps, (unsigned long long)a.pps,
	    (unsigned long long)a.bpp);
}

static void
put_footer(struct report *r)
{
	if (r->o->quiet)
		return;
	switch (r->o->format.mode) {
	case MODE_FMT:
	case MODE_NULL:
		put_summary(r);
		put_window(r);
		put_effort(r);
		break;
	case MODE_CSV:
		put_csv_summary(r);
		break;
	case MODE_JSON:
	case MODE_PIPE:
		break;
	}
}

/* ---- the query ------------------------------------------------------------------- */

static void
add_sinks(struct report *r)
{
	struct options *o = r->o;
	bool stats = o->n_stats != 0 || o->record_orders != 0;
	if (o->aggregate) {
		agg_begin(&o->agg,
		    !o->format.everyday && o->format.mode != MODE_NULL);
		scan_add_sink(&r->scan, agg_take, &o->agg,
		    agg_columns(&o->agg));
	}
	for (size_t i = 0; i < o->n_stats; i++) {
		stat_begin(&o->stats[i]);
		scan_add_sink(&r->scan, stat_take, &o->stats[i],
		    stat_columns(&o->stats[i]));
	}
	if (o->aggregate || stats || o->format.mode == MODE_NULL)
		return;
	scan_add_sink(&r->scan, o->order != -1 ? keep_take : list_take, r, 0);
}

static bool
is_listed(const struct tree_list *l, const char *path)
{
	for (size_t i = l->n; i-- > 0;)
		if (strcmp(l->files[i].path, path) == 0)
			return true;
	return false;
}

/* The open file got its name while we looked: what is there now but was not? */
static void
scan_renamed(struct report *r, const struct tree_list *seen)
{
	struct tree_list l;
	size_t n = 0;
	if (tree_find(&r->o->files, &r->o->arena, &l, NULL) == -1)
		return;
	for (size_t i = 0; i < l.n; i++)
		if (!l.files[i].open && !is_listed(seen, l.files[i].path))
			l.files[n++] = l.files[i];
	l.n = n;
	scan_run(&r->scan, &l, complain);
}

static void
scan(struct report *r, const struct tree_list *files)
{
	scan_run(&r->scan, files, complain);
	if (r->scan.vanished &&
	    (r->scan.limit == 0 || r->scan.passed < r->scan.limit))
		scan_renamed(r, files);
}

static void
run(struct report *r, const struct tree_list *files)
{
	struct options *o = r->o;
	bool stats = o->n_stats != 0 || o->record_orders != 0;
	add_sinks(r);
	if (!stats && !o->quiet)
		format_head(&o->format, &r->out);
	scan(r, files);
	if (r->scan.passed == 0 && o->format.mode != MODE_JSON)
		buf_adds(&r->out, "No matching flows\n");
	if (stats)
		print_stats(r);
	else if (o->aggregate)
		print_groups(r, o->order);
	else if (o->order != -1)
		print_kept(r);
	if (!stats && !o->quiet)
		format_foot(&o->format, &r->out);
	put_footer(r);
	flush(r);
}

static void
name_missing(const struct tree_list *files)
{
	for (size_t i = 0; i < files->n_missing; i++)
		(void)fprintf(stderr, "nfsen-query: %s: no such flow files\n",
		    files->missing[i]);
}

int
report_query(struct options *o)
{
	struct report r = { .o = o, .start = now() };
	r.labels = o->filter != NULL && filter_labels(o->filter);
	struct tree_list files;
	struct err err;
	if (tree_find(&o->files, &o->arena, &files, &err) == -1) {
		complain(err.msg);
		return EXIT_ARGS;
	}
	name_missing(&files);
	scan_init(&r.scan);
	r.scan.filter = o->filter;
	r.scan.from_ms = o->from_ms;
	r.scan.to_ms = o->to_ms;
	r.scan.limit = o->limit;
	run(&r, &files);
	skipped_say(&r.scan);
	buf_free(&r.out);
	records_free(&r.kept);
	free(r.label);
	return r.scan.failed != 0 || r.scan.damaged != 0 ? EXIT_DAMAGE : 0;
}
