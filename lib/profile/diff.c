/* What differs between a profile of the tree and the one config wants. */
#include <string.h>

#include "base/file.h"
#include "profile/internal.h"

#define WHAT_MAX 1000 /* bytes of words; what does not fit is counted */

struct words {
	struct buf *out;
	size_t more;
};

static void
word(struct words *w, const char *what)
{
	if (w->out->len + strlen(what) > WHAT_MAX) {
		w->more++;
		return;
	}
	if (w->out->len > 0)
		buf_adds(w->out, ", ");
	buf_adds(w->out, what);
}

bool
diff_same_sources(const struct channel *a, const struct channel *b)
{
	if (a->n_sources != b->n_sources)
		return false;
	/* Sets: NfSen writes them in any order. */
	for (size_t i = 0; i < a->n_sources; i++) {
		size_t k = 0;
		while (k < b->n_sources &&
		       strcmp(a->sources[i], b->sources[k]) != 0)
			k++;
		if (k == b->n_sources)
			return false;
	}
	return true;
}

bool
diff_files_missing(const struct conf *c, const struct profile *p,
    const struct channel *ch)
{
	char path[FILE_PATH_MAX];
	return !profile_rrd_path(c, p, ch->name, path) || !file_exists(path) ||
	       !profile_data_path(c, p->group, p->name, ch->name, path) ||
	       !file_exists(path);
}

int
diff_filter(const struct conf *c, const struct profile *p,
    const struct conf_channel *cc, struct err *err)
{
	struct buf have = BUF_EMPTY;
	struct buf is = BUF_EMPTY;
	struct buf want = BUF_EMPTY;
	if (!profile_has_filter(c, p, cc->name))
		return 1;
	int rc = profile_filter_read(c, p, cc->name, &have, err);
	wanted_filter(buf_str(&have), &is);
	wanted_filter(cc->filter, &want);
	if (rc == 0)
		rc = strcmp(buf_str(&is), buf_str(&want)) != 0;
	buf_free(&have);
	buf_free(&is);
	buf_free(&want);
	return rc;
}

static int
diff_channel(const struct conf *c, const struct profile *p,
    const struct channel *a, const struct channel *b,
    const struct conf_channel *cc, struct buf *out, struct err *err)
{
	int filter = diff_filter(c, p, cc, err);
	if (filter == -1)
		return -1;
	size_t n = out->len;
	buf_adds(out, filter ? " filter" : "");
	buf_adds(out, diff_same_sources(a, b) ? "" : " sources");
	buf_adds(out, strcmp(a->color, b->color) != 0 ? " colour" : "");
	buf_adds(out, a->sign != b->sign ? " sign" : "");
	buf_adds(out, a->order != b->order ? " order" : "");
	buf_adds(out, diff_files_missing(c, p, a) ? " files missing" : "");
	return out->len > n;
}

static int
diff_channels(const struct conf *c, const struct profile *have,
    const struct profile *want, const struct conf_profile *cp, struct words *w,
    struct err *err)
{
	struct buf text = BUF_EMPTY;
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < want->n_channels; i++) {
		const struct channel *b = &want->channels[i];
		const struct channel *a = profile_find_channel(have, b->name);
		buf_clear(&text);
		buf_printf(&text, "channel %s:", b->name);
		if (a == NULL)
			buf_adds(&text, " added");
		rc = a == NULL ? 1
			       : diff_channel(c, have, a, b,
				     wanted_channel(cp, b->name), &text, err);
		if (rc == 1)
			word(w, buf_str(&text));
	}
	for (size_t i = 0; i < have->n_channels; i++) {
		const char *name = have->channels[i].name;
		if (profile_find_channel(want, name) != NULL)
			continue;
		buf_clear(&text);
		buf_printf(&text, "channel %s: removed", name);
		word(w, buf_str(&text));
	}
	buf_free(&text);
	return rc < 0 ? -1 : 0;
}

/*
 * A history that nobody has built yet may still get another window; its end
 * is never behind live's.
 */
static bool
window_differs(const struct profile *have, const struct conf_profile *cp)
{
	return cp->history && strcmp(have->status, "new") == 0 &&
	       (have->tstart != cp->tstart || have->tend > cp->tend);
}

/* Blanks that config cannot say are no difference. */
static bool
description_differs(const struct profile *have, const struct profile *want)
{
	struct arena a = ARENA_EMPTY;
	bool differs = strcmp(wanted_description(&a, have->description),
			   want->description) != 0;
	arena_free(&a);
	return differs;
}

int
diff_profile(const struct conf *c, const struct profile *have,
    const struct profile *want, const struct conf_profile *cp, struct buf *what,
    struct err *err)
{
	struct words w = { .out = what };
	if (have->type != want->type)
		word(&w, "type");
	if (description_differs(have, want))
		word(&w, "description");
	/* Elsewhere they have no effect, whatever the file says. */
	bool expires = want->type == PROFILE_CONTINUOUS;
	if (expires && have->expire != want->expire)
		word(&w, "expire");
	if (expires && have->maxsize != want->maxsize)
		word(&w, "maxsize");
	if (window_differs(have, cp))
		word(&w, "window");
	if (diff_channels(c, have, want, cp, &w, err) == -1)
		return -1;
	if (w.more > 0)
		buf_printf(what, ", and %zu more", w.more);
	return 0;
}
