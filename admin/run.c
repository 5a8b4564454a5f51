/* From options to the command: the config, and who may do what. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/action.h"
#include "base/file.h"
#include "base/proc.h"
#include "filter/filter.h"
#include "filter/geo.h"
#include "profile/profile.h"
#include "profile/reconfig.h"
#include "store/cached.h"

static const struct command {
	const char *name;
	int (*run)(struct admin *a);
	bool changes; /* for root and $USER only */
	bool begins;  /* users and folders must be in order */
	bool checks;  /* --check is its own option */
} commands[] = {
	{ "start", cmd_start, true, true, false },
	{ "stop", cmd_stop, true, false, false },
	{ "reload", cmd_reload, true, true, false },
	{ "upgrade", cmd_upgrade, true, true, false },
	{ "status", cmd_status, false, false, false },
	{ "reconfig", cmd_reconfig, true, true, false },
	{ "forget", cmd_forget, true, true, false },
	{ "exporters", cmd_exporters, false, false, false },
	{ "interfaces", cmd_interfaces, false, false, false },
	{ "top", cmd_top, false, false, false },
	{ "abort-reset", cmd_abort_reset, true, true, false },
	{ "takeover", cmd_takeover, true, false, true },
	{ "handback", cmd_handback, true, false, false },
	{ "layout", cmd_layout, true, false, true },
	{ "index", cmd_index, false, false, true },
	{ "profile", cmd_exchange, true, false, false },
	{ "completion", cmd_completion, false, false, false },
};

#define N_COMMANDS (sizeof(commands) / sizeof(*commands))

int
admin_fail(const struct err *err)
{
	(void)fflush(stdout);
	(void)fprintf(stderr, "%s\n", err->msg);
	return EXIT_FAILED;
}

bool
admin_sources_match(const struct admin *a)
{
	struct err err;
	if (plan_sources_match(a->c, &err))
		return true;
	(void)printf("Configured sources do not match existing sources. "
		     "Run 'nfsen reconfig' first!\n");
	return false;
}

/* Daemons change folder, and so must not depend on ours. */
static int
load(struct admin *a)
{
	struct err err;
	a->file = conf_path(a->file);
	if (realpath(a->file, a->path) == NULL) {
		(void)err_set(&err, "%s: %s", a->file, strerror(errno));
		return admin_fail(&err);
	}
	a->file = a->path;
	a->c = conf_load(a->file, &err);
	if (a->c == NULL)
		return admin_fail(&err);
	(void)fputs(buf_str(&a->c->warnings), stderr);
	rrd_cached_use(a->c->rrdcached);
	return EXIT_OK;
}

static int
check_filter(const struct conf *c, const struct conf_profile *p,
    const struct conf_channel *ch, const struct filter_options *o,
    struct err *err)
{
	struct filter_error fe;
	struct filter *f =
	    filter_parse_with(ch->filter, strlen(ch->filter), o, &fe);
	bool grouped = strcmp(p->group, ".") != 0;
	if (f == NULL)
		return err_set(err,
		    "%s:%d:%d: profile '%s%s%s': channel '%s': filter: %s",
		    c->file, ch->line, ch->column, grouped ? p->group : "",
		    grouped ? "/" : "", p->name, ch->name, fe.message);
	filter_free(f);
	return 0;
}

static int
check(const struct admin *a)
{
	struct err err;
	struct filter_options o;
	const struct conf *c = a->c;
	int r = profile_filter_options(c, &o, &err);
	for (size_t i = 0; i < c->n_profiles; i++)
		for (size_t k = 0; r == 0 && k < c->profiles[i].n_channels; k++)
			r = check_filter(c, &c->profiles[i],
			    &c->profiles[i].channels[k], &o, &err);
	geo_free(o.geo);
	if (r == -1)
		return admin_fail(&err);
	(void)printf("%s: ok\n", a->file);
	return EXIT_OK;
}

/* Only the user of the data, or root for him, may change anything. */
static bool
may_change(const struct admin *a)
{
	uid_t uid;
	gid_t gid;
	struct err err;
	if (geteuid() == 0)
		return true;
	if (proc_ids(a->c->user, a->c->wwwgroup, &uid, &gid, &err) == 0 &&
	    geteuid() == uid)
		return true;
	(void)fprintf(stderr, "%s wants to run this command as root or '%s'\n",
	    a->argv0, a->c->user);
	return false;
}

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; name != NULL && i < N_COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int
run_command(struct admin *a, const struct command *cmd)
{
	struct err err;
	if (cmd->begins && conf_check_system(a->c, &err) == -1)
		return admin_fail(&err);
	if (cmd->changes && !a->check && !may_change(a))
		return EXIT_FAILED;
	return cmd->run(a);
}

/* What the command line asks for, with the config at hand. */
static int
run(struct admin *a, const struct command *cmd)
{
	if (a->check && a->action != NULL && a->action->send != NULL &&
	    strcmp(a->action->send, "expire-profile") == 0)
		return cmd_expire_check(a);
	if (a->check && (cmd == NULL || !cmd->checks))
		return check(a);
	if (a->shell)
		return action_shell(a);
	if (a->action != NULL)
		return action_run(a);
	return cmd != NULL ? run_command(a, cmd) : EXIT_FAILED;
}

int
admin_run(struct admin *a)
{
	const struct command *cmd = find_command(a->command);
	if (cmd == NULL && !a->check && !a->shell && a->action == NULL) {
		help_short(a);
		return EXIT_FAILED;
	}
	if (cmd != NULL && cmd->run == cmd_completion)
		return cmd_completion(a);
	/* Group members work on the data as well. */
	(void)umask(0002);
	(void)signal(SIGPIPE, SIG_IGN);
	int rc = load(a);
	if (rc == EXIT_OK)
		rc = run(a, cmd);
	else if (cmd != NULL && cmd->run == cmd_status)
		/* 1 would say that something has died. */
		rc = EXIT_STATUS_UNKNOWN;
	conf_free(a->c);
	return rc;
}
