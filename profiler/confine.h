/*
 * confine: what the profiler goes on to need, and nothing else (sandbox.h).
 *
 * It writes in both trees, in PIDDIR, in the folder of COMMSOCKET, and where
 * saved filters and formats are; it reads the configuration and what that
 * names.  It starts no program: whatever has to must be forked before.
 */
#ifndef PROFILER_CONFINE_H
#define PROFILER_CONFINE_H

#include "base/sandbox.h"
#include "conf/conf.h"

/*
 * The same for jobs of the runner that only read: queries, statistics,
 * look-ups.  They may start nfsen-query and ask name servers.
 */
void confine_readers(const struct conf *c, struct sandbox *sb);

/*
 * And for programs of plugins: they read the same, may start what is
 * installed, and write below $VARDIR/plugins, which is made.
 */
void confine_guests(const struct conf *c, struct sandbox *sb);

/* Does nothing with $SANDBOX off. */
void confine(const struct conf *c);

#endif
