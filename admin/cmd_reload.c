/* reload: both daemons read the config again, nothing stops. */
#include <stdio.h>

#include "admin/daemon.h"

/* "Restart nfsend:[123]"; false when it does not run or refuses. */
static bool
reload(const struct conf *c, const struct daemon *d, const char *what,
    const char *missing)
{
	struct ctl_result r;
	struct err err;
	pid_t pid;
	if (daemon_look(c, d, &pid) != DAEMON_UP) {
		(void)printf("%s\n", missing);
		return false;
	}
	(void)printf("%s[%ld]\n", what, (long)pid);
	int rc = daemon_call(c, d, "reload", NULL, &r, &err);
	ctl_result_free(&r);
	if (rc == -1)
		(void)admin_fail(&err);
	return rc == 0;
}

int
cmd_reload(struct admin *a)
{
	const struct conf *c = a->c;
	if (!admin_sources_match(a))
		return EXIT_FAILED;
	bool ok = reload(c, &daemon_collector,
	    "Reload nfcapd:", "No collector is running");
	ok &= reload(c, &daemon_profiler, "Restart nfsend:",
	    "No pid file found for nfsend - please restart manually");
	return ok ? EXIT_OK : EXIT_FAILED;
}
