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

char *
slot_name(int64_t start, int64_t length, char *buf)
{
	char iso[SLOT_NAME_MAX - sizeof("nfcapd.")];
	local_text(start, iso_format(length), iso, sizeof(iso));
	(void)snprintf(buf, SLOT_NAME_MAX, "nfcapd.%s", iso);
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

/* Broken-down local time of n digits (12 or 14); false when no real date. */
static bool
digits_to_tm(const char *d, size_t n, struct tm *tm)
{
	*tm = (struct tm){ .tm_year = two(d) * 100 + two(d + 2) - 1900,
		.tm_mon = two(d + 4) - 1,
		.tm_mday = two(d + 6),
		.tm_hour = two(d + 8),
		.tm_min = two(d + 10),
		.tm_sec = n == 14 ? two(d + 12) : 0,
		.tm_isdst = -1 };
	return tm->tm_mon >= 0 && tm->tm_mon < 12 && tm->tm_mday >= 1 &&
	       tm->tm_mday <= 31 && tm->tm_hour < 24 && tm->tm_min < 60 &&
	       tm->tm_sec < 61;
}

/*
 * mktime may answer with either pass of a repeated hour; ask whether the
 * same local time also existed an hour before and prefer that.
 */
static bool
local_to_epoch(const struct tm *want, int64_t *when)
{
	struct tm tm = *want;
	time_t t = mktime(&tm);
	if (t == (time_t)-1 || tm.tm_mday != want->tm_mday)
		return false;
	struct tm before;
	time_t earlier = t - 3600;
	if (localtime_r(&earlier, &before) != NULL &&
	    before.tm_hour == want->tm_hour && before.tm_min == want->tm_min &&
	    before.tm_mday == want->tm_mday)
		t = earlier;
	*when = (int64_t)t;
	return *when >= 0;
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
	tm.tm_isdst = 0;
	time_t utc = timegm(&tm);
	*start = (int64_t)utc - (*zone == '-' ? -offset : offset);
	return *start >= 0;
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
