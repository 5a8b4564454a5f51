#include "query/records.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

uint32_t
records_add(struct records *r, const uint8_t *rec)
{
	uint16_t size;
	memcpy(&size, rec + 2, sizeof(size));
	if (r->n == r->cap) {
		assert(r->cap < UINT32_MAX / 2);
		r->cap = r->cap != 0 ? r->cap * 2 : 1024;
		r->rec = mem_realloc(r->rec, r->cap, sizeof(*r->rec));
	}
	uint8_t *copy = arena_alloc(&r->arena, size);
	memcpy(copy, rec, size);
	r->rec[r->n] = copy;
	return r->n++;
}

void
records_free(struct records *r)
{
	arena_free(&r->arena);
	free(r->rec);
	*r = (struct records){ 0 };
}
