#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

void
mem_fail(size_t n)
{
	log_errx("out of memory: %zu bytes asked for", n);
	exit(1);
}

void *
mem_alloc(size_t n)
{
	void *p = malloc(n != 0 ? n : 1);
	if (p == NULL)
		mem_fail(n);
	return p;
}

void *
mem_calloc(size_t count, size_t size)
{
	void *p = calloc(count != 0 ? count : 1, size != 0 ? size : 1);
	if (p == NULL)
		mem_fail(count * size);
	return p;
}

void *
mem_realloc(void *p, size_t count, size_t size)
{
	void *q = reallocarray(p, count != 0 ? count : 1, size != 0 ? size : 1);
	if (q == NULL)
		mem_fail(count * size);
	return q;
}

char *
mem_strdup(const char *s)
{
	char *p = strdup(s);
	if (p == NULL)
		mem_fail(strlen(s) + 1);
	return p;
}
