/*
 * get-ring: the newest past of channels out of memory (ring.h).  One channel
 * by seconds or ten of them, or the sums of many channels over some seconds.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "profiler/cmd.h"

#define SETTLED_S 2 /* what is older has been read: sums do not grow any more */
#define SUM_S     10

struct window {
	int64_t from, to, step;
};

static const char *
numbers(char *text, size_t size, const struct counters *c)
{
	const uint64_t *const rows[] = { c->flows, c->packets, c->bytes };
	size_t len = 0;
	for (int i = 0; i < 3 * CLASS_MAX; i++)
		len += (size_t)snprintf(text + len, size - len,
		    i == 0 ? "%" PRIu64 : " %" PRIu64,
		    rows[i / CLASS_MAX][i % CLASS_MAX]);
	return text;
}
#define NUMBERS_MAX (3 * CLASS_MAX * 21)

/* ---- what is asked ---------------------------------------------------------------- */

/* A whole number; what is not sent stays as it is. */
static int
take_number(struct cmd *c, const char *key, int64_t least, int64_t most,
    int64_t *n)
{
	const char *text = cmd_arg(c, key);
	char *end;
	if (text == NULL)
		return 0;
	long long v = strtoll(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || v < least || v > most)
		return err_set(&c->err,
		    "%s '%.40s' is no number from %" PRId64 " to %" PRId64, key,
		    text, least, most);
	*n = v;
	return 0;
}

static int
take_window(struct cmd *c, bool sums, struct window *w)
{
	int64_t now = (int64_t)time(NULL);
	int64_t seconds = 0;
	w->step = 1;
	if (take_number(c, "step", 1, RING_STEP, &w->step) == -1)
		return -1;
	if (w->step != 1 && (w->step != RING_STEP || sums))
		return err_set(&c->err, "step is 1%s",
		    sums ? " for sums" : " or 10");
	if (take_number(c, "seconds", 1, RING_FINE, &seconds) == -1)
		return -1;
	if (sums && seconds == 0)
		seconds = SUM_S;
	w->to = seconds != 0 ? now - SETTLED_S : now + 1;
	w->from = w->step == 1 ? w->to - RING_FINE : w->to - RING_COARSE;
	if (seconds != 0)
		w->from = w->to - seconds;
	if (take_number(c, "from", 0, INT64_MAX / 1000, &w->from) == -1 ||
	    take_number(c, "to", 0, INT64_MAX / 1000, &w->to) == -1)
		return -1;
	return w->from > w->to ? err_set(&c->err, "from is after to") : 0;
}

static void
add_window(struct cmd *c, const struct window *w)
{
	ctl_reply_add(c->reply, "from", "%" PRId64, w->from);
	ctl_reply_add(c->reply, "to", "%" PRId64, w->to);
	ctl_reply_add(c->reply, "step", "%" PRId64, w->step);
}

/* ---- one channel ----------------------------------------------------------------- */

static void
add_cell(void *ctx, int64_t second, const struct counters *sum)
{
	char text[NUMBERS_MAX];
	ctl_reply_add_array(ctx, "ring", "%" PRId64 " %s", second,
	    numbers(text, sizeof(text), sum));
}

static void
one_channel(struct cmd *c, const char *name, struct window *w)
{
	const struct ring *ring = c->p->ring;
	size_t i = ring_find(ring, name);
	if (i == ring_count(ring)) {
		ctl_reply_err(c->reply, "channel '%s' is not followed", name);
		return;
	}
	struct ring_span known = ring_known(ring, i, w->step);
	add_window(c, w);
	ctl_reply_add(c->reply, "known_from", "%" PRId64, known.from);
	ctl_reply_add(c->reply, "known_to", "%" PRId64, known.to);
	ring_each(ring, i, w->from, w->to, w->step, add_cell, c->reply);
	ctl_reply_ok(c->reply, "ring");
}

/* ---- sums of many ----------------------------------------------------------------- */

static void
sums(struct cmd *c, const char *prefix, const struct window *w)
{
	const struct ring *ring = c->p->ring;
	char text[NUMBERS_MAX];
	add_window(c, w);
	for (size_t i = 0; i < ring_count(ring); i++) {
		if (strncmp(ring_name(ring, i), prefix, strlen(prefix)) != 0)
			continue;
		struct counters sum = ring_sum(ring, i, w->from, w->to);
		ctl_reply_add_array(c->reply, "sum", "%s %s",
		    ring_name(ring, i), numbers(text, sizeof(text), &sum));
	}
	ctl_reply_ok(c->reply, "sums");
}

static void
get_ring(struct cmd *c)
{
	struct window w;
	const char *channel = NULL;
	struct profile *p = NULL;
	bool all = cmd_arg(c, "profile") == NULL;
	if (!all && (p = cmd_load_profile(c, &channel)) == NULL)
		return;
	bool many = channel == NULL || channel[0] == '\0';
	if (all && cmd_arg(c, "channel") != NULL)
		ctl_reply_err(c->reply, "channel without a profile");
	else if (take_window(c, many, &w) == -1)
		cmd_fail(c);
	else if (many)
		sums(c,
		    all ? ""
			: arena_printf(&c->arena, "%s/%s/", p->group, p->name),
		    &w);
	else
		one_channel(c,
		    arena_printf(&c->arena, "%s/%s/%s", p->group, p->name,
			channel),
		    &w);
	profile_free(p);
}

const struct cmd_entry cmd_ring[] = {
	{ "get-ring", get_ring },
	{ NULL, NULL },
};
