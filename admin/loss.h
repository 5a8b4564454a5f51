/*
 * loss: the ledger's counters as daemons tell them.
 */
#ifndef ADMIN_LOSS_H
#define ADMIN_LOSS_H

#include <stdint.h>

#include "base/buf.h"
#include "ledger/ledger.h"

/* What a daemon's status line has of the ledger's counters. */
void loss_of_line(const char *line, struct ledger_line *l);

/* "v9", "ipfix", "sflow"; buf has LOSS_PROTOCOL_MAX. */
#define LOSS_PROTOCOL_MAX 8
char *loss_protocol(const struct ledger_line *l, char *buf);

#endif
