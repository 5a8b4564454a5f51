#include "ctl/peer.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ctl/sock.h"

static void
flush(struct ctl_stream *p)
{
	if (p->out.len != 0 && !ctl_sock_send(p->fd, &p->out))
		p->broken = true;
}

void
ctl_peer_open(struct ctl_stream *p, const struct ctl_service *s, int fd,
    const char *greeting, int64_t now_ms)
{
	*p = (struct ctl_stream){
		.fd = fd,
		.since_ms = now_ms,
		.begun_ms = now_ms,
		.talk.timeout_ms = s->idle_ms,
	};
	buf_printf(&p->out, "220 %lld %s\n", (long long)time(NULL), greeting);
	flush(p);
}

void
ctl_peer_close(struct ctl_stream *p)
{
	void (*gone)(void *) = p->busy ? p->gone : NULL;
	void *ctx = p->gone_ctx;
	if (p->fd != -1)
		(void)close(p->fd);
	buf_free(&p->in);
	buf_free(&p->out);
	*p = (struct ctl_stream){ .fd = -1 };
	if (gone != NULL)
		gone(ctx);
}

short
ctl_peer_events(const struct ctl_stream *p)
{
	/* Who does not fetch replies gets no more requests in. */
	if (p->out.len != 0)
		return POLLOUT;
	/* A hangup is told unasked. */
	return p->busy || p->eof ? 0 : POLLIN;
}

/* ---- replies ---------------------------------------------------------------- */

/*
 * A reply without an own status is an OK.  Without a frame there is none,
 * but what went wrong is said also then, as a frame of its own.
 */
static void
answer(struct ctl_stream *p, struct ctl_reply *reply)
{
	bool failed = strncmp(buf_str(&reply->status), "ERR", 3) == 0;
	p->raw |= reply->raw;
	if (!p->raw || !failed)
		buf_add(&p->out, buf_str(&reply->data), reply->data.len);
	if (!p->raw || failed) {
		buf_adds(&p->out, ".\n");
		buf_adds(&p->out,
		    reply->status.len != 0 ? reply->status.data : "OK");
		buf_addc(&p->out, '\n');
	}
	if (p->binary)
		p->closing = true;
	p->binary = p->raw = false;
	ctl_reply_free(reply);
}

static void
refuse(struct ctl_stream *p, const char *text)
{
	struct ctl_reply reply = { 0 };
	ctl_reply_err(&reply, "%s", text);
	answer(p, &reply);
}

struct ctl_stream *
ctl_reply_later(struct ctl_reply *r, void (*gone)(void *), void *ctx)
{
	struct ctl_stream *p = r->stream;
	if (p == NULL)
		return NULL;
	r->later = true;
	p->busy = true;
	p->gone = gone;
	p->gone_ctx = ctx;
	p->raw = r->raw;
	buf_add(&p->out, buf_str(&r->data), r->data.len);
	ctl_reply_free(r);
	r->later = true;
	return p;
}

void
ctl_stream_add(struct ctl_stream *s, const void *data, size_t n)
{
	if (s->broken)
		return;
	buf_add(&s->out, data, n);
	flush(s);
}

bool
ctl_stream_full(const struct ctl_stream *s)
{
	return s->out.len >= CTL_STREAM_ROOM;
}

void
ctl_stream_end(struct ctl_stream *s, struct ctl_reply *last)
{
	s->busy = false;
	answer(s, last);
	if (!s->broken)
		flush(s);
}

/* ---- requests ----------------------------------------------------------------- */

static void
command(struct ctl_stream *p, const struct ctl_service *s,
    struct ctl_request *req)
{
	struct ctl_reply reply = { .stream = p };
	struct err err;
	bool echo = s->known != NULL && !p->talk.silent && !req->binary;
	p->binary = req->binary;
	if (echo)
		ctl_request_echo_command(req, &p->out);
	if (ctl_request_quits(req)) {
		ctl_reply_ok(&reply, "Bye Bye");
		p->closing = true;
	} else if (s->known != NULL && !s->known(s->ctx, req->command))
		ctl_reply_err(&reply, "Command unknown: '%s'", req->command);
	else if (ctl_request_args(req, &err) == -1)
		ctl_reply_err(&reply, "%s", err.msg);
	else {
		if (echo)
			ctl_request_echo_args(req, &p->out);
		s->handler(s->ctx, req, &reply);
	}
	if (!reply.later)
		answer(p, &reply);
}

static void
handle(struct ctl_stream *p, const struct ctl_service *s, size_t len)
{
	struct ctl_request req;
	struct ctl_reply reply = { 0 };
	enum ctl_kind kind;
	struct buf info = BUF_EMPTY;
	struct err err;
	if (ctl_request_read(&req, &p->talk, p->in.data, len, &kind, &info,
		&err) == -1) {
		refuse(p, err.msg);
		return;
	}
	if (s->known != NULL && !req.binary)
		buf_add(&p->out, buf_str(&info), info.len);
	buf_free(&info);
	if (kind == CTL_EMPTY) {
		ctl_reply_ok(&reply, "I'm here");
		answer(p, &reply);
	} else if (kind == CTL_BLANK) {
		ctl_reply_err(&reply, "Failed to decode line '%s'",
		    req.command);
		answer(p, &reply);
		p->closing = true;
	} else if (kind == CTL_COMMAND)
		command(p, s, &req);
	ctl_request_free(&req);
}

/* The part of a request that is there grows too large or ends too late. */
static bool
over_limits(struct ctl_stream *p)
{
	if (p->in.len > CTL_REQUEST_MAX)
		refuse(p, "request too long");
	else if (p->in.len - p->lines > CTL_LINE_MAX)
		refuse(p, "line too long");
	else
		return false;
	p->closing = true;
	return true;
}

/* One request at a time; the next when the reply has been taken. */
static void
handle_next(struct ctl_stream *p, const struct ctl_service *s, int64_t now)
{
	while (!p->broken && !p->busy && p->out.len == 0 && !p->closing) {
		size_t len =
		    ctl_request_end(buf_str(&p->in), p->in.len, &p->scan);
		if (len == 0) {
			if (over_limits(p))
				flush(p);
			return;
		}
		if (len > CTL_REQUEST_MAX) {
			refuse(p, "request too long");
			p->closing = true;
		} else
			handle(p, s, len);
		buf_drop(&p->in, len);
		p->scan = 0;
		p->lines = p->lines > len ? p->lines - len : 0;
		p->since_ms = p->begun_ms = now;
		flush(p);
	}
}

/* ---- the connection ------------------------------------------------------------- */

static void
receive(struct ctl_stream *p, int64_t now)
{
	char tmp[16384];
	ssize_t n = recv(p->fd, tmp, sizeof(tmp), 0);
	if (n == 0)
		p->eof = true;
	if (n == -1 && errno != EAGAIN && errno != EINTR)
		p->broken = true;
	if (n <= 0)
		return;
	if (p->in.len == 0)
		p->begun_ms = now;
	buf_add(&p->in, tmp, (size_t)n);
	const char *lf = memrchr(tmp, '\n', (size_t)n);
	if (lf != NULL) {
		p->lines = p->in.len - (size_t)(tmp + n - (lf + 1));
		p->since_ms = now;
	}
}

/* Nothing complete is there and nothing more will come. */
static void
end_of_input(struct ctl_stream *p, const struct ctl_service *s)
{
	if (p->busy || p->closing || p->out.len != 0)
		return;
	p->closing = true;
	if (p->in.len == 0 || s->known == NULL)
		return;
	struct ctl_reply reply = { 0 };
	ctl_reply_ok(&reply, "Failed to read from socket: connection closed");
	answer(p, &reply);
	flush(p);
}

static void
check_time(struct ctl_stream *p, const struct ctl_service *s, int64_t now)
{
	if (p->out.len != 0) {
		/* A small limit, of a test, holds for this as well. */
		int64_t max =
		    s->idle_ms < CTL_IDLE_MS ? s->idle_ms : CTL_STUCK_MS;
		p->broken |= now - p->since_ms > max;
		return;
	}
	if (p->busy || p->closing)
		return;
	if (now - p->since_ms <= p->talk.timeout_ms &&
	    (p->in.len == 0 || now - p->begun_ms <= p->talk.timeout_ms ||
		now - p->begun_ms <= CTL_LINES_MS))
		return;
	struct ctl_reply reply = { 0 };
	p->closing = true;
	if (s->known == NULL)
		return;
	ctl_reply_ok(&reply, "Timeout reading from socket!");
	answer(p, &reply);
	flush(p);
}

void
ctl_peer_run(struct ctl_stream *p, const struct ctl_service *s, short revents,
    int64_t now_ms)
{
	size_t before = p->out.len;
	if ((revents & POLLOUT) != 0) {
		flush(p);
		if (p->out.len != before)
			p->since_ms = now_ms;
	} else if (revents != 0) {
		/* A hangup while busy: nobody waits for the reply. */
		if (p->busy || p->eof)
			p->broken |= (revents & (POLLHUP | POLLERR)) != 0;
		else
			receive(p, now_ms);
	}
	handle_next(p, s, now_ms);
	if (p->eof)
		end_of_input(p, s);
	check_time(p, s, now_ms);
	if (p->broken || (p->closing && !p->busy && p->out.len == 0))
		ctl_peer_close(p);
}
