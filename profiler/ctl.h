/*
 * ctl: commands on COMMSOCKET (docs in man/nfsen-profiler.8).
 */
#ifndef PROFILER_CTL_H
#define PROFILER_CTL_H

#include "ctl/ctl.h"
#include "profiler/profiler.h"

#define CTL_GREETING "nfsend v0.1 ready "

/* A ctl_handler; ctx is the struct profiler. */
void profiler_command(void *ctx, const struct ctl_request *req,
    struct ctl_reply *reply);

/* A ctl_known: is there such a command? */
bool profiler_knows(void *ctx, const char *command);

/* Read the config again and use it; what `reload` and SIGHUP do. */
int profiler_reload_config(struct profiler *p, struct err *err);

#endif
