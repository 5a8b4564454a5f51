#include "query/window.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One number of `digits` digits (at least one) between least and most. */
static bool
number(const char **p, int digits, int least, int most, int *v)
{
	int n = 0;
	for (*v = 0; n < digits && **p >= '0' && **p <= '9'; n++)
		*v = *v * 10 + (*(*p)++ - '0');
	return n > 0 && *v >= least && *v <= most;
}

/* "-mm-dd" behind the year: no range, whose end has a year of four digits. */
static bool
is_iso(const char *p)
{
	static const char form[] = "-99-99";
	for (size_t i = 0; form[i] != '\0'; i++)
		if (form[i] == '-' ? p[i] != '-' : p[i] < '0' || p[i] > '9')
			return false;
	return p[6] < '0' || p[6] > '9';
}

/* "yyyy[/mm[/dd[.hh[:mm[:ss]]]]]", T for the point; *p stops behind it. */
static bool
moment(const char **p, uint64_t *ms)
{
	int v[6] = { 0, 1, 1, 0, 0, 0 };
	static const int most[6] = { 9999, 12, 31, 23, 59, 60 };
	const char *between = "//.::";
	for (int i = 0; i < 6; i++) {
		if (!number(p, i == 0 ? 4 : 2, i == 0 ? 1970 : i < 3, most[i],
			&v[i]))
			return false;
		if (i == 0 && is_iso(*p))
			between = "--.::";
		if (i == 5 || (**p != between[i] && !(i == 2 && **p == 'T')))
			break;
		(*p)++;
	}
	struct tm tm = { .tm_year = v[0] - 1900,
		.tm_mon = v[1] - 1,
		.tm_mday = v[2],
		.tm_hour = v[3],
		.tm_min = v[4],
		.tm_sec = v[5],
		.tm_isdst = -1 };
	time_t t = mktime(&tm);
	*ms = t > 0 ? (uint64_t)t * 1000 : 0;
	return t >= 0;
}

/* "+N", "-N" */
static bool
part(const char *p, int64_t *ms)
{
	int sign = *p++ == '-' ? -1 : 1;
	size_t digits = strspn(p, "0123456789");
	if (digits == 0 || digits > 9 || p[digits] != '\0')
		return false;
	*ms = sign * strtoll(p, NULL, 10) * 1000;
	return *ms != 0;
}

int
window_parse(const char *text, uint64_t *from_ms, uint64_t *to_ms,
    struct err *err)
{
	const char *p = text;
	*to_ms = 0;
	if (!moment(&p, from_ms))
		goto bad;
	if (*p == '-') {
		p++;
		if (!moment(&p, to_ms))
			goto bad;
		if (*to_ms < *from_ms)
			return err_set(err,
			    "Time window '%s' ends before it begins", text);
	}
	if (*p == '\0')
		return 0;
bad:
	return err_set(err,
	    "Time string format error '%s': expected "
	    "yyyy/mm/dd.hh:mm:ss[-yyyy/mm/dd.hh:mm:ss] at '%s'",
	    text, p);
}

int
window_take(const char *text, struct window *w, struct err *err)
{
	*w = (struct window){ 0 };
	if (*text != '+' && *text != '-')
		return window_parse(text, &w->from_ms, &w->to_ms, err);
	if (part(text, &w->part_ms))
		return 0;
	return err_set(err,
	    "Time string format error '%s': expected +seconds or -seconds",
	    text);
}

void
window_settle(struct window *w, uint64_t first_ms, uint64_t last_ms)
{
	if (w->part_ms == 0)
		return;
	uint64_t ms = (uint64_t)(w->part_ms > 0 ? w->part_ms : -w->part_ms);
	w->from_ms = first_ms;
	w->to_ms = last_ms;
	if (last_ms - first_ms <= ms)
		return;
	if (w->part_ms > 0)
		w->to_ms = first_ms + ms;
	else
		w->from_ms = last_ms - ms;
}
