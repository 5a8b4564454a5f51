/*
 * held: sequence numbers of IPFIX datagrams, in order, while it is not known
 * how many records one of them has because its data waits for a template.
 *
 * What is lost can only be told when the records before are counted, so the
 * numbers behind such a datagram wait as well: until its sets are decoded
 * or given up, HELD_MS have passed, or there is no room.
 */
#ifndef DECODE_HELD_H
#define DECODE_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HELD_MS (2 * 60 * UINT64_C(1000))

struct exporter;

struct held {
	uint64_t received_ms;
	uint32_t number;
	uint32_t units;   /* records known so far */
	uint32_t options; /* of them of options */
	uint16_t open;    /* sets that wait, and 1 while it is being read */
	bool unknown;     /* nobody will know how many */
};

/* A ring by serial number; serials wrap. */
struct held_ring {
	struct held *items;
	uint32_t cap; /* power of two, or 0 */
	uint32_t n;
	uint32_t first; /* serial of the oldest */
};

/*
 * A datagram behind the others, open; *serial names it.  False: there is no
 * room, and nothing is held any more.
 */
bool held_begin(struct exporter *e, uint32_t number, uint64_t received_ms,
    uint32_t *serial);

/* One more of its sets waits. */
void held_open(struct exporter *e, uint32_t serial);

/* One thing less to wait for; it brought so many records. */
void held_close(struct exporter *e, uint32_t serial, uint32_t units,
    uint32_t options, bool unknown);

/* Check the sequence as far as it is known. */
void held_settle(struct exporter *e, uint64_t now_ms);

void held_free(struct exporter *e);

#endif
