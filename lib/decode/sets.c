/*
 * sets: the body of NetFlow v9 (RFC 3954 section 5) and IPFIX (RFC 7011
 * section 3.3): sets of template records, options template records, data.
 *
 *   set                 id u16, length u16 with these 4, records, padding
 *   template            id, count, fields
 *   options  v9         id, scope bytes, option bytes, fields
 *            IPFIX      id, count, scope count, fields
 *   field               type u16, length u16; IPFIX: enterprise u32 follows
 *                       when the type's top bit is set
 */
#include <string.h>

#include "decode/engine.h"

#define FIRST_DATA_ID 256
#define ENTERPRISE    0x8000

struct head {
	uint16_t id;
	uint32_t count;  /* fields */
	uint32_t scopes; /* the first of them */
	bool options;
	const uint8_t *start; /* of the announcement */
};

static void
forget(struct decoding *d, const struct head *h, uint16_t all_id)
{
	if (h->id == all_id)
		template_set_clear(d->e->templates, h->options);
	else
		template_set_remove(d->e->templates, h->id);
	d->e->templates_changed++;
}

/* For one more. */
static bool
has_room(const struct exporter *e)
{
	size_t max = e->opts != NULL && e->opts->templates != 0
			 ? e->opts->templates
			 : DECODE_TEMPLATES_MAX;
	return template_set_count(e->templates) < max;
}

static void
learn(struct decoding *d, const struct head *h,
    const struct template_field *fields, const uint8_t *end)
{
	struct exporter *e = d->e;
	struct template_info info = { .proto = d->proto,
		.id = h->id,
		.options = h->options,
		.wire = { h->start, (size_t)(end - h->start) } };
	bool known = template_set_get(e->templates, h->id) != NULL;
	bool refused = h->count > DECODE_FIELDS_MAX || (!known && !has_room(e));
	struct template *t =
	    refused ? NULL : template_compile(&info, fields, h->count);
	bool changed;
	if (t != NULL)
		t->used_ms = d->received_ms;
	if (t == NULL ||
	    !template_set_put(&e->templates, t, e->budget, &changed)) {
		e->stats.templates_bad++;
		/* Data must not be read by what it meant before. */
		template_set_remove(e->templates, h->id);
		e->templates_changed++;
	} else if (changed) {
		e->stats.templates++;
		e->templates_changed++;
		d->learnt = true;
		if (known) {
			e->stats.redefined++;
			e->redefined_id = h->id;
		}
	}
}

/* Fields beyond the limit are read past, so that the next template is met. */
static void
read_fields(struct decoding *d, struct wire *w, const struct head *h)
{
	struct template_field fields[DECODE_FIELDS_MAX];
	for (uint32_t i = 0; i < h->count && !w->bad; i++) {
		struct template_field f = { .scope = i < h->scopes };
		f.id = wire_u16(w);
		f.len = wire_u16(w);
		if (d->proto == FIELD_IPFIX && (f.id & ENTERPRISE) != 0) {
			f.id &= (uint16_t)~ENTERPRISE;
			f.pen = wire_u32(w);
			/* Number 0 with the bit set is nobody's element. */
			if (f.pen == 0)
				f.pen = UINT32_MAX;
		}
		if (i < DECODE_FIELDS_MAX)
			fields[i] = f;
	}
	if (!w->bad)
		learn(d, h, fields, w->p);
}

static bool
read_head(struct decoding *d, struct wire *w, struct head *h)
{
	h->id = wire_u16(w);
	h->count = wire_u16(w);
	if (!h->options)
		return !w->bad;
	if (d->proto == FIELD_IPFIX) {
		if (h->count == 0)
			return !w->bad; /* withdrawn: no scope count */
		h->scopes = wire_u16(w);
		return !w->bad && h->scopes <= h->count;
	}
	uint32_t scope_bytes = h->count, option_bytes = wire_u16(w);
	h->scopes = scope_bytes / 4;
	h->count = (scope_bytes + option_bytes) / 4;
	return !w->bad && scope_bytes % 4 == 0 && option_bytes % 4 == 0;
}

/*
 * The same announcement as before, as exporters repeat it every few minutes
 * or with every datagram: nothing to learn.
 */
static bool
known_already(struct decoding *d, struct wire *w, bool options)
{
	struct wire look = *w;
	struct template *t = template_set_get(d->e->templates, wire_u16(&look));
	if (t == NULL || t->options != options)
		return false;
	struct template_wire was = template_wire(t);
	if (was.len == 0 || was.len > wire_left(w) ||
	    memcmp(was.p, w->p, was.len) != 0)
		return false;
	t->used_ms = d->received_ms;
	wire_skip(w, was.len);
	return true;
}

static void
read_templates(struct decoding *d, struct wire *w, bool options)
{
	while (wire_left(w) >= 4) {
		if (known_already(d, w, options))
			continue;
		struct head h = { .options = options, .start = w->p };
		uint16_t all_id = options ? 3 : 2;
		if (!read_head(d, w, &h))
			break;
		if (h.id == 0 && h.count == 0)
			return; /* padding */
		bool withdrawn = d->proto == FIELD_IPFIX && h.count == 0;
		if (withdrawn && (h.id >= FIRST_DATA_ID || h.id == all_id)) {
			forget(d, &h, all_id);
			continue;
		}
		if (h.id < FIRST_DATA_ID)
			break;
		read_fields(d, w, &h);
		if (w->bad)
			break;
	}
	if (w->bad || wire_left(w) >= 4)
		d->e->stats.malformed++;
}

bool
exporter_template_next(const struct exporter *e, size_t *pos,
    struct decode_template *t)
{
	const struct template *x = template_set_next(e->templates, pos);
	if (x == NULL)
		return false;
	struct template_wire wire = template_wire(x);
	*t = (struct decode_template){ .options = x->options,
		.p = wire.p,
		.used_ms = x->used_ms,
		.len = wire.len };
	return true;
}

bool
exporter_template_load(struct exporter *e, const struct decode_template *t)
{
	struct decoding d = { .e = e,
		.proto = e->version == 9 ? FIELD_V9 : FIELD_IPFIX,
		.received_ms = t->used_ms };
	struct wire w = wire_init(t->p, t->len);
	struct decode_stats before = e->stats;
	if (e->version != 9 && e->version != 10)
		return false;
	read_templates(&d, &w, t->options);
	bool good = e->stats.malformed == before.malformed &&
		    e->stats.templates_bad == before.templates_bad;
	e->stats = before;
	return good;
}

void
exporter_expire(struct exporter *e, uint64_t before_ms)
{
	if (template_set_expire(e->templates, before_ms) != 0)
		e->templates_changed++;
}

/* Of IPFIX it is not known yet how many records the datagram has. */
static void
wait_for_template(struct decoding *d, struct wire *w, uint16_t id)
{
	struct exporter *e = d->e;
	if (d->proto == FIELD_IPFIX && e->store != NULL && !d->held)
		d->held = held_begin(e, d->number, d->received_ms, &d->serial);
	if (!waiting_put(d, id, w)) {
		e->stats.no_template++;
		d->uncounted = true;
	} else if (d->held)
		held_open(e, d->serial);
	else
		d->uncounted = true;
}

static void
read_data(struct decoding *d, struct wire *w, uint16_t id)
{
	struct template *t = template_set_get(d->e->templates, id);
	if (t != NULL) {
		t->used_ms = d->received_ms;
		records_decode(d, t, w);
	} else if (wire_left(w) != 0)
		wait_for_template(d, w, id);
}

static void
read_set(struct decoding *d, struct wire *w, uint16_t id)
{
	uint16_t templates = d->proto == FIELD_IPFIX ? 2 : 0;
	if (id >= FIRST_DATA_ID)
		read_data(d, w, id);
	else if (id == templates || id == templates + 1)
		read_templates(d, w, id == templates + 1);
	else
		d->e->stats.malformed++;
}

void
sets_decode(struct decoding *d, struct wire *w)
{
	/* Less than a set's header is padding. */
	while (wire_left(w) >= 4) {
		uint16_t id = wire_u16(w);
		uint16_t length = wire_u16(w);
		if (length < 4 || length - 4 > (int)wire_left(w)) {
			d->e->stats.malformed++;
			d->uncounted = true;
			return;
		}
		struct wire body = wire_sub(w, (size_t)length - 4);
		read_set(d, &body, id);
	}
}
