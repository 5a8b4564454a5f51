/*
 * Commands on a whole profile that take their time: rebuild and expiry, by
 * the profiler's background children.  The reply comes when they are done; a
 * client that leaves does not end them.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "profiler/build.h"
#include "profiler/cmd.h"

#define TELL_EVERY 10 /* per cent */

/* Who waits for the end of the work. */
struct waiting {
	struct profiler *p;
	struct ctl_stream *stream;
	char *name;
	const char *done; /* behind OK */
	int next;         /* per cent that are told next */
};

static void
waiting_free(struct waiting *w)
{
	free(w->name);
	free(w);
}

static void
on_gone(void *ctx)
{
	struct waiting *w = ctx;
	build_unlisten(w->p, w);
	waiting_free(w);
}

static void
on_progress(void *ctx, double percent)
{
	struct waiting *w = ctx;
	struct ctl_reply line = { 0 };
	for (; w->next <= percent && w->next <= 100; w->next += TELL_EVERY)
		ctl_reply_note(&line,
		    "info Rebuilding Profile '%s': Completed: %d.0%%%%",
		    w->name, w->next);
	if (line.data.len != 0)
		ctl_stream_add(w->stream, line.data.data, line.data.len);
	ctl_reply_free(&line);
}

static void
on_done(void *ctx, int rc, const char *text)
{
	struct waiting *w = ctx;
	struct ctl_reply last = { 0 };
	if (rc == -1)
		ctl_reply_err(&last, "%s", text);
	else
		ctl_reply_ok(&last, "%s", w->done);
	ctl_stream_end(w->stream, &last);
	waiting_free(w);
}

static void
begin(struct cmd *c, enum build_kind kind, const char *done)
{
	struct profile_id id;
	if (ops_find_profile(c->p->conf, &c->ops, &c->arena, &id, &c->err) ==
	    -1) {
		cmd_fail(c);
		return;
	}
	struct waiting *w = mem_calloc(1, sizeof(*w));
	*w = (struct waiting){ .p = c->p,
		.name = mem_strdup(id.name),
		.done = done,
		.next = TELL_EVERY };
	const struct build_listener l = {
		.progress = kind == BUILD_RRDS ? on_progress : NULL,
		.done = on_done,
		.ctx = w,
	};
	/* Without a client there is nobody to tell. */
	if (c->reply->stream == NULL)
		(void)err_set(&c->err, "no client waits for it");
	else if (build_begin(c->p, kind, id.group, id.name, &l, NULL,
		     &c->err) == 0) {
		w->stream = ctl_reply_later(c->reply, on_gone, w);
		return;
	}
	cmd_fail(c);
	waiting_free(w);
}

static void
rebuild(struct cmd *c)
{
	begin(c, cmd_flag(c, "all") ? BUILD_RRDS : BUILD_STATS,
	    "profile rebuilt");
}

static void
expire(struct cmd *c)
{
	begin(c, BUILD_EXPIRE, "profile expired");
}

const struct cmd_entry cmd_build[] = {
	{ "rebuild-profile", rebuild },
	{ "expire-profile", expire },
	{ NULL, NULL },
};
