/* The survey: config, processes, hints, what users saved. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/takeover.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/proc.h"
#include "conf/value.h"
#include "filter/geo.h"

#define SAVED_MAX (1024 * 1024) /* bytes of a saved filter or format */

struct finding *
survey_find(struct survey *s, enum finding_kind kind, const char *where,
    const char *fmt, ...)
{
	struct buf text = BUF_EMPTY;
	char line[4096];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	/* Findings are lines: what files hold may not make more of them. */
	for (const char *c = line; *c != '\0'; c++)
		buf_addc(&text, (unsigned char)*c < ' ' ? ' ' : *c);
	if (s->n_findings == s->cap)
		s->findings = mem_realloc(s->findings, s->cap = s->cap * 2 + 64,
		    sizeof(*s->findings));
	struct finding *f = &s->findings[s->n_findings++];
	*f = (struct finding){ .kind = kind,
		.where = arena_strdup(&s->arena, where),
		.text = arena_strdup(&s->arena, buf_str(&text)) };
	s->count[kind]++;
	buf_free(&text);
	return f;
}

const char *
survey_name(struct survey *s, const struct profile_id *id)
{
	if (strcmp(id->group, ".") == 0)
		return id->name;
	return arena_printf(&s->arena, "%s/%s", id->group, id->name);
}

/* ---- the configuration -------------------------------------------------------- */

static void
each_line(struct survey *s, const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		if (n > 0)
			(void)survey_find(s, FIND_NOTE, "config", "%.*s",
			    (int)(n < 1000 ? n : 1000), text);
		text += n + (text[n] == '\n');
	}
}

static void
user_exists(struct survey *s)
{
	struct err err;
	if (conf_check_system(s->c, &err) == -1)
		(void)survey_find(s, FIND_STOP, "config", "%s", err.msg);
}

void
survey_conf(struct survey *s)
{
	const struct conf *c = s->c;
	each_line(s, buf_str(&c->warnings));
	user_exists(s);
	for (size_t i = 0; i < c->n_sources; i++) {
		const struct conf_source *src = &c->sources[i];
		if (src->optarg != NULL && src->optarg[0] != '\0')
			(void)survey_find(s, FIND_NOTE, "config",
			    "source '%s': optarg '%s' is understood as "
			    "nfcapd's options",
			    src->ident, src->optarg);
		if (src->type == SOURCE_PCAP)
			(void)survey_find(s, FIND_NOTE, "config",
			    "source '%s': type pcap is not collected",
			    src->ident);
	}
	if (c->simmode)
		(void)survey_find(s, FIND_NOTE, "config",
		    "$SIMmode is set: a simulation, as NfSen ran it");
}

/* ---- processes ------------------------------------------------------------------- */

/* What Linux calls the process; "" elsewhere. */
static const char *
program_of(struct survey *s, long pid)
{
	char path[64];
	struct buf b = BUF_EMPTY;
	(void)snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	const char *name = "";
	if (file_read(path, 256, &b, NULL) == 0)
		name = arena_strndup(&s->arena, buf_str(&b),
		    strcspn(buf_str(&b), "\n"));
	buf_free(&b);
	return name;
}

/* A pid file of long ago may name somebody else by now. */
static bool
may_be_nfsen(const char *name)
{
	static const char *const names[] = { "nfsend", "nfsend-comm", "perl",
		"nfcapd", "sfcapd", "nfpcapd", "" };
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static void
look_at_pid(struct survey *s, const char *file)
{
	char path[FILE_PATH_MAX];
	struct buf text = BUF_EMPTY;
	char *end;
	if (!file_join(path, s->c->piddir, file) ||
	    file_read(path, 64, &text, NULL) == -1) {
		buf_free(&text);
		return;
	}
	bool ours = pidfile_holder(path) > 0;
	long pid = strtol(buf_str(&text), &end, 10);
	bool live = pid > 0 && (*end == '\n' || *end == '\0') &&
		    (kill((pid_t)pid, 0) == 0 || errno == EPERM);
	buf_free(&text);
	const char *name = live ? program_of(s, pid) : "";
	if (!live || !(ours || may_be_nfsen(name))) {
		(void)survey_find(s, FIND_NOTE, "processes",
		    "%s is left over: process %ld is not NfSen's", file, pid);
		return;
	}
	s->processes = mem_realloc(s->processes, s->n_processes + 1,
	    sizeof(*s->processes));
	s->processes[s->n_processes++] =
	    (struct survey_process){ arena_strdup(&s->arena, file), pid, name };
	(void)survey_find(s, FIND_STOP, "processes",
	    "%s: process %ld%s%s%s runs: %s", file, pid,
	    name[0] != '\0' ? " (" : "", name, name[0] != '\0' ? ")" : "",
	    ours ? "'nfsen stop' first" : "stop NfSen first");
}

static bool
is_pid_file(const char *name)
{
	size_t n = strlen(name);
	return n > 4 && strcmp(name + n - 4, ".pid") == 0 &&
	       (strcmp(name, "nfsend.pid") == 0 ||
		   strcmp(name, "nfsen-collector.pid") == 0 ||
		   (name[0] == 'p' && strspn(name + 1, "0123456789") == n - 5));
}

void
survey_processes(struct survey *s)
{
	DIR *d = opendir(s->c->piddir);
	if (d == NULL) {
		(void)survey_find(s, FIND_NOTE, "processes", "%s: %s",
		    s->c->piddir, strerror(errno));
		return;
	}
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (is_pid_file(e->d_name))
			look_at_pid(s, e->d_name);
	(void)closedir(d);
}

/* ---- hints ------------------------------------------------------------------------ */

static void
hinted_sources(struct survey *s)
{
	const struct perl_value *m = perl_find(s->hints, "sources");
	for (size_t i = 0; i < s->c->n_sources; i++) {
		const struct conf_source *src = &s->c->sources[i];
		int64_t port;
		if (m != NULL && perl_number(perl_find(m, src->ident), &port) &&
		    port != src->port)
			(void)survey_find(s, FIND_NOTE, "hints",
			    "source '%s' was collected on port %lld, the "
			    "configuration has %u",
			    src->ident, (long long)port, src->port);
	}
}

void
survey_hints(struct survey *s)
{
	char path[FILE_PATH_MAX];
	struct err err;
	s->layout_hints = -1;
	if (!file_join(path, s->c->profilestatdir, "hints"))
		return;
	if (!file_exists(path)) {
		survey_find(s, FIND_DO, "hints", "missing: written anew")
		    ->step = STEP_HINTS;
		return;
	}
	s->hints = storable_read(path, &s->arena, &err);
	if (s->hints == NULL || s->hints->type != PERL_MAP) {
		struct finding *f = survey_find(s, FIND_LOST, "hints",
		    "%s: kept as hints.damaged, written anew",
		    s->hints == NULL ? err.msg : "no hash in it");
		f->step = STEP_HINTS;
		f->aside = "damaged";
		s->hints = NULL;
		return;
	}
	const struct perl_value *version = perl_find(s->hints, "version");
	(void)perl_number(perl_find(s->hints, "subdirlayout"),
	    &s->layout_hints);
	(void)survey_find(s, FIND_NOTE, "hints", "NfSen %s, SUBDIRLAYOUT %lld",
	    version != NULL && version->type == PERL_TEXT ? version->text.s
							  : "unknown",
	    (long long)s->layout_hints);
	hinted_sources(s);
}

/* ---- saved filters and formats ------------------------------------------------------ */

const char *
filter_trouble(struct survey *s, const char *path, const char *text, size_t len)
{
	struct filter_error fe;
	struct filter *f = filter_parse_with(text, len, &s->options, &fe);
	if (f == NULL)
		return arena_printf(&s->arena, "%s: %s", path, fe.message);
	filter_free(f);
	return NULL;
}

static void
look_at_saved(struct survey *s, const char *dir, const char *name, bool filter)
{
	char path[FILE_PATH_MAX];
	struct buf text = BUF_EMPTY;
	struct err err = { "" };
	const char *what = filter ? "saved filter" : "saved format";
	if (!file_join(path, dir, name))
		return;
	if (!conf_name_ok(name, CONF_NAME_MAX))
		(void)survey_find(s, FIND_NOTE, what,
		    "'%s': such a name cannot be asked for", name);
	if (file_read(path, SAVED_MAX, &text, &err) == -1) {
		(void)survey_find(s, FIND_LOST, what, "%s", err.msg);
	} else if (filter) {
		const char *why =
		    filter_trouble(s, path, buf_str(&text), text.len);
		if (why != NULL)
			(void)survey_find(s, FIND_LOST, what, "%s", why);
	} else if (strchr(buf_str(&text), '%') == NULL) {
		(void)survey_find(s, FIND_LOST, what,
		    "%s: no field is named in it", path);
	}
	buf_free(&text);
}

static size_t
saved_in(struct survey *s, const char *dir, bool filter)
{
	size_t n = 0;
	DIR *d = dir != NULL ? opendir(dir) : NULL;
	if (d == NULL) {
		(void)survey_find(s, FIND_NOTE, "saved", "%s: %s",
		    dir != NULL ? dir : "no folder", strerror(errno));
		return 0;
	}
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.')
			continue;
		look_at_saved(s, dir, e->d_name, filter);
		n++;
	}
	(void)closedir(d);
	return n;
}

void
survey_saved(struct survey *s)
{
	s->n_filters = saved_in(s, s->c->filterdir, true);
	s->n_formats = saved_in(s, s->c->formatdir, false);
}

/* ---- all of it ----------------------------------------------------------------------- */

static void
judge_layout(struct survey *s)
{
	int config = s->c->subdirlayout;
	int most = 0;
	for (int i = 1; i < SLOT_LAYOUTS; i++)
		if (s->by_layout[i] > s->by_layout[most])
			most = i;
	s->layout_files = s->by_layout[most] > 0 ? most : -1;
	uint64_t wrong = s->elsewhere;
	for (int i = 0; i < SLOT_LAYOUTS; i++)
		wrong += i != config ? s->by_layout[i] : 0;
	if (wrong > 0)
		(void)survey_find(s, FIND_NOTE, "layout",
		    "%llu flow files do not lie as $SUBDIRLAYOUT = %d has "
		    "them, most as %d: they are found where they are; "
		    "'nfsen layout' moves them",
		    (unsigned long long)wrong, config, s->layout_files);
	if (s->layout_hints != -1 && s->layout_hints != config)
		(void)survey_find(s, FIND_NOTE, "layout",
		    "hints say %lld, $SUBDIRLAYOUT is %d: NfSen would not "
		    "start; 'nfsen layout' settles it",
		    (long long)s->layout_hints, config);
}

int
survey_take(struct survey *s, const struct conf *c, struct err *err)
{
	struct err why;
	*s = (struct survey){ .c = c, .deep = true };
	if (profile_filter_options(c, &s->options, &why) == -1)
		(void)survey_find(s, FIND_NOTE, "config", "%s", why.msg);
	survey_conf(s);
	survey_processes(s);
	survey_hints(s);
	if (survey_profiles(s, err) == -1)
		return -1;
	survey_alerts(s);
	survey_saved(s);
	survey_owners(s);
	judge_layout(s);
	return 0;
}

void
survey_free(struct survey *s)
{
	for (size_t i = 0; i < s->n_profiles; i++)
		profile_free(s->profiles[i].p);
	geo_free(s->options.geo);
	free(s->profiles);
	free(s->alerts);
	free(s->processes);
	free(s->findings);
	arena_free(&s->arena);
	*s = (struct survey){ 0 };
}
