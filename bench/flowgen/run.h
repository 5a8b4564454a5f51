/*
 * run: exporters at work: streams, pace, and what was sent.
 *
 * Each exporter (a source address) sends `domains` streams in turn.  The
 * pace is a flow rate, steady or following traffic_curve; 0 is as fast as
 * can be.
 */
#ifndef FLOWGEN_RUN_H
#define FLOWGEN_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "sink.h"
#include "totals.h"
#include "traffic.h"

struct run_opts {
	int version; /* see struct encode_stream */
	size_t exporters;
	unsigned domains;
	uint64_t flows; /* in all; 0: no limit */
	double seconds; /* 0: no limit */
	double rate;    /* flows/s on average; 0: no pace */
	bool live;      /* the rate follows the day */
	unsigned template_every;
	unsigned template_delay;
	unsigned drop_every; /* leave out each n-th datagram; 0: none */
	bool prebuild;       /* all datagrams before the first is sent */
	unsigned repeat;     /* send the prebuilt datagrams so many times */
	bool simulated;      /* time is the pace's, nobody waits (captures) */
	uint64_t start_ms;   /* of simulated time */
	FILE *trace;         /* "epoch_ms flows" ten times a second, or NULL */
	const volatile sig_atomic_t *stop;
};

/* t->exporters has o->exporters entries, named by the caller. */
int run_export(const struct run_opts *o, const struct traffic_opts *to,
    struct sink *sink, struct totals *t, struct err *err);

#endif
