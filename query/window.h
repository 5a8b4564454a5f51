/*
 * window: -t, a span of local time.
 */
#ifndef QUERY_WINDOW_H
#define QUERY_WINDOW_H

#include <stdint.h>

#include "base/err.h"

/*
 * "yyyy/mm/dd.hh:mm:ss[-yyyy/mm/dd.hh:mm:ss]", cut off anywhere from the
 * right; missing parts are the first there is.  Without an end *to_ms is 0.
 */
int window_parse(const char *text, uint64_t *from_ms, uint64_t *to_ms,
    struct err *err);

#endif
