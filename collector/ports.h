/*
 * ports: what was lost at each UDP port before anybody looked at it.  One
 * entry for every port there ever was a socket for, so that no count goes
 * with its socket.
 */
#ifndef COLLECTOR_PORTS_H
#define COLLECTOR_PORTS_H

#include <stdatomic.h>
#include <stdint.h>

struct port {
	struct port *next; /* set before others see the entry */
	uint16_t port;
	/* datagrams; the receive thread's, for all to read */
	atomic_uint_fast64_t kernel_drops; /* its socket's buffer was full */
	atomic_uint_fast64_t queue_drops;  /* the ring was full */
	/* the decode thread's */
	uint64_t unknown; /* datagrams of senders that no source takes */
	uint64_t kernel_told, queue_told, unknown_told; /* to the ledger */
};

/* The main thread adds, others follow the list without a lock. */
struct ports {
	_Atomic(struct port *) first;
};

/* Find or add; the main thread's. */
struct port *ports_get(struct ports *ps, uint16_t port);

/* NULL: there never was a socket. */
struct port *ports_find(struct ports *ps, uint16_t port);
struct port *ports_first(struct ports *ps);
void ports_free(struct ports *ps);

#endif
