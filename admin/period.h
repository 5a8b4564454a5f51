/*
 * period: --from, --to and --last.
 *
 * A time is local, "2026-11-23 14:05", "2026-11-23", "202611231405" or
 * seconds since the epoch ("@1795444200"); a span is a number and s, m, h,
 * d or w.
 */
#ifndef ADMIN_PERIOD_H
#define ADMIN_PERIOD_H

#include <stdbool.h>

#include "admin/admin.h"

bool period_time(const char *text, int64_t *when);
bool period_span(const char *text, int64_t *seconds);

/* [*from, *to); the last day when nothing is asked for.  to 0: now. */
int period_of(const struct admin *a, int64_t now, int64_t *from, int64_t *to,
    struct err *err);

#endif
