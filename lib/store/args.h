/*
 * args: the argument vector of a drawing, for librrd.
 */
#ifndef STORE_ARGS_H
#define STORE_ARGS_H

#include <stddef.h>

#include "base/arena.h"

/* Texts live in the arena; freed with it. */
struct args {
	struct arena arena;
	char **v; /* NULL behind the last */
	size_t n, max;
};

/* Room for max arguments. */
void args_begin(struct args *a, size_t max);
void args_add(struct args *a, char *text);

#define ADD(a, ...) args_add((a), arena_printf(&(a)->arena, __VA_ARGS__))

/* librrd splits arguments at ':'; a literal one is written "\:". */
const char *args_escaped(struct args *a, const char *text);

#endif
