/*
 * pool: pieces of equal size for tables that grow and are emptied, and the
 * memory that a query's tables may take altogether.
 */
#ifndef QUERY_POOL_H
#define QUERY_POOL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct budget {
	size_t limit; /* bytes, 0: none */
	atomic_size_t used;
};

static inline bool
budget_over(struct budget *b)
{
	return b->limit != 0 &&
	       atomic_load_explicit(&b->used, memory_order_relaxed) > b->limit;
}

static inline void
budget_add(struct budget *b, size_t n)
{
	atomic_fetch_add_explicit(&b->used, n, memory_order_relaxed);
}

static inline void
budget_sub(struct budget *b, size_t n)
{
	atomic_fetch_sub_explicit(&b->used, n, memory_order_relaxed);
}

struct pool_region;

struct pool {
	struct budget *budget; /* counts the pieces in use */
	size_t piece;          /* bytes, a multiple of 8 */
	pthread_mutex_t lock;
	void *spare; /* linked through their first word */
	struct pool_region *region;
	size_t regions;
	size_t left; /* bytes in it */
};

void pool_init(struct pool *p, size_t piece, struct budget *b);

/* A piece, not zeroed; any thread. */
void *pool_get(struct pool *p);
void pool_put(struct pool *p, void *piece);

/*
 * n zeroed bytes for free(); many are in huge pages, n is their multiple.  Written to
 * here: a page that is read first costs two faults.
 */
void *pool_zeros(size_t n);

/* All pieces at once. */
void pool_free(struct pool *p);

#endif
