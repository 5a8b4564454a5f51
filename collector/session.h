/*
 * session: exporters over TCP.  A transport session is one connection;
 * templates and sequence numbers live as long as it does (RFC 7011 8.1, 10.4),
 * what else is known of the exporter stays, and so does its number in files,
 * for when it connects again.
 *
 * All but session_refuse's effect is the decode thread's.
 */
#ifndef COLLECTOR_SESSION_H
#define COLLECTOR_SESSION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct sender;
struct sources;

/* A session's number, never 0: a slot, and above it a count of its uses. */
#define SESSION_BITS  12
#define SESSION_SLOTS (1U << SESSION_BITS)

static inline uint32_t
session_slot(uint32_t session)
{
	return session & (SESSION_SLOTS - 1);
}

/* By slot: which session's connection is to be closed. */
struct session_refusals {
	atomic_uint session[SESSION_SLOTS];
};

/* Is this sender the one of that session, or (0) of datagrams? */
bool session_has(const struct sender *x, uint32_t session);

/* Has its session ended, so that the next one from there may have it? */
bool session_ended(const struct sender *x);

/* x is of that session from now on (0: of none, and nothing happens). */
void session_join(struct sources *ss, struct sender *x, uint32_t session);

/* x is about to go: without it nothing in its session can be read. */
void session_leave(struct sources *ss, struct sender *x);

/* All its senders forget what was said in it. */
void session_end(struct sources *ss, uint32_t session);

/* Have the connection closed. */
void session_refuse(const struct sources *ss, uint32_t session);

#endif
