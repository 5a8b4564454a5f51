/* nfexpire: flow files that are too many or too old, taken away. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/slot.h"
#include "conf/conf_cli.h"
#include "profile/census.h"
#include "profile/expire.h"
#include "profile/nfstat.h"
#include "query/expire_text.h"
#include "query/tool.h"

#define NAME          "nfexpire"
#define OPT_DRY       256
#define WATER         95 /* percent, where a folder says none */
#define WATER_PROFILE 98

static const char usage[] =
    "usage: nfexpire -l|-L|-r|-e|-u DIR [options]\n"
    "  -l DIR       show what its book-keeping says\n"
    "  -L DIR       the same, with the collector's when one is at work\n"
    "  -r DIR       count the files anew\n"
    "  -e DIR       take away what is too much or too old\n"
    "  -u DIR       keep the limits for later\n"
    "  -s SIZE      at most so much: 500M, 2.5G; B, K, M, G, T\n"
    "  -t TIME      at most so old: 14d, 2w; w, d, H, M (hours)\n"
    "  -w PERCENT   when a limit is reached, go down to this much of it\n"
    "  -T SECONDS   end after so long\n"
    "  -p           DIR has a folder for each channel of a profile\n"
    "  -Y           for programs: Stat|size|first|last\n"
    "      --dry-run   with -e: only say which files would go\n"
    "  -V -h        version; this text\n";

struct run {
	int action; /* its letter */
	const char *dir;
	bool has_size, has_life, has_water;
	uint64_t size, life, water;
	uint64_t seconds; /* -T, 0: none */
	bool profile, machine, dry;
	bool version, help;

	char real[FILE_PATH_MAX];
	char root[FILE_PATH_MAX]; /* the three last parts of it, cut */
	struct conf conf;
	struct profile *p;
	struct nfstat limits; /* what holds */
	time_t end;
};

/* ---- arguments ------------------------------------------------------------------- */

static int
set_action(struct run *r, int c, const char *arg, struct err *err)
{
	if (r->action != 0)
		return err_set(err, "-%c and -%c at once", r->action, c);
	r->action = c;
	r->dir = arg;
	return 0;
}

static int
set_water(struct run *r, const char *arg, struct err *err)
{
	char text[8];
	size_t n = strlen(arg);
	if (n > 0 && n < sizeof(text) && arg[n - 1] == '%')
		n--;
	(void)snprintf(text, sizeof(text), "%.*s", (int)n, arg);
	r->has_water = true;
	if (tool_number('w', text, 0, 100, &r->water, err) == -1)
		return -1;
	if (r->water == 0)
		r->water = 100;
	return 0;
}

static int
set_option(struct run *r, int c, const char *arg, struct err *err)
{
	switch (c) {
	case 'l':
	case 'L':
	case 'r':
	case 'e':
	case 'u':
		return set_action(r, c, arg, err);
	case 's':
		r->has_size = true;
		return expire_parse_size(arg, &r->size, err);
	case 't':
		r->has_life = true;
		return expire_parse_life(arg, &r->life, err);
	case 'w':
		return set_water(r, arg, err);
	case 'T':
		return tool_number('T', arg, 0, 31536000, &r->seconds, err);
	case 'p':
		r->profile = true;
		return 0;
	case 'Y':
		r->machine = true;
		return 0;
	case OPT_DRY:
		r->dry = true;
		return 0;
	case 'V':
		r->version = true;
		return 0;
	default:
		r->help = true;
		return 0;
	}
}

static int
check(struct run *r, const char *rest, struct err *err)
{
	struct stat st;
	if (rest != NULL)
		return err_set(err, "'%s' is no option (-h shows them all)",
		    rest);
	if (r->action == 0)
		return err_set(err, "nothing to do: one of -l -L -r -e -u");
	if (r->dry && r->action != 'e')
		return err_set(err, "--dry-run is for -e");
	if (realpath(r->dir, r->real) == NULL || stat(r->real, &st) == -1)
		return err_set(err, "%s: %s", r->dir, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_set(err, "%s: not a folder", r->dir);
	return 0;
}

static int
parse(struct run *r, int argc, char **argv, struct err *err)
{
	static const struct option names[] = {
		{ "dry-run", no_argument, NULL, OPT_DRY },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;
	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":l:L:r:e:u:s:t:w:T:pYVh", names,
		    NULL)) != -1) {
		if (c == ':' || c == '?')
			return tool_bad_option(c, argv, err);
		if (set_option(r, c, optarg, err) == -1)
			return -1;
	}
	return r->version || r->help ? 0 : check(r, argv[optind], err);
}

/* ---- the folder as a profile ------------------------------------------------------- */

static int
add_channels(struct run *r, struct err *err)
{
	DIR *d = opendir(r->real);
	if (d == NULL)
		return err_set(err, "%s: %s", r->real, strerror(errno));
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		char path[FILE_PATH_MAX];
		struct stat st;
		if (e->d_name[0] != '.' &&
		    file_join(path, r->real, e->d_name) &&
		    stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			(void)profile_add_channel(r->p, e->d_name);
	}
	(void)closedir(d);
	if (r->p->n_channels == 0)
		return err_set(err, "%s: has no channels", r->dir);
	return 0;
}

/* The last part of the path, cut off; "" when there is none. */
static const char *
cut_last(char *path)
{
	char *slash = strrchr(path, '/');
	if (slash == NULL)
		return "";
	*slash = '\0';
	return slash + 1;
}

/* root/profile/channel, as lib/profile knows trees. */
static int
set_profile(struct run *r, struct err *err)
{
	const char *channel = NULL;
	memcpy(r->root, r->real, sizeof(r->root));
	if (!r->profile)
		channel = cut_last(r->root);
	r->p = profile_new(".", cut_last(r->root));
	r->conf = (struct conf){ .profiledatadir = r->root,
		.profilestatdir = r->root,
		.cycletime = 300 };
	if (r->profile)
		return add_channels(r, err);
	(void)profile_add_channel(r->p, channel);
	return 0;
}

/* ---- limits ---------------------------------------------------------------------- */

static void
apply_limits(const struct run *r, struct nfstat *s)
{
	if (r->has_size)
		s->maxsize = r->size;
	if (r->has_life)
		s->lifetime = r->life;
	if (r->has_water)
		s->watermark = r->water;
}

/* Those of a folder are kept in it; those of a profile are arguments. */
static int
take_limits(struct run *r, bool keep, struct err *err)
{
	struct nfstat before, now;
	int rc = 0;
	r->limits = (struct nfstat){ .watermark = WATER_PROFILE };
	if (r->profile) {
		apply_limits(r, &r->limits);
		return 0;
	}
	do {
		if (nfstat_read(r->real, &before, NULL) == -1)
			before = (struct nfstat){ 0 };
		now = before;
		apply_limits(r, &now);
		if (r->action == 'e' && now.watermark == 0)
			now.watermark = WATER;
		if (!keep || memcmp(&before, &now, sizeof(now)) == 0)
			break;
		rc = nfstat_replace(r->real, &before, &now, err);
	} while (rc == 0);
	r->limits = now;
	return rc == -1 ? -1 : 0;
}

static struct expire_limits
limits_of(const struct run *r)
{
	uint64_t water = r->limits.watermark;
	return (struct expire_limits){ .maxsize = r->limits.maxsize,
		.lifetime = (int64_t)r->limits.lifetime,
		.low_water = water == 0 || water > 100 ? WATER : (int)water,
		.now = (int64_t)time(NULL),
		.upto = INT64_MAX };
}

/* ---- showing --------------------------------------------------------------------- */

static void
show_time(const char *name, int64_t when)
{
	struct tm tm;
	char text[32] = "<none>";
	time_t t = (time_t)when;
	if (when != 0 && localtime_r(&t, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	(void)printf("%-10s %s\n", name, text);
}

static void
show(const struct run *r, const struct census_sum *s)
{
	char text[EXPIRE_TEXT_LEN];
	const struct nfstat *l = &r->limits;
	if (r->machine) {
		(void)printf("Stat|%" PRIu64 "|%" PRId64 "|%" PRId64 "\n",
		    s->size, s->first, s->last);
		return;
	}
	show_time("First:", s->first);
	show_time("Last:", s->last);
	(void)printf("Lifetime:  %s\n",
	    expire_life((uint64_t)(s->last - s->first), text));
	(void)printf("Numfiles:  %" PRIu64 "\n", s->numfiles);
	(void)printf("Filesize:  %s\n", expire_size(s->size, text));
	(void)printf("Max Size:  %s\n",
	    l->maxsize != 0 ? expire_size(l->maxsize, text) : "<none>");
	(void)printf("Max Life:  %s\n",
	    l->lifetime != 0 ? expire_life(l->lifetime, text) : "<none>");
	(void)printf("Watermark: %" PRIu64 "%%\n", l->watermark);
	(void)printf("Status:    %s\n", s->numfiles != 0 ? "OK" : "no files");
}

/* ---- what is done ---------------------------------------------------------------- */

static int
rescan(const struct run *r, struct err *err)
{
	for (size_t i = 0; i < r->p->n_channels; i++)
		if (census_nfstat(&r->conf, r->p, r->p->channels[i].name,
			err) == -1)
			return -1;
	return 0;
}

/* Nothing would be left: a person is asked, a program is not. */
static bool
may_go(const struct expire_plan *plan)
{
	char answer[8] = "";
	if (plan->n == 0 || plan->n < plan->all.n || !isatty(STDIN_FILENO))
		return true;
	(void)printf("All %zu files would go. Are you sure? yes/[no] ",
	    plan->n);
	(void)fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	       strcmp(answer, "yes\n") == 0;
}

static void
show_dry(const struct expire_plan *plan)
{
	char size[EXPIRE_TEXT_LEN];
	for (size_t i = 0; i < plan->n; i++)
		(void)printf("%s\n", plan->all.files[i].path);
	(void)printf("Would expire: %zu of %zu files, %s\n", plan->n,
	    plan->all.n, expire_size(plan->bytes, size));
}

static bool
in_time(void *ctx)
{
	const struct run *r = ctx;
	return r->seconds == 0 || time(NULL) < r->end;
}

static int
take_away(struct run *r, const struct expire_plan *plan, struct err *err)
{
	struct expire_result done;
	char text[EXPIRE_TEXT_LEN];
	int64_t from = plan->n != 0 ? plan->all.files[0].slot : 0;
	int64_t to = from;
	if (!may_go(plan))
		return err_set(err, "%s: nothing is done", r->dir);
	int rc = expire_apply(&r->conf, r->p, plan, in_time, r, &done, err);
	if (done.files != 0 && done.files < plan->all.n)
		to = plan->all.files[done.files].slot;
	else if (done.files != 0)
		to = plan->all.files[plan->all.n - 1].slot;
	(void)printf("Expired files:      %" PRIu64 "\n", done.files);
	(void)printf("Expired file size:  %s\n", expire_size(done.bytes, text));
	(void)printf("Expired time range: %s\n\n",
	    expire_life((uint64_t)(to - from), text));
	if (rc == 0 && done.files + done.failed < plan->n && !in_time(r))
		(void)fprintf(stderr,
		    NAME ": time is up, %" PRIu64 " files still to go\n",
		    plan->n - done.files);
	return rc;
}

static int
expire(struct run *r, struct err *err)
{
	struct expire_limits l = limits_of(r);
	struct expire_plan plan;
	r->limits.watermark = (uint64_t)l.low_water;
	int rc = expire_choose(&r->conf, r->p, &l, &plan, err);
	if (rc == 0 && r->dry)
		show_dry(&plan);
	else if (rc == 0)
		rc = take_away(r, &plan, err);
	expire_free(&plan);
	return rc;
}

static int
act(struct run *r, struct err *err)
{
	struct census_sum sum = { 0 };
	bool keep = r->action == 'u' || (r->action == 'e' && !r->dry);
	if (set_profile(r, err) == -1)
		return -1;
	if (r->action == 'r' && rescan(r, err) == -1)
		return -1;
	if (!r->dry && census_sum(&r->conf, r->p, &sum, err) == -1)
		return -1;
	if (take_limits(r, keep, err) == -1)
		return -1;
	if (r->action == 'L' && !r->profile)
		(void)printf("No collector process running for directory: "
			     "'%s'\n",
		    r->real);
	if (r->action == 'e' && expire(r, err) == -1)
		return -1;
	if (r->dry)
		return 0;
	if (r->action == 'e' && census_sum(&r->conf, r->p, &sum, err) == -1)
		return -1;
	show(r, &sum);
	return 0;
}

int
tool_expire(int argc, char **argv)
{
	struct run r = { .action = 0 };
	struct err err;
	int status = 0;
	if (parse(&r, argc, argv, &err) == -1) {
		tool_say(NAME, err.msg);
		return TOOL_NOTHING;
	}
	if (r.help || r.version) {
		if (r.help)
			(void)fputs(usage, stdout);
		else
			(void)printf(NAME ": Version: %s\n",
			    conf_cli_release());
		return 0;
	}
	r.end = time(NULL) + (time_t)r.seconds;
	if (act(&r, &err) == -1) {
		tool_say(NAME, err.msg);
		status = TOOL_NOTHING;
	}
	if (r.p != NULL)
		profile_free(r.p);
	return status;
}
