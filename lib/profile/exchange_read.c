/* A profile as XML: reading it. */
#include "profile/exchange_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "profile/internal.h"

enum field {
	F_NAME,
	F_GROUP,
	F_DESCRIPTION,
	F_TYPE,
	F_STEP,
	F_TBEGIN,
	F_TCREATE,
	F_TSTART,
	F_TEND,
	F_UPDATED,
	F_EXPIRE,
	F_MAXSIZE,
	F_PROFILE, /* how many a profile has */
	F_CHNAME = F_PROFILE,
	F_SIGN,
	F_COLOUR,
	F_ORDER,
	F_SOURCE,
	F_FILTER,
	F_COUNT
};

static const char *const names[F_COUNT] = { "name", "group", "description",
	"type", "step", "tbegin", "tcreate", "tstart", "tend", "updated",
	"expire", "maxsize", "name", "sign", "colour", "order", "source",
	"filter" };

#define BIT(f)      (1UL << (f))
#define ALL_PROFILE (BIT(F_PROFILE) - 1)
#define ALL_CHANNEL (BIT(F_COUNT) - BIT(F_PROFILE) - BIT(F_SOURCE))

static int
find(const char *name, bool channel)
{
	int i = channel ? F_PROFILE : 0, end = channel ? F_COUNT : F_PROFILE;
	while (i < end && strcmp(names[i], name) != 0)
		i++;
	return i < end ? i : -1;
}

/* ---- the beginning of an element ---------------------------------------------- */

static int
begin_root(struct exchange_reader *r, const char *name,
    const char *const *attrs, struct err *err)
{
	const char *version = xml_attr(attrs, "version");
	if (strcmp(name, "nfsen-profile") != 0)
		return err_set(err, "<%.40s>, not <nfsen-profile>", name);
	if (version == NULL || strcmp(version, "1") != 0)
		return err_set(err, "version %.20s of the format is unknown",
		    version != NULL ? version : "''");
	r->p = profile_new(".", "");
	r->depth = 1;
	return 0;
}

static int
begin_channel(struct exchange_reader *r, struct err *err)
{
	if ((r->seen_profile & ALL_PROFILE) != ALL_PROFILE)
		return err_set(err, "a channel before the profile is told");
	if (r->p->n_channels == EXCHANGE_CHANNELS)
		return err_set(err, "more than %d channels", EXCHANGE_CHANNELS);
	r->ch = profile_add_channel(r->p, "");
	r->ch->sources = r->sources = NULL;
	r->seen = 0;
	r->depth = 2;
	return 0;
}

static int
begin_rrd(struct exchange_reader *r, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct buf file = BUF_EMPTY;
	if ((r->seen & ALL_CHANNEL) != ALL_CHANNEL)
		return err_set(err, "a database before its channel is told");
	if (r->rrd != NULL)
		return err_set(err, "a second database of a channel");
	buf_printf(&file, "%s.rrd", r->ch->name);
	bool fits =
	    r->folder == NULL || file_join(path, r->folder, buf_str(&file));
	buf_free(&file);
	if (!fits)
		return err_set(err, "channel '%s': path too long", r->ch->name);
	r->rrd = rrdxml_new(r->folder != NULL ? path : NULL, &r->shape, err);
	return r->rrd != NULL ? 0 : -1;
}

static int
on_start(void *ctx, const char *name, const char *const *attrs, struct err *err)
{
	struct exchange_reader *r = ctx;
	if (r->rrd_depth > 0 || (r->depth == 2 && strcmp(name, "rrd") == 0)) {
		if (r->rrd_depth == 0 && begin_rrd(r, err) == -1)
			return -1;
		r->rrd_depth++;
		return rrdxml_start(r->rrd, name, err);
	}
	if (r->depth == 0)
		return begin_root(r, name, attrs, err);
	if (r->depth == 1 && strcmp(name, "channel") == 0)
		return begin_channel(r, err);
	bool channel = r->depth == 2;
	int f = r->depth < 3 ? find(name, channel) : -1;
	unsigned long *seen = channel ? &r->seen : &r->seen_profile;
	if (f == -1 || (!channel && r->p->n_channels > 0))
		return err_set(err, "<%.40s> does not belong here", name);
	if (f != F_SOURCE && (*seen & BIT(f)) != 0)
		return err_set(err, "<%s> twice", names[f]);
	*seen |= BIT(f);
	/* An element with text: nothing may be in it. */
	r->depth += 2;
	return 0;
}

/* ---- values -------------------------------------------------------------------------- */

static int
take_number(const char *name, const char *text, uint64_t max, uint64_t *v,
    struct err *err)
{
	uint64_t n = 0;
	size_t i = 0;
	for (; text[i] >= '0' && text[i] <= '9'; i++) {
		unsigned d = (unsigned)(text[i] - '0');
		if (n > (max - d) / 10)
			break;
		n = n * 10 + d;
	}
	if (i == 0 || text[i] != '\0')
		return err_set(err, "<%s>: '%.40s' is no such number", name,
		    text);
	*v = n;
	return 0;
}

static int
take_step(struct exchange_reader *r, uint64_t v, struct err *err)
{
	int64_t want = r->c != NULL ? r->c->cycletime : (int64_t)v;
	if (v == 0 || (int64_t)v != want)
		return err_set(err, "slots of %llu s, here they have %lld",
		    (unsigned long long)v, (long long)want);
	rrd_shape_channel(&r->shape, (int64_t)v);
	return 0;
}

static int
take_type(struct exchange_reader *r, uint64_t v, struct err *err)
{
	if (v != PROFILE_HISTORY && v != PROFILE_CONTINUOUS &&
	    v != (PROFILE_HISTORY | PROFILE_SHADOW) &&
	    v != (PROFILE_CONTINUOUS | PROFILE_SHADOW))
		return err_set(err, "type %llu is unknown",
		    (unsigned long long)v);
	r->p->type = (int)v;
	return 0;
}

static int
profile_number(struct exchange_reader *r, enum field f, const char *text,
    struct err *err)
{
	struct profile *p = r->p;
	int64_t *to[F_PROFILE] = { [F_TBEGIN] = &p->tbegin,
		[F_TCREATE] = &p->tcreate,
		[F_TSTART] = &p->tstart,
		[F_TEND] = &p->tend,
		[F_UPDATED] = &p->updated,
		[F_EXPIRE] = &p->expire };
	/* Seconds of thousands of years, hours and slots of as many. */
	uint64_t max = f == F_MAXSIZE ? INT64_MAX
		       : f == F_STEP  ? 86400
				      : UINT64_C(1) << 38;
	uint64_t v;
	if (take_number(names[f], text, max, &v, err) == -1)
		return -1;
	if (f == F_STEP)
		return take_step(r, v, err);
	if (f == F_TYPE)
		return take_type(r, v, err);
	if (f == F_MAXSIZE)
		p->maxsize = v;
	else
		*to[f] = (int64_t)v;
	return 0;
}

static int
profile_value(struct exchange_reader *r, enum field f, const char *text,
    size_t len, struct err *err)
{
	struct profile *p = r->p;
	if (f != F_NAME && f != F_GROUP && f != F_DESCRIPTION)
		return profile_number(r, f, text, err);
	if (f == F_DESCRIPTION) {
		if (len > EXCHANGE_FILTER)
			return err_set(err, "a description of %zu bytes", len);
		p->description = arena_strdup(&p->arena, text);
		return 0;
	}
	bool none = f == F_GROUP && strcmp(text, ".") == 0;
	if (!none && !conf_name_ok(text, CONF_NAME_MAX))
		return err_set(err, "'%.80s' cannot be the %s of a profile",
		    text, names[f]);
	*(f == F_NAME ? &p->name : &p->group) = arena_strdup(&p->arena, text);
	return 0;
}

static int
add_source(struct exchange_reader *r, const char *text, struct err *err)
{
	struct channel *ch = r->ch;
	if (strcmp(text, "*") != 0 && !conf_channel_name_ok(text))
		return err_set(err, "'%.80s' cannot be a source", text);
	if (ch->n_sources == EXCHANGE_SOURCES)
		return err_set(err, "more than %d sources", EXCHANGE_SOURCES);
	if (ch->n_sources == 0)
		r->sources = arena_array(&r->p->arena, EXCHANGE_SOURCES,
		    sizeof(*r->sources));
	r->sources[ch->n_sources++] = arena_strdup(&r->p->arena, text);
	ch->sources = r->sources;
	return 0;
}

static int
take_filter(struct exchange_reader *r, const char *text, size_t len,
    struct err *err)
{
	struct filter_error fe;
	if (len > EXCHANGE_FILTER)
		return err_set(err, "a filter of %zu bytes", len);
	struct filter *f = filter_parse_with(text, len, &r->filters, &fe);
	if (f == NULL)
		return err_set(err, "filter: %s", fe.message);
	filter_free(f);
	buf_clear(&r->filter);
	buf_add(&r->filter, text, len);
	return 0;
}

static int
take_channel_name(struct exchange_reader *r, const char *text, struct err *err)
{
	if (!conf_channel_name_ok(text) || strlen(text) > CONF_CHANNEL_MAX)
		return err_set(err, "'%.80s' cannot be a channel", text);
	if (profile_find_channel(r->p, text) != NULL)
		return err_set(err, "channel '%s' twice", text);
	r->ch->name = arena_strdup(&r->p->arena, text);
	return 0;
}

static int
channel_value(struct exchange_reader *r, enum field f, const char *text,
    size_t len, struct err *err)
{
	uint64_t v;
	switch (f) {
	case F_CHNAME:
		return take_channel_name(r, text, err);
	case F_SIGN:
		if (strcmp(text, "+") != 0 && strcmp(text, "-") != 0)
			return err_set(err, "sign '%.10s'", text);
		r->ch->sign = text[0];
		return 0;
	case F_COLOUR:
		if (text[0] != '\0' && !conf_colour_ok(text))
			return err_set(err, "colour '%.20s'", text);
		r->ch->color = arena_strdup(&r->p->arena, text);
		return 0;
	case F_ORDER:
		if (take_number("order", text, 1000000, &v, err) == -1)
			return -1;
		r->ch->order = (int)v;
		return 0;
	case F_SOURCE:
		return add_source(r, text, err);
	default:
		return take_filter(r, text, len, err);
	}
}

/* ---- the end of an element -------------------------------------------------------------- */

static int
write_filter(struct exchange_reader *r, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct buf file = BUF_EMPTY, text = BUF_EMPTY;
	int rc = 0;
	if (r->folder == NULL)
		return 0;
	buf_printf(&file, "%s-filter.txt", r->ch->name);
	wanted_filter(buf_str(&r->filter), &text);
	if (!file_join(path, r->folder, buf_str(&file)))
		rc = err_set(err, "channel '%s': path too long", r->ch->name);
	else
		rc = tree_write(r->c, path, &text, err);
	buf_free(&file);
	buf_free(&text);
	return rc;
}

static int
end_channel(struct exchange_reader *r, struct err *err)
{
	if (r->rrd == NULL)
		return err_set(err, "channel '%s' without its database",
		    r->ch->name);
	int rc = rrdxml_finish(r->rrd, err);
	rrdxml_close(r->rrd);
	r->rrd = NULL;
	return rc == 0 ? write_filter(r, err) : -1;
}

static int
on_end(void *ctx, const char *name, const char *text, size_t len,
    struct err *err)
{
	struct exchange_reader *r = ctx;
	if (r->rrd_depth > 0) {
		r->rrd_depth--;
		return rrdxml_end(r->rrd, name, text, len, err);
	}
	if (r->depth >= 3) {
		bool channel = r->depth == 4;
		enum field f = (enum field)find(name, channel);
		r->depth -= 2;
		return channel ? channel_value(r, f, text, len, err)
			       : profile_value(r, f, text, len, err);
	}
	r->depth--;
	if (r->depth == 1)
		return end_channel(r, err);
	r->done = true;
	if ((r->seen_profile & ALL_PROFILE) != ALL_PROFILE)
		return err_set(err, "<nfsen-profile> lacks a part of it");
	return 0;
}

const struct xml_reader exchange_xml = { on_start, on_end };

void
exchange_reader_free(struct exchange_reader *r)
{
	rrdxml_close(r->rrd);
	r->rrd = NULL;
	buf_free(&r->filter);
}

struct profile *
exchange_parse(const void *data, size_t len, struct err *err)
{
	struct exchange_reader r = { .c = NULL };
	int rc = xml_parse(data, len, &exchange_xml, &r, err);
	exchange_reader_free(&r);
	if (rc == 0)
		return r.p;
	profile_free(r.p);
	return NULL;
}
