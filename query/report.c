#include "query/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nffile/nffile.h"
#include "query/fmt.h"
#include "query/footer.h"
#include "query/input.h"
#include "query/interrupt.h"
#include "query/kept.h"
#include "query/listing.h"
#include "query/nameset.h"
#include "query/out.h"
#include "query/outfile.h"
#include "query/skipped.h"

/* Everything one query holds. */
struct report {
	struct options *o;
	struct scan scan;
	struct out out;
	struct listing listing;
	struct outfile *file; /* -w, NULL: flows are printed */
	size_t shown;         /* groups that -P let pass */
	struct kept kept;     /* flows to be sorted */
	bool listed;          /* flows are printed while they are read */
	struct progress progress;
	double start; /* seconds */
};

static void
complain(const char *text)
{
	(void)fprintf(stderr, "nfsen-query: %s\n", text);
}

/* ---- groups ----------------------------------------------------------------------- */

static void
print_group(void *ctx, const struct group *g)
{
	struct report *r = ctx;
	struct flow f;
	agg_flow(&r->o->agg, g, &f);
	if (r->o->post != NULL && ((r->o->top != 0 && r->shown == r->o->top) ||
				      !filter_match(r->o->post, &f, "")))
		return;
	r->shown++;
	if (r->file != NULL)
		outfile_flow(r->file, &f);
	else
		listing_flow(&r->listing, &f);
}

/* order -1: as they came. */
static void
print_groups(struct report *r, int order)
{
	if (r->o->format.mode == MODE_NULL && r->file == NULL)
		return;
	/* Which are the first is known when -P has seen them all. */
	r->shown = 0;
	groups_each(r->o->agg.groups, order, r->o->post != NULL ? 0 : r->o->top,
	    NULL, print_group, r);
}

static void
print_record_stat(struct report *r, enum order order)
{
	const struct options *o = r->o;
	if (!o->quiet && o->format.mode == MODE_FMT) {
		buf_adds(&r->out.text, "Top ");
		if (o->top != 0)
			buf_printf(&r->out.text, "%zu ", o->top);
		buf_printf(&r->out.text, "flows ordered by %s:\n",
		    order_name(order));
	}
	r->listing.printed = 0;
	if (!o->quiet)
		format_head(&o->format, &r->out.text);
	print_groups(r, (int)order);
	if (!o->quiet)
		format_foot(&o->format, &r->out.text);
}

static void
print_stats(struct report *r)
{
	const struct options *o = r->o;
	enum format_mode mode = o->format.mode;
	if (mode == MODE_CSV_FMT || mode == MODE_CSV_FAST)
		mode = MODE_CSV;
	struct stat_style style = { .mode = mode,
		.plain = o->format.plain,
		.wide6 = o->format.wide6,
		.quiet = o->quiet,
		.only = &o->only,
		.top = o->top };
	for (int i = 0; i < ORDER_STAT_MAX; i++)
		if ((o->record_orders >> i & 1) != 0 && r->scan.passed != 0)
			print_record_stat(r, (enum order)i);
	for (size_t i = 0; i < o->n_stats; i++)
		stat_print(&o->stats[i], &r->scan.total, &style, &r->out.text);
}

/* ---- the query ------------------------------------------------------------------- */

static void
add_groups(struct report *r, struct groups *g, uint64_t columns)
{
	scan_add_sink(&r->scan, &(struct scan_sink){ .ctx = g,
				    .columns = columns,
				    .part = groups_part,
				    .take = groups_take,
				    .end = groups_end });
}

/* All groups are there. */
static void
finish_groups(struct options *o)
{
	if (o->aggregate)
		groups_finish(o->agg.groups);
	for (size_t i = 0; i < o->n_stats; i++)
		groups_finish(o->stats[i].groups);
}

static void
add_sinks(struct report *r)
{
	struct options *o = r->o;
	bool stats = o->n_stats != 0 || o->record_orders != 0;
	struct groups_conf c = { .budget = &o->budget,
		.sharers = (unsigned)o->n_stats + o->aggregate };
	o->budget.limit = o->memory;
	if (o->aggregate) {
		agg_begin(&o->agg,
		    r->file != NULL || o->post != NULL ||
			(!o->format.everyday && o->format.mode != MODE_NULL),
		    &c);
		add_groups(r, o->agg.groups, agg_columns(&o->agg));
	}
	for (size_t i = 0; i < o->n_stats; i++) {
		stat_begin(&o->stats[i], &c);
		add_groups(r, o->stats[i].groups, stat_columns(&o->stats[i]));
	}
	if (o->aggregate || stats ||
	    (o->format.mode == MODE_NULL && r->file == NULL))
		return;
	struct scan_sink sink = o->order != -1    ? kept_sink(&r->kept)
				: r->file != NULL ? outfile_sink(r->file)
						  : listing_sink(&r->listing);
	r->listed = o->order == -1 && r->file == NULL;
	scan_add_sink(&r->scan, &sink);
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
	const struct options *o = r->o;
	interrupt_catch();
	progress_begin(&r->progress, progress_settle(o->progress, r->listed),
	    o->progress_fd, files);
	r->scan.stop = &interrupt_signal;
	r->scan.progress = &r->progress;
	scan_run(&r->scan, files, complain);
	r->scan.progress = NULL;
	if (r->scan.vanished &&
	    (r->scan.limit == 0 || r->scan.passed < r->scan.limit))
		scan_renamed(r, files);
	progress_end(&r->progress, r->scan.stopped);
}

static void
put_bound(struct report *r, const char *what, const char *unit,
    const struct bound *b)
{
	if (b->kind != BOUND_NONE)
		buf_printf(&r->out.text, "%s limit: %c %llu %s\n", what,
		    b->kind == BOUND_ABOVE ? '>' : '<',
		    (unsigned long long)b->n, unit);
}

/* -l, -L: said first, also with -q, as nfdump does. */
static void
put_bounds(struct report *r)
{
	put_bound(r, "Byte", "bytes", &r->o->only.bytes);
	put_bound(r, "Packet", "packets", &r->o->only.packets);
}

static void
write_kept(struct report *r)
{
	struct kept *k = &r->kept;
	while (kept_more(k))
		for (size_t i = 0; i < k->n; i++)
			outfile_record(r->file, k->ref[i].rec);
}

/* Formats that programs read have no words for it. */
static bool
says_none(const struct format *f)
{
	return f->mode != MODE_JSON && f->mode != MODE_NDJSON &&
	       f->mode != MODE_CSV_FMT && f->mode != MODE_CSV_FAST;
}

static void
run(struct report *r, const struct tree_list *files)
{
	struct options *o = r->o;
	bool stats = o->n_stats != 0 || o->record_orders != 0;
	if ((o->format.needs & FMT_NAMES) != 0)
		o->format.names = nameset_read(files, &o->arena);
	o->format.merged = o->aggregate;
	add_sinks(r);
	put_bounds(r);
	if (!stats && !o->quiet)
		format_head(&o->format, &r->out.text);
	scan(r, files);
	finish_groups(o);
	interrupt_leave();
	if (r->scan.passed == 0 && says_none(&o->format) &&
	    !(r->file != NULL && outfile_streams(r->file)))
		buf_adds(&r->out.text, "No matching flows\n");
	if (stats)
		print_stats(r);
	else if (o->aggregate)
		print_groups(r, o->order);
	else if (o->order != -1 && r->file != NULL)
		write_kept(r);
	else if (o->order != -1)
		kept_print(&r->kept, &r->listing);
	if (r->scan.stopped && !o->quiet)
		footer_partial(o, &r->progress, r->listing.printed != 0,
		    &r->out.text);
	if (!stats && !o->quiet)
		format_foot(&o->format, &r->out.text);
	if (!o->quiet)
		footer_put(o, &r->scan, r->start, &r->out.text);
	out_flush(&r->out);
}

static void
name_missing(const struct tree_list *files)
{
	for (size_t i = 0; i < files->n_missing; i++)
		(void)fprintf(stderr, "nfsen-query: %s: no such flow files\n",
		    files->missing[i]);
}

/* What is damaged will be said when it is read for the answer. */
static void
ignore(const char *text)
{
	(void)text;
}

/* -t +N, -N: of what the files hold, those that are still written as well. */
static void
settle_window(struct options *o, const struct tree_list *files)
{
	struct scan s;
	uint64_t first, last;
	if (o->window.part_ms == 0)
		return;
	scan_init(&s);
	struct tree_list open = { .n = 0 };
	open.files = arena_array(&o->arena, files->n + 1, sizeof(*open.files));
	struct nffile_stat sum = { 0 };
	for (size_t i = 0; i < files->n; i++) {
		struct nffile_stat one;
		char ident[NFFILE_IDENT_MAX];
		if (nffile_stat_read(files->files[i].path, &one, ident, NULL) ==
		    0)
			nffile_stat_sum(&sum, &one);
		else
			open.files[open.n++] = files->files[i];
	}
	scan_run(&s, &open, ignore);
	first = sum.flows != 0 ? sum.first : UINT64_MAX;
	last = sum.flows != 0 ? sum.last : 0;
	if (s.total.first < first)
		first = s.total.first;
	if (s.total.last > last)
		last = s.total.last;
	if (first <= last)
		window_settle(&o->window, first, last);
}

/* With -w: the file from before the first flow to behind the last. */
static int
run_into(struct report *r, const struct tree_list *files)
{
	struct outfile file;
	struct err err;
	if (r->o->write == NULL) {
		run(r, files);
		return 0;
	}
	if (outfile_open(&file, r->o->write, r->o->codec, r->o->level, files,
		&err) == -1) {
		complain(err.msg);
		if (r->o->nfdump)
			(void)puts("No matching flows");
		return EXIT_OUTPUT;
	}
	r->file = &file;
	r->scan.describe = outfile_describe;
	r->scan.describe_ctx = &file;
	run(r, files);
	r->file = NULL;
	r->scan.describe_ctx = NULL;
	if (r->scan.stopped) {
		file.failed = true; /* what is not whole gets no name */
		(void)err_set(&file.err, "%s is not written", r->o->write);
	}
	if (outfile_close(&file, &err) == 0)
		return 0;
	complain(err.msg);
	return EXIT_OUTPUT;
}

int
report_query(struct options *o)
{
	struct report r = { .o = o, .start = progress_now() };
	bool labels = o->filter != NULL && filter_labels(o->filter);
	r.listing = (struct listing){ .out = &r.out,
		.format = &o->format,
		.labels = labels ? o->filter : NULL };
	r.kept = (struct kept){ .order = (enum order)o->order,
		.top = o->top,
		.memory = o->memory > KEPT_MEMORY_LEAST ? o->memory
							: KEPT_MEMORY_LEAST,
		.labels = r.listing.labels };
	struct tree_list files;
	struct err err;
	if ((o->standard_input && input_keep(&err) == -1) ||
	    tree_find(&o->files, &o->arena, &files, &err) == -1) {
		complain(err.msg);
		return o->files.R != NULL ? EXIT_OPEN : EXIT_ARGS;
	}
	name_missing(&files);
	settle_window(o, &files);
	scan_init(&r.scan);
	r.scan.filter = o->filter;
	r.scan.from_ms = o->window.from_ms;
	r.scan.to_ms = o->window.to_ms;
	r.scan.limit = o->limit;
	r.scan.threads = o->threads;
	r.scan.no_index = o->no_index || o->write != NULL;
	int status = run_into(&r, &files);
	skipped_say(&r.scan);
	if (r.scan.stopped)
		(void)fprintf(stderr,
		    "nfsen-query: interrupted, the answer is partial: %zu of "
		    "%zu files were read to their end\n",
		    atomic_load(&r.progress.files_done), r.progress.files);
	out_free(&r.out);
	kept_free(&r.kept);
	if (status == 0 && (r.scan.failed != 0 || r.scan.damaged != 0))
		status = EXIT_DAMAGE;
	if (r.scan.stopped)
		status = 128 + atomic_load(&interrupt_signal);
	return status;
}
