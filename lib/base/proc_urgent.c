/*
 * Which thread runs first when all processors are busy.  Linux counts niceness
 * by thread, and a limit lets a process raise it that is no longer root's;
 * elsewhere only whole processes have it, and all stays as it is.
 */
#include "base/proc.h"

#ifdef __linux__

#include <sys/resource.h>

#define URGENT_NICE (-10)

void
proc_urgent_allow(void)
{
	const rlim_t least = 20 - URGENT_NICE;
	struct rlimit l;
	if (getrlimit(RLIMIT_NICE, &l) == -1 || l.rlim_cur >= least)
		return;
	l.rlim_cur = least;
	if (l.rlim_max < least)
		l.rlim_max = least;
	(void)setrlimit(RLIMIT_NICE, &l);
}

/* 0 is the thread that asks, not its process. */
bool
proc_urgent_thread(void)
{
	return setpriority(PRIO_PROCESS, 0, URGENT_NICE) == 0;
}

#else

void
proc_urgent_allow(void)
{
}

bool
proc_urgent_thread(void)
{
	return false;
}

#endif
