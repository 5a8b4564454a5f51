#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048

static char log_ident[64] = "nfsen";
static bool to_syslog;
static int log_facility;
static bool debug_on;

static const struct {
	const char *name;
	int facility;
} facilities[] = {
	{ "auth", LOG_AUTH },
	{ "cron", LOG_CRON },
	{ "daemon", LOG_DAEMON },
	{ "kern", LOG_KERN },
	{ "local0", LOG_LOCAL0 },
	{ "local1", LOG_LOCAL1 },
	{ "local2", LOG_LOCAL2 },
	{ "local3", LOG_LOCAL3 },
	{ "local4", LOG_LOCAL4 },
	{ "local5", LOG_LOCAL5 },
	{ "local6", LOG_LOCAL6 },
	{ "local7", LOG_LOCAL7 },
	{ "lpr", LOG_LPR },
	{ "mail", LOG_MAIL },
	{ "news", LOG_NEWS },
	{ "syslog", LOG_SYSLOG },
	{ "user", LOG_USER },
	{ "uucp", LOG_UUCP },
};

/* A descriptor below 3 that is closed would become some socket or file. */
static void
keep_standard_descriptors(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR);
	while (fd != -1 && fd <= STDERR_FILENO);
	if (fd != -1)
		(void)close(fd);
}

int
log_open(const char *ident, const char *facility, struct err *err)
{
	keep_standard_descriptors();
	(void)snprintf(log_ident, sizeof(log_ident), "%s", ident);
	if (facility == NULL) {
		to_syslog = false;
		return 0;
	}
	for (size_t i = 0; i < sizeof(facilities) / sizeof(*facilities); i++) {
		if (strcmp(facilities[i].name, facility) != 0)
			continue;
		log_facility = facilities[i].facility;
		openlog(log_ident, LOG_CONS | LOG_PID, log_facility);
		to_syslog = true;
		return 0;
	}
	return err_set(err, "unknown syslog facility '%s'", facility);
}

void
log_reopen(void)
{
	if (!to_syslog)
		return;
	closelog();
	openlog(log_ident, LOG_CONS | LOG_PID, log_facility);
}

void
log_debug_set(bool on)
{
	debug_on = on;
}

/*
 * Text from outside can be in any message: one event stays one line, and a
 * terminal gets no control sequences.  Bytes of UTF-8 pass.
 */
static void
make_printable(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
}

/* One write per line, so that processes do not mix theirs. */
static void
write_line(const char *line)
{
	char text[LINE_MAX_BYTES + sizeof(log_ident) + 4];
	int n = snprintf(text, sizeof(text), "%s: %s\n", log_ident, line);
	ssize_t w;
	do
		w = write(STDERR_FILENO, text, (size_t)n);
	while (w == -1 && errno == EINTR);
}

__attribute__((format(printf, 3, 0))) static void
emit(int prio, int errnum, const char *fmt, va_list ap)
{
	int saved = errno;
	char line[LINE_MAX_BYTES];
	/* Room stays for the cause, the part that must not be cut off. */
	if (vsnprintf(line, sizeof(line) - 128, fmt, ap) < 0)
		line[0] = '\0';
	size_t len = strlen(line);
	if (errnum != 0)
		(void)snprintf(line + len, sizeof(line) - len, ": %s",
		    strerror(errnum));
	make_printable(line);
	if (to_syslog)
		syslog(prio, "%s", line);
	else
		write_line(line);
	errno = saved;
}

#define LOG_FUNCTION(name, prio, errnum, cond)                                 \
	void name(const char *fmt, ...)                                        \
	{                                                                      \
		if (!(cond))                                                   \
			return;                                                \
		va_list ap;                                                    \
		va_start(ap, fmt);                                             \
		emit((prio), (errnum), fmt, ap);                               \
		va_end(ap);                                                    \
	}

LOG_FUNCTION(log_debug, LOG_DEBUG, 0, debug_on)
LOG_FUNCTION(log_info, LOG_INFO, 0, true)
LOG_FUNCTION(log_warn, LOG_WARNING, errno, true)
LOG_FUNCTION(log_warnx, LOG_WARNING, 0, true)
LOG_FUNCTION(log_err, LOG_ERR, errno, true)
LOG_FUNCTION(log_errx, LOG_ERR, 0, true)

bool
log_limit_ok(struct log_limit *l, int64_t now, uint64_t *skipped)
{
	*skipped = 0;
	if (now - l->since >= (int64_t)l->per_s || now < l->since) {
		l->since = now;
		l->used = 0;
	}
	if (l->used >= l->burst) {
		l->skipped++;
		return false;
	}
	l->used++;
	*skipped = l->skipped;
	l->skipped = 0;
	return true;
}
