#include "store/cached.h"

#include <rrd.h>
#include <rrd_client.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"

#define TRIES    20 /* for a daemon that is being started anew */
#define PAUSE_MS 100

static char *daemon_address;
static bool keep_open;

void
rrd_cached_use(const char *address)
{
	free(daemon_address);
	daemon_address = address != NULL ? mem_strdup(address) : NULL;
}

bool
rrd_cached_used(void)
{
	return daemon_address != NULL;
}

static void
leave(void)
{
	if (!keep_open)
		(void)rrdc_disconnect();
}

void
rrd_cached_keep(bool keep)
{
	keep_open = keep;
	if (daemon_address != NULL)
		leave();
}

static bool
reach(void)
{
	bool there =
	    daemon_address != NULL && rrdc_connect(daemon_address) == 0;
	if (!there)
		rrd_clear_error();
	return there;
}

int
rrd_cached_update(const char *path, const char *const *values, size_t n)
{
	const struct timespec pause = { 0, PAUSE_MS * 1000000L };
	if (daemon_address == NULL)
		return 1;
	for (int i = 0; i < TRIES; i++) {
		if (reach()) {
			int rc = rrdc_update(path, (int)n, values);
			bool lost = rrdc_is_any_connected() == 0;
			leave();
			if (rc == 0)
				return 0;
			if (!lost)
				return -1;
			rrd_clear_error();
		}
		(void)nanosleep(&pause, NULL);
	}
	return 1;
}

void
rrd_cached_flush(const char *path)
{
	if (!reach())
		return;
	/* A file that it does not know has nothing to be written. */
	(void)rrdc_flush(path);
	rrd_clear_error();
	leave();
}

void
rrd_cached_forget(const char *path)
{
	if (!reach())
		return;
	(void)rrdc_forget(path);
	rrd_clear_error();
	leave();
}
