#include "profile/export.h"

#include <string.h>

#include "profile/internal.h"

struct exporter {
	const struct conf *c;
	const struct profile *p;
	struct arena arena;
	struct conf_profile cp;
	struct buf *out; /* comments; then the text */
	struct err *err;
};

/* ---- a channel --------------------------------------------------------------------- */

static bool
reads_all(const struct channel *ch)
{
	return ch->n_sources == 0 ||
	       (ch->n_sources == 1 && strcmp(ch->sources[0], "*") == 0);
}

/* None in config's list means all; so all is none, and none is no list. */
static int
take_sources(struct exporter *x, const struct channel *ch,
    struct conf_channel *cc)
{
	if (reads_all(ch))
		return 0;
	cc->sources =
	    arena_array(&x->arena, ch->n_sources, sizeof(*cc->sources));
	for (size_t i = 0; i < ch->n_sources; i++) {
		if (conf_source_find(x->c, ch->sources[i]) != NULL)
			cc->sources[cc->n_sources++] = ch->sources[i];
		else
			buf_printf(x->out,
			    "    # channel '%s': source '%s' is not in "
			    "%%sources any more\n",
			    ch->name, ch->sources[i]);
	}
	if (cc->n_sources == 0)
		return err_set(x->err,
		    "channel '%s': none of its sources is in %%sources",
		    ch->name);
	return 0;
}

/* As config has it: without the line feed that the file ends in. */
static int
take_filter(struct exporter *x, const struct channel *ch,
    struct conf_channel *cc)
{
	struct buf text = BUF_EMPTY;
	int rc = profile_filter_read(x->c, x->p, ch->name, &text, x->err);
	if (rc == 0) {
		size_t n = text.len;
		while (n > 0 && text.data[n - 1] == '\n')
			n--;
		cc->filter = arena_strndup(&x->arena, buf_str(&text), n);
	}
	buf_free(&text);
	return rc;
}

static int
take_channel(struct exporter *x, const struct channel *ch)
{
	struct conf_channel *cc = &x->cp.channels[x->cp.n_channels++];
	if (!conf_channel_name_ok(ch->name))
		return err_set(x->err,
		    "channel '%s': config takes names of [a-zA-Z0-9_-] only",
		    ch->name);
	*cc = (struct conf_channel){ .name = ch->name,
		.col = conf_colour_ok(ch->color) ? ch->color : NULL,
		.sign = ch->sign,
		.order = ch->order };
	if (take_sources(x, ch, cc) == -1)
		return -1;
	return take_filter(x, ch, cc);
}

/* In the order they are numbered, upwards first. */
static int
take_channels(struct exporter *x)
{
	const struct profile *p = x->p;
	size_t *order = arena_array(&x->arena, p->n_channels, sizeof(*order));
	x->cp.channels =
	    arena_array(&x->arena, p->n_channels, sizeof(*x->cp.channels));
	profile_draw_order(p, order);
	size_t plus = 0;
	while (plus < p->n_channels && p->channels[order[plus]].sign != '-')
		plus++;
	for (size_t i = 0; i < p->n_channels; i++) {
		size_t at = i < plus ? plus - 1 - i : i;
		if (take_channel(x, &p->channels[order[at]]) == -1)
			return -1;
	}
	return 0;
}

/* ---- the profile ----------------------------------------------------------------------- */

static int
check(const struct profile *p, struct err *err)
{
	int kind = p->type & ~PROFILE_SHADOW;
	if (kind == PROFILE_LIVE)
		return err_set(err, "profile 'live' is made of %%sources");
	if (p->n_channels == 0)
		return err_set(err,
		    "profile '%s' has no channels, and config takes none "
		    "without",
		    p->name);
	if (!conf_name_ok(p->name, CONF_NAME_MAX) ||
	    (strcmp(p->group, ".") != 0 &&
		!conf_name_ok(p->group, CONF_NAME_MAX)))
		return err_set(err,
		    "profile '%s': config takes names of [a-zA-Z0-9+_-] only",
		    p->name);
	return 0;
}

static void
take_profile(struct exporter *x)
{
	const struct profile *p = x->p;
	struct conf_profile *cp = &x->cp;
	bool history = (p->type & ~PROFILE_SHADOW) == PROFILE_HISTORY;
	bool shadow = (p->type & PROFILE_SHADOW) != 0;
	*cp = (struct conf_profile){ .group = p->group,
		.name = p->name,
		.description = p->description,
		.history = history,
		.shadow = shadow,
		.tstart = p->tstart,
		.tend = history ? p->tend : 0 };
	/* They have no effect elsewhere. */
	if (!history && !shadow) {
		cp->expire_hours = p->expire;
		cp->maxsize = p->maxsize;
	}
}

int
export_config(const struct conf *c, const struct profile *p, struct buf *out,
    struct err *err)
{
	struct exporter x = { .c = c, .p = p, .out = out, .err = err };
	size_t before = out->len;
	int rc = check(p, err);
	if (rc == 0) {
		take_profile(&x);
		rc = take_channels(&x);
	}
	if (rc == 0)
		conf_print_profile(&x.cp, c->cycletime, out);
	else
		out->len = before;
	arena_free(&x.arena);
	return rc;
}
