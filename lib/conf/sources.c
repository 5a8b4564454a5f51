/*
 * %sources: who sends flows, and to which port.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/capd.h"
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
	struct err why;
	const char *text = load_text(e->l, "IP", v, &ok);
	if (text == NULL)
		return ok ? 0 : -1;
	if (capd_prefixes(text, true, &e->s->ips, &e->s->n_ips, &e->l->c->arena,
		&why) == -1)
		return load_fail(e->l, load_place(v), "source '%s': IP %s",
		    e->s->ident, why.msg);
	return 0;
}

static void
warn_unknown_keys(const struct entry *e)
{
	static const char *const known[] = { "port", "type", "col", "IP",
		"optarg", "transport", SOURCE_INTAKE_KEYS };
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
		       load_transport(e->l, e->s,
			   value_get(e->v, "transport")) == 0 &&
		       load_intake(e->l, e->s, e->v) == 0
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

/* One prefix of a source, or a source that has none. */
struct claim {
	const struct conf_source *s;
	struct prefix ip; /* ADDR_NONE: everybody */
};

static int
by_port(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	if (x->s->port != y->s->port)
		return x->s->port < y->s->port ? -1 : 1;
	int c = addr_cmp(&x->ip.addr, &y->ip.addr);
	if (c == 0)
		c = (int)x->ip.len - (int)y->ip.len;
	return c != 0 ? c : strcmp(x->s->ident, y->s->ident);
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

/* Two claims on one port, x sorted before y. */
static int
check_pair(const struct loader *l, const struct claim *x, const struct claim *y)
{
	const struct conf_source *a = x->s, *b = y->s;
	struct value_place at = place_of_ident(l, b->ident);
	if (a == b)
		return 0;
	if (x->ip.addr.family == ADDR_NONE &&
	    (a->in.dynamic == 0 || y->ip.addr.family == ADDR_NONE))
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
	if (a->transport != b->transport)
		return load_fail(l, at,
		    "source '%s': has another transport than '%s' on the same "
		    "port (%u)",
		    b->ident, a->ident, a->port);
	if (addr_eq(&x->ip.addr, &y->ip.addr) && x->ip.len == y->ip.len)
		return load_fail(l, at,
		    "source '%s': has port %u and IP of "
		    "'%s'",
		    b->ident, a->port, a->ident);
	return 0;
}

static size_t
claims_of(const struct conf *c, struct claim *out)
{
	size_t n = 0;
	for (size_t i = 0; i < c->n_sources; i++) {
		const struct conf_source *s = &c->sources[i];
		for (size_t k = 0; k < s->n_ips || k == 0; k++) {
			if (out != NULL)
				out[n].s = s;
			if (out != NULL && k < s->n_ips)
				out[n].ip = s->ips[k];
			n++;
		}
	}
	return n;
}

static int
check_ports(const struct loader *l)
{
	struct conf *c = l->c;
	size_t n = claims_of(c, NULL);
	struct claim *sorted = arena_array(&c->arena, n, sizeof(*sorted));
	if (claims_of(c, sorted) != 0)
		qsort(sorted, n, sizeof(*sorted), by_port);
	for (size_t i = 1; i < n; i++)
		if (sorted[i].s->port != 0 &&
		    sorted[i].s->port == sorted[i - 1].s->port &&
		    check_pair(l, &sorted[i - 1], &sorted[i]) == -1)
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

void
source_print_key(const char *key, const char *text, struct buf *out)
{
	if (text == NULL)
		return;
	buf_printf(out, ", '%s' => ", key);
	value_print_string(text, out);
}

/* A prefix of one address without its length, as people write it. */
static void
print_ips(const struct conf_source *s, struct buf *out)
{
	struct buf text = BUF_EMPTY;
	if (s->n_ips == 0)
		return;
	source_ips(s->ips, s->n_ips, &text);
	source_print_key("IP", buf_str(&text), out);
	buf_free(&text);
}

void
sources_print(const struct conf *c, struct buf *out)
{
	buf_adds(out, "%sources = (\n");
	for (size_t i = 0; i < c->n_sources; i++) {
		const struct conf_source *s = &c->sources[i];
		if (s->parent != NULL)
			continue;
		buf_printf(out, "    '%s' => { 'port' => '%u'", s->ident,
		    s->port);
		source_print_key("col", s->col, out);
		source_print_key("type", type_names[s->type], out);
		print_ips(s, out);
		transport_print(s, out);
		source_print_key("optarg", s->optarg, out);
		intake_print(s, out);
		buf_adds(out, " },\n");
	}
	buf_adds(out, ");\n");
}
