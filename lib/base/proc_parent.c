/* The one thing about parents that each system calls differently. */
#include <signal.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/prctl.h>
#elif defined(__FreeBSD__)
#include <sys/procctl.h>
#endif

#include "base/proc.h"

static void
ask_for_signal(int sig)
{
#if defined(__linux__)
	(void)prctl(PR_SET_PDEATHSIG, sig);
#elif defined(__FreeBSD__)
	(void)procctl(P_PID, 0, PROC_PDEATHSIG_CTL, &sig);
#else
	(void)sig;
#endif
}

void
proc_end_with(pid_t parent)
{
	ask_for_signal(SIGTERM);
	/* It may have died before it was asked for. */
	if (getppid() != parent)
		(void)raise(SIGTERM);
}
