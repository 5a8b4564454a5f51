/*
 * sources: the collector's own account of its sources, and the profiler's of
 * its work, asked over their control sockets.
 */
#ifndef FCGI_SOURCES_H
#define FCGI_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "conf/conf.h"

struct source_health {
	const char *ident;
	int64_t port;
	int64_t exporters;
	int64_t last_ms; /* of the last datagram, epoch; 0: none yet */
	int64_t datagrams;
	int64_t flows;
	int64_t lost;        /* by sequence numbers */
	int64_t no_template; /* sets */
	int64_t malformed;
	int64_t unwritten; /* flows */
};

struct sources {
	bool running;
	const char *why; /* not running: the reason */
	struct source_health *list;
	size_t n;
	int64_t kernel_drops; /* datagrams */
	int64_t queue_drops;
};

/* Never fails: a collector that does not answer is said to be down. */
void sources_ask(const struct conf *c, struct arena *a, struct sources *s);

struct profiler_health {
	bool running;
	const char *why; /* not running: the reason */
	int64_t done;    /* start of the last finished slot */
	int64_t behind;  /* slots still to do */
};

void profiler_ask(const struct conf *c, struct arena *a,
    struct profiler_health *p);

#endif
