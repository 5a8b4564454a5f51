/*
 * stream: IPFIX over TCP and TLS (RFC 7011 10.4, 11).  One thread for all
 * connections; whole messages go into a ring of its own, where the decoder
 * finds them like datagrams, with the session they are of.
 *
 * Nothing is dropped: while the ring has no room no connection is read, and
 * TCP holds the exporters up.
 *
 * What outsiders can make us hold: `max` connections, half of them from one
 * address, each with one unfinished message (64 KiB) and, with TLS, the
 * library's buffers.  The first message has to be there in STREAM_FIRST_S, each
 * other STREAM_MESSAGE_S after its first byte, the next after `idle` at
 * most.  When all places are taken, the longest connected that has not
 * sent one message makes room; if there is none, the newcomer goes.
 */
#ifndef COLLECTOR_STREAM_H
#define COLLECTOR_STREAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "collector/ring.h"
#include "collector/session.h"
#include "collector/tls.h"

#define STREAM_FIRST_S   30
#define STREAM_MESSAGE_S 60

struct stream_listener {
	int fd;
	uint16_t port;
	bool tls;
};

struct stream_listeners {
	struct stream_listener *l;
	size_t n;
};

struct stream_setup {
	struct stream_listeners ls; /* the sockets stay the caller's */
	struct tls *tls;            /* referenced; NULL: none is of TLS */
	size_t max;                 /* connections, at most SESSION_SLOTS */
	int idle_s;
};

/* Why connections ended. */
enum stream_end {
	STREAM_CLOSED,    /* by the exporter, between messages */
	STREAM_CUT,       /* by the exporter or the net, within one */
	STREAM_RESET,     /* by an error between messages */
	STREAM_VERSION,   /* what came is no IPFIX */
	STREAM_LENGTH,    /* a message shorter than its header */
	STREAM_TLS,       /* TLS could not be agreed on, or was broken */
	STREAM_SLOW,      /* a message took too long */
	STREAM_IDLE,      /* none came for too long */
	STREAM_CROWDED,   /* there were too many */
	STREAM_NO_SOURCE, /* no source takes this exporter (any more) */
	STREAM_CONFIG,    /* its port is not configured any more */
	STREAM_STOP,      /* the collector ends */
	STREAM_ENDS
};

const char *stream_end_name(enum stream_end end);

/* The thread's, for all to read; they outlive it. */
struct stream_counts {
	atomic_uint_fast64_t connections; /* now */
	atomic_uint_fast64_t accepted, messages, bytes;
	atomic_uint_fast64_t ended[STREAM_ENDS];
};

struct streams;
struct stream_conn;

/* Connections that go on without being read meanwhile. */
struct stream_kept {
	struct stream_conn **conn;
	size_t n;
};

/* Close them. */
void stream_kept_free(struct stream_kept *k);

/*
 * The ring is this producer's alone.  In refusals any thread may say which
 * sessions are to be closed; they and the counts stay the caller's.  It goes
 * on with the connections of `kept` (NULL: none), which is empty then, once
 * streams_use gives it their ports.
 */
struct streams *streams_start(struct ring *ring,
    struct session_refusals *refusals, struct stream_counts *counts,
    struct stream_kept *kept, struct err *err);

/*
 * Go on with this.  Connections of ports that stay are not touched; of the
 * others, what has arrived is taken.  On return no other socket is used.
 */
void streams_use(struct streams *st, const struct stream_setup *setup);

/*
 * What has arrived is taken, then all connections are closed.  last: of those
 * that wait to be accepted as well, since nobody else will.
 */
void streams_stop(struct streams *st, bool last);

/*
 * Read no more, keep the connections as they are; what was read is in the
 * ring.  Those in TLS, whose keys nobody else has, end after what has arrived.
 */
void streams_leave(struct streams *st, struct stream_kept *kept);

#endif
