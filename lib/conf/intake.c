/*
 * What a source of %sources says beyond port and sender: its optarg, and
 * keys of our own that mean the same in words.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "conf/capd.h"
#include "conf/settings.h"

struct reading {
	const struct loader *l;
	struct conf_source *s;
	const struct value *v; /* of the key */
	const char *text;
};

static int
bad(const struct reading *r, const char *key, const char *why)
{
	return load_fail(r->l, load_place(r->v), "source '%s': %s: %s",
	    r->s->ident, key, why);
}

static int
read_sampling(const struct reading *r)
{
	struct err why;
	if (capd_sampling(r->text, &r->s->in.sampling, &why) == 0)
		return 0;
	return bad(r, "sampling", why.msg);
}

static int
read_codec(const struct reading *r)
{
	r->s->in.own_codec = true;
	return load_codec(r->l, "codec", r->v, r->text, &r->s->in.codec);
}

static int
read_layout(const struct reading *r)
{
	int64_t n = -1;
	if (load_int(r->l, "subdirlayout", r->v, 0, 8, &n) == -1)
		return -1;
	r->s->in.layout = (int)n;
	return 0;
}

static int
read_command(const struct reading *r)
{
	struct err why;
	r->s->in.command = capd_command(r->text, &r->l->c->arena, &why);
	r->s->in.command_text = r->text;
	return r->s->in.command != NULL ? 0 : bad(r, "command", why.msg);
}

/* "192.0.2.1/9995 192.0.2.2" */
static int
read_repeater(const struct reading *r)
{
	struct conf_intake *in = &r->s->in;
	struct arena *a = &r->l->c->arena;
	struct err why;
	const char *s = r->text;
	in->n_repeat = 0;
	while (*(s += strspn(s, " ,;\t\n")) != '\0') {
		size_t len = strcspn(s, " ,;\t\n");
		if (in->n_repeat == CONF_REPEAT_MAX)
			return bad(r, "repeater", "more than 8 targets");
		if (capd_repeat(arena_strndup(a, s, len),
			&in->repeat[in->n_repeat], a, &why) == -1)
			return bad(r, "repeater", why.msg);
		in->n_repeat++;
		s += len;
	}
	return 0;
}

static int
read_spoof(const struct reading *r)
{
	r->s->in.spoof = strcmp(r->text, "0") != 0;
	return 0;
}

static int
read_tunnels(const struct reading *r)
{
	r->s->in.tunnels = strcmp(r->text, "0") != 0;
	return 0;
}

static int
read_multicast(const struct reading *r)
{
	struct capd o;
	struct err why;
	const char *option = arena_printf(&r->l->c->arena, "-J%s", r->text);
	if (strpbrk(r->text, " \t") != NULL ||
	    capd_parse_optarg(&o, option, &r->l->c->arena, &why) == -1)
		return bad(r, "multicast",
		    "not the address of a multicast group");
	r->s->in.mcast = o.in.mcast;
	capd_free(&o);
	return 0;
}

static int
read_dynamic(const struct reading *r)
{
	int64_t n = 0;
	if (load_int(r->l, "dynamic", r->v, 0, CONF_DYNAMIC_MAX, &n) == -1)
		return -1;
	r->s->in.dynamic = (int)n;
	if (n != 0 && r->s->n_ips != 0)
		return bad(r, "dynamic",
		    "is for senders that are not known, so not with 'IP'");
	return 0;
}

/* What a warning is needed for goes to the line of the optarg. */
static void
warn_notes(const struct reading *r, const struct capd *o)
{
	const char *s = buf_str(&o->notes);
	while (*s != '\0') {
		size_t n = strcspn(s, "\n");
		load_warn(r->l, load_place(r->v), "source '%s': optarg: %.*s",
		    r->s->ident, (int)n, s);
		s += n + (s[n] == '\n');
	}
}

static int
read_optarg(const struct reading *r)
{
	struct capd o;
	struct err why;
	r->s->optarg = r->text;
	/* A capture's options are not ours. */
	if (r->s->type == SOURCE_PCAP)
		return 0;
	if (capd_parse_optarg(&o, r->text, &r->l->c->arena, &why) == -1)
		return bad(r, "optarg", why.msg);
	warn_notes(r, &o);
	if (o.expire)
		load_warn(r->l, load_place(r->v),
		    "source '%s': optarg: option -e is ignored, profiles "
		    "have 'expire' and 'maxsize'",
		    r->s->ident);
	r->s->in = o.in;
	capd_free(&o);
	return 0;
}

static const struct {
	const char *name;
	int (*read)(const struct reading *r);
} keys[] = {
	{ "optarg", read_optarg }, /* first: the others have the last word */
	{ "sampling", read_sampling },
	{ "codec", read_codec },
	{ "subdirlayout", read_layout },
	{ "command", read_command },
	{ "repeater", read_repeater },
	{ "spoof", read_spoof },
	{ "multicast", read_multicast },
	{ "tunnels", read_tunnels },
	{ "dynamic", read_dynamic },
};

int
load_intake(const struct loader *l, struct conf_source *s,
    const struct value *v)
{
	s->in = (struct conf_intake){ .layout = -1 };
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		bool ok;
		struct reading r = { l, s, value_get(v, keys[i].name), NULL };
		r.text = load_text(l, keys[i].name, r.v, &ok);
		if (!ok)
			return -1;
		if (r.text != NULL && keys[i].read(&r) == -1)
			return -1;
	}
	return 0;
}

/* ---- printing ------------------------------------------------------------- */

void
source_ips(const struct prefix *ips, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		char text[PREFIX_STRLEN];
		(void)prefix_str(&ips[i], text);
		if (ips[i].len == (ips[i].addr.family == ADDR_V4 ? 32 : 128))
			*strchr(text, '/') = '\0';
		buf_printf(out, "%s%s", i > 0 ? ";" : "", text);
	}
}

static void
print_number(const char *key, int n, struct buf *out)
{
	buf_printf(out, ", '%s' => '%d'", key, n);
}

void
intake_print(const struct conf_source *s, struct buf *out)
{
	const struct conf_intake *in = &s->in;
	if (in->sampling != 0)
		print_number("sampling", in->sampling, out);
	if (in->own_codec) {
		buf_adds(out, ", 'codec' => ");
		codec_print(&in->codec, out);
	}
	if (in->layout != -1)
		print_number("subdirlayout", in->layout, out);
	source_print_key("command", in->command_text, out);
	if (in->n_repeat != 0)
		buf_adds(out, ", 'repeater' => '");
	for (size_t i = 0; i < in->n_repeat; i++)
		buf_printf(out, "%s%s/%u", i > 0 ? " " : "", in->repeat[i].host,
		    in->repeat[i].port);
	if (in->n_repeat != 0)
		buf_adds(out, "'");
	if (in->spoof)
		print_number("spoof", 1, out);
	source_print_key("multicast", in->mcast, out);
	if (in->tunnels)
		print_number("tunnels", 1, out);
	if (in->dynamic != 0)
		print_number("dynamic", in->dynamic, out);
}
