#include "conf/scan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
scan_fail(struct scan *sc, struct value_place at, const char *fmt, ...)
{
	char text[ERR_MAX];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(sc->err, "%s:%d:%d: %s", sc->file, at.line, at.column,
	    text);
}

void
scan_warn(struct scan *sc, struct value_place at, const char *fmt, ...)
{
	if (sc->hooks == NULL || sc->hooks->warnings == NULL)
		return;
	char text[ERR_MAX];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_printf(sc->hooks->warnings, "%s:%d:%d: %s\n", sc->file, at.line,
	    at.column, text);
}

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alpha(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

void
scan_advance(struct scan *sc, size_t n)
{
	for (; n > 0 && sc->s < sc->end; n--, sc->s++) {
		if (*sc->s == '\n') {
			sc->at.line++;
			sc->at.column = 1;
		} else if (((unsigned char)*sc->s & 0xc0) != 0x80) {
			sc->at.column++; /* not the rest of a UTF-8 character */
		}
	}
}

bool
scan_looking_at(const struct scan *sc, const char *word)
{
	size_t n = strlen(word);
	return (size_t)(sc->end - sc->s) >= n && memcmp(sc->s, word, n) == 0;
}

static void
skip_line(struct scan *sc)
{
	const char *nl = memchr(sc->s, '\n', (size_t)(sc->end - sc->s));
	scan_advance(sc, (size_t)((nl != NULL ? nl + 1 : sc->end) - sc->s));
}

/* From "=word" at the start of a line to the end of its "=cut" line. */
static void
skip_pod(struct scan *sc)
{
	while (sc->s < sc->end) {
		bool cut =
		    scan_looking_at(sc, "=cut") && !is_alpha(scan_peek(sc, 4));
		skip_line(sc);
		if (cut)
			return;
	}
}

void
scan_blanks(struct scan *sc)
{
	for (;;) {
		int c = scan_peek(sc, 0);
		if (c == '#')
			skip_line(sc);
		else if (c == '=' && sc->at.column == 1 &&
			 is_alpha(scan_peek(sc, 1)))
			skip_pod(sc);
		else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' ||
			 c == '\f')
			scan_advance(sc, 1);
		else
			return;
	}
}

size_t
scan_name(const struct scan *sc)
{
	size_t n = 0;
	if (!is_alpha(scan_peek(sc, 0)))
		return 0;
	while (is_alpha(scan_peek(sc, n)) || is_digit(scan_peek(sc, n)))
		n++;
	return n;
}

const char *
scan_word(const struct scan *sc, char *buf, size_t size)
{
	if (sc->s == sc->end)
		return "the end of the file";
	size_t n = 0;
	int sigil = scan_peek(sc, 0);
	if (sigil == '$' || sigil == '@' || sigil == '%' || sigil == '&')
		n = 1;
	while (is_alpha(scan_peek(sc, n)) || is_digit(scan_peek(sc, n)))
		n++;
	if (n == 0)
		n = 1;
	int len = n > 40 ? 40 : (int)n;
	int c = scan_peek(sc, 0);
	if (c < ' ' || c >= 0x7f)
		(void)snprintf(buf, size, "character 0x%02x", (unsigned)c);
	else
		(void)snprintf(buf, size, "'%.*s'", len, sc->s);
	return buf;
}

/* ---- numbers -------------------------------------------------------------- */

/* 0x1f, 0b101, 017: whole numbers in another base than ten. */
static const char *
based_number(struct scan *sc, const char *digits, int base)
{
	errno = 0;
	char *end;
	unsigned long long v = strtoull(digits, &end, base);
	if (*end != '\0' || *digits == '\0' || errno != 0)
		return NULL;
	return arena_printf(sc->arena, "%llu", v);
}

/* Characters of a number: digits, letters of a base, one point. */
static size_t
number_length(const struct scan *sc, size_t n)
{
	bool point = false;
	for (;; n++) {
		int c = scan_peek(sc, n);
		if (c == '.' && !point && is_digit(scan_peek(sc, n + 1)))
			point = true;
		else if (!is_digit(c) && !is_alpha(c))
			return n;
	}
}

/* digits [ '.' digits ] and nothing else */
static bool
is_decimal(const char *s)
{
	s += strspn(s, "0123456789");
	if (*s == '.')
		s += 1 + strspn(s + 1, "0123456789");
	return *s == '\0';
}

static const char *
number_text(struct scan *sc, const char *digits)
{
	if (digits[0] != '0' || digits[1] == '\0' || digits[1] == '.')
		return is_decimal(digits) ? digits : NULL;
	if (digits[1] == 'x' || digits[1] == 'X')
		return based_number(sc, digits + 2, 16);
	if (digits[1] == 'b' || digits[1] == 'B')
		return based_number(sc, digits + 2, 2);
	return based_number(sc, digits, 8);
}

const char *
scan_number(struct scan *sc)
{
	struct value_place at = sc->at;
	char digits[64];
	bool minus = scan_peek(sc, 0) == '-';
	size_t from = minus ? 1 : 0;
	size_t end = number_length(sc, from);
	size_t n = 0;
	for (size_t i = from; i < end && n < sizeof(digits) - 1; i++)
		if (sc->s[i] != '_')
			digits[n++] = sc->s[i];
	digits[n] = '\0';
	const char *text =
	    n != 0 && n < sizeof(digits) - 1 ? number_text(sc, digits) : NULL;
	if (text == NULL ||
	    (scan_peek(sc, end) == '.' && is_digit(scan_peek(sc, end + 1)))) {
		(void)scan_fail(sc, at,
		    "'%.*s' is no number: put quotes around text",
		    end > 40 ? 40 : (int)end, sc->s);
		return NULL;
	}
	scan_advance(sc, end);
	return arena_printf(sc->arena, "%s%s", minus ? "-" : "", text);
}
