#include "conf/conf_cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef NFSEN_VERSION
#define NFSEN_VERSION "0.1"
#endif

const char *
conf_cli_name(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');
	return slash != NULL ? slash + 1 : argv0;
}

const char *
conf_cli_release(void)
{
	return NFSEN_VERSION;
}

void
conf_cli_version(const char *argv0)
{
	(void)printf("%s %s\n", conf_cli_name(argv0), NFSEN_VERSION);
}

static int
bad_usage(const char *argv0, const char *what, const char *word,
    const char *usage)
{
	(void)fprintf(stderr, "%s: %s '%s'\n%s", conf_cli_name(argv0), what,
	    word, usage);
	return -1;
}

int
conf_cli_parse(int argc, char **argv, const char *usage, struct conf_cli *cli)
{
	const char *file = NULL;
	char letter[2] = "";
	int c;
	*cli = (struct conf_cli){ 0 };
	opterr = 0;
	while ((c = getopt(argc, argv, ":c:nvDdVh")) != -1) {
		switch (c) {
		case 'c':
			file = optarg;
			break;
		case 'n':
			cli->check = true;
			break;
		case 'v':
			cli->print = true;
			break;
		case 'D':
			cli->detach = true;
			break;
		case 'd':
			cli->debug = true;
			break;
		case 'V':
			conf_cli_version(argv[0]);
			return 1;
		case 'h':
			(void)fputs(usage, stdout);
			return 1;
		default:
			letter[0] = (char)optopt;
			return bad_usage(argv[0],
			    c == ':' ? "argument missing for option"
				     : "unknown option",
			    letter, usage);
		}
	}
	if (optind < argc)
		return bad_usage(argv[0], "unknown argument", argv[optind],
		    usage);
	cli->file = conf_path(file);
	return 0;
}

static int
print_answer(const struct conf *c, bool whole)
{
	struct buf out = BUF_EMPTY;
	if (whole)
		conf_print(c, &out);
	else
		buf_printf(&out, "%s: ok\n", c->file);
	bool ok = fwrite(out.data, 1, out.len, stdout) == out.len &&
		  fflush(stdout) == 0;
	buf_free(&out);
	return ok ? 0 : 1;
}

/*
 * A daemon leaves the folder it was started in, and a reload takes the file
 * that c->file names.
 */
static void
remember_place(struct conf *c)
{
	char *full = realpath(c->file, NULL);
	if (full != NULL)
		c->file = arena_strdup(&c->arena, full);
	free(full);
}

struct conf *
conf_cli_load(const struct conf_cli *cli, int *status)
{
	struct err err;
	struct conf *c = conf_load(cli->file, &err);
	*status = 1;
	if (c == NULL) {
		(void)fprintf(stderr, "%s\n", err.msg);
		return NULL;
	}
	(void)fputs(buf_str(&c->warnings), stderr);
	if (!cli->check) {
		remember_place(c);
		return c;
	}
	*status = print_answer(c, cli->print);
	conf_free(c);
	return NULL;
}
