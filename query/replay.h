/*
 * replay: nfreplay's parts: its command line, sending, and what it says at
 * the end.
 */
#ifndef QUERY_REPLAY_H
#define QUERY_REPLAY_H

#include "encode/encode.h"
#include "query/options.h"
#include "query/scan.h"
#include "query/target.h"

#define REPLAY_NAME  "nfreplay"
#define REPLAY_MTU   1500
#define REPLAY_EVERY 20 /* datagrams between announcements of a template */
#define REPLAY_QUERY 64 /* arguments of the query's kind, with values */

struct replay {
	struct encode_opts encode;
	struct target_opts to;
	uint64_t mtu;
	double per_flow_ns; /* 0: no pace */
	double factor;      /* 0: not as recorded */
	bool quiet;
	bool version, help;
	char *query[REPLAY_QUERY + 2]; /* for options_parse */
	int n_query;
	struct options *q;
	struct scan scan;

	struct target target;
	struct encoder *encoder;
	uint64_t begin_ns; /* as recorded: when the first was due */
	uint64_t begin_ms; /* and its time */
	int failed;
};

extern const char replay_usage[];

/*
 * r->q is a query's, that shows nothing: which files, window and filter.  -1:
 * err, and *status.
 */
int replay_options(struct replay *r, int argc, char **argv, int *status,
    struct err *err);

/* What was sent, and what could not be. */
void replay_say(const struct replay *r);

#endif
