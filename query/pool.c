#include "query/pool.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/mem.h"

/* Of one huge page, where the system has them. */
#define REGION ((size_t)2 << 20)

/*
 * So many regions of a pool are.  A guest's kernel may have to ask its host
 * for each, which takes ten times as long as to clear it; that is worth it
 * for tables that are visited all the time, not for a long list of groups.
 */
#define HUGE 64

struct pool_region {
	struct pool_region *next;
	size_t size;
	_Alignas(64) char room[];
};

void
pool_init(struct pool *p, size_t piece, struct budget *b)
{
	*p = (struct pool){ .budget = b, .piece = piece };
	(void)pthread_mutex_init(&p->lock, NULL);
}

static void
add_region(struct pool *p)
{
	size_t size = REGION;
	while (size < p->piece + sizeof(struct pool_region))
		size += REGION;
	/* Aligned: twice the size, and what is too much goes back. */
	char *m = mmap(NULL, size + REGION, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (m == MAP_FAILED)
		mem_fail(size);
	size_t before = (REGION - (size_t)m % REGION) % REGION;
	if (before != 0)
		(void)munmap(m, before);
	(void)munmap(m + before + size, REGION - before);
	if (p->regions++ < HUGE)
		(void)madvise(m + before, size, MADV_HUGEPAGE);
	struct pool_region *r = (void *)(m + before);
	r->next = p->region;
	r->size = size;
	p->region = r;
	p->left = size - sizeof(*r);
}

void *
pool_get(struct pool *p)
{
	(void)pthread_mutex_lock(&p->lock);
	void *piece = p->spare;
	if (piece != NULL) {
		memcpy(&p->spare, piece, sizeof(p->spare));
	} else {
		if (p->left < p->piece)
			add_region(p);
		p->left -= p->piece;
		piece = p->region->room + p->left;
	}
	(void)pthread_mutex_unlock(&p->lock);
	budget_add(p->budget, p->piece);
	return piece;
}

void
pool_put(struct pool *p, void *piece)
{
	(void)pthread_mutex_lock(&p->lock);
	memcpy(piece, &p->spare, sizeof(p->spare));
	p->spare = piece;
	(void)pthread_mutex_unlock(&p->lock);
	budget_sub(p->budget, p->piece);
}

void *
pool_zeros(size_t n)
{
	void *p = n < REGION ? mem_alloc(n) : aligned_alloc(REGION, n);
	if (p == NULL)
		mem_fail(n);
	if (n >= REGION)
		(void)madvise(p, n, MADV_HUGEPAGE);
	return memset(p, 0, n);
}

void
pool_free(struct pool *p)
{
	while (p->region != NULL) {
		struct pool_region *r = p->region;
		p->region = r->next;
		(void)munmap(r, r->size);
	}
	p->spare = NULL;
	p->left = 0;
	(void)pthread_mutex_destroy(&p->lock);
}
