/* Values of a request, and small things about channels. */
#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/slot.h"
#include "profile/internal.h"
#include "profile/ops_internal.h"

bool
ops_flag(const char *text)
{
	return text != NULL && text[0] != '\0' && strcmp(text, "0") != 0;
}

int
ops_time(const struct conf *c, const char *text, int64_t *when, struct err *err)
{
	if (!slot_parse_iso(text, when) || *when < 0)
		return err_set(err, "Time format wrong '%s'!", text);
	*when = slot_start(*when, c->cycletime);
	return 0;
}

int
ops_expire(const char *text, int64_t *hours, struct err *err)
{
	int64_t v = text != NULL ? conf_parse_expire(text) : 0;
	if (v == -1)
		return err_set(err, "Unknown expire time '%s'", text);
	if (text != NULL)
		*hours = v;
	return 0;
}

int
ops_maxsize(const char *text, uint64_t *bytes, struct err *err)
{
	uint64_t v;
	if (text == NULL)
		return 0;
	if (!conf_parse_size(text, &v))
		return err_set(err, "Unknown max size '%s'", text);
	*bytes = v;
	return 0;
}

/* ---- texts ---------------------------------------------------------------------- */

void
ops_description(const struct ops_request *r, struct profile *p)
{
	const struct buf *b = &r->description.text;
	size_t n = b->len > 0 ? b->len - 1 : 0; /* without the last LF */
	char *text = arena_strndup(&p->arena, buf_str(b), n);
	/* Other control characters would not come back as they are. */
	for (char *s = text; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' && *s != '\n' && *s != '\t')
			*s = ' ';
	p->description = text;
}

int
ops_filter_text(const struct conf *c, const struct ops_request *r,
    struct buf *text, struct err *err)
{
	if (!r->filter.given) {
		buf_adds(text, "not any\n");
		return 0;
	}
	if (ops_check_filter(c, buf_str(&r->filter.text), r->filter.text.len,
		err) == -1)
		return -1;
	buf_add(text, r->filter.text.data, r->filter.text.len);
	return 0;
}

/* ---- channels --------------------------------------------------------------------- */

int
ops_channel_name(const char *name, struct err *err)
{
	const char *why = NULL;
	if (name != NULL && name[0] == '.')
		why = "Name must not start with '.'";
	else if (name == NULL || name[0] == '\0' ||
		 strspn(name,
		     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		     "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(name))
		why = "Invalid name: RRD allowed characters: "
		      "A-Z, a-z, 0-9, -,_ ";
	else if (!conf_channel_name_ok(name))
		why = "Name is too long";
	if (why != NULL)
		return err_set(err, "checking channel name: %s!", why);
	return 0;
}

static bool
reads_already(const struct channel *ch, const char *name)
{
	for (size_t i = 0; i < ch->n_sources; i++)
		if (strcmp(ch->sources[i], name) == 0)
			return true;
	return false;
}

static int
add_source(const struct profile *live, struct profile *p, struct channel *ch,
    const char *name, struct err *err)
{
	if (profile_find_channel(live, name) == NULL)
		return err_set(err,
		    "source '%s' does not exist in profile live", name);
	if (!reads_already(ch, name))
		ch->sources[ch->n_sources++] = arena_strdup(&p->arena, name);
	return 0;
}

int
ops_sources(const struct profile *live, const char *text, struct profile *p,
    struct channel *ch, struct err *err)
{
	ch->n_sources = 0;
	ch->sources =
	    arena_array(&p->arena, live->n_channels + 1, sizeof(*ch->sources));
	for (size_t i = 0; text == NULL && i < live->n_channels; i++)
		ch->sources[ch->n_sources++] =
		    arena_strdup(&p->arena, live->channels[i].name);
	while (text != NULL && *text != '\0') {
		size_t n = strcspn(text, "|");
		if (n > 0 && add_source(live, p, ch,
				 arena_strndup(&p->arena, text, n), err) == -1)
			return -1;
		text += n + (text[n] == '|');
	}
	if (ch->n_sources == 0 && live->n_channels > 0)
		return err_set(err, "source '' does not exist in profile live");
	return 0;
}

int
ops_count_sign(const struct profile *p, char sign)
{
	int n = 0;
	for (size_t i = 0; i < p->n_channels; i++)
		n += p->channels[i].sign == sign;
	return n;
}

void
ops_place_channel(struct profile *p, struct channel *ch, char sign, int order)
{
	/* Out of its list first, then the others of the new one make room. */
	ch->sign = sign;
	ch->order = INT_MAX;
	profile_renumber(p);
	int last = ch->order;
	if (order <= 0 || order > last)
		return;
	for (size_t i = 0; i < p->n_channels; i++)
		if (p->channels[i].sign == sign &&
		    p->channels[i].order >= order)
			p->channels[i].order++;
	ch->order = order;
}

void
ops_remove_channel(struct profile *p, struct channel *ch)
{
	size_t at = (size_t)(ch - p->channels);
	memmove(ch, ch + 1, (p->n_channels - at - 1) * sizeof(*ch));
	p->n_channels--;
	profile_renumber(p);
}

/* ---- the rest ------------------------------------------------------------------------ */

bool
ops_is_live(const struct profile_id *id)
{
	return strcmp(id->group, ".") == 0 && strcmp(id->name, "live") == 0;
}

int
ops_kind(const struct profile *p)
{
	return p->type & ~PROFILE_SHADOW;
}

int64_t
ops_next_slot(const struct conf *c, const struct profile *p, int64_t now)
{
	int64_t slot = slot_start(now, c->cycletime);
	bool runs =
	    strcmp(p->status, "OK") == 0 && ops_kind(p) != PROFILE_HISTORY;
	if (!runs)
		return p->tstart;
	int64_t next = slot_start(p->updated, c->cycletime) + c->cycletime;
	return next < slot ? next : slot;
}

void
ops_done(struct ops_result *res, const struct profile_id *id, bool changed,
    const char *fmt, ...)
{
	va_list ap;
	*res = (struct ops_result){ .changed = changed };
	va_start(ap, fmt);
	(void)vsnprintf(res->text, sizeof(res->text), fmt, ap);
	va_end(ap);
	(void)snprintf(res->group, sizeof(res->group), "%s", id->group);
	(void)snprintf(res->name, sizeof(res->name), "%s", id->name);
}
