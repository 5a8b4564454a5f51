/*
 * string: terms on strings of a flow: the user of a firewall, an interface's
 * name, a label.  They are equal byte by byte, up to a NUL in the record.
 */
#include <string.h>

#include "filter/string.h"

static const struct {
	const char *what;
	size_t max;
	size_t offset;
	enum flow_elem elem;
} strings[] = {
	[STRING_USER] = { "the name of a user", 65, offsetof(struct flow, user),
	    FE_USER },
	[STRING_PF_IF] = { "the name of an interface", 64,
	    offsetof(struct flow, pf_ifname), FE_PFINFO },
	[STRING_LABEL] = { "a label", 64, offsetof(struct flow, label),
	    FE_LABEL },
};

static bool
read(struct parser *ps, struct term *t)
{
	return parse_string(ps, strings[t->def->arg].what,
	    strings[t->def->arg].max, t);
}

static bool
match(const struct term *t, unsigned bit, const struct flow *flow)
{
	struct flow_bytes b;
	size_t len = strlen(t->text);
	(void)bit;
	if (!flow_has(flow, strings[t->def->arg].elem))
		return false;
	memcpy(&b, (const uint8_t *)flow + strings[t->def->arg].offset,
	    sizeof(b));
	return b.len >= len && memcmp(b.p, t->text, len) == 0 &&
	       (b.len == len || b.p[len] == '\0');
}

const struct term_ops string_ops = { .read = read, .match = match };
