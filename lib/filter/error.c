/*
 * error: where and why parsing stopped, and how that is told.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "filter/parse.h"

/* Bytes that would disturb a terminal or a page become '?'. */
static void
copy_clean(const char *s, size_t len, char *buf, size_t size)
{
	size_t n = len < size ? len : size - 1;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		buf[i] = (c >= ' ' && c != 0x7f) || c == '\t' ? s[i] : '?';
	}
	buf[n] = '\0';
}

/* So much of a long line stands before the error. */
#define EXCERPT_BEFORE 64

static void
excerpt(struct filter_error *fe, const struct token *at)
{
	if (at->line_start == NULL)
		return;
	const char *from = at->line_start;
	if (at->at - from > EXCERPT_BEFORE)
		from = at->at - EXCERPT_BEFORE;
	const char *to = at->at;
	while (to < at->end && *to != '\n' && *to != '\r' &&
	       to - from < (ptrdiff_t)sizeof(fe->excerpt) - 1)
		to++;
	copy_clean(from, (size_t)(to - from), fe->excerpt, sizeof(fe->excerpt));
	fe->caret = (int)(at->at - from);
}

static void
message(struct filter_error *fe)
{
	if (fe->file[0] != '\0')
		(void)snprintf(fe->message, sizeof(fe->message),
		    "File '%s' line %d: column %d: %s at '%s'", fe->file,
		    fe->line, fe->column, fe->reason, fe->token);
	else
		(void)snprintf(fe->message, sizeof(fe->message),
		    "Line %d: column %d: %s at '%s'", fe->line, fe->column,
		    fe->reason, fe->token);
}

#undef parse_error
#undef parse_hint

bool
parse_error(struct parser *ps, const struct token *at, const char *expected,
    const char *fmt, ...)
{
	struct filter_error *fe = ps->fe;
	va_list ap;
	if (ps->failed)
		return false;
	ps->failed = true;
	va_start(ap, fmt);
	(void)vsnprintf(fe->reason, sizeof(fe->reason), fmt, ap);
	va_end(ap);
	fe->line = at->line;
	fe->column = at->column;
	if (at->file != NULL)
		copy_clean(at->file, strlen(at->file), fe->file,
		    sizeof(fe->file));
	copy_clean(at->s, at->len, fe->token, sizeof(fe->token));
	excerpt(fe, at);
	message(fe);
	(void)snprintf(fe->expected, sizeof(fe->expected), "%s", expected);
	return false;
}

bool
parse_hint(struct parser *ps, const char *fmt, ...)
{
	va_list ap;
	if (ps->fe->hint[0] != '\0')
		return false;
	va_start(ap, fmt);
	(void)vsnprintf(ps->fe->hint, sizeof(ps->fe->hint), fmt, ap);
	va_end(ap);
	return false;
}

bool
parse_syntax(struct parser *ps, const char *expected)
{
	if (ps->tok.kind == TOK_OPEN)
		return parse_error(ps, &ps->tok, expected, "quote without end");
	return parse_error(ps, &ps->tok, expected, "syntax error");
}

/* ---- telling ---------------------------------------------------------------- */

void
filter_error_caret(const struct filter_error *fe, struct buf *out)
{
	buf_printf(out, "%s\n", fe->excerpt);
	/* Tabs stay tabs, so that the caret stands right below. */
	for (int i = 0; i < fe->caret; i++)
		buf_addc(out, fe->excerpt[i] == '\t' ? '\t' : ' ');
	buf_adds(out, "^\n");
}

void
filter_error_explain(const struct filter_error *fe, struct buf *out)
{
	buf_printf(out, "%s\n", fe->message);
	filter_error_caret(fe, out);
	if (fe->expected[0] != '\0')
		buf_printf(out, "expected: %s\n", fe->expected);
	if (fe->hint[0] != '\0')
		buf_printf(out, "%s\n", fe->hint);
}

void
filter_error_line(const struct filter_error *fe, struct buf *out)
{
	if (fe->file[0] != '\0')
		buf_printf(out, "File '%s' line %d: %s at '%s'", fe->file,
		    fe->line, fe->reason, fe->token);
	else
		buf_printf(out, "Line %d: %s at '%s'", fe->line, fe->reason,
		    fe->token);
}
