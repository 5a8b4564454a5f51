/* Config's profiles as profiles: defaults filled in, everything checked. */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "filter/filter.h"
#include "filter/geo.h"
#include "profile/internal.h"

/* Okabe and Ito's set without black, then Tol's muted one. */
static const char *const palette[] = {
	"#0072b2",
	"#e69f00",
	"#009e73",
	"#cc79a7",
	"#56b4e9",
	"#d55e00",
	"#f0e442",
	"#332288",
	"#88ccee",
	"#44aa99",
	"#117733",
	"#999933",
	"#ddcc77",
	"#cc6677",
	"#882255",
	"#aa4499",
};

const char *
wanted_colour(size_t n)
{
	return palette[n % (sizeof(palette) / sizeof(palette[0]))];
}

const struct conf_profile *
wanted_find(const struct conf *c, const char *group, const char *name)
{
	for (size_t i = 0; i < c->n_profiles; i++)
		if (strcmp(c->profiles[i].group, group) == 0 &&
		    strcmp(c->profiles[i].name, name) == 0)
			return &c->profiles[i];
	return NULL;
}

const struct conf_channel *
wanted_channel(const struct conf_profile *cp, const char *name)
{
	for (size_t i = 0; i < cp->n_channels; i++)
		if (strcmp(cp->channels[i].name, name) == 0)
			return &cp->channels[i];
	return NULL;
}

void
wanted_filter(const char *text, struct buf *out)
{
	size_t n = strlen(text);
	while (n > 0 && isspace((unsigned char)text[n - 1]))
		n--;
	for (size_t i = 0; i < n; i++)
		if (text[i] != '\r')
			buf_addc(out, text[i]);
	buf_addc(out, '\n');
}

const char *
wanted_description(struct arena *a, const char *text)
{
	char *out = arena_strdup(a, text);
	char *to = out;
	bool front = true;
	for (; *text != '\0'; text++) {
		bool lf = *text == '\n';
		if (front && isspace((unsigned char)*text) && !(lf && to > out))
			continue;
		bool control = (unsigned char)*text < ' ' && !lf;
		*to++ = (char)(control ? ' ' : *text);
		front = lf;
	}
	while (to > out && isspace((unsigned char)to[-1]))
		to--;
	*to = '\0';
	return out;
}

static int
check_filter(const struct conf *c, const struct conf_profile *cp,
    const struct conf_channel *cc, struct err *err)
{
	struct filter_error fe;
	struct filter_options o;
	if (profile_filter_options(c, &o, err) == -1)
		return -1;
	struct filter *f =
	    filter_parse_with(cc->filter, strlen(cc->filter), &o, &fe);
	geo_free(o.geo);
	if (f == NULL)
		return err_set(err,
		    "%s:%d:%d: profile '%s', channel '%s': filter: %s", c->file,
		    cc->line, cc->column, cp->name, cc->name, fe.message);
	filter_free(f);
	return 0;
}

static bool
any_dynamic(const struct conf *c)
{
	for (size_t i = 0; i < c->n_sources; i++)
		if (c->sources[i].in.dynamic != 0)
			return true;
	return false;
}

static int
set_sources(const struct conf *c, struct profile *p, struct channel *ch,
    const struct conf_channel *cc, struct err *err)
{
	bool all = cc->n_sources == 0 ||
		   (cc->n_sources == 1 && strcmp(cc->sources[0], "*") == 0);
	size_t n = all ? c->n_sources : cc->n_sources;
	/* Who comes by itself belongs to all. */
	if (all && any_dynamic(c)) {
		ch->sources = arena_array(&p->arena, 1, sizeof(*ch->sources));
		ch->sources[0] = "*";
		ch->n_sources = 1;
		return 0;
	}
	ch->sources = arena_array(&p->arena, n + 1, sizeof(*ch->sources));
	for (size_t i = 0; i < n; i++) {
		const char *s = all ? c->sources[i].ident : cc->sources[i];
		if (conf_source_find(c, s) == NULL)
			return err_set(err,
			    "%s:%d:%d: profile '%s', channel '%s': "
			    "source '%s' is not in %%sources",
			    c->file, cc->line, cc->column, p->name, cc->name,
			    s);
		ch->sources[ch->n_sources++] = arena_strdup(&p->arena, s);
	}
	return 0;
}

static int
add_channel(const struct conf *c, struct profile *p,
    const struct conf_channel *cc, const struct profile *old, struct err *err)
{
	const struct channel *before =
	    old != NULL ? profile_find_channel(old, cc->name) : NULL;
	size_t n = p->n_channels;
	struct channel *ch = profile_add_channel(p, cc->name);
	ch->sign = cc->sign == '-' ? '-' : '+';
	ch->order = cc->order;
	ch->color = wanted_colour(n);
	if (cc->col != NULL && cc->col[0] != '\0')
		ch->color = arena_strdup(&p->arena, cc->col);
	else if (before != NULL && before->color[0] != '\0')
		ch->color = arena_strdup(&p->arena, before->color);
	return set_sources(c, p, ch, cc, err);
}

static int
add_channels(const struct conf *c, struct profile *p,
    const struct conf_profile *cp, const struct profile *old, struct err *err)
{
	for (size_t i = 0; i < cp->n_channels; i++)
		if (check_filter(c, cp, &cp->channels[i], err) == -1 ||
		    add_channel(c, p, &cp->channels[i], old, err) == -1)
			return -1;
	profile_renumber(p);
	return 0;
}

static void
keep_times(struct profile *p, const struct profile *old)
{
	p->tbegin = old->tbegin;
	p->tcreate = old->tcreate;
	p->tstart = old->tstart;
	p->tend = old->tend;
	p->updated = old->updated;
	p->size = old->size;
	p->status = arena_strdup(&p->arena, old->status);
}

struct profile *
wanted_profile(const struct conf *c, const struct conf_profile *cp,
    const struct profile *old, struct err *err)
{
	struct profile *p = profile_new(cp->group, cp->name);
	p->description = wanted_description(&p->arena,
	    cp->description != NULL ? cp->description : "");
	p->type = cp->history ? PROFILE_HISTORY : PROFILE_CONTINUOUS;
	if (cp->shadow)
		p->type += PROFILE_SHADOW;
	/* Only flow files expire, and a history is kept as it is. */
	if (!cp->shadow && !cp->history) {
		p->expire = cp->expire_hours;
		p->maxsize = cp->maxsize;
	}
	if (old != NULL)
		keep_times(p, old);
	if (strcmp(cp->group, ".") == 0 && strcmp(cp->name, "live") == 0)
		(void)err_set(err,
		    "%s:%d:%d: profile 'live' is made of %%sources", c->file,
		    cp->line, cp->column);
	else if (add_channels(c, p, cp, old, err) == 0)
		return p;
	profile_free(p);
	return NULL;
}
