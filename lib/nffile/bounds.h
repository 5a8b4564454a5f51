/*
 * bounds: which folders of a tree of flow files can hold slots of a time
 * range, whatever the tree's layout, or layouts, are.
 *
 * A folder's path below the root is compared in each layout of slot.h whose
 * form it has ("2026/11" is a month, or a week); one that has no such form
 * can hold anything.
 */
#ifndef NFFILE_BOUNDS_H
#define NFFILE_BOUNDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slot.h"

struct bounds {
	bool has_lo, has_hi;
	char lo[SLOT_LAYOUTS][SLOT_SUB_MAX];
	char hi[SLOT_LAYOUTS][SLOT_SUB_MAX];
};

/* Slots from lo to hi, both included; -1: no end on this side. */
void bounds_set(struct bounds *b, int64_t lo, int64_t hi);

/* Can there be any of them below folder `rel`? */
bool bounds_dir(const struct bounds *b, const char *rel);

#endif
