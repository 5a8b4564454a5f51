/*
 * about: the records of a source's files that describe its flows: exporters,
 * samplers, names.  Channels' files get each of them once, in front of the
 * source's flows.
 *
 * Each source numbers its exporters from 1; where sources meet in one file
 * every exporter has a number of its own.
 */
#ifndef PROFILER_ABOUT_H
#define PROFILER_ABOUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct about {
	struct buf
	    records; /* one after another, as channels' files have them */
	size_t n;
	size_t *buckets; /* where in them a record begins, plus 1; 0: free */
	size_t n_buckets;
	uint16_t *sysids; /* by the source's number, 0: not seen */
	size_t n_sysids;
};

/*
 * Any record that is no flow: kept when it describes flows and is not there
 * yet.  *last_sysid: the highest number given so far, to any source.
 */
void about_add(struct about *a, const uint8_t *rec, uint16_t *last_sysid);

/* The number in channels' files of the source's exporter; 0: unknown. */
uint16_t about_sysid(const struct about *a, uint16_t sysid);

void about_clear(struct about *a);
void about_free(struct about *a);

#endif
