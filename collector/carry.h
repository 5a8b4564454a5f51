/*
 * carry: what an upgrade takes along besides sockets: connections over TCP
 * with the bytes of a message that is not whole, and what the decoder knows
 * of their sessions and keeps waiting (decoder_leave).
 *
 * As a file, numbers big endian; the connections' descriptors go in order:
 *
 *   0 "nfsenCRY"  8 version u32: 1  12 connections u32
 *   16 bytes of the decoder's part u64, which follows
 *   then for each connection: length u32 of what follows it, port u16,
 *   session u32, address (family u8, high u64, low u64), heard u8, monotonic
 *   ms u64 since it is there, of its last message, of the one begun, and what
 *   there is of that
 */
#ifndef COLLECTOR_CARRY_H
#define COLLECTOR_CARRY_H

#include "base/buf.h"
#include "base/err.h"
#include "collector/stream.h"

struct carry {
	struct buf decoder;
	struct stream_kept kept;
};

void carry_free(struct carry *c); /* connections are closed */

/* Into a file of no name, at its start; -1: err. */
int carry_write(const struct carry *c, struct err *err);

/*
 * From it, with the descriptors of the n connections, which are c's then or
 * closed.  -1: err says why it cannot be used.
 */
int carry_read(struct carry *c, int fd, const int *conns, size_t n,
    struct err *err);

#endif
