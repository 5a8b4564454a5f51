/* service_private: what the service's three files share. */
#ifndef COLLECTOR_SERVICE_PRIVATE_H
#define COLLECTOR_SERVICE_PRIVATE_H

#include "collector/service.h"

/*
 * What c wants, with the repeaters of rs; free p->sources.  Folders of sources
 * must be there, but of those that came by themselves.
 */
int service_plan(const struct service *s, const struct conf *c,
    const struct repeaters *rs, struct decoder_plan *p, struct err *err);

#endif
