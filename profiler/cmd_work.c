#include "profiler/cmd_work.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/log.h"
#include "base/mem.h"

#define LINE_MAX_SENT 60000 /* pages read lines of 64 KiB */

struct work {
	struct ctl_stream *stream;
	struct runner_job *job;
	struct work_plan plan;
	struct buf out; /* collected, or a line without its end yet */
};

static void
work_free(struct work *w)
{
	buf_free(&w->out);
	free(w->plan.note);
	free(w);
}

/* ---- output ----------------------------------------------------------------- */

static void
send_line(struct work *w, const char *line, size_t n, struct buf *to)
{
	buf_adds(to, w->plan.prefix);
	for (size_t i = 0; i < n; i++)
		buf_addc(to, line[i] != '\0' ? line[i] : ' ');
	buf_addc(to, '\n');
}

/* Whole lines go out; one that is too long for clients is cut in pieces. */
static void
send_lines(struct work *w, bool also_rest)
{
	struct buf to = BUF_EMPTY;
	const char *p = buf_str(&w->out), *end = p + w->out.len;
	while (p < end) {
		size_t left = (size_t)(end - p);
		const char *lf = memchr(p, '\n', left);
		size_t n = lf != NULL ? (size_t)(lf - p) : left;
		if (n > LINE_MAX_SENT)
			lf = NULL, n = LINE_MAX_SENT;
		else if (lf == NULL && !also_rest)
			break;
		send_line(w, p, n, &to);
		p += n + (lf != NULL);
	}
	buf_drop(&w->out, (size_t)(p - buf_str(&w->out)));
	ctl_stream_add(w->stream, buf_str(&to), to.len);
	buf_free(&to);
}

static void
on_output(void *ctx, const char *data, size_t n)
{
	struct work *w = ctx;
	buf_add(&w->out, data, n);
	if (w->plan.prefix != NULL)
		send_lines(w, false);
}

static bool
on_full(void *ctx)
{
	const struct work *w = ctx;
	return w->plan.prefix != NULL && ctl_stream_full(w->stream);
}

/* ---- ends -------------------------------------------------------------------- */

static void
on_ended(void *ctx, enum runner_how how, int status)
{
	struct work *w = ctx;
	struct ctl_reply last = { 0 };
	if (w->plan.prefix != NULL)
		send_lines(w, true);
	const struct work_end e = {
		.how = how,
		.status = status,
		.out = buf_str(&w->out),
		.len = w->out.len,
		.seconds = w->plan.spec.seconds,
		.note = w->plan.note,
	};
	w->plan.end(&e, &last);
	ctl_stream_end(w->stream, &last);
	work_free(w);
}

static void
on_gone(void *ctx)
{
	struct work *w = ctx;
	log_debug("a client has left: its work is ended");
	runner_cancel(w->job);
	work_free(w);
}

void
cmd_work(struct cmd *c, const struct work_plan *plan)
{
	struct work *w = mem_calloc(1, sizeof(*w));
	const struct runner_events events = { on_output, on_full, on_ended, w };
	w->plan = *plan;
	if (c->p->runner == NULL || c->reply->stream == NULL)
		(void)err_set(&c->err, "nobody is there to do it");
	else
		w->job =
		    runner_start(c->p->runner, &plan->spec, &events, &c->err);
	if (w->job == NULL) {
		cmd_fail(c);
		work_free(w);
		return;
	}
	w->stream = ctl_reply_later(c->reply, on_gone, w);
}

bool
work_failed(const struct work_end *e, struct ctl_reply *reply)
{
	if (e->how == RUNNER_TIME)
		ctl_reply_err(reply, "stopped: it took longer than %u seconds",
		    e->seconds);
	else if (e->how == RUNNER_OUTPUT)
		ctl_reply_err(reply, "stopped: too much output");
	else if (e->how == RUNNER_LOST)
		ctl_reply_err(reply, "the process that did it is gone");
	else if (WIFSIGNALED(e->status))
		ctl_reply_err(reply, "the process that did it died: signal %d",
		    WTERMSIG(e->status));
	else
		return false;
	return true;
}

void
work_end_lines(const struct work_end *e, struct ctl_reply *reply)
{
	size_t n = e->len;
	if (work_failed(e, reply))
		return;
	while (n > 0 && e->out[n - 1] == '\n')
		n--;
	size_t from = n;
	while (from > 0 && e->out[from - 1] != '\n')
		from--;
	const char *last = e->out + from;
	if (n - from > 3 && memcmp(last, "OK ", 3) == 0) {
		buf_add(&reply->data, e->out, from);
		ctl_reply_ok(reply, "%.*s", (int)(n - from - 3), last + 3);
	} else if (n - from > 4 && memcmp(last, "ERR ", 4) == 0)
		ctl_reply_err(reply, "%.*s", (int)(n - from - 4), last + 4);
	else
		ctl_reply_err(reply, "no result: %.*s", (int)(n - from), last);
}
