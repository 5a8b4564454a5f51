#include "scan/window.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

void
window_init(struct window *w, const struct scan_job *job, size_t room)
{
	*w = (struct window){ .job = job, .room = room };
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->moved, NULL);
	w->ring = mem_calloc(room, sizeof(w->ring[0]));
}

void
window_free(struct window *w)
{
	free(w->ring);
	(void)pthread_cond_destroy(&w->moved);
	(void)pthread_mutex_destroy(&w->lock);
}

void
window_begin(struct window *w, const struct scan_input *in, size_t n)
{
	w->in = in;
	w->n = n;
	w->first = w->next = 0;
	w->enough = false;
	w->sum = (struct scan_counts){ 0 };
}

static struct active *
active(const struct window *w, size_t number)
{
	return &w->ring[number % w->room];
}

/* ---- complaints ------------------------------------------------------------- */

void
window_complain(struct window *w, struct active *f, uint32_t block,
    const char *text)
{
	if (w->job->complain == NULL) {
		f->n_complaints += f->n_complaints == 0;
		return;
	}
	f->complaints = mem_realloc(f->complaints, f->n_complaints + 1,
	    sizeof(f->complaints[0]));
	f->complaints[f->n_complaints++] =
	    (struct complaint){ block, mem_strdup(text) };
}

static int
complaint_cmp(const void *a, const void *b)
{
	const struct complaint *x = a, *y = b;
	return (x->block > y->block) - (x->block < y->block);
}

/* Say them in order of blocks; those behind the last block never happened. */
static void
say_complaints(struct window *w, struct active *f)
{
	bool any = f->complaints == NULL && f->n_complaints != 0;
	if (f->complaints != NULL)
		qsort(f->complaints, f->n_complaints, sizeof(f->complaints[0]),
		    complaint_cmp);
	for (size_t i = 0; f->complaints != NULL && i < f->n_complaints; i++) {
		struct complaint *c = &f->complaints[i];
		if (!w->enough || c->block <= w->last_block) {
			w->job->complain(w->job->ctx, &f->pub, c->text);
			any = true;
		}
		free(c->text);
	}
	free(f->complaints);
	f->complaints = NULL;
	f->n_complaints = 0;
	w->sum.failed += any;
}

/* ---- files begin and end ---------------------------------------------------- */

/* What the reader knows by now. */
static void
describe(struct active *f)
{
	f->pub.reader = f->reader;
	f->pub.ident = f->reader->ident;
	f->pub.stat = f->reader->has_stat ? &f->reader->stat : NULL;
}

static void
add_reader(struct window *w, const struct active *f)
{
	const struct nffile_reader *r = f->reader;
	w->sum.bytes_read += r->bytes_read - f->bytes_at;
	w->sum.bad += r->bad_records - f->bad_at;
	w->sum.unknown += r->unknown_records - f->unknown_at;
}

void
window_passed(struct window *w, const struct scan_passed *p)
{
	w->sum.passed.blocks += p->blocks;
	w->sum.passed.rows += p->rows;
	w->sum.passed.bytes += p->bytes;
}

/* All of it is worked on. */
static void
retire(struct window *w, struct active *f)
{
	say_complaints(w, f);
	window_passed(w, &f->passed);
	if (f->reader != NULL) {
		describe(f);
		add_reader(w, f);
		w->sum.files += f->pub.wanted;
	}
	w->sum.stopped |= f->pub.cut;
	if (w->job->done != NULL)
		w->job->done(w->job->ctx, &f->pub);
	if (f->reader == &f->own)
		nffile_close(&f->own);
}

static void
retire_first(struct window *w)
{
	size_t was = w->first;
	while (!w->enough && w->first < w->next) {
		struct active *f = active(w, w->first);
		if (f->state != ACTIVE_DRAINED || f->working != 0)
			break;
		retire(w, f);
		w->first++;
	}
	if (w->first != was)
		(void)pthread_cond_broadcast(&w->moved);
}

bool
window_stops(const struct window *w)
{
	return w->job->stop != NULL && atomic_load(w->job->stop) != 0;
}

/* Files of which something was read before the stop. */
static bool
is_begun(const struct active *f)
{
	return f->claimed != 0 || f->taken;
}

/* The file that was enough is done, those opened ahead never were. */
void
window_end(struct window *w)
{
	bool left = w->first < w->next || w->next < w->n;
	if (!w->enough && !left)
		return;
	w->sum.stopped |= !w->enough;
	bool begun =
	    w->enough || (w->first < w->next && is_begun(active(w, w->first)));
	if (begun) {
		struct active *f = active(w, w->first++);
		/* What it passed over last is behind the last block. */
		f->passed = (struct scan_passed){ 0 };
		f->pub.cut = !w->enough;
		retire(w, f);
	}
	for (; w->first < w->next; w->first++) {
		struct active *f = active(w, w->first);
		for (size_t i = 0; f->complaints != NULL && i < f->n_complaints;
		     i++)
			free(f->complaints[i].text);
		free(f->complaints);
		if (f->reader == &f->own)
			nffile_close(&f->own);
	}
}

/* Nothing of it matters, which is known without a look at it. */
static bool
pass_file(const struct window *w, struct active *f)
{
	if (w->job->pass == NULL || f->reader != NULL)
		return false;
	f->pub.stat = w->job->pass(w->job->ctx, &f->pub);
	f->pub.passed = f->pub.stat != NULL;
	return f->pub.passed;
}

/* Open the next file, without the lock. */
static void
open_next(struct window *w)
{
	const struct scan_input *in = &w->in[w->next];
	struct active *f = active(w, w->next);
	struct err err;
	*f = (struct active){ .reader = in->reader,
		.pub = { .path = in->path,
		    .tag = in->tag,
		    .number = w->next,
		    .ident = "" } };
	w->next++;
	if (pass_file(w, f)) {
		f->state = ACTIVE_DRAINED;
		retire_first(w);
		(void)pthread_cond_broadcast(&w->moved);
		return;
	}
	if (in->reader == NULL) {
		(void)pthread_mutex_unlock(&w->lock);
		int rc = nffile_open(&f->own, in->path, &err);
		(void)pthread_mutex_lock(&w->lock);
		f->reader = rc == 0 ? &f->own : NULL;
	} else {
		f->pub.path = in->reader->path;
		f->bytes_at = in->reader->bytes_read;
		f->bad_at = in->reader->bad_records;
		f->unknown_at = in->reader->unknown_records;
	}
	f->state = ACTIVE_DRAINED;
	if (f->reader == NULL) {
		window_complain(w, f, 0, err.msg);
	} else {
		describe(f);
		f->alone = in->reader != NULL || !nffile_shareable(f->reader);
		f->pub.wanted =
		    w->job->want == NULL || w->job->want(w->job->ctx, &f->pub);
		if (f->pub.wanted)
			f->state = ACTIVE_OPEN;
		if (f->pub.wanted && !f->alone)
			nffile_map(f->reader);
	}
	retire_first(w);
	(void)pthread_cond_broadcast(&w->moved);
}

/* ---- units ------------------------------------------------------------------ */

void
window_drained(struct window *w, struct active *f)
{
	f->state = ACTIVE_DRAINED;
	retire_first(w);
}

/* Is the block passed over? */
static bool
skip_block(const struct window *w, struct active *f,
    const struct nffile_place *place)
{
	struct scan_passed p = { 0 };
	if (w->job->skip == NULL ||
	    !w->job->skip(w->job->ctx, &f->pub, place, &p))
		return false;
	f->passed.blocks += p.blocks;
	f->passed.rows += p.rows;
	f->passed.bytes += p.bytes;
	return true;
}

static bool
claim_block(struct window *w, struct active *f, struct unit *u)
{
	struct err err;
	enum nffile_next next;
	do {
		next = nffile_next_place(f->reader, &u->place, &err);
		if (next == NFFILE_ERROR)
			window_complain(w, f, UINT32_MAX, err.msg);
	} while (next == NFFILE_ERROR ||
		 (next == NFFILE_BLOCK && skip_block(w, f, &u->place)));
	if (next == NFFILE_END) {
		window_drained(w, f);
		return false;
	}
	u->turn = f->claimed++;
	u->passed = f->passed;
	f->passed = (struct scan_passed){ 0 };
	return true;
}

static bool
claim_from(struct window *w, struct active *f, struct unit *u)
{
	if (f->state != ACTIVE_OPEN || f->taken)
		return false;
	if (f->alone)
		f->taken = true;
	else if (!claim_block(w, f, u))
		return false;
	f->working++;
	u->file = f;
	return true;
}

/* From the files that are open.  *opening: one is about to be. */
static bool
claim_open(struct window *w, struct unit *u, bool *opening)
{
	*opening = false;
	for (size_t i = w->first; i < w->next; i++) {
		struct active *f = active(w, i);
		/*
		 * What is read when a stop comes is the beginning of all; and
		 * where there are turns, being early only means waiting.
		 */
		if (f->state == ACTIVE_OPENING) {
			*opening = true;
			return false;
		}
		if (claim_from(w, f, u))
			return true;
	}
	return false;
}

bool
window_claim(struct window *w, struct unit *u)
{
	bool opening;
	while (!w->enough && !window_stops(w)) {
		if (claim_open(w, u, &opening))
			return true;
		if (w->next < w->n && w->next - w->first < w->room)
			open_next(w);
		else if (opening || w->next < w->n)
			(void)pthread_cond_wait(&w->moved, &w->lock);
		else
			break;
	}
	(void)pthread_cond_broadcast(&w->moved);
	return false;
}

bool
window_more(const struct window *w)
{
	if (w->enough || window_stops(w))
		return false;
	if (w->next < w->n)
		return true;
	for (size_t i = w->first; i < w->next; i++) {
		const struct active *f = active(w, i);
		if (f->state == ACTIVE_OPENING ||
		    (f->state == ACTIVE_OPEN && !f->alone &&
			f->reader->number < f->reader->header.num_blocks))
			return true;
	}
	return false;
}

void
window_finish(struct window *w, struct active *f)
{
	f->working--;
	retire_first(w);
}
