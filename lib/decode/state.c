#include "decode/state.h"

#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "decode/engine.h"
#include "decode/names.h"

#define VERSION       1
#define CHECKSUM_SEED 1
#define CHECKSUM_LEN  8
#define RECORD_MIN    63

enum item {
	ITEM_TEMPLATE = 1,
	ITEM_SAMPLER,
	ITEM_NAME,
	ITEM_SESSION,
	ITEM_WAITING,
	ITEM_SEQUENCE
};

static const char magic[8] = { 'n', 'f', 's', 'e', 'n', 'T', 'P', 'L' };

/* ---- writing -------------------------------------------------------------- */

static void
put(struct buf *b, unsigned bytes, uint64_t v)
{
	while (bytes-- > 0)
		buf_addc(b, (char)(v >> 8 * bytes));
}

static void
poke(struct buf *b, size_t at, unsigned bytes, uint64_t v)
{
	while (bytes-- > 0)
		b->data[at++] = (char)(v >> 8 * bytes);
}

static void
put_addr(struct buf *b, const struct addr *a)
{
	put(b, 1, a->family);
	put(b, 8, a->hi);
	put(b, 8, a->lo);
}

static void
put_key(struct buf *b, uint16_t port, const struct addr *ip,
    const struct decode_head *h)
{
	put(b, 2, port);
	put(b, 2, h->version);
	put(b, 4, h->id);
	put_addr(b, ip);
	put_addr(b, &h->agent);
}

void
state_key(uint16_t port, const struct addr *ip, const struct decode_head *h,
    uint8_t key[STATE_KEY_LEN])
{
	struct buf b = BUF_EMPTY;
	put_key(&b, port, ip, h);
	memcpy(key, b.data, STATE_KEY_LEN);
	buf_free(&b);
}

void
state_begin(struct buf *b, uint64_t now_ms)
{
	buf_clear(b);
	buf_add(b, magic, sizeof(magic));
	put(b, 4, VERSION);
	put(b, 4, 0);
	put(b, 8, now_ms);
	put(b, 8, 0);
}

static uint64_t
checksum(const void *data, size_t len)
{
	return hash_bytes(data, len, CHECKSUM_SEED);
}

static void
count(struct buf *b, uint32_t records)
{
	struct wire w = wire_init(b->data + 12, 4);
	poke(b, 12, 4, wire_u32(&w) + records);
}

void
state_undo(struct buf *b, size_t len)
{
	b->len = len;
	count(b, UINT32_MAX); /* one less */
}

void
state_end(struct buf *b)
{
	poke(b, 24, 8, b->len - STATE_HEAD_LEN);
	put(b, CHECKSUM_LEN, checksum(b->data, b->len));
}

static void
put_templates(struct buf *b, const struct exporter *e)
{
	struct decode_template t;
	for (size_t pos = 0; exporter_template_next(e, &pos, &t);) {
		put(b, 1, ITEM_TEMPLATE);
		put(b, 4, 9 + t.len);
		put(b, 1, t.options);
		put(b, 8, t.used_ms);
		buf_add(b, t.p, t.len);
	}
}

static void
put_samplers(struct buf *b, const struct exporter *e)
{
	size_t n;
	const struct sampler *s = exporter_samplers(e, &n);
	for (size_t i = 0; i < n; i++) {
		if (s[i].key.kind < SAMPLER_ID ||
		    s[i].key.kind > SAMPLER_GENERIC)
			continue;
		put(b, 1, ITEM_SAMPLER);
		put(b, 4, 27);
		put(b, 1, s[i].key.kind);
		put(b, 8, s[i].key.id);
		put(b, 4, s[i].packets);
		put(b, 4, s[i].space);
		put(b, 2, s[i].algorithm);
		put(b, 8, s[i].last_ms);
	}
}

static void
put_names(struct buf *b, const struct exporter *e)
{
	const struct name *x = (const void *)e->names.items;
	for (size_t i = 0; i < e->names.n; i++) {
		put(b, 1, ITEM_NAME);
		put(b, 4, 10 + sizeof(x[i].name) + sizeof(x[i].text));
		put(b, 1, x[i].key.kind);
		put(b, 8, x[i].key.id);
		put(b, 1, x[i].id_len);
		buf_add(b, x[i].name, sizeof(x[i].name));
		buf_add(b, x[i].text, sizeof(x[i].text));
	}
}

bool
state_wanted(const struct exporter *e)
{
	return (e->version == 9 || e->version == 10) &&
	       (template_set_count(e->templates) != 0 || e->samplers.n != 0 ||
		   e->names.n != 0 || e->boot_ms != 0);
}

static void
put_waiting(struct buf *b, const struct exporter *e)
{
	const struct waiting_set *at = NULL;
	struct waiting_view v;
	while (waiting_next(e, &at, &v)) {
		put(b, 1, ITEM_WAITING);
		put(b, 4, 22 + v.len);
		put(b, 8, v.received_ms);
		put(b, 8, v.export_ms);
		put(b, 4, v.uptime);
		put(b, 2, v.id);
		buf_add(b, v.data, v.len);
	}
}

static void
put_sequence(struct buf *b, const struct sequence *s)
{
	if (!s->known)
		return;
	put(b, 1, ITEM_SEQUENCE);
	put(b, 4, 12);
	put(b, 4, s->last);
	put(b, 4, s->units);
	put(b, 4, s->options);
}

void
state_put_all(struct buf *b, uint16_t port, const struct exporter *e,
    uint32_t session)
{
	size_t start = b->len;
	state_put(b, port, e);
	put(b, 1, ITEM_SESSION);
	put(b, 4, 4);
	put(b, 4, session);
	put_sequence(b, &e->sequence);
	put_waiting(b, e);
	poke(b, start, 4, b->len - start - 4);
}

void
state_put(struct buf *b, uint16_t port, const struct exporter *e)
{
	struct decode_head h = { .version = e->version,
		.id = e->id,
		.agent = e->agent };
	size_t start = b->len;
	put(b, 4, 0);
	put_key(b, port, &e->ip, &h);
	put(b, 8, (uint64_t)e->last_seen_ms);
	put(b, 8, e->boot_ms);
	put(b, 1, e->sequence.habit);
	put_templates(b, e);
	put_samplers(b, e);
	put_names(b, e);
	poke(b, start, 4, b->len - start - 4);
	count(b, 1);
}

void
state_copy(struct buf *b, const struct state_record *r)
{
	buf_add(b, r->p, r->len);
	count(b, 1);
}

/* ---- reading -------------------------------------------------------------- */

static bool
read_record(struct wire *w, struct state_record *r)
{
	const uint8_t *start = w->p;
	uint32_t len = wire_u32(w);
	struct wire body = wire_sub(w, len);
	if (w->bad || len < RECORD_MIN - 4)
		return false;
	*r = (struct state_record){ .p = start, .len = (size_t)len + 4 };
	wire_skip(&body, STATE_KEY_LEN);
	r->last_seen_ms = wire_u64(&body);
	wire_skip(&body, 9);
	while (wire_left(&body) != 0) {
		wire_skip(&body, 1);
		wire_skip(&body, wire_u32(&body));
	}
	return !body.bad;
}

int
state_check(const uint8_t *data, size_t len, struct err *err)
{
	struct state_record r;
	struct wire w = wire_init(data, len);
	const uint8_t *m = wire_bytes(&w, sizeof(magic));
	uint32_t version = wire_u32(&w);
	uint32_t n = wire_u32(&w), found = 0;
	wire_skip(&w, 8);
	uint64_t bytes = wire_u64(&w);
	if (m == NULL || memcmp(m, magic, sizeof(magic)) != 0)
		return err_set(err, "not a file of templates");
	if (w.bad)
		return err_set(err, "cut off in its head");
	if (version != VERSION)
		return err_set(err, "version %" PRIu32 ", known is %d", version,
		    VERSION);
	if (wire_left(&w) < CHECKSUM_LEN ||
	    wire_left(&w) - CHECKSUM_LEN != bytes)
		return err_set(err, "%zu bytes, should be %" PRIu64, len,
		    bytes + STATE_HEAD_LEN + CHECKSUM_LEN);
	struct wire body = wire_sub(&w, (size_t)bytes);
	if (wire_u64(&w) != checksum(data, len - CHECKSUM_LEN))
		return err_set(err, "checksum is wrong");
	for (; wire_left(&body) != 0; found++)
		if (!read_record(&body, &r))
			return err_set(err,
			    "exporter %" PRIu32 ": impossible lengths",
			    found + 1);
	if (found != n)
		return err_set(err, "%" PRIu32 " exporters, should be %" PRIu32,
		    found, n);
	return 0;
}

bool
state_next(const uint8_t *data, size_t len, size_t *pos, struct state_record *r)
{
	if (*pos == 0)
		*pos = STATE_HEAD_LEN;
	if (len < STATE_HEAD_LEN + CHECKSUM_LEN || *pos >= len - CHECKSUM_LEN)
		return false;
	struct wire w = wire_init(data + *pos, len - CHECKSUM_LEN - *pos);
	if (!read_record(&w, r))
		return false;
	*pos += r->len;
	return true;
}

static void
take_template(struct exporter *e, struct wire *w)
{
	struct decode_template t = { .options = wire_u8(w) != 0 };
	t.used_ms = wire_u64(w);
	t.len = wire_left(w);
	t.p = wire_bytes(w, t.len);
	if (!w->bad)
		(void)exporter_template_load(e, &t);
}

static struct table_key
take_key(struct wire *w)
{
	struct table_key key = { .kind = wire_u8(w) };
	key.id = wire_u64(w);
	return key;
}

static void
take_sampler(struct exporter *e, struct wire *w)
{
	struct sampler s = { .key = take_key(w) };
	s.packets = wire_u32(w);
	s.space = wire_u32(w);
	s.algorithm = wire_u16(w);
	s.last_ms = wire_u64(w);
	if (!w->bad && s.key.kind >= SAMPLER_ID &&
	    s.key.kind <= SAMPLER_GENERIC)
		sampling_restore(e, &s);
}

static struct name_bytes
take_text(struct wire *w)
{
	const uint8_t *p = wire_bytes(w, NAME_MAX_LEN + 1);
	return (struct name_bytes){ .p = p, .len = NAME_MAX_LEN };
}

static void
take_name(struct exporter *e, struct wire *w)
{
	struct table_key key = take_key(w);
	uint8_t id_len = wire_u8(w);
	struct name_bytes name = take_text(w);
	struct name_bytes text = take_text(w);
	if (!w->bad && key.kind <= NAME_APPLICATION && id_len <= sizeof(key.id))
		(void)exporter_set_name(e, key, id_len, name, text);
}

static void
take_waiting(struct exporter *e, struct wire *w)
{
	struct waiting_view v = { .received_ms = wire_u64(w) };
	v.export_ms = wire_u64(w);
	v.uptime = wire_u32(w);
	v.id = wire_u16(w);
	v.len = wire_left(w);
	v.data = wire_bytes(w, v.len);
	if (!w->bad)
		(void)waiting_restore(e, &v);
}

/* What may still come late of the past is the past's: it has counted that. */
static void
take_sequence(struct exporter *e, struct wire *w)
{
	struct sequence s = { .known = true, .habit = e->sequence.habit };
	s.last = wire_u32(w);
	s.units = wire_u32(w);
	s.options = wire_u32(w);
	if (!w->bad && s.options <= s.units)
		e->sequence = s;
}

static struct addr
take_addr(struct wire *w)
{
	struct addr a = { .family = wire_u8(w) };
	a.hi = wire_u64(w);
	a.lo = wire_u64(w);
	return a;
}

void
state_record_who(const struct state_record *r, struct state_who *who)
{
	struct wire w = wire_init(r->p, r->len);
	wire_skip(&w, 4);
	*who = (struct state_who){ .port = wire_u16(&w) };
	who->head.version = wire_u16(&w);
	who->head.id = wire_u32(&w);
	who->ip = take_addr(&w);
	who->head.agent = take_addr(&w);
	wire_skip(&w, 17);
	while (wire_left(&w) != 0) {
		uint8_t kind = wire_u8(&w);
		struct wire item = wire_sub(&w, wire_u32(&w));
		if (kind == ITEM_SESSION)
			who->session = wire_u32(&item);
	}
}

void
state_restore(const struct state_record *r, struct exporter *e)
{
	struct wire w = wire_init(r->p, r->len);
	wire_skip(&w, 4 + STATE_KEY_LEN);
	e->last_seen_ms = (int64_t)wire_u64(&w);
	e->boot_ms = wire_u64(&w);
	e->sequence.habit = wire_u8(&w) & 3;
	while (wire_left(&w) != 0) {
		uint8_t kind = wire_u8(&w);
		struct wire item = wire_sub(&w, wire_u32(&w));
		if (kind == ITEM_TEMPLATE)
			take_template(e, &item);
		else if (kind == ITEM_SAMPLER)
			take_sampler(e, &item);
		else if (kind == ITEM_NAME)
			take_name(e, &item);
		else if (kind == ITEM_WAITING)
			take_waiting(e, &item);
		else if (kind == ITEM_SEQUENCE)
			take_sequence(e, &item);
	}
}
