#include "fcgi/text.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static const char *
scaled(struct arena *a, double v, bool whole)
{
	static const char *const prefix[] = { "", "k", "M", "G", "T", "P" };
	size_t i = 0;
	if (!isfinite(v))
		return "–";
	while (i < sizeof(prefix) / sizeof(*prefix) - 1 && fabs(v) >= 999.95) {
		v /= 1000;
		i++;
	}
	if (v == 0 || (whole && i == 0))
		return arena_printf(a, "%.0f ", v);
	if (i == 0 && fabs(v) < 0.0995)
		return arena_printf(a, "%.3f ", v);
	return arena_printf(a, "%.*f %s", fabs(v) < 9.995 ? 2 : 1, v,
	    prefix[i]);
}

const char *
text_short(struct arena *a, double v)
{
	return scaled(a, v, false);
}

const char *
text_count(struct arena *a, double v)
{
	return scaled(a, v, true);
}

const char *
text_full(struct arena *a, double v)
{
	char digits[400];
	struct buf out = BUF_EMPTY;
	if (!isfinite(v))
		return "unknown";
	int places = fabs(v - nearbyint(v)) < 1e-6 * fmax(1, fabs(v)) ? 0 : 3;
	(void)snprintf(digits, sizeof(digits), "%.*f", places, v);
	size_t whole = strcspn(digits, ".");
	for (size_t i = 0; digits[i] != '\0'; i++) {
		if (i != 0 && i < whole && (whole - i) % 3 == 0 &&
		    digits[i - 1] != '-')
			buf_adds(&out, " "); /* narrow no-break */
		buf_addc(&out, digits[i]);
	}
	const char *text = arena_strdup(a, buf_str(&out));
	buf_free(&out);
	return text;
}

const char *
text_duration(struct arena *a, int64_t seconds)
{
	long long s = seconds;
	if (s < 120)
		return arena_printf(a, "%lld s", s);
	if (s < INT64_C(2) * 3600)
		return arena_printf(a, "%lld min", s / 60);
	if (s < INT64_C(2) * 86400)
		return arena_printf(a, "%lld h %lld min", s / 3600,
		    s % 3600 / 60);
	return arena_printf(a, "%lld d", s / 86400);
}
