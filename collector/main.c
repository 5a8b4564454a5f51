/* nfsen-collector: what to run, from a configuration file or as nfcapd. */
#include <stdio.h>

#include "base/file.h"
#include "base/log.h"
#include "collector/capd.h"
#include "collector/run.h"
#include "conf/conf_cli.h"

static const char usage[] =
    "usage: nfsen-collector [-dDnv] [-c file]\n"
    "       nfcapd or sfcapd options, when called by that name (-h)\n"
    "  -c file  configuration\n"
    "  -D       go into the background\n"
    "  -d       log more\n"
    "  -n       check the configuration and exit\n"
    "  -nv      check, and print it as it is in effect\n";

int
main(int argc, char **argv)
{
	struct conf_cli cli;
	char pidfile[FILE_PATH_MAX], ctl[FILE_PATH_MAX];
	if (argc > 0 && capd_is_name(argv[0]))
		return capd_main(argc, argv);
	int status = conf_cli_parse(argc, argv, usage, &cli);
	if (status != 0)
		return status == -1;
	struct conf *conf = conf_cli_load(&cli, &status);
	if (conf == NULL)
		return status;
	if (!file_join(pidfile, conf->piddir, "nfsen-collector.pid") ||
	    !file_join(ctl, conf->piddir, "nfsen-collector.ctl")) {
		(void)fprintf(stderr, "nfsen-collector: %s: path too long\n",
		    conf->piddir);
		conf_free(conf);
		return 1;
	}
	log_debug_set(cli.debug);
	struct program program;
	program_remember(&program, argv);
	struct run r = {
		.name = "nfsen-collector",
		.program = &program,
		.facility = conf->syslog_facility,
		.pidfile = pidfile,
		.ctl = ctl,
		.detach = cli.detach,
		.commands = true,
	};
	int rc = run_collector(conf, &r);
	program_free(&program);
	return rc;
}
