/*
 * NfSen's value syntax: names, colours, life times, sizes.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/conf.h"

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

#define EXPIRE_MAX INT64_C(100000000) /* hours */

bool
conf_name_ok(const char *s, size_t max)
{
	size_t n = strlen(s);
	return n >= 1 && n <= max && strspn(s, ALNUM "+_-") == n;
}

bool
conf_channel_name_ok(const char *s)
{
	size_t n = strlen(s);
	return n >= 1 && n <= CONF_CHANNEL_MAX && strspn(s, ALNUM "_-") == n;
}

bool
conf_colour_ok(const char *s)
{
	return s[0] == '#' && strlen(s) == 7 &&
	       strspn(s + 1, "0123456789abcdefABCDEF") == 6;
}

static const char *
skip_blanks(const char *s)
{
	return s + strspn(s, " \t\n,");
}

/* Consume one of the words at *s; the blank-terminated unit of a number. */
static bool
take_word(const char **s, const char *const *words)
{
	size_t n = strspn(*s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "abcdefghijklmnopqrstuvwxyz");
	for (; *words != NULL; words++) {
		if (n == strlen(*words) && strncasecmp(*s, *words, n) == 0) {
			*s += n;
			return true;
		}
	}
	return false;
}

static bool
take_number(const char **s, int64_t *n)
{
	size_t digits = strspn(*s, "0123456789");
	if (digits == 0 || digits > 12)
		return false;
	*n = strtoll(*s, NULL, 10);
	*s += digits;
	return true;
}

int64_t
conf_parse_expire(const char *s)
{
	static const char *const never[] = { "never", NULL };
	static const char *const days[] = { "d", "day", "days", NULL };
	static const char *const hours[] = { "h", "hour", "hours", "", NULL };
	int64_t sum = 0;
	s = skip_blanks(s);
	if (take_word(&s, never))
		return *skip_blanks(s) == '\0' ? 0 : -1;
	do {
		int64_t n;
		if (!take_number(&s, &n))
			return -1;
		s = skip_blanks(s);
		if (take_word(&s, days))
			sum += n * 24;
		else if (take_word(&s, hours))
			sum += n;
		else
			return -1;
		if (sum > EXPIRE_MAX)
			return -1;
		s = skip_blanks(s);
	} while (*s != '\0');
	return sum;
}

/*
 * digits[.digits] times 10^6; beyond six decimals nothing is left of them
 * at the largest unit's precision anyone writes.
 */
static bool
take_decimal(const char **s, uint64_t *millionths)
{
	int64_t whole;
	if (!take_number(s, &whole))
		return false;
	uint64_t v = (uint64_t)whole * 1000000;
	if (**s == '.') {
		uint64_t digit = 100000;
		size_t n = strspn(++*s, "0123456789");
		if (n == 0)
			return false;
		for (size_t i = 0; i < n; i++, digit /= 10)
			v += (uint64_t)((*s)[i] - '0') * digit;
		*s += n;
	}
	*millionths = v;
	return true;
}

bool
conf_parse_size(const char *s, uint64_t *bytes)
{
	static const char *const unlimited[] = { "unlimited", NULL };
	static const struct {
		const char *const words[4];
		unsigned shift;
	} units[] = {
		{ { "b", "byte", "bytes", NULL }, 0 },
		{ { "k", "kb", NULL }, 10 },
		{ { "m", "mb", "", NULL }, 20 },
		{ { "g", "gb", NULL }, 30 },
		{ { "t", "tb", NULL }, 40 },
	};
	uint64_t v;
	s = skip_blanks(s);
	if (take_word(&s, unlimited)) {
		*bytes = 0;
		return *skip_blanks(s) == '\0';
	}
	if (!take_decimal(&s, &v))
		return false;
	s = skip_blanks(s);
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (!take_word(&s, units[i].words))
			continue;
		uint64_t unit = UINT64_C(1) << units[i].shift;
		uint64_t whole = v / 1000000, part = v % 1000000;
		if (*skip_blanks(s) != '\0' || whole > INT64_MAX / unit / 2)
			return false;
		*bytes = whole * unit + part * unit / 1000000;
		return true;
	}
	return false;
}

void
conf_print_expire(int64_t hours, struct buf *out)
{
	if (hours == 0)
		buf_adds(out, "never");
	else if (hours % 24 == 0)
		buf_printf(out, "%" PRId64 " days", hours / 24);
	else
		buf_printf(out, "%" PRId64 " hours", hours);
}

void
conf_print_size(uint64_t bytes, struct buf *out)
{
	static const char unit[] = "bkmgt";
	size_t i = 0;
	if (bytes == 0) {
		buf_adds(out, "unlimited");
		return;
	}
	for (; bytes % 1024 == 0 && unit[i + 1] != '\0'; i++)
		bytes /= 1024;
	buf_printf(out, "%" PRIu64 "%c", bytes, unit[i]);
}
