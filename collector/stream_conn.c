#include "collector/stream_conn.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURNS 4 /* reads of one connection before the others have theirs */

static const char *const names[STREAM_ENDS] = {
	[STREAM_CLOSED] = "closed",
	[STREAM_CUT] = "cut",
	[STREAM_RESET] = "reset",
	[STREAM_VERSION] = "bad_version",
	[STREAM_LENGTH] = "bad_length",
	[STREAM_TLS] = "tls",
	[STREAM_SLOW] = "slow",
	[STREAM_IDLE] = "idle",
	[STREAM_CROWDED] = "crowded",
	[STREAM_NO_SOURCE] = "no_source",
	[STREAM_CONFIG] = "config",
	[STREAM_STOP] = "stop",
};

const char *
stream_end_name(enum stream_end end)
{
	return names[end];
}

/* ---- reading -------------------------------------------------------------- */

struct put_ctx {
	struct stream_conn *c;
	struct stream_io *io;
};

static void
put_message(void *arg, const uint8_t *p, size_t len)
{
	const struct put_ctx *x = arg;
	struct ring_head h = {
		.len = (uint32_t)len,
		.port = x->c->port,
		.kind = RING_MESSAGE,
		.session = x->c->session,
		.arrival_ms = x->io->arrival_ms,
		.from = x->c->from,
	};
	(void)ring_put(x->io->ring, &h, p);
	(void)atomic_fetch_add(&x->io->counts->messages, 1);
	x->c->heard = true;
	x->c->last_ms = x->io->now_ms;
	x->c->begun_ms = x->io->now_ms; /* of what follows in the same read */
}

static enum tls_result
read_plain(int fd, void *buf, size_t n, size_t *got)
{
	ssize_t rc;
	do {
		rc = recv(fd, buf, n, 0);
	} while (rc == -1 && errno == EINTR);
	if (rc > 0) {
		*got = (size_t)rc;
		return TLS_OK;
	}
	if (rc == 0)
		return TLS_END;
	return errno == EAGAIN ? TLS_AGAIN : TLS_FAILED;
}

static enum stream_end
take(struct stream_conn *c, struct stream_io *io, size_t n)
{
	struct put_ctx ctx = { c, io };
	if (c->part.buf == NULL)
		c->begun_ms = io->now_ms;
	(void)atomic_fetch_add(&io->counts->bytes, n);
	switch (message_add(&c->part, io->buf, n, put_message, &ctx)) {
	case MESSAGE_BAD_VERSION:
		return STREAM_VERSION;
	case MESSAGE_BAD_LENGTH:
		return STREAM_LENGTH;
	case MESSAGE_NONE:
	case MESSAGE_BEGUN:
		break;
	}
	return STREAM_ENDS;
}

static enum stream_end
read_once(struct stream_conn *c, struct stream_io *io)
{
	size_t n = 0;
	enum tls_result rc =
	    c->tls != NULL ? tls_read(c->tls, io->buf, sizeof(io->buf), &n)
			   : read_plain(c->fd, io->buf, sizeof(io->buf), &n);
	switch (rc) {
	case TLS_OK:
		return take(c, io, n);
	case TLS_AGAIN:
		c->more = false;
		return STREAM_ENDS;
	case TLS_END:
		return c->part.buf != NULL ? STREAM_CUT : STREAM_CLOSED;
	case TLS_FAILED:
		break;
	}
	if (c->tls != NULL)
		return STREAM_TLS;
	return c->part.buf != NULL ? STREAM_CUT : STREAM_RESET;
}

static enum stream_end
shake(struct stream_conn *c)
{
	switch (tls_handshake(c->tls)) {
	case TLS_OK:
		c->shaking = false;
		return STREAM_ENDS;
	case TLS_AGAIN:
		c->more = false;
		return STREAM_ENDS;
	case TLS_END:
	case TLS_FAILED:
		break;
	}
	return STREAM_TLS;
}

enum stream_end
conn_serve(struct stream_conn *c, struct stream_io *io)
{
	enum stream_end end = STREAM_ENDS;
	c->more = true;
	if (c->shaking)
		end = shake(c);
	for (int i = 0; i < TURNS && end == STREAM_ENDS && c->more; i++) {
		if (ring_room(io->ring) < STREAM_ROOM)
			break;
		end = read_once(c, io);
	}
	return end;
}

/* ---- ends ----------------------------------------------------------------- */

int64_t
conn_deadline(const struct stream_conn *c, int idle_s)
{
	int64_t idle = (int64_t)idle_s * 1000;
	int64_t from = c->last_ms, most = idle;
	if (!c->heard) {
		from = c->since_ms;
		most = (int64_t)STREAM_FIRST_S * 1000;
	} else if (c->part.buf != NULL) {
		from = c->begun_ms;
		most = (int64_t)STREAM_MESSAGE_S * 1000;
	}
	return from + (most < idle ? most : idle);
}

enum stream_end
conn_late(const struct stream_conn *c)
{
	return c->part.buf != NULL || c->shaking ? STREAM_SLOW : STREAM_IDLE;
}

void
stream_log_end(struct stream_io *io, const struct addr *from, uint16_t port,
    enum stream_end end, const char *why)
{
	char ip[ADDR_STRLEN];
	uint64_t skipped;
	(void)atomic_fetch_add(&io->counts->ended[end], 1);
	if (end == STREAM_CLOSED || end == STREAM_STOP || end == STREAM_CONFIG)
		log_debug("connection ended reason=%s ip=%s port=%u",
		    names[end], addr_str(from, ip), port);
	else if (log_limit_ok(&io->log, io->now_ms / 1000, &skipped))
		log_warnx("connection ended reason=%s%s%s%s ip=%s port=%u "
			  "left_out=%llu",
		    names[end], why != NULL ? " (" : "", why != NULL ? why : "",
		    why != NULL ? ")" : "", addr_str(from, ip), port,
		    (unsigned long long)skipped);
}

/* What the decoder has to know of it. */
static void
tell_end(struct stream_conn *c, struct stream_io *io, enum stream_end end)
{
	struct ring_head h = {
		.port = c->port,
		.kind = RING_END,
		.session = c->session,
		.arrival_ms = io->arrival_ms,
		.from = c->from,
	};
	if (end == STREAM_VERSION || end == STREAM_LENGTH)
		h.kind = RING_BROKEN;
	else if (c->part.buf != NULL)
		h.kind = RING_CUT;
	else if (!c->heard)
		return;
	(void)ring_put(io->ring, &h, "");
}

void
conn_close(struct stream_conn *c, struct stream_io *io, enum stream_end end)
{
	const char *why = end == STREAM_TLS ? tls_error(c->tls) : NULL;
	tell_end(c, io, end);
	stream_log_end(io, &c->from, c->port, end, why);
	(void)atomic_fetch_sub(&io->counts->connections, 1);
	message_free(&c->part);
	if (c->tls != NULL)
		tls_conn_free(c->tls);
	(void)close(c->fd);
	free(c);
}

void
stream_kept_free(struct stream_kept *k)
{
	for (size_t i = 0; i < k->n; i++) {
		message_free(&k->conn[i]->part);
		(void)close(k->conn[i]->fd);
		free(k->conn[i]);
	}
	free(k->conn);
	*k = (struct stream_kept){ 0 };
}
