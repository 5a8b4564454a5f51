/* profile.dat as text, both ways (spec: NfSen's "stat file"). */
#include <inttypes.h>
#include <string.h>

#include "profile/internal.h"
#include "profile/keyed.h"

struct reader {
	struct profile *p;
	bool typed;
};

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

/* name:sign:colour:order:sources; what follows (a lock's ':') is dropped. */
static int
read_channel(const struct keyed *k, struct profile *p, struct span t,
    struct err *err)
{
	struct span all = t;
	struct span name = span_cut(&t, ':');
	struct span sign = span_cut(&t, ':');
	struct span color = span_cut(&t, ':');
	struct span order = span_cut(&t, ':');
	struct span sources = span_cut(&t, ':');
	uint64_t n = 0;
	if (!name_is_safe(name))
		return keyed_bad(k, err, "bad channel name:", all);
	if (sign.n > 0 && !span_is(sign, "+") && !span_is(sign, "-"))
		return keyed_bad(k, err, "bad channel sign:", all);
	if (keyed_number(k, order, 1000000, &n, err) == -1)
		return -1;
	char *text = arena_strndup(&p->arena, name.s, name.n);
	if (profile_find_channel(p, text) != NULL)
		return keyed_bad(k, err, "channel twice:", name);
	struct channel *ch = profile_add_channel(p, text);
	ch->sign = span_is(sign, "-") ? '-' : '+';
	ch->color = arena_strndup(&p->arena, color.s, color.n);
	ch->order = (int)n;
	ch->sources = span_names(sources, &p->arena, &ch->n_sources);
	return 0;
}

/* The field that a key names, or NULL. */
static int64_t *
time_field(struct profile *p, struct span key)
{
	return span_is(key, "tbegin")    ? &p->tbegin
	       : span_is(key, "tcreate") ? &p->tcreate
	       : span_is(key, "tstart")  ? &p->tstart
	       : span_is(key, "tend")    ? &p->tend
	       : span_is(key, "updated") ? &p->updated
	       : span_is(key, "expire")  ? &p->expire
					 : NULL;
}

static uint64_t *
size_field(struct profile *p, struct span key)
{
	return span_is(key, "maxsize") ? &p->maxsize
	       : span_is(key, "size")  ? &p->size
				       : NULL;
}

static int *
small_field(struct reader *r, struct span key)
{
	if (span_is(key, "type"))
		r->typed = true;
	return span_is(key, "type")      ? &r->p->type
	       : span_is(key, "locked")  ? &r->p->locked
	       : span_is(key, "version") ? &r->p->version
					 : NULL;
}

static const char **
text_field(struct profile *p, struct span key)
{
	return span_is(key, "name")     ? &p->name
	       : span_is(key, "group")  ? &p->group
	       : span_is(key, "status") ? &p->status
					: NULL;
}

static int
read_value(struct keyed *k, struct span key, struct span value, struct err *err)
{
	struct reader *r = k->ctx;
	struct profile *p = r->p;
	int64_t *t = time_field(p, key);
	uint64_t *size = size_field(p, key);
	int *small = small_field(r, key);
	const char **text = text_field(p, key);
	uint64_t v = 0;
	if (span_is(key, "channel"))
		return read_channel(k, p, value, err);
	if (text != NULL) {
		*text = arena_strndup(&p->arena, value.s, value.n);
		return 0;
	}
	if (span_is(key, "sourcelist") || span_is(key, "filter"))
		return 0; /* of profiles before 1.3 */
	if (t == NULL && size == NULL && small == NULL)
		return keyed_bad(k, err, "unknown key", key);
	if (keyed_number(k, value, small != NULL ? 1000000 : INT64_MAX, &v,
		err) == -1)
		return -1;
	if (t != NULL)
		*t = (int64_t)v;
	else if (size != NULL)
		*size = v;
	else
		*small = (int)v;
	return 0;
}

/* Values that NfSen lost or never wrote. */
static void
fill_gaps(const struct reader *r, const struct buf *description)
{
	struct profile *p = r->p;
	p->description = arena_strdup(&p->arena, buf_str(description));
	if (!r->typed && strcmp(p->name, "live") != 0)
		p->type = PROFILE_CONTINUOUS;
	if (p->tstart == 0)
		p->tstart = p->tbegin;
}

struct profile *
profile_parse(const char *path, const char *text, size_t len, struct err *err)
{
	struct reader r = { .p = profile_new(".", "") };
	struct keyed k = { .path = path, .value = read_value, .ctx = &r };
	r.p->version = 0;
	int rc = keyed_read(&k, text, len, err);
	if (rc == 0 && r.p->name[0] == '\0')
		rc = err_set(err, "%s: no 'name' in it", path);
	if (rc == 0)
		fill_gaps(&r, &k.description);
	buf_free(&k.description);
	if (rc == 0)
		return r.p;
	profile_free(r.p);
	return NULL;
}

/* ---- printing ------------------------------------------------------------- */

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
	keyed_print_description(p->description, out);
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
