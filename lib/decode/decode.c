#include "decode/decode.h"

#include "base/wire.h"
#include "decode/engine.h"

/* A datagram that comes this much too late, in a row, is a restart. */

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
