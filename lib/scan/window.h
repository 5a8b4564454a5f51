/*
 * window: the files at work, those between the first one that is not done
 * and the last one opened.  Everything here is called with the scanner's
 * lock held; opening a file alone lets go of it.
 */
#ifndef SCAN_WINDOW_H
#define SCAN_WINDOW_H

#include <pthread.h>

#include "scan/scan.h"

/* What could not be read, kept until it is its turn. */
struct complaint {
	uint32_t block; /* UINT32_MAX: behind all */
	char *text;
};

enum active_state {
	ACTIVE_OPENING,
	ACTIVE_OPEN,
	ACTIVE_DRAINED /* nothing more to claim */
};

/* A file at work. */
struct active {
	struct scan_file pub;
	struct nffile_reader own;
	struct nffile_reader *reader;
	enum active_state state;
	bool alone;                /* blocks are read by one thread */
	bool taken;                /* which has begun */
	uint32_t claimed;          /* blocks, in file order */
	uint32_t turn;             /* of them, next for `ordered` */
	uint32_t working;          /* of them, not finished */
	struct scan_passed passed; /* since the last block claimed */
	uint64_t bytes_at;         /* the caller's reader: bytes read before */
	uint64_t bad_at, unknown_at;
	struct complaint *complaints;
	size_t n_complaints;
};

/* A block to be worked on, or a whole file that is read alone. */
struct unit {
	struct active *file;
	struct nffile_place place;
	uint32_t turn;
	struct scan_passed passed; /* right before it */
};

struct window {
	const struct scan_job *job;
	pthread_mutex_t lock;
	pthread_cond_t moved; /* whatever somebody may wait for */
	const struct scan_input *in;
	size_t n;
	size_t first, next; /* files at work: first .. next - 1 */
	struct active *ring;
	size_t room;
	bool enough;         /* `ordered` said so */
	uint32_t last_block; /* then: in file first, later ones do not count */
	struct scan_counts sum;
};

void window_init(struct window *w, const struct scan_job *job, size_t room);
void window_free(struct window *w);

void window_begin(struct window *w, const struct scan_input *in, size_t n);

/* Give up what is left after `ordered` said enough, or of a stop. */
void window_end(struct window *w);

/* The next unit; waits while there may be one.  False: there is none. */
bool window_claim(struct window *w, struct unit *u);

/* Somebody wants it to stop. */
bool window_stops(const struct window *w);

/* Is there more than what was claimed?  Worth another thread. */
bool window_more(const struct window *w);

/* The unit's block is finished; of a file read alone, say so at its end. */
void window_finish(struct window *w, struct active *f);
void window_drained(struct window *w, struct active *f);

/* Count what was passed over. */
void window_passed(struct window *w, const struct scan_passed *p);

/* Keep a complaint about a block until the file is done. */
void window_complain(struct window *w, struct active *f, uint32_t block,
    const char *text);

#endif
