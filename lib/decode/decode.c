#include "decode/decode.h"

#include "base/wire.h"
#include "decode/engine.h"
#include "decode/interface.h"

/*
 * version u16, then
 * v1:     no id
 * v5, v7: engine type and id at 20
 * v9:     source id u32 at 16
 * IPFIX:  observation domain u32 at 12
 * sFlow:  the version is a u32, so the first u16 is 0
 */
bool
decode_peek(const uint8_t *data, size_t len, struct decode_head *h)
{
	struct wire w = wire_init(data, len);
	*h = (struct decode_head){ .version = wire_u16(&w) };
	switch (h->version) {
	case 0:
		return sflow_peek(w, h);
	case 1:
		wire_skip(&w, 14);
		break;
	case 5:
	case 7:
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

bool
decode_head_is(const struct decode_head *h, const struct exporter *e)
{
	return h->id == e->id && h->version == e->version &&
	       addr_eq(&h->agent, &e->agent);
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
	uint16_t version = wire_u16(&w);
	if (version == 0)
		version = DECODE_SFLOW;
	if (version != e->version) {
		e->stats.bad_version++;
		return;
	}
	switch (version) {
	case 1:
	case 5:
	case 7:
		netflow5_decode(&d, w);
		break;
	case 9:
		netflow9_decode(&d, w);
		break;
	case 10:
		ipfix_decode(&d, w);
		break;
	case DECODE_SFLOW:
		sflow_decode(&d, w);
		break;
	default:
		e->stats.bad_version++;
	}
}

const struct interface *
exporter_interfaces(const struct exporter *e, size_t *n)
{
	*n = e->interfaces.n;
	return (const void *)e->interfaces.items;
}

void
exporter_init(struct exporter *e, const struct addr *ip,
    const struct decode_head *h)
{
	*e = (struct exporter){
		.ip = *ip,
		.version = h->version,
		.id = h->id,
		.agent = h->agent,
	};
}

void
exporter_free(struct exporter *e)
{
	waiting_drop(e);
	held_free(e);
	template_set_free(e->templates);
	e->templates = NULL;
	table_free(&e->samplers, e->budget);
	table_free(&e->names, e->budget);
	table_free(&e->interfaces, e->budget);
}

void
exporter_restart(struct exporter *e)
{
	/* What waits for a template of the session waits in vain. */
	waiting_drop(e);
	held_settle(e, UINT64_MAX);
	template_set_free(e->templates);
	e->templates = NULL;
	e->sequence.known = false;
}
