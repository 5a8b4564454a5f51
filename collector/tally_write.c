/* The ledger's lines on their way to the disk. */
#include <stdlib.h>

#include "base/log.h"
#include "collector/outfile.h"
#include "collector/tally.h"
#include "nffile/tree.h"

void
tally_free(struct tally *t)
{
	free(t->lines);
	free(t);
}

void
tally_queue_free(struct tally_queue *q)
{
	for (struct tally *t = q->first, *next; t != NULL; t = next) {
		next = t->next;
		tally_free(t);
	}
	*q = (struct tally_queue){ 0 };
}

void
tally_close(struct tally *t)
{
	struct account *a = t->account;
	uint64_t now = atomic_load(&a->unwritten);
	t->own.n[LEDGER_UNWRITTEN] = now - a->unwritten_told;
	a->unwritten_told = now;
}

static bool
is_zero(const struct ledger_line *l)
{
	for (size_t i = 0; i < LEDGER_COUNTS; i++)
		if (l->n[i] != 0)
			return false;
	return true;
}

static int
append(const struct tally *t, struct err *err)
{
	struct buf text = BUF_EMPTY;
	for (size_t i = 0; i < t->n; i++)
		ledger_print(&t->lines[i], &text);
	if (!is_zero(&t->own))
		ledger_print(&t->own, &text);
	int rc = ledger_append(t->dir, t->own.source, t->own.slot, &text, err);
	buf_free(&text);
	return rc;
}

static void
take_first(struct tally_queue *q)
{
	struct tally *t = q->first;
	if ((q->first = t->next) == NULL)
		q->last = &q->first;
	q->n--;
	tally_free(t);
}

/* The start of the oldest slot there is a flow file of; -1: none. */
static int64_t
oldest_slot(const char *data)
{
	struct arena arena = ARENA_EMPTY;
	struct tree_list files = { 0 };
	struct tree_query q = { .R = data };
	struct err err;
	int64_t oldest = -1;
	if (tree_find(&q, &arena, &files, &err) == 0)
		for (size_t i = 0; i < files.n; i++) {
			int64_t start = files.files[i].start;
			if (start >= 0 && (oldest == -1 || start < oldest))
				oldest = start;
		}
	arena_free(&arena);
	return oldest;
}

/* Once a day, and after a start: days without flow files are too old. */
static void
expire(struct tally_queue *q, const struct tally *t)
{
	struct err err;
	int64_t day = t->own.slot / LEDGER_DAY + 1;
	if (day == q->day)
		return;
	q->day = day;
	int64_t oldest = oldest_slot(t->data);
	if (oldest != -1 &&
	    ledger_expire(t->dir, t->own.source, oldest, &err) == -1)
		log_warnx("%s", err.msg);
}

void
tally_write(void *arg)
{
	struct tally *t = arg;
	struct tally_queue *q = &t->account->tallies;
	struct err err;
	if (t->dir[0] == '\0') {
		tally_free(t);
		return;
	}
	expire(q, t);
	if (q->last == NULL)
		q->last = &q->first;
	*q->last = t;
	q->last = &t->next;
	q->n++;
	while (q->first != NULL && append(q->first, &err) == 0) {
		if (q->failing)
			log_info("ledger is written again ident=%s",
			    q->first->own.source);
		q->failing = false;
		take_first(q);
	}
	if (q->first == NULL)
		return;
	if (!q->failing)
		log_errx("%s; it is tried again at each slot's end", err.msg);
	q->failing = true;
	if (q->n > TALLY_KEPT_MAX) {
		log_errx("a slot's lines are lost to the ledger ident=%s "
			 "slot=%lld",
		    q->first->own.source, (long long)q->first->own.slot);
		take_first(q);
	}
}
