/*
 * %profiles: the profiles that the config asks for.
 */
#include <stdlib.h>
#include <string.h>

#include "base/slot.h"
#include "conf/settings.h"

/* The profile, or channel of it, that is being read: for messages. */
struct entry {
	const struct loader *l;
	struct conf_profile *p;
	struct conf_channel *ch; /* NULL: the profile itself */
	const char *name;        /* key of the hash: "web", "group/web" */
	const char *label;       /* "profile 'web': channel 'https'" */
	const struct value *v;
	struct value_place at;
};

typedef int key_reader(const struct entry *e, const char *key,
    const struct value *v);

struct key {
	const char *name;
	key_reader *read;
};

/* Every key of the hash must be in the table; absent ones are not read. */
static int
read_keys(const struct entry *e, const struct key *keys, size_t n)
{
	if (e->v->type != VALUE_HASH)
		return load_fail(e->l, load_place(e->v),
		    "%s must be a { ... } list of keys and values", e->label);
	for (size_t i = 0; i < e->v->n; i++) {
		size_t k = 0;
		while (k < n && strcmp(keys[k].name, e->v->keys[i]) != 0)
			k++;
		if (k == n)
			return load_fail(e->l, e->v->key_at[i],
			    "%s: key '%s' is not known", e->label,
			    e->v->keys[i]);
		if (keys[k].read(e, keys[k].name, e->v->items[i]) == -1)
			return -1;
	}
	return 0;
}

/* "profile 'web': 'expire' is 'x', but must be WHAT" */
static int
bad_value(const struct entry *e, const char *key, const struct value *v,
    const char *what)
{
	return load_fail(e->l, load_place(v),
	    "%s: '%s' is '%s', but must be %s", e->label, key, v->text, what);
}

/* ---- keys of a profile ------------------------------------------------------ */

static int
read_description(const struct entry *e, const char *key, const struct value *v)
{
	bool ok;
	const char *text = load_text(e->l, key, v, &ok);
	e->p->description = text != NULL ? text : "";
	return ok ? 0 : -1;
}

static int
read_type(const struct entry *e, const char *key, const struct value *v)
{
	static const struct {
		const char *name;
		bool history, shadow;
	} types[] = {
		{ "continuous", false, false },
		{ "history", true, false },
		{ "continuous / shadow", false, true },
		{ "history / shadow", true, true },
	};
	bool ok;
	const char *text = load_text(e->l, key, v, &ok);
	if (text == NULL)
		return ok ? 0 : -1;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (strcmp(types[i].name, text) != 0)
			continue;
		e->p->history = types[i].history;
		e->p->shadow |= types[i].shadow;
		return 0;
	}
	return bad_value(e, key, v, "'continuous' or 'history'");
}

static int
read_shadow(const struct entry *e, const char *key, const struct value *v)
{
	int64_t n = e->p->shadow;
	if (load_int(e->l, key, v, 0, 1, &n) == -1)
		return -1;
	e->p->shadow |= n != 0;
	return 0;
}

static int
read_expire(const struct entry *e, const char *key, const struct value *v)
{
	bool ok;
	const char *text = load_text(e->l, key, v, &ok);
	if (text == NULL)
		return ok ? 0 : -1;
	e->p->expire_hours = conf_parse_expire(text);
	if (e->p->expire_hours == -1)
		return bad_value(e, key, v,
		    "a life time like '30 days', '2 days 3 hours' or 'never'");
	return 0;
}

static int
read_maxsize(const struct entry *e, const char *key, const struct value *v)
{
	bool ok;
	const char *text = load_text(e->l, key, v, &ok);
	if (text == NULL)
		return ok ? 0 : -1;
	if (!conf_parse_size(text, &e->p->maxsize))
		return bad_value(e, key, v,
		    "a size like '500m', '2g' or 'unlimited'");
	return 0;
}

static int
read_time(const struct entry *e, const char *key, const struct value *v)
{
	bool ok;
	const char *text = load_text(e->l, key, v, &ok);
	int64_t when;
	if (text == NULL)
		return ok ? 0 : -1;
	if (!slot_parse_iso(text, &when))
		return bad_value(e, key, v, "a time as yyyymmddHHMM");
	when = slot_start(when, e->l->c->cycletime);
	*(strcmp(key, "tstart") == 0 ? &e->p->tstart : &e->p->tend) = when;
	return 0;
}

/* ---- keys of a channel ------------------------------------------------------ */

static int
read_filter(const struct entry *e, const char *key, const struct value *v)
{
	bool ok;
	const char *text = load_text(e->l, key, v, &ok);
	if (text != NULL)
		e->ch->filter = text;
	return ok ? 0 : -1;
}

static int
read_colour(const struct entry *e, const char *key, const struct value *v)
{
	bool ok;
	const char *text = load_text(e->l, key, v, &ok);
	if (text == NULL)
		return ok ? 0 : -1;
	if (!conf_colour_ok(text))
		return bad_value(e, key, v, "a colour as #rrggbb");
	e->ch->col = text;
	return 0;
}

static int
read_sign(const struct entry *e, const char *key, const struct value *v)
{
	bool ok;
	const char *text = load_text(e->l, key, v, &ok);
	if (text == NULL)
		return ok ? 0 : -1;
	if (strcmp(text, "+") != 0 && strcmp(text, "-") != 0)
		return bad_value(e, key, v, "'+' or '-'");
	e->ch->sign = text[0];
	return 0;
}

static int
read_order(const struct entry *e, const char *key, const struct value *v)
{
	int64_t n = 0;
	if (load_int(e->l, key, v, 0, 100000, &n) == -1)
		return -1;
	e->ch->order = (int)n;
	return 0;
}

static int
add_source(const struct entry *e, const struct value *v, const char *name)
{
	struct conf_channel *ch = e->ch;
	const struct conf_source *s = conf_source_find(e->l->c, name);
	if (s == NULL)
		return load_fail(e->l, load_place(v),
		    "%s: source '%s' is not in %%sources", e->label, name);
	for (size_t i = 0; i < ch->n_sources; i++)
		if (ch->sources[i] == s->ident)
			return 0;
	ch->sources[ch->n_sources++] = s->ident;
	return 0;
}

static size_t
count_words(const char *text)
{
	size_t n = 1;
	for (const char *s = text; *s != '\0'; s++)
		n += *s == '|';
	return n;
}

/* 'a|b'; doubled, leading and trailing bars are nothing, as in NfSen. */
static int
add_joined_sources(const struct entry *e, const struct value *v)
{
	struct arena *a = &e->l->c->arena;
	if (strcmp(v->text, "*") == 0)
		return 0;
	e->ch->sources =
	    arena_array(a, count_words(v->text), sizeof(*e->ch->sources));
	for (const char *s = v->text; *s != '\0';) {
		size_t n = strcspn(s, "|");
		if (n != 0 && add_source(e, v, arena_strndup(a, s, n)) == -1)
			return -1;
		s += n + (s[n] == '|');
	}
	return 0;
}

static int
read_sources(const struct entry *e, const char *key, const struct value *v)
{
	bool ok;
	if (v->type != VALUE_ARRAY) {
		const char *text = load_text(e->l, key, v, &ok);
		if (text == NULL)
			return ok ? 0 : -1;
		return add_joined_sources(e, v);
	}
	e->ch->sources =
	    arena_array(&e->l->c->arena, v->n, sizeof(*e->ch->sources));
	for (size_t i = 0; i < v->n; i++) {
		const char *name = load_text(e->l, key, v->items[i], &ok);
		if (!ok ||
		    (name != NULL && add_source(e, v->items[i], name) == -1))
			return -1;
	}
	return 0;
}

static const struct key channel_keys[] = {
	{ "filter", read_filter },
	{ "sources", read_sources },
	{ "col", read_colour },
	{ "sign", read_sign },
	{ "order", read_order },
};

static int
load_channel(const struct entry *e)
{
	struct conf_channel *ch = e->ch;
	if (!conf_channel_name_ok(ch->name))
		return load_fail(e->l, e->at,
		    "%s: channel names have "
		    "1 to %d of [a-zA-Z0-9_-]",
		    e->label, CONF_CHANNEL_MAX);
	ch->line = e->at.line;
	ch->column = e->at.column;
	ch->sign = '+';
	ch->filter = "any";
	return read_keys(e, channel_keys,
	    sizeof(channel_keys) / sizeof(*channel_keys));
}

static int
read_channels(const struct entry *e, const char *key, const struct value *v)
{
	struct conf_profile *p = e->p;
	struct arena *a = &e->l->c->arena;
	if (v->type != VALUE_HASH)
		return load_fail(e->l, load_place(v),
		    "%s: '%s' must "
		    "be a { ... } list of channels",
		    e->label, key);
	p->n_channels = v->n;
	p->channels = arena_array(a, v->n, sizeof(*p->channels));
	for (size_t i = 0; i < v->n; i++) {
		p->channels[i].name = v->keys[i];
		struct entry ch = *e;
		ch.ch = &p->channels[i];
		ch.name = v->keys[i];
		ch.label =
		    arena_printf(a, "%s: channel '%s'", e->label, v->keys[i]);
		ch.v = v->items[i];
		ch.at = v->key_at[i];
		if (load_channel(&ch) == -1)
			return -1;
	}
	return 0;
}

/* ---- a whole profile -------------------------------------------------------- */

static const struct key profile_keys[] = {
	{ "description", read_description },
	{ "type", read_type },
	{ "shadow", read_shadow },
	{ "expire", read_expire },
	{ "maxsize", read_maxsize },
	{ "tstart", read_time },
	{ "tend", read_time },
	{ "channels", read_channels },
};

/* "group/name" or "name" into its parts, checked. */
static int
split_name(const struct entry *e)
{
	struct conf_profile *p = e->p;
	const char *slash = strchr(e->name, '/');
	p->group = ".";
	p->name = e->name;
	if (slash != NULL) {
		p->group = arena_strndup(&e->l->c->arena, e->name,
		    (size_t)(slash - e->name));
		p->name = slash + 1;
	}
	if (!conf_name_ok(p->name, CONF_NAME_MAX) ||
	    (slash != NULL && !conf_name_ok(p->group, CONF_NAME_MAX)))
		return load_fail(e->l, e->at,
		    "%s: names are 'name' "
		    "or 'group/name', each 1 to %d of [a-zA-Z0-9+_-]",
		    e->label, CONF_NAME_MAX);
	const char *top = slash != NULL ? p->group : p->name;
	if (strcmp(top, "live") == 0)
		return load_fail(e->l, e->at,
		    "%s: 'live' is the "
		    "built-in profile of all sources",
		    e->label);
	return 0;
}

/* What the keys must be together. */
static int
check_profile(const struct entry *e)
{
	const struct conf_profile *p = e->p;
	if (p->n_channels == 0)
		return load_fail(e->l, e->at, "%s has no channels", e->label);
	if (p->history && (p->tstart == 0 || p->tend == 0))
		return load_fail(e->l, e->at,
		    "%s: a history profile "
		    "needs 'tstart' and 'tend'",
		    e->label);
	if (p->history && p->tend < p->tstart)
		return load_fail(e->l, e->at,
		    "%s: 'tend' is before "
		    "'tstart'",
		    e->label);
	if (!p->history && p->tend != 0)
		return load_fail(e->l, e->at,
		    "%s: only a history "
		    "profile has an end, 'tend' is not for a continuous one",
		    e->label);
	if ((p->history || p->shadow) &&
	    (p->expire_hours != 0 || p->maxsize != 0))
		load_warn(e->l, e->at,
		    "%s: 'expire' and 'maxsize' "
		    "have no effect, a %s profile %s",
		    e->label, p->shadow ? "shadow" : "history",
		    p->shadow ? "keeps no flow files" : "never expires");
	return 0;
}

static int
load_profile(const struct entry *e)
{
	e->p->description = "";
	e->p->line = e->at.line;
	e->p->column = e->at.column;
	if (split_name(e) == -1 ||
	    read_keys(e, profile_keys,
		sizeof(profile_keys) / sizeof(*profile_keys)) == -1)
		return -1;
	return check_profile(e);
}

static int
by_name(const void *a, const void *b)
{
	const struct conf_profile *x = a, *y = b;
	int c = strcmp(x->group, y->group);
	return c != 0 ? c : strcmp(x->name, y->name);
}

const struct conf_profile *
conf_profile_find(const struct conf *c, const char *group, const char *name)
{
	struct conf_profile key = { .group = group, .name = name };
	if (c->n_profiles == 0)
		return NULL;
	return bsearch(&key, c->profiles, c->n_profiles, sizeof(key), by_name);
}

/* A group and a profile of one name would be one folder. */
static int
check_groups(const struct loader *l)
{
	const struct conf *c = l->c;
	for (size_t i = 0; i < c->n_profiles; i++) {
		const struct conf_profile *p = &c->profiles[i];
		if (strcmp(p->group, ".") == 0 ||
		    conf_profile_find(c, ".", p->group) == NULL)
			continue;
		return load_fail(l, (struct value_place){ p->line, p->column },
		    "profile '%s/%s': '%s' is a profile already and cannot be "
		    "a group",
		    p->group, p->name, p->group);
	}
	return 0;
}

int
load_profiles(const struct loader *l)
{
	struct conf *c = l->c;
	const struct value *hash = value_get(l->vars, "%profiles");
	if (hash == NULL)
		return 0;
	c->has_profiles = true;
	c->n_profiles = hash->n;
	c->profiles = arena_array(&c->arena, hash->n, sizeof(*c->profiles));
	for (size_t i = 0; i < hash->n; i++) {
		struct entry e = { .l = l,
			.p = &c->profiles[i],
			.name = hash->keys[i],
			.label = arena_printf(&c->arena, "profile '%s'",
			    hash->keys[i]),
			.v = hash->items[i],
			.at = hash->key_at[i] };
		if (load_profile(&e) == -1)
			return -1;
	}
	if (c->n_profiles != 0)
		qsort(c->profiles, c->n_profiles, sizeof(*c->profiles),
		    by_name);
	return check_groups(l);
}

/* ---- printing --------------------------------------------------------------- */

static void
print_channel(const struct conf_channel *ch, struct buf *out)
{
	buf_printf(out, "            '%s' => {\n", ch->name);
	buf_adds(out, "                'filter' => ");
	value_print_string(ch->filter, out);
	buf_adds(out, ",\n                'sources' => '");
	for (size_t i = 0; i < ch->n_sources; i++)
		buf_printf(out, "%s%s", i == 0 ? "" : "|", ch->sources[i]);
	buf_printf(out, "%s',\n", ch->n_sources == 0 ? "*" : "");
	if (ch->col != NULL)
		buf_printf(out, "                'col' => '%s',\n", ch->col);
	buf_printf(out, "                'sign' => '%c',\n", ch->sign);
	buf_printf(out, "                'order' => %d,\n", ch->order);
	buf_adds(out, "            },\n");
}

static void
print_time(const char *key, int64_t when, int64_t length, struct buf *out)
{
	char iso[SLOT_NAME_MAX];
	if (when != 0)
		buf_printf(out, "        '%s' => '%s',\n", key,
		    slot_iso(when, length, iso));
}

void
conf_print_profile(const struct conf_profile *p, int64_t length,
    struct buf *out)
{
	bool grouped = strcmp(p->group, ".") != 0;
	buf_printf(out, "    '%s%s%s' => {\n", grouped ? p->group : "",
	    grouped ? "/" : "", p->name);
	buf_adds(out, "        'description' => ");
	value_print_string(p->description, out);
	buf_printf(out, ",\n        'type' => '%s',\n        'shadow' => %d,\n",
	    p->history ? "history" : "continuous", p->shadow);
	buf_adds(out, "        'expire' => '");
	conf_print_expire(p->expire_hours, out);
	buf_adds(out, "',\n        'maxsize' => '");
	conf_print_size(p->maxsize, out);
	buf_adds(out, "',\n");
	print_time("tstart", p->tstart, length, out);
	print_time("tend", p->tend, length, out);
	buf_adds(out, "        'channels' => {\n");
	for (size_t i = 0; i < p->n_channels; i++)
		print_channel(&p->channels[i], out);
	buf_adds(out, "        },\n    },\n");
}

void
profiles_print(const struct conf *c, struct buf *out)
{
	if (!c->has_profiles)
		return;
	buf_adds(out, "%profiles = (\n");
	for (size_t i = 0; i < c->n_profiles; i++)
		conf_print_profile(&c->profiles[i], c->cycletime, out);
	buf_adds(out, ");\n");
}
