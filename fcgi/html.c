#include "fcgi/html.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
html_text(struct buf *b, const char *text)
{
	for (const char *s = text; *s != '\0'; s++) {
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

/* One conversion: its text without "%", and what kind of argument it takes. */
struct spec {
	char text[16];
	size_t len;
	int longs; /* 1: l, 2: ll, 3: z */
	char kind;
};

static struct spec
spec_read(const char *p)
{
	struct spec s = { .text = "%", .len = 1 };
	while (*p != '\0' && strchr("-+ #0123456789.lz", *p) != NULL) {
		if (s.len + 2 >= sizeof(s.text))
			abort();
		if (*p == 'l')
			s.longs++;
		else if (*p == 'z')
			s.longs = 3;
		s.text[s.len++] = *p++;
	}
	s.kind = *p;
	s.text[s.len++] = *p;
	s.text[s.len] = '\0';
	return s;
}

#pragma GCC diagnostic push
/* The formats below are pieces of one that the compiler has checked. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void
add_signed(struct buf *b, const struct spec *s, long long v)
{
	char text[64];
	char fmt[24];
	size_t flags = strcspn(s->text, "lzdc");
	(void)snprintf(fmt, sizeof(fmt), "%.*slld", (int)flags, s->text);
	(void)snprintf(text, sizeof(text), fmt, v);
	buf_adds(b, text);
}

static void
add_unsigned(struct buf *b, const struct spec *s, unsigned long long v)
{
	char text[64];
	char fmt[24];
	size_t flags = strcspn(s->text, "lzux");
	(void)snprintf(fmt, sizeof(fmt), "%.*sll%c", (int)flags, s->text,
	    s->kind);
	(void)snprintf(text, sizeof(text), fmt, v);
	buf_adds(b, text);
}

static void
add_double(struct buf *b, const struct spec *s, double v)
{
	char text[400];
	(void)snprintf(text, sizeof(text), s->text, v);
	buf_adds(b, text);
}
#pragma GCC diagnostic pop

static void
add_spec(struct buf *b, const struct spec *s, va_list *ap)
{
	switch (s->kind) {
	case '%':
		buf_addc(b, '%');
		break;
	case 's':
		html_text(b, va_arg(*ap, const char *));
		break;
	case 'c': {
		char one[2] = { (char)va_arg(*ap, int), '\0' };
		html_text(b, one);
		break;
	}
	case 'd':
		add_signed(b, s,
		    s->longs == 0   ? va_arg(*ap, int)
		    : s->longs == 1 ? va_arg(*ap, long)
		    : s->longs == 2 ? va_arg(*ap, long long)
				    : va_arg(*ap, ptrdiff_t));
		break;
	case 'u':
	case 'x':
		add_unsigned(b, s,
		    s->longs == 0   ? va_arg(*ap, unsigned)
		    : s->longs == 1 ? va_arg(*ap, unsigned long)
		    : s->longs == 2 ? va_arg(*ap, unsigned long long)
				    : va_arg(*ap, size_t));
		break;
	case 'f':
	case 'g':
		add_double(b, s, va_arg(*ap, double));
		break;
	default:
		abort();
	}
}

void
html(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	for (const char *p = fmt; *p != '\0';) {
		size_t plain = strcspn(p, "%");
		buf_add(b, p, plain);
		p += plain;
		if (*p == '\0')
			break;
		struct spec s = spec_read(p + 1);
		add_spec(b, &s, &ap);
		p += s.len;
	}
	va_end(ap);
}
