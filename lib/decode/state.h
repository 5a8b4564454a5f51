/*
 * state: what exporters told, over a restart: templates, samplers, names,
 * boot times, and how their sequence numbers count.  Numbers big endian.
 *
 * file      0 "nfsenTPL"  8 version u32: 1  12 exporters u32
 *           16 time of writing u64, epoch ms  24 bytes of records u64
 *           32 records
 *           and a checksum u64 behind them: hash_bytes(all before, seed 1)
 * record    0 length u32 of what follows it
 *           4 port u16 it sends to  6 version u16  8 id u32
 *           12 address (17)  29 agent's address (17)
 *           46 last seen u64, epoch ms  54 boot time u64, epoch ms or 0
 *           62 habit u8 of the sequence (exporter.h)
 *           63 items: kind u8, length u32, that many bytes
 * address   family u8 (0, 4, 6), high u64, low u64
 * items     1 template   options u8, last used u64, the announcement
 *           2 sampler    kind u8, id u64, packets u32, space u32,
 *                        algorithm u16, last used u64
 *           3 name       kind u8, id u64, length of the id u8, name (64),
 *                        text (64), NUL-terminated
 *           4 session    number u32; only from one process to the next
 *           5 waiting    received u64, exported u64, uptime u32, template u16,
 *                        data; likewise
 *           6 sequence   number of the last datagram u32, units in it u32, of
 *                        them options u32; likewise
 *
 * Items of other kinds are passed over, so that newer writers can add some.
 * Of samplers those are kept that options data announce.
 */
#ifndef DECODE_STATE_H
#define DECODE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "decode/decode.h"

#define STATE_HEAD_LEN 32
#define STATE_KEY_LEN  42 /* of a record: bytes 4 to 46, who it is about */

/* Only NetFlow v9 and IPFIX tell what is worth keeping. */
bool state_wanted(const struct exporter *e);

/* Who an exporter is that sends to this port, as records have it. */
void state_key(uint16_t port, const struct addr *ip,
    const struct decode_head *h, uint8_t key[STATE_KEY_LEN]);

/* A file: begin, any number of records, end. */
void state_begin(struct buf *b, uint64_t now_ms);
void state_put(struct buf *b, uint16_t port, const struct exporter *e);
void state_end(struct buf *b);

/*
 * With what only the next process on the same sockets can use: the session
 * over TCP (0: none), the sets that wait for templates, and where sequence
 * numbers stand: nothing is missing in between that was not lost.
 */
void state_put_all(struct buf *b, uint16_t port, const struct exporter *e,
    uint32_t session);

/* Take back what was put behind `len`. */
void state_undo(struct buf *b, size_t len);

/* A record as it stands in another file. */
struct state_record {
	const uint8_t *p; /* with its length */
	size_t len;
	uint64_t last_seen_ms;
};
void state_copy(struct buf *b, const struct state_record *r);

/* Is all of it a file of ours?  -1: err says why not. */
int state_check(const uint8_t *data, size_t len, struct err *err);

/* Of a checked file: *pos starts at 0; false at the end. */
bool state_next(const uint8_t *data, size_t len, size_t *pos,
    struct state_record *r);

static inline const uint8_t *
state_record_key(const struct state_record *r)
{
	return r->p + 4;
}

/* Who a record is about, and in which session (0: none). */
struct state_who {
	uint16_t port;
	struct addr ip;
	struct decode_head head;
	uint32_t session;
};
void state_record_who(const struct state_record *r, struct state_who *who);

/*
 * What the record says, into the exporter it is about (state_key).  What
 * makes no sense or finds no room is left out.
 */
void state_restore(const struct state_record *r, struct exporter *e);

#endif
