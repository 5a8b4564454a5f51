/*
 * ring: datagrams from the receive thread to the decode thread, packed one
 * behind the other with what is known about each.
 *
 * One producer, one consumer, no lock on the way.  The producer never waits:
 * a datagram that does not fit is counted and gone.
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

struct ring_head {
	uint32_t len;  /* bytes of the datagram, behind this */
	uint16_t port; /* it came to */
	uint64_t arrival_ms;
	struct addr from;
};

struct ring {
	uint8_t *mem;
	size_t size;                     /* power of two */
	_Alignas(64) atomic_size_t head; /* producer's; bytes ever written */
	_Alignas(64) atomic_size_t tail; /* consumer's; bytes ever read */
	size_t pos;                      /* consumer's; read, not released */
	_Alignas(64) atomic_bool waiting;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool poked;
	atomic_uint_fast64_t dropped; /* datagrams that found it full */
};

/* size: power of two, at least 128 KiB. */
int ring_open(struct ring *r, size_t size, struct err *err);
void ring_close(struct ring *r);

/* Producer.  False: full, counted.  The consumer is told by ring_tell. */
bool ring_put(struct ring *r, const struct ring_head *h, const void *data);
void ring_tell(struct ring *r);

/* Consumer: the next datagram, valid until ring_release; NULL: none. */
const struct ring_head *ring_next(struct ring *r, const uint8_t **data);
void ring_release(struct ring *r);

/* Wait until there is one, ring_poke was called, or ms have passed. */
void ring_wait(struct ring *r, int ms);
void ring_poke(struct ring *r);

#endif
