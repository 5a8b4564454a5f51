/*
 * NetFlow v9, RFC 3954.
 *
 * header (20)  0 version 2 count 4 SysUptime 8 unix_secs
 *              12 sequence, counts datagrams 16 source id
 *
 * The count is not trusted: some exporters count flow sets.
 */
#include "decode/engine.h"

void
netflow9_decode(struct decoding *d, struct wire w)
{
	wire_skip(&w, 2);
	d->uptime = wire_u32(&w);
	d->export_ms = (uint64_t)wire_u32(&w) * 1000;
	uint32_t sequence = wire_u32(&w);
	wire_skip(&w, 4);
	if (w.bad) {
		d->e->stats.malformed++;
		return;
	}
	d->proto = FIELD_V9;
	sequence_check(d->e, sequence, 1, 0);
	sets_decode(d, &w);
	if (d->learnt)
		waiting_release(d);
}
