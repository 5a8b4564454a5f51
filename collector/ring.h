/*
 * ring: datagrams from the receive thread to the decode thread, packed one
 * behind the other with what is known about each.
 *
 * One producer, one consumer, no lock on the way.  The producer never waits:
 * a datagram that does not fit is counted and gone, so who must not lose any
 * asks for room first.  Several producers have a ring each, joined for their
 * one consumer.
 */
#ifndef COLLECTOR_RING_H
#define COLLECTOR_RING_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

enum ring_kind {
	RING_DATAGRAM,
	RING_MESSAGE, /* of a session over TCP */
	RING_END,     /* the session has ended; no bytes */
	RING_CUT,     /* likewise, within a message */
	RING_BROKEN   /* likewise, by something that is no message */
};

struct ring_head {
	uint32_t len;     /* bytes of the datagram, behind this */
	uint16_t port;    /* it came to */
	uint16_t kind;    /* enum ring_kind */
	uint32_t session; /* collector/stream.h; 0: datagram */
	uint64_t arrival_ms;
	struct addr from;
};

struct ring {
	uint8_t *mem;
	size_t size;                     /* power of two */
	_Alignas(64) atomic_size_t head; /* producer's; bytes ever written */
	_Alignas(64) atomic_size_t tail; /* consumer's; bytes ever read */
	size_t pos;                      /* consumer's; read, not released */
	size_t mark;                     /* consumer's */
	_Alignas(64) atomic_bool waiting;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool poked;
	atomic_uint_fast64_t dropped; /* datagrams that found it full */
	struct ring *next;            /* of the same consumer */
	struct ring *bell; /* the first of these: on its lock they are waited
	                      for */
};

/* size: power of two, at least 128 KiB. */
int ring_open(struct ring *r, size_t size, struct err *err);
void ring_close(struct ring *r);

/*
 * Before either is used: the consumer of `first` is that of r as well, and
 * every consumer's call, with `first`, is about all of them.
 */
void ring_join(struct ring *first, struct ring *r);

/* Producer.  False: full, counted.  The consumer is told by ring_tell. */
bool ring_put(struct ring *r, const struct ring_head *h, const void *data);
void ring_tell(struct ring *r);

/* Producer: at least so many bytes are free.  Each datagram takes up to
 * RING_COST more than its length. */
#define RING_COST (sizeof(struct ring_head) + 8)
size_t ring_room(const struct ring *r);

/*
 * Consumer: the next datagram, valid until ring_release; of several rings
 * that which arrived first.  NULL: none.
 */
const struct ring_head *ring_next(struct ring *r, const uint8_t **data);
void ring_release(struct ring *r);

/* Consumer: note what is there now; is some of that still to come? */
void ring_mark(struct ring *r);
bool ring_marked(const struct ring *r);

/* Wait until there is one, ring_poke was called, or ms have passed. */
void ring_wait(struct ring *r, int ms);
void ring_poke(struct ring *r);

#endif
