/*
 * %sources: who sends flows, and to which port.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/settings.h"

#define DIGITS "0123456789"
#define IDENT_CHARS                                                            \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_" DIGITS

static const char *const type_names[] = {
	[SOURCE_NETFLOW] = "netflow",
	[SOURCE_SFLOW] = "sflow",
	[SOURCE_PCAP] = "pcap",
};

#define N_TYPES (sizeof(type_names) / sizeof(*type_names))

/* One source while it is read: for messages that name it. */
struct entry {
	const struct loader *l;
	struct conf_source *s;
	struct value_place at; /* of the ident */
	const struct value *v;
};

static int
check_ident(const struct entry *e)
{
	const char *ident = e->s->ident;
	size_t n = strlen(ident);
	if (n < 1 || n > CONF_IDENT_MAX)
		return load_fail(e->l, e->at,
		    "source '%s': source identifiers "
		    "must be between 1 and %d chars long",
		    ident, CONF_IDENT_MAX);
	if (strspn(ident, IDENT_CHARS) != n)
		return load_fail(e->l, e->at,
		    "source '%s': source identifiers "
		    "must contain only characters [a-zA-Z0-9_]",
		    ident);
	return 0;
}

static int
read_type(const struct entry *e, const struct value *v)
{
	bool ok;
	const char *text = load_text(e->l, "type", v, &ok);
	if (text == NULL)
		return ok ? 0 : -1;
	for (size_t i = 0; i < N_TYPES; i++) {
		if (strcmp(type_names[i], text) == 0) {
			e->s->type = (enum conf_source_type)i;
			return 0;
		}
	}
	return load_fail(e->l, load_place(v),
	    "source '%s': unknown collector for type '%s'", e->s->ident, text);
}

static int
read_port(const struct entry *e, const struct value *v)
{
	int64_t port = 0;
	if (v == NULL)
		load_warn(e->l, e->at,
		    "source '%s' has no 'port', so no "
		    "collector",
		    e->s->ident);
	if (load_int(e->l, "port", v, 0, 65535, &port) == -1)
		return -1;
	e->s->port = (uint16_t)port;
	return 0;
}

static int
read_colour(const struct entry *e, const struct value *v)
{
	bool ok;
	e->s->col = load_text(e->l, "col", v, &ok);
	if (e->s->col != NULL && !conf_colour_ok(e->s->col))
		return load_fail(e->l, load_place(v),
		    "source '%s': colour '%s' is not of the form #rrggbb",
		    e->s->ident, e->s->col);
	return ok ? 0 : -1;
}

static int
read_ip(const struct entry *e, const struct value *v)
{
	bool ok;
	const char *text = load_text(e->l, "IP", v, &ok);
	if (text == NULL)
		return ok ? 0 : -1;
	if (!addr_parse(text, &e->s->ip))
		return load_fail(e->l, load_place(v),
		    "source '%s': IP '%s' is no address", e->s->ident, text);
	return 0;
}

static int
read_optarg(const struct entry *e, const struct value *v)
{
	bool ok;
	e->s->optarg = load_text(e->l, "optarg", v, &ok);
	return ok ? 0 : -1;
}

static void
warn_unknown_keys(const struct entry *e)
{
	static const char *const known[] = { "port", "type", "col", "IP",
		"optarg" };
	for (size_t i = 0; i < e->v->n; i++) {
		bool found = false;
		for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
			found |= strcmp(known[k], e->v->keys[i]) == 0;
		if (!found)
			load_warn(e->l, e->v->key_at[i],
			    "source '%s': '%s' is not known and ignored",
			    e->s->ident, e->v->keys[i]);
	}
}

static int
load_source(const struct entry *e)
{
	if (check_ident(e) == -1)
		return -1;
	if (e->v->type != VALUE_HASH)
		return load_fail(e->l, load_place(e->v),
		    "source '%s' must be a { ... } list of keys and values",
		    e->s->ident);
	warn_unknown_keys(e);
	return read_port(e, value_get(e->v, "port")) == 0 &&
		       read_type(e, value_get(e->v, "type")) == 0 &&
		       read_colour(e, value_get(e->v, "col")) == 0 &&
		       read_ip(e, value_get(e->v, "IP")) == 0 &&
		       read_optarg(e, value_get(e->v, "optarg")) == 0
		   ? 0
		   : -1;
}

/* ---- sources that share a port --------------------------------------------- */

static int
by_ident(const void *a, const void *b)
{
	const struct conf_source *x = a, *y = b;
	return strcmp(x->ident, y->ident);
}

static int
by_port(const void *a, const void *b)
{
	const struct conf_source *const *x = a, *const *y = b;
	if ((*x)->port != (*y)->port)
		return (*x)->port < (*y)->port ? -1 : 1;
	int c = addr_cmp(&(*x)->ip, &(*y)->ip);
	return c != 0 ? c : strcmp((*x)->ident, (*y)->ident);
}

static struct value_place
place_of_ident(const struct loader *l, const char *ident)
{
	const struct value *hash = value_get(l->vars, "%sources");
	for (size_t i = 0; i < hash->n; i++)
		if (strcmp(hash->keys[i], ident) == 0)
			return hash->key_at[i];
	return load_place(hash);
}

/* Two sources of one port, a sorted before b. */
static int
check_pair(const struct loader *l, const struct conf_source *a,
    const struct conf_source *b)
{
	struct value_place at = place_of_ident(l, b->ident);
	if (a->ip.family == ADDR_NONE)
		return load_fail(l, place_of_ident(l, a->ident),
		    "source "
		    "'%s': missing parameter 'IP' for multiple sources "
		    "collector (port %u is also that of '%s')",
		    a->ident, a->port, b->ident);
	if (a->type != b->type)
		return load_fail(l, at,
		    "source '%s': has different type than "
		    "'%s' for same collector (port %u)",
		    b->ident, a->ident, a->port);
	if (addr_eq(&a->ip, &b->ip))
		return load_fail(l, at,
		    "source '%s': has port %u and IP of "
		    "'%s'",
		    b->ident, a->port, a->ident);
	return 0;
}

static int
check_ports(const struct loader *l)
{
	struct conf *c = l->c;
	const struct conf_source **sorted =
	    arena_array(&c->arena, c->n_sources, sizeof(*sorted));
	for (size_t i = 0; i < c->n_sources; i++)
		sorted[i] = &c->sources[i];
	if (c->n_sources != 0)
		qsort(sorted, c->n_sources, sizeof(*sorted), by_port);
	for (size_t i = 1; i < c->n_sources; i++)
		if (sorted[i]->port != 0 &&
		    sorted[i]->port == sorted[i - 1]->port &&
		    check_pair(l, sorted[i - 1], sorted[i]) == -1)
			return -1;
	return 0;
}

int
load_sources(const struct loader *l)
{
	struct conf *c = l->c;
	const struct value *hash = value_get(l->vars, "%sources");
	if (hash == NULL)
		return 0;
	c->n_sources = hash->n;
	c->sources = arena_array(&c->arena, hash->n, sizeof(*c->sources));
	for (size_t i = 0; i < hash->n; i++) {
		c->sources[i].ident = hash->keys[i];
		struct entry e = { l, &c->sources[i], hash->key_at[i],
			hash->items[i] };
		if (load_source(&e) == -1)
			return -1;
	}
	if (c->n_sources != 0)
		qsort(c->sources, c->n_sources, sizeof(*c->sources), by_ident);
	return check_ports(l);
}

const struct conf_source *
conf_source_find(const struct conf *c, const char *ident)
{
	struct conf_source key = { .ident = ident };
	if (c->n_sources == 0)
		return NULL;
	return bsearch(&key, c->sources, c->n_sources, sizeof(key), by_ident);
}

static void
print_key(const char *key, const char *text, struct buf *out)
{
	if (text == NULL)
		return;
	buf_printf(out, ", '%s' => ", key);
	value_print_string(text, out);
}

void
sources_print(const struct conf *c, struct buf *out)
{
	buf_adds(out, "%sources = (\n");
	for (size_t i = 0; i < c->n_sources; i++) {
		const struct conf_source *s = &c->sources[i];
		char ip[ADDR_STRLEN];
		buf_printf(out, "    '%s' => { 'port' => '%u'", s->ident,
		    s->port);
		print_key("col", s->col, out);
		print_key("type", type_names[s->type], out);
		if (s->ip.family != ADDR_NONE)
			print_key("IP", addr_str(&s->ip, ip), out);
		print_key("optarg", s->optarg, out);
		buf_adds(out, " },\n");
	}
	buf_adds(out, ");\n");
}
