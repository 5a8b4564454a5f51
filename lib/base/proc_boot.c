/* Which start of the system this is: each system tells it differently. */
#include <stdio.h>
#include <string.h>

#if defined(__FreeBSD__)
#include <sys/sysctl.h>
#include <sys/time.h>
#include <sys/types.h>
#endif

#include "base/file.h"
#include "base/proc.h"

#if defined(__FreeBSD__)

/* The time of the start: a clock set meanwhile only makes it another one. */
bool
proc_boot(char *word)
{
	struct timeval t;
	size_t n = sizeof(t);
	if (sysctlbyname("kern.boottime", &t, &n, NULL, 0) == -1)
		return false;
	(void)snprintf(word, PROC_BOOT_MAX, "%lld.%06ld", (long long)t.tv_sec,
	    (long)t.tv_usec);
	return true;
}

#else

bool
proc_boot(char *word)
{
	struct buf text = BUF_EMPTY;
	size_t n = 0;
	if (file_read("/proc/sys/kernel/random/boot_id", 256, &text, NULL) == 0)
		n = strcspn(buf_str(&text), "\n");
	bool known = n > 0 && n < PROC_BOOT_MAX;
	if (known)
		(void)snprintf(word, PROC_BOOT_MAX, "%.*s", (int)n,
		    buf_str(&text));
	buf_free(&text);
	return known;
}

#endif
