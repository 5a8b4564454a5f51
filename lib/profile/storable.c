/* Reading: hostile bytes into values. */
#include "profile/storable.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* Storable's tags, Storable.xs. */
enum tag {
	TAG_LSCALAR = 1,
	TAG_ARRAY = 2,
	TAG_HASH = 3,
	TAG_REF = 4,
	TAG_UNDEF = 5,
	TAG_INTEGER = 6,
	TAG_DOUBLE = 7,
	TAG_BYTE = 8,
	TAG_NETINT = 9,
	TAG_SCALAR = 10,
	TAG_SV_UNDEF = 14,
	TAG_SV_YES = 15,
	TAG_SV_NO = 16,
	TAG_UTF8 = 23,
	TAG_LUTF8 = 24,
	TAG_FLAG_HASH = 25,
	TAG_TRUE = 40,
	TAG_FALSE = 41
};

#define MAJOR     2
#define MINOR_MIN 2 /* since then sizeof(double) is in the header */
#define MINOR_MAX 12

#define KEY_UTF8     1
#define KEY_WAS_UTF8 2 /* was UTF-8 before it was made Latin 1 */

struct reader {
	const uint8_t *begin, *p, *end;
	bool network; /* integers as text, lengths big endian */
	bool big;     /* endian */
	size_t word;  /* bytes of an integer */
	size_t nodes;
	struct arena *a;
	struct err *err;
};

static int
bad(struct reader *r, const char *what)
{
	return err_set(r->err, "byte %zu: %s", (size_t)(r->p - r->begin), what);
}

static const uint8_t *
take(struct reader *r, size_t n)
{
	if ((size_t)(r->end - r->p) < n) {
		(void)bad(r, "the file ends here");
		return NULL;
	}
	const uint8_t *p = r->p;
	r->p += n;
	return p;
}

static uint64_t
integer(const uint8_t *p, size_t n, bool big)
{
	uint64_t v = 0;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[big ? i : n - 1 - i];
	return v;
}

static int
read_byte(struct reader *r, uint8_t *v)
{
	const uint8_t *p = take(r, 1);
	*v = p != NULL ? *p : 0;
	return p != NULL ? 0 : -1;
}

static int
read_u32(struct reader *r, uint32_t *v)
{
	const uint8_t *p = take(r, 4);
	*v = p != NULL ? (uint32_t)integer(p, 4, r->network || r->big) : 0;
	return p != NULL ? 0 : -1;
}

/* ---- the header ------------------------------------------------------------- */

static int
read_order(struct reader *r)
{
	static const struct {
		const char *digits;
		bool big;
	} orders[] = { { "12345678", false }, { "87654321", true },
		{ "1234", false }, { "4321", true } };
	uint8_t n;
	if (read_byte(r, &n) == -1)
		return -1;
	const uint8_t *p = take(r, n);
	if (p == NULL)
		return -1;
	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++)
		if (strlen(orders[i].digits) == n &&
		    memcmp(orders[i].digits, p, n) == 0) {
			r->word = n;
			r->big = orders[i].big;
			return 0;
		}
	return bad(r, "unknown byte order");
}

static int
read_header(struct reader *r)
{
	const uint8_t *p = take(r, 6);
	if (p == NULL || memcmp(p, "pst0", 4) != 0)
		return err_set(r->err, "not a Storable file of Perl");
	if (p[4] >> 1 != MAJOR || p[5] < MINOR_MIN || p[5] > MINOR_MAX)
		return err_set(r->err, "Storable version %d.%d is unknown",
		    p[4] >> 1, p[5]);
	r->network = (p[4] & 1) != 0;
	if (r->network)
		return 0;
	if (read_order(r) == -1)
		return -1;
	const uint8_t *sizes = take(r, 4);
	if (sizes == NULL)
		return -1;
	if (sizes[0] != 4 || sizes[3] != 8)
		return bad(r, "sizes of int and double are not 4 and 8");
	return 0;
}

/* ---- values ------------------------------------------------------------------ */

static int read_value(struct reader *r, struct perl_value *v, int depth);

static bool
is_utf8(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t more = p[i] < 0x80             ? 0
			      : (p[i] & 0xe0) == 0xc0 ? 1
			      : (p[i] & 0xf0) == 0xe0 ? 2
			      : (p[i] & 0xf8) == 0xf0 ? 3
						      : n;
		if (more >= n - i)
			return false;
		for (i++; more > 0; more--, i++)
			if ((p[i] & 0xc0) != 0x80)
				return false;
	}
	return true;
}

static int
read_text(struct reader *r, size_t len, bool utf8, struct perl_text *t)
{
	const uint8_t *p = take(r, len);
	if (p == NULL)
		return -1;
	if (utf8 && !is_utf8(p, len))
		return bad(r, "this is no UTF-8");
	char *s = arena_alloc(r->a, len + 1);
	memcpy(s, p, len);
	*t = (struct perl_text){ s, len, utf8 };
	return 0;
}

static int
read_scalar(struct reader *r, bool is_long, bool utf8, struct perl_value *v)
{
	uint8_t n = 0;
	uint32_t len = 0;
	if (is_long ? read_u32(r, &len) == -1 : read_byte(r, &n) == -1)
		return -1;
	v->type = PERL_TEXT;
	return read_text(r, is_long ? len : n, utf8, &v->text);
}

static int
read_number(struct reader *r, enum tag tag, struct perl_value *v)
{
	const uint8_t *p;
	v->type = PERL_INT;
	if (tag == TAG_BYTE) {
		if ((p = take(r, 1)) != NULL)
			v->number = *p - 128;
	} else if (tag == TAG_NETINT) {
		if ((p = take(r, 4)) != NULL)
			v->number = (int32_t)integer(p, 4, true);
	} else if (r->network) {
		return bad(r, "a native number in network order");
	} else if (tag == TAG_INTEGER) {
		if ((p = take(r, r->word)) != NULL)
			v->number = r->word == 4
					? (int32_t)integer(p, 4, r->big)
					: (int64_t)integer(p, 8, r->big);
	} else if ((p = take(r, 8)) != NULL) {
		uint64_t bits = integer(p, 8, r->big);
		v->type = PERL_DOUBLE;
		memcpy(&v->real, &bits, sizeof(v->real));
	}
	return p != NULL ? 0 : -1;
}

/* So many values to come; each takes at least a byte. */
static int
read_count(struct reader *r, uint32_t *n)
{
	if (read_u32(r, n) == -1)
		return -1;
	if (*n > (size_t)(r->end - r->p))
		return bad(r, "more values than there are bytes");
	if (*n > STORABLE_NODES - r->nodes)
		return bad(r, "too many values");
	r->nodes += *n;
	return 0;
}

static int
read_list(struct reader *r, struct perl_value *v, int depth)
{
	uint32_t n;
	if (read_count(r, &n) == -1)
		return -1;
	v->type = PERL_LIST;
	v->items = arena_array(r->a, (size_t)n + 1, sizeof(*v->items));
	for (; v->n < n; v->n++)
		if (read_value(r, &v->items[v->n], depth) == -1)
			return -1;
	return 0;
}

static int
read_key(struct reader *r, bool flagged, struct perl_text *key)
{
	uint8_t flags = 0;
	uint32_t len;
	if (flagged && read_byte(r, &flags) == -1)
		return -1;
	if ((flags & ~(KEY_UTF8 | KEY_WAS_UTF8)) != 0)
		return bad(r, "a key that is no plain text");
	return read_u32(r, &len) == -1
		   ? -1
		   : read_text(r, len, (flags & KEY_UTF8) != 0, key);
}

static int
by_key(const void *a, const void *b)
{
	const struct perl_text *x = *(const struct perl_text *const *)a;
	const struct perl_text *y = *(const struct perl_text *const *)b;
	size_t n = x->len < y->len ? x->len : y->len;
	int c = memcmp(x->s, y->s, n);
	if (c != 0 || x->len == y->len)
		return c;
	return x->len < y->len ? -1 : 1;
}

static const struct perl_text **
sorted_keys(const struct perl_value *m)
{
	const struct perl_text **k = calloc(m->n + 1, sizeof(*k));
	for (size_t i = 0; k != NULL && i < m->n; i++)
		k[i] = &m->keys[i];
	if (k != NULL && m->n > 0)
		qsort(k, m->n, sizeof(*k), by_key);
	return k;
}

static int
check_keys(struct reader *r, const struct perl_value *m)
{
	const struct perl_text **k = sorted_keys(m);
	int rc = k != NULL ? 0 : bad(r, "no memory");
	for (size_t i = 1; rc == 0 && i < m->n; i++)
		if (by_key(&k[i - 1], &k[i]) == 0)
			rc = bad(r, "a key is there twice");
	free(k);
	return rc;
}

static int
read_map(struct reader *r, bool flagged, struct perl_value *v, int depth)
{
	uint32_t n;
	uint8_t flags = 0;
	if (flagged && read_byte(r, &flags) == -1)
		return -1;
	if (flags != 0)
		return bad(r, "a locked hash");
	if (read_count(r, &n) == -1)
		return -1;
	v->type = PERL_MAP;
	v->items = arena_array(r->a, (size_t)n + 1, sizeof(*v->items));
	v->keys = arena_array(r->a, (size_t)n + 1, sizeof(*v->keys));
	for (; v->n < n; v->n++)
		if (read_value(r, &v->items[v->n], depth) == -1 ||
		    read_key(r, flagged, &v->keys[v->n]) == -1)
			return -1;
	return check_keys(r, v);
}

/* A list or map, at the root or behind a REF. */
static int
read_container(struct reader *r, struct perl_value *v, int depth)
{
	uint8_t tag;
	if (depth == STORABLE_DEPTH)
		return bad(r, "nested too deep");
	if (read_byte(r, &tag) == -1)
		return -1;
	if (tag == TAG_ARRAY)
		return read_list(r, v, depth + 1);
	if (tag == TAG_HASH || tag == TAG_FLAG_HASH)
		return read_map(r, tag == TAG_FLAG_HASH, v, depth + 1);
	r->p--;
	return bad(r, "neither list nor hash");
}

static int
read_value(struct reader *r, struct perl_value *v, int depth)
{
	uint8_t tag;
	if (read_byte(r, &tag) == -1)
		return -1;
	switch (tag) {
	case TAG_REF:
		return read_container(r, v, depth);
	case TAG_UNDEF:
	case TAG_SV_UNDEF:
		v->type = PERL_UNDEF;
		return 0;
	case TAG_SV_YES:
	case TAG_TRUE:
		*v = (struct perl_value){ .type = PERL_INT, .number = 1 };
		return 0;
	case TAG_SV_NO:
	case TAG_FALSE:
		v->type = PERL_TEXT;
		v->text = (struct perl_text){ .s = "" };
		return 0;
	case TAG_INTEGER:
	case TAG_DOUBLE:
	case TAG_BYTE:
	case TAG_NETINT:
		return read_number(r, (enum tag)tag, v);
	case TAG_SCALAR:
	case TAG_LSCALAR:
	case TAG_UTF8:
	case TAG_LUTF8:
		return read_scalar(r, tag == TAG_LSCALAR || tag == TAG_LUTF8,
		    tag == TAG_UTF8 || tag == TAG_LUTF8, v);
	default:
		r->p--;
		return bad(r, "something that is no plain data");
	}
}

struct perl_value *
storable_parse(const void *data, size_t len, struct arena *a, struct err *err)
{
	const uint8_t *p = len > 0 ? data : (const void *)"";
	struct reader r = { .begin = p,
		.p = p,
		.end = p + len,
		.a = a,
		.err = err };
	struct perl_value *v = arena_alloc(a, sizeof(*v));
	if (len > STORABLE_MAX) {
		(void)err_set(err, "%zu bytes, at most %d", len, STORABLE_MAX);
		return NULL;
	}
	if (read_header(&r) == -1 || read_container(&r, v, 0) == -1)
		return NULL;
	if (r.p != r.end) {
		(void)bad(&r, "more than one object");
		return NULL;
	}
	return v;
}

struct perl_value *
storable_read(const char *path, struct arena *a, struct err *err)
{
	struct buf b = BUF_EMPTY;
	struct perl_value *v = NULL;
	if (file_read(path, STORABLE_MAX, &b, err) == 0 &&
	    (v = storable_parse(b.data, b.len, a, err)) == NULL)
		(void)err_prefix(err, "%s", path);
	buf_free(&b);
	return v;
}
