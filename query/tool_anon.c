/* nfanon: flow files made anonymous. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "anon/anon.h"
#include "base/arena.h"
#include "base/file.h"
#include "conf/conf_cli.h"
#include "nffile/codec.h"
#include "nffile/tree.h"
#include "query/tool.h"
#include "query/window.h"

#define NAME         "nfanon"
#define KEY_FILE_MAX 4096
#define OPT_TUNNELS  256
#define OPT_MACS     257

static const char usage[] =
    "usage: nfanon -K KEY -r PATH [-w PATH] [options]\n"
    "  -K KEY       32 characters, or 0x and 64 hexadecimal digits;\n"
    "               @FILE: the first line of FILE\n"
    "  -r PATH      a flow file, or all of a folder\n"
    "  -R DIR       all flow files of a folder and those below it\n"
    "  -w PATH      write to this file, or below this folder; else files are\n"
    "               replaced\n"
    "  -s -d        keep source, destination addresses\n"
    "      --tunnels, --macs   also addresses of tunnels; MAC addresses\n"
    "  -t WINDOW    only flows within, with -w:\n"
    "               yyyy/mm/dd.hh:mm:ss[-yyyy/mm/dd.hh:mm:ss]\n"
    "  -z CODEC     pack by none, lzo, lz4, bz2, zstd, each also with :LEVEL\n"
    "  -q           say nothing of what went well\n"
    "  -V -h        version; this text\n";

struct run {
	struct anon anon;
	bool has_key;
	uint8_t key[CRYPTOPAN_KEY];
	struct tree_query in;
	const char *out;
	bool windowed;
	bool quiet;
	bool version, help;
	struct arena arena;
	struct anon_counts n;
	unsigned failed;
	unsigned partly;
};

/* ---- arguments ------------------------------------------------------------------- */

/* What was given is taken out of sight of ps. */
static int
set_key(struct run *r, char *arg, struct err *err)
{
	struct buf text = BUF_EMPTY;
	int rc = 0;
	if (arg[0] == '@') {
		rc = file_read(arg + 1, KEY_FILE_MAX, &text, err);
	} else {
		buf_adds(&text, arg);
		memset(arg, 'x', strlen(arg));
	}
	if (rc == 0 && text.len != 0) {
		text.data[strcspn(text.data, "\r\n")] = '\0';
		rc = cryptopan_key(text.data, r->key, err);
		explicit_bzero(text.data, text.len);
	} else if (rc == 0) {
		rc = err_set(err, "option -K: there is no key");
	}
	buf_free(&text);
	r->has_key = true;
	return rc;
}

static int
set_codec(struct run *r, const char *arg, struct err *err)
{
	r->anon.recode = true;
	return codec_parse(arg[0] == '=' ? arg + 1 : arg, &r->anon.codec,
	    &r->anon.level, err);
}

static int
set_option(struct run *r, int c, char *arg, struct err *err)
{
	switch (c) {
	case 'K':
		return set_key(r, arg, err);
	case 'r':
		r->in.r = arg;
		return 0;
	case 'R':
		r->in.R = arg;
		return 0;
	case 'w':
		r->out = arg;
		return 0;
	case 't':
		r->windowed = true;
		return window_parse(arg, &r->anon.from_ms, &r->anon.to_ms, err);
	case 'z':
		return set_codec(r, arg, err);
	case 's':
		r->anon.keep_src = true;
		return 0;
	case 'd':
		r->anon.keep_dst = true;
		return 0;
	case OPT_TUNNELS:
		r->anon.tunnels = true;
		return 0;
	case OPT_MACS:
		r->anon.macs = true;
		return 0;
	case 'q':
		r->quiet = true;
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
check(const struct run *r, const char *rest, struct err *err)
{
	if (rest != NULL)
		return err_set(err, "'%s' is no option (-h shows them all)",
		    rest);
	if (!r->has_key)
		return err_set(err, "no key: -K gives it");
	if (r->in.r == NULL && r->in.R == NULL)
		return err_set(err, "no input: -r or -R names files");
	if (r->in.r != NULL && r->in.R != NULL)
		return err_set(err, "-r and -R at once");
	if (r->windowed && r->out == NULL)
		return err_set(err,
		    "-t without -w would delete the flows outside of it");
	return 0;
}

static int
parse(struct run *r, int argc, char **argv, struct err *err)
{
	static const struct option names[] = {
		{ "tunnels", no_argument, NULL, OPT_TUNNELS },
		{ "macs", no_argument, NULL, OPT_MACS },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;
	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":K:r:R:w:t:z:sdqVh", names,
		    NULL)) != -1) {
		if (c == ':' || c == '?')
			return tool_bad_option(c, argv, err);
		if (set_option(r, c, optarg, err) == -1)
			return -1;
	}
	return r->version || r->help ? 0 : check(r, argv[optind], err);
}

/* ---- files ----------------------------------------------------------------------- */

static bool
is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
copy_path(char to[FILE_PATH_MAX], const char *path, struct err *err)
{
	if (strlen(path) >= FILE_PATH_MAX)
		return err_set(err, "%s: path too long", path);
	memcpy(to, path, strlen(path) + 1);
	return 0;
}

/* Where a file goes: by its place below the folder that was named. */
static int
target(const struct run *r, const char *path, char to[FILE_PATH_MAX],
    struct err *err)
{
	const char *top = r->in.R != NULL ? r->in.R : r->in.r;
	const char *slash = strrchr(path, '/');
	const char *rel = slash != NULL ? slash + 1 : path;
	if (r->out == NULL || (!is_folder(top) && !is_folder(r->out)))
		return copy_path(to, r->out != NULL ? r->out : path, err);
	if (is_folder(top) && strncmp(path, top, strlen(top)) == 0)
		rel = path + strlen(top);
	while (*rel == '/')
		rel++;
	if (!file_join(to, r->out, rel))
		return err_set(err, "%s/%s: path too long", r->out, rel);
	char *name = strrchr(to, '/');
	*name = '\0';
	int rc = file_mkdirs(to, 0777, err);
	*name = '/';
	return rc;
}

static void
take(struct run *r, const char *path)
{
	char to[FILE_PATH_MAX];
	struct err err;
	bool partly = false;
	if (target(r, path, to, &err) == -1 ||
	    anon_file(&r->anon, path, to, &r->n, &partly, &err) == -1) {
		tool_say(NAME, err.msg);
		r->failed++;
	} else if (partly) {
		tool_say(NAME, err.msg);
		r->partly++;
	}
}

static void
say_counts(const struct run *r)
{
	const struct anon_counts *n = &r->n;
	if (n->unknown != 0 || n->unknown_elems != 0)
		(void)fprintf(stderr,
		    NAME ": left out %" PRIu64 " records of unknown types; "
			 "kept %" PRIu64 " unknown elements as they are\n",
		    n->unknown, n->unknown_elems);
	if (n->damaged != 0)
		(void)fprintf(stderr,
		    NAME ": left out %" PRIu64
			 " flow records whose elements do not fit\n",
		    n->damaged);
	if (!r->quiet)
		(void)printf("%" PRIu64 " files, %" PRIu64
			     " flows anonymised\n",
		    n->files, n->flows);
}

static int
run(struct run *r)
{
	struct tree_list files;
	struct err err;
	if (tree_find(&r->in, &r->arena, &files, &err) == -1) {
		tool_say(NAME, err.msg);
		return TOOL_FAILED;
	}
	if (files.n > 1 && r->out != NULL && !is_folder(r->out) &&
	    file_mkdirs(r->out, 0777, &err) == -1) {
		tool_say(NAME, err.msg);
		return TOOL_FAILED;
	}
	r->anon.pan = cryptopan_new(r->key);
	for (size_t i = 0; i < files.n; i++)
		take(r, files.files[i].path);
	cryptopan_free(r->anon.pan);
	say_counts(r);
	if (r->n.files == 0 && r->failed != 0)
		return TOOL_FAILED;
	return r->failed != 0 || r->partly != 0 ? TOOL_PARTLY : 0;
}

int
tool_anon(int argc, char **argv)
{
	struct run r = { .has_key = false };
	struct err err;
	int status = 0;
	if (parse(&r, argc, argv, &err) == -1) {
		tool_say(NAME, err.msg);
		status = TOOL_FAILED;
	} else if (r.help) {
		(void)fputs(usage, stdout);
	} else if (r.version) {
		(void)printf(NAME ": Version: %s\n", conf_cli_release());
	} else {
		status = run(&r);
	}
	explicit_bzero(r.key, sizeof(r.key));
	arena_free(&r.arena);
	return status;
}
