/*
 * peer: one connection of a control server: lines in, requests to the
 * handler one after another, replies out, limits of time.
 */
#ifndef CTL_PEER_H
#define CTL_PEER_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "ctl/ctl.h"
#include "ctl/request.h"

/* What all connections of a server have in common. */
struct ctl_service {
	ctl_handler *handler;
	ctl_known *known; /* NULL: the handler tells; else as nfsend speaks */
	void *ctx;
	int idle_ms;
};

struct ctl_stream {
	int fd; /* -1: free */
	struct buf in;
	struct buf out;
	size_t scan;      /* of in, for ctl_request_end */
	size_t lines;     /* bytes of in up to its last line feed */
	int64_t since_ms; /* last line, request, or progress in sending */
	int64_t begun_ms; /* when the request that is not complete began */
	struct ctl_talk talk;
	bool binary;  /* the request that is worked on */
	bool raw;     /* its reply has no frame */
	bool busy;    /* the reply comes later */
	bool eof;     /* no more requests will come */
	bool closing; /* close once out is sent */
	bool broken;  /* the other side is gone */
	void (*gone)(void *ctx);
	void *gone_ctx;
};

/* A new connection: the greeting is sent. */
void ctl_peer_open(struct ctl_stream *p, const struct ctl_service *s, int fd,
    const char *greeting, int64_t now_ms);

/* What to wait for. */
short ctl_peer_events(const struct ctl_stream *p);

/* After poll; the connection may be closed (fd -1) then. */
void ctl_peer_run(struct ctl_stream *p, const struct ctl_service *s,
    short revents, int64_t now_ms);

/* Whoever works for it is told. */
void ctl_peer_close(struct ctl_stream *p);

#endif
