#include "collector/receivers.h"

#include <stdlib.h>

#include "base/mem.h"

#define RING_LEAST (4 * 1024 * 1024) /* bytes */

int
receivers_open(struct receivers *rs, size_t n, size_t size, struct err *err)
{
	if (rs->n != 0)
		return 0;
	size_t each = size;
	while (each * n > size && each > RING_LEAST)
		each /= 2;
	rs->rings = mem_calloc(n, sizeof(*rs->rings));
	rs->threads = mem_calloc(n, sizeof(*rs->threads));
	for (rs->n = 0; rs->n < n; rs->n++) {
		struct ring *r = &rs->rings[rs->n];
		if (ring_open(r, each, err) == -1)
			return -1;
		if (rs->n != 0)
			ring_join(&rs->rings[0], r);
	}
	return 0;
}

void
receivers_close(struct receivers *rs)
{
	for (size_t i = 0; i < rs->n; i++)
		ring_close(&rs->rings[i]);
	free(rs->rings);
	free(rs->threads);
	*rs = (struct receivers){ 0 };
}

struct ring *
receivers_ring(const struct receivers *rs)
{
	return &rs->rings[0];
}

int
receivers_start(struct receivers *rs, struct err *err)
{
	for (rs->running = 0; rs->running < rs->n; rs->running++) {
		struct rx *rx = rx_mmsg_new();
		if (receive_start(&rs->threads[rs->running],
			&rs->rings[rs->running],
			rx != NULL ? rx : rx_plain_new(), err) == -1)
			return -1;
	}
	return 0;
}

/* The i-th thread's part. */
static void
part_of(const struct receivers *rs, const struct listeners *ls, size_t i,
    struct listeners *out)
{
	*out = (struct listeners){ 0 };
	for (size_t k = 0; k < ls->n; k++)
		if (ls->l[k].shard % rs->n == i)
			listeners_add(out, &ls->l[k]);
}

void
receivers_use(struct receivers *rs, const struct listeners *ls)
{
	for (size_t i = 0; i < rs->running; i++) {
		struct listeners part;
		part_of(rs, ls, i, &part);
		receive_use(&rs->threads[i], &part);
		listeners_free(&part);
	}
}

void
receivers_stop(struct receivers *rs, struct listeners *ls)
{
	for (size_t i = 0; i < rs->running; i++)
		receive_stop(&rs->threads[i], ls);
	rs->running = 0;
}

uint64_t
receivers_kernel_drops(const struct receivers *rs)
{
	uint64_t n = 0;
	for (size_t i = 0; i < rs->n; i++)
		n += atomic_load(&rs->threads[i].kernel_drops);
	return n;
}

uint64_t
receivers_queue_drops(const struct receivers *rs)
{
	uint64_t n = 0;
	for (size_t i = 0; i < rs->n; i++)
		n += atomic_load(&rs->rings[i].dropped);
	return n;
}
