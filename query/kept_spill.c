/*
 * Flows in order that do not fit into memory: runs on disk, each sorted, which
 * are merged while they are printed.  A run is a sequence of pieces, a piece
 * of flows: key, then label and record as in memory.  Runs come in the order
 * of files and blocks, so that of equal keys the earlier run is first.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "query/kept_internal.h"

#define PIECE      65536 /* bytes of a run that are in memory, or one record */
#define BATCH      16384 /* flows that are merged at a time */
#define BATCH_ROOM (UINT64_C(4) << 20)

struct kept_run {
	struct spilled on_disk;
	size_t next;   /* piece */
	uint8_t *data; /* the one at hand */
	size_t len, at;
	uint64_t key; /* of the flow at `at` */
};

/* ---- writing -------------------------------------------------------------------- */

void
kept_spill(struct kept *k)
{
	struct buf piece = BUF_EMPTY;
	size_t head = k->labels != NULL ? sizeof(const char *) : 0;
	if (k->n == 0)
		return;
	if (k->runs == NULL)
		spill_init(&k->spill);
	k->runs = mem_realloc(k->runs, k->n_runs + 1, sizeof(*k->runs));
	struct kept_run *run = &k->runs[k->n_runs++];
	*run = (struct kept_run){ 0 };
	kept_sort(k->ref, k->n);
	for (size_t i = 0; i < k->n && (k->top == 0 || i < k->top); i++) {
		const struct kept_ref *r = &k->ref[i];
		size_t room = kept_room(k, r->rec);
		if (piece.len != 0 &&
		    piece.len + sizeof(r->key) + room > PIECE) {
			spill_write(&k->spill, &run->on_disk, &piece, 0);
			buf_clear(&piece);
		}
		buf_add(&piece, &r->key, sizeof(r->key));
		buf_add(&piece, r->rec - head, room);
	}
	spill_write(&k->spill, &run->on_disk, &piece, 0);
	buf_free(&piece);
	kept_free_chunks(k->chunks);
	k->chunks = NULL;
	k->n = 0;
	k->used = 0;
}

/* ---- merging -------------------------------------------------------------------- */

/* The run's next flow.  False: it is over. */
static bool
next_flow(struct kept *k, struct kept_run *run)
{
	if (run->at == run->len) {
		if (run->next == run->on_disk.n)
			return false;
		const struct spill_extent *e =
		    &run->on_disk.extent[run->next++];
		run->data = mem_realloc(run->data, e->len, 1);
		spill_read(&k->spill, e, run->data);
		run->len = e->len;
		run->at = 0;
	}
	memcpy(&run->key, run->data + run->at, sizeof(run->key));
	return true;
}

/* Is a's flow before b's? */
static bool
is_before(const struct kept *k, size_t a, size_t b)
{
	uint64_t x = k->runs[a].key, y = k->runs[b].key;
	return x != y ? x > y : a < b;
}

/* The heap of runs from place i down. */
static void
sink(struct kept *k, size_t i)
{
	size_t run = k->heap[i];
	for (size_t c; (c = 2 * i + 1) < k->n_heap; i = c) {
		if (c + 1 < k->n_heap &&
		    is_before(k, k->heap[c + 1], k->heap[c]))
			c++;
		if (!is_before(k, k->heap[c], run))
			break;
		k->heap[i] = k->heap[c];
	}
	k->heap[i] = run;
}

static void
begin(struct kept *k)
{
	k->heap = mem_calloc(k->n_runs, sizeof(*k->heap));
	k->left = k->top != 0 ? k->top : SIZE_MAX;
	for (size_t i = 0; i < k->n_runs; i++)
		if (next_flow(k, &k->runs[i]))
			k->heap[k->n_heap++] = i;
	for (size_t i = k->n_heap; i-- > 0;)
		sink(k, i);
}

/* The first of all flows goes behind the others in the batch. */
static bool
take_first(struct kept *k)
{
	struct kept_run *run = &k->runs[k->heap[0]];
	size_t head = k->labels != NULL ? sizeof(const char *) : 0;
	const uint8_t *rec = run->data + run->at + sizeof(run->key) + head;
	size_t room = kept_room(k, rec);
	if (k->chunks->room - k->chunks->used < room)
		return false;
	k->ref[k->n++] = (struct kept_ref){ run->key,
		kept_copy(k, k->chunks, rec, kept_label(k, rec)) };
	k->left--;
	run->at += sizeof(run->key) + room;
	if (!next_flow(k, run))
		k->heap[0] = k->heap[--k->n_heap];
	if (k->n_heap != 0)
		sink(k, 0);
	return true;
}

bool
kept_merge(struct kept *k)
{
	if (k->heap == NULL) {
		begin(k);
		if (k->cap < BATCH)
			k->ref = mem_realloc(k->ref, k->cap = BATCH,
			    sizeof(*k->ref));
		kept_add_chunk(&k->chunks, BATCH_ROOM);
	}
	k->n = 0;
	k->chunks->used = 0;
	while (k->n < BATCH && k->n_heap != 0 && k->left != 0 && take_first(k))
		;
	return k->n != 0;
}

void
kept_spill_free(struct kept *k)
{
	for (size_t i = 0; i < k->n_runs; i++) {
		free(k->runs[i].on_disk.extent);
		free(k->runs[i].data);
	}
	if (k->runs != NULL)
		spill_free(&k->spill);
	free(k->runs);
	free(k->heap);
}
