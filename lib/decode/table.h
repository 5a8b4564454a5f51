/*
 * table: a sorted array of what an exporter told, by kind and id; bounded by
 * a limit of its own and by a budget that many tables share.
 */
#ifndef DECODE_TABLE_H
#define DECODE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that all exporters together may still make us hold. */
struct budget {
	size_t left;
};

/* True: taken.  b NULL: no limit. */
bool budget_take(struct budget *b, size_t n);
void budget_give(struct budget *b, size_t n);

/* The first member of every item. */
struct table_key {
	uint64_t id;
	uint8_t kind;
};

struct table {
	uint8_t *items;
	uint32_t n;
	uint32_t cap;
	uint16_t size; /* of an item */
};

/* NULL: none. */
void *table_find(const struct table *t, uint8_t kind, uint64_t id);
void *table_at(const struct table *t, size_t i);

/*
 * The item of that key, zeroed but for the key when it is new.  NULL: the
 * table has `max` items or the budget is spent.  Pointers to items are valid
 * until the next call.
 */
void *table_put(struct table *t, size_t size, uint32_t max, struct budget *b,
    struct table_key key);
void table_free(struct table *t, struct budget *b);

#endif
