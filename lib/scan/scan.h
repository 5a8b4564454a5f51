/*
 * scan: many flow files at the speed of all processors.
 *
 * Blocks are shared among a few threads.  A thread reads and unpacks one
 * block at a time into buffers of its own and works on it while it is in the
 * nearest caches; nothing is queued, so memory is bounded by threads times
 * block.  Blocks of one big file are shared as well as many small files.
 *
 * What a job does with them:
 *
 *	make    a thread's own state (filter set, batch, tables)
 *	pass    is it known, without opening the file, that it is not?
 *	want    is a file worth reading?
 *	skip    or this block of it?
 *	enter   the thread's next blocks are of this file
 *	block   work on a block, all threads at once
 *	ordered the same thread again, still with that block, when the results
 *		of all earlier blocks are out: one at a time, in the order of
 *		files and blocks
 *	done    a file was read to its end, in the order of files
 *	drop    the thread's state, after its results were taken
 *
 * A job without `ordered` (sums, tables that are merged later) never waits.
 * With it a thread that is early waits for its turn, which bounds the
 * look-ahead to one block per thread.
 *
 * Results are the same for any number of threads, if `block` depends on its
 * block alone and what is added up does not depend on order.
 */
#ifndef SCAN_SCAN_H
#define SCAN_SCAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nffile/nffile.h"

#define SCAN_THREADS_MAX 64

/* A file to be read. */
struct scan_input {
	const char *path;
	/*
	 * Or the caller's open reader, which goes on where it stands and
	 * stays open: the blocks that were appended to a growing file since.
	 * One thread reads them all.
	 */
	struct nffile_reader *reader;
	void *tag;
};

/* Blocks that were passed over: not read, not handed out. */
struct scan_passed {
	uint64_t blocks;
	uint64_t rows;  /* flows in them */
	uint64_t bytes; /* unpacked */
};

struct scan_file {
	const char *path;
	void *tag;
	size_t number;                      /* of its input */
	const char *ident;                  /* "" while the file grows */
	const struct nffile_stat *stat;     /* NULL while there is none */
	const struct nffile_reader *reader; /* NULL: could not be opened */
	bool wanted;
	bool passed; /* unopened; stat is what pass gave */
	bool cut;    /* stopped somewhere in it */
};

struct scan_block {
	const struct scan_file *file;
	const struct nffile_block *data;
};

struct scan_job {
	void *ctx;
	unsigned threads; /* at most; 0: one per processor, no more than 16 */
	/*
	 * NULL, or set to anything but 0 by whom it likes (a signal handler):
	 * no more blocks are begun.  What was begun is finished, so that what
	 * came out is the beginning of all; only a file that one thread reads
	 * may end early before others.
	 */
	const atomic_int *stop;

	/* May all be NULL.  make and enter run on the thread they are for. */
	void *(*make)(void *ctx);
	void (*drop)(void *worker);
	/*
	 * One at a time, but maybe early: decide, do not count.  pass: its
	 * stat record when nothing of the file matters, valid until done;
	 * not asked for inputs that are open already.
	 */
	const struct nffile_stat *(*pass)(void *ctx, const struct scan_file *f);
	bool (*want)(void *ctx, const struct scan_file *f);
	/*
	 * Likewise; true: the block is passed over, *p says what is in it.
	 * Not of files that are read by one thread.
	 */
	bool (*skip)(void *ctx, const struct scan_file *f,
	    const struct nffile_place *place, struct scan_passed *p);
	void (*enter)(void *worker, const struct scan_file *f);
	void (*block)(void *worker, const struct scan_block *b);
	/* False: enough, nothing that comes later is handed out. */
	bool (*ordered)(void *worker, const struct scan_block *b);
	/*
	 * One at a time, in the order of files, before later files' ordered;
	 * also for files not wanted and those that could not be opened.  Not
	 * for files behind the one that was enough, nor for those of which
	 * nothing was read before the stop.
	 */
	void (*done)(void *ctx, const struct scan_file *f);
	/*
	 * A file, or a block of it, cannot be read: text says all.  In the
	 * order of files and blocks, before the file is done.
	 */
	void (
	    *complain)(void *ctx, const struct scan_file *f, const char *text);
};

struct scan_counts {
	uint64_t files;            /* read, whole or not */
	uint64_t failed;           /* of all, with a complaint */
	uint64_t blocks;           /* handed out */
	uint64_t bytes;            /* of them, unpacked */
	uint64_t bytes_read;       /* from disk */
	uint64_t bad;              /* records dropped: length nonsense */
	uint64_t unknown;          /* records skipped by their length */
	struct scan_passed passed; /* by skip, before it was enough */
	bool stopped;              /* before all was read */
};

struct scanner;

/* The job is copied. */
struct scanner *scanner_new(const struct scan_job *job);

/*
 * Read the files; returns when all is done.  Threads' states are kept for
 * the next run.  The calling thread works, too, and must not block SIGBUS;
 * others have all signals but that one blocked.  *sum (may be NULL) is added
 * to.  True unless `ordered` said enough.
 */
bool scanner_run(struct scanner *s, const struct scan_input *in, size_t n,
    struct scan_counts *sum);

/* The state of thread i < scanner_threads, NULL where none was made. */
unsigned scanner_threads(const struct scanner *s);
void *scanner_worker(const struct scanner *s, unsigned i);

/* Drops the states. */
void scanner_free(struct scanner *s);

#endif
