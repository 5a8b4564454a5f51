/*
 * log: lines to stderr or syslog.  One event, one line, "key=value" at the
 * end; control characters become '?'.  errno is kept by every call.
 *
 * log_warn and log_err append ": strerror(errno)"; the x forms do not.
 * Safe from several threads once log_open has returned.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * ident names the program in every line.  facility: NULL for stderr, else a
 * syslog facility name ("local3", "daemon"); an unknown name is an error.
 * Standard descriptors that were closed are opened on /dev/null, so that no
 * line is ever written into a file or socket that took their number: call it
 * before opening anything.
 */
int log_open(const char *ident, const char *facility, struct err *err);

/*
 * In a forked child that closes the descriptors it was given, before it does:
 * the connection to syslog is made anew by the next line.
 */
void log_reopen(void);

/* Turn debug lines on or off (off at start). */
void log_debug_set(bool on);

void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_err(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_errx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * A limiter for lines that an outsider can provoke: at most `burst` lines in
 * any `per_s` seconds, the first line of the next period says how many were
 * left out.  Zero-initialised apart from burst and per_s; one thread each.
 */
struct log_limit {
	unsigned burst;
	unsigned per_s;
	int64_t since; /* start of the running period, epoch seconds */
	unsigned used;
	uint64_t skipped; /* left out since the last line that was printed */
};

/* True when a line may be printed now; *skipped is how many were not. */
bool log_limit_ok(struct log_limit *l, int64_t now, uint64_t *skipped);

#endif
