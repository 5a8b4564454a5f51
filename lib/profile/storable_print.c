/* Writing: values as a Storable file, and as JSON for people. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "profile/storable.h"

/* Numbers and text in the tags of Storable 2.5 (Perl 5.8). */
#define HEADER                                                                 \
	"pst0\x04\x05\x08"                                                     \
	"12345678\x04\x08\x08\x08"

static void
put_u32(struct buf *b, size_t n)
{
	uint32_t v = (uint32_t)n;
	buf_add(b, &v, sizeof(v)); /* little endian: wire.h asserts it */
}

static void
put_text(struct buf *b, const struct perl_text *t)
{
	if (t->len <= UINT8_MAX) {
		buf_addc(b, t->utf8 ? 23 : 10);
		buf_addc(b, (char)(unsigned char)t->len);
	} else {
		buf_addc(b, t->utf8 ? 24 : 1);
		put_u32(b, t->len);
	}
	buf_add(b, t->s, t->len);
}

static void
put_int(struct buf *b, int64_t v)
{
	if (v >= -128 && v <= 127) {
		buf_addc(b, 8);
		buf_addc(b, (char)(unsigned char)(v + 128));
	} else {
		buf_addc(b, 6);
		buf_add(b, &v, sizeof(v));
	}
}

static void put_container(struct buf *b, const struct perl_value *v);

static void
put_value(struct buf *b, const struct perl_value *v)
{
	switch (v->type) {
	case PERL_UNDEF:
		buf_addc(b, 5);
		break;
	case PERL_INT:
		put_int(b, v->number);
		break;
	case PERL_DOUBLE:
		buf_addc(b, 7);
		buf_add(b, &v->real, sizeof(v->real));
		break;
	case PERL_TEXT:
		put_text(b, &v->text);
		break;
	case PERL_LIST:
	case PERL_MAP:
		buf_addc(b, 4);
		put_container(b, v);
		break;
	}
}

static bool
any_utf8(const struct perl_value *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->keys[i].utf8)
			return true;
	return false;
}

static void
put_container(struct buf *b, const struct perl_value *v)
{
	bool flagged = v->type == PERL_MAP && any_utf8(v);
	buf_addc(b, v->type == PERL_LIST ? 2 : flagged ? 25 : 3);
	if (flagged)
		buf_addc(b, 0);
	put_u32(b, v->n);
	for (size_t i = 0; i < v->n; i++) {
		put_value(b, &v->items[i]);
		if (v->type != PERL_MAP)
			continue;
		if (flagged)
			buf_addc(b, v->keys[i].utf8 ? 1 : 0);
		put_u32(b, v->keys[i].len);
		buf_add(b, v->keys[i].s, v->keys[i].len);
	}
}

void
storable_print(const struct perl_value *v, struct buf *out)
{
	buf_add(out, HEADER, sizeof(HEADER) - 1);
	put_container(out, v);
}

/* ---- JSON -------------------------------------------------------------------- */

static void
json_char(struct buf *b, unsigned char c, bool utf8)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	for (size_t i = 0; i + 1 < sizeof(named); i += 2)
		if ((unsigned char)named[i] == c) {
			buf_addc(b, '\\');
			buf_addc(b, named[i + 1]);
			return;
		}
	if (c < 0x20 || c == 0x7f) {
		buf_printf(b, "\\u%04x", c);
	} else if (c < 0x80 || utf8) {
		buf_addc(b, (char)c);
	} else {
		buf_addc(b, (char)(unsigned char)(0xc0 | c >> 6));
		buf_addc(b, (char)(unsigned char)(0x80 | (c & 0x3f)));
	}
}

static void
json_chars(struct buf *b, const struct perl_text *t)
{
	buf_addc(b, '"');
	for (size_t i = 0; i < t->len; i++)
		json_char(b, (unsigned char)t->s[i], t->utf8);
	buf_addc(b, '"');
}

static void
new_line(struct buf *b, int depth)
{
	buf_printf(b, "\n%*s", 3 * depth, "");
}

struct entry {
	const struct perl_text *key;
	const struct perl_value *item;
};

static int
by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	return strcmp(x->key->s, y->key->s);
}

static void json_value(struct buf *b, const struct perl_value *v, int depth);

static void
json_map(struct buf *b, const struct perl_value *v, int depth)
{
	struct entry *e = mem_calloc(v->n + 1, sizeof(*e));
	for (size_t i = 0; i < v->n; i++)
		e[i] = (struct entry){ &v->keys[i], &v->items[i] };
	qsort(e, v->n, sizeof(*e), by_name);
	buf_addc(b, '{');
	for (size_t i = 0; i < v->n; i++) {
		buf_adds(b, i > 0 ? "," : "");
		new_line(b, depth + 1);
		json_chars(b, e[i].key);
		buf_adds(b, " : ");
		json_value(b, e[i].item, depth + 1);
	}
	if (v->n > 0)
		new_line(b, depth);
	buf_addc(b, '}');
	free(e);
}

static void
json_list(struct buf *b, const struct perl_value *v, int depth)
{
	buf_addc(b, '[');
	for (size_t i = 0; i < v->n; i++) {
		buf_adds(b, i > 0 ? "," : "");
		new_line(b, depth + 1);
		json_value(b, &v->items[i], depth + 1);
	}
	if (v->n > 0)
		new_line(b, depth);
	buf_addc(b, ']');
}

static void
json_value(struct buf *b, const struct perl_value *v, int depth)
{
	switch (v->type) {
	case PERL_UNDEF:
		buf_adds(b, "null");
		break;
	case PERL_INT:
		buf_printf(b, "%" PRId64, v->number);
		break;
	case PERL_DOUBLE:
		if (isfinite(v->real))
			buf_printf(b, "%.15g", v->real);
		else
			buf_adds(b, "null");
		break;
	case PERL_TEXT:
		json_chars(b, &v->text);
		break;
	case PERL_LIST:
		json_list(b, v, depth);
		break;
	case PERL_MAP:
		json_map(b, v, depth);
		break;
	}
}

void
storable_json(const struct perl_value *v, struct buf *out)
{
	json_value(out, v, 0);
	buf_addc(out, '\n');
}
