/*
 * target: where replayed datagrams go: one UDP socket, so that all come from
 * one address and port, and the pace at which they leave.
 */
#ifndef QUERY_TARGET_H
#define QUERY_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

struct target {
	int fd;
	struct addr addr; /* who gets them */
	uint16_t port;
	uint64_t refused; /* datagrams nobody was there for */
	uint64_t due_ns;  /* monotonic: nothing leaves before; 0: not begun */
};

struct target_opts {
	const char *host;     /* name or address */
	const char *port;     /* number or name */
	const char *source;   /* address to send from, NULL: any */
	uint16_t source_port; /* 0: any */
	int family;           /* AF_INET, AF_INET6, AF_UNSPEC */
	bool multicast;       /* host is a group */
	int buffer;           /* bytes of the socket's, 0: the system's */
};

int target_open(struct target *t, const struct target_opts *o, struct err *err);
void target_close(struct target *t);

/* A full buffer is waited for; a collector that is away is only counted. */
int target_send(struct target *t, const uint8_t *data, size_t len,
    struct err *err);

/* Headers of IP and UDP to this target, bytes. */
size_t target_headers(const struct target *t);

/*
 * Wait until due; then the next is due `ns` later, or than now when we are
 * late, so that no burst makes up for it.
 */
void target_pace(struct target *t, uint64_t ns);

/* Wait until `ns` after the first call with this *begin_ns, 0 at first. */
void target_wait(uint64_t *begin_ns, uint64_t ns);
bool target_is_early(uint64_t begin_ns, uint64_t ns);

#endif
