#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"

/* Blanks for newlines from `from` on, and no more than a value may have. */
static void
make_safe(struct buf *b, size_t from)
{
	if (b->len - from > CTL_VALUE_MAX) {
		b->len = from + CTL_VALUE_MAX;
		b->data[b->len] = '\0';
	}
	for (size_t i = from; i < b->len; i++)
		if (b->data[i] == '\n' || b->data[i] == '\r')
			b->data[i] = ' ';
}

__attribute__((format(printf, 2, 0))) static void
add_text(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	size_t from = b->len;
	if (n > 0) {
		buf_reserve(b, (size_t)n);
		(void)vsnprintf(b->data + from, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
		make_safe(b, from);
	}
	va_end(again);
}

void
ctl_reply_add(struct ctl_reply *r, const char *key, const char *fmt, ...)
{
	va_list ap;
	buf_adds(&r->data, key);
	buf_addc(&r->data, '=');
	va_start(ap, fmt);
	add_text(&r->data, fmt, ap);
	va_end(ap);
	buf_addc(&r->data, '\n');
}

void
ctl_reply_add_array(struct ctl_reply *r, const char *key, const char *fmt, ...)
{
	va_list ap;
	buf_addc(&r->data, '_');
	buf_adds(&r->data, key);
	buf_addc(&r->data, '=');
	va_start(ap, fmt);
	add_text(&r->data, fmt, ap);
	va_end(ap);
	buf_addc(&r->data, '\n');
}

#define PIECE 8000 /* bytes of a value, well below CTL_VALUE_MAX */

void
ctl_reply_lines(struct ctl_reply *r, const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		bool part = n > PIECE;
		if (part)
			n = PIECE;
		ctl_reply_add_array(r, part ? "part" : "line", "%.*s", (int)n,
		    text);
		text += n;
		text += !part && *text == '\n';
	}
}

void
ctl_reply_note(struct ctl_reply *r, const char *fmt, ...)
{
	va_list ap;
	buf_addc(&r->data, '.');
	va_start(ap, fmt);
	add_text(&r->data, fmt, ap);
	va_end(ap);
	buf_addc(&r->data, '\n');
}

__attribute__((format(printf, 3, 0))) static void
set_status(struct ctl_reply *r, const char *word, const char *fmt, va_list ap)
{
	buf_clear(&r->status);
	buf_adds(&r->status, word);
	buf_addc(&r->status, ' ');
	add_text(&r->status, fmt, ap);
}

void
ctl_reply_ok(struct ctl_reply *r, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	set_status(r, "OK", fmt, ap);
	va_end(ap);
}

void
ctl_reply_err(struct ctl_reply *r, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	set_status(r, "ERR", fmt, ap);
	va_end(ap);
}

void
ctl_reply_alert(struct ctl_reply *r, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	set_status(r, "ALERT", fmt, ap);
	va_end(ap);
}

void
ctl_reply_free(struct ctl_reply *r)
{
	buf_free(&r->data);
	buf_free(&r->status);
	*r = (struct ctl_reply){ 0 };
}
