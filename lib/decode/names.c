#include "decode/names.h"

#include <string.h>

/* Length of the UTF-8 character at p (at most n bytes), 0: none. */
static size_t
utf8_len(const uint8_t *p, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = p[0] < 0x80   ? 1
		     : p[0] < 0xc0 ? 0
		     : p[0] < 0xe0 ? 2
		     : p[0] < 0xf0 ? 3
		     : p[0] < 0xf8 ? 4
				   : 0;
	if (len == 0 || len > n)
		return 0;
	if (len == 1)
		return p[0] >= ' ' && p[0] != 0x7f;
	uint32_t c = p[0] & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	bool surrogate = c >= 0xd800 && c < 0xe000;
	return c >= least[len] && c >= 0xa0 && c < 0x110000 && !surrogate ? len
									  : 0;
}

/* Up to the first NUL, whole characters only; true when *to changed. */
static bool
take_text(char to[NAME_MAX_LEN + 1], struct name_bytes b)
{
	char new[NAME_MAX_LEN + 1] = { 0 };
	size_t n = 0, i = 0;
	if (b.p == NULL)
		b.len = 0;
	while (i < b.len && b.p[i] != '\0') {
		size_t len = utf8_len(b.p + i, b.len - i);
		if (n + (len != 0 ? len : 1) > NAME_MAX_LEN)
			break;
		if (len == 0)
			new[n++] = '?';
		else
			memcpy(new + n, b.p + i, len);
		n += len;
		i += len != 0 ? len : 1;
	}
	while (n > 0 && new[n - 1] == ' ')
		new[--n] = '\0';
	bool changed = memcmp(to, new, sizeof(new)) != 0;
	memcpy(to, new, sizeof(new));
	return changed;
}

bool
exporter_set_name(struct exporter *e, struct table_key key, uint8_t id_len,
    struct name_bytes name, struct name_bytes text)
{
	uint32_t before = e->names.n;
	struct name *x =
	    table_put(&e->names, sizeof(*x), DECODE_NAMES_MAX, e->budget, key);
	if (x == NULL)
		return false;
	bool changed = take_text(x->name, name);
	changed |= take_text(x->text, text);
	x->id_len = id_len;
	if (changed || e->names.n != before)
		x->changed = ++e->names_changed;
	return true;
}

const struct name *
exporter_name(const struct exporter *e, enum name_kind kind, uint64_t id)
{
	return table_find(&e->names, (uint8_t)kind, id);
}

const struct name *
exporter_names(const struct exporter *e, enum name_kind kind, size_t *n)
{
	const struct name *all = (const void *)e->names.items;
	size_t lo = 0;
	*n = 0;
	if (all == NULL)
		return NULL;
	while (lo < e->names.n && all[lo].key.kind < (uint8_t)kind)
		lo++;
	for (; lo + *n < e->names.n && all[lo + *n].key.kind == (uint8_t)kind;
	     (*n)++)
		;
	return all + lo;
}
