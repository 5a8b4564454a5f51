/*
 * window: -t, a span of local time.
 */
#ifndef QUERY_WINDOW_H
#define QUERY_WINDOW_H

#include <stdint.h>

#include "base/err.h"

/* In ms since the epoch; to_ms 0: open. */
struct window {
	uint64_t from_ms, to_ms;
	/*
	 * Of "+N" and "-N": only the first (> 0) or last (< 0) so many ms of
	 * what the files hold, which window_settle turns into the others.
	 */
	int64_t part_ms;
};

/*
 * "yyyy/mm/dd.hh:mm:ss[-yyyy/mm/dd.hh:mm:ss]", also with '-' between the
 * parts of the day and 'T' behind it, cut off anywhere from the right;
 * missing parts are the first there is.  "+N", "-N": seconds.
 */
int window_take(const char *text, struct window *w, struct err *err);

/* The same without "+N" and "-N". */
int window_parse(const char *text, uint64_t *from_ms, uint64_t *to_ms,
    struct err *err);

/* Files hold flows from first to last. */
void window_settle(struct window *w, uint64_t first_ms, uint64_t last_ms);

#endif
