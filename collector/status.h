/*
 * status: the control socket's requests.
 *
 * status  pid, slot, cycletime, kernel_drops, queue_drops, unknown_sender
 *         _source=ident=gw port=9995 ip=any exporters=1 last_ms=.. datagrams=..
 *             waiting=.. and the other counters of the ledger
 *         _exporter=ident=gw ip=192.0.2.1 version=9 id=1 last_ms=.. waiting=..
 *             waited_flows=.. and the same counters
 *         _sampler=ident=gw ip=.. version=9 id=1 rule=id of=7 packets=1
 *             space=999 algorithm=1 flows=.. last_ms=..; behind its exporter
 *         _stream=connections=.. accepted=.. messages=.. bytes=.. closed=..
 *             and how many ended for each other reason (collector/stream.h);
 *             only when a port is of TCP or TLS
 *         _repeat=ident=gw to=192.0.2.9/2055 sent=.. failed=..; datagrams
 * ledger  slot, and as _line= what the ledger would get if it ended now;
 *         what older slots had is in its files by then
 * interfaces [ident=gw]
 *         counters of exporters' interfaces, see interfaces.h
 * config  what it goes by, as a config (conf/changes.h): _line= for each line,
 *         of a long one the first pieces as _part=
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
