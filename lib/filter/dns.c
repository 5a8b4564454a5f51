#include "filter/dns.h"

#include <stdio.h>
#include <string.h>

#define HEADER_LEN 12
#define OPCODE     0x7800
#define POINTER    0xc0
#define JUMPS_MAX  (DNS_NAME_OCTETS / 2) /* a name's labels */

#define TYPE_A    1
#define TYPE_AAAA 28

#define CLASS_IN   1
#define CLASS_ANY  255
#define CLASS_BIT  0x8000 /* mDNS: unicast answer, cache flush */
#define CLASS_LAST 4      /* HS */

/* A label as text; false when there is no room. */
static bool
add_label(char *text, size_t *n, const uint8_t *p, size_t len)
{
	if (*n + len * 4 + 2 > DNS_NAME_TEXT)
		return false;
	if (*n != 0)
		text[(*n)++] = '.';
	for (size_t i = 0; i < len; i++) {
		if (p[i] > ' ' && p[i] < 127 && p[i] != '.' && p[i] != '\\')
			text[(*n)++] = (char)p[i];
		else
			*n += (size_t)snprintf(text + *n, 5, "\\%03u",
			    (unsigned)p[i]);
	}
	text[*n] = '\0';
	return true;
}

/*
 * Read a name at w, which moves behind it.  A pointer leads to an earlier
 * place than the name or pointer that it belongs to, so there is an end.
 */
static bool
name(const struct dns *d, struct wire *w, char *text)
{
	struct wire at = *w;
	size_t limit = (size_t)(w->p - d->message);
	size_t n = 0, octets = 0;
	unsigned jumps = 0;
	text[0] = '\0';
	for (;;) {
		uint8_t len = wire_u8(&at);
		if (at.bad)
			break;
		if ((len & POINTER) == POINTER) {
			size_t to = (size_t)(len & ~POINTER) << 8;
			to |= wire_u8(&at);
			if (at.bad || to >= limit || jumps == JUMPS_MAX)
				break;
			if (jumps++ == 0)
				*w = at;
			limit = to;
			at = wire_init(d->message, d->len);
			wire_skip(&at, to);
			continue;
		}
		if (len == 0) {
			if (jumps == 0)
				*w = at;
			return true;
		}
		const uint8_t *p = wire_bytes(&at, len);
		octets += len + 1u;
		if ((len & POINTER) != 0 || p == NULL ||
		    octets >= DNS_NAME_OCTETS || !add_label(text, &n, p, len))
			break;
	}
	w->bad = true;
	return false;
}

static bool
class_known(uint16_t class)
{
	class &= (uint16_t)~CLASS_BIT;
	return (class >= CLASS_IN && class <= CLASS_LAST) || class == CLASS_ANY;
}

bool
dns_begin(struct dns *d, const uint8_t *p, size_t len, bool tcp)
{
	struct wire w = wire_init(p, len);
	struct dns_item first;
	if (tcp) {
		size_t announced = wire_u16(&w);
		if (announced < wire_left(&w))
			w.end = w.p + announced;
	}
	*d = (struct dns){ .message = w.p, .len = wire_left(&w) };
	wire_skip(&w, 2); /* id */
	uint16_t flags = wire_u16(&w);
	d->questions = wire_u16(&w);
	for (int i = 0; i < 3; i++)
		d->records += wire_u16(&w);
	d->w = w;
	if (w.bad || (flags & OPCODE) != 0 || d->questions == 0 ||
	    d->questions > DNS_RECORDS_MAX)
		return false;
	struct dns look = *d;
	return dns_next(&look, &first);
}

/* What follows the name of a record. */
static bool
record(struct dns *d, struct dns_item *item)
{
	struct wire *w = &d->w;
	item->type = wire_u16(w);
	wire_skip(w, 2 + 4); /* class, time to live */
	size_t len = wire_u16(w);
	struct wire data = wire_sub(w, len);
	if (data.bad || w->bad)
		return false;
	if (item->type == TYPE_A && len == 4) {
		item->addr = addr_v4(wire_u32(&data));
	} else if (item->type == TYPE_AAAA && len == 16) {
		uint64_t hi = wire_u64(&data);
		item->addr = addr_v6(hi, wire_u64(&data));
	}
	return true;
}

bool
dns_next(struct dns *d, struct dns_item *item)
{
	uint32_t all = d->questions + d->records;
	if (d->w.bad || d->seen >= all || d->seen >= DNS_RECORDS_MAX)
		return false;
	item->addr = (struct addr){ 0 };
	item->question = d->seen++ < d->questions;
	if (!name(d, &d->w, item->name))
		return false;
	if (!item->question)
		return record(d, item);
	item->type = wire_u16(&d->w);
	return class_known(wire_u16(&d->w)) && !d->w.bad && item->type != 0;
}
