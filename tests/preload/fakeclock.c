/*
 * fakeclock: a wall clock that a test sets, for programs that run with this
 * in LD_PRELOAD.  The file that $FAKECLOCK names holds the nanoseconds by which
 * their clock is ahead of the real one, a 64 bit number that may change at
 * any time.  Clocks that are never set go on as they are.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)

static const _Atomic int64_t none;
static const _Atomic int64_t *ahead = &none;

__attribute__((constructor)) static void
map_file(void)
{
	const char *path = getenv("FAKECLOCK");
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd == -1)
		return;
	void *p = mmap(NULL, sizeof(*ahead), PROT_READ, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		ahead = p;
	(void)close(fd);
}

/* The system's declarations have names of their own for the arguments. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int
clock_gettime(clockid_t id, struct timespec *ts)
{
	long rc = syscall(SYS_clock_gettime, id, ts);
	if (rc != 0 || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE))
		return (int)rc;
	int64_t ns = (int64_t)ts->tv_nsec + *ahead % SECOND;
	int64_t s = (int64_t)ts->tv_sec + *ahead / SECOND;
	if (ns < 0 || ns >= SECOND) {
		int64_t carry = ns < 0 ? -1 : 1;
		ns -= carry * SECOND;
		s += carry;
	}
	ts->tv_sec = (time_t)s;
	ts->tv_nsec = (long)ns;
	return 0;
}

time_t
time(time_t *t)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	if (t != NULL)
		*t = ts.tv_sec;
	return ts.tv_sec;
}

int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts;
	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
