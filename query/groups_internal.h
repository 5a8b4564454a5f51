/* groups: what groups.c and ranking.c share. */
#ifndef QUERY_GROUPS_INTERNAL_H
#define QUERY_GROUPS_INTERNAL_H

#include "query/groups.h"
#include "query/partition.h"

enum { NARROW, WIDE, FAMILIES };

struct groups_part;

struct groups {
	struct groups_conf c;
	enum key_use use; /* of narrow keys */
	struct keyhash hash;
	struct family family[FAMILIES];
	struct groups_part *parts; /* of threads that are done */
	size_t n_parts;
};

#endif
