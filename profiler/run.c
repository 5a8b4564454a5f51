#include "profiler/run.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "filter/tally.h"
#include "flow/batch.h"
#include "profiler/seconds.h"
#include "scan/scan.h"

/* ---- one thread ------------------------------------------------------------------ */

/* What a block has for channels that keep flows, until it is their turn. */
struct kept {
	const uint8_t **rec; /* flow records of the block */
	size_t n_rec, cap_rec;
	uint64_t *bits; /* by batch, then keeper */
	size_t n_bits, cap_bits;
	size_t *first;         /* by batch: its first record */
	size_t n, cap;         /* batches */
	const uint8_t **about; /* records that are no flows */
	size_t n_about, cap_about;
};

struct worker {
	struct run *run;
	struct filterset *filters;
	size_t source; /* whose idents the filters have decided on */
	bool counts_live;
	struct batch *batch;
	struct tally tally;
	struct counters *live;     /* by source */
	struct counters *sums;     /* by filter */
	struct counters *of_batch; /* by filter */
	struct kept kept;
	struct second_run *seconds; /* of the batch */
	struct second_counts for_ring;
};

struct run {
	struct set *set;
	struct slot *slot; /* of the run in progress */
	const struct run_input *in;
	pthread_mutex_t ring; /* for giving to the slot's ring */
	size_t *members;      /* by filter */
	size_t *keepers;      /* members that keep flows */
	size_t n_keepers;
	struct scanner *scanner;
	struct worker *own;       /* for blocks that are handed in */
	bool (*go_on)(void *ctx); /* NULL: nobody is asked */
	void *go_on_ctx;
	atomic_bool ended; /* go_on said so */
	unsigned complaints;
	uint64_t damaged; /* flow records left out */
	uint64_t unknown; /* elements passed over */
};

static void *
make_worker(void *ctx)
{
	struct run *r = ctx;
	const struct set *set = r->set;
	struct worker *w = mem_calloc(1, sizeof(*w));
	void *p = NULL;
	/* Columns are wide and vectors like them aligned. */
	if (posix_memalign(&p, 64, sizeof(struct batch)) != 0)
		mem_fail(sizeof(struct batch));
	w->batch = p;
	memset(w->batch, 0, sizeof(*w->batch));
	w->run = r;
	w->filters = set_filters(set);
	w->source = set->n_sources;
	w->live = mem_calloc(set->n_sources + 1, sizeof(*w->live));
	size_t n = filterset_count(w->filters) + 1;
	w->sums = mem_calloc(n, sizeof(*w->sums));
	w->of_batch = mem_calloc(n, sizeof(*w->of_batch));
	w->seconds = mem_calloc(BATCH_ROWS, sizeof(*w->seconds));
	return w;
}

static void
drop_worker(void *worker)
{
	struct worker *w = worker;
	if (w == NULL)
		return;
	filterset_free(w->filters);
	free(w->batch);
	free(w->live);
	free(w->sums);
	free(w->of_batch);
	free((void *)w->kept.rec);
	free((void *)w->kept.about);
	free(w->kept.bits);
	free(w->kept.first);
	free(w->seconds);
	seconds_free(&w->for_ring);
	free(w);
}

static void
begin_source(struct worker *w, size_t source)
{
	if (w->source == source)
		return;
	w->batch->ident = w->run->set->sources[source].name;
	filterset_file(w->filters, w->batch->ident);
	w->batch->want = filterset_columns(w->filters) | TALLY_COLUMNS;
	if (w->run->slot->ring != NULL)
		w->batch->want |= SECONDS_COLUMNS;
	w->source = source;
}

/* ---- counting ---------------------------------------------------------------------- */

/* Room for n more of what p has; p is an array of things of that size. */
static void *
grow(void *p, size_t n, size_t more, size_t *cap, size_t size)
{
	if (n + more <= *cap)
		return p;
	*cap = (*cap + more) * 2;
	return mem_realloc(p, *cap, size);
}

static bool
is_flow(const uint8_t *rec)
{
	return (rec[0] | rec[1] << 8) == REC_FLOW;
}

static void
keep_about(struct kept *k, const struct nffile_block *blk)
{
	size_t pos = 0;
	k->n_about = 0;
	for (const uint8_t *rec;
	     (rec = nffile_record_next(blk, &pos)) != NULL;) {
		if (is_flow(rec))
			continue;
		k->about = grow((void *)k->about, k->n_about, 1, &k->cap_about,
		    sizeof(*k->about));
		k->about[k->n_about++] = rec;
	}
}

static void
keep_batch(struct worker *w)
{
	const struct run *r = w->run;
	struct kept *k = &w->kept;
	size_t rows = w->batch->rows;
	size_t words = r->n_keepers * BATCH_WORDS;
	k->first = grow(k->first, k->n, 1, &k->cap, sizeof(*k->first));
	k->first[k->n++] = k->n_rec;
	k->rec =
	    grow((void *)k->rec, k->n_rec, rows, &k->cap_rec, sizeof(*k->rec));
	memcpy((void *)(k->rec + k->n_rec), (const void *)w->batch->rec,
	    rows * sizeof(*k->rec));
	k->n_rec += rows;
	k->bits =
	    grow(k->bits, k->n_bits, words, &k->cap_bits, sizeof(*k->bits));
	for (size_t i = 0; i < r->n_keepers; i++) {
		size_t f = r->set->members[r->keepers[i]].filter;
		uint64_t *to = k->bits + k->n_bits + i * BATCH_WORDS;
		if (filterset_dead(w->filters, f))
			memset(to, 0, BATCH_WORDS * sizeof(*to));
		else
			memcpy(to, filterset_bits(w->filters, f),
			    BATCH_WORDS * sizeof(*to));
	}
	k->n_bits += words;
}

/* What a second of the batch has, by filter and for the source itself. */
static void
count_rows(struct worker *w, size_t from, const struct second_run *run,
    bool ring)
{
	const struct slot *s = w->run->slot;
	size_t n = s->any_due ? filterset_count(w->filters) : 0;
	struct counters live = { 0 };
	if (w->counts_live || ring)
		tally_add_rows(&w->tally, w->tally.class_bits[CLASS_ALL], from,
		    run->to, TALLY_LIVE, &live);
	if (w->counts_live)
		counters_add(&w->live[w->source], &live);
	if (ring)
		seconds_hold(&w->for_ring, s->set->n_members + w->source,
		    run->second, &live);
	if (n == 0)
		return;
	tally_filters_rows(&w->tally, w->filters, from, run->to, TALLY_CHANNEL,
	    w->of_batch);
	for (size_t i = 0; i < n; i++) {
		if (w->of_batch[i].flows[CLASS_ALL] == 0)
			continue;
		counters_add(&w->sums[i], &w->of_batch[i]);
		if (ring && s->due[w->run->members[i]])
			seconds_hold(&w->for_ring, w->run->members[i],
			    run->second, &w->of_batch[i]);
	}
}

static void
give_to_ring(struct worker *w)
{
	(void)pthread_mutex_lock(&w->run->ring);
	seconds_give(&w->for_ring, w->run->slot->ring);
	(void)pthread_mutex_unlock(&w->run->ring);
}

static void
count_batch(struct worker *w)
{
	const struct slot *s = w->run->slot;
	bool ring = slot_for_ring(s);
	struct second_run whole = { w->batch->rows, s->start };
	const struct second_run *runs = ring ? w->seconds : &whole;
	size_t n =
	    ring ? seconds_cut(w->batch, s->start, s->c->cycletime, w->seconds)
		 : 1;
	size_t from = 0;
	tally_begin(&w->tally, w->batch);
	if (s->any_due)
		filterset_eval(w->filters, w->batch);
	for (size_t i = 0; i < n; from = runs[i++].to)
		count_rows(w, from, &runs[i], ring);
	if (s->any_due && w->run->n_keepers != 0)
		keep_batch(w);
	if (w->for_ring.n > SECONDS_HELD)
		give_to_ring(w);
}

static void
count_block(struct worker *w, const struct nffile_block *blk)
{
	size_t pos = 0;
	w->kept.n = w->kept.n_rec = w->kept.n_bits = 0;
	w->kept.n_about = 0;
	if (w->run->slot->any_due && w->run->n_keepers != 0)
		keep_about(&w->kept, blk);
	while (nffile_batch(blk, &pos, w->batch) > 0)
		count_batch(w);
}

/* ---- keeping ----------------------------------------------------------------------- */

static void
write_rows(struct worker *w, size_t member, const uint64_t *bits,
    const uint8_t *const *rec)
{
	for (size_t i = 0; i < BATCH_WORDS; i++)
		for (uint64_t left = bits[i]; left != 0; left &= left - 1) {
			size_t row = i * 64 + (size_t)__builtin_ctzll(left);
			slot_write(w->run->slot, member, w->source, rec[row]);
		}
}

/* In the order of blocks: what describes flows, then each keeper's flows. */
static void
write_block(struct worker *w)
{
	const struct run *r = w->run;
	const struct kept *k = &w->kept;
	for (size_t i = 0; i < k->n_about; i++)
		slot_about(r->slot, w->source, k->about[i]);
	for (size_t i = 0; i < r->n_keepers; i++)
		for (size_t b = 0; b < k->n && r->slot->due[r->keepers[i]]; b++)
			write_rows(w, r->keepers[i],
			    k->bits + (b * r->n_keepers + i) * BATCH_WORDS,
			    k->rec + k->first[b]);
}

/* Give what a thread has counted to the slot. */
static void
collect(struct worker *w)
{
	struct slot *s = w->run->slot;
	const struct set *set = w->run->set;
	w->run->damaged += w->batch->damaged;
	w->run->unknown += w->batch->unknown_elems;
	w->batch->damaged = w->batch->unknown_elems = 0;
	for (size_t i = 0; i < set->n_sources; i++)
		counters_add(&s->sources[i], &w->live[i]);
	memset(w->live, 0, set->n_sources * sizeof(*w->live));
	for (size_t i = 0; s->any_due && i < set->n_members; i++)
		if (s->due[i])
			counters_add(&s->members[i],
			    &w->sums[set->members[i].filter]);
	memset(w->sums, 0, filterset_count(w->filters) * sizeof(*w->sums));
	if (w->for_ring.n != 0)
		give_to_ring(w);
}

/* ---- the job ------------------------------------------------------------------------ */

static const struct run_input *
input(const struct run *r, const struct scan_file *f)
{
	return &r->in[f->number];
}

static void
enter(void *worker, const struct scan_file *f)
{
	struct worker *w = worker;
	begin_source(w, input(w->run, f)->source);
	w->counts_live = input(w->run, f)->live;
}

static bool
goes_on(struct run *r)
{
	if (r->go_on != NULL && !atomic_load(&r->ended) &&
	    !r->go_on(r->go_on_ctx))
		atomic_store(&r->ended, true);
	return !atomic_load(&r->ended);
}

static void
on_block(void *worker, const struct scan_block *b)
{
	struct worker *w = worker;
	if (goes_on(w->run))
		count_block(w, b->data);
}

static bool
on_turn(void *worker, const struct scan_block *b)
{
	struct worker *w = worker;
	(void)b;
	if (atomic_load(&w->run->ended))
		return false;
	write_block(w);
	return true;
}

static void
complain(void *ctx, const struct scan_file *f, const char *text)
{
	struct run *r = ctx;
	r->complaints++;
	log_warnx("%s%s", f->reader != NULL ? "damaged flow file: " : "", text);
}

static void
on_done(void *ctx, const struct scan_file *f)
{
	struct run *r = ctx;
	struct err err;
	if (f->reader == NULL)
		return;
	r->slot->seen[input(r, f)->source] = true;
	if (!f->reader->growing && nffile_missing(f->reader, &err))
		complain(r, f, err.msg);
}

static void
say_damaged(struct run *r)
{
	if (r->damaged == 0)
		return;
	log_warnx("%llu flow records whose elements do not fit left out",
	    (unsigned long long)r->damaged);
	r->complaints++;
	r->damaged = 0;
}

/* What newer writers put into files: no fault, but not seen here. */
static void
say_unknown(struct run *r, const struct scan_counts *c)
{
	if (c->unknown != 0 || r->unknown != 0)
		log_info("passed over %llu records and %llu elements of types "
			 "that are not known here",
		    (unsigned long long)c->unknown,
		    (unsigned long long)r->unknown);
	r->unknown = 0;
}

struct run *
run_new(struct set *set, unsigned threads)
{
	struct run *r = mem_calloc(1, sizeof(*r));
	r->set = set;
	(void)pthread_mutex_init(&r->ring, NULL);
	r->members = mem_calloc(set->n_filters + 1, sizeof(*r->members));
	for (size_t i = 0; i < set->n_members; i++)
		r->members[set->members[i].filter] = i;
	r->keepers = mem_calloc(set->n_members + 1, sizeof(*r->keepers));
	for (size_t i = 0; i < set->n_members; i++)
		if (set->members[i].keeps)
			r->keepers[r->n_keepers++] = i;
	struct scan_job job = { .ctx = r,
		.threads = threads,
		.make = make_worker,
		.drop = drop_worker,
		.enter = enter,
		.block = on_block,
		.ordered = r->n_keepers != 0 ? on_turn : NULL,
		.done = on_done,
		.complain = complain };
	r->scanner = scanner_new(&job);
	return r;
}

void
run_watch(struct run *r, bool (*go_on)(void *ctx), void *ctx)
{
	r->go_on = go_on;
	r->go_on_ctx = ctx;
}

bool
run_ended(const struct run *r)
{
	return atomic_load(&r->ended);
}

void
run_free(struct run *r)
{
	if (r == NULL)
		return;
	drop_worker(r->own);
	scanner_free(r->scanner);
	(void)pthread_mutex_destroy(&r->ring);
	free(r->members);
	free(r->keepers);
	free(r);
}

unsigned
run_files(struct run *r, struct slot *s, const struct run_input *in, size_t n)
{
	struct scan_input *files = mem_calloc(n + 1, sizeof(*files));
	struct scan_counts c = { 0 };
	for (size_t i = 0; i < n; i++)
		files[i].path = in[i].path;
	r->slot = s;
	r->in = in;
	r->complaints = 0;
	(void)scanner_run(r->scanner, files, n, &c);
	for (unsigned i = 0; i < scanner_threads(r->scanner); i++)
		if (scanner_worker(r->scanner, i) != NULL)
			collect(scanner_worker(r->scanner, i));
	free(files);
	say_damaged(r);
	say_unknown(r, &c);
	return r->complaints;
}

void
run_block(struct run *r, struct slot *s, size_t source,
    const struct nffile_block *blk)
{
	if (r->own == NULL)
		r->own = make_worker(r);
	r->slot = s;
	s->seen[source] = true;
	begin_source(r->own, source);
	r->own->counts_live = true;
	count_block(r->own, blk);
	write_block(r->own);
	collect(r->own);
	say_damaged(r);
}
