/*
 * confine: what the collector goes on to need, and nothing else (sandbox.h).
 *
 * It writes below live, its own files in PROFILESTATDIR/live, and in PIDDIR;
 * as nfcapd in the folders of its sources and of its state.  It reads the
 * configuration and what that names.  Programs are started by the helper
 * (launch.h), which has to be there before.  Folders that a new configuration
 * names are not reached: that takes a restart.
 */
#ifndef COLLECTOR_CONFINE_H
#define COLLECTOR_CONFINE_H

#include "conf/conf.h"

/* pidfile: or NULL.  Before any thread; does nothing with $SANDBOX off. */
void confine(const struct conf *c, const char *pidfile);

#endif
