#include "query/scan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "nffile/nffile.h"
#include "query/scan_rows.h"
#include "query/skip.h"

/* Columns of the footer's sums and of the time window. */
#define OWN_COLUMNS                                                            \
	(COL_BIT(COL_FIRST) | COL_BIT(COL_LAST) | COL_BIT(COL_PACKETS) |       \
	    COL_BIT(COL_BYTES) | COL_BIT(COL_CNT))

struct work {
	struct scan *s;
	scan_complaint *complain;
	bool complained;   /* about the file that is read */
	struct skip *skip; /* NULL: all is read */
};

void
scan_add_sink(struct scan *s, const struct scan_sink *sink)
{
	assert(s->n_sinks < SCAN_SINKS);
	s->sink[s->n_sinks++] = *sink;
	s->columns |= sink->columns;
}

/* Are there sinks that have to take rows in turn? */
static bool
has_ordered(const struct scan *s)
{
	for (size_t i = 0; i < s->n_sinks; i++)
		if (s->sink[i].ordered)
			return true;
	return false;
}

static bool
has_turn(const struct scan *s)
{
	for (size_t i = 0; i < s->n_sinks; i++)
		if (s->sink[i].ordered || s->sink[i].turn != NULL)
			return true;
	return s->describe != NULL;
}

/* ---- files ----------------------------------------------------------------------- */

/* What its index tells of a file is all that is needed of it. */
static const struct nffile_stat *
is_known(void *ctx, const struct scan_file *f)
{
	struct work *k = ctx;
	const struct tree_file *file = f->tag;
	if (k->skip == NULL || file->open)
		return NULL;
	const struct skipped_file *known =
	    skip_file(k->skip, f->number, f->path);
	return known != NULL ? &known->stat : NULL;
}

static bool
is_useless(void *ctx, const struct scan_file *f,
    const struct nffile_place *place, struct scan_passed *p)
{
	const struct work *k = ctx;
	if (k->skip == NULL ||
	    !skip_block(k->skip, f->number, place->number, p))
		return false;
	progress_block(k->s->progress, f->number, f->reader->header.num_blocks);
	return true;
}

/* A finished file whose flows all lie outside the window need not be read. */
static bool
is_wanted(void *ctx, const struct scan_file *f)
{
	const struct work *k = ctx;
	const struct scan *s = k->s;
	if (f->stat == NULL || f->stat->flows == 0 ||
	    (s->from_ms == 0 && s->to_ms == 0))
		return true;
	if (scan_is_numbered(s))
		return true; /* numbers go on over all that is there */
	return f->stat->last >= s->from_ms &&
	       (s->to_ms == 0 || f->stat->first <= s->to_ms);
}

static void
enter(void *worker, const struct scan_file *f)
{
	worker_enter(worker, f);
}

/* Read without a complaint, but is it whole? */
static void
say_missing(struct work *k, const struct scan_file *f)
{
	const struct scan *s = k->s;
	const struct tree_file *file = f->tag;
	struct err err;
	if (!f->wanted || k->complained ||
	    (s->limit != 0 && s->passed >= s->limit))
		return;
	/* That a collector is at work on its file goes without saying. */
	if (file->open && f->reader->growing)
		return;
	if (nffile_missing(f->reader, &err)) {
		k->complain(err.msg);
		k->complained = true;
	}
}

static void
count_skipped(struct scan *s, const struct scan_passed *p)
{
	s->skipped.blocks += p->blocks;
	s->skipped.rows += p->rows;
	s->skipped.bytes += p->bytes;
}

static void
count_known(struct scan *s, const struct skipped_file *f)
{
	count_skipped(s, &f->all);
	s->processed += f->processed;
	if (!f->answered)
		return;
	s->passed += f->all.rows;
	totals_merge(&s->total, &f->total);
}

static void
file_done(void *ctx, const struct scan_file *f)
{
	struct work *k = ctx;
	struct scan *s = k->s;
	if (f->reader != NULL && !f->cut)
		say_missing(k, f);
	if (!f->cut)
		progress_file(s->progress, f->number);
	s->failed += k->complained;
	k->complained = false;
	if (f->stat != NULL) {
		span_widen(&s->first, &s->last, f->stat->first, f->stat->last);
		if (f->passed)
			count_known(s, skip_again(k->skip, f->number));
		else if (!f->wanted)
			s->processed += f->stat->flows;
	}
	if (k->skip != NULL)
		skip_done(k->skip, f->number);
}

static void
complaint(void *ctx, const struct scan_file *f, const char *text)
{
	struct work *k = ctx;
	const struct tree_file *file = f->tag;
	if (f->reader == NULL && file->open && !file_exists(f->path)) {
		k->s->vanished = true;
		return;
	}
	k->complain(text);
	k->complained = true;
}

/* Which flows match must not depend on those before. */
static struct skip *
new_skip(const struct scan *s, size_t files)
{
	const struct skip_query q = { .filter = s->filter,
		.from_ms = s->from_ms,
		.to_ms = s->to_ms,
		.sums = s->n_sinks == 0 && s->limit == 0 };
	return s->no_index || scan_is_numbered(s) ? NULL : skip_new(&q, files);
}

/* ---- the scan -------------------------------------------------------------------- */

static void *
make(void *ctx)
{
	return worker_new(((const struct work *)ctx)->s);
}

static void
drop(void *worker)
{
	worker_free(worker);
}

static void
end_sinks(const struct scan *s, const struct worker *w)
{
	for (size_t i = 0; i < s->n_sinks; i++)
		if (s->sink[i].end != NULL)
			s->sink[i].end(s->sink[i].ctx, w->part[i]);
}

static void
merge(struct scan *s, const struct scanner *scanner)
{
	for (unsigned i = 0; i < scanner_threads(scanner); i++) {
		const struct worker *w = scanner_worker(scanner, i);
		if (w == NULL)
			continue;
		end_sinks(s, w);
		totals_merge(&s->total, &w->total);
		s->processed += w->processed;
		s->passed += w->passed;
		span_widen(&s->first, &s->last, w->first, w->last);
		for (size_t k = 0; k < AHEAD && w->found[k].b != NULL; k++) {
			s->unknown_elems += w->found[k].b->unknown_elems;
			s->damaged += w->found[k].b->damaged;
		}
	}
}

void
scan_init(struct scan *s)
{
	*s = (struct scan){ .total.first = UINT64_MAX };
}

void
scan_run(struct scan *s, const struct tree_list *files,
    scan_complaint *complain)
{
	struct work k = { .s = s,
		.complain = complain,
		.skip = new_skip(s, files->n) };
	bool late = scan_is_late(s), ordered = has_ordered(s);
	struct scan_counts c = { 0 };
	struct scan_input *in = mem_calloc(files->n + 1, sizeof(in[0]));
	const struct scan_job job = { .ctx = &k,
		.threads = s->threads,
		.stop = s->stop,
		.make = make,
		.drop = drop,
		.pass = is_known,
		.want = is_wanted,
		.skip = is_useless,
		.enter = enter,
		.block = late || ordered ? block_ahead : block_once,
		.ordered = late          ? turn_late
			   : ordered     ? turn_ordered
			   : has_turn(s) ? turn_once
					 : NULL,
		.done = file_done,
		.complain = complaint };
	for (size_t i = 0; i < files->n; i++)
		in[i] = (struct scan_input){ .path = files->files[i].path,
			.tag = &files->files[i] };
	s->columns |= OWN_COLUMNS;
	s->number = 1;
	struct scanner *scanner = scanner_new(&job);
	(void)scanner_run(scanner, in, files->n, &c);
	merge(s, scanner);
	scanner_free(scanner);
	s->files += files->n;
	skip_free(k.skip);
	count_skipped(s, &c.passed);
	s->processed += c.passed.rows;
	s->bytes_read += c.bytes;
	s->unknown_records += c.unknown;
	s->stopped |= c.stopped;
	free(in);
}
