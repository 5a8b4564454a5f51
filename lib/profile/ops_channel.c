/* Channels come, change and go. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/slot.h"
#include "profile/internal.h"
#include "profile/ops_internal.h"

struct subject {
	const struct conf *c;
	const struct ops_request *r;
	struct arena arena;
	struct profile_id id;
	const char *channel; /* as it was sent, NULL: not */
	struct profile *p;
	struct profile *live;
	struct channel *ch; /* of p; NULL: not there */
};

static int
find(struct subject *s, const struct conf *c, const struct ops_request *r,
    struct err *err)
{
	*s = (struct subject){ .c = c, .r = r };
	return ops_find_channel(c, r, &s->arena, &s->id, &s->channel, err);
}

static int
load(struct subject *s, struct err *err)
{
	static const struct profile_id live_id = { ".", "live" };
	s->p = ops_load(s->c, &s->id, err);
	s->live = s->p != NULL ? ops_load(s->c, &live_id, err) : NULL;
	if (s->live == NULL)
		return -1;
	s->ch = profile_find_channel(s->p, s->channel);
	return 0;
}

static void
end(struct subject *s)
{
	profile_free(s->p);
	profile_free(s->live);
	arena_free(&s->arena);
}

static bool
sign_ok(const char *text)
{
	return strcmp(text, "+") == 0 || strcmp(text, "-") == 0;
}

/* Digits only; what is too large means the last place. */
static bool
order_ok(const char *text, int *order)
{
	if (text[0] == '\0' || strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	long v = strtol(text, NULL, 10);
	*order = errno != 0 || v > INT_MAX ? INT_MAX : (int)v;
	return true;
}

/* ---- add --------------------------------------------------------------------------- */

/* Where live has a channel of this name, it looks the same. */
static void
defaults(const struct subject *s, char *sign, int *order)
{
	const struct channel *same = profile_find_channel(s->live, s->channel);
	s->ch->color = "#abcdef";
	*sign = '+';
	*order = 0;
	if (same == NULL)
		return;
	if (same->color[0] != '\0')
		s->ch->color = arena_strdup(&s->p->arena, same->color);
	*sign = same->sign;
	*order = same->order;
}

/* Colour, sign and place. */
static int
dress(struct subject *s, struct err *err)
{
	const struct ops_request *r = s->r;
	char sign;
	int order;
	defaults(s, &sign, &order);
	if (r->colour != NULL && !conf_colour_ok(r->colour))
		return err_set(err, "colour format error. Use '#dddddd'");
	if (r->sign != NULL && !sign_ok(r->sign))
		return err_set(err, "sign format error. Use '+' or '-'");
	if (r->order != NULL && !order_ok(r->order, &order))
		return err_set(err, "option format error: not a number");
	if (r->colour != NULL)
		s->ch->color = arena_strdup(&s->p->arena, r->colour);
	if (r->sign != NULL)
		sign = r->sign[0];
	ops_place_channel(s->p, s->ch, sign, order);
	return 0;
}

static int
store_new(struct subject *s, const struct buf *filter, int64_t now,
    struct err *err)
{
	struct edit e;
	struct err why;
	int rc = edit_open(&e, s->c, s->p, &why);
	if (rc == 0)
		rc = edit_add_channel(&e, s->channel,
		    ops_next_slot(s->c, s->p, now), filter);
	if (rc == 0)
		rc = edit_commit(&e);
	edit_close(&e);
	if (rc == -1)
		return err_set(err, "Add channel '%s' failed: %s", s->channel,
		    why.msg);
	return 0;
}

static int
add(struct subject *s, int64_t now, struct buf *filter, struct err *err)
{
	if (load(s, err) == -1)
		return -1;
	if (s->ch != NULL)
		return err_set(err, "channel '%s' already exists.", s->channel);
	if (s->p->n_channels >= OPS_CHANNELS_MAX)
		return err_set(err, "Add channel '%s' failed: at most %d",
		    s->channel, OPS_CHANNELS_MAX);
	s->ch = profile_add_channel(s->p, s->channel);
	if (ops_sources(s->live, s->r->sourcelist, s->p, s->ch, err) == -1 ||
	    ops_filter_text(s->c, s->r, filter, err) == -1)
		return -1;
	if (s->p->locked != 0)
		return err_set(err, "Profile is locked!");
	if (dress(s, err) == -1)
		return -1;
	return store_new(s, filter, now, err);
}

int
ops_add_channel(const struct conf *c, const struct ops_request *r, int64_t now,
    struct ops_result *res, struct err *err)
{
	struct subject s = { .c = c };
	struct buf filter = BUF_EMPTY;
	int rc = r->channel == NULL ? err_set(err, "Missing channel name!")
				    : find(&s, c, r, err);
	if (rc == 0 && ops_is_live(&s.id))
		rc = err_set(err,
		    "For profile 'live', add channels in nfsen.conf and run "
		    "nfsen reconfig !");
	if (rc == 0)
		rc = ops_channel_name(s.channel, err);
	if (rc == 0)
		rc = add(&s, now, &filter, err);
	if (rc == 0)
		ops_done(res, &s.id, true, "Channel '%s' added.", s.channel);
	buf_free(&filter);
	end(&s);
	return rc;
}

/* ---- modify --------------------------------------------------------------------------- */

static int
check_live(const struct subject *s, struct err *err)
{
	if (!ops_is_live(&s->id))
		return 0;
	if (s->r->sourcelist != NULL)
		return err_set(err,
		    "Can't modify sourcelist in profile 'live'.");
	if (s->r->filter.given)
		return err_set(err, "Can't modify filter in profile 'live'.");
	return 0;
}

static int
change_place(struct subject *s, struct err *err)
{
	const struct ops_request *r = s->r;
	char sign = s->ch->sign;
	int order = sign == s->ch->sign ? s->ch->order : 0;
	if (r->sign != NULL && !sign_ok(r->sign))
		return err_set(err,
		    "Invalid value for option sign: '%s'. "
		    "Use sign=+ or sign=-",
		    r->sign);
	if (r->sign != NULL && r->sign[0] != sign) {
		sign = r->sign[0];
		order = 0;
	}
	int max = ops_count_sign(s->p, sign) + (sign != s->ch->sign);
	if (r->order != NULL && (!order_ok(r->order, &order) || order > max))
		return err_set(err,
		    "Invalid value for option order: '%s'. Use order=1..%d",
		    r->order, max);
	if (r->sign != NULL || r->order != NULL)
		ops_place_channel(s->p, s->ch, sign, order);
	return 0;
}

static int
change(struct subject *s, struct buf *filter, struct err *err)
{
	const struct ops_request *r = s->r;
	if (r->colour != NULL && !conf_colour_ok(r->colour))
		return err_set(err,
		    "Invalid value for option colour: '%s'. "
		    "Use colour=#aabbcc",
		    r->colour);
	if (r->colour != NULL)
		s->ch->color = arena_strdup(&s->p->arena, r->colour);
	if (change_place(s, err) == -1 || check_live(s, err) == -1)
		return -1;
	if (r->sourcelist != NULL &&
	    ops_sources(s->live, r->sourcelist, s->p, s->ch, err) == -1)
		return -1;
	return r->filter.given ? ops_filter_text(s->c, r, filter, err) : 0;
}

static int
store_changed(struct subject *s, const struct buf *filter, struct err *err)
{
	struct edit e;
	int rc = edit_open(&e, s->c, s->p, err);
	if (rc == 0 && s->r->filter.given)
		rc = edit_filter(&e, s->channel, filter);
	if (rc == 0)
		rc = edit_commit(&e);
	edit_close(&e);
	return rc;
}

static bool
asks_nothing(const struct ops_request *r)
{
	return r->colour == NULL && r->sign == NULL && r->order == NULL &&
	       r->sourcelist == NULL && !r->filter.given;
}

static int
modify(struct subject *s, struct buf *filter, struct ops_result *res,
    struct err *err)
{
	if (load(s, err) == -1)
		return -1;
	if (s->ch == NULL)
		return err_set(err, "channel '%s' does not exists.",
		    s->channel);
	if (change(s, filter, err) == -1)
		return -1;
	if (asks_nothing(s->r)) {
		ops_done(res, &s->id, false, "Nothing modified");
		return 0;
	}
	if (store_changed(s, filter, err) == -1)
		return -1;
	ops_done(res, &s->id, true, "profile modified");
	return 0;
}

int
ops_modify_channel(const struct conf *c, const struct ops_request *r,
    struct ops_result *res, struct err *err)
{
	struct subject s;
	struct buf filter = BUF_EMPTY;
	int rc = find(&s, c, r, err);
	if (rc == 0)
		rc = ops_channel_name(s.channel, err);
	if (rc == 0)
		rc = modify(&s, &filter, res, err);
	buf_free(&filter);
	end(&s);
	return rc;
}

/* ---- delete ------------------------------------------------------------------------------ */

/* Without channels there is nothing to follow, until one comes again. */
static void
stall(struct subject *s)
{
	struct profile *p = s->p;
	p->size = 0;
	if (strcmp(p->status, "new") == 0)
		return;
	p->status = "stalled";
	p->tstart = p->updated;
	p->tend = p->updated;
}

static int
store_without(struct subject *s, struct err *err)
{
	struct edit e;
	int rc = edit_open(&e, s->c, s->p, err);
	if (rc == 0)
		rc = edit_drop_channel(&e, s->channel);
	if (rc == 0) {
		ops_remove_channel(s->p, s->ch);
		if (s->p->n_channels == 0)
			stall(s);
		else if ((s->p->type & PROFILE_SHADOW) == 0)
			profile_account(s->c, s->p);
		rc = edit_commit(&e);
	}
	edit_close(&e);
	return rc;
}

static int
delete_it(struct subject *s, struct err *err)
{
	if (load(s, err) == -1)
		return -1;
	if (s->ch == NULL)
		return err_set(err, "channel '%s' does not exists.",
		    s->channel);
	if (s->p->locked != 0)
		return err_set(err, "Profile is locked!");
	return store_without(s, err);
}

/* A channel of another system may have a name that none may get here. */
static int
check_to_delete(const struct subject *s, struct err *err)
{
	if (s->channel != NULL && s->channel[0] != '\0' && s->channel[0] != '.')
		return 0;
	return ops_channel_name(s->channel, err);
}

int
ops_delete_channel(const struct conf *c, const struct ops_request *r,
    int64_t now, struct ops_result *res, struct err *err)
{
	struct subject s;
	(void)now;
	int rc = find(&s, c, r, err);
	if (rc == 0 && ops_is_live(&s.id))
		rc = err_set(err,
		    "Profile 'live'. Delete channels in nfsen.conf and run "
		    "nfsen reconfig !");
	if (rc == 0)
		rc = check_to_delete(&s, err);
	if (rc == 0)
		rc = delete_it(&s, err);
	if (rc == 0)
		ops_done(res, &s.id, true, "Channel '%s' deleted.", s.channel);
	end(&s);
	return rc;
}
