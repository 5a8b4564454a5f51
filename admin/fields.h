/*
 * fields: "ident=gw port=9995 ..." as the daemons' status lines have it.
 */
#ifndef ADMIN_FIELDS_H
#define ADMIN_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/ctl.h"

/* The number behind key, 0 when it is not there. */
uint64_t fields_number(const char *line, const char *key);

/* The word behind key; false: there is none, or it does not fit. */
bool fields_word(const char *line, const char *key, char *buf, size_t size);

/* Is the word behind key this one? */
bool fields_is(const char *line, const char *key, const char *word);

/* The array element of `array` whose `key` is `word`, or NULL. */
const char *fields_find(const struct ctl_result *r, const char *array,
    const char *key, const char *word);

#endif
