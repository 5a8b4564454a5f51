/*
 * The repeaters of all sources, and how they survive a reload: their sockets
 * may have needed rights that are gone by then.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collector/repeat.h"

struct repeat *
repeaters_find(const struct repeaters *rs, const char *ident)
{
	for (size_t i = 0; i < rs->n; i++)
		if (strcmp(rs->r[i].ident, ident) == 0)
			return rs->r[i].repeat;
	return NULL;
}

static bool
has(const struct repeaters *rs, const struct repeat *r)
{
	for (size_t i = 0; rs != NULL && i < rs->n; i++)
		if (rs->r[i].repeat == r)
			return true;
	return false;
}

static void
add(struct repeaters *rs, const char *ident, struct repeat *r)
{
	rs->r = mem_realloc(rs->r, rs->n + 1, sizeof(*rs->r));
	rs->r[rs->n++] = (struct repeater){ mem_strdup(ident), r };
}

int
repeaters_open(const struct conf *c, const struct repeaters *have,
    struct repeaters *out, struct err *err)
{
	*out = (struct repeaters){ 0 };
	for (size_t i = 0; i < c->n_sources; i++) {
		const struct conf_source *s = &c->sources[i];
		struct repeat *r = repeaters_find(have, s->ident);
		/* What came by itself shares its parent's. */
		if (s->in.n_repeat == 0 || s->parent != NULL)
			continue;
		if ((r == NULL || !repeat_is(r, &s->in)) &&
		    repeat_open(&s->in, &r, err) == -1) {
			repeaters_close(out, have);
			return err_prefix(err, "source '%s'", s->ident);
		}
		add(out, s->ident, r);
	}
	return 0;
}

void
repeaters_close(struct repeaters *rs, const struct repeaters *but)
{
	for (size_t i = 0; i < rs->n; i++) {
		if (!has(but, rs->r[i].repeat))
			repeat_close(rs->r[i].repeat);
		free(rs->r[i].ident);
	}
	free(rs->r);
	*rs = (struct repeaters){ 0 };
}
