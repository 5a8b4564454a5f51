#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CHUNK_BYTES 16384
#define ALIGN       _Alignof(max_align_t)

struct arena_chunk {
	struct arena_chunk *next;
	_Alignas(max_align_t) char data[];
};

static struct arena_chunk *
new_chunk(struct arena *a, size_t bytes)
{
	struct arena_chunk *c =
	    mem_calloc(1, sizeof(struct arena_chunk) + bytes);
	a->total += bytes;
	return c;
}

/* A chunk of its own, behind the head, whose free space stays in use. */
static void *
alloc_large(struct arena *a, size_t n)
{
	struct arena_chunk *c = new_chunk(a, n);
	struct arena_chunk **at = a->head != NULL ? &a->head->next : &a->head;
	c->next = *at;
	*at = c;
	return c->data;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	if (n > SIZE_MAX / 2)
		mem_fail(n);
	n = n != 0 ? (n + ALIGN - 1) & ~(ALIGN - 1) : ALIGN;
	if (n > a->left) {
		if (n > CHUNK_BYTES / 4)
			return alloc_large(a, n);
		struct arena_chunk *c = new_chunk(a, CHUNK_BYTES);
		c->next = a->head;
		a->head = c;
		a->next = c->data;
		a->left = CHUNK_BYTES;
	}
	void *p = a->next;
	a->next += n;
	a->left -= n;
	return p;
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / 2 / size)
		mem_fail(SIZE_MAX);
	return arena_alloc(a, count * size);
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *p = arena_alloc(a, len + 1);
	memcpy(p, s, len);
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		mem_fail(0);
	char *p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void
arena_free(struct arena *a)
{
	for (struct arena_chunk *c = a->head, *next; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	*a = ARENA_EMPTY;
}
