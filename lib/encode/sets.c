/*
 * NetFlow v9 (RFC 3954 section 5) and IPFIX (RFC 7011 section 3): templates,
 * and sets of records by them.
 *
 *   v9     header 20: version, count, SysUptime, seconds, sequence, source
 *   IPFIX  header 16: version, length, seconds, sequence, domain
 *   set    u16 id, u16 length (with these 4), records, padding
 */
#include <assert.h>

#include "base/mem.h"
#include "encode/internal.h"

#define HEADER_V9      20
#define HEADER_IPFIX   16
#define SET_HEADER     4
#define PADDING        3
#define VARIABLE       65535
#define ENTERPRISE_BIT 0x8000

/* ---- templates ------------------------------------------------------------------- */

static bool
is_icmp(const struct flow *f)
{
	return f->proto == 1 || f->proto == 58;
}

/* Without what this version cannot express, or what says nothing. */
static uint64_t
shape_of(const struct encoder *e, const struct flow *f)
{
	uint64_t have = f->have & element_all(e->on);
	if (flow_has(f, FE_NBAR) && f->nbar.len == 0)
		have &= ~FLOW_BIT(FE_NBAR);
	have |= is_icmp(f) ? SHAPE_ICMP : 0;
	return have | (flow_has(f, FE_IPV6) ? SHAPE_SIX : 0);
}

static bool
is_wanted(const struct encoder *e, const struct element *x, uint64_t have)
{
	bool six = (have & SHAPE_SIX) != 0, icmp = (have & SHAPE_ICMP) != 0;
	if ((x->on & e->on) == 0 || (have & FLOW_BIT(x->elem)) == 0)
		return false;
	switch ((enum element_when)x->when) {
	case WHEN_PORTS:
		return !icmp;
	case WHEN_ICMP:
		return icmp;
	case WHEN_ICMP4:
		return icmp && (!six || e->on == ON_V9);
	case WHEN_ICMP6:
		return icmp && six;
	case WHEN_IPV6:
		return six;
	case WHEN_NOT_IPV6:
		return !six;
	case WHEN_NO_NSEL:
		return e->on != ON_V9 || (have & FLOW_BIT(FE_NSEL)) == 0;
	case WHEN_ALWAYS:
		break;
	}
	return true;
}

static void
fill_template(const struct encoder *e, struct template *t, uint64_t have,
    uint16_t nbar)
{
	uint16_t id = t->id;
	*t = (struct template){ .have = have, .nbar = nbar, .id = id };
	for (size_t i = 0; i < element_table_len; i++) {
		const struct element *x = &element_table[i];
		if (!is_wanted(e, x, have))
			continue;
		assert(t->n < TEMPLATE_ELEMENTS);
		t->element[t->n++] = x;
		t->fixed += x->len;
	}
	if (e->on == ON_V9)
		t->fixed += nbar;
}

/* A place for another one; when all are taken, the oldest's. */
static struct template *
new_template(struct encoder *e)
{
	if (e->templates == NULL)
		e->templates =
		    mem_calloc(ENCODE_TEMPLATES, sizeof(*e->templates));
	size_t i = e->n_templates;
	if (i < ENCODE_TEMPLATES) {
		e->n_templates++;
	} else {
		encoder_flush(e);
		i = e->oldest;
		e->oldest = (e->oldest + 1) % ENCODE_TEMPLATES;
	}
	e->templates[i].id = (uint16_t)(TEMPLATE_FIRST + i);
	return &e->templates[i];
}

static struct template *
find_template(struct encoder *e, const struct flow *f)
{
	uint64_t have = shape_of(e, f);
	uint16_t nbar = 0;
	if (e->on == ON_V9 && (have & FLOW_BIT(FE_NBAR)) != 0)
		nbar = f->nbar.len;
	if (e->last != NULL && e->last->have == have && e->last->nbar == nbar)
		return e->last;
	for (size_t i = 0; i < e->n_templates; i++) {
		struct template *t = &e->templates[i];
		if (t->have == have && t->nbar == nbar)
			return e->last = t;
	}
	e->last = new_template(e);
	fill_template(e, e->last, have, nbar);
	return e->last;
}

/* ---- sets ------------------------------------------------------------------------ */

/* Sets end on 4 bytes. */
static void
close_set(struct encoder *e)
{
	if (e->set == NULL)
		return;
	while ((e->p - e->data) % 4 != 0)
		put8(e, 0);
	put_at16(e->set, e->set_id);
	put_at16(e->set + 2, (size_t)(e->p - e->set));
	e->set = NULL;
}

static void
open_set(struct encoder *e, uint16_t id)
{
	if (e->set != NULL && e->set_id == id)
		return;
	close_set(e);
	e->set = e->p;
	e->set_id = id;
	e->p += SET_HEADER;
}

static size_t
template_size(const struct template *t)
{
	return SET_HEADER + 4 + (size_t)t->n * 8;
}

static void
announce(struct encoder *e, struct template *t)
{
	open_set(e, e->on == ON_V9 ? 0 : 2);
	put16(e, t->id);
	put16(e, t->n);
	for (size_t i = 0; i < t->n; i++) {
		const struct element *x = t->element[i];
		unsigned len = x->len;
		if (len == 0)
			len = e->on == ON_V9 ? t->nbar : VARIABLE;
		put16(e, x->id | (x->pen != 0 ? ENTERPRISE_BIT : 0u));
		put16(e, len);
		if (x->pen != 0)
			put32(e, x->pen);
	}
	t->announced = true;
	t->said_at = e->n.datagrams;
	e->n.templates++;
	e->items++;
}

static bool
is_due(const struct encoder *e, const struct template *t)
{
	return !t->announced ||
	       e->n.datagrams - t->said_at >= e->o.template_every;
}

/* ---- records --------------------------------------------------------------------- */

static const void *
place(const struct flow *f, const struct element *x)
{
	return (const uint8_t *)f + x->place;
}

static uint64_t
number(const struct flow *f, const struct element *x)
{
	const void *p = place(f, x);
	uint64_t v64;
	uint32_t v32;
	uint16_t v16;
	switch (x->size) {
	case 1:
		return *(const uint8_t *)p;
	case 2:
		memcpy(&v16, p, sizeof(v16));
		return v16;
	case 4:
		memcpy(&v32, p, sizeof(v32));
		return v32;
	default:
		memcpy(&v64, p, sizeof(v64));
		return v64;
	}
}

static void
put_number(struct encoder *e, unsigned len, uint64_t v)
{
	if (len < 8)
		v = clip(e, v, (UINT64_C(1) << 8 * len) - 1);
	for (unsigned i = len; i-- > 0;)
		put8(e, (unsigned)(v >> 8 * i) & 0xff);
}

/* Of a fixed length: cut, and filled with zeros, the last byte always 0. */
static void
put_fixed_text(struct encoder *e, const struct flow_bytes *text, size_t len)
{
	size_t n = text->len < len ? text->len : len - 1;
	e->clipped |= text->len >= len;
	if (n != 0)
		memcpy(e->p, text->p, n);
	memset(e->p + n, 0, len - n);
	e->p += len;
}

static void
put_text(struct encoder *e, const struct element *x,
    const struct flow_bytes *text)
{
	if (x->len != 0) {
		put_fixed_text(e, text, x->len);
		return;
	}
	if (e->on == ON_IPFIX && text->len < 255) {
		put8(e, text->len);
	} else if (e->on == ON_IPFIX) {
		put8(e, 255);
		put16(e, text->len);
	}
	if (text->len != 0)
		memcpy(e->p, text->p, text->len);
	e->p += text->len;
}

static void
put_element(struct encoder *e, const struct element *x, const struct flow *f)
{
	struct flow_ip6 six;
	switch ((enum element_kind)x->kind) {
	case ELEMENT_NUMBER:
		put_number(e, x->len, number(f, x));
		break;
	case ELEMENT_ADDR6:
		memcpy(&six, place(f, x), sizeof(six));
		put64(e, six.hi);
		put64(e, six.lo);
		break;
	case ELEMENT_RAW:
		memcpy(e->p, place(f, x), x->len);
		e->p += x->len;
		break;
	case ELEMENT_TEXT:
		put_text(e, x, place(f, x));
		break;
	case ELEMENT_UPTIME:
		put32(e, encoder_uptime(e, number(f, x)));
		break;
	case ELEMENT_SECONDS:
		put_number(e, x->len, number(f, x) / 1000000);
		break;
	case ELEMENT_MICROS:
		put_number(e, x->len, number(f, x) % 1000000);
		break;
	}
}

static size_t
record_size(const struct encoder *e, const struct template *t,
    const struct flow *f)
{
	size_t n = t->fixed;
	if (e->on == ON_V9)
		return n;
	for (size_t i = 0; i < t->n; i++) {
		const struct flow_bytes *text;
		if (t->element[i]->len != 0)
			continue;
		text = place(f, t->element[i]);
		n += text->len + (text->len < 255 ? 1u : 3u);
	}
	return n;
}

static size_t
header_size(const struct encoder *e)
{
	return e->on == ON_V9 ? HEADER_V9 : HEADER_IPFIX;
}

/* What the record takes at most with and without its template. */
struct need {
	size_t record;
	size_t both;
};

static struct need
need_of(const struct encoder *e, const struct template *t, const struct flow *f)
{
	size_t record = SET_HEADER + record_size(e, t, f) + PADDING;
	return (struct need){ record, record + PADDING + template_size(t) };
}

static bool
fits(const struct encoder *e, const struct need *need)
{
	return header_size(e) + need->both <= e->o.datagram;
}

/* Payloads that are longer than a datagram stay behind. */
static void
drop_payloads(struct encoder *e, struct flow *f)
{
	for (int i = FE_INPAYLOAD; i <= FE_OUTPAYLOAD; i++) {
		if ((f->have & element_all(e->on) & FLOW_BIT(i)) != 0)
			e->n.left[i]++;
		f->have &= ~FLOW_BIT(i);
	}
}

static void
put_record(struct encoder *e, struct template *t, const struct flow *f,
    const struct need *need)
{
	if (e->records != 0 &&
	    encoder_room(e) < (is_due(e, t) ? need->both : need->record))
		encoder_flush(e);
	if (e->records == 0)
		e->p = e->data + header_size(e);
	if (is_due(e, t))
		announce(e, t);
	open_set(e, t->id);
	for (size_t i = 0; i < t->n; i++)
		put_element(e, t->element[i], f);
	e->items++;
}

bool
sets_flow(struct encoder *e, const struct flow *f)
{
	struct flow copy;
	struct template *t = find_template(e, f);
	struct need need = need_of(e, t, f);
	if (!fits(e, &need)) {
		copy = *f;
		f = &copy;
		drop_payloads(e, &copy);
		t = find_template(e, f);
		need = need_of(e, t, f);
	}
	if (!fits(e, &need)) {
		e->n.too_long++;
		return false;
	}
	put_record(e, t, f, &need);
	return true;
}

void
sets_finish(struct encoder *e)
{
	close_set(e);
	uint8_t *end = e->p;
	/* v9's clock has seconds: the next whole one. */
	uint64_t seconds = (e->latest_ms + 999) / 1000;
	e->p = e->data;
	put16(e, (unsigned)e->o.version);
	put16(e, e->on == ON_V9 ? e->items : (unsigned)(end - e->data));
	if (e->on == ON_V9)
		put32(e, encoder_uptime(e, seconds * 1000));
	put32(e, (uint32_t)seconds);
	put32(e, e->sequence);
	put32(e, e->o.domain);
	e->p = end;
}
