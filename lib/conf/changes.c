#include "conf/changes.h"

#include <string.h>

#include "conf/settings.h"

/* ---- what a daemon goes by --------------------------------------------------- */

/* Without these nothing is a config; another PIDDIR needs a restart. */
static const char *const places[] = { "$PIDDIR", "$COMMSOCKET",
	"$PROFILESTATDIR", "$PROFILEDATADIR", NULL };

static const struct {
	const char *file;
	const char *const *names;   /* what a running one changes to */
	const char *const *lasting; /* what it has from its start to its end */
} daemons[] = {
	[CHANGES_COLLECTOR] = { "the collector's configuration",
	    (const char *const[]){ "$PROFILESTATDIR", "$PROFILEDATADIR",
		"$BUFFLEN", "$SUBDIRLAYOUT", "$ZIPcollected", "$CYCLETIME",
		"$BINDADDR", "$FLOWFORMAT", "$FSYNC", "$TLSCERT", "$TLSKEY",
		"$TLSCA", "$TCPCONNECTIONS", "$TCPIDLE", "$METRICS",
		"$METRICS_INTERFACES", "$EXPORTERS", "$EXPORTERIDLE",
		"$TEMPLATES", "$TEMPLATEIDLE", "$WAITINGSIZE", NULL },
	    (const char *const[]){ "$RECEIVERS", "$SANDBOX", "$WWWGROUP",
		"$syslog_facility", NULL } },
	/* Its sandbox is of the folders and programs at its start. */
	[CHANGES_PROFILER] = { "the profiler's configuration",
	    (const char *const[]){ "$SUBDIRLAYOUT", "$ZIPprofiles",
		"$DISKLIMIT", "$low_water", "$FLOWFORMAT", "$FSYNC", "$INDEX",
		"$MAIL_FROM", "$SMTP_SERVER", "$MAIL_BODY", "$RRDoffset",
		"$WHOISSERVER", NULL },
	    (const char *const[]){ "$PROFILESTATDIR", "$PROFILEDATADIR",
		"$CYCLETIME", "$RRDCACHED", "$SIMmode", "%sim", "$BINDIR",
		"$FILTERDIR", "$FORMATDIR", "$GEODB", "$BACKEND_PLUGINDIR",
		"@plugins", "%PluginConf", "$SANDBOX", "$WWWGROUP",
		"$syslog_facility", NULL } },
};

static void
print_all(const struct conf *c, const char *const *list, struct buf *out)
{
	for (; *list != NULL; list++)
		setting_print(c, *list, out);
}

void
changes_print(const struct conf *c, enum changes_of of, struct buf *out)
{
	print_all(c, places, out);
	print_all(c, daemons[of].names, out);
	print_all(c, daemons[of].lasting, out);
	sources_print(c, out);
	buf_adds(out, "1;\n");
}

/* ---- two of them compared --------------------------------------------------- */

struct pair {
	const struct value *is, *wanted; /* whole configs */
};

static bool
same(const struct value *a, const struct value *b)
{
	struct buf x = BUF_EMPTY, y = BUF_EMPTY;
	if (a == NULL || b == NULL)
		return a == b;
	value_print(a, &x);
	value_print(b, &y);
	bool eq = strcmp(buf_str(&x), buf_str(&y)) == 0;
	buf_free(&x);
	buf_free(&y);
	return eq;
}

static void
add_word(struct buf *words, const char *word)
{
	buf_printf(words, "%s%s", words->len != 0 ? ", " : "", word);
}

static void
diff_settings(const struct pair *p, const char *const *list, struct buf *words)
{
	for (; *list != NULL; list++)
		if (!same(value_get(p->wanted, *list), value_get(p->is, *list)))
			add_word(words, *list);
}

/* Keys of `a` that `b` has otherwise, or, when only_missing, not at all. */
static void
diff_keys(const struct value *a, const struct value *b, bool only_missing,
    struct buf *words)
{
	for (size_t i = 0; i < a->n; i++) {
		const char *key = a->keys[i];
		const struct value *other = value_get(b, key);
		if (strcmp(key, "col") == 0 || strcmp(key, "port") == 0 ||
		    (only_missing ? other != NULL : same(a->items[i], other)))
			continue;
		add_word(words, key);
	}
}

static void
diff_source(const struct value *is, const struct value *wanted,
    struct buf *words)
{
	const struct value *port = value_get(wanted, "port");
	if (is == NULL || !same(value_get(is, "port"), port))
		buf_printf(words, "port %s", port->text);
	if (is == NULL)
		return;
	diff_keys(wanted, is, false, words);
	diff_keys(is, wanted, true, words);
}

static void
diff_sources(const struct pair *p, const struct conf *c, changes_take *take,
    void *ctx)
{
	const struct value *is = value_get(p->is, "%sources");
	const struct value *wanted = value_get(p->wanted, "%sources");
	struct buf words = BUF_EMPTY;
	for (size_t i = 0; i < c->n_sources; i++) {
		const char *ident = c->sources[i].ident;
		if (c->sources[i].parent != NULL)
			continue;
		buf_clear(&words);
		diff_source(value_get(is, ident), value_get(wanted, ident),
		    &words);
		if (words.len != 0)
			take(ctx, &c->sources[i], buf_str(&words));
	}
	buf_free(&words);
}

/* A config's own print, read again: every setting has its value there. */
static struct conf *
normal(const char *file, const struct conf *c, enum changes_of of,
    struct err *err)
{
	struct buf text = BUF_EMPTY;
	changes_print(c, of, &text);
	struct conf *out = conf_load_text(file, buf_str(&text), text.len, err);
	buf_free(&text);
	return out;
}

int
changes_find(const struct conf *c, enum changes_of of, const char *running,
    size_t len, changes_take *take, void *ctx, struct buf *restart,
    struct err *err)
{
	const char *file = daemons[of].file;
	struct conf *is = NULL, *wanted = NULL;
	struct conf *said = conf_load_text(file, running, len, err);
	/* An older daemon does not say what is newer than it. */
	if (said != NULL)
		is = normal(file, said, of, err);
	if (is != NULL)
		wanted = normal(c->file, c, of, err);
	if (wanted != NULL) {
		struct pair p = { is->vars, wanted->vars };
		struct buf words = BUF_EMPTY;
		diff_settings(&p, daemons[of].lasting, restart);
		diff_settings(&p, daemons[of].names, &words);
		if (words.len != 0)
			take(ctx, NULL, buf_str(&words));
		if (of == CHANGES_COLLECTOR)
			diff_sources(&p, c, take, ctx);
		buf_free(&words);
	}
	conf_free(said);
	conf_free(is);
	conf_free(wanted);
	return wanted != NULL ? 0 : -1;
}
