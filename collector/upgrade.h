/*
 * upgrade: the running collector gives its place to a new binary (see
 * handover.h), and the requests on the control socket.
 */
#ifndef COLLECTOR_UPGRADE_H
#define COLLECTOR_UPGRADE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/proc.h"
#include "collector/handover.h"
#include "collector/service.h"
#include "ctl/ctl.h"

struct upgrade {
	struct service *s;
	struct ctl_server *ctl;
	const struct program *program;
	struct pidfile *pf;
	pid_t successor; /* it runs, and this process has to end; 0: none */
};

/*
 * -1: all is as it was, and logged.  0: the new one runs; what is left is to
 * end, without the pid file.
 */
int upgrade_run(struct upgrade *u, struct err *err);

/* A ctl_handler; ctx is a struct upgrade. */
void upgrade_handle(void *ctx, const struct ctl_request *req,
    struct ctl_reply *reply);

#endif
