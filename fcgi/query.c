#include "fcgi/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf/conf.h"

#define DETAIL_PAGES (PAGE_DETAILS | PAGE_IMAGE | PAGE_SERIES | PAGE_STATS)

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *
query_decode(const char *text, size_t n, struct arena *a)
{
	char *out = arena_alloc(a, n + 1);
	size_t len = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			if (n - i < 3 || hex(text[i + 1]) < 0 ||
			    hex(text[i + 2]) < 0)
				return NULL;
			c = (unsigned char)(hex(text[i + 1]) * 16 +
					    hex(text[i + 2]));
			i += 2;
		}
		if (c < 0x20 || c == 0x7f)
			return NULL;
		out[len++] = (char)c;
	}
	return out;
}

void
query_encode(struct buf *out, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789-_.~,:";
	for (; *text != '\0'; text++) {
		if (strchr(plain, *text) != NULL)
			buf_addc(out, *text);
		else
			buf_printf(out, "%%%02X", (unsigned char)*text);
	}
}

bool
query_span(const char *text, int64_t *secs)
{
	static const struct {
		char unit;
		int64_t secs;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
		{ 'w', 604800 }, { 'M', 2592000 }, { 'y', 31536000 } };
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 9 || text[digits] == '\0' ||
	    text[digits + 1] != '\0')
		return false;
	long n = strtol(text, NULL, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (units[i].unit != text[digits])
			continue;
		*secs = n * units[i].secs;
		return *secs > 0 && *secs <= QUERY_SPAN_MAX;
	}
	return false;
}

/* ---- moments --------------------------------------------------------------- */

static bool
number(const char **s, size_t digits, int *v)
{
	*v = 0;
	for (size_t i = 0; i < digits; i++, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		*v = *v * 10 + (**s - '0');
	}
	return true;
}

static bool
expect(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

/* "", "Z", "+01:00", "+0100": seconds east, or local when nothing is said. */
static bool
zone(const char *s, bool *local, int64_t *east)
{
	*local = *s == '\0';
	*east = 0;
	if (*local || strcmp(s, "Z") == 0)
		return true;
	/* A '+' that was not encoded arrives as a blank. */
	int sign = *s == '-' ? -1 : *s == '+' || *s == ' ' ? 1 : 0;
	s++;
	int h, m = 0;
	if (sign == 0 || !number(&s, 2, &h))
		return false;
	(void)expect(&s, ':');
	if (*s != '\0' && !number(&s, 2, &m))
		return false;
	*east = sign * (INT64_C(3600) * h + INT64_C(60) * m);
	return *s == '\0' && h < 15 && m < 60;
}

/* 2026-11-23[T09:30[:15]][zone] */
static bool
iso_time(const char *s, int64_t *when)
{
	int y, mo, d, h = 0, mi = 0, sec = 0;
	if (!number(&s, 4, &y) || !expect(&s, '-') || !number(&s, 2, &mo) ||
	    !expect(&s, '-') || !number(&s, 2, &d))
		return false;
	if (*s == 'T' || *s == ' ') {
		s++;
		if (!number(&s, 2, &h) || !expect(&s, ':') ||
		    !number(&s, 2, &mi))
			return false;
		if (expect(&s, ':') && !number(&s, 2, &sec))
			return false;
	}
	bool local;
	int64_t east;
	if (y < 1970 || y > 9998 || mo < 1 || mo > 12 || d < 1 || d > 31 ||
	    h > 23 || mi > 59 || sec > 60 || !zone(s, &local, &east))
		return false;
	struct tm tm = { .tm_year = y - 1900,
		.tm_mon = mo - 1,
		.tm_mday = d,
		.tm_hour = h,
		.tm_min = mi,
		.tm_sec = sec,
		.tm_isdst = -1 };
	time_t t = local ? mktime(&tm) : timegm(&tm);
	*when = (int64_t)t - east;
	return *when >= 0;
}

static bool
moment(const char *s, int64_t now, int64_t *when)
{
	if (strncmp(s, "now", 3) == 0) {
		int64_t back = 0;
		if (s[3] != '\0' && (s[3] != '-' || !query_span(s + 4, &back)))
			return false;
		*when = now - back;
		return *when >= 0;
	}
	size_t digits = strspn(s, "0123456789");
	if (s[digits] == '\0' && digits >= 5 && digits <= 11) {
		*when = strtoll(s, NULL, 10);
		return true;
	}
	return iso_time(s, when);
}

/* ---- one function per kind of value ------------------------------------------ */

struct context {
	struct query *q;
	int64_t now;
	struct arena *a;
};

typedef bool take_fn(const struct context *c, const char *v);
typedef const char *show_fn(const struct query *q, char *tmp, size_t n);

static bool
take_time(const struct context *c, const char *v, struct query_time *t)
{
	t->text = v;
	return strlen(v) < 40 && moment(v, c->now, &t->when);
}

static bool
take_t(const struct context *c, const char *v)
{
	return take_time(c, v, &c->q->t);
}

static bool
take_from(const struct context *c, const char *v)
{
	return take_time(c, v, &c->q->from);
}

static bool
take_to(const struct context *c, const char *v)
{
	return take_time(c, v, &c->q->to);
}

static bool
take_end(const struct context *c, const char *v)
{
	return take_time(c, v, &c->q->end);
}

static bool
take_w(const struct context *c, const char *v)
{
	c->q->width_text = v;
	return query_span(v, &c->q->width);
}

static const char *const type_names[] = { "flows", "packets", "traffic", NULL };
static const char *const scale_names[] = { "lin", "log", NULL };
static const char *const style_names[] = { "stack", "line", NULL };
static const char *const stat_names[] = { "rate", "sum", NULL };
static const char *const theme_names[] = { "light", "dark", NULL };
static const char *const bool_names[] = { "0", "1", NULL };

/* The index of v in a NULL-terminated list, -1 when it is not there. */
static int
word(const char *const *list, const char *v)
{
	for (int i = 0; list[i] != NULL; i++)
		if (strcmp(list[i], v) == 0)
			return i;
	return -1;
}

static bool
take_bool(const char *const *list, const char *v, bool *b)
{
	int i = word(list, v);
	*b = i == 1;
	return i >= 0;
}

static bool
take_type(const struct context *c, const char *v)
{
	c->q->type = word(type_names, v);
	return c->q->type >= 0;
}

static bool
take_proto(const struct context *c, const char *v)
{
	for (int i = 0; i < CLASS_MAX; i++) {
		if (strcmp(counter_class_names[i], v) != 0)
			continue;
		c->q->proto = (enum counter_class)i;
		return true;
	}
	return false;
}

/* A form repeats the key for each of its boxes, after a hidden "-". */
static bool
take_ch(const struct context *c, const char *v)
{
	size_t n = 1;
	if (c->q->channels != NULL && strcmp(c->q->channels, "-") != 0)
		v = arena_printf(c->a, "%s,%s", c->q->channels, v);
	c->q->channels = v;
	if (strcmp(v, "-") == 0)
		return true;
	for (const char *s = v; *s != '\0'; s++) {
		if (*s == ',' && ++n > QUERY_CHANNELS_MAX)
			return false;
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
			   "xyz0123456789_-,",
			*s) == NULL)
			return false;
	}
	return *v != '\0';
}

static bool
take_scale(const struct context *c, const char *v)
{
	return take_bool(scale_names, v, &c->q->log);
}

static bool
take_style(const struct context *c, const char *v)
{
	return take_bool(style_names, v, &c->q->lines);
}

static bool
take_stat(const struct context *c, const char *v)
{
	return take_bool(stat_names, v, &c->q->sum);
}

static bool
take_theme(const struct context *c, const char *v)
{
	return take_bool(theme_names, v, &c->q->dark);
}

static bool
take_light(const struct context *c, const char *v)
{
	return take_bool(bool_names, v, &c->q->light);
}

static bool
take_plain(const struct context *c, const char *v)
{
	return take_bool(bool_names, v, &c->q->plain);
}

static bool
take_bounded(const char *v, unsigned min, unsigned max, unsigned *px)
{
	if (strspn(v, "0123456789") != strlen(v) || strlen(v) > 5 || *v == '\0')
		return false;
	*px = (unsigned)strtoul(v, NULL, 10);
	return *px >= min && *px <= max;
}

static bool
take_width(const struct context *c, const char *v)
{
	return take_bounded(v, QUERY_PIXELS_MIN, QUERY_PIXELS_MAX,
	    &c->q->px_width);
}

static bool
take_height(const struct context *c, const char *v)
{
	return take_bounded(v, QUERY_PIXELS_MIN, QUERY_PIXELS_MAX / 2,
	    &c->q->px_height);
}

static bool
take_zoom(const struct context *c, const char *v)
{
	return take_bounded(v, 100, QUERY_ZOOM_MAX, &c->q->zoom);
}

/* What an address says; NULL: the default, nothing to say. */
static const char *
show_t(const struct query *q, char *tmp, size_t n)
{
	(void)tmp, (void)n;
	return q->t.text;
}

static const char *
show_from(const struct query *q, char *tmp, size_t n)
{
	(void)tmp, (void)n;
	return q->from.text;
}

static const char *
show_to(const struct query *q, char *tmp, size_t n)
{
	(void)tmp, (void)n;
	return q->to.text;
}

static const char *
show_end(const struct query *q, char *tmp, size_t n)
{
	(void)tmp, (void)n;
	return q->end.text;
}

static const char *
show_w(const struct query *q, char *tmp, size_t n)
{
	(void)tmp, (void)n;
	return q->width_text;
}

static const char *
show_type(const struct query *q, char *tmp, size_t n)
{
	(void)tmp, (void)n;
	return q->type >= 0 ? type_names[q->type] : NULL;
}

static const char *
show_proto(const struct query *q, char *tmp, size_t n)
{
	(void)tmp, (void)n;
	return q->proto != CLASS_ALL ? counter_class_names[q->proto] : NULL;
}

static const char *
show_ch(const struct query *q, char *tmp, size_t n)
{
	(void)tmp, (void)n;
	return q->channels;
}

static const char *
show_scale(const struct query *q, char *tmp, size_t n)
{
	(void)tmp, (void)n;
	return q->log ? "log" : NULL;
}

static const char *
show_style(const struct query *q, char *tmp, size_t n)
{
	(void)tmp, (void)n;
	return q->lines ? "line" : NULL;
}

static const char *
show_stat(const struct query *q, char *tmp, size_t n)
{
	(void)tmp, (void)n;
	return q->sum ? "sum" : NULL;
}

static const char *
show_theme(const struct query *q, char *tmp, size_t n)
{
	(void)tmp, (void)n;
	return q->dark ? "dark" : NULL;
}

static const char *
show_light(const struct query *q, char *tmp, size_t n)
{
	(void)tmp, (void)n;
	return q->light ? "1" : NULL;
}

static const char *
show_width(const struct query *q, char *tmp, size_t n)
{
	(void)snprintf(tmp, n, "%u", q->px_width);
	return q->px_width != 0 ? tmp : NULL;
}

static const char *
show_height(const struct query *q, char *tmp, size_t n)
{
	(void)snprintf(tmp, n, "%u", q->px_height);
	return q->px_height != 0 ? tmp : NULL;
}

static const char *
show_plain(const struct query *q, char *tmp, size_t n)
{
	(void)tmp, (void)n;
	return q->plain ? "1" : NULL;
}

static const char *
show_zoom(const struct query *q, char *tmp, size_t n)
{
	(void)snprintf(tmp, n, "%u", q->zoom);
	return q->zoom != 0 ? tmp : NULL;
}

static const struct param {
	const char *key;
	unsigned pages;
	take_fn *take;
	show_fn *show;
	const char *expected;
} params[] = {
#define MOMENT "an epoch time, ISO 8601, now or now-6h"
	{ "t", DETAIL_PAGES, take_t, show_t, MOMENT },
	{ "from", DETAIL_PAGES, take_from, show_from, MOMENT },
	{ "to", DETAIL_PAGES, take_to, show_to, MOMENT },
	{ "end", DETAIL_PAGES | PAGE_GRAPHS, take_end, show_end, MOMENT },
	{ "w", DETAIL_PAGES, take_w, show_w,
	    "a span such as 12h, 1d, 2w, 3M, 1y" },
	{ "type", DETAIL_PAGES | PAGE_GRAPHS, take_type, show_type,
	    "flows, packets or traffic" },
	{ "proto", DETAIL_PAGES, take_proto, show_proto,
	    "any, tcp, udp, icmp or other" },
	{ "ch", DETAIL_PAGES, take_ch, show_ch,
	    "channel names separated by commas, or -" },
	{ "scale", PAGE_DETAILS | PAGE_IMAGE, take_scale, show_scale,
	    "lin or log" },
	{ "style", PAGE_DETAILS | PAGE_IMAGE, take_style, show_style,
	    "stack or line" },
	{ "stat", PAGE_DETAILS, take_stat, show_stat, "rate or sum" },
	{ "width", PAGE_IMAGE, take_width, show_width, "32 to 2400 pixels" },
	{ "height", PAGE_IMAGE, take_height, show_height, "32 to 1200 pixels" },
	{ "zoom", PAGE_IMAGE, take_zoom, show_zoom, "100 to 200 percent" },
	{ "theme", PAGE_IMAGE, take_theme, show_theme, "light or dark" },
	{ "light", PAGE_IMAGE, take_light, show_light, "0 or 1" },
	{ "plain", PAGE_IMAGE, take_plain, show_plain, "0 or 1" },
};
#define PARAMS (sizeof(params) / sizeof(*params))

/* One "key=value"; seen has one bit per row of the table. */
static int
take_one(const struct context *c, enum query_page page, const char *text,
    size_t n, uint32_t *seen, struct arena *a, struct err *err)
{
	const char *eq = memchr(text, '=', n);
	size_t klen = eq != NULL ? (size_t)(eq - text) : n;
	char *key = query_decode(text, klen, a);
	if (key == NULL)
		return err_set(err, "malformed parameter name");
	size_t i = 0;
	while (i < PARAMS && (strcmp(params[i].key, key) != 0 ||
				 (params[i].pages & page) == 0))
		i++;
	if (i == PARAMS)
		return err_set(err, "unknown parameter '%.40s'", key);
	if ((*seen & UINT32_C(1) << i) != 0 && params[i].take != take_ch)
		return err_set(err, "parameter '%s' given twice", key);
	*seen |= UINT32_C(1) << i;
	char *value = eq == NULL ? NULL : query_decode(eq + 1, n - klen - 1, a);
	if (value == NULL)
		return err_set(err, "parameter '%s': malformed value", key);
	/* A form sends its empty fields as well. */
	if (*value == '\0')
		return 0;
	if (!params[i].take(c, value))
		return err_set(err, "parameter '%s': '%.60s' is not %s", key,
		    value, params[i].expected);
	return 0;
}

int
query_parse(struct query *q, enum query_page page, const char *text,
    int64_t now, struct arena *a, struct err *err)
{
	struct context c = { .q = q, .now = now, .a = a };
	uint32_t seen = 0;
	*q = (struct query){ .type = -1 };
	while (*text != '\0') {
		size_t n = strcspn(text, "&");
		if (n != 0 && take_one(&c, page, text, n, &seen, a, err) == -1)
			return -1;
		text += n;
		if (*text == '&')
			text++;
	}
	if ((q->from.text == NULL) != (q->to.text == NULL))
		return err_set(err,
		    "parameters 'from' and 'to' belong together");
	if (q->from.text != NULL &&
	    (q->to.when <= q->from.when ||
		q->to.when - q->from.when > QUERY_SPAN_MAX))
		return err_set(err, "parameter 'to': must lie after 'from', at "
				    "most ten years");
	return 0;
}

void
query_print(const struct query *q, enum query_page page, struct buf *out)
{
	size_t start = out->len;
	for (size_t i = 0; i < PARAMS; i++) {
		char tmp[32];
		if ((params[i].pages & page) == 0)
			continue;
		const char *v = params[i].show(q, tmp, sizeof(tmp));
		if (v == NULL)
			continue;
		buf_adds(out, out->len == start ? "" : "&");
		buf_printf(out, "%s=", params[i].key);
		query_encode(out, v);
	}
}

bool
query_has_channel(const struct query *q, const char *name)
{
	if (q->channels == NULL)
		return true;
	size_t n = strlen(name);
	for (const char *s = q->channels; *s != '\0';) {
		size_t len = strcspn(s, ",");
		if (len == n && memcmp(s, name, n) == 0)
			return true;
		s += len;
		if (*s == ',')
			s++;
	}
	return false;
}
