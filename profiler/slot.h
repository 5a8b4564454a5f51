/*
 * slot: what is known of the one slot that is being worked on: counters per
 * source and per channel, and the channels' flow files while they grow
 * (<channel>/nfprofile.<pid>).  Nothing of it is visible to others until
 * slot_publish; slot_drop forgets it without a trace.
 */
#ifndef PROFILER_SLOT_H
#define PROFILER_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "flow/counters.h"
#include "nffile/nffile.h"
#include "profiler/about.h"
#include "profiler/chanfile.h"
#include "profiler/ring.h"
#include "profiler/set.h"

struct slot_file {
	uint64_t size;    /* on disk, bytes */
	int64_t replaced; /* of the file that had its name, -1: none */
	bool bad;         /* it is not there, or not whole */
};

struct slot {
	const struct conf *c;
	struct set *set;
	int64_t start; /* -1: none */
	struct counters *sources;
	struct counters *members;
	bool *seen; /* by source: it has a file in this slot */
	bool *due;  /* by member: its RRD lacks the slot */
	bool any_due;
	const char *name; /* below a channel's folder; NULL: the slot's own */
	struct chanfile **files; /* by member, NULL until the first flow */
	size_t n_files;          /* members that have one */
	struct packer packer;
	uint64_t lost; /* flows that are in no file though they should */
	unsigned lane; /* of slots that are worked on at once */
	/* By member, the caller's: what slot_publish did, which then leaves
	   .nfstat alone.  NULL: .nfstat is kept. */
	struct slot_file *out;
	struct about *about; /* by source */
	uint16_t last_sysid;
	struct ring *ring; /* the caller's: members, then sources; NULL: none */
	bool for_ring;     /* it wants this slot */
};

/* set stays the caller's and must outlive the slot. */
void slot_init(struct slot *s, const struct conf *c, struct set *set);
void slot_begin(struct slot *s, int64_t start);
bool slot_active(const struct slot *s);
bool slot_for_ring(const struct slot *s);

/* Zero everything counted and written so far; the slot goes on. */
void slot_restart(struct slot *s);

/* Forget the slot and remove its temporary files. */
void slot_drop(struct slot *s);
void slot_free(struct slot *s);

/* A record of a source that is no flow: about.h. */
void slot_about(struct slot *s, size_t source, const uint8_t *rec);

/* Add a flow record to a channel's file; failures are counted and logged. */
void slot_write(struct slot *s, size_t member, size_t source,
    const uint8_t *rec);

/* Some source that the member reads has a file in this slot. */
bool slot_has_data(const struct slot *s, size_t member);

/*
 * Finish the member's file (empty when no flow matched) and put it under
 * its slot name, replacing what an interrupted run left there; .nfstat
 * follows.
 */
int slot_publish(struct slot *s, size_t member, struct err *err);

/*
 * Remove nfprofile.<pid> files that a killed process left; `sole`: nobody
 * else works on this tree, whatever pids live.
 */
void slot_sweep(const struct set *set, bool sole);

#endif
