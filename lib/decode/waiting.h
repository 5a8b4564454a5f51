/*
 * waiting: data sets that came before their template, kept until it comes.
 *
 * Over UDP templates come when the exporter thinks it time, often minutes
 * after a collector's start.  The sets until then wait, of all exporters in
 * one store, and are decoded at the end of the datagram that brings their
 * template, each with its own times.  The oldest of the exporter, then the
 * oldest of all, is given up when there is no room, and whatever is older
 * than WAITING_MS; each such set is counted no_template.
 */
#ifndef DECODE_WAITING_H
#define DECODE_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/table.h"

#define WAITING_MS       (30 * 60 * UINT64_C(1000))
#define WAITING_MAX      ((size_t)64 << 20) /* bytes of all exporters */
#define WAITING_EXPORTER ((size_t)32 << 20) /* bytes of one */

struct exporter;
struct waiting_set;

/* The caller's, at one place for as long as its exporters live. */
struct waiting_store {
	struct budget budget; /* what may still be used */
	size_t all;           /* bytes that may be */
	size_t each;          /* bytes one exporter may use */
	struct waiting_set *oldest, *newest;
};

/* What waits of one exporter. */
struct waiting {
	struct waiting_set *first, *last; /* by arrival */
	size_t n;
	size_t bytes;
};

/* A number of bytes for all, and for each exporter. */
void waiting_init(struct waiting_store *s, size_t all, size_t each);

/* Other numbers from now on; of fewer the oldest of all is given up. */
void waiting_limit(struct waiting_store *s, size_t all, size_t each);

/* Bytes that wait. */
size_t waiting_used(const struct waiting_store *s);

/* Give up what is older than WAITING_MS; the clock may have been set back. */
void waiting_expire(struct waiting_store *s, uint64_t now_ms);

/* Give up all that waits of this exporter. */
void waiting_drop(struct exporter *e);

/* A set that waits, for another process to wait on with it. */
struct waiting_view {
	uint64_t received_ms, export_ms;
	uint32_t uptime;
	uint16_t id; /* of its template */
	const uint8_t *data;
	size_t len;
};

/* The exporter's, oldest first: *at starts NULL; false at the end. */
bool waiting_next(const struct exporter *e, const struct waiting_set **at,
    struct waiting_view *v);

/* Behind what waits already; false: there is no room, which is counted. */
bool waiting_restore(struct exporter *e, const struct waiting_view *v);

#endif
