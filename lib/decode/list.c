/*
 * list: structured data of IPFIX, RFC 6313.
 *
 * subTemplateList       semantic u8, template id u16, records
 * subTemplateMultiList  semantic u8, then groups: template id u16, length
 *                       u16 with these 4, records
 *
 * Their records become part of the flow they are in; of several with the
 * same field the last is kept.  A basicList has no place in a flow.
 */
#include "decode/engine.h"

#define DEPTH_MAX 16

#define FAMILIES (FLOW_BIT(FE_IPV4) | FLOW_BIT(FE_IPV6))

static void
take_nested(struct decoding *d, const struct template *t)
{
	struct record *r = &d->r;
	uint64_t outer = r->f.have;
	r->f.have = t->have;
	if (t->dual != 0)
		record_choose_family(r, t);
	/* Both share their place: the later one is there. */
	if ((r->f.have & FAMILIES) != 0)
		d->list.have &= ~FAMILIES;
	d->list.have |= r->f.have;
	d->list.times |= t->times;
	d->list.icmp |= t->has_icmp;
	d->list.frame |= t->has_frame;
	r->f.have = outer;
}

static void
read_records(struct decoding *d, uint16_t id, struct wire *w)
{
	struct template *t = template_set_get(d->e->templates, id);
	if (t == NULL || t->options)
		return;
	t->used_ms = d->received_ms;
	while (wire_left(w) >= t->size) {
		if (!record_run(d, t, w))
			return;
		take_nested(d, t);
	}
}

void
list_decode(struct decoding *d, bool multi, struct wire w)
{
	if (d->list.depth == DEPTH_MAX)
		return;
	d->list.depth++;
	wire_skip(&w, 1);
	if (!multi) {
		uint16_t id = wire_u16(&w);
		read_records(d, id, &w);
	}
	while (multi && wire_left(&w) >= 4) {
		uint16_t id = wire_u16(&w);
		uint16_t length = wire_u16(&w);
		if (length < 4)
			break;
		struct wire group = wire_sub(&w, (size_t)length - 4);
		read_records(d, id, &group);
	}
	d->list.depth--;
}

void
list_merge(struct decoding *d)
{
	struct flow *f = &d->r.f;
	if ((d->list.have & FAMILIES) != 0)
		f->have &= ~FAMILIES;
	f->have |= d->list.have;
}
