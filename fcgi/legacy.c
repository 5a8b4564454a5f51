#include "fcgi/legacy.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi/query.h"

#define BOOKMARK_FIELDS 14

struct old {
	const char *tab, *profile, *type, *proto, *bookmark;
	const char *tleft, *tright, *channels;
};

static void
take(struct old *o, const char *key, const char *value)
{
	static const struct {
		const char *key;
		size_t at;
	} keys[] = {
		{ "tab", offsetof(struct old, tab) },
		{ "profileswitch", offsetof(struct old, profile) },
		{ "type", offsetof(struct old, type) },
		{ "proto", offsetof(struct old, proto) },
		{ "bookmark", offsetof(struct old, bookmark) },
	};
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (strcmp(keys[i].key, key) == 0)
			memcpy((char *)o + keys[i].at, &value, sizeof(value));
}

static int
digit64(char c)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c == '\0' ? NULL : strchr(set, c == ' ' ? '+' : c);
	return p != NULL ? (int)(p - set) : -1;
}

/* base64 to text; NULL when it is none. */
static char *
decode64(const char *s, struct arena *a)
{
	char *out = arena_alloc(a, strlen(s) + 1);
	size_t n = 0;
	unsigned acc = 0, bits = 0;
	for (; *s != '\0' && *s != '='; s++) {
		int d = digit64(*s);
		if (d < 0)
			return NULL;
		acc = (acc << 6 | (unsigned)d) & 0xffffff;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		out[n++] = (char)(acc >> bits & 0xff);
	}
	return out;
}

/* tab|sub_tab|profileswitch|channellist|proto|type|wsize|cursor_mode|tend|
 * tleft|tright|logscale|ratescale|linegraph; "-" is not set. */
static void
open_bookmark(struct old *o, struct arena *a)
{
	char *text = o->bookmark != NULL ? decode64(o->bookmark, a) : NULL;
	const char *field[BOOKMARK_FIELDS];
	size_t n = 0;
	while (text != NULL && n < BOOKMARK_FIELDS) {
		field[n] = strsep(&text, "|");
		if (strcmp(field[n], "-") == 0)
			field[n] = NULL;
		n++;
	}
	if (n != BOOKMARK_FIELDS || text != NULL)
		return;
	o->tab = field[0];
	o->profile = field[2];
	o->channels = field[3];
	o->proto = field[4];
	o->type = field[5];
	o->tleft = field[9];
	o->tright = field[10];
}

/* Add "key=value" when query_parse takes it, in lower case. */
static void
add_valid(struct buf *out, const char *key, const char *value, struct arena *a)
{
	struct buf one = BUF_EMPTY;
	struct query q;
	struct err err;
	if (value == NULL)
		return;
	char *low = arena_strdup(a, value);
	for (char *s = low; *s != '\0'; s++)
		*s = *s >= 'A' && *s <= 'Z' && strcmp(key, "ch") != 0
			 ? (char)(*s | 0x20)
		     : *s == '!' ? ','
				 : *s;
	buf_printf(&one, "%s=", key);
	query_encode(&one, low);
	if (query_parse(&q, PAGE_DETAILS, one.data, 0, a, &err) == 0)
		buf_printf(out, "%s%s", out->len != 0 ? "&" : "", one.data);
	buf_free(&one);
}

static void
add_selection(struct buf *out, const struct old *o, struct arena *a)
{
	if (o->tleft != NULL && o->tright != NULL &&
	    strtoll(o->tright, NULL, 10) > strtoll(o->tleft, NULL, 10)) {
		struct buf both = BUF_EMPTY;
		struct query q;
		struct err err;
		buf_adds(&both, "from=");
		query_encode(&both, o->tleft);
		buf_adds(&both, "&to=");
		query_encode(&both, o->tright);
		if (query_parse(&q, PAGE_DETAILS, both.data, 0, a, &err) == 0)
			buf_printf(out, "%s%s", out->len != 0 ? "&" : "",
			    both.data);
		buf_free(&both);
	} else {
		add_valid(out, "t", o->tleft, a);
	}
}

/* "./live", "group/name" as our path; "live" for anything odd. */
static void
add_profile(struct buf *out, const char *profile)
{
	const char *slash = profile != NULL ? strchr(profile, '/') : NULL;
	if (slash == NULL) {
		query_encode(out,
		    profile != NULL && *profile != '\0' ? profile : "live");
		return;
	}
	if (strncmp(profile, "./", 2) != 0) {
		struct buf group = BUF_EMPTY;
		buf_add(&group, profile, (size_t)(slash - profile));
		query_encode(out, buf_str(&group));
		buf_free(&group);
		buf_addc(out, '/');
	}
	query_encode(out, slash + 1);
}

static struct old
parse(const char *text, struct arena *a)
{
	struct old o = { 0 };
	while (*text != '\0') {
		size_t n = strcspn(text, "&");
		const char *eq = memchr(text, '=', n);
		if (eq != NULL) {
			char *key = query_decode(text, (size_t)(eq - text), a);
			char *value = query_decode(eq + 1,
			    n - (size_t)(eq - text) - 1, a);
			if (key != NULL && value != NULL)
				take(&o, key, value);
		}
		text += n;
		if (*text == '&')
			text++;
	}
	open_bookmark(&o, a);
	return o;
}

void
legacy_redirect(const struct conf *c, const struct request *rq,
    struct response *rs)
{
	struct buf url = BUF_EMPTY, query = BUF_EMPTY;
	struct old o = parse(rq->query, &rs->arena);
	int tab = o.tab != NULL ? o.tab[0] - '0' : o.profile != NULL ? 2 : 0;
	(void)c;
	if (tab == 1 || tab == 2) {
		buf_adds(&url, "/p/");
		add_profile(&url, o.profile);
		buf_adds(&url, tab == 1 ? "/graphs" : "/details");
		add_valid(&query, "type", o.type, &rs->arena);
		if (tab == 2) {
			add_valid(&query, "proto", o.proto, &rs->arena);
			add_valid(&query, "ch", o.channels, &rs->arena);
			add_selection(&query, &o, &rs->arena);
		}
	} else {
		buf_addc(&url, '/');
	}
	rs->status = 302;
	rs->location = arena_printf(&rs->arena, "%s%s%s", buf_str(&url),
	    query.len != 0 ? "?" : "", buf_str(&query));
	buf_free(&url);
	buf_free(&query);
}
