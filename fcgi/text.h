/*
 * text: numbers and spans of time for people.  Results live in the arena.
 */
#ifndef FCGI_TEXT_H
#define FCGI_TEXT_H

#include <stdint.h>

#include "base/arena.h"

/* "12.3 k": decimal prefix, the unit follows; "–" when unknown (NaN). */
const char *text_short(struct arena *a, double v);

/* The same of something counted: no places below 1000. */
const char *text_count(struct arena *a, double v);

/* All digits in groups of three; "unknown" for NaN. */
const char *text_full(struct arena *a, double v);

/* "40 s", "3 min", "2 h 5 min", "4 d". */
const char *text_duration(struct arena *a, int64_t seconds);

#endif
