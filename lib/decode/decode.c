#include "decode/decode.h"

#include "base/wire.h"
#include "decode/engine.h"

/* A datagram that comes this much too late, in a row, is a restart. */
#define LATE_MAX 8

/*
 * version u16, then
 * v5:    engine type and id at 20
 * v9:    source id u32 at 16
 * IPFIX: observation domain u32 at 12
 */
bool
decode_peek(const uint8_t *data, size_t len, struct decode_head *h)
{
	struct wire w = wire_init(data, len);
	*h = (struct decode_head){ .version = wire_u16(&w) };
	switch (h->version) {
	case 5:
		wire_skip(&w, 18);
		h->id = wire_u16(&w);
		break;
	case 9:
		wire_skip(&w, 14);
		h->id = wire_u32(&w);
		break;
	case 10:
		wire_skip(&w, 10);
		h->id = wire_u32(&w);
		break;
	default:
		return false;
	}
	return !w.bad;
}

void
decode_datagram(struct exporter *e, const uint8_t *data, size_t len,
    uint64_t received_ms, decode_sink *sink, void *ctx)
{
	struct decoding d = {
		.e = e,
		.received_ms = received_ms,
		.sink = sink,
		.ctx = ctx,
	};
	struct wire w = wire_init(data, len);
	e->stats.datagrams++;
	e->last_seen_ms = (int64_t)received_ms;
	switch (wire_u16(&w)) {
	case 5:
		netflow5_decode(&d, w);
		break;
	case 9:
		netflow9_decode(&d, w);
		break;
	case 10:
		ipfix_decode(&d, w);
		break;
	default:
		e->stats.bad_version++;
	}
}

void
exporter_init(struct exporter *e, const struct addr *ip,
    const struct decode_head *h)
{
	*e = (struct exporter){
		.ip = *ip,
		.version = h->version,
		.id = h->id,
	};
}

void
exporter_free(struct exporter *e)
{
	template_set_free(e->templates);
	e->templates = NULL;
}

/* From before what was expected: late, or the exporter started again. */
static bool
is_late(struct exporter *e, uint32_t behind, uint32_t units)
{
	/* UDP reorders neighbours, not minutes. */
	if (behind > 64 * (units + 1) || e->late == LATE_MAX)
		return false;
	e->late++;
	uint32_t back = units < e->missing ? units : e->missing;
	e->missing -= back;
	e->stats.sequence_lost -= back;
	return true;
}

void
sequence_check(struct exporter *e, uint32_t sequence, uint32_t units)
{
	uint32_t ahead = sequence - e->next_sequence;
	if (!e->sequence_known || ahead == 0)
		e->late = 0;
	else if (ahead > INT32_MAX) {
		if (is_late(e, -ahead, units))
			return;
		e->stats.sequence_gaps++;
		e->missing = 0;
	} else {
		e->stats.sequence_gaps++;
		e->stats.sequence_lost += ahead;
		e->missing = ahead;
	}
	e->late = 0;
	e->sequence_known = true;
	e->next_sequence = sequence + units;
}
