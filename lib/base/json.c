#include "base/json.h"

#include <math.h>

void
json_string(struct buf *b, const char *s)
{
	buf_addc(b, '"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		if (c == '"' || c == '\\') {
			buf_addc(b, '\\');
			buf_addc(b, *s);
		} else if (c < 0x20 || c == 0x7f) {
			buf_printf(b, "\\u%04x", c);
		} else {
			buf_addc(b, *s);
		}
	}
	buf_addc(b, '"');
}

void
json_int(struct buf *b, int64_t v)
{
	buf_printf(b, "%lld", (long long)v);
}

void
json_double(struct buf *b, double v)
{
	if (isfinite(v))
		buf_printf(b, "%.10g", v);
	else
		buf_adds(b, "null");
}

void
json_item(struct buf *b, bool *first)
{
	if (!*first)
		buf_addc(b, ',');
	*first = false;
}

void
json_key(struct buf *b, bool *first, const char *key)
{
	json_item(b, first);
	json_string(b, key);
	buf_addc(b, ':');
}
