/*
 * elements: the elements of a flow record as it stands in a block, for those
 * who look at or change single ones and leave the rest as it is.
 */
#ifndef NFFILE_ELEMENTS_H
#define NFFILE_ELEMENTS_H

#include <stdbool.h>
#include <stdint.h>

#define FLOW_HEADER 12 /* bytes before a flow record's first element */
#define FLOW_FLAGS  10 /* where FLOW_EVENT and its like stand */
#define ELEM_HEADER 4  /* id, length */

/* Walk the elements of a checked flow record; false at the end or damage. */
struct elem_walk {
	const uint8_t *p; /* next element */
	const uint8_t *end;
	unsigned left;
	uint16_t id;
	uint16_t len; /* of payload */
	const uint8_t *payload;
	bool bad;
};
void elem_walk(struct elem_walk *w, const uint8_t *rec);
bool elem_next(struct elem_walk *w);

#endif
