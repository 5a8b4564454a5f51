/*
 * conf_cli: the options every daemon has, and what -n, -nv do with them.
 *
 *   -c FILE  config file          -n   check the config and exit
 *   -D       go into background   -nv  check and print the effective config
 *   -d       debug log            -V   version     -h  usage
 *
 *	struct conf_cli cli;
 *	int rc = conf_cli_parse(argc, argv, usage, &cli);
 *	if (rc != 0)
 *		return rc == -1;
 *	struct conf *c = conf_cli_load(&cli, &rc);
 *	if (c == NULL)
 *		return rc;
 */
#ifndef CONF_CONF_CLI_H
#define CONF_CONF_CLI_H

#include <stdbool.h>

#include "conf/conf.h"

struct conf_cli {
	const char *file; /* never NULL after parsing */
	bool check;
	bool print;
	bool detach;
	bool debug;
};

/*
 * 0: go on; 1: -h or -V was answered on stdout, end well; -1: bad options,
 * said on stderr with the usage text (which ends in a newline).
 */
int conf_cli_parse(int argc, char **argv, const char *usage,
    struct conf_cli *cli);

/*
 * Load the file, whose absolute path is then in the result's `file`; warnings
 * and errors go to stderr.  With -n the answer is printed ("FILE: ok", or the
 * effective config) and the result is NULL with *status 0; an error is NULL
 * with *status 1.
 */
struct conf *conf_cli_load(const struct conf_cli *cli, int *status);

/* Name of a program for messages: argv0 without its folder. */
const char *conf_cli_name(const char *argv0);

/* The release, "0.1". */
const char *conf_cli_release(void);

/* "nfsen-collector 0.1\n" on stdout. */
void conf_cli_version(const char *argv0);

#endif
