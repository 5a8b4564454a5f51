/* nfreplay: recorded flows sent to a collector. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "conf/conf_cli.h"
#include "nffile/nffile.h"
#include "query/replay.h"
#include "query/skipped.h"
#include "query/tool.h"

/* ---- sending --------------------------------------------------------------------- */

static volatile sig_atomic_t stopped;

static void
stop(int sig)
{
	stopped = sig;
}

static void
send_datagram(void *ctx, const uint8_t *data, size_t len, unsigned flows)
{
	struct replay *r = ctx;
	struct err err;
	if (r->failed != 0)
		return;
	if (r->factor == 0 && r->per_flow_ns > 0)
		target_pace(&r->target,
		    (uint64_t)(r->per_flow_ns * (double)flows));
	if (target_send(&r->target, data, len, &err) == 0)
		return;
	tool_say(REPLAY_NAME, err.msg);
	r->failed = 1;
}

/* When the collector that recorded it knew of the flow. */
static uint64_t
recorded_ms(const struct flow *f)
{
	return f->received >= f->last && f->received != 0 ? f->received
							  : f->last;
}

/* What is due later does not keep back what was due before. */
static void
wait_as_recorded(struct replay *r, const struct flow *f)
{
	uint64_t when = recorded_ms(f);
	if (r->begin_ms == 0)
		r->begin_ms = when;
	uint64_t ms = when > r->begin_ms ? when - r->begin_ms : 0;
	uint64_t ns = (uint64_t)((double)ms * 1e6 / r->factor);
	if (target_is_early(r->begin_ns, ns))
		encoder_flush(r->encoder);
	target_wait(&r->begin_ns, ns);
}

static void
take(void *ctx, const struct picked *p)
{
	struct replay *r = ctx;
	for (size_t i = 0; i < p->n && stopped == 0 && r->failed == 0; i++) {
		struct flow f;
		if (!nffile_record_flow(p->b->rec[p->rows[i]], &f))
			continue;
		if (r->factor > 0)
			wait_as_recorded(r, &f);
		if (stopped == 0)
			encoder_flow(r->encoder, &f);
	}
}

/* ---- the run --------------------------------------------------------------------- */

static void
complain(const char *text)
{
	tool_say(REPLAY_NAME, text);
}

static void
catch_signals(void)
{
	struct sigaction sa = { .sa_handler = stop };
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
}

static void
scan_all(struct replay *r, const struct tree_list *files)
{
	scan_init(&r->scan);
	r->scan.filter = r->q->filter;
	r->scan.from_ms = r->q->window.from_ms;
	r->scan.to_ms = r->q->window.to_ms;
	r->scan.limit = r->q->limit;
	scan_add_sink(&r->scan,
	    &(struct scan_sink){ .ctx = r, .ordered = true, .take = take });
	/* File by file: one that is asked to stop stops soon. */
	for (size_t i = 0; i < files->n && stopped == 0 && r->failed == 0;
	     i++) {
		struct tree_list one = { .files = &files->files[i], .n = 1 };
		if (r->q->limit != 0 && r->scan.passed >= r->q->limit)
			break;
		scan_run(&r->scan, &one, complain);
	}
	encoder_flush(r->encoder);
}

static int
replay(struct replay *r)
{
	struct tree_list files;
	struct err err;
	if (tree_find(&r->q->files, &r->q->arena, &files, &err) == -1 ||
	    target_open(&r->target, &r->to, &err) == -1) {
		tool_say(REPLAY_NAME, err.msg);
		return TOOL_FAILED;
	}
	for (size_t i = 0; i < files.n_missing; i++)
		(void)fprintf(stderr, REPLAY_NAME ": %s: no such flow files\n",
		    files.missing[i]);
	r->encode.datagram = (size_t)r->mtu - target_headers(&r->target);
	r->encoder = encoder_new(&r->encode, send_datagram, r);
	catch_signals();
	scan_all(r, &files);
	skipped_say(&r->scan);
	replay_say(r);
	encoder_free(r->encoder);
	target_close(&r->target);
	if (r->failed != 0 || stopped != 0)
		return TOOL_FAILED;
	return r->scan.failed != 0 || r->scan.damaged != 0 ? TOOL_PARTLY : 0;
}

static int
start(struct replay *r, int argc, char **argv)
{
	struct err err;
	int status;
	if (replay_options(r, argc, argv, &status, &err) == -1) {
		tool_say(REPLAY_NAME, err.msg);
		return status;
	}
	if (r->help) {
		(void)fputs(replay_usage, stdout);
		return 0;
	}
	if (r->version) {
		(void)printf(REPLAY_NAME ": Version: %s\n", conf_cli_release());
		return 0;
	}
	return replay(r);
}

int
tool_replay(int argc, char **argv)
{
	struct options q = { .order = -1 };
	struct replay r = { .encode = { .version = 9,
				.template_every = REPLAY_EVERY },
		.to = { .host = "127.0.0.1",
		    .port = "9995",
		    .family = AF_UNSPEC },
		.mtu = REPLAY_MTU,
		.per_flow_ns = 1000,
		.q = &q };
	r.query[r.n_query++] = argv[0];
	int status = start(&r, argc, argv);
	options_free(&q);
	return status;
}
