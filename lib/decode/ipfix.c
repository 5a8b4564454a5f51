/*
 * IPFIX, RFC 7011.
 *
 * header (16)  0 version 2 length of the message 4 export time
 *              8 sequence, counts data records 12 observation domain
 */
#include "decode/engine.h"

#define HEADER_LEN 16

static void
check_sequence(struct decoding *d)
{
	struct exporter *e = d->e;
	if (d->held) {
		held_close(e, d->serial, d->records, d->options, d->uncounted);
		return;
	}
	sequence_check(e, d->number, d->records, d->options);
	/* Nobody knows how many there were: start anew, lose nothing. */
	if (d->uncounted)
		e->sequence.known = false;
}

void
ipfix_decode(struct decoding *d, struct wire w)
{
	struct exporter *e = d->e;
	uint16_t length = wire_u16(&w);
	d->export_ms = (uint64_t)wire_u32(&w) * 1000;
	d->number = wire_u32(&w);
	wire_skip(&w, 4);
	if (w.bad || length < HEADER_LEN ||
	    length - HEADER_LEN > (int)wire_left(&w)) {
		e->stats.malformed++;
		return;
	}
	struct wire body = wire_sub(&w, (size_t)length - HEADER_LEN);
	d->proto = FIELD_IPFIX;
	/* Behind one that is held the others are held as well. */
	if (e->held.n != 0)
		d->held = held_begin(e, d->number, d->received_ms, &d->serial);
	sets_decode(d, &body);
	check_sequence(d);
	if (d->learnt)
		waiting_release(d);
	held_settle(e, d->received_ms);
}
