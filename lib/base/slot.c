#include "base/slot.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const layouts[SLOT_LAYOUTS] = {
	"",
	"%Y/%m/%d",
	"%Y/%m/%d/%H",
	"%Y/%W/%u",
	"%Y/%W/%u/%H",
	"%Y/%j",
	"%Y/%j/%H",
	"%F",
	"%F/%H",
};

int64_t
slot_start(int64_t when, int64_t length)
{
	assert(when >= 0 && length > 0);
	return when - when % length;
}

/* format is always one of this file's own constants. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

__attribute__((format(strftime, 2, 0))) static void
local_text(int64_t when, const char *format, char *buf, size_t size)
{
	time_t t = (time_t)when;
	struct tm tm;
	if (localtime_r(&t, &tm) == NULL ||
	    strftime(buf, size, format, &tm) == 0)
		buf[0] = '\0';
}

static const char *
iso_format(int64_t length)
{
	return length < 60 ? "%Y%m%d%H%M%S" : "%Y%m%d%H%M";
}

char *
slot_iso(int64_t start, int64_t length, char *buf)
{
	local_text(start, iso_format(length), buf, SLOT_NAME_MAX);
	return buf;
}

/* Clocks go back an hour, half of one (Lord Howe) or two (Troll). */
static const time_t changes[] = { 7200, 3600, 1800 };

static bool
reads_the_same(time_t t, const struct tm *want)
{
	struct tm tm;
	return localtime_r(&t, &tm) != NULL && tm.tm_min == want->tm_min &&
	       tm.tm_hour == want->tm_hour && tm.tm_mday == want->tm_mday;
}

/* When the same local time was shown once before, else t. */
static time_t
first_pass(time_t t, const struct tm *tm)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++)
		if (reads_the_same(t - changes[i], tm))
			return t - changes[i];
	return t;
}

static bool
is_second_pass(int64_t when)
{
	time_t t = (time_t)when;
	struct tm tm;
	return localtime_r(&t, &tm) != NULL && first_pass(t, &tm) != t;
}

char *
slot_name(int64_t start, int64_t length, char *buf)
{
	char iso[SLOT_NAME_MAX - sizeof("nfcapd.+zzzz")], zone[6] = "";
	local_text(start, iso_format(length), iso, sizeof(iso));
	if (is_second_pass(start))
		local_text(start, "%z", zone, sizeof(zone));
	(void)snprintf(buf, SLOT_NAME_MAX, "nfcapd.%s%s", iso, zone);
	return buf;
}

char *
slot_subdir(int64_t start, int layout, char *buf)
{
	assert(layout >= 0 && layout < SLOT_LAYOUTS);
	local_text(start, layouts[layout], buf, SLOT_SUB_MAX);
	return buf;
}

char *
slot_path(int64_t start, int64_t length, int layout, char *buf)
{
	char sub[SLOT_SUB_MAX];
	char name[SLOT_NAME_MAX];
	(void)slot_subdir(start, layout, sub);
	(void)snprintf(buf, SLOT_PATH_MAX, "%s%s%s", sub,
	    sub[0] != '\0' ? "/" : "", slot_name(start, length, name));
	return buf;
}

/* Two digits at s as a number. */
static int
two(const char *s)
{
	return (s[0] - '0') * 10 + (s[1] - '0');
}

static int
days_in(int year, int month) /* month 1..12 */
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

/* Broken-down local time of n digits (12 or 14); false when no real date. */
static bool
digits_to_tm(const char *d, size_t n, struct tm *tm)
{
	int year = two(d) * 100 + two(d + 2);
	int month = two(d + 4);
	*tm = (struct tm){ .tm_year = year - 1900,
		.tm_mon = month - 1,
		.tm_mday = two(d + 6),
		.tm_hour = two(d + 8),
		.tm_min = two(d + 10),
		.tm_sec = n == 14 ? two(d + 12) : 0,
		.tm_isdst = -1 };
	return month >= 1 && month <= 12 && tm->tm_mday >= 1 &&
	       tm->tm_mday <= days_in(year, month) && tm->tm_hour < 24 &&
	       tm->tm_min < 60 && tm->tm_sec < 60;
}

/* mktime may answer with either pass of a repeated hour: the first. */
static bool
local_to_epoch(const struct tm *want, int64_t *when)
{
	struct tm tm = *want;
	time_t t = first_pass(mktime(&tm), want);
	if (t < 0)
		return false;
	*when = (int64_t)t;
	return true;
}

bool
slot_parse_name(const char *name, int64_t *start)
{
	if (strncmp(name, "nfcapd.", 7) != 0)
		return false;
	const char *d = name + 7;
	size_t n = strspn(d, "0123456789");
	struct tm tm;
	if ((n != 12 && n != 14) || !digits_to_tm(d, n, &tm))
		return false;
	const char *zone = d + n;
	if (*zone == '\0')
		return local_to_epoch(&tm, start);
	if ((*zone != '+' && *zone != '-') ||
	    strspn(zone + 1, "0123456789") != 4 || zone[5] != '\0')
		return false;
	int64_t offset = two(zone + 1) * 3600 + two(zone + 3) * 60;
	int64_t utc = (int64_t)timegm(&tm) + (*zone == '-' ? offset : -offset);
	if (utc < 0)
		return false;
	*start = utc;
	return true;
}

bool
slot_parse_iso(const char *text, int64_t *when)
{
	char d[15];
	size_t n = 0;
	for (const char *s = text; *s != '\0'; s++) {
		if (*s == '-')
			continue;
		if (*s < '0' || *s > '9' || n == 14)
			return false;
		d[n++] = *s;
	}
	struct tm tm;
	return (n == 12 || n == 14) && digits_to_tm(d, n, &tm) &&
	       local_to_epoch(&tm, when);
}
