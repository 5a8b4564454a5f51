/* stream_conn: one connection of collector/stream.h.  The stream thread's. */
#ifndef COLLECTOR_STREAM_CONN_H
#define COLLECTOR_STREAM_CONN_H

#include "base/addr.h"
#include "base/log.h"
#include "collector/stream.h"
#include "decode/message.h"

#define STREAM_READ 65536 /* bytes at once */

/*
 * Ring space that must be free before anything is read: for the shortest
 * messages one read can bring, for the one begun before, and for the end of
 * every session there can be.
 */
#define STREAM_ROOM                                                            \
	(STREAM_READ / MESSAGE_HEADER * (MESSAGE_HEADER + RING_COST) +         \
	    MESSAGE_MAX + RING_COST + SESSION_SLOTS * RING_COST)

/* What all connections share. */
struct stream_io {
	struct ring *ring;
	struct stream_counts *counts;
	struct log_limit log;
	uint64_t arrival_ms; /* epoch */
	int64_t now_ms;      /* monotonic */
	uint8_t buf[STREAM_READ];
};

struct stream_conn {
	int fd;
	int listener; /* the socket it came from */
	uint16_t port;
	struct addr from;
	uint32_t session;
	struct tls_conn *tls; /* NULL: plain */
	bool shaking;         /* hands are not yet shaken */
	bool more;            /* it was not read to the end */
	bool heard;           /* a whole message came */
	int64_t since_ms;     /* monotonic; since it has been there */
	int64_t last_ms;      /* of its last whole message */
	int64_t begun_ms;     /* of the first byte of the one begun */
	struct message_part part;
};

/*
 * Read what is there, a few times at most (more says if it was less than
 * all).  STREAM_ENDS: it goes on.
 */
enum stream_end conn_serve(struct stream_conn *c, struct stream_io *io);

/* When it has to be over, monotonic; and as what. */
int64_t conn_deadline(const struct stream_conn *c, int idle_s);
enum stream_end conn_late(const struct stream_conn *c);

/* Close, count, log, tell the decoder; c is gone. */
void conn_close(struct stream_conn *c, struct stream_io *io,
    enum stream_end end);

/* A connection that never got that far. */
void stream_log_end(struct stream_io *io, const struct addr *from,
    uint16_t port, enum stream_end end, const char *why);

#endif
