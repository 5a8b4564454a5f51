#include "html.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void
escape(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		switch (*s) {
		case '&':
			buf_adds(b, "&amp;");
			break;
		case '<':
			buf_adds(b, "&lt;");
			break;
		case '>':
			buf_adds(b, "&gt;");
			break;
		case '"':
			buf_adds(b, "&quot;");
			break;
		case '\'':
			buf_adds(b, "&#39;");
			break;
		default:
			buf_addc(b, *s);
		}
	}
}

static void
open_tag(struct buf *b, const char *tag, va_list ap)
{
	buf_addc(b, '<');
	buf_adds(b, tag);
	const char *name;
	while ((name = va_arg(ap, const char *)) != NULL) {
		const char *value = va_arg(ap, const char *);
		if (value == NULL)
			continue;
		buf_addc(b, ' ');
		buf_adds(b, name);
		buf_adds(b, "=\"");
		escape(b, value);
		buf_addc(b, '"');
	}
	buf_addc(b, '>');
}

void
html_open(struct buf *b, const char *tag, ...)
{
	va_list ap;
	va_start(ap, tag);
	open_tag(b, tag, ap);
	va_end(ap);
}

void
html_close(struct buf *b, const char *tag)
{
	buf_adds(b, "</");
	buf_adds(b, tag);
	buf_adds(b, ">\n");
}

void
html_text(struct buf *b, const char *text)
{
	escape(b, text);
}

void
html_textf(struct buf *b, const char *fmt, ...)
{
	struct buf text = BUF_EMPTY;
	char small[512];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(small)) {
		escape(b, small);
		return;
	}
	va_start(ap, fmt);
	buf_reserve(&text, n < 0 ? 0 : (size_t)n);
	(void)vsnprintf(text.data, text.cap, fmt, ap);
	va_end(ap);
	escape(b, text.data);
	buf_free(&text);
}

void
html_el(struct buf *b, const char *tag, const char *text, ...)
{
	va_list ap;
	va_start(ap, text);
	open_tag(b, tag, ap);
	va_end(ap);
	escape(b, text);
	buf_adds(b, "</");
	buf_adds(b, tag);
	buf_addc(b, '>');
}
