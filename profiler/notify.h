/*
 * notify: being woken when folders change.  inotify on Linux; elsewhere
 * there is no descriptor and the caller looks again every NOTIFY_POLL_MS.
 */
#ifndef PROFILER_NOTIFY_H
#define PROFILER_NOTIFY_H

#include <stdbool.h>

#define NOTIFY_POLL_MS 200

struct notify;

struct notify *notify_new(void);
void notify_free(struct notify *n);

/* Also watch a folder; one that cannot be watched is polled like all. */
void notify_add(struct notify *n, const char *dir);

/* For poll(2), -1 when there is none. */
int notify_fd(const struct notify *n);

/*
 * Take what has come.  True when names in the folders may have changed (new
 * or renamed files); without a descriptor always.
 */
bool notify_drain(struct notify *n);

#endif
