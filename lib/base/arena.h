/*
 * arena: memory that is freed all at once.  A config, a filter set, a web
 * request each live in one.  A failed allocation ends the program with a
 * message (the sizes that outsiders choose are checked before they get here).
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *head;
	char *next; /* free space in head */
	size_t left;
	size_t total; /* bytes taken from malloc */
};

/* A zeroed struct is an empty arena. */
#define ARENA_EMPTY ((struct arena){ 0 })

/* n zeroed bytes, aligned for any type; valid until arena_free. */
void *arena_alloc(struct arena *a, size_t n);

/* count * size zeroed bytes; overflow ends the program. */
void *arena_array(struct arena *a, size_t count, size_t size);

char *arena_strdup(struct arena *a, const char *s);
/* At most n characters of s, which then needs no NUL. */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Free everything; the arena is empty and can be used again. */
void arena_free(struct arena *a);

#endif
