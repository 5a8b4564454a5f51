/* A profile as NfSen lists it, and any answer as JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "admin/action.h"
#include "base/buf.h"
#include "base/json.h"

static int64_t
number(const struct ctl_result *r, const char *key)
{
	const char *s = ctl_result_get(r, key);
	return s != NULL ? strtoll(s, NULL, 10) : 0;
}

static const char *
text(const struct ctl_result *r, const char *key)
{
	const char *s = ctl_result_get(r, key);
	return s != NULL ? s : "";
}

/* ---- values as people read them -------------------------------------------------- */

static void
print_time(const struct ctl_result *r, const char *key)
{
	time_t t = (time_t)number(r, key);
	char when[64];
	struct tm tm;
	if (localtime_r(&t, &tm) == NULL ||
	    strftime(when, sizeof(when), "%a %b %e %H:%M:%S %Y", &tm) == 0)
		when[0] = '\0';
	(void)printf("%s\t%s\n", key, when);
}

static void
print_size(const struct ctl_result *r, const char *key)
{
	static const char *const units[] = { "KB", "MB", "GB", "TB" };
	double v = (double)number(r, key);
	size_t i = 0;
	if (v < 1024) {
		(void)printf("%s\t%.0f\n", key, v);
		return;
	}
	for (v /= 1024; v >= 1024 && i < 3; i++)
		v /= 1024;
	(void)printf("%s\t%.1f %s\n", key, v, units[i]);
}

static void
print_expire(const struct ctl_result *r)
{
	int64_t hours = number(r, "expire");
	int64_t days = hours / 24;
	(void)printf("expire\t");
	if (days > 0)
		(void)printf("%" PRId64 " day%s ", days, days == 1 ? "" : "s");
	hours %= 24;
	(void)printf("%" PRId64 " hour%s\n", hours, hours == 1 ? "" : "s");
}

static const char *
type_name(int64_t type)
{
	switch (type) {
	case 0:
		return "live";
	case 1:
		return "history";
	case 2:
		return "continuous";
	case 5:
		return "history / shadow";
	case 6:
		return "continuous / shadow";
	default:
		return "unknown";
	}
}

static void
print_head(const struct ctl_result *r)
{
	const char *group = text(r, "group");
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->data[i].key, "description") == 0)
			(void)printf("# %s\n", r->data[i].value);
	(void)printf("name\t%s\n", text(r, "name"));
	(void)printf("group\t%s\n",
	    strcmp(group, ".") == 0 ? "(nogroup)" : group);
	print_time(r, "tcreate");
	print_time(r, "tstart");
	print_time(r, "tend");
	print_time(r, "updated");
	print_expire(r);
	print_size(r, "size");
	print_size(r, "maxsize");
	(void)printf("type\t%s\n", type_name(number(r, "type")));
	(void)printf("locked\t%s\n", text(r, "locked"));
	(void)printf("status\t%s\n", text(r, "status"));
	(void)printf("version\t%s\n", text(r, "version"));
}

/* ---- channels -------------------------------------------------------------------- */

/* "name:sign:colour:order:sources", cut in place. */
struct line {
	const char *field[5];
	bool up;
	long order;
};

static struct line
cut(char *s)
{
	struct line l = { .up = true };
	for (size_t i = 0; i < 5; i++) {
		size_t n = i < 4 ? strcspn(s, ":") : strlen(s);
		l.field[i] = s;
		s += n;
		if (*s != '\0')
			*s++ = '\0';
	}
	l.up = strcmp(l.field[1], "-") != 0;
	l.order = strtol(l.field[3], NULL, 10);
	return l;
}

static int
by_place(const void *a, const void *b)
{
	const struct line *x = a;
	const struct line *y = b;
	if (x->up != y->up)
		return x->up ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* What its files take; of a profile that has not begun there are none. */
static int
print_files(struct ctl_client *c, const struct ctl_result *p, const char *name,
    struct err *err)
{
	struct ctl_result r = { 0 };
	char profile[512];
	char channel[512];
	const char *const args[] = { profile, channel, NULL };
	const char *files = "0";
	const char *size = "0";
	bool building = strncmp(text(p, "status"), "built", 5) == 0;
	(void)snprintf(profile, sizeof(profile), "profile=%s/%s",
	    text(p, "group"), text(p, "name"));
	(void)snprintf(channel, sizeof(channel), "channel=%s", name);
	if (strcmp(text(p, "status"), "new") != 0) {
		if (ctl_call(c, "get-channelstat", args, &r, err) == -1)
			return -1;
		if (ctl_status_ok(&r)) {
			files = text(&r, "numfiles");
			size = text(&r, "size");
		} else if (!building) {
			(void)printf("%s\n\t", r.status);
		}
	}
	(void)printf("Files: %s\tSize: %s\t", files, size);
	ctl_result_free(&r);
	return 0;
}

static int
print_channels(struct ctl_client *c, const struct ctl_result *r,
    const struct line *l, size_t n, struct err *err)
{
	bool shadow = (number(r, "type") & 4) != 0;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		(void)printf("channel %s\tsign: %s\tcolour: %s\torder: %s\t"
			     "sourcelist: %s\t",
		    l[i].field[0], l[i].field[1], l[i].field[2], l[i].field[3],
		    l[i].field[4]);
		if (!shadow)
			rc = print_files(c, r, l[i].field[0], err);
		(void)printf("\n");
	}
	return rc;
}

int
listing_profile(struct ctl_client *c, const struct ctl_result *profile,
    struct err *err)
{
	struct arena a = ARENA_EMPTY;
	struct line *l = arena_array(&a, profile->n + 1, sizeof(*l));
	size_t n = 0;
	for (size_t i = 0; i < profile->n; i++)
		if (strcmp(profile->data[i].key, "channel") == 0)
			l[n++] = cut(arena_strdup(&a, profile->data[i].value));
	if (n > 0)
		qsort(l, n, sizeof(*l), by_place);
	print_head(profile);
	int rc = print_channels(c, profile, l, n, err);
	(void)printf("\n");
	arena_free(&a);
	return rc;
}

/* ---- JSON ------------------------------------------------------------------------ */

static void
json_channel(struct buf *b, const char *value, struct arena *a)
{
	static const char *const keys[] = { "name", "sign", "colour", "order" };
	struct line l = cut(arena_strdup(a, value));
	bool first = true;
	buf_addc(b, '{');
	for (size_t i = 0; i < 4; i++) {
		json_key(b, &first, keys[i]);
		if (i == 3)
			json_int(b, l.order);
		else
			json_string(b, l.field[i]);
	}
	json_key(b, &first, "sources");
	buf_addc(b, '[');
	bool item = true;
	for (const char *s = l.field[4]; *s != '\0';) {
		size_t n = strcspn(s, "|");
		json_item(b, &item);
		json_string(b, arena_strndup(a, s, n));
		s += n + (s[n] == '|');
	}
	buf_adds(b, "]}");
}

/* Digits that a number holds exactly. */
static bool
is_number(const char *s)
{
	size_t n = strspn(s, "0123456789");
	return n > 0 && n < 16 && s[n] == '\0' && (s[0] != '0' || n == 1);
}

static void
json_value(struct buf *b, const struct ctl_arg *x, struct arena *a)
{
	if (strcmp(x->key, "channel") == 0 && x->array)
		json_channel(b, x->value, a);
	else if (!x->array && is_number(x->value))
		json_int(b, strtoll(x->value, NULL, 10));
	else
		json_string(b, x->value);
}

static bool
seen_before(const struct ctl_result *r, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(r->data[k].key, r->data[i].key) == 0)
			return true;
	return false;
}

/* All elements of one list, in their order. */
static void
json_list(struct buf *b, const struct ctl_result *r, size_t i, struct arena *a)
{
	bool item = true;
	buf_addc(b, '[');
	for (size_t k = i; k < r->n; k++)
		if (strcmp(r->data[k].key, r->data[i].key) == 0) {
			json_item(b, &item);
			json_value(b, &r->data[k], a);
		}
	buf_addc(b, ']');
}

void
listing_json(const struct ctl_result *r)
{
	struct buf b = BUF_EMPTY;
	struct arena a = ARENA_EMPTY;
	bool first = true;
	buf_addc(&b, '{');
	for (size_t i = 0; i < r->n; i++) {
		if (seen_before(r, i))
			continue;
		json_key(&b, &first, r->data[i].key);
		if (r->data[i].array)
			json_list(&b, r, i, &a);
		else
			json_value(&b, &r->data[i], &a);
	}
	(void)printf("%s}\n", buf_str(&b));
	arena_free(&a);
	buf_free(&b);
}
