#include "query/expire_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number with decimals, and what one letter behind it multiplies by. */
static int
parse_scaled(const char *text, const char *letters, const uint64_t *factors,
    uint64_t without, uint64_t *v, const char **end)
{
	char *p;
	double n = strtod(text, &p);
	uint64_t factor = without;
	*end = p;
	if (text[0] < '0' || text[0] > '9')
		return -1;
	if (*p != '\0') {
		const char *letter = strchr(letters, *p);
		if (letter == NULL || p[1] != '\0')
			return -1;
		factor = factors[letter - letters];
	}
	n *= (double)factor;
	if (!(n < 9e18))
		return -1;
	*v = (uint64_t)n;
	return 0;
}

int
expire_parse_size(const char *text, uint64_t *bytes, struct err *err)
{
	static const uint64_t factors[] = { 1, 1, UINT64_C(1) << 10,
		UINT64_C(1) << 10, UINT64_C(1) << 20, UINT64_C(1) << 20,
		UINT64_C(1) << 30, UINT64_C(1) << 30, UINT64_C(1) << 40,
		UINT64_C(1) << 40 };
	const char *end;
	if (parse_scaled(text, "BbKkMmGgTt", factors, 1, bytes, &end) == 0)
		return 0;
	return err_set(err,
	    "option -s: '%s': a size is a number and B, K, M, G or T", text);
}

int
expire_parse_life(const char *text, uint64_t *seconds, struct err *err)
{
	static const uint64_t factors[] = { 604800, 86400, 3600, 60 };
	const char *end;
	if (parse_scaled(text, "wdHM", factors, 3600, seconds, &end) == 0)
		return 0;
	return err_set(err,
	    "option -t: '%s': a life time is a number and w, d, H or M (weeks, "
	    "days, hours, minutes)",
	    text);
}

struct unit {
	uint64_t least;
	const char *name;
};

static char *
scaled(uint64_t v, const struct unit *units, const char *one, char *buf)
{
	const struct unit *u = units;
	while (u->least != 0 && v < u->least)
		u++;
	if (u->least == 0)
		(void)snprintf(buf, EXPIRE_TEXT_LEN, "%" PRIu64 " %s", v, one);
	else
		(void)snprintf(buf, EXPIRE_TEXT_LEN, "%" PRIu64 " = %.1f %s", v,
		    (double)v / (double)u->least, u->name);
	return buf;
}

char *
expire_size(uint64_t bytes, char buf[EXPIRE_TEXT_LEN])
{
	static const struct unit units[] = { { UINT64_C(1) << 40, "TB" },
		{ UINT64_C(1) << 30, "GB" }, { UINT64_C(1) << 20, "MB" },
		{ UINT64_C(1) << 10, "KB" }, { 0, NULL } };
	return scaled(bytes, units, "B", buf);
}

char *
expire_life(uint64_t seconds, char buf[EXPIRE_TEXT_LEN])
{
	static const struct unit units[] = { { 604800, "weeks" },
		{ 86400, "days" }, { 3600, "hours" }, { 60, "min" },
		{ 0, NULL } };
	return scaled(seconds, units, "sec", buf);
}
