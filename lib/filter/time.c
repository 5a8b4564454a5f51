/*
 * time: a moment behind `first seen` and `last seen`: an ISO 8601 time cut
 * off anywhere, local time, or UTC with a Z behind it.
 *
 * It stands for its first millisecond, but `first seen 2024-07-11` (or =) for
 * the whole day: nobody asks for one millisecond.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "filter/parse.h"

/* Year, month, day, hour, minute, second, millisecond. */
#define PARTS 7

static const struct {
	const char *before; /* what stands before it; "T" or "t" for an hour */
	int digits;
	int min;
	int max;
} part[PARTS] = {
	{ "", 4, 1970, 9999 },
	{ "-", 2, 1, 12 },
	{ "-", 2, 1, 31 },
	{ "Tt", 2, 0, 23 },
	{ ":", 2, 0, 59 },
	{ ":", 2, 0, 59 },
	{ ".", 3, 0, 999 },
};

/* Digits of part i; false when there are not so many. */
static bool
read_part(const char **p, int i, int *v)
{
	int n = 0;
	*v = 0;
	for (; n < part[i].digits && isdigit((unsigned char)**p); n++)
		*v = *v * 10 + *(*p)++ - '0';
	if (i == PARTS - 1 && n > 0) /* .5 is half a second */
		for (; n < part[i].digits; n++)
			*v *= 10;
	return n == part[i].digits && *v >= part[i].min && *v <= part[i].max;
}

/* The parts that there are, their number in *n; the rest is at least. */
static bool
read_parts(const char *text, int *v, int *n, bool *utc)
{
	const char *p = text;
	for (*n = 0; *n < PARTS; ++*n) {
		v[*n] = part[*n].min;
		if (*n != 0 &&
		    (*p == '\0' || strchr(part[*n].before, *p) == NULL))
			break;
		p += *n != 0;
		if (!read_part(&p, *n, &v[*n]))
			return false;
	}
	for (int i = *n; i < PARTS; i++)
		v[i] = part[i].min;
	*utc = *n > 3 && (*p == 'Z' || *p == 'z');
	return p[*utc] == '\0';
}

/* Milliseconds since the epoch; v[n - 1] may be one more than its part has. */
static bool
moment(const int *v, bool utc, uint64_t *ms)
{
	struct tm tm = { .tm_year = v[0] - 1900,
		.tm_mon = v[1] - 1,
		.tm_mday = v[2],
		.tm_hour = v[3],
		.tm_min = v[4],
		.tm_sec = v[5],
		.tm_isdst = -1 };
	time_t t = utc ? timegm(&tm) : mktime(&tm);
	if (t < 0)
		return false;
	*ms = (uint64_t)t * 1000 + (uint64_t)v[6];
	return true;
}

static bool
real_day(const int *v)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = v[0] % 4 == 0 && (v[0] % 100 != 0 || v[0] % 400 == 0);
	return v[2] <= days[v[1] - 1] + (leap && v[1] == 2);
}

/* The text with T and Z in upper case, as it prints again. */
static const char *
normal(struct parser *ps, const char *text)
{
	char *s = arena_strdup(ps->arena, text);
	for (char *p = s; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	return s;
}

bool
parse_time(struct parser *ps, struct term *t)
{
	char text[32], expected[sizeof(ps->fe->expected)];
	int v[PARTS], n = 0;
	bool utc;
	uint64_t *ms = arena_array(ps->arena, 2, sizeof(ms[0]));
	if (ps->tok.kind != TOK_WORD || lex_is(&ps->tok, "and") ||
	    lex_is(&ps->tok, "or") || lex_is(&ps->tok, "not"))
		return hint_value(ps, &ps->tok, t->def);
	bool ok = lex_copy(&ps->tok, text, sizeof(text)) &&
		  read_parts(text, v, &n, &utc) && real_day(v) &&
		  moment(v, utc, &ms[0]);
	if (ok) {
		v[n - 1]++; /* mktime carries, but milliseconds */
		ok = moment(v, utc, &ms[1]);
		ms[1]--;
	}
	if (!ok) {
		expect_value(t->def, expected, sizeof(expected));
		return parse_error(ps, &ps->tok, expected, "invalid time");
	}
	t->text = normal(ps, text);
	t->num = ms;
	t->n = 2;
	if (t->op != CMP_EQ)
		t->n = 1;
	parse_next(ps);
	return true;
}
