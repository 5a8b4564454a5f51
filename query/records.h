/*
 * records: copies of whole records, kept for sorting and for groups.
 */
#ifndef QUERY_RECORDS_H
#define QUERY_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct records {
	struct arena arena;
	const uint8_t **rec;
	uint32_t n;
	uint32_t cap;
};

/* Copy one; returns its index. */
uint32_t records_add(struct records *r, const uint8_t *rec);
void records_free(struct records *r);

#endif
