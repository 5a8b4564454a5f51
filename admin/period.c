#include "admin/period.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/slot.h"

#define DAY 86400

/* Digits of a date and a time between what people write. */
static bool
digits_of(const char *text, char out[15])
{
	size_t n = 0;
	for (; *text != '\0'; text++) {
		if (*text >= '0' && *text <= '9') {
			if (n == 14)
				return false;
			out[n++] = *text;
		} else if (strchr("-: T", *text) == NULL)
			return false;
	}
	out[n] = '\0';
	if (n == 8) {
		memcpy(out + 8, "0000", 5);
		n = 12;
	}
	return n == 12 || n == 14;
}

bool
period_time(const char *text, int64_t *when)
{
	char iso[15];
	if (text[0] == '@') {
		char *end;
		if (text[1] < '0' || text[1] > '9')
			return false;
		errno = 0;
		*when = strtoll(text + 1, &end, 10);
		return errno == 0 && *end == '\0' && *when < INT64_MAX - DAY;
	}
	return digits_of(text, iso) && slot_parse_iso(iso, when);
}

bool
period_span(const char *text, int64_t *seconds)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', DAY },
		{ 'w', INT64_C(7) * DAY } };
	char *end;
	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	int64_t n = strtoll(text, &end, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (end[0] == units[i].unit && end[1] == '\0')
			return errno == 0 && n > 0 &&
			       !__builtin_mul_overflow(n, units[i].seconds,
				   seconds);
	return false;
}

int
period_of(const struct admin *a, int64_t now, int64_t *from, int64_t *to,
    struct err *err)
{
	int64_t span = DAY;
	*to = now + 1;
	if (a->last != NULL && (a->from != NULL || a->to != NULL))
		return err_set(err, "--last stands for --from and --to");
	if (a->last != NULL && !period_span(a->last, &span))
		return err_set(err,
		    "--last %s: a number and s, m, h, d or w is expected",
		    a->last);
	if (a->to != NULL && !period_time(a->to, to))
		return err_set(err, "--to %s: no time", a->to);
	*from = span < *to ? *to - span : 0;
	if (a->from != NULL && !period_time(a->from, from))
		return err_set(err, "--from %s: no time", a->from);
	if (*from >= *to)
		return err_set(err, "--from is not before --to");
	return 0;
}
