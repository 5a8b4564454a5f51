/*
 * mem: allocation that does not fail quietly.  When memory runs out the
 * program ends with a message and status 1; bounded tables keep that from
 * being an outsider's choice.  Free with free().
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t n);
void *mem_calloc(size_t count, size_t size);
void *mem_realloc(void *p, size_t count, size_t size);
char *mem_strdup(const char *s);
_Noreturn void mem_fail(size_t n);

#endif
