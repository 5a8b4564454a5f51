/*
 * progress: how far a query has read, for people and for programs, while it
 * reads.
 *
 * On a terminal one line that is written over and gone before the answer
 * comes: bytes, percent, rate, time left.  As JSON one object a line, at once,
 * then every PROGRESS_JSON_MS, and one at the end:
 *
 *	{"state":"running","files":3,"of_files":288,"bytes":1234,
 *	 "of_bytes":99999,"bytes_per_second":5678,"seconds":0.250,
 *	 "seconds_left":17}
 *
 * state is running, done or partial (interrupted); bytes are those on disk,
 * what is passed over included; seconds_left is null while nobody knows.
 *
 * Counting is for any thread and costs next to nothing; a thread of its own
 * does the talking, and nobody waits for it but at the end.
 */
#ifndef QUERY_PROGRESS_H
#define QUERY_PROGRESS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "nffile/tree.h"

#define PROGRESS_QUIET_MS 700 /* on a terminal nothing is said before */
#define PROGRESS_LINE_MS  200
#define PROGRESS_JSON_MS  250

enum progress_mode {
	PROGRESS_AUTO, /* a line where it is in nobody's way */
	PROGRESS_NONE,
	PROGRESS_LINE,
	PROGRESS_JSON
};

struct progress_file {
	uint64_t size;
	_Atomic uint64_t done;
};

struct progress {
	enum progress_mode mode;
	int fd; /* where to */
	struct progress_file *file;
	size_t files;
	uint64_t bytes; /* of all files */
	_Atomic uint64_t bytes_done;
	_Atomic size_t files_done;
	double start;

	bool running; /* there is a thread */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool over, partial;
	bool shown; /* there is a line on the terminal */
};

/* Seconds of a clock that only goes forward. */
double progress_now(void);

/* "auto", "none", "line", "json" (standard error) or "json:FD". */
int progress_parse(const char *text, enum progress_mode *mode, int *fd,
    struct err *err);

/*
 * What PROGRESS_AUTO means: a line when standard error is a terminal, unless
 * standard output is a pipe, to a pager maybe, or is a terminal where flows
 * are `listed` while they are read.
 */
enum progress_mode progress_settle(enum progress_mode mode, bool listed);

/* Of these files; a reading that failed is none. */
void progress_begin(struct progress *p, enum progress_mode mode, int fd,
    const struct tree_list *files);

/* One of so many blocks of a file; the rest of the file, whatever it is. */
void progress_block(struct progress *p, size_t file, uint32_t blocks);
void progress_file(struct progress *p, size_t file);

/* The line is gone, the last object written. */
void progress_end(struct progress *p, bool partial);

/* For the two forms: what is said after so many seconds. */
void progress_json(const struct progress *p, const char *state, double seconds,
    struct buf *b);
void progress_line(const struct progress *p, double seconds, struct buf *b);

#endif
