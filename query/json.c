#include "query/json.h"

#include "query/text.h"

void
json_number(const struct json_object *o, uint64_t v)
{
	put_end(o->b, put_number(put_room(o->b, PUT_NUMBER), v));
}

void
json_end(const struct json_object *o, char *p)
{
	*p++ = '"';
	put_end(o->b, p);
}

void
json_string(const struct json_object *o, const char *s)
{
	size_t n = strlen(s);
	char *p = put_room(o->b, n + 1);
	memcpy(p, s, n);
	json_end(o, p + n);
}

/* Foreign text: escaped, up to its NUL. */
void
json_bytes(const struct json_object *o, const struct flow_bytes *v)
{
	char *p = put_room(o->b, (size_t)v->len * 6 + 1);
	for (uint16_t i = 0; i < v->len && v->p[i] != 0; i++) {
		uint8_t c = v->p[i];
		if (c == '"' || c == '\\') {
			*p++ = '\\';
			*p++ = (char)c;
		} else if (c < 0x20 || c >= 0x7f) {
			p = PUT_TEXT(p, "\\u00");
			p = put_hex(p, c);
		} else {
			*p++ = (char)c;
		}
	}
	json_end(o, p);
}

void
json_hex(const struct json_object *o, const struct flow_bytes *v)
{
	char *p = put_room(o->b, (size_t)v->len * 2 + 1);
	for (uint16_t i = 0; i < v->len; i++)
		p = put_hex(p, v->p[i]);
	json_end(o, p);
}

void
json_ip(const struct json_object *o, const struct flow_ip6 *a, bool v6)
{
	json_end(o, put_ip(put_room(o->b, PUT_IP), a, v6));
}

void
json_mac(const struct json_object *o, uint64_t v)
{
	json_end(o, text_put_mac(put_room(o->b, TEXT_MAC_LEN), v));
}

void
json_time(const struct json_object *o, uint64_t ms)
{
	json_end(o, text_put_time(put_room(o->b, TEXT_TIME_LEN), ms, 'T'));
}

/* "%f" of milliseconds, which a double holds in full below 1e9. */
void
json_latency(const struct json_object *o, uint64_t usec)
{
	if (usec >= UINT64_C(1000000000000)) {
		buf_printf(o->b, "%f", (double)usec / 1000);
		return;
	}
	char *p = text_put_millis(put_room(o->b, PUT_NUMBER + 8), usec, 0);
	put_end(o->b, PUT_TEXT(p, "000"));
}
