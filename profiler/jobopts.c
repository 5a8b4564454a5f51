#include "profiler/jobopts.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slot.h"
#include "nffile/codec.h"

#define THREADS_MOST 64

const char job_usage[] =
    "usage: nfprofile -I -p dir [-P dir] [-f suffix] [-t slot] [-S layout]\n"
    "                 [-z[=codec[:level]] | -y | -j] [-L facility]\n"
    "                 [-M dir/source:...] -r file <channels\n"
    "       nfprofile -Z -I -p dir [-P dir] [-f suffix] <channels\n"
    "       nfprofile -h | -V\n"
    "\n"
    "-I  read channels: group#profile#type#channel#source|source...\n"
    "-p  folder of flow files         -P  folder of filters and databases\n"
    "-f  end of filters' names        -Z  check the filters and end\n"
    "-M  sources' folders             -r  file in each of them\n"
    "-t  slot for the databases       -S  sub-directories, 0 to 8\n"
    "-z  pack files: lzo, or =lz4, =zstd, =bz2, =none, with :level\n"
    "-y  pack files by lz4            -j  by bz2\n"
    "-L  accepted; messages go to standard error\n"
    "--threads n  at most so many\n";

static const struct option long_options[] = {
	{ "threads", required_argument, NULL, 'T' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

/* A number up to `most`, decimal, nothing else. */
static int
number(char option, const char *text, int64_t most, int64_t *n, struct err *err)
{
	char *end;
	errno = 0;
	long long v = strtoll(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    v > most)
		return err_set(err, "-%c %s: a number from 0 to %lld", option,
		    text, (long long)most);
	*n = v;
	return 0;
}

static int
take_codec(struct job_opts *o, char option, const char *value, struct err *err)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "-%c%s", option,
	    value != NULL ? value : "");
	if (n < 0 || (size_t)n >= sizeof(text))
		return err_set(err, "-z%s: no codec", value);
	return codec_parse(text, &o->codec, &o->level, err);
}

static int
take_number(struct job_opts *o, int c, struct err *err)
{
	int64_t n = 0;
	if (c == 't')
		return number('t', optarg, INT64_C(253402300799), &o->slot,
		    err);
	if (c == 'S') {
		if (number('S', optarg, SLOT_LAYOUTS - 1, &n, err) == -1)
			return -1;
		o->layout = (int)n;
		return 0;
	}
	if (number('T', optarg, THREADS_MOST, &n, err) == -1)
		return err_set(err, "--threads %s: a number from 0 to %d",
		    optarg, THREADS_MOST);
	o->threads = (unsigned)n;
	return 0;
}

static int
take(struct job_opts *o, int c, const char *word, struct err *err)
{
	switch (c) {
	case 'I':
		o->list = true;
		return 0;
	case 'Z':
		if (o->action == JOB_RUN)
			o->action = JOB_CHECK;
		return 0;
	case 'h':
		o->action = JOB_HELP;
		return 0;
	case 'V':
		o->action = JOB_VERSION;
		return 0;
	case 'p':
		o->data_dir = optarg;
		return 0;
	case 'P':
		o->stat_dir = optarg;
		return 0;
	case 'f':
		o->suffix = optarg;
		return 0;
	case 'M':
		o->sources = optarg;
		return 0;
	case 'r':
		o->file = optarg;
		return 0;
	case 't':
	case 'S':
	case 'T':
		return take_number(o, c, err);
	case 'z':
	case 'y':
	case 'j':
		return take_codec(o, (char)c, c == 'z' ? optarg : NULL, err);
	case 'L':
		return 0;
	case 'D':
	case 'H':
	case 'J':
	case 'i':
	case 'n':
		buf_printf(&o->notes, "-%c has no meaning here\n", c);
		return 0;
	case ':':
		return err_set(err, "%s: a value is missing", word);
	default:
		return optopt != 0 ? err_set(err, "-%c: no such option", optopt)
				   : err_set(err, "%s: no such option", word);
	}
}

/* What a name is made of must be one path component. */
static int
check(const struct job_opts *o, struct err *err)
{
	if (o->action == JOB_HELP || o->action == JOB_VERSION || !o->list)
		return 0;
	if (o->data_dir == NULL)
		return err_set(err, "-p: the folder of flow files is missing");
	if (strchr(o->suffix, '/') != NULL || o->suffix[0] == '\0')
		return err_set(err, "-f %s: the end of a file's name",
		    o->suffix);
	if (o->action == JOB_CHECK)
		return 0;
	if (o->file == NULL)
		return err_set(err, "-r: the name of the flow file is missing");
	const char *slash = strrchr(o->file, '/');
	const char *name = slash != NULL ? slash + 1 : o->file;
	if (name[0] == '\0' || name[0] == '.' || strlen(name) > 200)
		return err_set(err, "-r %s: the name of a flow file", o->file);
	return 0;
}

int
jobopts_parse(struct job_opts *o, int argc, char **argv, struct err *err)
{
	int c;
	*o = (struct job_opts){ .suffix = "filter.txt" };
	optind = 0; /* also getopt's memory of an earlier call */
	opterr = 0;
	for (;;) {
		int at = optind > 0 ? optind : 1;
		c = getopt_long(argc, argv,
		    ":D:HIJL:M:P:S:VZf:hi:jn:p:r:t:yz::", long_options, NULL);
		if (c == -1)
			break;
		if (take(o, c, argv[at], err) == -1)
			return -1;
	}
	if (optind < argc)
		return err_set(err, "%s: no argument expected", argv[optind]);
	if (o->stat_dir == NULL)
		o->stat_dir = o->data_dir;
	return check(o, err);
}

void
jobopts_free(struct job_opts *o)
{
	buf_free(&o->notes);
}
