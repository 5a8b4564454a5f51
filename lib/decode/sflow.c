/*
 * sFlow: datagrams and samples.  v5: sflow.org's text of July 2004; v4: RFC
 * 3176; v2: the same with shorter gateway data.
 */
#include "decode/sflow.h"

#include "decode/interface.h"

#define KIND_INTERFACE 0 /* of struct interface's key */

/* Above it: what the value is, an ifIndex, why it was dropped, how many. */
#define INTERFACE_MASK 0x3fffffff

bool
sflow_address(struct wire *w, struct addr *a)
{
	*a = (struct addr){ 0 };
	switch (wire_u32(w)) {
	case 0:
		return false;
	case 1:
		*a = addr_v4(wire_u32(w));
		break;
	case 2:
		a->hi = wire_u64(w);
		a->lo = wire_u64(w);
		a->family = ADDR_V6;
		break;
	default:
		w->bad = true;
	}
	return !w->bad;
}

bool
sflow_peek(struct wire w, struct decode_head *h)
{
	uint16_t version = wire_u16(&w);
	if (version != 2 && version != 4 && version != 5)
		return false;
	h->version = DECODE_SFLOW;
	(void)sflow_address(&w, &h->agent);
	if (version == 5)
		h->id = wire_u32(&w);
	return !w.bad;
}

/* ---- counters ------------------------------------------------------------- */

static void
take_counters(struct interface *i, struct wire *w)
{
	i->type = wire_u32(w);
	i->speed = wire_u64(w);
	i->direction = wire_u32(w);
	i->status = wire_u32(w);
	i->in_octets = wire_u64(w);
	i->in_unicast = wire_u32(w);
	i->in_multicast = wire_u32(w);
	i->in_broadcast = wire_u32(w);
	i->in_discards = wire_u32(w);
	i->in_errors = wire_u32(w);
	i->in_unknown = wire_u32(w);
	i->out_octets = wire_u64(w);
	i->out_unicast = wire_u32(w);
	i->out_multicast = wire_u32(w);
	i->out_broadcast = wire_u32(w);
	i->out_discards = wire_u32(w);
	i->out_errors = wire_u32(w);
	i->promiscuous = wire_u32(w);
}

void
sflow_counters(struct decoding *d, struct wire *w)
{
	struct exporter *e = d->e;
	struct wire body = wire_sub(w, 88);
	uint32_t index = wire_u32(&body);
	if (body.bad)
		return;
	struct interface *i = table_put(&e->interfaces, sizeof(*i),
	    DECODE_INTERFACES_MAX, e->budget,
	    (struct table_key){ .kind = KIND_INTERFACE, .id = index });
	if (i == NULL) {
		e->stats.refused++;
		return;
	}
	take_counters(i, &body);
	i->received_ms = d->received_ms;
	i->samples++;
	e->stats.counter_samples++;
}

/* ---- flow samples --------------------------------------------------------- */

static void
begin_flow(struct sample *s, uint32_t source, uint32_t rate)
{
	struct decoding *d = s->d;
	struct flow *f = &d->r.f;
	record_init_flow(d);
	s->rate = sampling_sample_rate(d, source, rate);
	f->have |= FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_MISC);
	f->nfversion = (uint8_t)(0x80 + s->version);
	f->engine_type = f->engine_id = 0;
	f->first = f->last = d->received_ms;
	f->flags = FLOW_SAMPLED;
}

static void
end_flow(struct sample *s)
{
	struct flow *f = &s->d->r.f;
	f->packets = s->rate;
	f->bytes = (uint64_t)s->rate * s->frame_len;
	record_emit(s->d);
}

static void
read_elements(struct sample *s, struct wire *w)
{
	for (uint32_t n = wire_u32(w); n > 0 && wire_left(w) >= 8; n--) {
		uint32_t format = wire_u32(w);
		uint32_t len = wire_u32(w);
		struct wire body = wire_sub(w, len);
		if (format < 1000)
			(void)sflow_packet(s, format, &body);
		else
			(void)sflow_extended(s, format, &body);
		if (body.bad)
			s->d->e->stats.malformed++;
		if (len % 4 != 0 && !w->bad)
			wire_skip(w, 4 - len % 4);
	}
}

/* Format 1; expanded, format 3, has fields of their own for parts of others. */
static void
read_flow_v5(struct decoding *d, struct wire *w, bool expanded)
{
	struct sample s = { .d = d, .version = 5 };
	wire_skip(w, 4);
	uint32_t source = wire_u32(w);
	if (expanded)
		source = source << 24 | wire_u32(w);
	uint32_t rate = wire_u32(w);
	wire_skip(w, 8); /* pool, drops */
	if (expanded)
		wire_skip(w, 4);
	uint32_t input = wire_u32(w);
	if (expanded)
		wire_skip(w, 4);
	uint32_t output = wire_u32(w);
	if (w->bad) {
		d->e->stats.malformed++;
		return;
	}
	begin_flow(&s, source, rate);
	d->r.f.in_if = expanded ? input : input & INTERFACE_MASK;
	d->r.f.out_if = expanded ? output : output & INTERFACE_MASK;
	read_elements(&s, w);
	end_flow(&s);
}

static void
read_counters_v5(struct decoding *d, struct wire *w, bool expanded)
{
	wire_skip(w, expanded ? 12 : 8);
	for (uint32_t n = wire_u32(w); n > 0 && wire_left(w) >= 8; n--) {
		uint32_t format = wire_u32(w);
		struct wire body = wire_sub(w, wire_u32(w));
		if (format == 1)
			sflow_counters(d, &body);
		if (body.bad)
			d->e->stats.malformed++;
	}
}

/* False: the rest cannot be read. */
static bool
read_sample_v5(struct decoding *d, struct wire *w)
{
	uint32_t tag = wire_u32(w);
	uint32_t len = wire_u32(w);
	struct wire body = wire_sub(w, len);
	if (w->bad)
		return false;
	switch (tag) {
	case 1:
	case 3:
		read_flow_v5(d, &body, tag == 3);
		break;
	case 2:
	case 4:
		read_counters_v5(d, &body, tag == 4);
		break;
	default:
		d->e->stats.unknown_samples++;
	}
	return true;
}

/* ---- v2 and v4 ------------------------------------------------------------ */

static bool
read_flow_v4(struct decoding *d, struct wire *w, uint8_t version)
{
	/* Packet data: header, IPv4, IPv6 as v5 numbers them. */
	static const uint32_t packet[] = { 0, 1, 3, 4 };
	struct sample s = { .d = d, .version = version };
	wire_skip(w, 4);
	uint32_t source = wire_u32(w);
	uint32_t rate = wire_u32(w);
	wire_skip(w, 8);
	uint32_t input = wire_u32(w), output = wire_u32(w);
	uint32_t type = wire_u32(w);
	if (w->bad)
		return false;
	begin_flow(&s, source, rate);
	d->r.f.in_if = input & INTERFACE_MASK;
	d->r.f.out_if = output & INTERFACE_MASK;
	bool known = type >= 1 && type <= 3 &&
		     sflow_packet(&s, packet[type], w) && !w->bad;
	if (!known)
		return false;
	for (uint32_t n = wire_u32(w); known && n > 0 && !w->bad; n--) {
		uint32_t tag = wire_u32(w);
		known = tag < 1000 && sflow_extended(&s, 1000 + tag, w);
	}
	end_flow(&s); /* what is there of it is right */
	return known && !w->bad;
}

static bool
read_counters_v4(struct decoding *d, struct wire *w)
{
	/* Behind the generic ones; VLAN's stand alone. */
	static const uint8_t more[] = { 0, 0, 52, 72, 0, 80, 0, 28 };
	wire_skip(w, 12);
	uint32_t kind = wire_u32(w);
	if (kind == 0 || kind >= sizeof(more))
		return false;
	if (kind != 7)
		sflow_counters(d, w);
	wire_skip(w, more[kind]);
	return !w->bad;
}

static bool
read_sample_v4(struct decoding *d, struct wire *w, uint8_t version)
{
	switch (wire_u32(w)) {
	case 1:
		return read_flow_v4(d, w, version);
	case 2:
		return read_counters_v4(d, w);
	default:
		return false;
	}
}

/* ---- datagrams ------------------------------------------------------------ */

void
sflow_decode(struct decoding *d, struct wire w)
{
	struct exporter *e = d->e;
	struct addr agent;
	uint16_t version = wire_u16(&w);
	(void)sflow_address(&w, &agent);
	if (version == 5)
		wire_skip(&w, 4);
	uint32_t sequence = wire_u32(&w);
	wire_skip(&w, 4);
	uint32_t n = wire_u32(&w);
	if (w.bad || (version != 2 && version != 4 && version != 5)) {
		e->stats.malformed++;
		return;
	}
	d->export_ms = d->received_ms;
	sequence_check(e, sequence, 1, 0);
	bool more = true;
	for (; more && n > 0 && wire_left(&w) != 0; n--)
		more = version == 5 ? read_sample_v5(d, &w)
				    : read_sample_v4(d, &w, (uint8_t)version);
	if (!more || n > 0)
		e->stats.malformed++;
}
