#include "store/args.h"

#include <assert.h>
#include <string.h>

void
args_begin(struct args *a, size_t max)
{
	*a = (struct args){ .max = max };
	a->v = arena_array(&a->arena, max + 1, sizeof(*a->v));
}

void
args_add(struct args *a, char *text)
{
	assert(a->n < a->max);
	a->v[a->n++] = text;
}

const char *
args_escaped(struct args *a, const char *text)
{
	char *out = arena_alloc(&a->arena, 2 * strlen(text) + 1);
	size_t n = 0;
	for (const char *s = text; *s != '\0'; s++) {
		if (*s == ':' || *s == '\\')
			out[n++] = '\\';
		out[n++] = *s;
	}
	return out;
}
