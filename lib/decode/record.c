/* record: data records by their template into flows. */
#include <string.h>

#include "base/be.h"
#include "decode/engine.h"

#define EVENTS (FLOW_BIT(FE_NSEL) | FLOW_BIT(FE_NATEVENT))

/* ---- steps ---------------------------------------------------------------- */

/* Any length up to 8 into any width: cut on the left, as v9 and IPFIX allow. */
static void
put_number(uint8_t *dst, uint8_t width, const uint8_t *p, uint16_t len,
    bool keep)
{
	uint64_t v = 0;
	if (len > 8)
		len = 0; /* variable, and no number */
	for (uint16_t i = 0; i < len; i++)
		v = v << 8 | p[i];
	if (v == 0 && keep)
		return;
	switch (width) {
	case 1:
		*dst = (uint8_t)v;
		break;
	case 2:
		memcpy(dst, &v, 2);
		break;
	case 4:
		memcpy(dst, &v, 4);
		break;
	default:
		memcpy(dst, &v, 8);
	}
}

static void
put_bytes(uint8_t *dst, const uint8_t *p, uint16_t len)
{
	struct flow_bytes b = { .p = p, .len = len };
	memcpy(dst, &b, sizeof(b));
}

static inline void
put_ip6(uint8_t *dst, uint64_t hi, uint64_t lo)
{
	struct flow_ip6 a = { .hi = hi, .lo = lo };
	memcpy(dst, &a, sizeof(a));
}

__attribute__((always_inline)) static inline void
run_step(struct record *r, const struct step *s, const uint8_t *p, uint16_t len)
{
	uint8_t *dst = (uint8_t *)r + s->dst;
	uint16_t v16;
	uint32_t v32;
	uint64_t v64;
	switch ((enum step_op)s->op) {
	case STEP_SKIP:
		break;
	case STEP_8:
		*dst = *p;
		break;
	case STEP_16:
		v16 = be16(p);
		memcpy(dst, &v16, sizeof(v16));
		break;
	case STEP_32:
		v32 = be32(p);
		memcpy(dst, &v32, sizeof(v32));
		break;
	case STEP_64:
		v64 = be64(p);
		memcpy(dst, &v64, sizeof(v64));
		break;
	case STEP_16_32:
		v32 = be16(p);
		memcpy(dst, &v32, sizeof(v32));
		break;
	case STEP_32_64:
		v64 = be32(p);
		memcpy(dst, &v64, sizeof(v64));
		break;
	case STEP_ADDR4:
		put_ip6(dst, 0, be32(p));
		break;
	case STEP_ADDR6:
		put_ip6(dst, be64(p), be64(p + 8));
		break;
	case STEP_NUM:
		put_number(dst, s->width, p, len, false);
		break;
	case STEP_NUM_NZ:
		put_number(dst, s->width, p, len, true);
		break;
	case STEP_RAW:
		memcpy(dst, p, len < s->width ? len : s->width);
		break;
	case STEP_BYTES:
		put_bytes(dst, p, len);
		break;
	case STEP_LIST:
	case STEP_MULTI:
		break;
	}
}

/* The steps of one op. */
#define RUN(op)                                                                \
	for (; i < t->end[op]; i++)                                            \
	run_step(r,                                                            \
	    &(const struct step){ t->step[i].off, t->step[i].len,              \
		t->step[i].dst, op, t->step[i].width },                        \
	    p + t->step[i].off, t->step[i].len)

static void
run_fixed(struct record *r, const struct template *t, const uint8_t *p)
{
	uint16_t i = 0;
	RUN(STEP_8);
	RUN(STEP_16);
	RUN(STEP_32);
	RUN(STEP_64);
	RUN(STEP_16_32);
	RUN(STEP_32_64);
	RUN(STEP_ADDR4);
	RUN(STEP_ADDR6);
	for (; i < t->n; i++)
		run_step(r, &t->step[i], p + t->step[i].off, t->step[i].len);
}

/* RFC 7011 section 7: one length byte, or 255 and two. */
static bool
run_variable(struct decoding *d, const struct template *t, struct wire *w)
{
	for (uint16_t i = 0; i < t->n; i++) {
		const struct step *s = &t->step[i];
		uint16_t len = s->len;
		if (len == TEMPLATE_VARIABLE && (len = wire_u8(w)) == 255)
			len = wire_u16(w);
		const uint8_t *p = wire_bytes(w, len);
		if (p == NULL)
			return false;
		if (s->op >= STEP_LIST)
			list_decode(d, s->op == STEP_MULTI, wire_init(p, len));
		else
			run_step(&d->r, s, p, len);
	}
	return !w->bad;
}

bool
record_run(struct decoding *d, const struct template *t, struct wire *w)
{
	if (t->variable)
		return run_variable(d, t, w);
	run_fixed(&d->r, t, wire_bytes(w, t->size));
	return true;
}

/* ---- what takes more than a step ------------------------------------------ */

void
record_icmp(struct record *r, bool announced)
{
	struct flow *f = &r->f;
	/* Else a source port's wire bytes may be code and type in turn. */
	if (f->src_port != 0 && !announced)
		f->dst_port = __builtin_bswap16(f->src_port);
	f->src_port = 0;
	if (r->x.icmp != 0)
		f->dst_port = r->x.icmp;
	else if ((r->x.icmp_type | r->x.icmp_code) != 0)
		f->dst_port = (uint16_t)(r->x.icmp_type << 8 | r->x.icmp_code);
}

/*
 * Both families announced: IPv4 unless it is all zero, or the record says
 * version 6.  (Of a tunnel the inner addresses come as the second pair.)
 */
void
record_choose_family(struct record *r, const struct template *t)
{
	static const struct flow_ip6 zero[2];
	for (unsigned i = 0; i < TEMPLATE_DUALS; i++) {
		const struct template_dual *d = &template_duals[i];
		if ((t->dual & 1U << i) == 0)
			continue;
		size_t size = d->n * sizeof(zero[0]);
		uint8_t *v4 = (uint8_t *)r + d->dst;
		const uint8_t *v6 = (const uint8_t *)r + d->alt;
		bool is_v4 =
		    memcmp(v4, zero, size) != 0 || memcmp(v6, zero, size) == 0;
		if (d->elem4 == FE_IPV4 && r->f.ip_version == 6)
			is_v4 = false;
		if (!is_v4)
			memcpy(v4, v6, size);
		r->f.have &= ~FLOW_BIT(is_v4 ? d->elem6 : d->elem4);
	}
}

static void
set_latency(struct record *r)
{
	uint64_t usec[3];
	for (size_t i = 0; i < 3; i++)
		usec[i] =
		    r->x.latency[i][0] * UINT64_C(1000000) + r->x.latency[i][1];
	r->f.client_usec = usec[0];
	r->f.server_usec = usec[1];
	r->f.app_usec = usec[2];
}

/*
 * Juniper's inline monitoring: 6 bits are the kind, 2 for an exception, the
 * rest its code, 0 for a packet that was forwarded.  Kept as IE 89 has it:
 * 64 forwarded, 128 dropped.
 */
static void
set_exception(struct record *r)
{
	uint16_t v = r->x.juniper_exception;
	if (v >> 10 == 2 && r->f.fwd_status == 0)
		r->f.fwd_status = (v & 0x3ff) == 0 ? 64 : 128;
}

static void
finish_record(struct decoding *d, const struct template *t)
{
	struct record *r = &d->r;
	struct flow *f = &r->f;
	if (t->dual != 0)
		record_choose_family(r, t);
	if (t->has_frame || (d->list.frame && t->has_list))
		frame_decode(d);
	time_set(d, t->times | d->list.times);
	if (f->proto == 1 || f->proto == 58)
		record_icmp(r, t->has_icmp || d->list.icmp);
	else if (f->proto == 0 && r->x.icmp != 0)
		f->dst_port = r->x.icmp; /* softflowd leaves the protocol out */
	if (f->flows == 0)
		f->flows = 1;
	if (flow_has(f, FE_LATENCY))
		set_latency(r);
	if (r->x.juniper_exception != 0)
		set_exception(r);
	if (flow_has(f, FE_OBSERVATION) && !t->has_domain)
		f->obs_domain = d->e->id;
	f->flags = (f->have & EVENTS) != 0 ? FLOW_EVENT : 0;
	if (d->sampling || t->has_rate)
		sampling_apply(d, f, t->has_rate ? &r->x.sampling : NULL);
}

/* ---- records -------------------------------------------------------------- */

void
record_init(struct decoding *d)
{
	d->r.x = (struct field_extra){ 0 };
	d->r.o = (struct option_values){ 0 };
	record_init_flow(d);
}

void
record_init_flow(struct decoding *d)
{
	const struct exporter *e = d->e;
	struct flow *f = &d->r.f;
	*f = (struct flow){ 0 };
	f->nfversion = (uint8_t)e->version;
	f->exporter = e->sysid;
	f->engine_type = (uint8_t)(e->id >> 8);
	f->engine_id = (uint8_t)e->id;
	f->received = d->received_ms;
	f->exporter_ip = (struct flow_ip6){ e->ip.hi, e->ip.lo };
	f->have =
	    FLOW_BIT(e->ip.family == ADDR_V6 ? FE_EXPORTER6 : FE_EXPORTER4);
}

void
record_emit(struct decoding *d)
{
	d->e->stats.flows++;
	d->sink(d->ctx, &d->r.f);
}

/*
 * The same steps run for every record of a set, so a place that no step
 * writes keeps record_init's zero, except for what finish_record puts there.
 */
static void
clear_derived(struct record *r, const struct template *t)
{
	r->f.src_port = r->f.dst_port = 0;
	r->f.event_time = 0;
	for (unsigned i = 0; t->dual != 0 && i < TEMPLATE_DUALS; i++)
		if ((t->dual & 1U << i) != 0)
			memset((uint8_t *)r + template_duals[i].dst, 0,
			    template_duals[i].n * sizeof(struct flow_ip6));
}

static void
take_record(struct decoding *d, const struct template *t, uint64_t have)
{
	d->records++;
	if (t->options) {
		d->options++;
		options_take(d, t->have);
		d->sampling = sampling_may_apply(d->e);
		return;
	}
	d->r.f.have = have;
	if (t->has_list)
		list_merge(d);
	finish_record(d, t);
	record_emit(d);
}

/* A template of which nothing is kept: its records are only counted. */
static void
pass_records(struct decoding *d, const struct template *t, struct wire *w)
{
	uint32_t n = 0;
	if (!t->variable)
		n = (uint32_t)(wire_left(w) / t->size);
	else
		while (wire_left(w) >= t->size && record_run(d, t, w))
			n++;
	if (w->bad) {
		d->e->stats.malformed++;
		d->uncounted = true;
	}
	if (t->options)
		d->options += n;
	else
		d->e->stats.no_field++;
	d->records += n;
}

void
records_decode(struct decoding *d, const struct template *t, struct wire *w)
{
	if (t->n == 0 || (t->have == 0 && !t->has_list)) {
		pass_records(d, t, w);
		return;
	}
	record_init(d);
	d->list = (struct list_found){ 0 };
	d->sampling = sampling_may_apply(d->e);
	const uint64_t have = t->have | d->r.f.have | FLOW_BIT(FE_GENERIC);
	while (wire_left(w) >= t->size) {
		if (t->has_list || t->has_frame) {
			record_init(d);
			d->list = (struct list_found){ 0 };
		}
		clear_derived(&d->r, t);
		if (!record_run(d, t, w)) {
			d->e->stats.malformed++;
			d->uncounted = true;
			return;
		}
		take_record(d, t, have);
	}
}
