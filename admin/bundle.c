/* Sources by port, as NfSen's dialogues show them. */
#include <stdio.h>

#include "admin/admin.h"

/* Ports in order, 0 behind all others. */
static int
rank(int port)
{
	return port == 0 ? 65536 : port;
}

bool
source_is_collected(const struct conf_source *s)
{
	return s->port != 0 && s->type != SOURCE_PCAP;
}

bool
bundle_is_collected(const struct conf *c, int port)
{
	for (size_t i = 0; i < c->n_sources; i++)
		if (c->sources[i].port == port &&
		    source_is_collected(&c->sources[i]))
			return true;
	return false;
}

bool
bundle_any(const struct conf *c)
{
	for (size_t i = 0; i < c->n_sources; i++)
		if (source_is_collected(&c->sources[i]))
			return true;
	return false;
}

int
bundle_next(const struct conf *c, int port)
{
	int best = -1;
	int after = port == -1 ? -1 : rank(port);
	for (size_t i = 0; i < c->n_sources; i++) {
		int r = rank(c->sources[i].port);
		if (r > after && (best == -1 || r < rank(best)))
			best = c->sources[i].port;
	}
	return best;
}

void
bundle_idents(const struct conf *c, int port, struct buf *out)
{
	bool first = true;
	for (size_t i = 0; i < c->n_sources; i++) {
		if (c->sources[i].port != port)
			continue;
		buf_printf(out, "%s%s", first ? "" : " ", c->sources[i].ident);
		first = false;
	}
}

void
bundle_print(const struct conf *c, int port)
{
	struct buf idents = BUF_EMPTY;
	if (port == 0)
		return;
	bundle_idents(c, port, &idents);
	(void)printf("(%s)", buf_str(&idents));
	buf_free(&idents);
}
