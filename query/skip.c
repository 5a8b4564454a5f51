#include "query/skip.h"

#include <stdlib.h>

#include "base/mem.h"
#include "filter/necessary.h"
#include "index/find.h"

struct block {
	uint64_t rows;
	uint64_t bytes;
	bool skip;
};

struct file {
	struct skipped_file *out; /* it is passed over; NULL: it is not */
	struct block *block;      /* NULL: nothing is known of them */
	uint64_t blocks;
};

struct skip {
	struct skip_query q;
	struct finder finder;
	struct filterset *set; /* NULL: everything passes */
	struct necessary *necessary;
	struct file *file;
	size_t files;
};

struct skip *
skip_new(const struct skip_query *q, size_t files)
{
	struct skip *k = mem_calloc(1, sizeof(*k));
	k->q = *q;
	k->files = files;
	k->file = mem_calloc(files + 1, sizeof(k->file[0]));
	if (q->filter == NULL)
		return k;
	k->set = filterset_new();
	(void)filterset_add(k->set, q->filter);
	filterset_compile(k->set);
	k->necessary = necessary_new(k->set, 0);
	return k;
}

void
skip_free(struct skip *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < k->files; i++)
		skip_done(k, i);
	free(k->file);
	necessary_free(k->necessary);
	filterset_free(k->set);
	finder_free(&k->finder);
	free(k);
}

/* ---- blocks ---------------------------------------------------------------------- */

/* Can flows that begin in `first` and end in `last` lie in the window? */
static bool
in_window(const struct skip_query *q, uint64_t last_first, uint64_t first_last)
{
	return last_first >= q->from_ms &&
	       (q->to_ms == 0 || first_last <= q->to_ms);
}

/* Flows without times have 0, which only an open end lets pass. */
static bool
block_in_window(const struct skip_query *q, const struct summary *s)
{
	const struct summary_range *first =
	    summary_column(s, offsetof(struct batch, first));
	const struct summary_range *last =
	    summary_column(s, offsetof(struct batch, last));
	bool all = (s->all >> FE_GENERIC & 1) != 0;
	return in_window(q, first->hi, all ? last->lo : 0);
}

static bool
may_match(struct skip *k, const struct summary *s)
{
	return s->rows != 0 && block_in_window(&k->q, s) &&
	       (k->set == NULL || necessary_may_match(k->necessary, s));
}

/* Look at all blocks; true: none is of use. */
static bool
look_at_blocks(struct skip *k, struct file *f, const struct index_entry *e)
{
	const uint8_t *at = e->block;
	bool none = true;
	f->blocks = e->head->blocks;
	f->block = mem_calloc((size_t)f->blocks + 1, sizeof(f->block[0]));
	for (uint64_t i = 0; i < f->blocks; i++) {
		struct block *b = &f->block[i];
		struct summary s;
		index_block_next(&at, &s, &b->bytes);
		b->rows = s.rows;
		b->skip = !may_match(k, &s);
		none &= b->skip;
	}
	return none;
}

bool
skip_block(const struct skip *k, size_t number, uint32_t block,
    struct scan_passed *p)
{
	const struct file *f = &k->file[number];
	if (block >= f->blocks || !f->block[block].skip)
		return false;
	*p = (struct scan_passed){ 1, f->block[block].rows,
		f->block[block].bytes };
	return true;
}

/* ---- files ----------------------------------------------------------------------- */

static void
sum_up(struct totals *t, const struct index_entry *e)
{
	*t = (struct totals){ .first = UINT64_MAX };
	for (uint64_t i = 0; i < e->head->protos; i++) {
		const struct index_proto *p = &e->proto[i];
		const struct totals one = { .flows = p->flows,
			.packets = p->packets,
			.bytes = p->bytes,
			.out_packets = p->out_packets,
			.out_bytes = p->out_bytes,
			.first = p->first,
			.last = p->last };
		totals_merge(t, &one);
	}
}

/* All flows pass, and nothing but their sums is asked for. */
static bool
is_answered(const struct skip *k, const struct totals *t)
{
	return k->q.sums && k->q.filter == NULL && t->first >= k->q.from_ms &&
	       (k->q.to_ms == 0 || t->last <= k->q.to_ms);
}

/* By the stat record, as if the file were open. */
static bool
is_outside(const struct skip_query *q, const struct nffile_stat *s)
{
	return s->flows != 0 && !in_window(q, s->last, s->first);
}

/* Nothing in it can match: its ident, or its blocks. */
static bool
is_useless(struct skip *k, size_t number, const struct index_entry *e)
{
	if (k->set != NULL)
		filterset_file(k->set, e->ident);
	return (k->set != NULL && filterset_dead(k->set, 0)) ||
	       look_at_blocks(k, &k->file[number], e);
}

const struct skipped_file *
skip_file(struct skip *k, size_t number, const char *path)
{
	struct index_entry e;
	if (!finder_ask(&k->finder, path, &e) ||
	    (e.head->flags & INDEX_OPAQUE) != 0)
		return NULL;
	const struct index_head *h = e.head;
	struct skipped_file out = { .stat = h->stat,
		.all = { h->blocks, h->rows, h->bytes },
		.processed = h->rows };
	sum_up(&out.total, &e);
	out.answered = is_answered(k, &out.total);
	if (!out.answered && is_outside(&k->q, &h->stat))
		out.processed = h->stat.flows;
	else if (!out.answered && !is_useless(k, number, &e))
		return NULL;
	struct file *f = &k->file[number];
	f->out = mem_alloc(sizeof(*f->out));
	*f->out = out;
	return f->out;
}

const struct skipped_file *
skip_again(const struct skip *k, size_t number)
{
	return k->file[number].out;
}

void
skip_done(struct skip *k, size_t number)
{
	free(k->file[number].out);
	free(k->file[number].block);
	k->file[number] = (struct file){ .blocks = 0 };
}
