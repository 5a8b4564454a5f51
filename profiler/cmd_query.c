/*
 * run-nfdump: a query over the files of channels.  NfSen's arguments are
 * taken apart without a shell (nfdump_args.h), and nfsen-query is started by
 * the runner; its lines go to the client as they come.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "profile/saved.h"
#include "profiler/cmd.h"
#include "profiler/cmd_work.h"
#include "profiler/nfdump_args.h"

#define QUERY_SECONDS 600
#define QUERY_PROGRAM "nfsen-query"
#define FOLDERS_MAX   256 /* channels of one query */

/* What a request is made of, on its way to a command line. */
struct query {
	const char *args;    /* as sent */
	const char *folders; /* -M's, NULL: the arguments name them */
	const char *shown;   /* folders and arguments as NfSen shows them */
	const char *filter;  /* the user's, with the saved one; NULL: none */
	const char *whole;   /* with what a shadow's channels add */
};

/* ---- the program ---------------------------------------------------------------- */

/* In $BINDIR, or where this program was built or installed. */
static const char *
find_program(struct cmd *c)
{
	char own[FILE_PATH_MAX] = "", path[FILE_PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	own[n > 0 ? n : 0] = '\0';
	char *slash = strrchr(own, '/');
	if (slash != NULL)
		*slash = '\0';
	const char *folders[] = { c->p->conf->bindir, own,
		arena_printf(&c->arena, "%s/../bin", own), "/usr/local/bin",
		"/usr/bin" };
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (folders[i] != NULL && folders[i][0] == '/' &&
		    file_join(path, folders[i], QUERY_PROGRAM) &&
		    access(path, X_OK) == 0)
			return arena_strdup(&c->arena, path);
	(void)err_set(&c->err, "%s is not in $BINDIR '%s'", QUERY_PROGRAM,
	    c->p->conf->bindir != NULL ? c->p->conf->bindir : "");
	return NULL;
}

/* ---- filters --------------------------------------------------------------------- */

/* Comments end with their line; lines that hold nothing else go whole. */
static const char *
without_comments(struct cmd *c, const char *text)
{
	struct buf out = BUF_EMPTY;
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		const char *hash = memchr(text, '#', n);
		size_t keep = hash != NULL ? (size_t)(hash - text) : n;
		if (hash != text) {
			if (out.len != 0)
				buf_addc(&out, '\n');
			buf_add(&out, text, keep);
		}
		text += n + (text[n] == '\n');
	}
	const char *r = arena_strdup(&c->arena, buf_str(&out));
	buf_free(&out);
	return r;
}

/* Text for people; a back quote has no place in any filter. */
static bool
is_clean(const char *text)
{
	for (const char *s = text; *s != '\0'; s++)
		if ((!isprint((unsigned char)*s) &&
			!isspace((unsigned char)*s)) ||
		    *s == '`')
			return false;
	return true;
}

static int
user_filter(struct cmd *c, struct query *q)
{
	const char *own = cmd_lines(c, "filter");
	const char *name = cmd_arg(c, "and_filter");
	const char *saved = NULL;
	if (name != NULL && name[0] != '\0') {
		struct buf text = BUF_EMPTY;
		int rc = saved_filter_get(c->p->conf, name, &text, &c->err);
		if (rc == 0)
			saved = without_comments(c, buf_str(&text));
		buf_free(&text);
		if (rc == -1)
			return -1;
	}
	if (own != NULL) {
		own = without_comments(c, own);
		if (!is_clean(own))
			return err_set(&c->err, "Illegal characters in filter");
		if (own[strspn(own, " \t\n\r")] == '\0')
			own = NULL;
	}
	q->filter = own;
	if (saved != NULL)
		q->filter = own == NULL ? arena_printf(&c->arena, "(%s)", saved)
					: arena_printf(&c->arena,
					      " (%s) and (%s)", own, saved);
	return 0;
}

static void
add_idents(const struct profile *live, const struct channel *ch,
    struct buf *out)
{
	bool all = ch->n_sources == 0 || strcmp(ch->sources[0], "*") == 0;
	size_t n = all ? live->n_channels : ch->n_sources;
	buf_adds(out, "(");
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s ident %s", i > 0 ? " or" : "",
		    all ? live->channels[i].name : ch->sources[i]);
	buf_adds(out, ") and (\n");
}

/* A shadow keeps no files: its filters pick its flows out of live's. */
static int
add_shadow_filter(struct cmd *c, const struct profile *p,
    const struct profile *live, const struct channel *const *chosen, size_t n,
    struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		struct buf text = BUF_EMPTY;
		if (i > 0)
			buf_adds(out, "or\n");
		add_idents(live, chosen[i], out);
		if (profile_filter_read(c->p->conf, p, chosen[i]->name, &text,
			&c->err) == -1)
			return -1;
		buf_adds(out, without_comments(c, buf_str(&text)));
		if (out->data[out->len - 1] != '\n')
			buf_addc(out, '\n');
		buf_free(&text);
		buf_adds(out, i + 1 < n ? ")\n" : ")");
	}
	return 0;
}

/* ---- channels --------------------------------------------------------------------- */

/* "a:b:c"; -1: one is not of the profile, or none is named. */
static int
choose(struct cmd *c, const struct profile *p, const struct channel **chosen,
    size_t *n)
{
	const char *list = cmd_arg(c, "srcselector");
	*n = 0;
	if (list == NULL || list[0] == '\0')
		return err_set(&c->err, "srcselector list required");
	while (*list != '\0') {
		size_t len = strcspn(list, ":");
		const char *name = arena_strndup(&c->arena, list, len);
		const struct channel *ch = profile_find_channel(p, name);
		if (ch == NULL)
			return err_set(&c->err,
			    "Requested channel '%s' does not exists in '%s/%s'",
			    name, p->group, p->name);
		if (*n == FOLDERS_MAX)
			return err_set(&c->err, "more than %d channels",
			    FOLDERS_MAX);
		chosen[(*n)++] = ch;
		list += len + (list[len] == ':');
	}
	return 0;
}

static const char *
folder_list(struct cmd *c, const struct profile *p, const char **names,
    size_t n)
{
	char dir[FILE_PATH_MAX];
	struct buf out = BUF_EMPTY;
	if (!profile_data_path(c->p->conf, p->group, p->name, NULL, dir)) {
		(void)err_set(&c->err, "profile '%s': path too long", p->name);
		return NULL;
	}
	buf_printf(&out, "%s/", dir);
	for (size_t i = 0; i < n; i++)
		buf_printf(&out, "%s%s", i > 0 ? ":" : "", names[i]);
	const char *r = arena_strdup(&c->arena, buf_str(&out));
	buf_free(&out);
	return r;
}

static int
use_real(struct cmd *c, const struct profile *p,
    const struct channel *const *chosen, size_t n, struct query *q)
{
	const char *names[FOLDERS_MAX];
	for (size_t i = 0; i < n; i++)
		names[i] = chosen[i]->name;
	if ((q->folders = folder_list(c, p, names, n)) == NULL)
		return -1;
	q->shown = arena_printf(&c->arena, "-M %s  %s", q->folders, q->args);
	q->whole = q->filter != NULL ? q->filter : "any";
	return 0;
}

/* The live channels that any of the chosen ones draws from. */
static size_t
sources_of(const struct profile *live, const struct channel *const *chosen,
    size_t n, const char **names)
{
	size_t found = 0;
	for (size_t k = 0; k < live->n_channels && found < FOLDERS_MAX; k++) {
		const char *name = live->channels[k].name;
		bool used = false;
		for (size_t i = 0; i < n && !used; i++) {
			const struct channel *ch = chosen[i];
			used = ch->n_sources == 0 ||
			       strcmp(ch->sources[0], "*") == 0;
			for (size_t s = 0; s < ch->n_sources && !used; s++)
				used = strcmp(ch->sources[s], name) == 0;
		}
		if (used)
			names[found++] = name;
	}
	return found;
}

static int
use_shadow(struct cmd *c, const struct profile *p,
    const struct channel *const *chosen, size_t n, struct query *q)
{
	const struct profile *live = c->p->set->live;
	const char *names[FOLDERS_MAX];
	struct buf chain = BUF_EMPTY;
	size_t k = sources_of(live, chosen, n, names);
	if ((q->folders = folder_list(c, live, names, k)) == NULL)
		return -1;
	q->shown = arena_printf(&c->arena, "-M %s %s", q->folders, q->args);
	int rc = add_shadow_filter(c, p, live, chosen, n, &chain);
	if (rc == 0)
		q->whole =
		    q->filter == NULL
			? arena_printf(&c->arena, "(%s)", buf_str(&chain))
			: arena_printf(&c->arena, "(%s) and ( %s )",
			      buf_str(&chain), q->filter);
	buf_free(&chain);
	return rc;
}

static int
use_profile(struct cmd *c, const struct profile *p, struct query *q)
{
	const struct channel *chosen[FOLDERS_MAX];
	size_t n;
	const char *type = cmd_arg(c, "type");
	if (choose(c, p, chosen, &n) == -1)
		return -1;
	if (type == NULL)
		return err_set(&c->err, "profile type required");
	if (strcmp(type, "real") == 0)
		return use_real(c, p, chosen, n, q);
	if (strcmp(type, "shadow") == 0)
		return use_shadow(c, p, chosen, n, q);
	return err_set(&c->err, "unknown type %s.", type);
}

/* ---- running ------------------------------------------------------------------------ */

static void
end(const struct work_end *e, struct ctl_reply *reply)
{
	struct ctl_reply why = { 0 };
	/* Pages show lines of output, also those of a query that was stopped. */
	if (work_failed(e, &why))
		ctl_reply_add_array(reply, "nfdump", "%s",
		    buf_str(&why.status) + strlen("ERR "));
	ctl_reply_free(&why);
	ctl_reply_add(reply, "exit", "%d",
	    e->how == RUNNER_LOST ? 127 << 8 : e->status);
	ctl_reply_ok(reply, "command completed.");
}

static void
start(struct cmd *c, const struct query *q, const struct nfdump_args *args)
{
	const char *argv[NFDUMP_ARGS_MAX + 6];
	size_t n = 0;
	if ((argv[n++] = find_program(c)) == NULL) {
		cmd_fail(c);
		return;
	}
	if (q->folders != NULL && !args->checks) {
		argv[n++] = "-M";
		argv[n++] = q->folders;
	}
	for (size_t i = 0; i < args->n; i++)
		argv[n++] = args->v[i];
	/* A filter that begins like an option is none. */
	argv[n++] = "--";
	argv[n++] = q->whole;
	argv[n] = NULL;
	ctl_reply_note(c->reply, "run nfdump %s ", q->shown);
	cmd_add_lines(c->reply, "filter", q->whole);
	ctl_reply_add(c->reply, "arg", "%s", q->shown);
	cmd_work(c, &(struct work_plan){ .prefix = "_nfdump=",
			.end = end,
			.spec = { .argv = argv,
			    .with_errors = true,
			    .seconds = QUERY_SECONDS,
			    .memory_max = WORK_MEMORY } });
}

static void
run_nfdump(struct cmd *c)
{
	struct query q = { .args = cmd_arg(c, "args") };
	struct nfdump_args args;
	bool profiled = cmd_arg(c, "profile") != NULL ||
			cmd_arg(c, "type") != NULL ||
			cmd_arg(c, "srcselector") != NULL;
	int rc = 0;
	if (q.args == NULL)
		q.args = "";
	if (profiled) {
		struct profile *p = cmd_load_profile(c, NULL);
		if (p == NULL)
			return;
		rc = user_filter(c, &q);
		if (rc == 0)
			rc = use_profile(c, p, &q);
		profile_free(p);
	} else if ((rc = user_filter(c, &q)) == 0) {
		q.shown = q.args;
		q.whole = q.filter != NULL ? q.filter : "any";
	}
	if (rc == 0)
		rc = nfdump_args_parse(q.args, c->p->conf->profiledatadir,
		    profiled, &c->arena, &args, &c->err);
	if (rc == 0 && !args.reads && !args.checks)
		rc = err_set(&c->err, "No flow files are named: -r or -R");
	if (rc == -1)
		cmd_fail(c);
	else
		start(c, &q, &args);
}

const struct cmd_entry cmd_query[] = {
	{ "run-nfdump", run_nfdump },
	{ NULL, NULL },
};
