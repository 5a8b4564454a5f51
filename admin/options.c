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
    "  exporters   tell who sent what, and what was lost why\n"
    "  interfaces  tell the counters of interfaces that sFlow sends\n"
    "\n"
    "  --config file  configuration, else $NFSEN_CONF, else the default\n"
    "  --check        check the configuration and exit\n"
    "  -y             answer questions with yes\n"
    "  -V, --version  -h, --help\n"
    "\n"
    "exporters:\n"
    "  --source name         of this source only\n"
    "  --last 1d             the last hours (h), days (d), weeks (w)\n"
    "  --from time --to time \"2026-11-23 14:05\", 202611231405, "
    "@1795444200\n"
    "  --json                as JSON\n"
    "interfaces:\n"
    "  --source, --json      likewise\n"
    "\n"
    "examples:\n"
    "  nfsen exporters --last 2h\n"
    "  nfsen exporters --source gw --from 2026-11-01 --to 2026-12-01 "
    "--json\n";

static int
unknown_option(const char *arg)
{
	(void)fprintf(stderr, "Unknown option: %s\n", arg + strspn(arg, "-"));
	return -1;
}

/*
 * --NAME VALUE or --NAME=VALUE: moves *i to the last word used.  1: it was,
 * 0: another option, -1: without its value.
 */
static int
take_value(const char *name, const char **value, int argc, char **argv, int *i)
{
	const char *arg = argv[*i] + 2;
	size_t n = strlen(name);
	if (strncmp(argv[*i], "--", 2) != 0 || strncmp(arg, name, n) != 0 ||
	    (arg[n] != '=' && arg[n] != '\0'))
		return 0;
	if (arg[n] == '=')
		*value = arg + n + 1;
	else if (++*i < argc)
		*value = argv[*i];
	else
		return fprintf(stderr, "Option %s requires an argument\n",
			   name),
		       -1;
	return 1;
}

/* As take_value, of any option that has one. */
static int
take_values(struct admin *a, int argc, char **argv, int *i)
{
	const struct {
		const char *name;
		const char **value;
	} known[] = { { "config", &a->file }, { "source", &a->source },
		{ "from", &a->from }, { "to", &a->to }, { "last", &a->last } };
	int rc = 0;
	for (size_t k = 0; rc == 0 && k < sizeof(known) / sizeof(*known); k++)
		rc = take_value(known[k].name, known[k].value, argc, argv, i);
	return rc;
}

static int
take_option(struct admin *a, int argc, char **argv, int *i)
{
	const char *arg = argv[*i];
	int rc = take_values(a, argc, argv, i);
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	if (strcmp(arg, "--check") == 0) {
		a->check = true;
	} else if (strcmp(arg, "--json") == 0) {
		a->json = true;
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

/* Options that another command would pass over are mistakes. */
static int
only_for_lists(const struct admin *a)
{
	const char *command = a->command != NULL ? a->command : "";
	bool period = a->from != NULL || a->to != NULL || a->last != NULL;
	bool list = a->source != NULL || a->json;
	if (strcmp(command, "exporters") == 0 || (!period && !list) ||
	    (!period && strcmp(command, "interfaces") == 0))
		return 0;
	(void)fprintf(stderr, "--source and --json are for the commands "
			      "exporters and interfaces, --from, --to and "
			      "--last for exporters\n");
	return -1;
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
	return only_for_lists(a);
}
