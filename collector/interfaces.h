/*
 * interfaces: the control request of that name, what sFlow's counter samples
 * said last of every exporter's interfaces.
 *
 * interfaces [ident=gw]
 *     _interface=ident=gw ip=192.0.2.1 agent=192.0.2.1 id=0 index=7
 *         received_ms=.. samples=.. type=6 speed=1000000000 direction=1
 *         admin=up oper=up in_octets=.. in_unicast=.. in_multicast=..
 *         in_broadcast=.. in_discards=.. in_errors=.. in_unknown=..
 *         out_octets=.. out_unicast=.. out_multicast=.. out_broadcast=..
 *         out_discards=.. out_errors=.. promiscuous=0 name=Gi0/7
 *     left_out=0
 *
 * The counters are the exporter's own, since it started; 32-bit ones wrap.
 * The name, which may have blanks in it and is empty when nobody told one,
 * is last; it is that of options data from the same address.
 */
#ifndef COLLECTOR_INTERFACES_H
#define COLLECTOR_INTERFACES_H

#include "collector/decoder.h"
#include "ctl/ctl.h"

/*
 * Who has the names of this exporter's interfaces: itself, or another of the
 * same address and source when it has none.  In the decode thread.
 */
const struct exporter *interfaces_named_by(const struct sender *x);

/* More are counted in left_out. */
#define INTERFACES_SHOWN_MAX 65536

struct interfaces_request {
	const char *ident; /* NULL: all sources */
	struct ctl_reply *reply;
};

/* In the decode thread; arg is a struct interfaces_request. */
void interfaces_report(struct decoder *d, void *arg);

#endif
