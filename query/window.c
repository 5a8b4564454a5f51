#include "query/window.h"

#include <stdbool.h>
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

/* "yyyy[/mm[/dd[.hh[:mm[:ss]]]]]", T for the point; *p stops behind it. */
static bool
moment(const char **p, uint64_t *ms)
{
	int v[6] = { 0, 1, 1, 0, 0, 0 };
	static const int most[6] = { 9999, 12, 31, 23, 59, 60 };
	static const char between[] = "//.::";
	for (int i = 0; i < 6; i++) {
		if (!number(p, i == 0 ? 4 : 2, i == 0 ? 1970 : i < 3, most[i],
			&v[i]))
			return false;
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
			    "Time window '%s' ends before it "
			    "begins",
			    text);
	}
	if (*p == '\0')
		return 0;
bad:
	return err_set(err,
	    "Time string format error '%s': expected "
	    "yyyy/mm/dd.hh:mm:ss[-yyyy/mm/dd.hh:mm:ss] at '%s'",
	    text, p);
}
