/*
 * files: flows straight into flow files, as a collector that had received
 * them would have left them: a history for demonstrations, input for
 * benchmarks.
 */
#ifndef FLOWGEN_FILES_H
#define FLOWGEN_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "nffile/layout.h"
#include "totals.h"
#include "traffic.h"

struct files_opts {
	const char *dir; /* DIR/<source>/[subdir/]nfcapd.<slot> */
	const char *source;
	int64_t from; /* slots that start in [from, until) */
	int64_t until;
	int64_t slot; /* seconds */
	int layout;   /* of sub-directories, 0..8 */
	enum nffile_codec codec;
	double rate;        /* flows/s on average */
	uint64_t flows;     /* of each slot instead; 0: by rate */
	bool live;          /* the rate follows the day */
	int version;        /* see struct encode_stream */
	uint16_t exporters; /* in turn */
	struct addr first;  /* address of the first exporter */
};

/* t has one exporter, the source. */
int files_write(const struct files_opts *o, const struct traffic_opts *to,
    struct totals *t, struct err *err);

#endif
