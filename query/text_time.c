/*
 * Times and durations.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "query/put.h"
#include "query/text.h"

#define MINUTES 32 /* kept by each thread */
#define DATE    32 /* bytes that hold any date */

/* "yyyy-mm-dd HH:MM:" of one minute of UTC, in local time. */
struct minute {
	uint64_t number; /* + 1; 0: empty */
	char text[DATE];
	uint8_t len;
	uint8_t blank;  /* the place of the blank */
	uint8_t second; /* of local time */
};

static void
fill_minute(struct minute *m, uint64_t number, unsigned second)
{
	time_t t = (time_t)(number * 60 + second);
	struct tm tm = { 0 };
	if (localtime_r(&t, &tm) == NULL ||
	    strftime(m->text, sizeof(m->text), "%Y-%m-%d %H:%M:", &tm) == 0)
		(void)snprintf(m->text, sizeof(m->text), "<unknown> ");
	m->len = (uint8_t)strlen(m->text);
	m->blank = (uint8_t)strcspn(m->text, " ");
	m->second = (uint8_t)tm.tm_sec;
}

/*
 * The times of a listing lie close together, and the C library is slow at
 * this.  Zones change at whole minutes of UTC, and local minutes begin
 * with those; where they did not (until 1972) every second is its own case.
 */
static const struct minute *
find_minute(uint64_t number, unsigned *second)
{
	static _Thread_local struct minute known[MINUTES], odd;
	struct minute *m = &known[number % MINUTES];
	if (m->number != number + 1) {
		fill_minute(m, number, 0);
		m->number = number + 1;
	}
	if (m->second == 0)
		return m;
	fill_minute(&odd, number, *second);
	*second = odd.second;
	return &odd;
}

char *
text_put_seconds(char *p, uint64_t ms, char between)
{
	uint64_t s = ms / 1000;
	unsigned second = (unsigned)(s % 60);
	const struct minute *m = find_minute(s / 60, &second);
	memcpy(p, m->text, DATE);
	p[m->blank] = between;
	return put_2(p + m->len, second);
}

char *
text_put_time(char *p, uint64_t ms, char between)
{
	p = text_put_seconds(p, ms, between);
	*p = '.';
	return put_3(p + 1, (unsigned)(ms % 1000));
}

char *
text_put_millis(char *p, uint64_t ms, int width)
{
	p = put_column(p, ms / 1000, width - 4);
	*p = '.';
	return put_3(p + 1, (unsigned)(ms % 1000));
}

void
text_seconds(struct buf *b, uint64_t ms, char between)
{
	put_end(b, text_put_seconds(put_room(b, TEXT_TIME_LEN), ms, between));
}

void
text_time(struct buf *b, uint64_t ms, char between)
{
	put_end(b, text_put_time(put_room(b, TEXT_TIME_LEN), ms, between));
}

void
text_millis(struct buf *b, uint64_t ms, int width)
{
	size_t n = PUT_NUMBER + (width > 0 ? (size_t)width : 0);
	put_end(b, text_put_millis(put_room(b, n), ms, width));
}

void
text_duration(struct buf *b, uint64_t ms)
{
	char *p = put_room(b, PUT_NUMBER + 16);
	uint64_t s = ms / 1000;
	unsigned day = (unsigned)(s % 86400);
	if (s >= 86400) {
		p = put_column(p, s / 86400, 2);
		p = PUT_TEXT(p, "d ");
	} else {
		p = PUT_TEXT(p, "    ");
	}
	p = put_2(p, day / 3600);
	*p++ = ':';
	p = put_2(p, day / 60 % 60);
	*p++ = ':';
	p = put_2(p, day % 60);
	*p++ = '.';
	put_end(b, put_3(p, (unsigned)(ms % 1000)));
}
