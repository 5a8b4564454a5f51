/*
 * status: the control socket's requests.
 *
 * status  pid, slot, cycletime, kernel_drops, queue_drops, unknown_sender
 *         _source=ident=gw port=9995 ip=any exporters=1 last_ms=.. datagrams=..
 *             flows=.. packets=.. bytes=.. sequence_lost=.. no_template=..
 *             malformed=.. unwritten=..
 *         _exporter=ident=gw ip=192.0.2.1 version=9 id=1 last_ms=.. flows=..
 *             sequence_lost=.. no_template=.. malformed=..
 * reload  read the config again; the status line says what is wrong with it
 *
 * Counters are since the start of the process.
 */
#ifndef COLLECTOR_STATUS_H
#define COLLECTOR_STATUS_H

#include "collector/service.h"
#include "ctl/ctl.h"

/* ctx is the struct service. */
void status_handle(void *ctx, const struct ctl_request *req,
    struct ctl_reply *reply);

/* Reload, and say in the log how it went. */
int status_reload(struct service *s, struct err *err);

/* The same numbers as log lines. */
void status_log(struct service *s);

#endif
