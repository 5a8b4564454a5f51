#include "admin/loss.h"

#include <inttypes.h>
#include <stdio.h>

#include "admin/fields.h"

#define SFLOW 9999 /* decode/decode.h */

void
loss_of_line(const char *line, struct ledger_line *l)
{
	*l = (struct ledger_line){ 0 };
	for (size_t i = 0; i < LEDGER_COUNTS; i++)
		l->n[i] = fields_number(line, ledger_name[i]);
}

char *
loss_protocol(const struct ledger_line *l, char *buf)
{
	if (l->version == SFLOW)
		(void)snprintf(buf, LOSS_PROTOCOL_MAX, "sflow");
	else if (l->version == 10)
		(void)snprintf(buf, LOSS_PROTOCOL_MAX, "ipfix");
	else
		(void)snprintf(buf, LOSS_PROTOCOL_MAX, "v%u", l->version);
	return buf;
}
