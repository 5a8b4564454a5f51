#include "profiler/nfprofile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/slot.h"
#include "conf/conf_cli.h"
#include "profiler/jobset.h"
#include "profiler/rrdwriter.h"
#include "profiler/run.h"
#include "profiler/slot.h"

#define SLOT_LENGTH 300 /* NfSen's, and in the names */

struct job {
	struct job_opts opts;
	struct arena arena;
	struct conf conf;  /* what the engine asks of one: folders, codec */
	struct conf *site; /* what filters ask of one, NULL: there is none */
	struct job_list list;
	struct set *set;
	struct slot slot;
	char name[SLOT_PATH_MAX + FILE_PATH_MAX];
	unsigned failed; /* channels and files that had to be left out */
};

bool
nfprofile_wanted(int argc, char **argv)
{
	return (argc > 0 && strcmp(conf_cli_name(argv[0]), "nfprofile") == 0) ||
	       (argc > 1 && strcmp(argv[1], "--nfprofile") == 0);
}

/* ---- what to do ------------------------------------------------------------------ */

static int
take_folder(struct job *j, const char *option, const char *path, char **real,
    struct err *err)
{
	char buf[FILE_PATH_MAX];
	struct stat st;
	if (realpath(path, buf) == NULL || stat(buf, &st) == -1)
		return err_set(err, "%s %s: %s", option, path, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_set(err, "%s %s: not a folder", option, path);
	*real = arena_strdup(&j->arena, buf);
	return 0;
}

/* As nfprofile does: -P, -M and -r are seen from the folder of flow files. */
static int
take_folders(struct job *j, struct err *err)
{
	const struct job_opts *o = &j->opts;
	char *data, *stat;
	if (take_folder(j, "-p", o->data_dir, &data, err) == -1)
		return -1;
	const char *stat_dir = o->stat_dir != o->data_dir ? o->stat_dir : data;
	if (chdir(data) == -1)
		return err_set(err, "-p %s: %s", data, strerror(errno));
	if (take_folder(j, "-P", stat_dir, &stat, err) == -1)
		return -1;
	j->conf = (struct conf){ .profiledatadir = data,
		.profilestatdir = stat,
		.cycletime = SLOT_LENGTH,
		.subdirlayout = o->layout,
		.zip_profiles = { .codec = o->codec, .level = o->level } };
	return 0;
}

/* NfSen's own file will do; channels that need nothing of it work without. */
static void
read_site(struct job *j)
{
	const char *path = conf_path(NULL);
	struct err err;
	if (!file_exists(path))
		return;
	j->site = conf_load(path, &err);
	if (j->site == NULL)
		log_warnx("no files and databases for filters: %s", err.msg);
}

static void
complain(const char *text)
{
	log_errx("%s", text);
}

static int
read_list(struct job *j, struct err *err)
{
	struct buf text = BUF_EMPTY;
	size_t n;
	do {
		buf_reserve(&text, BUFSIZ);
		n = fread(text.data + text.len, 1, BUFSIZ, stdin);
		text.len += n;
	} while (n > 0 && text.len <= JOBLIST_BYTES);
	int rc = 0;
	if (ferror(stdin))
		rc = err_set(err, "channel list: %s", strerror(errno));
	else if (text.len > JOBLIST_BYTES)
		rc = err_set(err, "channel list: more than %d bytes",
		    JOBLIST_BYTES);
	else
		joblist_parse(buf_str(&text), text.len, &j->arena, &j->list,
		    complain);
	buf_free(&text);
	return rc;
}

/* ---- files ------------------------------------------------------------------------ */

/* What channel files are called below their folders. */
static void
name_files(struct job *j)
{
	char sub[SLOT_SUB_MAX] = "";
	const char *slash = strrchr(j->opts.file, '/');
	const char *base = slash != NULL ? slash + 1 : j->opts.file;
	int64_t start;
	bool known = slot_parse_name(base, &start);
	if (known)
		(void)slot_subdir(start, j->opts.layout, sub);
	(void)snprintf(j->name, sizeof(j->name), "%s%s%s", sub,
	    sub[0] != '\0' ? "/" : "", base);
	if (j->opts.slot != 0)
		start = j->opts.slot;
	else if (!known)
		start = slot_start((int64_t)time(NULL), SLOT_LENGTH);
	slot_begin(&j->slot, start);
	j->slot.name = j->name;
}

static void
find_files(struct job *j)
{
	struct tree_list files = { 0 };
	struct tree_query q = { .r = j->opts.file, .M = j->opts.sources };
	struct err err;
	if (tree_find(&q, &j->arena, &files, &err) == -1) {
		/* As nfprofile: nothing there is a slot of zeros. */
		log_warnx("no file to read: %s", err.msg);
		files.n = 0;
	}
	for (size_t i = 0; i < files.n_missing && files.n > 0; i++)
		log_warnx("source without a file: %s", files.missing[i]);
	jobset_sources(j->set, &j->opts, &files);
}

static void
evaluate(struct job *j)
{
	struct run *r = run_new(j->set, j->opts.threads);
	struct run_input *in =
	    arena_array(&j->arena, j->set->n_sources + 1, sizeof(*in));
	for (size_t i = 0; i < j->set->n_sources; i++)
		in[i] = (struct run_input){ i, j->set->sources[i].dir, false };
	j->failed += run_files(r, &j->slot, in, j->set->n_sources);
	run_free(r);
}

/* ---- results ----------------------------------------------------------------------- */

static void
stored(void *ctx, const char *why)
{
	struct job *j = ctx;
	if (why == NULL)
		return;
	log_errx("database not updated: %s", why);
	j->failed++;
}

static void
publish(struct job *j, size_t i)
{
	struct err err;
	uint64_t lost = j->slot.lost;
	if (!j->set->members[i].keeps)
		return;
	if (slot_publish(&j->slot, i, &err) == -1)
		log_errx("%s", err.msg);
	else if (j->slot.lost == lost)
		return;
	j->failed++;
}

/* Databases are written by a child, while here more files are completed. */
static void
put_out(struct job *j)
{
	struct rrd_writer *w = rrd_writer_new(NULL, NULL);
	for (size_t i = 0; i < j->set->n_members; i++) {
		const struct member *m = &j->set->members[i];
		struct rrd_value v = { j->opts.slot, true, j->slot.members[i] };
		publish(j, i);
		if (m->mark.rrd != NULL && j->opts.slot != 0)
			rrd_writer_store(w, m->mark.rrd, SLOT_LENGTH, &v, 1,
			    stored, j);
	}
	rrd_writer_free(w);
}

/* ---- the job ------------------------------------------------------------------------ */

static void
work(struct job *j)
{
	slot_init(&j->slot, &j->conf, j->set);
	slot_sweep(j->set, false);
	name_files(j);
	evaluate(j);
	put_out(j);
	slot_free(&j->slot);
}

static int
run_job(struct job *j)
{
	struct err err;
	unsigned bad;
	if (!j->opts.list) {
		log_errx("No channels to process: -I reads them from standard "
			 "input");
		return NFPROFILE_NOTHING;
	}
	read_site(j); /* its path may be relative: before take_folders */
	if (take_folders(j, &err) == -1 || read_list(j, &err) == -1) {
		log_errx("%s", err.msg);
		return NFPROFILE_NOTHING;
	}
	j->set = jobset_load(&j->conf, j->site, &j->opts, &j->list, &bad);
	j->failed += j->list.bad + bad;
	if (j->set->n_members == 0) {
		log_warnx("No channels to process.");
	} else if (j->opts.action == JOB_RUN) {
		find_files(j);
		work(j);
	}
	set_free(j->set);
	return j->failed == 0 ? 0 : NFPROFILE_PARTLY;
}

static int
act(struct job *j)
{
	switch (j->opts.action) {
	case JOB_HELP:
		(void)fputs(job_usage, stdout);
		return 0;
	case JOB_VERSION:
		(void)printf("nfprofile: Version: %s\n", conf_cli_release());
		return 0;
	case JOB_RUN:
	case JOB_CHECK:
		break;
	}
	for (char *s = j->opts.notes.data; s != NULL && *s != '\0';) {
		char *lf = strchr(s, '\n');
		*lf = '\0';
		log_info("%s", s);
		s = lf + 1;
	}
	return run_job(j);
}

int
nfprofile_main(int argc, char **argv)
{
	struct job j = { 0 };
	struct err err;
	int status = NFPROFILE_NOTHING;
	bool shifted = argc > 1 && strcmp(argv[1], "--nfprofile") == 0;
	(void)umask(0002);
	tzset();
	if (log_open("nfprofile", NULL, &err) == 0 &&
	    jobopts_parse(&j.opts, argc - shifted, argv + shifted, &err) == 0) {
		status = act(&j);
	} else {
		log_errx("%s", err.msg);
		(void)fputs("nfprofile -h prints the usage\n", stderr);
	}
	jobopts_free(&j.opts);
	conf_free(j.site);
	arena_free(&j.arena);
	return status;
}
