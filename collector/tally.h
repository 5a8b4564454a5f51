/*
 * tally: what a slot adds to the ledger (ledger/ledger.h).
 *
 * Counters only grow, and remember what of them was told; the difference
 * is taken in the decode thread when a slot ends, when the configuration
 * changes, and at the end.  The writer's thread adds what the disk refused,
 * the sync thread appends the lines.  When that fails they are kept and
 * tried again with the next, TALLY_KEPT_MAX at most.
 *
 * Late datagrams can lower sequence_lost again.  What was told stays told:
 * what is lost next is set against it.
 */
#ifndef COLLECTOR_TALLY_H
#define COLLECTOR_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/file.h"
#include "ledger/ledger.h"

struct account;
struct decoder;
struct sender;
struct source;

/* Per source and slot; what longer-known exporters leave over is one sum. */
#define TALLY_EXPORTERS_MAX 4096
#define TALLY_KEPT_MAX      300 /* slots, per source */

/* One source's lines of one slot. */
struct tally {
	struct tally *next;
	struct account *account;
	char dir[FILE_PATH_MAX];   /* of the ledger; "": there is none */
	char data[FILE_PATH_MAX];  /* flow files: older days expire with them */
	struct ledger_line own;    /* slot, length, source; no exporter */
	struct ledger_line *lines; /* of exporters */
	size_t n;
};

/* What an account has of them; the sync thread's. */
struct tally_queue {
	struct tally *first, **last; /* last NULL: never used */
	size_t n;
	bool failing; /* and that was logged */
	int64_t day;  /* of the last look at what is too old */
};

/* ---- the decode thread ---------------------------------------------------- */

/* What all sources and ports counted since the last time, to the writer. */
void tally_slot(struct decoder *d);

/* Likewise of one source, which is about to go. */
void tally_source(struct decoder *d, struct source *s);

/*
 * The lines that tally_slot would make now, to take() without being told.
 */
void tally_look(struct decoder *d, ledger_take *take, void *ctx);

/* All an exporter counted, in the order of ledger_name. */
void tally_sender_counts(const struct sender *x, uint64_t n[LEDGER_COUNTS]);

/* x is about to be forgotten; what it counted stays in the source's sum. */
void tally_keep(struct source *s, const struct sender *x);

/* All a source counted: its exporters' and its own, with its port's drops. */
void tally_source_counts(struct decoder *d, const struct source *s,
    uint64_t n[LEDGER_COUNTS]);

/* ---- writer and sync thread ----------------------------------------------- */

/* Note what could not be written; in the writer's thread. */
void tally_close(struct tally *t);

/* Append the lines; arg (a struct tally) is gone.  In the sync thread. */
void tally_write(void *arg);

void tally_free(struct tally *t);
void tally_queue_free(struct tally_queue *q);

#endif
