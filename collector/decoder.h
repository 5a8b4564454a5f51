/*
 * decoder: the thread between ring and writer.  It owns sources, exporters
 * and their templates; it turns datagrams into flows, collects them in
 * blocks, and ends slots.
 */
#ifndef COLLECTOR_DECODER_H
#define COLLECTOR_DECODER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "collector/ports.h"
#include "collector/ring.h"
#include "collector/source.h"
#include "collector/writer.h"

/* One source as the configuration wants it. */
struct decoder_source {
	struct flowfile_spec spec;
	uint16_t port;
	const struct prefix *ips; /* not ours */
	size_t n_ips;
	bool only_ips; /* nobody else's even when alone on the port */
	struct decode_opts opts;
	struct repeat *repeat; /* NULL: none */
	int dynamic;           /* see source.h */
	const char *parent;    /* it came from that dynamic one; or NULL */
};

struct decoder_plan {
	struct decoder_source *sources;
	size_t n;
	int64_t cycletime;
	int64_t begin;              /* of the first datagram, epoch seconds */
	char ledger[FILE_PATH_MAX]; /* its folder; "": none is kept */
	struct session_refusals *refusals;   /* at the start; NULL: no TCP */
	const struct stream_counts *streams; /* likewise */
	struct sources_limits limits;
	size_t interfaces;             /* whose traffic is counted, at most */
	char templates[FILE_PATH_MAX]; /* file of them; "": none is kept */
	char grown[FILE_PATH_MAX];     /* conf/grown.h; "": none is kept */
	const struct buf *carry; /* of decoder_leave; NULL: a cold start */
};

struct decoder {
	pthread_t thread;
	struct ring *ring;
	struct writer *writer;
	struct ports *ports;
	char ledger[FILE_PATH_MAX];
	char grown[FILE_PATH_MAX];
	struct sources sources;
	const struct stream_counts *streams; /* NULL: no TCP */
	struct keep keep; /* what exporters told, over restarts */
	int64_t slot;     /* being written; -1: none yet */
	int64_t cycletime;
	int64_t now_ms;          /* monotonic, of this round */
	int64_t looked_ms;       /* when blocks were last looked through */
	uint64_t unknown_sender; /* datagrams */
	struct log_limit unknown_log;
	struct log_limit grow_log;
	struct log_limit malformed_log;
	struct log_limit redefined_log;

	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t answered;
	void (*call)(struct decoder *d, void *arg); /* NULL: none */
	void *call_arg;
	atomic_bool called;
	unsigned calls, answers; /* so far */
	atomic_bool stop;
	struct buf *carry; /* before stop: where to leave what goes on */
};

/*
 * Begin with the sources that the plan has; what is in the ring already is
 * theirs.
 */
int decoder_start(struct decoder *d, struct ring *ring, struct writer *writer,
    struct ports *ports, struct decoder_plan *plan, struct err *err);

/*
 * Have fn run in the decode thread, after everything that is in the ring now;
 * returns when it has.  For any other thread; several take turns.
 */
void decoder_call(struct decoder *d, void (*fn)(struct decoder *d, void *arg),
    void *arg);

/*
 * In the decode thread: sources as the plan (arg, struct decoder_plan) has
 * them.  Those that stay as they are keep their file, exporters and counters;
 * those that go are finished and published.
 */
void decoder_apply(struct decoder *d, void *arg);

/*
 * In the decode thread: the source's block with room for any one record, and
 * the time taken when that is its first.
 */
struct nffile_writer *decoder_block(struct decoder *d, struct source *s);

/* Take what is in the ring, finish all files, end the thread. */
void decoder_stop(struct decoder *d);

/*
 * Likewise, but what waits for templates is not given up, and sessions over
 * TCP have not ended: into carry (empty when there is neither), for the
 * decoder of the next process, or of this one again.
 */
void decoder_leave(struct decoder *d, struct buf *carry);

#endif
