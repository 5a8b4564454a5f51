/* profile.dat as text, both ways (spec: NfSen's "stat file"). */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "profile/internal.h"

struct reader {
	const char *path; /* for messages */
	int line;
	struct profile *p;
	struct buf description;
	bool described;
	bool typed;
};

/* A piece of a line; nothing is NUL-terminated in there. */
struct span {
	const char *s;
	size_t n;
};

static struct span
trim(struct span t)
{
	while (t.n > 0 && isspace((unsigned char)t.s[0]))
		t.s++, t.n--;
	while (t.n > 0 && isspace((unsigned char)t.s[t.n - 1]))
		t.n--;
	return t;
}

/* Cut t at the first c; the rest (without c) becomes *t. */
static struct span
cut(struct span *t, char c)
{
	const char *at = t->n == 0 ? NULL : memchr(t->s, c, t->n);
	struct span head = { t->s, at == NULL ? t->n : (size_t)(at - t->s) };
	size_t used = head.n + (at != NULL);
	t->s += used;
	t->n -= used;
	return head;
}

static bool
is(struct span t, const char *word)
{
	return strlen(word) == t.n && memcmp(t.s, word, t.n) == 0;
}

static int
bad(const struct reader *r, struct err *err, const char *what, struct span t)
{
	return err_set(err, "%s:%d: %s '%.*s'", r->path, r->line, what,
	    (int)(t.n > 80 ? 80 : t.n), t.s);
}

/* Digits; nothing at all is 0 (NfSen leaves values blank, bug B-07). */
static int
number(const struct reader *r, struct span t, uint64_t max, uint64_t *v,
    struct err *err)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < t.n; i++) {
		unsigned digit = (unsigned)(t.s[i] - '0');
		if (digit > 9 || sum > (max - digit) / 10)
			return bad(r, err, "not a number:", t);
		sum = sum * 10 + digit;
	}
	*v = sum;
	return 0;
}

/* Names end up in paths: what would leave their folder is refused. */
static bool
name_is_safe(struct span t)
{
	if (t.n == 0 || t.n > 255 || t.s[0] == '.')
		return false;
	for (size_t i = 0; i < t.n; i++)
		if (t.s[i] == '/' || (unsigned char)t.s[i] < ' ')
			return false;
	return true;
}

static void
read_sources(struct profile *p, struct channel *ch, struct span t)
{
	size_t n = 1;
	for (size_t i = 0; i < t.n; i++)
		n += t.s[i] == '|';
	ch->sources = arena_array(&p->arena, n, sizeof(*ch->sources));
	while (t.n > 0) {
		struct span s = trim(cut(&t, '|'));
		if (s.n > 0)
			ch->sources[ch->n_sources++] =
			    arena_strndup(&p->arena, s.s, s.n);
	}
}

/* name:sign:colour:order:sources; what follows (a lock's ':') is dropped. */
static int
read_channel(struct reader *r, struct span t, struct err *err)
{
	struct span all = t;
	struct span name = cut(&t, ':');
	struct span sign = cut(&t, ':');
	struct span color = cut(&t, ':');
	struct span order = cut(&t, ':');
	struct span sources = cut(&t, ':');
	struct profile *p = r->p;
	uint64_t n = 0;
	if (!name_is_safe(name))
		return bad(r, err, "bad channel name:", all);
	if (sign.n > 0 && !is(sign, "+") && !is(sign, "-"))
		return bad(r, err, "bad channel sign:", all);
	if (number(r, order, 1000000, &n, err) == -1)
		return -1;
	char *text = arena_strndup(&p->arena, name.s, name.n);
	if (profile_find_channel(p, text) != NULL)
		return bad(r, err, "channel twice:", name);
	struct channel *ch = profile_add_channel(p, text);
	ch->sign = is(sign, "-") ? '-' : '+';
	ch->color = arena_strndup(&p->arena, color.s, color.n);
	ch->order = (int)n;
	read_sources(p, ch, sources);
	return 0;
}

/* The field that a key names, or NULL. */
static int64_t *
time_field(struct profile *p, struct span key)
{
	return is(key, "tbegin")    ? &p->tbegin
	       : is(key, "tcreate") ? &p->tcreate
	       : is(key, "tstart")  ? &p->tstart
	       : is(key, "tend")    ? &p->tend
	       : is(key, "updated") ? &p->updated
	       : is(key, "expire")  ? &p->expire
				    : NULL;
}

static uint64_t *
size_field(struct profile *p, struct span key)
{
	return is(key, "maxsize") ? &p->maxsize
	       : is(key, "size")  ? &p->size
				  : NULL;
}

static int *
small_field(struct reader *r, struct span key)
{
	if (is(key, "type"))
		r->typed = true;
	return is(key, "type")      ? &r->p->type
	       : is(key, "locked")  ? &r->p->locked
	       : is(key, "version") ? &r->p->version
				    : NULL;
}

static const char **
text_field(struct profile *p, struct span key)
{
	return is(key, "name")     ? &p->name
	       : is(key, "group")  ? &p->group
	       : is(key, "status") ? &p->status
				   : NULL;
}

static int
read_value(struct reader *r, struct span key, struct span value,
    struct err *err)
{
	struct profile *p = r->p;
	int64_t *t = time_field(p, key);
	uint64_t *size = size_field(p, key);
	int *small = small_field(r, key);
	const char **text = text_field(p, key);
	uint64_t v = 0;
	if (is(key, "channel"))
		return read_channel(r, value, err);
	if (text != NULL) {
		*text = arena_strndup(&p->arena, value.s, value.n);
		return 0;
	}
	if (is(key, "sourcelist") || is(key, "filter"))
		return 0; /* of profiles before 1.3 */
	if (t == NULL && size == NULL && small == NULL)
		return bad(r, err, "unknown key", key);
	if (number(r, value, small != NULL ? 1000000 : INT64_MAX, &v, err) ==
	    -1)
		return -1;
	if (t != NULL)
		*t = (int64_t)v;
	else if (size != NULL)
		*size = v;
	else
		*small = (int)v;
	return 0;
}

static void
read_description(struct reader *r, struct span line)
{
	line.s++, line.n--;
	while (line.n > 0 && isspace((unsigned char)line.s[0]))
		line.s++, line.n--;
	if (r->described)
		buf_addc(&r->description, '\n');
	r->described = true;
	buf_add(&r->description, line.s, line.n);
}

static int
read_line(struct reader *r, struct span line, struct err *err)
{
	struct span t = trim(line);
	if (t.n == 0)
		return 0;
	if (t.s[0] == '#') {
		/* Only the front is trimmed: NfSen's "# # " is a text. */
		line.n -= (size_t)(t.s - line.s);
		line.s = t.s;
		read_description(r, line);
		return 0;
	}
	struct span key = trim(cut(&t, '='));
	return read_value(r, key, trim(cut(&t, '=')), err);
}

/* Values that NfSen lost or never wrote. */
static void
fill_gaps(struct reader *r)
{
	struct profile *p = r->p;
	p->description = arena_strdup(&p->arena, buf_str(&r->description));
	if (!r->typed && strcmp(p->name, "live") != 0)
		p->type = PROFILE_CONTINUOUS;
	if (p->tstart == 0)
		p->tstart = p->tbegin;
}

static int
read_all(struct reader *r, struct span text, struct err *err)
{
	while (text.n > 0) {
		r->line++;
		if (read_line(r, cut(&text, '\n'), err) == -1)
			return -1;
	}
	if (r->p->name[0] == '\0')
		return err_set(err, "%s: no 'name' in it", r->path);
	fill_gaps(r);
	return 0;
}

struct profile *
profile_parse(const char *path, const char *text, size_t len, struct err *err)
{
	if (len > 0 && memchr(text, '\0', len) != NULL) {
		(void)err_set(err, "%s: no text: it holds a NUL", path);
		return NULL;
	}
	struct reader r = { .path = path, .p = profile_new(".", "") };
	r.p->version = 0;
	int rc = read_all(&r, (struct span){ text, len }, err);
	buf_free(&r.description);
	if (rc == 0)
		return r.p;
	profile_free(r.p);
	return NULL;
}

/* ---- printing ------------------------------------------------------------- */

/* A line feed at the end has one more, empty line behind it. */
static void
print_description(const char *text, struct buf *out)
{
	for (bool more = *text != '\0'; more;) {
		size_t n = strcspn(text, "\n");
		buf_printf(out, "# %.*s\n", (int)n, text);
		more = text[n] == '\n';
		text += n + more;
	}
}

void
profile_print_channel(const struct channel *ch, struct buf *out)
{
	buf_printf(out, "%s:%c:%s:%d:", ch->name, ch->sign, ch->color,
	    ch->order);
	for (size_t i = 0; i < ch->n_sources; i++)
		buf_printf(out, "%s%s", i > 0 ? "|" : "", ch->sources[i]);
}

void
profile_print(const struct profile *p, struct buf *out)
{
	print_description(p->description, out);
	buf_printf(out,
	    "name = %s\n"
	    "group = %s\n"
	    "tbegin = %" PRId64 "\n"
	    "tcreate = %" PRId64 "\n"
	    "tstart = %" PRId64 "\n"
	    "tend = %" PRId64 "\n"
	    "updated = %" PRId64 "\n"
	    "expire = %" PRId64 "\n"
	    "maxsize = %" PRIu64 "\n"
	    "size = %" PRIu64 "\n"
	    "type = %d\n"
	    "locked = %d\n"
	    "status = %s\n"
	    "version = %d\n",
	    p->name, p->group, p->tbegin, p->tcreate, p->tstart, p->tend,
	    p->updated, p->expire, p->maxsize, p->size, p->type, p->locked,
	    p->status, p->version);
	for (size_t i = 0; i < p->n_channels; i++) {
		buf_adds(out, "channel = ");
		profile_print_channel(&p->channels[i], out);
		buf_addc(out, '\n');
	}
}
