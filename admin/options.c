#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "conf/conf_cli.h"

static const char help[] =
    "usage: nfsen [--config file] [-y] command\n"
    "       nfsen [--config file] --check\n"
    "\n"
    "  start       start collector and profiler\n"
    "  stop        stop them\n"
    "  reload      have them read the configuration again\n"
    "  upgrade     have new binaries take their place, nothing is lost\n"
    "  status      tell what runs, and the state of every source\n"
    "  reconfig    bring sources and profiles in line with the configuration\n"
    "\n"
    "  --config file  configuration, else $NFSEN_CONF, else the default\n"
    "  --check        check the configuration and exit\n"
    "  -y             answer questions with yes\n"
    "  -V, --version  -h, --help\n";

static int
unknown_option(const char *arg)
{
	(void)fprintf(stderr, "Unknown option: %s\n", arg + strspn(arg, "-"));
	return -1;
}

/* --config FILE or --config=FILE: moves *i to the last word used. */
static int
take_config(struct admin *a, int argc, char **argv, int *i)
{
	const char *arg = argv[*i];
	if (arg[strlen("--config")] == '=')
		a->file = arg + strlen("--config=");
	else if (++*i < argc)
		a->file = argv[*i];
	else
		return fprintf(stderr, "Option config requires an argument\n"),
		       -1;
	return 0;
}

static int
take_option(struct admin *a, int argc, char **argv, int *i)
{
	const char *arg = argv[*i];
	if (strcmp(arg, "--config") == 0 || strncmp(arg, "--config=", 9) == 0)
		return take_config(a, argc, argv, i);
	if (strcmp(arg, "--check") == 0) {
		a->check = true;
	} else if (strcmp(arg, "-y") == 0 || strcmp(arg, "--yes") == 0) {
		a->yes = true;
	} else if (strcmp(arg, "-h") == 0 || strcmp(arg, "--help") == 0) {
		(void)fputs(help, stdout);
		return 1;
	} else if (strcmp(arg, "-V") == 0 || strcmp(arg, "--version") == 0) {
		conf_cli_version(argv[0]);
		return 1;
	} else {
		return unknown_option(arg);
	}
	return 0;
}

int
admin_options(struct admin *a, int argc, char **argv)
{
	*a = (struct admin){ .argv0 = argv[0] };
	for (int i = 1; i < argc; i++) {
		int rc = 0;
		if (argv[i][0] == '-')
			rc = take_option(a, argc, argv, &i);
		else if (a->command == NULL)
			a->command = argv[i];
		else
			rc = unknown_option(argv[i]);
		if (rc != 0)
			return rc;
	}
	return 0;
}
