#include "collector/ports.h"

#include <stdlib.h>

#include "base/mem.h"

struct port *
ports_first(struct ports *ps)
{
	return atomic_load_explicit(&ps->first, memory_order_acquire);
}

struct port *
ports_find(struct ports *ps, uint16_t port)
{
	struct port *p = ports_first(ps);
	while (p != NULL && p->port != port)
		p = p->next;
	return p;
}

struct port *
ports_get(struct ports *ps, uint16_t port)
{
	struct port *p = ports_find(ps, port);
	if (p != NULL)
		return p;
	p = mem_calloc(1, sizeof(*p));
	p->port = port;
	p->next = ports_first(ps);
	atomic_store_explicit(&ps->first, p, memory_order_release);
	return p;
}

void
ports_free(struct ports *ps)
{
	for (struct port *p = ports_first(ps), *next; p != NULL; p = next) {
		next = p->next;
		free(p);
	}
	atomic_store(&ps->first, NULL);
}
