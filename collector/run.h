/*
 * run: the collector as a process: log, pid file, background, ids, signals,
 * control socket, and the loop around them.  Called for a configuration file
 * (main.c) and for nfcapd's command line (capd.c).
 */
#ifndef COLLECTOR_RUN_H
#define COLLECTOR_RUN_H

#include <stdbool.h>

#include "collector/handover.h"
#include "conf/conf.h"

struct run {
	const char *name;              /* in log lines and messages */
	const char *facility;          /* of syslog; NULL: to stderr */
	const char *pidfile;           /* NULL: none */
	const char *ctl;               /* control socket; NULL: none */
	const char *notes;             /* lines for the log, or NULL */
	const struct program *program; /* NULL: no other takes its place */
	bool detach;
	bool commands; /* some may be run at rotation */
	bool hup_ends; /* as nfcapd; else it reloads the config file */
};

/*
 * Collect until told to stop; conf is used up.  Errors are printed; the exit
 * status.
 */
int run_collector(struct conf *conf, const struct run *r);

#endif
