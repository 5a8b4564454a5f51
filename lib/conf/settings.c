/*
 * The scalar settings: one table says name, kind, default and range.
 */
#include "conf/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/address.h"

enum kind {
	KIND_TEXT,
	KIND_PATH,
	KIND_INT,
	KIND_BOOL,
	KIND_CODEC,
	KIND_WORD, /* one of `words`, stored as its index */
	KIND_KEPT  /* for other programs: neither read nor warned about */
};

struct setting {
	const char *name; /* with sigil */
	enum kind kind;
	size_t offset;
	const char *preset; /* may name other settings; NULL: none */
	int min, max;
	const char *const *words; /* NULL ends them */
};

static const char *const
    formats[] = { [COMPAT_171] = "1.7.1", [COMPAT_NEWEST] = "newest", NULL };
static const char *const syncs[] = { [FSYNC_OFF] = "off",
	[FSYNC_SLOT] = "slot",
	[FSYNC_BLOCK] = "block",
	NULL };
static const char *const switches[] = { "off", "on", NULL };

#define TEXT(name, field, preset)                                              \
	{                                                                      \
		"$" name, KIND_TEXT, offsetof(struct conf, field), preset, 0,  \
		    0, NULL                                                    \
	}
#define PATH(name, field, preset)                                              \
	{                                                                      \
		"$" name, KIND_PATH, offsetof(struct conf, field), preset, 0,  \
		    0, NULL                                                    \
	}
#define INT(name, field, preset, min, max)                                     \
	{                                                                      \
		"$" name, KIND_INT, offsetof(struct conf, field), preset, min, \
		    max, NULL                                                  \
	}
#define BOOL(name, field)                                                      \
	{                                                                      \
		"$" name, KIND_BOOL, offsetof(struct conf, field), "0", 0, 1,  \
		    NULL                                                       \
	}
#define CODEC(name, field)                                                     \
	{                                                                      \
		"$" name, KIND_CODEC, offsetof(struct conf, field), "-z=lz4",  \
		    0, 0, NULL                                                 \
	}
#define WORD(name, field, preset, words)                                       \
	{                                                                      \
		"$" name, KIND_WORD, offsetof(struct conf, field), preset, 0,  \
		    0, words                                                   \
	}
#define KEPT(name)                                                             \
	{                                                                      \
		name, KIND_KEPT, 0, NULL, 0, 0, NULL                           \
	}

static const struct setting settings[] = {
	PATH("BASEDIR", basedir, NULL),
	PATH("BINDIR", bindir, "$BASEDIR/bin"),
	PATH("LIBEXECDIR", libexecdir, "$BASEDIR/libexec"),
	PATH("CONFDIR", confdir, "$BASEDIR/etc"),
	PATH("HTMLDIR", htmldir, "/var/www/htdocs/nfsen"),
	PATH("DOCDIR", docdir, "$HTMLDIR/doc"),
	PATH("VARDIR", vardir, "$BASEDIR/var"),
	PATH("PIDDIR", piddir, "$VARDIR/run"),
	PATH("FILTERDIR", filterdir, "$VARDIR/filters"),
	PATH("FORMATDIR", formatdir, "$VARDIR/fmt"),
	PATH("PROFILESTATDIR", profilestatdir, "$BASEDIR/profiles-stat"),
	PATH("PROFILEDATADIR", profiledatadir, "$BASEDIR/profiles-data"),
	PATH("PREFIX", prefix, "/usr/local/bin"),
	PATH("COMMSOCKET", commsocket, "$PIDDIR/nfsen.comm"),
	TEXT("USER", user, "nobody"),
	TEXT("WWWUSER", wwwuser, "nobody"),
	TEXT("WWWGROUP", wwwgroup, NULL),
	TEXT("syslog_facility", syslog_facility, "local3"),
	INT("BUFFLEN", bufflen, "0", 0, 1 << 30),
	INT("SUBDIRLAYOUT", subdirlayout, "0", 0, 8),
	CODEC("ZIPcollected", zip_collected),
	CODEC("ZIPprofiles", zip_profiles),
	INT("RECEIVERS", receivers, "1", 1, CONF_RECEIVERS_MAX),
	INT("PROFILERS", profilers, "1", 1, 1024),
	INT("DISKLIMIT", disklimit, "98", 0, 100),
	INT("low_water", low_water, "90", 1, 100),
	INT("CYCLETIME", cycletime, "300", 1, 3600),
	INT("Refresh", refresh, "$CYCLETIME", 1, 86400),
	TEXT("MAIL_FROM", mail_from, NULL),
	TEXT("SMTP_SERVER", smtp_server, NULL),
	TEXT("MAIL_BODY", mail_body,
	    "Alert '@alert@' triggered at timeslot @timeslot@"),
	BOOL("SIMmode", simmode),
	TEXT("BINDADDR", bind_v4, NULL),
	PATH("FCGISOCKET", fcgisocket, "$PIDDIR/nfsen-fcgi.sock"),
	INT("FCGIWORKERS", fcgiworkers, "4", 1, 256),
	WORD("FLOWFORMAT", flowformat, "1.7.1", formats),
	WORD("FSYNC", fsync, "slot", syncs),
	WORD("SANDBOX", sandbox, "on", switches),
	INT("INDEX", index, "1", 0, 1),
	PATH("TLSCERT", tlscert, NULL),
	PATH("TLSKEY", tlskey, NULL),
	PATH("TLSCA", tlsca, NULL),
	INT("TCPCONNECTIONS", tcpconnections, "512", 1, 4096),
	INT("TCPIDLE", tcpidle, "1800", 1, 86400),
	TEXT("GEODB", geodb, NULL),
	TEXT("RRDCACHED", rrdcached, NULL),
	TEXT("METRICS", metrics, NULL),
	INT("METRICS_INTERFACES", metrics_interfaces, "0", 0, 100000),
	INT("EXPORTERS", exporters, "65535", 1, 65535),
	INT("EXPORTERIDLE", exporteridle, "604800", 60, 31536000),
	INT("TEMPLATES", templates, "1024", 1, 65280),
	INT("TEMPLATEIDLE", templateidle, "604800", 60, 31536000),
	INT("WAITINGSIZE", waitingsize, "64", 1, 1024),
	KEPT("$GROUP"),
	KEPT("$PLUGINDIR"),
	KEPT("$DEBUG"),
	KEPT("$EXTENSIONS"),
	KEPT("$BACKEND_PLUGINDIR"),
	KEPT("$FRONTEND_PLUGINDIR"),
	KEPT("$PICDIR"),
	KEPT("$LogSocket"),
	KEPT("$InterruptExpire"),
	KEPT("$RCPT_TO"),
	KEPT("$PERL_HAS_MEMLEAK"),
	KEPT("$AllowsSystemCMD"),
	KEPT("$NFPROFILEOPTS"),
	KEPT("$NFEXPIREOPTS"),
	KEPT("$RRDoffset"),
	KEPT("$WHOISSERVER"),
	KEPT("@plugins"),
	KEPT("%PluginConf"),
	KEPT("%sim"),
};

#define N_SETTINGS (sizeof(settings) / sizeof(*settings))

static const struct setting *
find_setting(const char *name)
{
	for (size_t i = 0; i < N_SETTINGS; i++)
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	return NULL;
}

/* ---- defaults ------------------------------------------------------------- */

/* No value, or one that means none; a list is neither. */
static bool
is_empty(const struct value *v)
{
	return v == NULL || v->type == VALUE_UNDEF ||
	       (v->type == VALUE_SCALAR && v->text[0] == '\0');
}

/* "$NAME/rest" with NAME's value; NULL when NAME has none. */
static const char *
expand_preset(const struct value *vars, const char *preset, struct arena *a)
{
	if (preset == NULL || preset[0] != '$')
		return preset;
	size_t n = strcspn(preset, "/");
	const char *name = arena_strndup(a, preset, n);
	const struct value *v = value_get(vars, name);
	const char *head = is_empty(v) || v->type != VALUE_SCALAR
			       ? settings_default(vars, name, a)
			       : v->text;
	return head != NULL ? arena_printf(a, "%s%s", head, preset + n) : NULL;
}

const char *
settings_default(const struct value *vars, const char *name, struct arena *a)
{
	const struct setting *s = find_setting(name);
	return s != NULL ? expand_preset(vars, s->preset, a) : NULL;
}

/* ---- loading -------------------------------------------------------------- */

const char *
load_text(const struct loader *l, const char *name, const struct value *v,
    bool *ok)
{
	*ok = true;
	if (v == NULL || v->type == VALUE_UNDEF)
		return NULL;
	if (v->type == VALUE_SCALAR)
		return v->text[0] != '\0' ? v->text : NULL;
	*ok = false;
	(void)load_fail(l, load_place(v), "'%s' must be one value, not a list",
	    name);
	return NULL;
}

static bool
parse_int(const char *s, int64_t *n)
{
	size_t digits = strspn(s + (*s == '-'), "0123456789");
	if (digits == 0 || digits > 18 || s[(*s == '-') + digits] != '\0')
		return false;
	*n = strtoll(s, NULL, 10);
	return true;
}

int
load_int(const struct loader *l, const char *name, const struct value *v,
    int64_t min, int64_t max, int64_t *n)
{
	bool ok;
	const char *text = load_text(l, name, v, &ok);
	if (text == NULL)
		return ok ? 0 : -1;
	int64_t got;
	if (!parse_int(text, &got))
		return load_fail(l, load_place(v),
		    "'%s' must be a whole number, not '%s'", name, text);
	if (got < min || got > max)
		return load_fail(l, load_place(v),
		    "'%s' is %s, allowed is %" PRId64 " to %" PRId64, name,
		    text, min, max);
	*n = got;
	return 0;
}

/* Without doubled slashes and one at the end. */
static const char *
tidy_path(struct arena *a, const char *path)
{
	char *out = arena_strdup(a, path);
	size_t n = 0;
	for (const char *s = path; *s != '\0'; s++)
		if (*s != '/' || n == 0 || out[n - 1] != '/')
			out[n++] = *s;
	if (n > 1 && out[n - 1] == '/')
		n--;
	out[n] = '\0';
	return out;
}

static void *
field(struct conf *c, const struct setting *s)
{
	return (char *)c + s->offset;
}

static int
set_text(const struct loader *l, const struct setting *s, const struct value *v,
    const char *text)
{
	struct conf *c = l->c;
	if (s->kind == KIND_PATH && text != NULL) {
		text = tidy_path(&c->arena, text);
		if (text[0] != '/')
			return load_fail(l, load_place(v),
			    "'%s' is '%s', but must be an absolute path",
			    s->name, text);
	}
	*(const char **)field(c, s) = text;
	return 0;
}

static int
set_int(const struct loader *l, const struct setting *s, const struct value *v)
{
	int64_t n = 0;
	if (load_int(l, s->name, v, s->min, s->max, &n) == -1)
		return -1;
	*(int *)field(l->c, s) = (int)n;
	return 0;
}

/* Perl's idea of false, as `$SIMmode = 0` and its kin are written. */
static bool
is_true(const char *text)
{
	return text != NULL && strcmp(text, "0") != 0;
}

static int
set_word(const struct loader *l, const struct setting *s, const struct value *v,
    const char *text)
{
	int i = load_word(l, s->name, v, text, s->words);
	*(int *)field(l->c, s) = i;
	return i == -1 ? -1 : 0;
}

/* undef and '' mean the default, but no compression for ZIP... */
static const struct value *
effective(const struct loader *l, const struct setting *s, struct value *tmp)
{
	const struct value *v = value_get(l->vars, s->name);
	if (v != NULL && (!is_empty(v) || s->kind == KIND_CODEC))
		return v;
	*tmp = (struct value){ .type = VALUE_SCALAR, .line = 1, .column = 1 };
	tmp->text = expand_preset(l->vars, s->preset, &l->c->arena);
	return tmp->text != NULL ? tmp : NULL;
}

static int
load_setting(const struct loader *l, const struct setting *s)
{
	struct value tmp;
	const struct value *v = effective(l, s, &tmp);
	bool ok;
	const char *text = load_text(l, s->name, v, &ok);
	if (!ok)
		return -1;
	switch (s->kind) {
	case KIND_TEXT:
	case KIND_PATH:
		return set_text(l, s, v, text);
	case KIND_INT:
		return set_int(l, s, v);
	case KIND_BOOL:
		*(bool *)field(l->c, s) = is_true(text);
		return 0;
	case KIND_CODEC:
		return load_codec(l, s->name, v, text, field(l->c, s));
	case KIND_WORD:
		return set_word(l, s, v, text);
	case KIND_KEPT:
		break;
	}
	return 0;
}

static struct value_place
place_of_setting(const struct loader *l, const char *name)
{
	const struct value *v = value_get(l->vars, name);
	return v != NULL ? load_place(v) : (struct value_place){ 1, 1 };
}

/* Nobody has to show a password, so nobody else may come. */
static int
check_metrics(const struct loader *l)
{
	struct addr a;
	uint16_t port;
	const char *at = l->c->metrics;
	if (at == NULL)
		return 0;
	if (!conf_address_parse(at, &a, &port))
		return load_fail(l, place_of_setting(l, "$METRICS"),
		    "'$METRICS' is '%s', must be like '127.0.0.1:9390'", at);
	if (!conf_address_is_loopback(&a))
		return load_fail(l, place_of_setting(l, "$METRICS"),
		    "'$METRICS' is '%s', which is no loopback address", at);
	return 0;
}

/* Daemons reach nothing but sockets of this machine. */
static int
check_rrdcached(const struct loader *l)
{
	const char *at = l->c->rrdcached;
	if (at == NULL || (strncmp(at, "unix:/", 6) == 0 && at[6] != '\0'))
		return 0;
	return load_fail(l, place_of_setting(l, "$RRDCACHED"),
	    "'$RRDCACHED' is '%s', must be like 'unix:/run/rrdcached.sock'",
	    at);
}

/* What no single setting can tell. */
static int
check_together(const struct loader *l)
{
	const struct conf *c = l->c;
	static const struct {
		const char *name;
		size_t offset;
	} needed[] = {
		{ "$PROFILESTATDIR", offsetof(struct conf, profilestatdir) },
		{ "$PROFILEDATADIR", offsetof(struct conf, profiledatadir) },
		{ "$PIDDIR", offsetof(struct conf, piddir) },
		{ "$COMMSOCKET", offsetof(struct conf, commsocket) },
	};
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		const char *const *path =
		    (const void *)((const char *)c + needed[i].offset);
		if (*path == NULL)
			return load_fail(l, (struct value_place){ 1, 1 },
			    "'%s' is not set, and neither is '$BASEDIR'",
			    needed[i].name);
	}
	/* Names of flow files have no seconds from a minute on. */
	if (c->cycletime >= 60 && c->cycletime % 60 != 0)
		return load_fail(l, place_of_setting(l, "$CYCLETIME"),
		    "'$CYCLETIME' is %d: from 60 seconds on it must be whole "
		    "minutes",
		    c->cycletime);
	struct addr a;
	if (c->bind_v4 != NULL && !addr_parse(c->bind_v4, &a))
		return load_fail(l, place_of_setting(l, "$BINDADDR"),
		    "'$BINDADDR' is '%s', which is no address", c->bind_v4);
	return check_metrics(l) == -1 ? -1 : check_rrdcached(l);
}

/* What is allowed, but hardly meant. */
static void
warn_together(const struct loader *l)
{
	const struct conf *c = l->c;
	if (c->flowformat != COMPAT_171)
		return;
	if (c->zip_collected.codec == CODEC_ZSTD)
		load_warn(l, place_of_setting(l, "$ZIPcollected"),
		    "'$ZIPcollected': nfdump 1.7.1 cannot read zstd, and "
		    "'$FLOWFORMAT' is not 'newest'");
	if (c->zip_profiles.codec == CODEC_ZSTD)
		load_warn(l, place_of_setting(l, "$ZIPprofiles"),
		    "'$ZIPprofiles': nfdump 1.7.1 cannot read zstd, and "
		    "'$FLOWFORMAT' is not 'newest'");
}

static void
warn_unknown(const struct loader *l)
{
	for (size_t i = 0; i < l->vars->n; i++) {
		const char *name = l->vars->keys[i];
		if (!l->vars->items[i]->used && find_setting(name) == NULL &&
		    strcmp(name, "%sources") != 0 &&
		    strcmp(name, "%profiles") != 0)
			load_warn(l, l->vars->key_at[i],
			    "'%s' is no setting that is known here", name);
	}
}

int
load_settings(const struct loader *l)
{
	warn_unknown(l);
	for (size_t i = 0; i < N_SETTINGS; i++)
		if (settings[i].kind != KIND_KEPT &&
		    load_setting(l, &settings[i]) == -1)
			return -1;
	warn_together(l);
	return check_together(l);
}

/* ---- printing ------------------------------------------------------------- */

static void
print_setting(const struct conf *c, const struct setting *s, struct buf *out)
{
	const void *f = (const char *)c + s->offset;
	if (s->kind == KIND_KEPT)
		return;
	buf_printf(out, "%s = ", s->name);
	switch (s->kind) {
	case KIND_INT:
		buf_printf(out, "%d", *(const int *)f);
		break;
	case KIND_BOOL:
		buf_printf(out, "%d", *(const bool *)f);
		break;
	case KIND_CODEC:
		codec_print(f, out);
		break;
	case KIND_WORD:
		buf_printf(out, "'%s'", s->words[*(const int *)f]);
		break;
	default: {
		const char *text = *(const char *const *)f;
		if (text != NULL)
			value_print_string(text, out);
		else
			buf_adds(out, "undef");
		break;
	}
	}
	buf_adds(out, ";\n");
}

/* As the file has it. */
static void
print_as_set(const char *name, const struct value *v, struct buf *out)
{
	struct buf text = BUF_EMPTY;
	value_print(v, &text);
	if (name[0] != '$') { /* a plain list, not a reference */
		text.data[0] = '(';
		text.data[text.len - 1] = ')';
	}
	buf_printf(out, "%s = %s;\n", name, buf_str(&text));
	buf_free(&text);
}

void
setting_print(const struct conf *c, const char *name, struct buf *out)
{
	const struct setting *s = find_setting(name);
	const struct value *v = value_get(c->vars, name);
	if (s->kind != KIND_KEPT)
		print_setting(c, s, out);
	else if (v != NULL)
		print_as_set(name, v, out);
}

/* What the file set for other programs, and names that are not known. */
static void
print_kept(const struct conf *c, struct buf *out)
{
	for (size_t i = 0; i < c->vars->n; i++) {
		const char *name = c->vars->keys[i];
		const struct setting *s = find_setting(name);
		if ((s == NULL || s->kind == KIND_KEPT) &&
		    strcmp(name, "%sources") != 0 &&
		    strcmp(name, "%profiles") != 0)
			print_as_set(name, c->vars->items[i], out);
	}
}

void
settings_print(const struct conf *c, struct buf *out)
{
	for (size_t i = 0; i < N_SETTINGS; i++)
		print_setting(c, &settings[i], out);
	print_kept(c, out);
}
